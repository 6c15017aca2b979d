"""`check`: one line for each thing that could be wrong, and exit 1 if something is."""

import asyncio
import json
import socket
import sqlite3
import sys
import threading
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import NamedTuple

import pytest
from cli_world import on

from paperwire.cli import check
from paperwire.core.days.batch import Batch
from paperwire.core.days.batch import State as Days
from paperwire.core.days.doubt import Doubt, Why
from paperwire.store.papers.sources import SourceState
from paperwire.store.tables.base import Row, State
from paperwire.store.unit import Store
from servers.telegram import TelegramServer


class Usage(NamedTuple):
    total: float
    used: float
    free: float


@pytest.fixture
def sound(shell):
    """A shell whose settings leave nothing to say."""
    shell.env(
        web__port=free_port(),
        ops__port=free_port(),
        public_url="https://papers.example.com",
        contact="me@example.com",
        secret_key="a key of more than thirty-two letters",
    )
    return shell


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def found(said):
    """(level, text) by subject; the last of several."""
    return {one["subject"]: (one["level"], one["text"]) for one in said.json}


def stored(shell, *rows):
    async def run():
        store = Store.open(f"sqlite+aiosqlite:///{shell.folder}/paperwire.db", now=lambda: datetime.now(UTC))
        async with store.write() as unit:
            for row in rows:
                if isinstance(row, Batch):
                    await unit.sources.save_batches([row])
                else:
                    await unit.sources.save(row)
        await store.close()

    asyncio.run(run())


def test_on_a_fresh_machine_nothing_is_broken(shell):
    said = shell("check")
    assert said.code == 0
    assert "     ok  database: none yet; `paperwire run` makes it\n" in said.out
    assert "warning  public_url: links work only on this machine" in said.out
    assert "warning  contact: contact is not set" in said.out
    assert "BROKEN" not in said.out


def test_a_sound_service(sound):
    sound("migrate")
    said = sound("check", "--json")
    assert said.code == 0
    about = found(said)
    assert about["public_url"] == ("ok", "https://papers.example.com")
    assert about["port"][0] == "ok"
    assert about["arxiv"] == ("ok", "never read yet")
    assert about["secret_key"] == ("ok", "set")
    names = ("CONTACT", "OPS__PORT", "PUBLIC_URL", "SECRET_KEY", "WEB__PORT")
    assert about["settings"] == ("ok", "5 variables: " + ", ".join(f"PAPERWIRE_{name}" for name in names))
    assert about["ops port"][1].endswith(" is free")
    assert about["channels"][0] == "warning"
    assert {level for subject, (level, _) in about.items() if subject != "channels"} == {"ok"}


@pytest.mark.parametrize(
    ("host", "refused"),
    [("::", True), ("192.168.1.5", True), ("127.0.0.2", False), ("::1", False), ("localhost", False)],
)
def test_who_listens_for_other_machines_is_told_that_these_are_refused(sound, host, refused):
    sound.env(web__host=host, public_url="http://127.0.0.1:8000")
    level, text = found(sound("check", "--json"))["public_url"]
    assert level == "warning"
    assert (f"web.host is {host}" in text and "set public_url" in text) is refused
    assert ("work only on this machine" in text) is not refused


def test_the_version_of_sqlite_is_told_where_it_matters(sound, monkeypatch):
    sound("migrate")

    async def version(_store):
        return "SQLite 3.46.1"

    monkeypatch.setattr(Store, "version", version)
    assert "before 3.51.3 two connections" in sound("check").out

    async def newer(_store):
        return "SQLite 3.51.3"

    monkeypatch.setattr(Store, "version", newer)
    assert "before 3.51.3" not in sound("check").out


@pytest.mark.parametrize("name", ["config.toml", "paperwire.db", "secret.key"])
def test_files_that_others_can_read(shell, name):
    shell("init")
    shell("migrate")
    shell.file("secret.key", "x" * 43).chmod(0o600)
    (shell.folder / name).chmod(0o640)
    said = shell("check")
    assert said.code == 0
    assert f"{name} can be read by others (mode 640): chmod 600" in said.out
    assert said.out.count("chmod 600") == 1


