"""`run` and `collect` as they are refused or do one pass, without any network."""

import asyncio
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from paperwire.cli import main, run
from paperwire.store.unit import Store


@pytest.fixture
def quiet(shell):
    """A shell of a service without sources or channels."""
    shell.env(sources__arxiv__enabled="false", sources__huggingface__enabled="false", web__port="0")
    return shell


def test_a_part_that_is_none_is_refused_with_the_nearest(quiet):
    said = quiet("run", "--only", "web,colect")
    assert said.code == 2
    assert "there is no part 'colect'; did you mean 'collect'?" in said.err
    assert "known: web, collect, match, deliver, telegram, discord" in said.err
    assert "there is no part 'x' (known" in quiet("run", "--only", "x").err


def test_roles_are_words_parted_by_commas():
    assert run._roles("") == frozenset(run.ROLES)
    assert run._roles(" web, match ,") == {"web", "match"}


def test_a_second_service_is_told_of_the_first_and_commands_write_beside_it(quiet, papers_file):
    quiet.file("papers.jsonl", papers_file)
    quiet.env(sources__jsonl__files='["papers.jsonl"]')
    quiet("migrate")
    store = Store.open(f"sqlite+aiosqlite:///{quiet.folder}/paperwire.db", now=lambda: datetime.now(UTC))
    store.lock_service()
    try:
        for command in (["run"], ["run", "--once"], ["migrate"]):
            said = quiet(*command)
            assert said.code == 1
            assert "another service (process" in said.err
        for command in (["import", "papers.jsonl"], ["collect"], ["outbox", "--hold"], ["outbox", "--release"]):
            assert quiet(*command).code == 0
    finally:
        asyncio.run(store.close())


def test_a_port_in_use(quiet):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        quiet.env(web__port=port)
        said = quiet("run")
    assert said.code == 1
    assert f"port {port} on 127.0.0.1 is in use; stop what listens there or set web.port" in said.err


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_that_is_not_ours(quiet, host):
    quiet.env(web__host=host)
    said = quiet("run")
    assert said.code == 2
    assert f"cannot listen on {host}" in said.err


def test_one_pass_over_nothing(quiet):
    said = quiet("run", "--once")
    assert (said.code, said.out) == (0, "0 new papers, 0 statements\n")
    assert (quiet.folder / "secret.key").stat().st_mode & 0o777 == 0o600


def test_what_is_off_is_said_once(quiet):
    quiet.file("config.toml", "[channels.telegram]\n[sources.rss]\n")
    said = quiet("run", "--once")
    assert said.err.count("telegram is off: channels.telegram.token is not set") == 1
    assert said.err.count("rss is off: sources.rss.urls is not set") == 1


def test_a_key_that_cannot_be_made_or_read(quiet):
    (quiet.folder / "secret.key").mkdir()
    said = quiet("run", "--once")
    assert said.code == 2
    assert "cannot keep the secret key in secret.key: Is a directory" in said.err
    (quiet.folder / "secret.key").rmdir()
    quiet.file("secret.key", " \n")
    assert "cannot keep the secret key in secret.key: it is empty" in quiet("run", "--once").err
    (quiet.folder / "secret.key").write_bytes(b"\xff\xfe\xff")
    assert "it is no UTF-8 text" in quiet("run", "--once").err


def test_another_key_than_before_is_warned_of(quiet):
    assert "another than before" not in quiet("run", "--once").err
    assert "another than before" not in quiet("run", "--once").err
    quiet.file("secret.key", "x" * 43)
    assert "another than before" in quiet("run", "--once").err
    assert "another than before" not in quiet("run", "--once").err


def test_without_standard_input_there_is_no_terminal(quiet, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["paperwire", "run", "--console"])
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 1
    assert "standard input is closed" in capsys.readouterr().err


def test_collect_names_what_it_cannot_do(quiet):
    quiet.env(sources__huggingface__enabled="true", sources__huggingface__url="http://127.0.0.1:9/")
    said = quiet("collect", "--source", "arxiv")
    assert said.code == 2
    assert "there is no source 'arxiv' that is on (on: huggingface)" in said.err
    said = quiet("collect", "--since", "yesterday")
    assert said.code == 2
    assert "'yesterday' is no day; write it as 2026-09-01" in said.err
    said = quiet("collect")
    assert said.code == 1
    assert "1 part could not be read" in said.out


def test_collect_reads_back(quiet, papers_file):
    """From a file, which has no past of its own, and from the demo, which has none either."""
    quiet.file("papers.jsonl", papers_file)
    quiet.env(sources__jsonl__files='["papers.jsonl"]')
    said = quiet("collect", "--since", "2026-01-01")
    assert said.code == 0
    assert said.out == "3 new papers, 3 statements\n"
    assert quiet("search", "diffusion", "--json").json["total"] == 2


def test_a_command_that_makes_the_database_leaves_it_to_the_service(quiet):
    """The lock it needs for that is given back at once, and without a service it is not needed at all."""
    store = Store.open(f"sqlite+aiosqlite:///{quiet.folder}/paperwire.db", now=lambda: datetime.now(UTC))
    store.lock_service()
    try:
        said = quiet("outbox", "--hold")
        assert said.code == 1
        assert "another service (process" in said.err
    finally:
        asyncio.run(store.close())
    assert quiet("outbox", "--hold").code == 0
    assert quiet("run", "--once").code == 0


def test_the_demo_finds_a_port(monkeypatch):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setattr(run, "_DEMO_PORT", other.getsockname()[1])
        found = run._any_port()
        assert found.getsockname()[1] not in {0, other.getsockname()[1]}
        found.close()


def test_a_folder_for_the_lock_that_is_not_there(quiet):
    quiet.env(database__url=f"sqlite+aiosqlite:///{quiet.folder / 'gone'}/paperwire.db")
    said = quiet("run")
    assert said.code == 1
    assert "cannot write" in said.err
    assert not Path("gone").exists()
