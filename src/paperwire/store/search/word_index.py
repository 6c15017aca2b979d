"""The full-text index `paper_words`: what is written into it, and how its places say day and paper.

On SQLite it is an FTS5 index that keeps no copy of what it holds, so what is deleted must be given again: it is worked
out from the paper as the table had it. On PostgreSQL it is a tsvector under GIN. A paper's place is its day and its
number in one integer, so that places in descending order are papers from the latest day on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cache
from operator import add
from typing import Any

from sqlalchemy import TextClause, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from paperwire.core.papers.paper import UNDATED, Paper
from paperwire.core.query.prepared import Doc
from paperwire.core.search.indexed import IndexRow, index_row
from paperwire.store.database.part import paper_of, rows_among
from paperwire.store.database.statements import is_sqlite
from paperwire.store.database.tables.papers import PaperRow
from paperwire.store.database.versions import WORDS

NUMBER_BITS = 26
"""Bits of a place that are the paper's number: 67 million papers."""
WORDS_TABLE, NEXT_TABLE = "paper_words", "paper_words_next"
"""The index that searches ask, and the one that takes its place at the end of a renewal."""

_WRITE_SQLITE = "INSERT INTO paper_words (rowid, title, abstract, rest) VALUES (:place, :title, :abstract, :rest)"
_DELETE_SQLITE = (
    "INSERT INTO paper_words (paper_words, rowid, title, abstract, rest)"
    " VALUES ('delete', :place, :title, :abstract, :rest)"
)
_WRITE_POSTGRES = "INSERT INTO paper_words (place, words) VALUES (:place, CAST(:words AS tsvector))"
_DELETE_POSTGRES = "DELETE FROM paper_words WHERE place = :place"


def first_place(day: date) -> int:
    """The place before all papers of a day, and after all of the days before it."""
    return (day - UNDATED).days << NUMBER_BITS


def day_of(place: int) -> date:
    return UNDATED + timedelta(days=place >> NUMBER_BITS)


def number_of(place: int) -> int:
    return place & ((1 << NUMBER_BITS) - 1)


async def write_words(db: AsyncConnection, numbers: Sequence[int], before: Iterable[Paper] = ()) -> None:
    """Index papers as the table has them now; `before` are those of them that were indexed already, as they were.

    While the index is renewed (`word_renewal.py`), the old one takes only papers that are new: what it holds of others
    can't be worked out. Raises StoreUnsupported if another version has renewed it.
    """
    last = await WORDS.last(db)
    old = {paper.number: index_entry(paper) for paper in before}
    rows = await rows_among(db, select(PaperRow), col(PaperRow.number), numbers)
    fresh = {row.number: index_entry(paper_of(row)) for row in rows}
    table = WORDS_TABLE
    if last is not None:
        await write_entries(db, [entry for number, entry in fresh.items() if number not in old])
        old, fresh = ({number: entry for number, entry in its.items() if number <= last} for its in (old, fresh))
        table = NEXT_TABLE
    await _delete(db, [entry for number, entry in old.items() if entry != fresh.get(number)], table)
    await write_entries(db, [entry for number, entry in fresh.items() if entry != old.get(number)], table)


async def delete_words(db: AsyncConnection, number: int) -> None:
    """Take a paper out of the index, before it leaves the table; what finds it in the old one finds no paper then."""
    last = await WORDS.last(db)
    row = (await db.execute(select(PaperRow).where(col(PaperRow.number) == number))).one()
    if last is None or number <= last:
        await _delete(db, [index_entry(paper_of(row))], WORDS_TABLE if last is None else NEXT_TABLE)


async def write_entries(db: AsyncConnection, entries: list[dict[str, Any]], table: str = WORDS_TABLE) -> None:
    """Index papers that are not indexed yet, by their `entry_of`."""
    if entries:
        values = entries if is_sqlite(db) else [_as_vector(entry) for entry in entries]
        await db.execute(_of(table, _WRITE_SQLITE if is_sqlite(db) else _WRITE_POSTGRES), values)


async def _delete(db: AsyncConnection, entries: list[dict[str, Any]], table: str) -> None:
    if entries:
        values = entries if is_sqlite(db) else [{"place": entry["place"]} for entry in entries]
        await db.execute(_of(table, _DELETE_SQLITE if is_sqlite(db) else _DELETE_POSTGRES), values)


@cache
def _of(table: str, statement: str) -> TextClause:
    return text(statement.replace(WORDS_TABLE, table))


def index_entry(paper: Paper) -> dict[str, Any]:
    """What is written of a paper by this version of `index_row`."""
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
