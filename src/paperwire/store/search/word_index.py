"""The full-text index `paper_words`: what is written into it, and how its places say day and paper.

On SQLite it is an FTS5 index that keeps no copy of what it holds, so what is deleted must be given again: it is worked
out from the paper as the table had it. On PostgreSQL it is a tsvector under GIN. A paper's place is its day and its
number in one integer, so that places in descending order are papers from the latest day on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from operator import add
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from paperwire.core.papers.paper import UNDATED, Paper
from paperwire.core.query.prepared import Doc
from paperwire.core.search.indexed import INDEX_VERSION, IndexRow, index_row
from paperwire.store.database.statements import insert_new, is_sqlite
from paperwire.store.part import paper_of, rows_among
from paperwire.store.tables.papers import PaperRow
from paperwire.store.tables.service import SettingRow

NUMBER_BITS = 26
"""Bits of a place that are the paper's number: 67 million papers."""
_VERSION_KEY = "words"
_AFTER = " after "
"""Between the version of an index that is being renewed and the number of the last paper in it."""
_REWRITTEN_AT_ONCE = 500

_WRITE_SQLITE = text("INSERT INTO paper_words (rowid, title, abstract, rest) VALUES (:place, :title, :abstract, :rest)")
_DELETE_SQLITE = text(
    "INSERT INTO paper_words (paper_words, rowid, title, abstract, rest)"
    " VALUES ('delete', :place, :title, :abstract, :rest)"
)
_EMPTY_SQLITE = text("INSERT INTO paper_words (paper_words) VALUES ('delete-all')")
_WRITE_POSTGRES = text("INSERT INTO paper_words (place, words) VALUES (:place, CAST(:words AS tsvector))")
_DELETE_POSTGRES = text("DELETE FROM paper_words WHERE place = :place")
_EMPTY_POSTGRES = text("TRUNCATE paper_words")


def first_place(day: date) -> int:
    """The place before all papers of a day, and after all of the days before it."""
    return (day - UNDATED).days << NUMBER_BITS


def day_of(place: int) -> date:
    return UNDATED + timedelta(days=place >> NUMBER_BITS)


def number_of(place: int) -> int:
    return place & ((1 << NUMBER_BITS) - 1)


async def write_words(db: AsyncConnection, numbers: Sequence[int], before: Iterable[Paper] = ()) -> None:
    """Index papers as the table has them now; `before` are those of them that were indexed already, as they were."""
    old = {paper.number: _entry(paper) for paper in before}
    rows = await rows_among(db, select(PaperRow), col(PaperRow.number), numbers)
    fresh = {row.number: _entry(paper_of(row)) for row in rows}
    await _delete(db, [entry for number, entry in old.items() if entry != fresh.get(number)])
    await write_entries(db, [entry for number, entry in fresh.items() if entry != old.get(number)])


async def delete_words(db: AsyncConnection, number: int) -> None:
    """Take a paper out of the index, before it leaves the table."""
    row = (await db.execute(select(PaperRow).where(col(PaperRow.number) == number))).one()
    await _delete(db, [_entry(paper_of(row))])


async def renew_words(db: AsyncConnection) -> None:
    """Rebuild the whole index, in this one transaction, if another version of `index_row` wrote it."""
    while await renew_some_words(db) is not None:
        pass


async def has_old_words(db: AsyncConnection) -> bool:
    """Whether another version of `index_row` wrote the index, or its renewal isn't finished; at first there is none."""
    return await _words_version(db) != str(INDEX_VERSION)


async def renew_some_words(db: AsyncConnection) -> int | None:
    """Index the next papers by this version of `index_row`, from none on if another wrote the index.

    Returns the number of the last one, None once all are indexed. How far it has come is part of the transaction. No
    other process of SQLite may write papers before its end.
    """
    if not await has_old_words(db):
        return None
    version, _, last = (await _words_version(db) or "").partition(_AFTER)
    if version != str(INDEX_VERSION):
        await db.execute(_EMPTY_SQLITE if is_sqlite(db) else _EMPTY_POSTGRES)
        last = "0"
    following = select(PaperRow).where(col(PaperRow.number) > int(last)).order_by(col(PaperRow.number))
    papers = [paper_of(row) for row in await db.execute(following.limit(_REWRITTEN_AT_ONCE))]
    entries = [_entry(paper) for paper in papers]
    if not is_sqlite(db):  # what a process of PostgreSQL that goes on meanwhile has indexed
        await _delete(db, entries)
    await write_entries(db, entries)
    end = f"{INDEX_VERSION}{_AFTER}{papers[-1].number}" if papers else str(INDEX_VERSION)
    await db.execute(delete(SettingRow).where(col(SettingRow.key) == _VERSION_KEY))
    await db.execute(insert_new(db, SettingRow).values(key=_VERSION_KEY, value=end))
    return papers[-1].number if papers else None


async def _words_version(db: AsyncConnection) -> str | None:
    version: str | None = await db.scalar(select(col(SettingRow.value)).where(col(SettingRow.key) == _VERSION_KEY))
    return version


async def write_entries(db: AsyncConnection, entries: list[dict[str, Any]]) -> None:
    """Index papers that are not indexed yet, by their `entry_of`."""
    if entries:
        values = entries if is_sqlite(db) else [_as_vector(entry) for entry in entries]
        await db.execute(_WRITE_SQLITE if is_sqlite(db) else _WRITE_POSTGRES, values)


async def _delete(db: AsyncConnection, entries: list[dict[str, Any]]) -> None:
    if entries:
        values = entries if is_sqlite(db) else [{"place": entry["place"]} for entry in entries]
        await db.execute(_DELETE_SQLITE if is_sqlite(db) else _DELETE_POSTGRES, values)


def _entry(paper: Paper) -> dict[str, Any]:
    return entry_of(paper, index_row(Doc.of(paper)))


def entry_of(paper: Paper, row: IndexRow) -> dict[str, Any]:
    """What is written of a paper: its place and columns."""
    place = first_place(paper.announced or UNDATED) | paper.number
    return {"place": place, "title": row.title, "abstract": row.abstract, "rest": row.rest}


# --- PostgreSQL --------------------------------------------------------------------------------------------------

_LABELS = {"title": "A", "abstract": "B", "rest": "C"}
# PostgreSQL counts to 16,383. What stands further back shares that place, which has no neighbour: no phrase there.
_LAST_PLACE = 16_383
_LAST_COUNTED = _LAST_PLACE - 2


def _as_vector(entry: dict[str, Any]) -> dict[str, Any]:
    """The tokens with place and column as PostgreSQL reads a tsvector, so that its text parser has no say.

    Exact words have the places of the folded ones, which are as many and stand before them.
    """
    tokens: list[str] = []
    place = 0
    for column, label in _LABELS.items():
        text = entry[column]
        words = text.split()
        folded = text.count(" ", 0, text.find(" x") + 1)  # all that stand before the first exact word
        first = place + 2  # a gap, or a phrase might begin in the title and end in the abstract
        places = range(first, first + len(words) - folded)
        marks = [f":{at if at <= _LAST_COUNTED else _LAST_PLACE}{label}" for at in places]
        tokens += map(add, words, marks[:folded])
        tokens += map(add, words[folded:], marks)
        place += len(marks) + 1 if marks else 0
    return {"place": entry["place"], "words": " ".join(tokens)}
