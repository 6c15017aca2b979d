"""Migrations: what a new database begins with, and that databases of before keep what they hold.

`filled_0024.sql.gz` is a database that commit a45bc0ef made: its revisions 0001 to 0024 in turn, each time filled with
rows of what the revision made room for, then `.dump` of SQLite's shell. `schema_0024_postgresql.txt` is the `catalogue`
of one that it made in the same way on PostgreSQL.
"""

import asyncio
import gzip
import hashlib
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, inspect, select, text

from paperwire.core.query.language import parse
from paperwire.core.query.plan import PLAN_VERSION
from paperwire.core.search.indexed import INDEX_VERSION
from paperwire.errors import StoreError, StoreUnsupported
from paperwire.pipeline.match import Matching
from paperwire.store import migrations, unit
from paperwire.store.copies import move_all
from paperwire.store.database.engine import create_private
from paperwire.store.database.schema import differences
from paperwire.store.migrations import upgrade
from paperwire.store.unit import Store
from servers.loopback import PATIENCE

HERE = Path(__file__).parent
SCRIPTS = ScriptDirectory(str(migrations.__path__[0]))
REVISIONS = [script.revision for script in reversed(list(SCRIPTS.walk_revisions()))]

# A database that has a revision never gets what is changed in it afterwards: it passes `migrate` and then fails with
# "no such column". When a revision is followed by another one, its hash is written down here permanently.
FROZEN = {
    "0024": "2f9540d58b922fabc124677bad89f5607811ea8f775c40340d3e89593ee18269",
    "0025": "4dd83db003c1741a758667a151fd2065ada07e607343fed81a1357b2b48b7a65",
    "0026": "0a9cb28a62d62a0e033be27bd39a0954bff23c990d2d6e8fa33427bda552246c",
    "0027": "6e0dab6a91de6da75346e4c7837abdc6579cf204d57135afdfccab757c68404c",
    "0028": "8dee99199f45ea5940aba178b4b0569a1cce8c846cc2f8914d974ffb011847ff",
    "0029": "4c8c45ecd1b279dc4ae4e3742e4b28258872a15ffb5b9914561ac4e3f07ca7f7",
    "0030": "dbfe7a845ce4b87865ac636fd62f6250f65e72ac53c7767e6841c8fc300979e5",
    "0031": "2c77f5494600430235aff2e6f93bc7b51b4d309fc4e0187f2949d1f25a32bc17",
    "0032": "614648d18091e59c40098f512eb4da9139b7c28f3f64078d5fdcbacb15ba3438",
    "0033": "5636e01e2d19edf25cb36e10fb2a290d62250d78d42dbe68e550a86a7e08d0e5",
}

# What concerns the processes of one database is not moved to another.
OF_THE_MOMENT = {"lease", "pace", "channel_state"}


@pytest.fixture
async def new_store(new_database, clock):
    """A store on a database without any table."""
    store = Store.open(new_database, now=clock)
    if store.file is not None:
        create_private(store.file)
    yield store
    await store.close()


@pytest.fixture
async def dumped_store(tmp_path, clock):
    """A store on the database that was filled before, on SQLite."""
    file = tmp_path / "dumped.db"
    create_private(file)
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(gzip.decompress((HERE / "filled_0024.sql.gz").read_bytes()).decode())
        # Its queries are made up; renewing them and the index is tried in test_query_renewal and test_word_renewal.
        current = [("queries", str(PLAN_VERSION)), ("words", str(INDEX_VERSION))]
        connection.executemany("INSERT OR REPLACE INTO setting VALUES (?, ?)", current)
        connection.commit()
    store = Store.open(f"sqlite+aiosqlite:///{file}", now=clock)
    yield store
    await store.close()


@pytest.fixture
async def filled_store(new_store, dumped_store, clock):
    """The same on each kind of database: on PostgreSQL it was moved there, which needs today's schema on both sides."""
    if new_store.file is not None:
        return dumped_store
    copy = dumped_store.file.with_name("copy.db")
    shutil.copy(dumped_store.file, copy)
    moved = Store.open(f"sqlite+aiosqlite:///{copy}", now=clock)
    await moved.migrate()
    await new_store.migrate()
    async with moved.read() as origin, new_store.write() as target:
        await move_all(origin, target, lambda *_: None)
    await moved.close()
    return new_store


async def contents(store):
    """Every row of every table as the database has it, by table; columns by name."""

    def read(connection):
        names = set(inspect(connection).get_table_names())
        known = {name for name in names if not name.startswith(("paper_words", "sqlite_"))}
        tables = MetaData()
        tables.reflect(connection, only=known)
        return {
            name: sorted((dict(row._mapping) for row in connection.execute(select(table))), key=repr)
            for name, table in tables.tables.items()
        }

    async with store.read() as found:
        return await found.connection.run_sync(read)


def kept(before, after):
    """The rows of before in what came after, without the columns that are new."""
    return {
        name: [{column: row[column] for column in rows[0] if column in row} for row in after[name]]
        for name, rows in before.items()
        if name in after
    }


