"""Two stored papers that turn out to be one: everything that points to the younger number moves to the older."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, exists, insert, literal, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import SQLModel, col

from paperwire.store.engine import insert_new
from paperwire.store.tables.base import State
from paperwire.store.tables.deliveries import DeliveryRow, MatchRow, UndoRow
from paperwire.store.tables.papers import AliasRow, EventRow, PaperRow, RevisionRow, ScoreRow
from paperwire.store.tables.people import DestinationRow, SavedRow, WatchRow
from paperwire.store.tables.subscriptions import QueryRow
from paperwire.store.words import delete_words

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
    (AliasRow, ("alias",)),
    (UndoRow, ("subscription", "destination", "occasion")),
)


def former_number(number: int) -> str:
    """The alias under which a number that was merged away is still known."""
    return f"number:{number}"


async def fold_paper(db: AsyncConnection, gone: int, kept: int) -> None:
    """Give all that paper `gone` has to paper `kept` and delete it; no delivery is owed again because of it."""
    # By way of `query` and `destination`, with which the keys begin: no index leads from a paper to its rows, as that
    # would cost every fan-out more than this, which is rare.
    any_query = col(MatchRow.query).in_(select(col(QueryRow.number)))
    await _fold_matches(db, and_(any_query, col(MatchRow.paper) == gone), kept)
    anywhere = col(DeliveryRow.destination).in_(select(col(DestinationRow.number)))
    await _fold_deliveries(db, and_(anywhere, col(DeliveryRow.paper) == gone), kept)
    for table, key in _OF_PAPER:
        await move_rows(db, table, "paper", key, gone=gone, kept=kept)
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


async def _fold_deliveries(db: AsyncConnection, of_gone: ColumnElement[bool], kept: int) -> None:
    """Settled beats owed, and of two settled the older stays."""
    columns = ["destination", "paper", "occasion", "due_at", "state", "attempts", "settled_at"]
    there = select(
        *(literal(kept) if name == "paper" else getattr(DeliveryRow, name) for name in columns),
    ).where(of_gone)
    new = insert_new(db, DeliveryRow).from_select(columns, there)
    settled = new.excluded.state != State.OWED
    better = or_(
        and_(settled, col(DeliveryRow.state) == State.OWED),
        and_(settled, new.excluded.settled_at < col(DeliveryRow.settled_at)),
    )
    await db.execute(
        new.on_conflict_do_update(
            index_elements=["destination", "paper", "occasion"],
            set_={name: new.excluded[name] for name in columns[3:]},
            where=better,
        )
    )
    await db.execute(delete(DeliveryRow).where(of_gone))


async def move_rows(  # noqa: PLR0913 -- a table, its columns, and from where to where
    db: AsyncConnection, table: type[SQLModel], column: str, key: tuple[str, ...], *, gone: int, kept: int
) -> None:
    """Let `column` of a table say `kept` instead of `gone`, but drop rows whose `key` is there already."""
    row: Any = table
    other: Any = aliased(table)
    ours = getattr(row, column)
    same = and_(getattr(other, column) == kept, *(getattr(other, name) == getattr(row, name) for name in key))
    await db.execute(update(table).where(ours == gone, ~exists().where(same)).values({column: kept}))
    await db.execute(delete(table).where(ours == gone))
