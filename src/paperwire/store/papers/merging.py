"""Two stored papers that turn out to be one: everything that points to the younger number moves to the older."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel, col

from paperwire.store.database.locks import lock_fan_out
from paperwire.store.database.statements import fold_rows, move_rows
from paperwire.store.lists.following import unmatch_removed
from paperwire.store.outbox.duplicates import fold_deliveries
from paperwire.store.rows import former_number
from paperwire.store.search.word_index import delete_words
from paperwire.store.tables.deliveries import MatchRow, MatchScoreRow, UndoRow
from paperwire.store.tables.lists import SubmissionRow, VoteRow
from paperwire.store.tables.meetings import TalkRow
from paperwire.store.tables.papers import AliasRow, EventRow, PaperRow, RevisionRow, ScoreRow
from paperwire.store.tables.people import SavedRow, WatchRow
from paperwire.store.tables.subscriptions import QueryRow

# Tables whose rows simply change over, unless the one that stays has such a row already: table, the rest of its key.
_OF_PAPER: tuple[tuple[type[SQLModel], tuple[str, ...]], ...] = (
    (EventRow, ("kind", "source", "mark")),
    (ScoreRow, ("at",)),
    (RevisionRow, ("version",)),
    (SavedRow, ("person",)),
    (WatchRow, ("destination",)),
    (SubmissionRow, ("list",)),
    (VoteRow, ("list", "person")),
    (TalkRow, ("meeting",)),
    (AliasRow, ("alias",)),
    (UndoRow, ("subscription", "destination", "occasion")),
)


async def fold_paper(db: AsyncConnection, gone: int, kept: int) -> None:
    """Give all that paper `gone` has to paper `kept` and delete it; no delivery is owed again because of it."""
    await lock_fan_out(db)  # one that began earlier adds deliveries of `gone` first
    # So does a process that is saving it, as a row that points to a paper locks it.
    papers = select(col(PaperRow.number)).where(col(PaperRow.number).in_([gone, kept]))
    await db.execute(papers.order_by(col(PaperRow.number)).with_for_update())
    # By way of `query`, with which the key begins: no index leads from a paper to its rows, as that would cost every
    # fan-out more than this, which is rare.
    any_query = col(MatchRow.query).in_(select(col(QueryRow.number)))
    of_gone = and_(any_query, col(MatchRow.paper) == gone)
    its_key = ("query", "paper", "occasion")
    await fold_rows(db, MatchRow, its_key, of_gone, {"paper": kept}, _as_other, better=_is_earlier)
    await move_rows(db, MatchScoreRow, "paper", ("query", "occasion"), gone=gone, kept=kept)
    await fold_deliveries(db, gone, kept)
    for table, key in _OF_PAPER:
        await move_rows(db, table, "paper", key, gone=gone, kept=kept)
    await unmatch_removed(db, kept)
    await db.execute(insert(AliasRow).values(alias=former_number(gone), paper=kept))
    await delete_words(db, gone)
    await db.execute(delete(PaperRow).where(col(PaperRow.number) == gone))


def _as_other(other: Any) -> dict[str, Any]:
    return {"seen_at": other.seen_at, "quiet": other.quiet}


def _is_earlier(other: Any) -> ColumnElement[bool]:
    earlier: ColumnElement[bool] = other.seen_at < col(MatchRow.seen_at)
    return earlier
