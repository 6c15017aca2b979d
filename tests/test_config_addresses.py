"""Addresses, tokens, hosts and paths in settings: what is none is refused before anything is asked or opened there."""

import pytest

from paperwire import config
from paperwire.errors import ConfigError

SERVICES = [
    f"{room}.{name}.{key}"
    for room in ("sources", "channels")
    for name, module in config.modules(room).items()
    for key, field in module.Options.model_fields.items()
    if str(field.default).startswith("http")
]


def refusal(folder, key, written):
    """The file with this setting as it is written in TOML, and what is said of it."""
    section, _, name = key.rpartition(".")
    settings = folder / "config.toml"
    settings.write_text(f"[{section}]\n{name} = {written}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        config.load(settings)
    return settings, str(caught.value)


@pytest.mark.parametrize("url", ["api.example.org", "ftp://h", "https://h:99999", "https://a b", "https://u:canary@h"])
@pytest.mark.parametrize("key", [*SERVICES, "sources.arxiv.list_url", "library.zotero_url", "meaning.url"])
def test_it_must_be_one(tmp_path, key, url):
    settings, said = refusal(tmp_path, key, f'"{url}"')
    assert said.startswith(f"setting '{key}' ({settings}): must be ")
    assert "canary" not in said


@pytest.mark.parametrize("token", ["Bot canary", "canary\\nx", "canaryé"])
@pytest.mark.parametrize(
    "key",
    [
        *("channels.telegram.token", "channels.discord.token", "channels.ntfy.token"),
        *("sources.huggingface.token", "sources.github.token", "meaning.key"),
    ],
)
def test_a_token_has_no_spaces_and_no_letters_that_headers_lack(tmp_path, key, token):
    settings, said = refusal(tmp_path, key, f'"{token}"')
    assert said == f"setting '{key}' ({settings}): must be ASCII without spaces, as the service shows it"


@pytest.mark.parametrize(
    "key",
    [
        *("web.host", "ops.host", "database.url", "backup.folder", "network.ca_file"),
        *("meaning.folder", "meaning.table"),
    ],
)
def test_no_system_takes_the_character_nul(tmp_path, key):
    settings, said = refusal(tmp_path, key, '"sqlite+aiosqlite:///canary\\u0000x"')
    assert said.startswith(f"setting '{key}' ({settings}): must be ")
    assert "canary" not in said


def test_a_password_in_a_refused_address_is_not_shown(tmp_path):
    _, said = refusal(tmp_path, "sources.oai.url", '"https://u:canary@repository.example/oai?verb=Identify"')
    assert "address of a repository" in said
    assert "canary" not in said


@pytest.mark.parametrize(
    "written",
    [
        'urls = ["https://u:canary@feeds.example/atom"]',
        'names = { "https://u:canary@feeds.example/atom" = "x" }',
        'private_hosts = ["u:canary@feeds.example"]',
    ],
)
def test_a_password_in_a_refused_feed_is_not_shown(tmp_path, written):
    key, _, value = written.partition(" = ")
    _, said = refusal(tmp_path, f"sources.rss.{key}", value)
    assert "'feeds.example" in said
    assert "canary" not in said


@pytest.mark.parametrize("name", config.modules("sources"))
@pytest.mark.parametrize("every", ["0", '"0s"', "-1"])
def test_no_source_is_read_without_a_pause(tmp_path, name, every):
    settings, said = refusal(tmp_path, f"sources.{name}.every", every)
    assert said.startswith(f"setting 'sources.{name}.every' ({settings}): must be ")
