"""Absurd values of each setting: taken, or refused in a line that names the setting and shows no secret."""

import os

import pytest

from paperwire import config
from paperwire.errors import ConfigError

ABSURD = [
    *("-1", "0", "nan", "1e300", "99999999999999999999999", "true", "2026-01-01", "[]", "[1]", "{}"),
    *('""', '" "', '"\\n"', '"canary\\nx"', '"canaryé漢字🎉"', '["canary"]', '{ canary = "canary" }'),
    *('"http://"', '"http://[::1"', '"http://h:port"', '"https://u:canary@h"', f'"{"canary" * 100}"', '"Mars/Canary"'),
]
MODEL = config._settings_class(None)
KEYS = config._known_keys(MODEL)


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("PAPERWIRE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(MODEL, "file", tmp_path / "config.toml")
    monkeypatch.setattr(config, "_settings_class", lambda _file: MODEL)  # made once, as it takes long


def outcome(folder, key, written):
    """The settings, or what is said of this value."""
    section, _, name = key.rpartition(".")
    head = f"[{section}]\n" if section else ""
    (folder / "config.toml").write_text(f"{head}{name} = {written}\n", encoding="utf-8")
    try:
        return config.load()
    except ConfigError as error:
        return str(error)


def is_secret(key):
    model = MODEL
    for part in key.removesuffix("_file").split(".")[:-1]:
        model = model.model_fields[part].annotation
    field = model.model_fields.get(key.removesuffix("_file").rpartition(".")[2])
    return field is not None and "SecretStr" in str(field.annotation)


@pytest.mark.parametrize("key", KEYS)
def test_a_line_names_the_setting_and_no_secret(tmp_path, key):
    for written in ABSURD:
        answer = outcome(tmp_path, key, written)
        if not isinstance(answer, str):
            answer.secrets()  # none that can't be read
            continue
        section, _, name = key.rpartition(".")
        assert f"'{key}" in answer or (f"'{section}'" in answer and name in answer), written
        assert len(answer.splitlines()) == 1, (written, answer)
        assert "Input should" not in answer, written
        assert "<class" not in answer, written
        assert not (is_secret(key) and "canary" in answer), written


def test_there_are_secrets_among_them():
    assert {"secret_key", "secret_key_file", "database.url", "channels.telegram.token_file"} <= {
        *filter(is_secret, KEYS)
    }


@pytest.mark.parametrize(
    ("key", "written", "said"),
    [
        ("web.port", '"many"', "must be a whole number"),
        ("lists.public", '"perhaps"', "must be true or false"),
        ("contact", "1", "must be text in quotes"),
        ("backup.folder", "1", "must be a path in quotes"),
        ("backup.folder", f'"{"x" * 256}"', "must be a path, without"),
        ("backup.keep", "0", "must be greater than or equal to 1"),
        ("sources.rss.names", '"x"', "must be a table such as "),
        ("public_url", '"https://ann:canary@example.org"', "must be an address such as "),
        ("public_url", '"http://[::1"', "must be an address such as "),
        ("web.host", '"http://[::1"', "must be an address or name of this machine"),
        ("ops.host", '"http://127.0.0.1"', "must be an address or name of this machine"),
        ("web.authority", '"a b"', "must be the name of a host"),
        ("channels.telegram.token_file", '"42:canary"', "cannot read its file: No such file or directory"),
    ],
)
def test_it_says_what_belongs_there(tmp_path, key, written, said):
    assert said in outcome(tmp_path, key, written)
    assert "canary" not in outcome(tmp_path, key, written)


def test_a_key_that_is_no_address_is_one_secret(tmp_path):
    assert outcome(tmp_path, "secret_key", '"http://[::1"').secrets() == ["http://[::1"]


@pytest.mark.parametrize("section", ["channels.discord", "channels.ntfy", "sources.arxiv"])
def test_a_section_is_not_offered_for_an_unknown_key_in_it(tmp_path, section):
    assert "; known here: " in outcome(tmp_path, f"{section}.canary", '"x"')
