"""Migrations: no revision changes once another follows, and each runs on a filled database and loses nothing."""

import asyncio
import hashlib
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, inspect, select, text

from paperwire.core.query.language import parse
from paperwire.core.search.indexed import INDEX_VERSION
from paperwire.errors import StoreError
from paperwire.pipeline.match import Matching
from paperwire.ports.callers import Actor
from paperwire.store import migrations, unit
from paperwire.store.database.engine import create_private
from paperwire.store.database.schema import differences
from paperwire.store.database.statements import is_sqlite
from paperwire.store.migrations import upgrade
from paperwire.store.unit import Store
from servers.loopback import PATIENCE

HERE = Path(__file__).parent
SCRIPTS = ScriptDirectory(str(migrations.__path__[0]))
REVISIONS = [script.revision for script in reversed(list(SCRIPTS.walk_revisions()))]

# What a revision drops on purpose: made anew when it is shown.
DROPPED = {"title_shown", "abstract_shown"}

# A database that has a revision never gets what is changed in it afterwards: it passes `migrate` and then fails with
# "no such column". When a revision is followed by another one, its hash is written down here for good.
FROZEN = {
    "0001": "df4a87b73a20c5dc5ed228e8ced7a92bcf7c1b5694dc3ec2506e19fee51a7944",
    "0002": "464d7813b492ba50bd577d63700fbd41f003b12279440cda903dfa06b7578f6d",
    "0003": "aea8666f9cae65effac569b88d96ffd638a23869a85407a1a049ac1bb9cf133d",
    "0004": "140bb096c02c20588a777ba54bec3fe2a314bcc9ee85a45b6b2a7b0a0b099499",
    "0005": "badef557d76b45f860d27999bf724fd0d32d6b49e631a7e94d9742c9949aa6fa",
    "0006": "656cfebc917e22ff8d42af2b3a7973e36f67eeef2b5fe298f41960f441a889a4",
    "0007": "d76ca92132a89b781b5953eb945a1f4fbc229d76408e3e908707d7c1fd8b4870",
    "0008": "74317be0ed718655bc58bc0bbcd137cf0f5b6648b64b45acc660de8ebbd37fa3",
    "0009": "8a9fdeb67342ff02701057092922b06d9ce07ee9b0531a30fc73f5dd8577e779",
    "0010": "dd2e0117e1ff8dce3e099e4645c760235b3b66b2faab861b2b23d0256c2fc190",
    "0011": "61824cbd9d1d6da6eb1b7ff07ca8959fb9324ec023986aadde31202e09bb6514",
    "0012": "4b99731122d96568b844172c04222a10e1969faf9dc2428d3b4ff40af6d93205",
    "0013": "049b04ee7c50fdd16a40d2647f4b523c3285773309c6bc729e01efb8e18d5368",
    "0014": "09f71d3a0227defa23766303be2078dd26f44606fea0ba91f0bfa9cbbb2f4cdc",
    "0015": "90528fa57e7bb0ba8c8f4a65fdc7828bbb5f88b05e99e227dfbd247a169b46ea",
    "0016": "0bb7bc533a09c1c813ca0d3412618c347e07e52ed7e0bfd6553f68ca32925e46",
    "0017": "059c425442da481b9a860d0f7ffbdb010459325d22be9c510a923ecdba1a990d",
    "0018": "99178ebb91d13cff6cec9fc3ae157875e0603fd20d03a86acb2db0dd55f76e27",
    "0019": "bc35b9ae86fb0529d12241f4b66e2c97b5a76cb85b423970b9682ca3fba5a42e",
    "0020": "cdb06c40f6d545fb0c76f7b6ba22d9da508e55d5367ed1fb032f3d898d1eeb00",
    "0021": "57703a80908236a3b55036c37afb697eb17521199f6c7141595206bf1cc2dcd4",
    "0022": "b57d514de3be9069afac8c3851bbee14f8513114ccea5b5ba029e2ec139cfede",
    "0023": "5b51601c45197da1de28f7a07bf138e7f41ead1dc6346aa79f61ad53bbd5c634",
}


@pytest.fixture
async def old_store(new_database, clock):
    """A store on a database without any table."""
    store = Store.open(new_database, now=clock)
    if store.file is not None:
        create_private(store.file)
    yield store
    await store.close()


async def at_revision(store, revision):
    """Bring an empty database to a revision, filling it at each step with what the revision made room for."""
    for one in REVISIONS[: REVISIONS.index(revision) + 1]:
        async with store.write() as found:
            await found.connection.run_sync(upgrade, one)
            await fill(found.connection, one)


