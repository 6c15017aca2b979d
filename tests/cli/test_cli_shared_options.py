"""The program's own options stand before the command or after it."""

import pytest
from typer.testing import CliRunner

from paperwire.cli.app import app


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.toml").write_text('[database]\nurl = "sqlite+aiosqlite:///mine.db"\n')
    return tmp_path


@pytest.mark.whole
@pytest.mark.parametrize(
    "words",
    [
        ["--config", "my.toml", "migrate"],
        ["migrate", "--config", "my.toml"],
        ["migrate", "--config=my.toml"],
        ["--log-json", "migrate", "--log-level", "DEBUG", "--config", "my.toml"],
    ],
)
def test_they_are_taken_in_both_places(folder, words):
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert (folder / "mine.db").exists()


@pytest.mark.parametrize("words", [["migrate", "--config"], ["migrate", "--", "--config", "my.toml"]])
def test_without_a_value_or_after_two_dashes_they_are_none(folder, words):
    assert CliRunner().invoke(app, words).exit_code == 2
    assert not list(folder.glob("*.db"))
