"""The full-text index `paper_words`: what is written into it, alike on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from paperwire.core.candidates import index_text
from paperwire.store.engine import is_sqlite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from paperwire.core.paper import Paper

_LAST_PLACE = 16_383  # PostgreSQL counts no further

_SQLITE = text("INSERT OR REPLACE INTO paper_words (rowid, words) VALUES (:paper, :words)")
_POSTGRES = text(
    "INSERT INTO paper_words (paper, words) VALUES (:paper, CAST(:words AS tsvector))"
    " ON CONFLICT (paper) DO UPDATE SET words = excluded.words"
)
_DELETE_SQLITE = text("DELETE FROM paper_words WHERE rowid = :paper")
_DELETE_POSTGRES = text("DELETE FROM paper_words WHERE paper = :paper")


async def write_words(connection: AsyncConnection, papers: Sequence[Paper]) -> None:
    """Index these stored papers (core/candidates.py), instead of what was indexed of them before."""
    if not papers:
        return
    rows = [(paper.number, index_text(paper)) for paper in papers]
    if is_sqlite(connection):
        await connection.execute(_SQLITE, [{"paper": number, "words": words} for number, words in rows])
    else:
        await connection.execute(_POSTGRES, [{"paper": number, "words": _vector(words)} for number, words in rows])


async def delete_words(connection: AsyncConnection, paper: int) -> None:
    """Take a paper out of the index."""
    await connection.execute(_DELETE_SQLITE if is_sqlite(connection) else _DELETE_POSTGRES, {"paper": paper})


def _vector(words: str) -> str:
    """The tokens with their places, as PostgreSQL reads a tsvector, so that its text parser has no say."""
    return " ".join(f"{word}:{min(place, _LAST_PLACE)}" for place, word in enumerate(words.split(), 1))