async def fill(connection, revision):
    kind = "sqlite" if is_sqlite(connection) else "postgresql"
    for file in (HERE / f"filled_{revision}.sql", HERE / f"filled_{revision}_{kind}.sql"):
        for statement in file.read_text().split(";\n") if file.exists() else ():
            written = statement if kind == "sqlite" else re.sub(r"\bx'([0-9a-f]*)'", r"'\\x\1'::bytea", statement)
            if written.strip():
                await connection.exec_driver_sql(written)


async def contents(store):
    """Every row of every table as the database has it, by table; columns by name."""

    def read(connection):
        names = set(inspect(connection).get_table_names()) - {"alembic_version"}
        known = {name for name in names if not name.startswith(("paper_words", "sqlite_"))}
        tables = MetaData()
        tables.reflect(connection, only=known)
        return {
            name: [dict(row._mapping) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for name, table in tables.tables.items()
        }

    async with store.read() as found:
        return await found.connection.run_sync(read)


def lasting(before):
    """The rows without what is dropped on purpose."""
    return {
        name: [{column: value for column, value in row.items() if column not in DROPPED} for row in rows]
        for name, rows in before.items()
    }


def owned(before):
    """The rows as revision 0008 gives them owners: the subscription that goes to a topic is the topic's."""
    return before | {
        "subscription": [row | ({"person": None} if row["number"] == 4 else {}) for row in before["subscription"]]
    }


def kept(before, after):
    """The rows of before in what came after, without the columns that are new."""
    return {
        name: [{column: row[column] for column in rows[0] if column in row} for row in after[name]] if rows else []
        for name, rows in before.items()
        if name in after
    }


def test_the_program_knows_the_newest_revision():
    assert SCRIPTS.get_current_head() == unit.HEAD


def test_a_revision_that_is_followed_by_another_never_changes():
    found = {
        script.revision: hashlib.sha256(Path(script.path).read_bytes()).hexdigest()
        for script in SCRIPTS.walk_revisions()
    }
    followed = set(REVISIONS[:-1])
    assert followed <= FROZEN.keys(), "write the hash of a revision down when another one follows it"
    for revision, written in FROZEN.items():
        assert found[revision] == written, f"revision {revision} is in use: change the schema by a new revision"


async def test_a_filled_database_of_the_first_revision_works_after_migrate(old_store, clock):
    await at_revision(old_store, "0001")
    before = await contents(old_store)
    assert [name for name, rows in before.items() if not rows] == []
    await old_store.migrate()
    await old_store.check_schema()
    await old_store.compare_schema()
    after = await contents(old_store)
    assert {"key": "words", "value": str(INDEX_VERSION)} in after["setting"]
    before["setting"] = [row for row in before["setting"] if row["key"] != "words"]
    after["setting"] = [row for row in after["setting"] if row["key"] != "words"]
    assert [row.pop("paused") for row in after["destination"]] == ["", "", "blocked", ""]
    for row in before["destination"]:
        del row["paused"]
    assert kept(before, after) == owned(lasting(before))

    clock.advance(minutes=5)
    async with old_store.read() as found:
        assert (await found.search.search(parse("=Diffusion au:a_ashe"))).total == 2
        answer = await found.search.search(parse("diffusion"))
        assert {paper.title for paper in answer.papers} == {
            "Diffusion models", "Diffusion of heat", "Latent diffusion", "Diffusion on graphs",
        }  # fmt: skip
        assert [paper.title for paper in await found.people.saved(1)] == ["Diffusion models"]
        assert (await found.feeds.by_hash("hash of 1.2")).person == 4
    assert await Matching(old_store, now=clock, next_slot=lambda *_: None).run()
    async with old_store.write() as found:
        claimed = await found.outbox.claim("me", ["telegram"], timedelta(minutes=2), 10)
        assert [place.number for place in claimed] == [1]
    async with old_store.read() as found:
        due = (await found.outbox.due([1], 10))[1]
        assert [one.paper.title for one in due] == ["Latent diffusion", "Diffusion on graphs"]
    async with old_store.write() as found:
        await found.outbox.sent({1: [one.key for one in due]}, {1: ""})
        await found.outbox.release([1], "me")
        assert await found.outbox.claim("me", ["telegram"], timedelta(minutes=2), 10) == []


async def test_each_migration_keeps_what_a_filled_database_holds(old_store):
    await at_revision(old_store, REVISIONS[0])
    for revision in REVISIONS[1:]:
        before = await contents(old_store)
        async with old_store.write() as found:
            await found.connection.run_sync(upgrade, revision)
        after = await contents(old_store)
        if revision == "0012":  # which gives the reasons of pauses other words
            for row in before["destination"]:
                del row["paused"]
        for rows in (before, after):  # the store counts what is written to tables behind deliveries, by a migration too
            rows["counter"] = [row for row in rows["counter"] if row["name"] != "wanted"]
        expected = {"0007": lasting, "0008": owned}.get(revision, dict)(before)
        assert kept(before, after) == expected, revision
        async with old_store.write() as found:
            await fill(found.connection, revision)


async def test_a_subscription_that_was_left_without_any_occasion_sends_new_papers_again(old_store):
    await at_revision(old_store, "0020")
    routes = "SELECT subscription, wants FROM subscription_destination ORDER BY subscription, destination"
    before = await numbers(old_store, routes)
    paused = before[0][0]
    async with old_store.write() as found:
        execute = found.connection.exec_driver_sql
        await execute("UPDATE subscription SET occasions = 0")
        await execute("UPDATE subscription_destination SET wants = 8")
        await execute(f"UPDATE subscription_destination SET wants = 0 WHERE subscription = {paused:d}")  # noqa: S608 -- a number
    await old_store.migrate()
    assert set(await numbers(old_store, "SELECT occasions FROM subscription")) == {(1,)}
    assert await numbers(old_store, routes) == [(one, 0 if one == paused else 9) for one, _ in before]


async def numbers(store, query):
    """The rows of a query, as tuples."""
    async with store.read() as found:
        return [tuple(row) for row in await found.connection.exec_driver_sql(query)]


async def test_states_of_days_claim_no_more_than_their_evidence_allows(old_store):
    await at_revision(old_store, "0005")
    rows = {  # by source, part and day of January
        ("arxiv", "cs.CL", 6): ("complete", 9, "backfilled"),  # before the first look
        ("arxiv", "cs.CL", 7): ("complete", 9, "complete"),
        ("arxiv", "cs.HC", 7): ("complete", 0, "complete"),
        ("arxiv", "cs.RO", 7): ("late", 3, "late"),
        ("arxiv", "cs.CL", 8): ("complete", 0, "unconfirmed"),  # nothing in the whole source
        ("arxiv", "cs.CL", 9): ("partial", 5, "unconfirmed"),
        ("arxiv", "cs.HC", 9): ("failed", 0, "unconfirmed"),
        ("arxiv", "cs.RO", 9): ("expected", 0, "expected"),
        ("arxiv", "cs.CL", 20): ("holiday", 0, "holiday"),
        ("huggingface", "daily", 7): ("complete", 9, "unconfirmed"),  # by one view
    }
    columns = "source, part, day, state, new, crossed, replaced, ids_hash, ids_known, evidence, changed_at"
    values = "'{}', '{}', '2026-01-{:02}', '{}', {}, 0, 0, 'hash', FALSE, '{}', 1"
    written = f"INSERT INTO batch ({columns}) VALUES ({values})"  # noqa: S608 -- all of it is written here
    async with old_store.write() as found:
        execute = found.connection.exec_driver_sql
        await execute("DELETE FROM batch")
        await execute("DELETE FROM setting WHERE key = 'batches of arxiv after'")
        await execute("INSERT INTO setting (key, value) VALUES ('batches of arxiv after', '2026-01-06')")
        for (source, part, day), (state, papers, _) in rows.items():
            await execute(written.format(source, part, day, state, papers, "{}"))
    await old_store.migrate()
    async with old_store.read() as found:
        batches = await found.sources.batches(date(2026, 1, 1))
    assert {(one.source, one.part, one.day.day): (one.state.value, one.new) for one in batches} == {
        key: (state, papers) for key, (_, papers, state) in rows.items()
    }


async def test_accounts_that_a_mailbox_s_yes_may_have_joined_are_to_be_named_once(old_store):
    await at_revision(old_store, "0022")
    await old_store.migrate()
    chat, mailbox = Actor(channel="telegram", user_id="1"), Actor(channel="email", user_id="ann@example.org")
    others = [Actor(channel="email", user_id="bob@example.org"), Actor(channel="telegram", user_id="77")]
    async with old_store.read() as found:
        assert await found.people.unnamed(chat) == [mailbox]
        assert await found.people.unnamed(mailbox) == [chat]
        assert [await found.people.unnamed(other) for other in others] == [[], []]
        assert await found.people.unnamed_places("email") == {15}
        assert await found.people.unnamed_places("telegram") == {1}
    async with old_store.write() as found:
        await found.people.name_accounts(mailbox)
        assert await found.people.unnamed(mailbox) == []
        assert await found.people.unnamed(chat) == [mailbox]
        assert await found.people.unnamed_places("email") == set()


async def test_a_new_database_and_a_migrated_one_have_the_same_schema(old_store):
    await at_revision(old_store, REVISIONS[-1])
    async with old_store.read() as found:
        assert await found.connection.run_sync(differences) == []


async def test_two_processes_may_migrate_at_once(old_store, new_database, clock, monkeypatch):
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
    async with asyncio.timeout(PATIENCE):  # one that waits for the other for ever is a fault too
        await asyncio.gather(old_store.migrate(), other.migrate())
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


async def test_what_a_database_of_the_right_revision_lacks_is_named(old_store):
    await old_store.migrate()
    for named, damage in DAMAGES.items():
        async with old_store.write() as found:
            before = await found.connection.begin_nested()
            for statement in damage.split("; "):
                await found.connection.execute(text(statement))
            differing = await found.connection.run_sync(differences)
            await before.rollback()
        assert any(one.startswith(named) for one in differing), (named, differing)
    await old_store.compare_schema()  # nothing is left of the damages


async def test_a_database_that_lacks_something_is_no_database_of_ours(old_store):
    await old_store.migrate()
    async with old_store.write() as found:
        await found.connection.execute(text("DROP TABLE pace"))
    await old_store.check_schema()  # the revision is the right one
    with pytest.raises(StoreError, match=r"does not have the schema.*\bno table pace\b.*\. .*restore a backup"):
        await old_store.compare_schema()


async def test_migrate_refuses_what_it_cannot_make_right_and_changes_nothing(old_store):
    await at_revision(old_store, "0001")
    async with old_store.write() as found:
        await found.connection.execute(text("ALTER TABLE destination DROP COLUMN last_message"))
    before = await contents(old_store)
    with pytest.raises(StoreError, match=r"no column destination\.last_message"):
        await old_store.migrate()
    assert await contents(old_store) == before


async def test_tables_and_indexes_of_others_may_be(old_store):
    await old_store.migrate()
    async with old_store.write() as found:
        await found.connection.execute(text("CREATE TABLE notes (id INTEGER PRIMARY KEY, note TEXT)"))
        await found.connection.execute(text("CREATE INDEX ix_notes ON paper (source)"))
    await old_store.compare_schema()


async def test_the_index_of_words_is_compared_where_it_is_one_of_its_own(old_store):
    await old_store.migrate()
    if old_store.file is not None:
        pytest.skip("on SQLite the table is the index")
    async with old_store.write() as found:
        await found.connection.execute(text("DROP INDEX ix_paper_words_words"))
    with pytest.raises(StoreError, match="no index ix_paper_words_words on paper_words"):
        await old_store.compare_schema()


async def test_why_a_place_is_paused_becomes_a_kind(old_store):
    await at_revision(old_store, "0007")
    sentences = {
        "paused by Ann": "asked:Ann",
        "paused on request": "asked",
        "the bot was removed or blocked": "removed",
        "Telegram: Forbidden: bot was blocked by the user": "blocked",
        "Telegram: Topic_closed": "topic closed",
        "Discord: Missing Permissions (code 50013)": "silenced",
        "Discord: Unknown Channel (code 10003)": "deleted",
        "hooks.example.org refused the message (HTTP 410)": "refused",
    }
    one, *_ = (await contents(old_store))["destination"]
    for number, sentence in enumerate(sentences, 1000):
        columns = ", ".join(name for name in one if name not in {"number", "address", "paused"})
        copied = f"SELECT {number}, '{number}', '{sentence}', {columns} FROM destination WHERE number = {one['number']}"  # noqa: S608
        async with old_store.write() as found:
            await found.connection.exec_driver_sql(
                f"INSERT INTO destination (number, address, paused, {columns}) {copied}"
            )
    async with old_store.write() as found:
        await found.connection.run_sync(upgrade, "0012")
    rows = (await contents(old_store))["destination"]
    assert [row["paused"] for row in rows if row["number"] >= 1000] == list(sentences.values())