def test_a_short_key_and_a_made_up_time(shell):
    shell.env(secret_key="short", now="2026-01-06T12:00:00Z")
    about = found(shell("check", "--json"))
    assert about["secret_key"][0] == "warning"
    assert about["clock"][0] == "warning"


@pytest.mark.parametrize(("free", "level"), [(5e9, "ok"), (5e8, "warning"), (5e7, "broken")])
def test_room_on_the_disk(sound, monkeypatch, free, level):
    monkeypatch.setattr(check.shutil, "disk_usage", lambda _folder: Usage(1e12, 1e12 - free, int(free)))
    said = sound("check", "--json")
    assert found(said)["disk"][0] == level
    assert said.code == (1 if level == "broken" else 0)


def test_a_folder_in_which_nothing_can_be_written(sound, monkeypatch):
    monkeypatch.setattr(check.os, "access", lambda *_: False)
    said = sound("check", "--json")
    assert said.code == 1
    assert found(said)["folder"] == ("broken", f"{sound.folder} is not writable")


def test_a_database_that_is_none(sound):
    sound.file("paperwire.db", "not a database at all, but long enough to be read as one" * 100).chmod(0o600)
    said = sound("check", "--json")
    assert said.code == 1
    assert found(said)["database"][0] == "broken"


def test_a_schema_that_is_older(sound):
    sound.file("paperwire.db", "").chmod(0o600)
    said = sound("check", "--json")
    assert said.code == 0
    level, text = found(said)["database"]
    assert level == "warning"
    assert "paperwire migrate" in text


def test_a_database_that_lacks_a_column_is_broken_whatever_revision_it_claims(sound):
    sound("migrate")
    with closing(sqlite3.connect(sound.folder / "paperwire.db")) as connection:
        connection.execute("ALTER TABLE destination DROP COLUMN last_message")
    said = sound("check", "--json")
    assert said.code == 1
    level, text = found(said)["database"]
    assert level == "broken"
    assert "no column destination.last_message" in text
    assert "restore a backup or start with a new database" in text
    said = sound("migrate")
    assert said.code == 1
    assert "no column destination.last_message" in said.err


def test_a_database_that_does_not_answer(sound):
    sound.env(database__url="postgresql+psycopg://u:canary@127.0.0.1:9/d")
    said = sound("check", "--json")
    assert said.code == 1
    assert found(said)["database"][0] == "broken"
    assert "canary" not in said.out + said.err


def test_on_postgresql_the_key_must_be_set(stocked, monkeypatch, database):
    if database.startswith("sqlite"):
        pytest.skip("this is about PostgreSQL")
    assert found(stocked("check", "--json"))["database"][0] == "ok"
    monkeypatch.delenv("PAPERWIRE_SECRET_KEY")
    assert found(stocked("check", "--json"))["secret_key"][0] == "warning"


def test_how_sources_fared(sound):
    sound("migrate")
    now = datetime.now(UTC)
    stored(
        sound,
        SourceState(source="arxiv", part="cs", failures=3, error="503 Service Unavailable", next_at=now),
        SourceState(source="huggingface", part="daily", ok_at=now, first_done=True),
    )
    about = found(sound("check", "--json"))
    assert about["arxiv"][0] == "warning"
    assert "503 Service Unavailable; next try" in about["arxiv"][1]
    assert about["huggingface"][1].startswith("last read ")
    assert about["clock"] == ("ok", "not behind the times that are stored")
    stored(sound, SourceState(source="arxiv", part="cs", failures=1, error="503"))
    assert found(sound("check", "--json"))["arxiv"][1].startswith("503")


def test_a_source_that_nobody_reads(sound):
    sound("migrate")
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    stored(sound, SourceState(source="arxiv", part="cs", ok_at=long_ago, next_at=long_ago, first_done=True))
    level, text = found(sound("check", "--json"))["arxiv"]
    assert level == "warning"
    assert text.startswith("overdue: not tried since ")
    sound.env(sources__arxiv__every="30m")
    assert found(sound("check", "--json"))["arxiv"][0] == "ok"


