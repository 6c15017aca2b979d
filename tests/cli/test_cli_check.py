"""`check`: one line for each thing that could be wrong, and exit 1 if something is."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from cli_world import found, on

from paperwire.cli import check
from paperwire.core.days.batch import Batch, BatchState
from paperwire.core.days.doubt import Doubt, Why
from paperwire.ports.sources import SourceState
from paperwire.store.database.tables.base import Row, State
from paperwire.store.unit import Store


class Usage(NamedTuple):
    total: float
    used: float
    free: float


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
    assert about["trusted_proxies"][0] == "warning"
    assert {level for subject, (level, _) in about.items() if subject not in {"channels", "trusted_proxies"}} == {"ok"}


@pytest.mark.parametrize(
    ("settings", "subject", "level", "text"),
    [
        ({}, "people", "ok", "open to all"),
        ({"people__allowed": '["email:*@example.org"]'}, "people", "warning", "people.ask is not set"),
        ({"people__allowed": '["telegram:1"]', "people__ask": "us"}, "people", "ok", "1 name"),
        ({}, "operators", "ok", "none"),
        ({"ops__operators": '["telegram:1"]'}, "operators", "warning", "all of them are on telegram"),
        ({"ops__operators": '["ntfy:ops", "telegram:1"]'}, "operators", "ok", "ntfy:ops, telegram:1"),
    ],
)
def test_who_may_use_it_and_who_is_told_of_trouble(sound, settings, subject, level, text):
    sound.env(channels__telegram__token="42:x", channels__telegram__api_url="http://127.0.0.1:9", **settings)
    sound.env(channels__ntfy__enabled="true", channels__ntfy__server="http://127.0.0.1:9")
    one = found(sound("check", "--json"))[subject]
    assert (one[0], text in one[1]) == (level, True)


def test_who_is_let_in_by_a_channel_that_is_none_is_named(sound):
    sound.env(
        people__allowed='["telegramm:1", "telegram-group:-1", "discord-server:1", "console:ann", "email:*@h.org"]'
    )
    said = sound("check")
    assert said.out.count("lets no one in") == 1
    assert "warning  people: telegramm:1 in people.allowed lets no one in: no channel is called that" in said.out


def test_an_operator_on_a_channel_that_is_off_cannot_be_told(sound):
    sound.env(ops__operators='["telegram:1", "email:ops@example.org"]')
    said = sound("check")
    assert "warning  operators: telegram:1 can't be notified of trouble: telegram is off" in said.out


@pytest.mark.parametrize("name", ["12345", "telegram:", ":1", "Telegram:1", "@ann"])
@pytest.mark.parametrize("key", ["people__allowed", "ops__operators"])
def test_a_name_that_is_none_stops_the_start(sound, key, name):
    sound.env(**{key: f'["{name}"]'})
    said = sound("check")
    assert said.code != 0
    assert "names no account: write CHANNEL:ACCOUNT" in said.err


@pytest.mark.parametrize("name", ["telegram:*", "email:*@example.org", "discord-server:80351110224678912"])
def test_an_operator_is_one_account_or_all_of_a_channel_would_be_let_in(sound, name):
    sound.env(people__allowed='["telegram:1"]', ops__operators=f'["{name}"]')
    said = sound("check")
    assert said.code != 0
    assert "names more than one account" in said.err


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


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, True),
        ({"web__trusted_proxies": '["127.0.0.1", "10.0.0.0/8"]'}, False),
        ({"web__host": "192.168.1.5"}, False),
        ({"public_url": "http://localhost:8000"}, False),
    ],
)
def test_a_service_that_cannot_tell_its_clients_apart_is_told(sound, settings, told):
    sound.env(**settings)
    about = found(sound("check", "--json"))
    assert ("set web.trusted_proxies" in about.get("trusted_proxies", ("", ""))[1]) is told


def test_the_version_of_sqlite_is_told_where_it_matters(migrated, monkeypatch):

    async def version(_store):
        return "SQLite 3.46.1"

    monkeypatch.setattr(Store, "version", version)
    assert "before 3.51.3 two connections" in migrated("check").out

    async def newer(_store):
        return "SQLite 3.51.3"

    monkeypatch.setattr(Store, "version", newer)
    assert "before 3.51.3" not in migrated("check").out


@pytest.mark.whole
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
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Usage(1e12, 1e12 - free, int(free)))
    said = sound("check", "--json")
    assert found(said)["disk"][0] == level
    assert said.code == (1 if level == "broken" else 0)


def test_a_folder_in_which_nothing_can_be_written(sound, monkeypatch):
    monkeypatch.setattr(check.os, "access", lambda *_: False)
    said = sound("check", "--json")
    assert said.code == 1
    assert found(said)["folder"] == ("broken", f"{sound.folder} is not writable")


def test_a_folder_that_is_not_there(sound):
    sound.env(database__url=f"sqlite+aiosqlite:///{sound.folder}/gone/paperwire.db")
    assert f"folder: there is no folder {sound.folder}/gone\n" in sound("check").out


def test_a_database_that_is_none(sound):
    sound.file("paperwire.db", "not a database at all, but long enough to be read as one" * 100).chmod(0o600)
    said = sound("check", "--json")
    assert said.code == 1
    assert found(said)["database"][0] == "broken"


def test_a_database_without_tables(sound):
    sound.file("paperwire.db", "").chmod(0o600)
    said = sound("check", "--json")
    assert said.code == 0
    level, text = found(said)["database"]
    assert level == "warning"
    assert "paperwire migrate" in text


def test_a_database_that_lacks_a_column_is_broken_whatever_revision_it_claims(migrated):
    with closing(sqlite3.connect(migrated.folder / "paperwire.db")) as connection:
        connection.execute("ALTER TABLE destination DROP COLUMN last_message")
    said = migrated("check", "--json")
    assert said.code == 1
    level, text = found(said)["database"]
    assert level == "broken"
    assert "no column destination.last_message" in text
    assert "restore a backup or start with a new database" in text
    said = migrated("migrate")
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


def test_how_sources_fared(migrated):
    now = datetime.now(UTC)
    stored(
        migrated,
        SourceState(source="arxiv", part="cs", failures=3, error="503 Service Unavailable", next_at=now),
        SourceState(source="huggingface", part="daily", ok_at=now, first_done=True),
    )
    about = found(migrated("check", "--json"))
    assert about["arxiv"][0] == "warning"
    assert "503 Service Unavailable; next try" in about["arxiv"][1]
    assert about["huggingface"][1].startswith("last read ")
    assert about["clock"] == ("ok", "not earlier than stored times")
    stored(migrated, SourceState(source="arxiv", part="cs", failures=1, error="503"))
    assert found(migrated("check", "--json"))["arxiv"][1].startswith("503")
    stored(migrated, SourceState(source="arxiv", part="reconcile", failures=1, error="no answer", next_at=now))
    about = found(migrated("check", "--json"))
    assert (about["arxiv cs"], about["arxiv reconcile"]) == (("warning", "503"), ("warning", "no answer"))
    (failing,) = [one["failing"] for one in migrated("status", "--json").json["sources"] if one["failing"]]
    assert [(part["name"], part["error"]) for part in failing] == [("cs", "503"), ("reconcile", "no answer")]


def test_a_source_that_nobody_reads(migrated):
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    stored(migrated, SourceState(source="arxiv", part="cs", ok_at=long_ago, next_at=long_ago, first_done=True))
    level, text = found(migrated("check", "--json"))["arxiv"]
    assert level == "warning"
    assert text.startswith("overdue: not tried since ")
    migrated.env(sources__arxiv__every="30m")
    assert found(migrated("check", "--json"))["arxiv"][0] == "ok"


def test_days_with_which_something_is_wrong(migrated):
    today = datetime.now(UTC).date()
    low, alone = Doubt(why=Why.LOW, count=3, usual=60, whole=True), Doubt(why=Why.ALONE)
    thin = Batch(source="arxiv", part="cs.CL", day=today, state=BatchState.UNCONFIRMED, doubts=(low,))
    calm = Batch(source="huggingface", part="daily", day=today, state=BatchState.UNCONFIRMED, doubts=(alone,))
    stored(migrated, thin, calm)
    said = [one["text"] for one in migrated("check", "--json").json if one["subject"] == "days"]
    assert len(said) == 1
    assert said[0].endswith(": unconfirmed: unusually few papers, 3 instead of about 60 (0 new)")
    (first, _) = migrated("status", "--json").json["days"]
    assert (first["state"], first["unproven"][0]["part"]) == ("unconfirmed", "cs.CL")
    assert first["unproven"][0]["doubts"][0]["why"] == "low"


def test_where_the_settings_come_from(shell):
    assert found(shell("check", "--json"))["settings"][1] == ("no file and no variables: everything is at its default")
    shell.env(contact="me@example.com")
    assert found(shell("check", "--json"))["settings"][1] == "1 variable: PAPERWIRE_CONTACT"
    shell.file("config.toml", "").chmod(0o600)
    assert found(shell("check", "--json"))["settings"][1] == "config.toml and 1 variable: PAPERWIRE_CONTACT"


def test_a_clock_that_went_back(migrated):
    stored(migrated, SourceState(source="arxiv", part="cs", ok_at=datetime(2099, 1, 1, tzinfo=UTC), first_done=True))
    said = migrated("check", "--json")
    assert said.code == 1
    assert found(said)["clock"][0] == "broken"


def test_no_source_and_a_hold(migrated):
    migrated.env(sources__arxiv__enabled="false", sources__huggingface__enabled="false")
    migrated("outbox", "--hold")
    about = found(migrated("check", "--json"))
    assert about["sources"][0] == "warning"
    assert about["outbox"][0] == "warning"
    assert "--release" in about["outbox"][1]


def test_deliveries_that_were_given_up(migrated):
    assert "outbox" not in found(migrated("check", "--json"))

    async def give_up(unit):
        delivery = Row.metadata.tables["delivery"]
        for state in (State.GIVEN_UP, State.GIVEN_UP, State.UNKNOWN):
            number = len((await unit.connection.execute(delivery.select())).all())
            key = {"destination": 1, "paper": number, "occasion": 0}
            about = {"due_at": unit.now, "settled_at": unit.now, "state": int(state), "attempts": 1}
            await unit.connection.execute(delivery.insert().values(**key, **about))

    on(f"sqlite+aiosqlite:///{migrated.folder}/paperwire.db", give_up)
    level, text = found(migrated("check", "--json"))["outbox"]
    assert level == "warning"
    assert text == "2 given up, 1 may have arrived: `paperwire outbox` lists them and says why"