CATALOGUES = {
    "sqlite": (
        (
            "SELECT 'table', t.name, t.wr, instr(s.sql, 'AUTOINCREMENT') > 0 FROM pragma_table_list t"
            " JOIN sqlite_schema s ON s.name = t.name WHERE t.schema = 'main' AND t.type = 'table'"
        ),
        (
            "SELECT 'column', t.name, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk"
            " FROM pragma_table_list t, pragma_table_xinfo(t.name) c WHERE t.schema = 'main' AND t.type = 'table'"
        ),
        (
            'SELECT \'link\', t.name, f."table", f."from", f."to", f.on_delete'
            " FROM pragma_table_list t, pragma_foreign_key_list(t.name) f WHERE t.schema = 'main'"
        ),
        "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE type <> 'table' OR sql LIKE 'CREATE VIRTUAL%'",
    ),
    "postgresql": (
        (
            "SELECT 'column', table_name, column_name, data_type, is_nullable, column_default, is_identity"
            " FROM information_schema.columns WHERE table_schema = 'public'"
        ),
        (
            "SELECT 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid)"
            " FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'"
        ),
        "SELECT 'index', indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT 'sequence', sequencename, data_type FROM pg_sequences WHERE schemaname = 'public'",
        "SELECT 'trigger', tgrelid::regclass, tgname FROM pg_trigger WHERE NOT tgisinternal",
    ),
}


async def catalogue(store):
    """What a database says of its tables, columns, keys, indexes and triggers, but the order of columns."""
    queries = CATALOGUES["postgresql" if store.file is None else "sqlite"]
    async with store.read() as found:
        rows = [row for query in queries for row in await found.connection.exec_driver_sql(query)]
    return sorted("|".join(map(str, row)) for row in rows)


def test_the_program_knows_the_newest_revision_and_the_first():
    assert (REVISIONS[0], REVISIONS[-1]) == (unit.FIRST_REVISION, unit.HEAD)


def test_a_revision_that_is_followed_by_another_never_changes():
    found = {
        script.revision: hashlib.sha256(Path(script.path).read_bytes()).hexdigest()
        for script in SCRIPTS.walk_revisions()
    }
    followed = set(REVISIONS[:-1])
    assert followed <= FROZEN.keys(), "write the hash of a revision down when another one follows it"
    for revision, written in FROZEN.items():
        assert found[revision] == written, f"revision {revision} is in use: change the schema by a new revision"


async def test_the_first_revision_makes_what_databases_of_before_have(new_store, dumped_store):
    async with new_store.write() as found:
        await found.connection.run_sync(upgrade, unit.FIRST_REVISION)
    if new_store.file is None:
        before = (HERE / "schema_0024_postgresql.txt").read_text().splitlines()
    else:
        before = await catalogue(dumped_store)
    assert await catalogue(new_store) == before


async def test_a_new_database_begins_with_its_counters(new_store):
    await new_store.migrate()
    rows = await contents(new_store)
    assert {name for name, of_table in rows.items() if of_table} == {"alembic_version", "counter", "setting"}
    names = {"query", "paper", "fan_out", "content"}
    assert {row["name"]: row["value"] for row in rows["counter"]} == dict.fromkeys(names, 0)


@pytest.mark.whole
async def test_a_database_of_before_keeps_all_its_rows(filled_store, dumped_store):
    before = await contents(dumped_store)
    assert [name for name, rows in before.items() if not rows] == []
    await filled_store.migrate()
    await filled_store.check_schema()
    await filled_store.compare_schema()
    after = await contents(filled_store)
    if filled_store.file is None:
        before = {name: rows for name, rows in before.items() if name not in OF_THE_MOMENT}
    for rows in (before, after):  # the store counts what is written to tables that deliveries depend on, by a move too
        rows["counter"] = [row for row in rows["counter"] if row["name"] != "wanted"]
    assert before.pop("alembic_version") == [{"version_num": unit.FIRST_REVISION}]
    assert after.pop("alembic_version") == [{"version_num": unit.HEAD}]
    assert kept(before, after) == before


async def test_a_database_of_before_works(filled_store, clock):
    await filled_store.migrate()
    clock.advance(minutes=5)
    async with filled_store.read() as found:
        assert (await found.search.search(parse("=Diffusion au:a_ashe"))).total == 2
        answer = await found.search.search(parse("diffusion"))
        assert {paper.title for paper in answer.papers} == {
            "Diffusion models", "Diffusion of heat", "Latent diffusion", "Diffusion on graphs",
        }  # fmt: skip
        assert [paper.title for paper in await found.people.saved(1)] == ["Diffusion models"]
        assert (await found.feeds.by_hash("hash of 1.2")).person == 4
    assert await Matching(filled_store, now=clock, next_slot=lambda *_: None).run()
    async with filled_store.write() as found:
        claimed = await found.outbox.claim("me", ["telegram"], timedelta(minutes=2), 10)
        assert [place.number for place in claimed] == [1]
    async with filled_store.read() as found:
        due = (await found.outbox.due([1], 10))[1]
        assert [one.paper.title for one in due] == ["Latent diffusion", "Diffusion on graphs"]
    async with filled_store.write() as found:
        await found.outbox.sent({1: [one.key for one in due]}, {1: ""})
        await found.outbox.release([1], "me")
        assert await found.outbox.claim("me", ["telegram"], timedelta(minutes=2), 10) == []


