"""Opening a database: durability, migrations, locks, and clear words when it cannot be used."""

import asyncio
import os
import sqlite3
import stat
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import URL, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from paperwire.core.query.language import parse
from paperwire.errors import StoreError, StoreLocked, StoreOutdated, StoreUnsupported
from paperwire.ports.callers import Actor
from paperwire.ports.sources import SourceState
from paperwire.store import unit
from paperwire.store.database import engine
from paperwire.store.database.engine import SQLITE_PRAGMAS
from paperwire.store.database.tables.base import Row, UTCDateTime, storable
from paperwire.store.unit import Store


def _url(file):
    return URL.create("sqlite+aiosqlite", database=str(file)).render_as_string()


@pytest.fixture
def missing(tmp_path, clock):
    """A store whose file is not there yet."""
    return Store.open(_url(tmp_path / "new.db"), now=clock)


# --- schema ----------------------------------------------------------------------------------------------------------


async def test_the_migrated_schema_is_that_of_the_tables(store):
    def differences(connection):
        ours = {"include_object": lambda _, name, *rest: not (name or "").startswith(("paper_words", "ix_paper_words"))}
        return compare_metadata(MigrationContext.configure(connection, opts=ours), Row.metadata)

    async with store.read() as found:
        assert await found.connection.run_sync(differences) == []


async def test_migrating_again_changes_nothing(store):
    async with store.write() as found:
        await found.settings.put("kept", "yes")
    await store.migrate()
    await store.check_schema()
    async with store.read() as found:
        assert await found.settings.get("kept") == "yes"


async def test_a_newer_schema_is_refused(store):
    async with store.write() as found:
        await found.connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    try:
        with pytest.raises(StoreUnsupported, match="newer Paperwire"):
            await store.check_schema()
        with pytest.raises(StoreUnsupported, match="newer Paperwire"):
            await store.migrate()
    finally:
        async with store.write() as found:
            back = text("UPDATE alembic_version SET version_num = :head")
            await found.connection.execute(back, {"head": unit.HEAD})


async def test_a_database_without_tables_asks_for_migrate(missing, tmp_path):
    sqlite3.connect(tmp_path / "new.db").execute("CREATE TABLE other (x)").connection.close()
    with pytest.raises(StoreOutdated, match="paperwire migrate"):
        await missing.check_schema()
    await missing.close()


async def test_a_database_that_is_not_there_says_how_it_is_made(missing):
    with pytest.raises(StoreOutdated, match="no database"):
        await missing.check_schema()
    with pytest.raises(StoreOutdated, match="no database"):
        async with missing.read() as found:
            await found.settings.get("x")
    await missing.close()


# --- SQLite: durability ----------------------------------------------------------------------------------------------


async def test_every_connection_is_durable(missing):
    await missing.migrate()
    expected = {name: value for name, _, value in SQLITE_PRAGMAS} | {"journal_mode": "wal"}
    async with missing.write() as writing, missing.read() as first, missing.read() as second:
        for found in (writing, first, second):
            for name, value in expected.items():
                read = (await found.connection.execute(text(f"PRAGMA {name}"))).scalar_one()
                assert (name, str(read)) == (name, value)
    await missing.close()


async def test_reading_connections_keep_less_in_memory_than_the_writing_one(missing):
    await missing.migrate()
    kept = {}
    async with missing.write() as writing, missing.read() as reading:
        for name, found in (("writing", writing), ("reading", reading)):
            kept[name] = -(await found.connection.execute(text("PRAGMA cache_size"))).scalar_one()
    assert 0 < kept["reading"] < kept["writing"] <= 16 * 1024  # KiB
    await missing.close()


async def test_a_pragma_that_does_not_hold_stops_everything(missing, monkeypatch):
    monkeypatch.setattr(engine, "SQLITE_PRAGMAS", (("synchronous", "FULL", "7"),))
    with pytest.raises(StoreError, match="does not keep PRAGMA synchronous"):
        await missing.migrate()
    await missing.close()


async def test_a_reading_connection_cannot_write(missing):
    await missing.migrate()
    with pytest.raises(StoreError, match="readonly"):
        async with missing.read() as found:
            await found.settings.put("a", "b")
    await missing.close()


