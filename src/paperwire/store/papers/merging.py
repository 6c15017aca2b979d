"""Two stored papers that turn out to be one: everything that points to the younger number moves to the older."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, insert, literal, select
from sqlmodel import SQLModel, col

from paperwire.store.database.locks import hold_fan_out
from paperwire.store.database.statements import insert_new, move_rows
from paperwire.store.lists.following import unmatch_removed
from paperwire.store.outbox.duplicates import fold_deliveries
from paperwire.store.rows import former_number
from paperwire.store.search.word_index import delete_words
from paperwire.store.tables.deliveries import MatchRow, UndoRow
from paperwire.store.tables.lists import SubmissionRow, VoteRow
from paperwire.store.tables.meetings import TalkRow
from paperwire.store.tables.papers import AliasRow, EventRow, PaperRow, RevisionRow, ScoreRow
from paperwire.store.tables.people import SavedRow, WatchRow
from paperwire.store.tables.subscriptions import QueryRow

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

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
    await hold_fan_out(db)  # one that began earlier adds deliveries of `gone` first
    # So does whoever is saving it, as a row that points to a paper holds it.
    papers = select(col(PaperRow.number)).where(col(PaperRow.number).in_([gone, kept]))
    await db.execute(papers.order_by(col(PaperRow.number)).with_for_update())
    # By way of `query`, with which the key begins: no index leads from a paper to its rows, as that would cost every
    # fan-out more than this, which is rare.
    any_query = col(MatchRow.query).in_(select(col(QueryRow.number)))
    await _fold_matches(db, and_(any_query, col(MatchRow.paper) == gone), kept)
    await fold_deliveries(db, gone, kept)
    for table, key in _OF_PAPER:
        await move_rows(db, table, "paper", key, gone=gone, kept=kept)
    await unmatch_removed(db, kept)
    await db.execute(insert(AliasRow).values(alias=former_number(gone), paper=kept))
    await delete_words(db, gone)
    await db.execute(delete(PaperRow).where(col(PaperRow.number) == gone))


async def _fold_matches(db: AsyncConnection, of_gone: ColumnElement[bool], kept: int) -> None:
    there = select(
        col(MatchRow.query), literal(kept), col(MatchRow.occasion), col(MatchRow.seen_at), col(MatchRow.quiet)
    ).where(of_gone)
    new = insert_new(db, MatchRow).from_select(["query", "paper", "occasion", "seen_at", "quiet"], there)
    earlier = new.excluded.seen_at < col(MatchRow.seen_at)
    await db.execute(
        new.on_conflict_do_update(
            index_elements=["query", "paper", "occasion"],
            set_={"seen_at": new.excluded.seen_at, "quiet": new.excluded.quiet},
            where=earlier,
        )
    )
    await db.execute(delete(MatchRow).where(of_gone))