def test_days_with_which_something_is_wrong(sound):
    sound("migrate")
    today = datetime.now(UTC).date()
    low, alone = Doubt(why=Why.LOW, count=3, usual=60, whole=True), Doubt(why=Why.ALONE)
    thin = Batch(source="arxiv", part="cs.CL", day=today, state=Days.UNCONFIRMED, doubts=(low,))
    calm = Batch(source="huggingface", part="daily", day=today, state=Days.UNCONFIRMED, doubts=(alone,))
    stored(sound, thin, calm)
    said = [one["text"] for one in sound("check", "--json").json if one["subject"] == "days"]
    assert len(said) == 1
    assert said[0].endswith(": unconfirmed: unusually few papers, 3 where 60 are usual (0 new)")
    (first, _) = sound("status", "--json").json["days"]
    assert (first["state"], first["unproven"][0]["part"]) == ("unconfirmed", "cs.CL")
    assert first["unproven"][0]["doubts"][0]["why"] == "low"


def test_where_the_settings_come_from(shell):
    assert found(shell("check", "--json"))["settings"][1] == ("no file and no variables: everything is at its default")
    shell.env(contact="me@example.com")
    assert found(shell("check", "--json"))["settings"][1] == "1 variable: PAPERWIRE_CONTACT"
    shell.file("config.toml", "").chmod(0o600)
    assert found(shell("check", "--json"))["settings"][1] == "config.toml and 1 variable: PAPERWIRE_CONTACT"


def test_a_clock_that_went_back(sound):
    sound("migrate")
    stored(sound, SourceState(source="arxiv", part="cs", ok_at=datetime(2099, 1, 1, tzinfo=UTC), first_done=True))
    said = sound("check", "--json")
    assert said.code == 1
    assert found(said)["clock"][0] == "broken"


def test_no_source_and_a_hold(sound):
    sound.env(sources__arxiv__enabled="false", sources__huggingface__enabled="false")
    sound("migrate")
    sound("outbox", "--hold")
    about = found(sound("check", "--json"))
    assert about["sources"][0] == "warning"
    assert about["outbox"][0] == "warning"
    assert "--release" in about["outbox"][1]


def test_deliveries_that_were_given_up(sound):
    sound("migrate")
    assert "outbox" not in found(sound("check", "--json"))

    async def give_up(unit):
        delivery = Row.metadata.tables["delivery"]
        for state in (State.GIVEN_UP, State.GIVEN_UP, State.UNKNOWN):
            number = len((await unit.connection.execute(delivery.select())).all())
            key = {"destination": 1, "paper": number, "occasion": 0}
            about = {"due_at": unit.now, "settled_at": unit.now, "state": int(state), "attempts": 1}
            await unit.connection.execute(delivery.insert().values(**key, **about))

    on(f"sqlite+aiosqlite:///{sound.folder}/paperwire.db", give_up)
    level, text = found(sound("check", "--json"))["outbox"]
    assert level == "warning"
    assert text == "2 given up, 1 may have arrived: `paperwire outbox` lists them and says why"


class Answering(BaseHTTPRequestHandler):
    """A server of somebody else, which answers every path."""

    text = "<html>a printer</html>"

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.text.encode())

    def log_message(self, *_):
        return


class Ours(Answering):
    """What a service of ours answers."""

    text = "alive\n"


@contextmanager
def served(handler):
    """The port of a server that answers with `handler`."""
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def writer(shell):
    """A service that writes to the database."""
    store = Store.open(f"sqlite+aiosqlite:///{shell.folder}/paperwire.db", now=lambda: datetime.now(UTC))
    store.lock_service()
    try:
        yield
    finally:
        asyncio.run(store.close())