async def test_a_write_takes_its_lock_at_once(missing, tmp_path):
    await missing.migrate()
    async with missing.write():
        other = sqlite3.connect(tmp_path / "new.db", timeout=0, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()
    await missing.close()


async def test_a_new_database_is_for_its_owner_alone(missing, tmp_path):
    await missing.migrate()
    async with missing.write() as found:
        await found.settings.put("a", "b")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes
    assert set(modes.values()) == {0o600}
    await missing.close()


async def test_a_path_may_have_odd_characters(tmp_path, clock):
    store = Store.open(_url(tmp_path / "a b#c%20d.db"), now=clock)
    await store.migrate()
    async with store.write() as found:
        await found.settings.put("a", "b")
    await store.close()
    assert (tmp_path / "a b#c%20d.db").exists()


# --- units -----------------------------------------------------------------------------------------------------------


async def test_a_unit_that_raises_leaves_nothing_behind(store):
    async def write():
        async with store.write() as found:
            await found.settings.put("a", "b")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write()
    async with store.read() as found:
        assert await found.settings.get("a") is None
    assert store.commits == 0


async def test_writers_take_turns_and_readers_do_not_wait(store):
    async def add(number):
        async with store.write() as found:
            before = int(await found.settings.get("n") or 0) if number else 0
            await found.settings.put(f"n{number}", str(before))

    async with store.write() as writing:
        await writing.settings.put("n", "1")
        async with store.read() as reading:
            assert await reading.settings.get("n") is None
    await asyncio.gather(*(add(number) for number in range(20)))
    assert store.commits == 21


async def test_a_reading_unit_keeps_to_what_it_saw_first(store):
    async with store.read() as reading:
        assert await reading.settings.get("n") is None
        async with store.write() as writing:
            await writing.settings.put("n", "1")
        assert await reading.settings.get("n") is None
    async with store.read() as reading:
        assert await reading.settings.get("n") == "1"


async def test_the_first_to_ensure_a_setting_wins(store):
    async with store.write() as found:
        assert await found.settings.ensure("authority", "a.example") == "a.example"
        assert await found.settings.ensure("authority", "b.example") == "a.example"
        await found.settings.put("authority", "c.example")
        assert await found.settings.get("authority") == "c.example"


async def test_the_last_instant_is_that_of_a_reading_or_of_a_subscription(store, clock):
    async with store.read() as found:
        assert await found.settings.last_instant() is None
    async with store.write() as found:
        await found.sources.save(SourceState(source="arxiv", part="cs.CL", ok_at=clock.at))
    async with store.read() as found:
        assert await found.settings.last_instant() == clock.at
    clock.advance(seconds=5)
    async with store.write() as found:
        person = await found.people.ensure(Actor(channel="console", user_id="1"), "en")
        await found.subscriptions.subscribe(
            person.number, parse("lora"), name="", occasions=frozenset({"arrival"}), cadence="instant", destinations=()
        )
    async with store.read() as found:
        assert await found.settings.last_instant() == clock.at


async def test_a_unit_knows_the_instant_it_began(store, clock):
    async with store.write() as found:
        assert found.now == clock.at


# --- values ----------------------------------------------------------------------------------------------------------


async def test_times_come_back_exact_and_in_utc(store):
    at = datetime(2026, 3, 29, 3, 30, 0, 123457, tzinfo=timezone(timedelta(hours=2)))
    column = UTCDateTime()
    number = column.process_bind_param(at, None)
    back = column.process_result_value(number, None)
    assert back == at
    assert back.tzinfo is UTC
    assert column.process_bind_param(None, None) is None
    assert column.process_result_value(None, None) is None


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="without a zone"):
        UTCDateTime().process_bind_param(datetime(2026, 1, 1), None)  # noqa: DTZ001 -- that is the point


def test_times_before_1970_and_far_ahead_keep_their_order():
    column = UTCDateTime()
    times = [datetime(year, 1, 1, microsecond=1, tzinfo=UTC) for year in (1, 1969, 1970, 2026, 9999)]
    numbers = [column.process_bind_param(at, None) for at in times]
    assert numbers == sorted(numbers)
    assert [column.process_result_value(number, None) for number in numbers] == times


async def test_texts_that_databases_refuse_are_stored_without_the_offence(store):
    async with store.write() as found:
        await found.settings.put("a\0b", "x\0y\ud800z – é")
        assert await found.settings.get("ab") == "xy?z – é"
    assert storable("plain") == "plain"


# --- read-only, locked, broken ---------------------------------------------------------------------------------------


async def test_read_only_reads_and_never_writes(store, database, clock):
    async with store.write() as found:
        await found.settings.put("a", "b")
    reader = Store.open(database, now=clock, readonly=True)
    await reader.check_schema()
    async with reader.read() as found:
        assert await found.settings.get("a") == "b"
    with pytest.raises(StoreError, match="to read only"):
        async with reader.write():
            pass
    with pytest.raises(StoreError, match="to read only"):
        await reader.migrate()
    with pytest.raises((StoreError, DBAPIError)) as refused:
        async with reader.read() as found:
            await found.settings.put("a", "c")
    assert "read" in str(refused.value)
    await reader.close()


