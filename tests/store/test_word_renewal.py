"""The index of words renewed while the service runs: what is stored and searched meanwhile, and other versions."""

import asyncio
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from people_world import ANN, TABLES, a_person, a_place, private, subscribe
from sqlalchemy import insert, inspect, select, text, update
from test_search import DAY, ids, paper, record, search

from paperwire.core.papers.paper import EventKind
from paperwire.core.query.language import parse
from paperwire.errors import StoreUnsupported
from paperwire.store.database.tables.subscriptions import LONG_AGO
from paperwire.store.database.versions import QUERIES, WORDS
from paperwire.store.search import word_index, word_renewal
from paperwire.store.unit import Store
from paperwire.worker import presence
from paperwire.worker.lease import Lease, renew_words


@pytest.fixture
async def old_store(new_database, clock, monkeypatch):
    """A store of the test's own with five papers, indexed by a version that added the word "older" to each title."""
    store = Store.open(new_database, now=clock)
    await store.migrate()
    with monkeypatch.context() as older:
        row = word_index.index_row
        older.setattr(word_index, "index_row", lambda doc: replace(row(doc), title=f"wolder {row(doc).title}"))
        await record(store, *(paper(number, "Diffusion models") for number in range(1, 6)))
    async with store.write() as unit:
        await unit.connection.execute(text("UPDATE setting SET value = 'older' WHERE key = 'words'"))
    monkeypatch.setattr(word_renewal, "_PAPERS_PER_PIECE", 2)
    await store.migrate(words=False)
    yield store
    await store.close()


async def renew_a_piece(store):
    async with store.write() as unit:
        return await word_renewal.renew_some_words(unit.connection, unit.now)


async def is_whole(store):
    async with store.read() as unit:
        return await WORDS.is_whole(unit.connection)


async def test_searches_ask_the_old_index_until_the_new_one_is_whole(old_store):
    store = old_store
    assert await store.is_current()
    for last in (2, 4, 5):
        assert (await search(store, "older diffusion")).total == 5
        assert await renew_a_piece(store) == last
    assert (await search(store, "older diffusion")).total == 5
    await renew_a_piece(store)
    assert await is_whole(store)
    assert await renew_a_piece(store) is None
    assert (await search(store, "older")).total == 0
    assert (await search(store, '"diffusion models"')).total == 5


async def test_what_is_stored_meanwhile_is_found_at_once_and_once(old_store):
    store = old_store
    await renew_a_piece(store)
    await record(store, paper(6, "Diffusion again"))
    assert (await search(store, "diffusion")).total == 6
    assert ids(await search(store, "again")) == ["2601.00006"]
    await renew_a_piece(store)
    await record(store, paper(7, "Diffusion at last"))
    await store.renew_words()
    assert (await search(store, "diffusion")).total == 7
    assert sorted(ids(await search(store, "again OR last"))) == ["2601.00006", "2601.00007"]


async def test_what_changes_meanwhile_is_indexed_as_it_is_then(old_store):
    store = old_store
    await renew_a_piece(store)
    changed = [paper(number, "Attention heads", version=2) for number in (1, 5)]  # one that is renewed, one that isn't
    await record(store, *changed, kind=EventKind.REPLACED)
    async with store.write() as unit:
        await unit.papers.redate(["2601.00002", "2601.00004"], "arxiv", DAY, DAY - timedelta(days=1))
    await store.renew_words()
    assert sorted(ids(await search(store, "attention"))) == ["2601.00001", "2601.00005"]
    assert sorted(ids(await search(store, "diffusion", since=DAY))) == ["2601.00003"]
    assert (await search(store, "diffusion")).total == 3


async def test_two_records_that_become_one_meanwhile_are_found_once(old_store):
    store = old_store
    await record(store, paper(6, "Shared title", doi="10.1000/xyz"))
    await renew_a_piece(store)
    journal = replace(paper(1, "Diffusion models"), doi="10.1000/xyz")
    await record(store, journal)
    await store.renew_words()
    async with store.read() as unit:
        places = await unit.connection.scalar(text("SELECT count(*) FROM paper_words"))
        papers = await unit.connection.scalar(text("SELECT count(*) FROM paper"))
    assert places == papers


async def blocks_of_the_old_index(store):
    """How many are left to delete; None where the index is gone. PostgreSQL drops it at once, for nothing."""
    async with store.read() as unit:
        tables = await unit.connection.run_sync(lambda db: inspect(db).get_table_names())
        if not any(table.startswith("paper_words_old") for table in tables):
            return None
        return await unit.connection.scalar(text("SELECT count(*) FROM paper_words_old_data WHERE id > 10"))


async def test_the_old_index_goes_in_pieces_that_a_stop_leaves_to_the_next(old_store, monkeypatch):
    store = old_store
    monkeypatch.setattr(word_renewal, "_ROWS_AT_ONCE", 1)
    while await renew_a_piece(store) is not None:
        pass
    assert await is_whole(store)
    blocks = await blocks_of_the_old_index(store)
    assert (blocks is None) == store.url.startswith("postgresql")
    if blocks is not None:
        async with store.write() as unit:
            await word_renewal.empty_some_old_words(unit.connection)
        assert await blocks_of_the_old_index(store) == blocks - 1
    assert (await search(store, "diffusion")).total == 5
    await store.renew_words()
    assert await blocks_of_the_old_index(store) is None
    assert (await search(store, "diffusion")).total == 5


