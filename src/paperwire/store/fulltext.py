"""How the two databases are asked for words: FTS5 on SQLite, tsvector on PostgreSQL."""

from __future__ import annotations

import sqlite3
from contextlib import asynccontextmanager
from math import isinf
from typing import TYPE_CHECKING, Protocol, cast

from sqlalchemy import BigInteger, case, column, func, literal, literal_column, select, table, true
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.exc import OperationalError

from paperwire.core.lookup import (
    EVERYTHING,
    NOTHING,
    AllOf,
    AnyOf,
    Ask,
    Has,
    Phrase,
    Without,
)
from paperwire.store.engine import is_sqlite

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager
    from typing import Any

    import aiosqlite
    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.ext.asyncio import AsyncConnection

    from paperwire.core.lookup import Tree

_WEIGHTS = "bm25(8.0, 1.0, 0.0)"  # a word in the title counts eight times as much; classes and names don't rank
_CANCELED = "57014"  # what PostgreSQL calls it: psycopg itself is imported where that is used
_STEPS = 1_000  # of SQLite's machine, about a millisecond
_LABELS = {"": "", "title": "A", "abstract": "B", "rest": "C"}


class FullText(Protocol):
    """The index of one kind of database, table `paper_words`.

    `place` is that of store/words.py; at most `most_ranked` of the latest papers are weighed against each other.
    """

    place: ColumnElement[int]
    most_ranked: int

    def until(self, deadline: float, clock: Callable[[], float]) -> AbstractAsyncContextManager[None]:
        """Questions are asked within this; one that is not answered by then raises TimeoutError."""

    def holds(self, tree: Tree) -> ColumnElement[bool]:
        """Whether a paper is one of the tree's."""

    def by_relevance(self, found: Select[Any], tree: Tree, floor: int) -> Select[Any]:
        """Order a tree's papers, the most relevant first; those before the place `floor` are left out or come last."""


def full_text(connection: AsyncConnection) -> FullText:
    """The index behind this connection."""
    return _Fts5(connection) if is_sqlite(connection) else _Tsearch(connection)


def standing(asked: Ask) -> Ask:
    """The same question without "all papers but some", which no index answers: more may match, less is sure."""
    if _is_rest(asked.most):
        return Ask(NOTHING, EVERYTHING)
    return Ask(NOTHING, asked.most) if _is_rest(asked.sure) else asked


def _is_rest(tree: Tree) -> bool:
    return tree == EVERYTHING or (isinstance(tree, Without) and tree.keep == EVERYTHING)


class _Fts5:
    """FTS5: a virtual table that is itself matched."""

    most_ranked = 10_000

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection
        self._words = table("paper_words", column("rowid", BigInteger), column("rank"))
        self.place: ColumnElement[int] = self._words.c.rowid.label("place")

    @asynccontextmanager
    async def until(self, deadline: float, clock: Callable[[], float]) -> AsyncIterator[None]:
        """SQLite looks at the clock every so many steps, also in the midst of reading the index."""
        asking = True
        connection = cast("aiosqlite.Connection", (await self._db.get_raw_connection()).driver_connection)
        await connection.set_progress_handler(lambda: asking and clock() >= deadline, _STEPS)
        try:
            yield
        except OperationalError as error:
            if getattr(error.orig, "sqlite_errorcode", None) != sqlite3.SQLITE_INTERRUPT:
                raise
            raise TimeoutError from error
        finally:
            asking = False  # the next one on this connection puts its own in this one's place

    def holds(self, tree: Tree) -> ColumnElement[bool]:
        """`paper_words MATCH ...`."""
        if tree == EVERYTHING:
            return true()
        return literal_column("paper_words").op("MATCH", is_comparison=True)(literal(fts5_text(tree)))

    def by_relevance(self, found: Select[Any], tree: Tree, floor: int) -> Select[Any]:
        """FTS5's own order by `rank`, which sorts while it looks."""
        del tree
        rank = self._words.c.rank
        weighed = rank.op("MATCH", is_comparison=True)(literal(_WEIGHTS))
        return found.where(weighed, self.place >= floor).order_by(rank)


class _Tsearch:
    """PostgreSQL: a tsvector and the queries it is asked."""

    most_ranked = 1_000  # each is read whole for it

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection
        self._words = table("paper_words", column("place", BigInteger), column("words"))
        # An expression, so that no plan walks along the places and reads each tsvector on its way.
        self.place: ColumnElement[int] = (self._words.c.place + 0).label("place")

    @asynccontextmanager
    async def until(self, deadline: float, clock: Callable[[], float]) -> AsyncIterator[None]:
        """Each question may take the time left now, and none reads the whole table.

        The planner thinks that cheap, as it leaves out how long a tsvector is.
        """
        left = 0 if isinf(deadline) else max(1, round((deadline - clock()) * 1000))  # 0 is for ever
        settings = {"enable_seqscan": "off", "statement_timeout": str(left)}
        async with self._db.begin_nested() as questions:
            await self._db.execute(select(*(func.set_config(*one, literal(value=True)) for one in settings.items())))
            try:
                yield
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", "") != _CANCELED:
                    raise
                raise TimeoutError from error
            await questions.rollback()  # nothing was written, and the settings end with it

    def holds(self, tree: Tree) -> ColumnElement[bool]:
        """`words @@ ...`."""
        if tree == EVERYTHING:
            return true()
        return self._words.c.words.op("@@", is_comparison=True)(_asked(tree))

    def by_relevance(self, found: Select[Any], tree: Tree, floor: int) -> Select[Any]:
        """`ts_rank`, which weighs title (A), abstract (B) and the rest (C); behind `floor` by date."""
        rank = func.ts_rank(self._words.c.words, _asked(tree))
        weighed = case((self.place >= floor, rank), else_=-1)
        return found.order_by(weighed.desc(), self.place.desc())


def _asked(tree: Tree) -> ColumnElement[Any]:
    return sql_cast(literal(tsquery_text(tree)), TSQUERY)


def fts5_text(tree: Tree) -> str:
    """A tree in the language of FTS5; tokens are letters and digits and need no care."""
    match tree:
        case Has(text, in_, star):
            return _in_column(in_, f"{text}*" if star else text)
        case Phrase(texts, in_, star):
            return _in_column(in_, f'"{" ".join(texts)}"' + " *" * star)
        case AllOf(parts):
            return f"({' AND '.join(map(fts5_text, parts))})"
        case AnyOf(parts):
            return f"({' OR '.join(map(fts5_text, parts))})"
        case Without(keep, drop):
            return f"({fts5_text(keep)} NOT {fts5_text(drop)})"
    raise TypeError(f"no index can be asked for {tree}")


def _in_column(name: str, words: str) -> str:
    return f"{{{name}}} : {words}" if name else words


def tsquery_text(tree: Tree) -> str:
    """A tree in the language of tsquery."""
    match tree:
        case Has(text, in_, star):
            return _lexeme(text, in_, star=star)
        case Phrase(texts, in_, star):
            last = len(texts) - 1
            return f"({' <-> '.join(_lexeme(one, in_, star=star and at == last) for at, one in enumerate(texts))})"
        case AllOf(parts):
            return f"({' & '.join(map(tsquery_text, parts))})"
        case AnyOf(parts):
            return f"({' | '.join(map(tsquery_text, parts))})"
        case Without(keep, drop):
            return f"({tsquery_text(keep)} & !{tsquery_text(drop)})"
    raise TypeError(f"no index can be asked for {tree}")


def _lexeme(text: str, name: str, *, star: bool) -> str:
    marks = "*" * star + _LABELS[name]
    return f"{text}:{marks}" if marks else text