async def test_a_database_of_before_the_first_revision_is_refused_and_not_touched(filled_store):
    async with filled_store.write() as found:  # so it was before 0024
        await found.connection.execute(text("ALTER TABLE paper DROP COLUMN feed"))
        await found.connection.execute(text("UPDATE alembic_version SET version_num = '0023'"))
    before = await contents(filled_store), await catalogue(filled_store)
    says = rf"has schema 0023.*check out commit {unit.LAST_COMMIT_BEFORE}, run `paperwire migrate` there"
    for refused in (filled_store.migrate, filled_store.is_current, filled_store.check_schema):
        with pytest.raises(StoreUnsupported, match=says):
            await refused()
    assert (await contents(filled_store), await catalogue(filled_store)) == before


async def test_two_processes_may_migrate_at_once(new_store, new_database, clock, monkeypatch):
    """Neither sees tables half made, nor makes them twice, however their steps mingle."""
    other = Store.open(new_database, now=clock)
    looked = []
    real = Store._revision

    async def slowly(self, connection):
        """Give the other one time to look at the same, which it must not get before this one has committed."""
        found = await real(self, connection)
        looked.append(found)
        await asyncio.sleep(0.2)
        return found

    monkeypatch.setattr(Store, "_revision", slowly)
    async with asyncio.timeout(PATIENCE):  # one that waits for the other forever is a fault too
        await asyncio.gather(new_store.migrate(), other.migrate())
    assert looked == [None, unit.HEAD]
    await other.compare_schema()
    await other.close()


# --- what differs is named -------------------------------------------------------------------------------------------


COLUMNS = "name TEXT NOT NULL, owner TEXT NOT NULL, until BIGINT NOT NULL"


DAMAGES = {
    "no column destination.last_message": "ALTER TABLE destination DROP COLUMN last_message",
    "unknown column event.odd": "ALTER TABLE event ADD COLUMN odd INTEGER",
    "no table pace": "DROP TABLE pace",
    "no index ix_delivery_owed on delivery": "DROP INDEX ix_delivery_owed",
    "no table paper_words": "DROP TABLE paper_words",
    "table lease has another primary key": (
        f"DROP TABLE lease; CREATE TABLE lease ({COLUMNS}, CONSTRAINT pk_lease PRIMARY KEY (name, owner))"
    ),
    "column lease.until differs in type": (
        f"DROP TABLE lease; CREATE TABLE lease ({COLUMNS.replace('BIGINT', 'TEXT')}, PRIMARY KEY (name))"
    ),
    "no foreign key fk_watch_paper_paper": (
        "DROP TABLE watch; CREATE TABLE watch (paper INTEGER NOT NULL, destination INTEGER NOT NULL)"
    ),
}


@pytest.mark.whole
async def test_what_a_database_of_the_right_revision_lacks_is_named(new_store):
    await new_store.migrate()
    for named, damage in DAMAGES.items():
        async with new_store.write() as found:
            before = await found.connection.begin_nested()
            for statement in damage.split("; "):
                await found.connection.execute(text(statement))
            differing = await found.connection.run_sync(differences)
            await before.rollback()
        assert any(one.startswith(named) for one in differing), (named, differing)
    await new_store.compare_schema()  # nothing is left of the damages


@pytest.mark.whole
async def test_a_database_that_lacks_something_is_no_database_of_ours(new_store):
    await new_store.migrate()
    async with new_store.write() as found:
        await found.connection.execute(text("DROP TABLE pace"))
    await new_store.check_schema()  # the revision is the right one
    with pytest.raises(StoreError, match=r"does not have the schema.*\bno table pace\b.*\. .*restore a backup"):
        await new_store.compare_schema()


async def test_migrate_refuses_what_it_cannot_make_right_and_changes_nothing(filled_store, monkeypatch):
    async with filled_store.write() as found:
        await found.connection.execute(text("ALTER TABLE destination DROP COLUMN last_message"))
    before = await contents(filled_store)
    monkeypatch.setattr(unit, "HEAD", "9999")  # there is something to do
    with pytest.raises(StoreError, match=r"no column destination\.last_message"):
        await filled_store.migrate()
    assert await contents(filled_store) == before


async def test_tables_and_indexes_of_others_may_be(new_store):
    await new_store.migrate()
    async with new_store.write() as found:
        await found.connection.execute(text("CREATE TABLE notes (id INTEGER PRIMARY KEY, note TEXT)"))
        await found.connection.execute(text("CREATE INDEX ix_notes ON paper (source)"))
    await new_store.compare_schema()


async def test_the_index_of_words_is_compared_where_it_is_one_of_its_own(new_store):
    await new_store.migrate()
    if new_store.file is not None:
        pytest.skip("on SQLite the table is the index")
    async with new_store.write() as found:
        await found.connection.execute(text("DROP INDEX ix_paper_words_words"))
    with pytest.raises(StoreError, match="no index ix_paper_words_words on paper_words"):
        await new_store.compare_schema()