@pytest.mark.parametrize(("subject", "key", "level"), [("port", "web", "broken"), ("ops port", "ops", "warning")])
def test_a_port_that_a_stranger_has(sound, subject, key, level):
    sound("migrate")
    with served(Answering) as port:
        sound.env(**{f"{key}__port": port})
        said = sound("check", "--json")
        assert said.code == (1 if level == "broken" else 0)
        assert found(said)[subject][0] == level
        assert f"set {key}.port (PAPERWIRE_{key.upper()}__PORT) to another" in found(said)[subject][1]
        with writer(sound):  # a service of ours that runs does not have this port
            assert found(sound("check", "--json"))[subject][0] == level


def test_a_port_that_our_service_has(sound):
    sound("migrate")
    with served(Ours) as port:
        sound.env(web__port=port)
        about = found(sound("check", "--json"))["port"]
        assert about == (
            "broken", f"another Paperwire service answers on 127.0.0.1:{port}: none writes to this database"
        )  # fmt: skip
        with writer(sound):
            about = found(sound("check", "--json"))["port"]
            assert about == ("ok", f"a Paperwire service answers on 127.0.0.1:{port}")
        (sound.folder / "paperwire.db.lock").unlink()
        assert found(sound("check", "--json"))["port"][0] == "broken"


def test_something_that_listens_and_does_not_answer(sound, monkeypatch):
    monkeypatch.setattr(check, "_SOON", 0.1)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        sound.env(web__port=other.getsockname()[1])
        assert found(sound("check", "--json"))["port"][0] == "broken"


def test_on_postgresql_a_service_on_the_port_may_be_of_any_database(stocked, database):
    if database.startswith("sqlite"):
        pytest.skip("this is about PostgreSQL")
    with served(Ours) as port:
        stocked.env(web__port=port, web__host="0.0.0.0")  # noqa: S104 -- nothing of ours listens
        assert found(stocked("check", "--json"))["port"] == ("ok", f"a Paperwire service answers on 0.0.0.0:{port}")


def test_an_address_that_is_not_ours(sound):
    sound.env(web__host="192.0.2.1")
    said = sound("check", "--json")
    assert said.code == 1
    assert found(said)["port"][0] == "broken"


# --- tokens ------------------------------------------------------------------------------------------------------


def test_channels_without_a_token_and_those_that_have_none(sound):
    sound.file("config.toml", "[channels.telegram]\n[channels.webhook]\nenabled = true").chmod(0o600)
    about = found(sound("check", "--json"))
    assert about["telegram"] == ("warning", "off: channels.telegram.token is not set")
    assert about["webhook"] == ("ok", "on; addresses are tried when something is sent")


async def asked(telegram, tmp_path, token):
    """What `check` says of Telegram, asked by another process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from paperwire.cli import main; main()", "check", "--json",
        cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={"PAPERWIRE_CHANNELS__TELEGRAM__API_URL": telegram.url, "PAPERWIRE_CHANNELS__TELEGRAM__TOKEN": token},
    )  # fmt: skip
    out, errors = await process.communicate()
    assert token not in (out + errors).decode()
    return next((one["level"], one["text"]) for one in json.loads(out) if one["subject"] == "telegram")


async def test_a_token_is_tried(tmp_path):
    async with TelegramServer() as telegram:
        assert await asked(telegram, tmp_path, telegram.token) == ("ok", "answers and lets us in")
        level, text = await asked(telegram, tmp_path, "42:wrong")
        assert level == "broken"
        assert "Telegram refused the token (HTTP 401)" in text


async def test_a_platform_that_cannot_be_reached(tmp_path):
    telegram = TelegramServer()
    telegram.url = "http://127.0.0.1:9"
    level, text = await asked(telegram, tmp_path, "42:any")
    assert level == "broken"
    assert "Telegram can't be reached" in text


async def test_a_platform_that_does_not_answer_in_time(monkeypatch):
    monkeypatch.setattr(check, "_PATIENCE", 0.05)

    class Silent:
        async def probe(self):
            await asyncio.sleep(9)

    assert (await check._token("telegram", Silent())).level == "broken"
