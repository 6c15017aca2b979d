"""With `--log-json` everything on standard error is JSON, errors of use and settings too."""

import json

import pytest


def json_lines(text):
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["run", "--bogus"], 2, "No such option: --bogus"),
        (["run", "--only", "colect"], 2, "did you mean 'collect'?"),
        (["--config", "gone.toml", "run"], 2, "no settings file at gone.toml"),
        (["status"], 1, "there is no database"),
    ],
)
def test_errors_are_log_lines(shell, arguments, code, told):
    said = shell(*arguments, "--log-json")
    assert said.code == code
    assert any(told in line["event"] for line in json_lines(said.err))


def test_a_run_says_all_it_has_to_say_in_the_log(shell):
    shell.env(sources__arxiv__enabled="false", sources__huggingface__enabled="false")
    shell.file("config.toml", "[channels.telegram]")
    said = shell("run", "--once", "--log-json")
    assert (said.code, said.out) == (0, "")
    assert [line["event"] for line in json_lines(said.err)] == [
        "telegram is off: channels.telegram.token is not set",
        "0 new papers, 0 events",
    ]


def test_a_fault_that_nobody_foresaw_is_one_line(shell, monkeypatch):
    def broken(_path):
        raise KeyError("odd")

    monkeypatch.setattr("paperwire.config.load", broken)
    said = shell("status", "--log-json")
    assert said.code == 1
    (line,) = json_lines(said.err)
    assert (line["event"], line["level"]) == ("stopped by a fault", "error")
    assert "KeyError: 'odd'" in line["exception"]


def test_otherwise_python_tells_of_such_a_fault(shell, monkeypatch):
    def broken(_path):
        raise KeyError("odd")

    monkeypatch.setattr("paperwire.config.load", broken)
    with pytest.raises(KeyError):
        shell("status")


def test_after_the_end_of_options_it_is_a_word(shell):
    said = shell("search", "--", "--log-json")
    assert said.err.startswith("paperwire: ")
