"""`run` and `collect` as they are refused or do one pass, without any network."""

import asyncio
import signal
import socket
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cli_world import on

from paperwire.bootstrap import opening
from paperwire.cli import main, run
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.ports.sources import Page
from paperwire.sources.jsonl import JsonlSource
from paperwire.store.unit import Store
from servers.loopback import PATIENCE


@pytest.fixture
def quiet(shell):
    """A shell of a service without sources or channels."""
    shell.env(sources__arxiv__enabled="false", sources__huggingface__enabled="false", web__port="0")
    return shell


def test_a_part_that_is_none_is_refused_with_the_nearest(quiet):
    said = quiet("run", "--only", "web,colect")
    assert said.code == 2
    assert "there is no part 'colect'; did you mean 'collect'?" in said.err
    assert "known: web, collect, match, deliver, discord, telegram" in said.err
    assert "there is no part 'x' (known" in quiet("run", "--only", "x").err


@pytest.mark.parametrize("only", [",", " ", " , "])
def test_no_part_at_all_is_refused(quiet, only):
    said = quiet("run", "--only", only)
    assert said.code == 2
    assert "--only: no part is named (known: web, collect" in said.err


def test_roles_are_words_parted_by_commas():
    assert run._roles("") == {"web", "collect", "match", "deliver", "telegram", "discord"}
    assert run._roles(" web, match ,") == {"web", "match"}


def test_a_second_service_is_told_of_the_first_and_commands_write_meanwhile(quiet, papers_file):
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
    assert (said.code, said.out) == (0, "0 new papers, 0 events\n")
    assert (quiet.folder / "secret.key").stat().st_mode & 0o777 == 0o600


def test_a_pass_that_is_stopped_says_so_and_ends_at_once(quiet, monkeypatch):
    async def stopped(*_):
        signal.raise_signal(signal.SIGTERM)
        await asyncio.sleep(PATIENCE)

    frozen = []
    monkeypatch.setattr(run, "_pass", stopped)
    monkeypatch.setattr(run, "_last_resort", lambda: None)
    monkeypatch.setattr(run.gc, "freeze", lambda: frozen.append(True))
    said = quiet("run", "--once")
    assert (said.code, said.out) == (1, "")
    assert said.err == "paperwire: stopped before the pass was over; the next one does the rest\n"
    assert frozen == [True]  # what is loaded by then would be collected before the process ends, which takes a second


def test_what_is_off_is_said_once(quiet):
    quiet.file("config.toml", "[channels.telegram]\n[sources.rss]\n")
    said = quiet("run", "--once")
    assert said.err.count("telegram is off: channels.telegram.token is not set") == 1
    assert "discord" not in said.err
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


def test_a_key_is_on_the_disk_before_it_counts(quiet, monkeypatch):
    synced = []

    def sync(handle):
        name = Path(f"/proc/self/fd/{handle}").readlink()
        synced.append((name.name.startswith(".secret.key."), name == quiet.folder, Path("secret.key").exists()))

    monkeypatch.setattr(opening.os, "fsync", sync)
    assert quiet("run", "--once").code == 0
    assert synced[:2] == [(True, False, False), (False, True, True)]


# --- several processes -------------------------------------------------------------------------------------------


@pytest.fixture
def shared(quiet, database):
    """A shell of a service on PostgreSQL."""
    if database.startswith("sqlite"):
        pytest.skip("this is about PostgreSQL")
    quiet.env(database__url=database, now="2026-01-06T12:00:00Z")
    return quiet


def running(database, lease=""):
    """Let another process be alive, and hold a lease."""

    async def begin(unit):
        await unit.leases.start_heartbeat("another", timedelta(hours=1))
        if lease:
            assert await unit.leases.acquire(lease, "another", timedelta(hours=1))

    on(database, begin)