async def test_a_database_in_a_folder_that_refuses_is_read_without_files_next_to_it(
    missing, tmp_path, monkeypatch, clock
):
    await missing.migrate()
    await missing.close()
    monkeypatch.setattr(engine.os, "access", lambda path, _how: path != tmp_path)
    reader = Store.open(missing.url, now=clock, readonly=True)
    async with reader.read() as found:
        assert await found.settings.get("a") is None
        assert {file.name for file in tmp_path.iterdir()} == {"new.db", "new.db.write"}
    await reader.close()


async def test_a_database_that_somebody_writes_to_is_read_with_what_is_written(missing, tmp_path, monkeypatch, clock):
    await missing.migrate()
    async with missing.write() as found:
        await found.settings.put("a", "b")
    monkeypatch.setattr(engine.os, "access", lambda _path, _how: False)
    reader = Store.open(missing.url, now=clock, readonly=True)
    async with reader.read() as found:
        assert await found.settings.get("a") == "b"
    await reader.close()
    await missing.close()


async def test_one_process_runs_the_service_over_an_sqlite_file(missing, tmp_path, clock):
    await missing.migrate()
    missing.lock_service()
    missing.lock_service()  # it may ask again
    second = Store.open(missing.url, now=clock)
    with pytest.raises(StoreLocked, match=rf"service \(process {os.getpid()}\).*new\.db"):
        second.lock_service()
    await missing.close()
    second.lock_service()
    await second.close()
    assert (tmp_path / "new.db.lock").exists()


async def test_postgresql_has_no_lock_file(store, database, clock):
    if not database.startswith("postgresql"):
        pytest.skip("SQLite has one")
    other = Store.open(database, now=clock)
    store.lock_service()
    other.lock_service()
    await other.close()


async def test_postgresql_packs_long_values_by_lz4_where_the_server_has_it(store):
    if store.file:
        pytest.skip("SQLite packs nothing")
    async with store.read() as unit:
        known = await unit.connection.scalar(
            text("SELECT enumvals FROM pg_settings WHERE name = 'default_toast_compression'")
        )
        assert await unit.connection.scalar(text("SHOW default_toast_compression")) == known[-1]


async def test_a_folder_that_refuses_is_named(tmp_path, clock):
    store = Store.open(_url(tmp_path / "absent" / "new.db"), now=clock)
    with pytest.raises(StoreError, match=r"cannot write .*absent/new\.db.*No such file"):
        await store.migrate()
    with pytest.raises(StoreError, match=r"cannot write .*new\.db\.lock"):
        store.lock_service()
    await store.close()


async def test_a_full_disk_is_said_and_nothing_is_half_done(missing):
    await missing.migrate()
    async with missing.write() as found:
        pages = (await found.connection.execute(text("PRAGMA page_count"))).scalar_one()
        await found.connection.execute(text(f"PRAGMA max_page_count={pages + 2}"))

    async def write():
        async with missing.write() as found:
            await found.settings.put("small", "x")
            await found.settings.put("large", "x" * 100_000)

    with pytest.raises(StoreError, match=r"new\.db failed: database or disk is full"):
        await write()
    async with missing.write() as found:
        assert await found.settings.get("small") is None
        await found.settings.put("small", "y")
    await missing.close()


async def test_a_file_that_is_no_database_is_said(missing, tmp_path):
    (tmp_path / "new.db").write_bytes(b"not a database, but long enough to be looked at" * 100)
    with pytest.raises(StoreError, match="file is not a database"):
        await missing.migrate()
    await missing.close()


async def test_an_absent_server_is_said_without_the_password(clock):
    store = Store.open("postgresql+psycopg://ann:hunter2@127.0.0.1:1/none", now=clock)
    with pytest.raises(StoreError) as refused:
        await store.migrate()
    assert "hunter2" not in str(refused.value)
    assert "127.0.0.1:1" in str(refused.value)
    await store.close()


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite+aiosqlite://", "sqlite+aiosqlite:///:memory:"])
def test_other_databases_are_refused(url, clock):
    with pytest.raises(StoreError):
        Store.open(url, now=clock)


async def test_errors_tell_no_values(store):
    with pytest.raises((StoreError, ProgrammingError)) as refused:
        async with store.write() as found:
            await found.connection.execute(text("INSERT INTO nowhere VALUES (:key)"), {"key": "a-secret-value"})
    assert "nowhere" in str(refused.value)
    assert "a-secret-value" not in str(refused.value)
