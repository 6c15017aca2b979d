"""What subscriptions were owed when they were deleted or their query was changed, so that Undo brings it back."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from paperwire.core.subscriptions.subscription import Subscription
from paperwire.store.database.statements import insert_new
from paperwire.store.outbox.rousing import rouse
from paperwire.store.subscriptions.routes import Routes, reroute, reslot
from paperwire.store.tables.base import State
from paperwire.store.tables.deliveries import DeliveryRow, MatchRow, UndoRow
from paperwire.store.tables.subscriptions import SubscriptionRow

UNDO_TIME = timedelta(days=1)
"""How long after a change what a subscription was owed comes back with it."""
_OWED = ("destination", "paper", "occasion", "due_at")


async def keep_owed(db: AsyncConnection, now: datetime, before: Subscription) -> None:
    """Write down what a subscription is owed, as the turns of its places drop what no one wants."""
    await forget_owed(db, now)
    await db.execute(delete(UndoRow).where(col(UndoRow.subscription) == before.number))
    owed = (
        select(literal(before.number), *(getattr(DeliveryRow, name) for name in _OWED))
        .join(
            MatchRow,
            and_(col(MatchRow.paper) == col(DeliveryRow.paper), col(MatchRow.occasion) == col(DeliveryRow.occasion)),
        )
        .where(
            col(MatchRow.query) == before.query,
            col(DeliveryRow.destination).in_(before.destinations),
            col(DeliveryRow.state) == State.OWED,
        )
    )
    statement = insert_new(db, UndoRow).from_select(["subscription", *_OWED], owed)
    await db.execute(statement.on_conflict_do_nothing())


async def forget_owed(db: AsyncConnection, now: datetime) -> None:
    """Forget it of subscriptions that were changed long ago."""
    changed_at = func.coalesce(col(SubscriptionRow.deleted_at), col(SubscriptionRow.edited_at))
    old = select(col(SubscriptionRow.number)).where(changed_at < now - UNDO_TIME)
    await db.execute(delete(UndoRow).where(col(UndoRow.subscription).in_(old)))


async def owe_again(db: AsyncConnection, now: datetime, number: int) -> None:
    """Owe what was dropped since the change."""
    state = [literal(int(State.OWED)), literal(0)]
    owed = select(*(getattr(UndoRow, name) for name in _OWED), *state).where(col(UndoRow.subscription) == number)
    again = insert_new(db, DeliveryRow).from_select([*_OWED, "state", "attempts"], owed)
    await db.execute(again.on_conflict_do_nothing())
    gone = delete(UndoRow).where(col(UndoRow.subscription) == number).returning(col(UndoRow.destination))
    await rouse(db, now, set((await db.execute(gone)).scalars()))


async def take_over(db: AsyncConnection, now: datetime, number: int, deleted: Subscription) -> None:
    """Let a living subscription of the same owner and query send what a deleted one did, too, and to the same places.

    It goes on if it is paused and the deleted one was not. Needs `lock_queries_and_fan_out`.
    """
    this = col(SubscriptionRow.number) == number
    former = select(col(SubscriptionRow.occasions)).where(col(SubscriptionRow.number) == deleted.number)
    values = {"occasions": col(SubscriptionRow.occasions).bitwise_or(former.scalar_subquery())}
    await db.execute(update(SubscriptionRow).where(this).values(values))
    if not deleted.paused:
        await db.execute(update(SubscriptionRow).where(this).values(paused=False))
    for place in deleted.destinations:
        await Routes(db, now).lead(number, place)
    await reroute(db, number)
    await owe_again(db, now, deleted.number)
    await reslot(db, now, this)