def test_a_second_process_with_another_key_is_refused(shared, database):
    assert shared("run", "--once").code == 0
    running(database)
    shared("run", "--once")
    assert shared("run", "--once").code == 0  # the same file of a key
    (shared.folder / "secret.key").rename(shared.folder / "former.key")
    said = shared("run", "--once")
    assert said.code == 2
    assert "another Paperwire runs on this database with another secret key" in said.err
    assert "set secret_key or secret_key_file to the same value for both" in said.err
    shared.env(secret_key_file=shared.folder / "former.key")
    assert shared("run", "--once").code == 0
    on(database, lambda unit: unit.leases.release_all("another"))
    shared.env(secret_key_file=shared.folder / "secret.key")
    said = shared("run", "--once")
    assert (said.code, "another than before" in said.err) == (0, True)


def test_a_process_leaves_nothing_behind(shared, database):
    async def owners(unit):
        return await unit.leases.owners()

    assert shared("run", "--once").code == 0
    assert on(database, owners) == []


def test_a_pass_next_to_a_service_leaves_the_sending_to_it(shared, database):
    running(database, "deliver telegram")
    shared.env(channels__telegram__token="1:x", channels__telegram__api_url="http://127.0.0.1:9")
    said = shared("run", "--once", "--only", "deliver")
    assert (said.code, said.out) == (0, "0 new papers, 0 events\n"), said.err
    assert "telegram: another process delivers there now and sends what is due" in said.err


def test_a_pass_for_parts_that_have_none_is_refused(quiet):
    said = quiet("run", "--once", "--only", "web,telegram")
    assert said.code == 2
    assert "--once collects, matches and delivers, and --only names none of these" in said.err


def test_a_database_that_is_older_than_what_was_sent_is_held(quiet):
    assert quiet("run", "--once").code == 0
    quiet.file("paperwire.db.sent", "0123 7\n2026-01-05T08:00:50+00:00\n")
    on(f"sqlite+aiosqlite:///{quiet.folder}/paperwire.db", lambda unit: unit.settings.put("sent mark", "0123 6"))
    said = quiet("run", "--once")
    assert said.code == 0
    assert "the database is older than what was last sent from it" in said.err
    assert quiet("status", "--json").json["held_since"]
    assert quiet("outbox", "--release").code == 0
    assert "older" not in quiet("run", "--once").err


def test_a_pass_corrects_what_a_wrong_clock_has_left(quiet):
    here = f"sqlite+aiosqlite:///{quiet.folder}/paperwire.db"
    assert quiet("run", "--once").code == 0
    on(here, lambda unit: unit.leases.acquire("deliver telegram", "gone", timedelta(days=40_000)))
    assert "times far ahead of the clock were corrected" in quiet("run", "--once").err


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
    assert said.out == "3 new papers, 3 events\n"
    assert quiet("search", "diffusion", "--json").json["total"] == 2


def test_collect_delivers_what_it_finds_late(stocked, ada, monkeypatch):
    """To a subscription that was there when it was announced; the words say how many."""
    day = date(2026, 1, 7)
    paper = Paper(id="2601.00042", title="Diffusion found late", categories=("cs.CL",))

    class WithPast(JsonlSource):
        async def backfill(self, since, cursor):
            event = Event(kind=EventKind.NEW, paper=paper, source="arxiv", day=day)
            yield Page(part="backfill", events=(event,), cursor="", quiet=True)

    monkeypatch.setattr("paperwire.sources.jsonl.JsonlSource", WithPast)
    stocked.env(
        sources__arxiv__enabled="false", sources__huggingface__enabled="false", sources__jsonl__files='["papers.jsonl"]'
    )
    stocked.env(now="2026-01-09T12:00:00Z")
    said = stocked("collect", "--deliver")
    assert said.code == 2
    assert "--deliver needs --since" in said.err
    said = stocked("collect", "--since", str(day), "--deliver")
    assert said.code == 0
    assert said.out.splitlines()[1] == "1 paper found late; 1 delivery is owed"
    assert stocked("collect", "--since", str(day), "--deliver").out.splitlines()[1] == (
        "0 papers found late; 0 deliveries are owed"
    )
    assert stocked("outbox", "--json").json["owed"] == 1


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
