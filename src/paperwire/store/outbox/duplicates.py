"""Deliveries that turn out to be one, because two papers or two places are: which row stays, and what it says.

Of each place, work and occasion one row stays. Sent beats all; then what may have arrived, what a message that is
perhaps under way carries, what was given up, what is owed. Of two of a kind the older outcome stays, the earlier due
time, and the more attempts.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel, col

from paperwire.core.subscriptions.subscription import Owner
from paperwire.store.database.locks import count_joined_place
from paperwire.store.database.statements import fold_rows, move_rows
from paperwire.store.database.tables.base import State
from paperwire.store.database.tables.deliveries import (
    DELIVERY,
    ITS_FAILURE,
    DeliveryRow,
    DigestRow,
    FailureRow,
    UndoRow,
)
from paperwire.store.database.tables.meetings import AgendaRow, MeetingRow, ReminderRow
from paperwire.store.database.tables.people import DestinationRow, MuteRow, WatchRow
from paperwire.store.database.tables.subscriptions import RouteRow
from paperwire.store.lists.communities import join_lists, list_of, move_community
from paperwire.store.owners import hand_over

_KEY = ("destination", "paper", "occasion")
# What moves with a place, unless the one that stays has such a row already: table, the rest of its key.
_OF_PLACE: tuple[tuple[type[SQLModel], tuple[str, ...]], ...] = (
    (RouteRow, ("subscription",)),
    (MuteRow, ("kind", "value")),
    (WatchRow, ("paper",)),
    (UndoRow, ("subscription", "paper", "occasion")),
    (DigestRow, ("slot",)),
    (AgendaRow, ()),
    (MeetingRow, ("slot_at",)),
    (ReminderRow, ("meeting", "kind")),
)


async def fold_deliveries(db: AsyncConnection, gone: int, kept: int) -> None:
    """Let what places are owed or got of paper `gone` count for paper `kept`; needs `lock_fan_out`."""
    # By way of `destination`, with which the key begins: no index leads from a paper to its deliveries.
    anywhere = col(DeliveryRow.destination).in_(select(col(DestinationRow.number)))
    await _lock(db, and_(anywhere, col(DeliveryRow.paper).in_([gone, kept])))
    condition = and_(anywhere, col(DeliveryRow.paper) == gone)
    await fold_rows(db, DeliveryRow, _KEY, condition, {"paper": kept}, _delivery)
    await fold_rows(db, FailureRow, _KEY, col(FailureRow.paper) == gone, {"paper": kept}, _failure)
    await db.execute(delete(FailureRow).where(col(FailureRow.paper) == kept, is_stale()))


async def move_place(db: AsyncConnection, now: datetime, number: int, address: str) -> int:
    """Give a place another address; the number of the place that is there then.

    If it was one already, the two become one. What belongs to the place goes with it. Needs `lock_queries` and
    `lock_fan_out`.
    """
    columns = (col(DestinationRow.channel), col(DestinationRow.address), col(DestinationRow.community))
    before = (await db.execute(select(*columns).where(col(DestinationRow.number) == number))).first()
    if before is None:
        return number
    there = select(col(DestinationRow.number)).where(
        col(DestinationRow.channel) == before.channel, col(DestinationRow.address) == address
    )
    other: int = await db.scalar(there) or number
    if other == number:
        renamed = update(DestinationRow).where(col(DestinationRow.number) == number)
        await db.execute(renamed.values(address=address, lease_owner=None, leased_until=None))
    else:
        await hand_over_place(db, now, number, other)
    if before.community == before.address:
        await move_community(db, other, before.address, address)
    return other


async def hand_over_place(db: AsyncConnection, now: datetime, old: int, new: int) -> None:
    """Let place `new` have all that place `old` is owed, got and asked for, and delete that; needs `lock_fan_out`."""
    await _hand_over_deliveries(db, old, new)
    # A mute or subscription under way there commits first, as a row that points to a place locks it.
    both = select(col(DestinationRow.number)).where(col(DestinationRow.number).in_([old, new]))
    await db.execute(both.order_by(col(DestinationRow.number)).with_for_update())
    await join_lists(db, await list_of(db, old), await list_of(db, new))
    await hand_over(db, Owner(place=old), Owner(place=new))
    # A slot in the past is recalculated by the next `advance_slots`, as the cadence differs here.
    await db.execute(update(RouteRow).where(col(RouteRow.destination) == old).values(next_slot_at=now))
    chose_none = update(DestinationRow).where(col(DestinationRow.number) == new, col(DestinationRow.language) == "")
    language = select(col(DestinationRow.language)).where(col(DestinationRow.number) == old).scalar_subquery()
    await db.execute(chose_none.values(language=language))
    for table, key in _OF_PLACE:
        await move_rows(db, table, "destination", key, gone=old, kept=new)
    await db.execute(delete(DestinationRow).where(col(DestinationRow.number) == old))
    await count_joined_place(db)


async def _hand_over_deliveries(db: AsyncConnection, old: int, new: int) -> None:
    """Let what place `old` is owed or got count for place `new`; needs `lock_fan_out`."""
    await _lock(db, col(DeliveryRow.destination).in_([old, new]))
    await fold_rows(db, DeliveryRow, _KEY, col(DeliveryRow.destination) == old, {"destination": new}, _delivery)
    await fold_rows(db, FailureRow, _KEY, col(FailureRow.destination) == old, {"destination": new}, _failure)
    await db.execute(delete(FailureRow).where(col(FailureRow.destination) == new, is_stale()))


async def _lock(db: AsyncConnection, these: ColumnElement[bool]) -> None:
    """Wait for processes that settle some of these, and keep others from starting; in the usual order of locks."""
    await db.execute(select(*DELIVERY).where(these).order_by(*DELIVERY).with_for_update())


def _delivery(other: Any) -> dict[str, Any]:
    """What a delivery says once another is one with it."""
    rank, other_rank = _rank(DeliveryRow), _rank(other)
    older = or_(col(DeliveryRow.settled_at).is_(None), other.settled_at < col(DeliveryRow.settled_at))
    better = or_(other_rank > rank, and_(other_rank == rank, older))
    both_owed = and_(col(DeliveryRow.state) == State.OWED, other.state == State.OWED)
    sooner = or_(and_(both_owed, other.due_at < col(DeliveryRow.due_at)), and_(~both_owed, better))
    return {
        "due_at": case((sooner, other.due_at), else_=col(DeliveryRow.due_at)),
        "state": case((better, other.state), else_=col(DeliveryRow.state)),
        "attempts": case((other.attempts > col(DeliveryRow.attempts), other.attempts), else_=col(DeliveryRow.attempts)),
        "settled_at": case((better, other.settled_at), else_=col(DeliveryRow.settled_at)),
    }


def _rank(row: Any) -> ColumnElement[int]:
    begun = and_(row.state == State.OWED, row.settled_at.is_not(None))
    return case(
        (row.state == State.SENT, 4),
        (row.state.in_([State.UNKNOWN, State.COUNTED]), 3),
        (begun, 2),
        (row.state.in_([State.GIVEN_UP, State.DROPPED]), 1),
        else_=0,
    )


def _failure(other: Any) -> dict[str, Any]:
    """What a failure says once another is one with it: each of them may have arrived as often as it says."""
    return {
        "first_at": case((other.first_at < col(FailureRow.first_at), other.first_at), else_=col(FailureRow.first_at)),
        "last_at": case((other.last_at > col(FailureRow.last_at), other.last_at), else_=col(FailureRow.last_at)),
        "notified_at": case(
            (col(FailureRow.notified_at).is_(None), other.notified_at), else_=col(FailureRow.notified_at)
        ),
        "unknowns": col(FailureRow.unknowns) + other.unknowns,
        "reason": case((other.last_at > col(FailureRow.last_at), other.reason), else_=col(FailureRow.reason)),
    }


def is_stale() -> ColumnElement[bool]:
    """Whether a failure's delivery was sent or counted, or is not there any more."""
    return ~exists().where(ITS_FAILURE, col(DeliveryRow.state).not_in([State.SENT, State.COUNTED]))
