"""The index of words when its rules change: a second one is filled in pieces and takes its place at the end.

Searches ask the old index until then, for words as the version before wrote them. What is stored meanwhile goes into
the old one and, up to the last paper that was renewed, into the new one; later papers come in their turn.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

from sqlalchemy import BigInteger, column, delete, exists, func, inspect, select, table, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from paperwire.core.papers.paper import Paper
from paperwire.store.database.locks import count_change, lock_papers
from paperwire.store.database.part import paper_of
from paperwire.store.database.statements import insert_new, is_sqlite
from paperwire.store.database.tables.papers import PaperRow
from paperwire.store.database.tables.service import SettingRow
from paperwire.store.database.tables.subscriptions import LONG_AGO, MeaningRow
from paperwire.store.database.versions import QUERIES, WORDS
from paperwire.store.search.word_index import NEXT_TABLE, WORDS_TABLE, index_entry, write_entries

_BEGUN = "words begun"  # when the renewal began, while it lasts
_PAPERS_PER_PIECE = 50  # at about 1 CPU ms each; others who store papers wait for it
_OLD_TABLE = f"{WORDS_TABLE}_old"
_DROP_NEXT, _DROP_OLD = f"DROP TABLE IF EXISTS {NEXT_TABLE}", f"DROP TABLE IF EXISTS {_OLD_TABLE}"
_MAKE_SQLITE = (f"CREATE VIRTUAL TABLE {NEXT_TABLE} USING fts5(title, abstract, rest, content='', tokenize='ascii')",)
_MAKE_POSTGRES = (
    f"CREATE TABLE {NEXT_TABLE} (place BIGINT CONSTRAINT pk_{NEXT_TABLE} PRIMARY KEY, words TSVECTOR NOT NULL)",
    f"CREATE INDEX ix_{NEXT_TABLE}_words ON {NEXT_TABLE} USING GIN (words)",
)
_RENAME = f"ALTER TABLE {NEXT_TABLE} RENAME TO {WORDS_TABLE}"
_REPLACE_SQLITE = (_DROP_OLD, f"ALTER TABLE {WORDS_TABLE} RENAME TO {_OLD_TABLE}", _RENAME)
_REPLACE_POSTGRES = (
    f"DROP TABLE {WORDS_TABLE}",
    _RENAME,
    f"ALTER INDEX pk_{NEXT_TABLE} RENAME TO pk_{WORDS_TABLE}",
    f"ALTER INDEX ix_{NEXT_TABLE}_words RENAME TO ix_{WORDS_TABLE}_words",
)
_LONGEST_WAIT = "SET LOCAL lock_timeout = '1s'"
"""For searches that are running: new ones wait as long. A dump of the database holds the old index for minutes."""
_LOCK_NOT_AVAILABLE = "55P03"
_ROWS_AT_ONCE = 500  # 2 MB of the old index
_OLD_BLOCKS = table(f"{_OLD_TABLE}_data", column("id", BigInteger))
_DESCRIBING = 10  # ids of FTS5's own: without these rows the index could not be dropped


async def begin_renewal(db: AsyncConnection, now: datetime) -> None:
    """Make the new index, empty, if another version wrote the old one, or was renewing it."""
    if await WORDS.is_ours(db):
        return
    has_papers = await db.scalar(select(exists(select(PaperRow))))
    if has_papers:  # a new database has none, and its counters stay at 0
        await lock_papers(db)
        await _run(db, _DROP_NEXT, *(_MAKE_SQLITE if is_sqlite(db) else _MAKE_POSTGRES))
        await db.execute(delete(SettingRow).where(col(SettingRow.key) == _BEGUN))
        await db.execute(insert_new(db, SettingRow).values(key=_BEGUN, value=now.isoformat()))
    await WORDS.note(db, 0 if has_papers else None)


async def renew_some_words(db: AsyncConnection, now: datetime) -> int | None:
    """Index the next papers by this version, or after the last let the new index take the old one's place.

    Returns the number of the last paper, None once nothing is left to do. How far it has come is part of the
    transaction; only one at a time may do this.
    """
    await begin_renewal(db, now)
    last = await WORDS.last(db)
    if last is None:
        return None
    await lock_papers(db)
    papers = await _following(db, last)
    if not papers:
        await _replace(db)
        return last
    entries = []
    for paper in papers:
        entries.append(index_entry(paper))
        await asyncio.sleep(0)  # others in this process go on
    await write_entries(db, entries, NEXT_TABLE)
    await WORDS.note(db, papers[-1].number)
    return papers[-1].number


async def empty_some_old_words(db: AsyncConnection) -> int | None:
    """Delete blocks of the index that was replaced, then the index; the last block's id, None once nothing is left.

    SQLite keeps in memory what a statement could take back: for the index of 87,000 papers, dropped at once, 250 MB.
    """
    if not is_sqlite(db) or not await db.run_sync(lambda connection: inspect(connection).has_table(_OLD_TABLE)):
        return None
    block = _OLD_BLOCKS.c.id
    blocks = select(block).where(block > _DESCRIBING).order_by(block).limit(_ROWS_AT_ONCE).subquery()
    last: int | None = await db.scalar(select(func.max(blocks.c.id)))
    if last is None:
        await _run(db, _DROP_OLD)
    else:
        await db.execute(delete(_OLD_BLOCKS).where(block > _DESCRIBING, block <= last))
    return last


async def index_all(db: AsyncConnection) -> None:
    """Index the papers of a database whose index holds none, in this one transaction."""
    last = 0
    while papers := await _following(db, last):
        await write_entries(db, [index_entry(paper) for paper in papers])
        last = papers[-1].number
    await WORDS.note(db, None)


async def _following(db: AsyncConnection, last: int) -> list[Paper]:
    following = (
        select(PaperRow).where(col(PaperRow.number) > last).order_by(col(PaperRow.number)).limit(_PAPERS_PER_PIECE)
    )
    return [paper_of(row) for row in await db.execute(following)]


async def _replace(db: AsyncConnection) -> None:
    """Let the new index take the old one's place, unless those who search don't let go of it.

    What was counted by the old one meanwhile is counted again. On PostgreSQL an older process may have added queries
    before it ended; they are looked through again.
    """
    try:
        async with db.begin_nested():
            if not is_sqlite(db):
                await _run(db, f"ANALYZE {NEXT_TABLE}", _LONGEST_WAIT)
            await _run(db, *(_REPLACE_SQLITE if is_sqlite(db) else _REPLACE_POSTGRES))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", "") != _LOCK_NOT_AVAILABLE:
            raise
        return
    await WORDS.note(db, None)
    if not is_sqlite(db):
        await QUERIES.note(db, 0)
    if begun := await db.scalar(select(col(SettingRow.value)).where(col(SettingRow.key) == _BEGUN)):
        since = col(MeaningRow.renewed_at) >= datetime.fromisoformat(begun)
        await db.execute(update(MeaningRow).where(since).values(renewed_at=LONG_AGO))
        await db.execute(delete(SettingRow).where(col(SettingRow.key) == _BEGUN))
    await count_change(db)


async def _run(db: AsyncConnection, *statements: str) -> None:
    for statement in statements:
        await db.execute(text(statement))
