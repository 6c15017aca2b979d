"""How the two databases are asked for words: FTS5 on SQLite, tsvector on PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sqlalchemy import BigInteger, cast, column, func, literal, literal_column, table, true
from sqlalchemy.dialects.postgresql import TSQUERY

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
    from typing import Any

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

    from paperwire.core.lookup import Tree

_WEIGHTS = "bm25(8.0, 1.0, 0.0)"  # a word in the title counts eight times as much; classes and names don't rank
_LABELS = {"": "", "title": "A", "abstract": "B", "rest": "C"}


class FullText(Protocol):
    """The index of one kind of database, table `paper_words`: `place` is that of store/words.py."""

    place: ColumnElement[int]

    def holds(self, tree: Tree) -> ColumnElement[bool]:
        """Whether a paper is one of the tree's."""

    def ranking(self, tree: Tree) -> tuple[ColumnElement[Any] | None, ColumnElement[bool]]:
        """What to order the papers by, the most relevant first (None: nothing ranks them), and a condition for it."""


def full_text(connection: AsyncConnection) -> FullText:
    """The index behind this connection."""
    return _Fts5() if is_sqlite(connection) else _Tsearch()


def standing(asked: Ask) -> Ask:
    """The same question without "all papers but some", which no index answers: more may match, less is sure."""
    if _is_rest(asked.most):
        return Ask(NOTHING, EVERYTHING)
    return Ask(NOTHING, asked.most) if _is_rest(asked.sure) else asked


def _is_rest(tree: Tree) -> bool:
    return tree == EVERYTHING or (isinstance(tree, Without) and tree.keep == EVERYTHING)


class _Fts5:
    """FTS5: a virtual table that is itself matched."""

    def __init__(self) -> None:
        self._words = table("paper_words", column("rowid", BigInteger), column("rank"))
        self.place: ColumnElement[int] = self._words.c.rowid.label("place")

    def holds(self, tree: Tree) -> ColumnElement[bool]:
        """`paper_words MATCH ...`."""
        if tree == EVERYTHING:
            return true()
        return literal_column("paper_words").op("MATCH", is_comparison=True)(literal(_fts5(tree)))

    def ranking(self, tree: Tree) -> tuple[ColumnElement[Any] | None, ColumnElement[bool]]:
        """FTS5's own order by `rank`, which sorts while it looks."""
        if tree == EVERYTHING:
            return None, true()
        return self._words.c.rank, self._words.c.rank.op("MATCH", is_comparison=True)(literal(_WEIGHTS))


class _Tsearch:
    """PostgreSQL: a tsvector and the queries it is asked."""

    def __init__(self) -> None:
        self._words = table("paper_words", column("place", BigInteger), column("words"))
        self.place: ColumnElement[int] = self._words.c.place

    def holds(self, tree: Tree) -> ColumnElement[bool]:
        """`words @@ ...`."""
        if tree == EVERYTHING:
            return true()
        return self._words.c.words.op("@@", is_comparison=True)(self._asked(tree))

    def ranking(self, tree: Tree) -> tuple[ColumnElement[Any] | None, ColumnElement[bool]]:
        """`ts_rank`, which weighs title (A), abstract (B) and the rest (C)."""
        if tree == EVERYTHING:
            return None, true()
        return func.ts_rank(self._words.c.words, self._asked(tree)).desc(), true()

    def _asked(self, tree: Tree) -> ColumnElement[Any]:
        return cast(literal(_tsquery(tree)), TSQUERY)


def _fts5(tree: Tree) -> str:
    """A tree in the language of FTS5; tokens are letters and digits and need no care."""
    match tree:
        case Has(text, in_, star):
            return _in_column(in_, f"{text}*" if star else text)
        case Phrase(texts, in_, star):
            return _in_column(in_, f'"{" ".join(texts)}"' + " *" * star)
        case AllOf(parts):
            return f"({' AND '.join(map(_fts5, parts))})"
        case AnyOf(parts):
            return f"({' OR '.join(map(_fts5, parts))})"
        case Without(keep, drop):
            return f"({_fts5(keep)} NOT {_fts5(drop)})"
    raise TypeError(f"no index can be asked for {tree}")


def _in_column(name: str, words: str) -> str:
    return f"{{{name}}} : {words}" if name else words


def _tsquery(tree: Tree) -> str:
    """A tree in the language of tsquery."""
    match tree:
        case Has(text, in_, star):
            return _lexeme(text, in_, star=star)
        case Phrase(texts, in_, star):
            last = len(texts) - 1
            return f"({' <-> '.join(_lexeme(one, in_, star=star and at == last) for at, one in enumerate(texts))})"
        case AllOf(parts):
            return f"({' & '.join(map(_tsquery, parts))})"
        case AnyOf(parts):
            return f"({' | '.join(map(_tsquery, parts))})"
        case Without(keep, drop):
            return f"({_tsquery(keep)} & !{_tsquery(drop)})"
    raise TypeError(f"no index can be asked for {tree}")


def _lexeme(text: str, name: str, *, star: bool) -> str:
    marks = "*" * star + _LABELS[name]
    return f"{text}:{marks}" if marks else text