async def test_one_process_at_a_time_renews_and_others_look_again(old_store):
    store = old_store

    async def elsewhere():
        assert await renew_words(store, "another") == timedelta(seconds=30)

    await Lease(store, "words", "one").attempt(elsewhere)
    assert not await is_whole(store)
    assert await renew_words(store, "another") is None
    assert await is_whole(store)


async def test_thresholds_counted_by_the_old_index_are_counted_again(old_store, clock):
    store = old_store
    ann = await a_person(store, ANN)
    query = (await subscribe(store, ann, "like:2601.00001", await a_place(store, private(ANN), ann))).query
    clock.advance(minutes=1)
    async with store.write() as unit:
        await unit.connection.execute(update(TABLES["meaning"]).values(renewed_at=unit.now))
    await store.renew_words()
    async with store.read() as unit:
        renewed = select(TABLES["meaning"].c.renewed_at).where(TABLES["meaning"].c.query == query)
        assert await unit.connection.scalar(renewed) == LONG_AGO
        assert await unit.settings.get("words begun") is None


async def test_a_search_that_is_running_is_waited_for_in_turns(old_store, monkeypatch):
    store = old_store
    monkeypatch.setattr(word_renewal, "_LONGEST_WAIT", "SET LOCAL lock_timeout = '10ms'")
    for _ in range(3):
        await renew_a_piece(store)
    async with store.read() as unit:
        assert await unit.connection.scalar(text("SELECT count(*) FROM paper_words")) == 5
        await renew_a_piece(store)
        assert await is_whole(store) is (store.file is not None)  # readers of SQLite keep what they see
    await store.renew_words()
    assert await is_whole(store)


async def test_queries_that_an_older_process_added_meanwhile_are_renewed(old_store):
    store = old_store
    if store.file is not None:
        pytest.skip("one process writes to SQLite")
    query = parse("diffusion")
    row = {"key": "of an older version", "text": str(query), "dumped": query.dump(), "seq": 1, "in_use": True}
    async with store.write() as unit:
        await unit.connection.execute(insert(TABLES["query"]).values(row))
    await store.renew_words()
    async with store.read() as unit:
        assert await unit.connection.scalar(select(TABLES["query"].c.key)) == query.key
        assert await QUERIES.is_whole(unit.connection)


async def test_a_process_writes_nothing_once_another_version_has_renewed(old_store, monkeypatch):
    store = old_store
    ann = await a_person(store, ANN)
    home = await a_place(store, private(ANN), ann)
    await presence_ends(store, monkeypatch, raised=False)
    async with store.write() as unit:
        await unit.connection.execute(
            text("UPDATE setting SET value = '999 after 2' WHERE key IN ('words', 'queries')")
        )
    with pytest.raises(StoreUnsupported, match=r"another version of Paperwire renewed .*\(words\)"):
        await record(store, paper(6, "Diffusion"))
    with pytest.raises(StoreUnsupported, match=r"\(queries\); restart with that version"):
        await subscribe(store, ann, "diffusion", home)
    await presence_ends(store, monkeypatch, raised=True)
    assert (await search(store, "diffusion")).total == 5


async def presence_ends(store, monkeypatch, *, raised):
    """Whether a process ends by itself after the first look at the version."""
    looks = iter([None])

    async def once(_seconds):
        if next(looks, "over") == "over":
            raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(presence.asyncio, "sleep", once)
        with pytest.raises(StoreUnsupported if raised else asyncio.CancelledError):
            await presence.until_outdated(store)


RENEW = """
import asyncio, sys
from datetime import UTC, datetime
from paperwire.store.search import word_renewal
from paperwire.store.unit import Store

async def renew():
    store = Store.open(sys.argv[1], now=lambda: datetime.now(UTC))
    word_renewal._PAPERS_PER_PIECE = 1
    await store.renew_words()

asyncio.run(renew())
"""


@pytest.mark.whole
async def test_a_process_killed_during_the_renewal_leaves_it_to_the_next(old_store):
    store = old_store
    await record(store, *(paper(number, "Diffusion models") for number in range(10, 70)))
    for killed_after in (10, 30):
        process = subprocess.Popen([sys.executable, "-c", RENEW, store.url])  # noqa: ASYNC220 -- our own program
        while (await last(store) or 0) < killed_after:
            assert process.poll() is None
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        before = await last(store)
        assert before is not None
        assert before >= killed_after
        assert (await search(store, "diffusion")).total >= 65
        await record(store, paper(200 + killed_after, "Diffusion at night"))
    await store.renew_words()
    assert (await search(store, "diffusion")).total == 67
    assert (await search(store, "older")).total == 0
    assert (await search(store, "night")).total == 2
    async with store.read() as unit:
        assert await unit.connection.scalar(text("SELECT count(*) FROM paper_words")) == 67


async def last(store):
    async with store.read() as unit:
        return await WORDS.last(unit.connection)
