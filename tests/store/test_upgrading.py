"""Upgrades of large tables: pieces that are kept, a stop in between, progress, and other processes meanwhile."""

import shutil
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import insert, text
from structlog.testing import capture_logs

from memory_peak import grown
from paperwire.core.query.language import parse
from paperwire.core.search import indexed
from paperwire.errors import StoreUnsupported
from paperwire.store import migrations, unit, upgrading
from paperwire.store.database.tables.papers import PaperRow
from paperwire.store.search import word_renewal
from paperwire.store.unit import Store

HERE = Path(__file__).parent
NEXT = "9999"


class StoppedError(Exception):
    """The process was killed."""


async def filled(store, papers):
    """Store papers without words in the index, as an earlier version may have left them."""
    row = {"source": "arxiv", "abstract": "Words of an abstract.", "authors": [], "categories": ["cs.CL"]}
    row |= {"comment": "", "doi": "", "journal_ref": "", "url": "", "code_url": "", "licence": "", "version": 1}
    async with store.write() as found:
        row |= {"announced": found.now.date(), "seen_at": found.now, "withdrawn": False}
        for start in range(0, papers, 1000):
            many = range(start, min(start + 1000, papers))
            rows = [row | {"id": f"p{number}", "title": f"Diffusion {number:05}"} for number in many]
            await found.connection.execute(insert(PaperRow), rows)
        await found.connection.execute(text("UPDATE setting SET value = 'older' WHERE key = 'words'"))


@pytest.fixture
async def own_store(new_database, clock):
    """A store on a database of the test's own, whose schema it may change."""
    store = Store.open(new_database, now=clock)
    await store.migrate()
    yield store
    await store.close()


@pytest.fixture
def next_version(tmp_path, monkeypatch):
    """A program of the next version: one more revision."""
    folder = tmp_path / "migrations"
    shutil.copytree(Path(migrations.__path__[0]), folder, ignore=shutil.ignore_patterns("__pycache__"))
    made_up = (HERE / "made_up_revision.py").read_text().replace('"HEAD"', repr(unit.HEAD))
    (folder / "versions" / "v9999_made_up.py").write_text(made_up)

    def begin():
        monkeypatch.setattr(migrations, "__file__", str(folder / "__init__.py"))
        monkeypatch.setattr(unit, "HEAD", NEXT)
        monkeypatch.setattr("paperwire.store.database.schema.compare_metadata", lambda *_: [])

    return begin


@asynccontextmanager
async def dying_after(store, transactions):
    """Let a process die when it begins yet another transaction to write."""
    begun, begin = 0, store._transaction

    @asynccontextmanager
    async def counted(engine):
        nonlocal begun
        if engine is store._writing and (begun := begun + 1) > transactions:
            raise StoppedError
        async with begin(engine) as connection:
            yield connection

    store._transaction = counted
    with pytest.raises(StoppedError):
        yield
    del store._transaction


async def value(store, key):
    async with store.read() as found:
        return await found.settings.get(key)


async def total(store, query):
    async with store.read() as found:
        return (await found.search.search(parse(query))).total


async def test_words_are_renewed_in_pieces_that_a_killed_process_leaves_to_the_next(own_store, monkeypatch):
    store = own_store
    monkeypatch.setattr(word_renewal, "_PAPERS_PER_PIECE", 30)
    await filled(store, 100)
    assert not await store.is_current()
    async with dying_after(store, 3):  # the schema's transaction and two pieces
        await store.migrate()
    assert await value(store, "words") == f"{indexed.INDEX_VERSION} after 60"
    assert await total(store, "diffusion") == 0
    await store.migrate()
    assert await store.is_current()
    assert await value(store, "words") == str(indexed.INDEX_VERSION)
    assert await total(store, "diffusion") == 100


async def test_what_another_version_left_half_done_is_begun_from_the_start(store, monkeypatch):
    await filled(store, 50)
    await store.migrate()
    async with store.write() as found:
        await found.settings.put("words", "older after 30")
    await store.migrate()
    assert await total(store, "diffusion") == 50
    assert await value(store, "words begun") is None


async def test_the_next_migration_rewrites_a_table_in_pieces(own_store, next_version):
    store = own_store
    await filled(store, 100)
    await store.migrate()
    next_version()
    async with dying_after(store, 2):  # the schema's transaction and a piece
        await store.migrate()
    assert await value(store, f"rewrite {NEXT}") == "40"
    assert await store.revision() == NEXT
    assert not await store.is_current()
    await store.migrate()
    assert await value(store, f"rewrite {NEXT}") is None
    assert await store.is_current()
    async with store.read() as found:
        assert await found.connection.scalar(text("SELECT count(*) FROM paper WHERE length <> 15")) == 0


async def test_a_new_database_has_nothing_to_rewrite(new_database, clock, next_version):
    next_version()
    store = Store.open(new_database, now=clock)
    await store.migrate()
    assert await value(store, f"rewrite {NEXT}") is None
    await store.close()


async def test_how_far_it_has_come_is_a_line_each_ten_seconds(own_store, monkeypatch):
    store = own_store
    monkeypatch.setattr(word_renewal, "_PAPERS_PER_PIECE", 10)
    await filled(store, 100)
    seconds = iter(range(0, 1000, 4))
    with capture_logs() as logs:
        await upgrading.rewrite_tables(lambda: store._transaction(store._writing), store._now, lambda: next(seconds))
    assert [(line["event"], line.get("up_to")) for line in logs] == [
        ("rewriting for this version", 30),
        ("rewriting for this version", 60),
        ("rewriting for this version", 90),
        ("rewritten for this version", None),
    ]


async def test_an_older_program_says_that_the_schema_is_newer(own_store):
    async with own_store.write() as found:
        await found.connection.execute(text("UPDATE alembic_version SET version_num = :next"), {"next": NEXT})
    with pytest.raises(StoreUnsupported, match="was written by a newer Paperwire"):
        await own_store.revision()


@pytest.mark.slow
async def test_a_hundred_thousand_papers_take_little_memory(own_store, next_version):
    store = own_store
    await filled(store, 1)
    await store.migrate()  # what is loaded for it
    async with store.write() as found:
        await found.connection.execute(text("DELETE FROM paper"))
    await filled(store, 100_000)
    next_version()
    with grown(100_000):
        await store.migrate()
    assert await store.is_current()
    async with store.read() as found:
        assert await found.connection.scalar(text("SELECT count(*) FROM paper WHERE length <> 15")) == 0
        assert await found.connection.scalar(text("SELECT count(*) FROM paper_words")) == 100_000
