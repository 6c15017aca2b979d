"""Deliveries that turn out to be one, because two papers or two places are: which row stays, and what it says.

Of each place, work and occasion one row stays. Sent beats all; then what may have arrived, what a message that is
perhaps under way carries, what was given up, what is owed. Of two of a kind the older outcome stays, the earlier due
time, and the more attempts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, delete, exists, literal, or_, select

from paperwire.store.engine import insert_new
from paperwire.store.tables.base import Row, State
from paperwire.store.tables.deliveries import DeliveryRow, FailureRow

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Table
    from sqlalchemy.ext.asyncio import AsyncConnection
    from sqlmodel import SQLModel

_T = Row.metadata.tables
delivery, failure, destination = _T["delivery"], _T["failure"], _T["destination"]

_KEY = ("destination", "paper", "occasion")
_OF_DELIVERY = ("due_at", "state", "attempts", "settled_at")
_OF_FAILURE = ("first_at", "last_at", "notified_at", "unknowns", "reason")


async def fold_deliveries(db: AsyncConnection, gone: int, kept: int) -> None:
    """Let what places are owed or got of paper `gone` count for paper `kept`; needs `hold_fan_out`."""
    # By way of `destination`, with which the key begins: no index leads from a paper to its deliveries.
    anywhere = delivery.c.destination.in_(select(destination.c.number))
    await _lock(db, and_(anywhere, delivery.c.paper.in_([gone, kept])))
    await _join(db, "paper", and_(anywhere, delivery.c.paper == gone), failure.c.paper == gone, kept)


async def hand_over_deliveries(db: AsyncConnection, old: int, new: int) -> None:
    """Let what place `old` is owed or got count for place `new`; needs `hold_fan_out`."""
    await _lock(db, delivery.c.destination.in_([old, new]))
    await _join(db, "destination", delivery.c.destination == old, failure.c.destination == old, new)


async def _lock(db: AsyncConnection, these: ColumnElement[bool]) -> None:
    """Let who is settling some of these finish, and nobody else begin; in the order in which everybody locks them."""
    key = [delivery.c[name] for name in _KEY]
    await db.execute(select(*key).where(these).order_by(*key).with_for_update())


async def _join(
    db: AsyncConnection, column: str, theirs: ColumnElement[bool], their_failures: ColumnElement[bool], kept: int
) -> None:
    await _move(db, DeliveryRow, column, theirs, kept)
    await _move(db, FailureRow, column, their_failures, kept)
    await db.execute(delete(failure).where(failure.c[column] == kept, is_stale()))


async def _move(
    db: AsyncConnection, table: type[SQLModel], column: str, theirs: ColumnElement[bool], kept: int
) -> None:
    """Let `column` of some rows say `kept`; where there is such a row already, the two become one."""
    rows: Table = _T[str(table.__tablename__)]
    names = [*_KEY, *(_OF_DELIVERY if rows is delivery else _OF_FAILURE)]
    found = select(*(literal(kept) if name == column else rows.c[name] for name in names)).where(theirs)
    new = insert_new(db, table).from_select(names, found)
    said = _delivery(new.excluded) if rows is delivery else _failure(new.excluded)
    await db.execute(new.on_conflict_do_update(index_elements=list(_KEY), set_=said))
    await db.execute(delete(rows).where(theirs))


def _delivery(other: Any) -> dict[str, Any]:
    """What a delivery says once another is one with it."""
    mine, theirs = _rank(delivery.c), _rank(other)
    older = or_(delivery.c.settled_at.is_(None), other.settled_at < delivery.c.settled_at)
    better = or_(theirs > mine, and_(theirs == mine, older))
    both_owed = and_(delivery.c.state == State.OWED, other.state == State.OWED)
    sooner = or_(and_(both_owed, other.due_at < delivery.c.due_at), and_(~both_owed, better))
    return {
        "due_at": case((sooner, other.due_at), else_=delivery.c.due_at),
        "state": case((better, other.state), else_=delivery.c.state),
        "attempts": case((other.attempts > delivery.c.attempts, other.attempts), else_=delivery.c.attempts),
        "settled_at": case((better, other.settled_at), else_=delivery.c.settled_at),
    }


def _rank(row: Any) -> ColumnElement[int]:
    begun = and_(row.state == State.OWED, row.settled_at.is_not(None))
    return case(
        (row.state == State.SENT, 4),
        (row.state == State.UNKNOWN, 3),
        (begun, 2),
        (row.state.in_([State.GIVEN_UP, State.DROPPED]), 1),
        else_=0,
    )


def _failure(other: Any) -> dict[str, Any]:
    """What a failure says once another is one with it: each of them may have arrived as often as it says."""
    return {
        "first_at": case((other.first_at < failure.c.first_at, other.first_at), else_=failure.c.first_at),
        "last_at": case((other.last_at > failure.c.last_at, other.last_at), else_=failure.c.last_at),
        "notified_at": case((failure.c.notified_at.is_(None), other.notified_at), else_=failure.c.notified_at),
        "unknowns": failure.c.unknowns + other.unknowns,
        "reason": case((other.last_at > failure.c.last_at, other.reason), else_=failure.c.reason),
    }


def is_stale() -> ColumnElement[bool]:
    """Whether a failure's delivery was sent or is not there any more."""
    same = [delivery.c[name] == failure.c[name] for name in _KEY]
    return ~exists().where(*same, delivery.c.state != State.SENT)
