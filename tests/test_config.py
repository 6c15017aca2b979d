"""Settings: file and environment, secrets, and errors that name the key and the nearest right one."""

import json
import os
from pathlib import Path

import pytest

from paperwire import config
from paperwire.core.address import is_loopback
from paperwire.errors import ConfigError


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """An empty working folder and an environment without settings."""
    for name in [name for name in os.environ if name.startswith("PAPERWIRE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def env(monkeypatch):
    def put(**values):
        for name, value in values.items():
            monkeypatch.setenv(f"PAPERWIRE_{name.upper()}", value)

    return put


@pytest.fixture
def file(own_folder):
    def write(text, name="config.toml"):
        path = own_folder / name
        path.write_text(text)
        return path

    return write


def refused(*parts, given=None):
    with pytest.raises(ConfigError) as caught:
        config.load(given)
    for part in parts:
        assert part in str(caught.value)
    return str(caught.value)


def test_what_kubernetes_says_of_a_service_is_no_setting(env):
    env(
        port="tcp://10.0.0.7:8000",
        service_host="10.0.0.7",
        service_port="8000",
        service_port_http="8000",
        service_port_web_ui="8001",
        port_8000_tcp="tcp://10.0.0.7:8000",
        port_8000_tcp_proto="tcp",
        port_8000_tcp_port="8000",
        port_8000_tcp_addr="10.0.0.7",
    )
    assert config.variables() == []
    assert config.load().web.port == 8000


@pytest.mark.parametrize("name", ["ports", "web_port", "port_8000", "service", "service_port__x"])
def test_other_names_like_those_are_refused_as_ever(env, name):
    env(**{name: "1"})
    refused(f"PAPERWIRE_{name.upper()}")


# --- where settings come from ------------------------------------------------------------------------------------


def test_without_any_settings():
    settings = config.load()
    assert settings.database.url.get_secret_value() == "sqlite+aiosqlite:///paperwire.db"
    assert (settings.web.host, settings.web.port, settings.public_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert set(settings.enabled("sources")) == {"arxiv", "huggingface"}
    assert settings.enabled("channels") == {}
    assert settings.secrets() == []


def test_the_file_in_the_working_folder_is_read_and_the_environment_wins(file, env):
    file('public_url = "https://papers.example.org/"\n[web]\nport = 1234\nauthority = "example.org"')
    env(web__port="4321")
    settings = config.load()
    assert settings.public_url == "https://papers.example.org"
    assert (settings.web.port, settings.web.authority) == (4321, "example.org")


def test_a_file_is_named_by_hand_before_the_variable_and_that_before_the_usual_one(file, env, own_folder):
    file("[web]\nport = 1")
    assert config.load().web.port == 1
    env(config=str(file("[web]\nport = 2", "second.toml")))
    assert config.load().web.port == 2
    assert config.load(file("[web]\nport = 3", "third.toml")).web.port == 3
    assert config.find_file(own_folder / "third.toml") == own_folder / "third.toml"


def test_the_link_follows_the_port_unless_it_is_set(env):
    env(web__port="8123")
    assert config.load().public_url == "http://127.0.0.1:8123"
    env(public_url="https://example.org")
    assert config.load().public_url == "https://example.org"


def test_lists_are_json_in_the_environment_and_names_any_case(env, monkeypatch):
    env(sources__arxiv__categories='["cs.cl", "stat"]')
    monkeypatch.setenv("paperwire_sources__arxiv__every", "2h")
    arxiv = config.load().enabled("sources")["arxiv"]
    assert arxiv.categories[0] == "cs.CL"
    assert "stat.ML" in arxiv.categories
    assert arxiv.every == 7200


def test_a_section_as_json_joins_what_is_next_to_it(file, env):
    file('[sources.huggingface]\nurl = "https://hf.example.org"')
    env(sources='{"huggingface": {"every": "5m"}}', sources__huggingface__window_days="3")
    found = config.load().enabled("sources")["huggingface"]
    assert (found.url, found.every, found.window_days) == ("https://hf.example.org", 300, 3)


def test_an_empty_variable_is_none(env):
    env(secret_key="", channels__telegram__token="", web__port="")
    settings = config.load()
    assert (settings.secret_key, settings.web.port) == (None, 8000)


def test_a_section_is_on_once_it_is_written_unless_it_says_otherwise(file):
    file("[sources.biorxiv]\n[sources.arxiv]\nenabled = false\n[channels.telegram]\nenabled = false")
    settings = config.load()
    assert set(settings.enabled("sources")) == {"biorxiv", "huggingface"}
    assert settings.enabled("channels") == {}


def test_a_channel_says_which_key_it_misses(file):
    file("[channels.telegram]")
    assert config.load().enabled("channels")["telegram"].missing() == "token"


def test_a_channel_lacks_its_token_until_it_has_one_or_is_switched_off(monkeypatch):
    assert config.load().lacking("channels") == {"discord": "token", "email": "smtp_url", "telegram": "token"}
    monkeypatch.setenv("PAPERWIRE_CHANNELS__TELEGRAM__TOKEN", "1:a")
    monkeypatch.setenv("PAPERWIRE_CHANNELS__DISCORD__ENABLED", "false")
    monkeypatch.setenv("PAPERWIRE_CHANNELS__EMAIL__SMTP_URL", "smtp://localhost")
    assert config.load().lacking("channels") == {"email": "from_address"}
    monkeypatch.setenv("PAPERWIRE_CHANNELS__EMAIL__FROM_ADDRESS", "papers@example.org")
    assert config.load().lacking("channels") == {}


# --- what is refused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "key", "right"),
    [
        ('contcat = "x"', "'contcat'", "'contact'"),
        ("[web]\nprot = 1", "'web.prot'", "'web.port'"),
        ('[sources.arxiv]\ncategory = ["cs.CL"]', "'sources.arxiv.category'", "'sources.arxiv.categories'"),
        ('[channels.telegram]\ntokn_file = "x"', "'channels.telegram.tokn_file'", "'channels.telegram.token_file'"),
        ("[sources.arxive]", "'sources.arxive'", "'sources.arxiv'"),
        ('[telegram]\ntoken = "x"', "'telegram'", "'channels.telegram'"),
        ("[chanels.telegram]", "'chanels'", "'channels'"),
        ('[database]\nuri = "x"', "'database.uri'", "'database.url'"),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_right_one(file, text, key, right):
    file(text)
    refused(f"unknown setting {key}", f"did you mean {right}")


def test_an_unknown_key_like_no_other_is_told_what_may_stand_there(file):
    file('[channels.carrier-pigeon]\nloft = "north"')
    refused("unknown setting 'channels.carrier-pigeon'", "known here: ", "telegram")


@pytest.mark.parametrize(
    ("variable", "right"),
    [
        ("PAPERWIRE_WEB_PORT", "'web.port' (PAPERWIRE_WEB__PORT)"),
        ("PAPERWIRE_WEB__PROT", "'web.port' (PAPERWIRE_WEB__PORT)"),
        ("PAPERWIRE_CONTCAT", "'contact' (PAPERWIRE_CONTACT)"),
        ("PAPERWIRE_TELEGRAM__TOKEN", "'channels.telegram' (PAPERWIRE_CHANNELS__TELEGRAM)"),
    ],
)
def test_an_unknown_variable_is_refused_too(monkeypatch, variable, right):
    monkeypatch.setenv(variable, "1234:secret")
    said = refused("unknown setting", variable, f"did you mean {right}?")
    assert "1234" not in said


def test_every_wrong_key_is_named_at_once(file):
    file('public_url = "papers.example.org"\n[web]\nport = 70000\nhots = "x"')
    said = refused("'public_url'", "'web.port'", "'web.hots'")
    assert len(said.splitlines()) == 3


@pytest.mark.parametrize(
    "url",
    [
        *("papers.example.org", "ftp://x", "https://", "https://x/?a=1", "https://x/#a", ""),
        *("https://x//evil.example", "https://x/a//b", "https://x/a b", "https://x/<a", "https://x y", "https://x:0"),
    ],
)
def test_the_public_address_must_be_one(file, url):
    file(f'public_url = "{url}"')
    refused("setting 'public_url'", "https://papers.example.org")


@pytest.mark.parametrize("name", ["localhost", "10.0.0.1/8", ""])
def test_a_proxy_that_is_no_address_is_named_once(file, name):
    file(f'[web]\ntrusted_proxies = ["127.0.0.1", "{name}"]')
    assert "\n" not in refused(f"setting 'web.trusted_proxies' (config.toml): {name!r} is no address or network")


@pytest.mark.parametrize("section", ["web", "ops"])
def test_no_host_is_not_every_host(file, section):
    file(f'[{section}]\nhost = ""')
    refused(f"'{section}.host'")


@pytest.mark.parametrize("contact", ["Ann", "ann at example.org", "ftp://example.org", "ann@exämple.org", "@"])
def test_a_contact_must_be_an_address(file, contact):
    file(f'contact = "{contact}"')
    refused("setting 'contact'", "you@example.org")


@pytest.mark.parametrize("contact", ["ann@example.org", " https://example.org/ann ", ""])
def test_a_contact_may_be_a_page(file, contact):
    file(f'contact = "{contact}"')
    assert config.load().contact == contact.strip()


@pytest.mark.parametrize("url", ["https://x/read/papers", "https://x/read/papers/", "https://x/read/papers//"])
def test_the_public_address_may_have_a_path(file, url):
    file(f'public_url = "{url}"')
    assert config.load().public_url == "https://x/read/papers"


def test_an_unknown_category_is_refused_with_the_nearest_one(env):
    env(sources__arxiv__categories='["cs.CV", "cs.AII"]')
    refused("'sources.arxiv.categories' (PAPERWIRE_SOURCES__ARXIV__CATEGORIES)", "'cs.AII'", "did you mean 'cs.AI'?")


def test_a_list_that_is_no_json_is_named_by_its_key(env):
    env(sources__arxiv__categories="cs.CL,cs.CV")
    refused("'sources.arxiv.categories'", "PAPERWIRE_SOURCES__ARXIV__CATEGORIES", "must be a list", "JSON")


def test_an_item_of_a_list_is_named_by_the_list(file):
    file('[sources.biorxiv]\nservers = ["biorxiv", "chemrxiv"]')
    refused("setting 'sources.biorxiv.servers'", "'medrxiv'")


def test_a_value_where_a_section_belongs(file):
    file("web = 8000")
    refused("setting 'web' (config.toml): is a section", "[web]")


@pytest.mark.parametrize("every", ['"soon"', "-1", "true", '"400d"', "nan", "1e400", '"15 m m"'])
def test_a_duration_that_is_none(file, every):
    file(f"[sources.huggingface]\nevery = {every}")
    refused("setting 'sources.huggingface.every' (config.toml): must be a duration")


@pytest.mark.parametrize(
    ("every", "seconds"), [('"15m"', 900), ('"1.5h"', 5400), ('"2d"', 172800), ('" 30 s "', 30), ("0.5", 0.5), ("7", 7)]
)
def test_a_duration_is_text_or_seconds(file, every, seconds):
    file(f"[sources.huggingface]\nevery = {every}")
    assert config.load().sources.huggingface.every == seconds


def test_a_file_that_is_no_toml(file):
    path = file("port = = 1")
    refused(str(path.name), "not valid TOML", "line 1")


def test_a_file_that_is_no_text(own_folder):
    (own_folder / "config.toml").write_bytes(b'contact = "\xff"')
    refused("cannot read the settings in config.toml", "UTF-8")


def test_a_file_may_begin_with_a_byte_order_mark(file):
    file('\ufeffcontact = "ann@example.org"')
    assert config.load().contact == "ann@example.org"


def test_a_file_that_is_not_there(own_folder, env):
    refused("no settings file at", "paperwire init", given=own_folder / "other.toml")
    env(config="elsewhere.toml")
    refused("no settings file at elsewhere.toml")


def test_a_folder_is_no_settings_file(own_folder):
    refused("no settings file at", given=own_folder)


def test_a_file_that_cannot_be_read():
    refused("cannot read the settings in /proc/self/mem: Input/output error", given=Path("/proc/self/mem"))


# --- secrets -----------------------------------------------------------------------------------------------------

TOKEN = "42:AAcanary"


def test_a_secret_may_stand_in_a_file_of_its_own(own_folder, file, env):
    (own_folder / "token").write_text(f"{TOKEN}\n")
    (own_folder / "key").write_text("the key\n")
    file('[channels.telegram]\ntoken_file = "token"')
    env(secret_key_file="key", database__url_file=str(own_folder / "url"))
    (own_folder / "url").write_text("postgresql+psycopg://u:canary%40pw@h/db")
    settings = config.load()
    assert settings.channels.telegram.token.get_secret_value() == TOKEN
    assert settings.secret_key.get_secret_value() == "the key"
    assert settings.database.url.get_secret_value().endswith("@h/db")
    assert set(settings.secrets()) == {TOKEN, "the key", "canary%40pw", "canary@pw"}


@pytest.mark.parametrize("content", [None, "", " \n", b"\xff\xfe"])
def test_a_secrets_file_that_cannot_be_used_is_named_with_its_key(own_folder, file, env, content):
    if content is not None:
        (own_folder / "token").write_bytes(content if isinstance(content, bytes) else content.encode())
    env(channels__telegram__token_file="token")
    refused("setting 'channels.telegram.token_file' (PAPERWIRE_CHANNELS__TELEGRAM__TOKEN_FILE): cannot read its file: ")
    env(channels__telegram__token_file="")
    file('[channels.telegram]\ntoken_file = "token"')
    refused("setting 'channels.telegram.token_file' (config.toml): cannot read its file: ")


def test_a_secret_is_given_once(own_folder, file, env):
    (own_folder / "token").write_text(TOKEN)
    file(f'[channels.telegram]\ntoken = "{TOKEN}"')
    env(channels__telegram__token_file="token")
    said = refused("'channels.telegram.token'", "'channels.telegram.token_file'", "keep one")
    assert "canary" not in said


def test_an_empty_key_would_sign_foreverybody(file):
    file('secret_key = " "')
    refused("setting 'secret_key' (config.toml): must not be empty")


def test_secrets_show_in_no_repr_and_no_error(file, env):
    file(
        f'secret_key = "canary key"\n[database]\nurl = "postgresql+psycopg://u:canary@h/d"\n'
        f'[channels.telegram]\ntoken = "{TOKEN}"'
    )
    settings = config.load()
    shown = repr(settings) + str(settings) + settings.model_dump_json() + json.dumps(settings.model_dump(), default=str)
    assert "canary" not in shown
    assert set(settings.secrets()) == {"canary key", "canary", TOKEN}
    env(secret_key="[canary", web__port="canary")
    assert "canary" not in refused("'web.port'")
    file('secret_key = ["canary"]\n[channels.telegram]\ntoken = {canary = "canary"}')
    env(secret_key="", web__port="")
    assert "canary" not in refused("'secret_key'", "'channels.telegram.token'")


# --- the demo and links ------------------------------------------------------------------------------------------


def test_the_demo_asks_nobody_and_ignores_the_environment(own_folder, env):
    env(channels__telegram__token=TOKEN, nonsense="1")
    settings = config.demo(own_folder, 8123)
    assert list(settings.enabled("sources")) == ["demo"]
    assert settings.enabled("channels") == {}
    assert settings.public_url == "http://127.0.0.1:8123"
    assert str(own_folder) in settings.database.url.get_secret_value()


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://[::1]/", "http://localhost:1", "https://a.localhost"])
def test_links_that_work_on_this_machine_only(url):
    assert is_loopback(url)


@pytest.mark.parametrize("url", ["https://papers.example.org", "http://192.168.1.2", "http://localhost.example.org"])
def test_links_that_work_elsewhere(url):
    assert not is_loopback(url)


def test_the_example_is_valid_and_says_the_defaults(own_folder):
    example = Path(config.__file__).with_name("config.example.toml")
    settings = config.load(example)
    plain = config._settings_class(None)()
    for room in ("sources", "channels"):
        for name in type(getattr(settings, room)).model_fields:
            ours, theirs = getattr(getattr(settings, room), name), getattr(getattr(plain, room), name)
            skip = {"enabled"}
            assert ours.model_dump(exclude=skip) == theirs.model_dump(exclude=skip), name
    assert settings.web == plain.web
