"""Routes: what they say of their subscriptions, when their next digest is due, and what that means for what is owed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, case, select, tuple_, update

from paperwire.core.cadence import Cadence
from paperwire.store.outbox import Outbox
from paperwire.store.tables.base import LIVE, Row, State

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

_T = Row.metadata.tables
subscription, route, destination = _T["subscription"], _T["subscription_destination"], _T["destination"]
match, delivery = _T["match"], _T["delivery"]


async def reroute(db: AsyncConnection, number: int) -> None:
    """Say again in a subscription's routes what a fan-out must know of it, after it changed."""
    live = and_(subscription.c.paused.is_(False), subscription.c.deleted_at.is_(None))
    said = {
        "query": subscription.c.query,
        "began_at": subscription.c.began_at,
        "wants": case((live, subscription.c.occasions + LIVE), else_=0),
    }
    its = and_(subscription.c.number == number, route.c.subscription == subscription.c.number)
    await db.execute(update(route).where(its).values(said))


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
        .order_by(route.c.destination, route.c.subscription)  # as `FanOut.advance_slots` goes through them
    )
    hurried = set()
    for number, place, query, wanted, zone in (await db.execute(routes)).all():
        slot = Cadence.parse(wanted).next_slot(zone, now)
        this = and_(route.c.subscription == number, route.c.destination == place)
        await db.execute(update(route).where(this).values(next_slot_at=slot))
        if await _pull_forward(db, place, query, slot or now):
            hurried.add(place)
    await Outbox(db, now).rouse(hurried)


async def _pull_forward(db: AsyncConnection, place: int, query: int, due_at: datetime) -> bool:
    later = and_(delivery.c.destination == place, delivery.c.state == State.OWED, delivery.c.due_at > due_at)
    found = select(match.c.paper, match.c.occasion).where(match.c.query == query)
    these = tuple_(delivery.c.paper, delivery.c.occasion).in_(found)
    return (await db.execute(update(delivery).where(later, these).values(due_at=due_at))).rowcount > 0
