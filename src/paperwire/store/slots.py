"""When a subscription's next digest at a place is due, and what that means for what the place is owed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, case, func, select, tuple_, update

from paperwire.core.cadence import Cadence
from paperwire.store.tables import Row, State

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

_T = Row.metadata.tables
subscription, route, destination = _T["subscription"], _T["subscription_destination"], _T["destination"]
match, delivery = _T["match"], _T["delivery"]


async def reslot(db: AsyncConnection, now: datetime, *which: ColumnElement[bool]) -> None:
    """Work out anew when the digests of some subscriptions at their places are due, after a cadence or zone changed.

    `which` are conditions on subscription, subscription_destination and destination. What is owed already and not
    sent is pulled forward to the new slot, never pushed back.
    """
    cadence = case((subscription.c.cadence != "", subscription.c.cadence), else_=destination.c.cadence)
    routes = (
        select(route.c.subscription, route.c.destination, subscription.c.query, cadence, destination.c.zone)
        .join_from(route, subscription, subscription.c.number == route.c.subscription)
        .join(destination, destination.c.number == route.c.destination)
        .where(*which)
    )
    places = set()
    for number, place, query, wanted, zone in (await db.execute(routes)).all():
        slot = Cadence.parse(wanted).next_slot(zone, now)
        this = and_(route.c.subscription == number, route.c.destination == place)
        await db.execute(update(route).where(this).values(next_slot_at=slot))
        await _pull_forward(db, place, query, slot or now)
        places.add(place)
    for place in sorted(places):
        await wake(db, place)


async def _pull_forward(db: AsyncConnection, place: int, query: int, due_at: datetime) -> None:
    later = and_(delivery.c.destination == place, delivery.c.state == State.OWED, delivery.c.due_at > due_at)
    found = select(match.c.paper, match.c.occasion).where(match.c.query == query)
    these = tuple_(delivery.c.paper, delivery.c.occasion).in_(found)
    await db.execute(update(delivery).where(later, these).values(due_at=due_at))


async def wake(db: AsyncConnection, place: int) -> None:
    """Set a place's `next_due_at` to what it owes and its hold, or NULL if it is paused or owes nothing.

    Locks the place first and computes in a second statement, which sees what others committed meanwhile.
    """
    await db.execute(select(destination.c.number).where(destination.c.number == place).with_for_update())
    owed = and_(delivery.c.destination == place, delivery.c.state == State.OWED)
    due_at = (await db.execute(select(func.min(delivery.c.due_at)).where(owed))).scalar_one()
    held = case((destination.c.hold_until > due_at, destination.c.hold_until), else_=due_at)
    at = case((destination.c.paused == "", held), else_=None)
    await db.execute(update(destination).where(destination.c.number == place).values(next_due_at=at))
