"""Routes: what they say of their subscriptions, when their next digest is due, and what that means for what is owed."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, case, cast, exists, func, literal, or_, select, tuple_, update

from paperwire.core.papers.paper import ARRIVAL, WITHDRAWN, Occasion
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.store.engine import PlainText
from paperwire.store.outbox.outbox import Outbox
from paperwire.store.tables.base import LIVE, Row, State, Want

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, ScalarSelect
    from sqlalchemy.ext.asyncio import AsyncConnection

_HIGHEST = 1_000_000
"""No paper has so many versions."""

_T = Row.metadata.tables
subscription, route, destination = _T["subscription"], _T["subscription_destination"], _T["destination"]
match, delivery, mute, watch = _T["match"], _T["delivery"], _T["mute"], _T["watch"]
received = delivery.alias("received")


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
    sent follows, see `reschedule`.
    """
    cadence = case((subscription.c.cadence != "", subscription.c.cadence), else_=destination.c.cadence)
    routes = (
        select(route.c.subscription, route.c.destination, cadence, destination.c.zone)
        .join_from(route, subscription, subscription.c.number == route.c.subscription)
        .join(destination, destination.c.number == route.c.destination)
        .where(*which)
        .order_by(route.c.destination, route.c.subscription)  # as `FanOut.advance_slots` goes through them
    )
    for number, place, wanted, zone in (await db.execute(routes)).all():
        slot = Cadence.parse(wanted).next_slot(zone, now)
        this = and_(route.c.subscription == number, route.c.destination == place)
        await db.execute(update(route).where(this).values(next_slot_at=slot))
    await reschedule(db, now, *which)


async def reschedule(db: AsyncConnection, now: datetime, *which: ColumnElement[bool], former: int = 0) -> None:
    """Make what is owed for some subscriptions due when the first of all that want it there wants it.

    `which` are conditions as for `reslot`, `former` is a query that they had before. What nobody wants any more is left
    to the place's turn, and what a message may be carrying just now to that message.
    """
    routes = (
        select(route.c.destination, subscription.c.query)
        .join_from(route, subscription, subscription.c.number == route.c.subscription)
        .join(destination, destination.c.number == route.c.destination)
        .where(*which)
    )
    queries: defaultdict[int, set[int]] = defaultdict(lambda: {former})
    for place, query in (await db.execute(routes)).all():
        queries[place].add(query)
    hurried = [place for place in sorted(queries) if await _reschedule_at(db, now, place, queries[place])]
    await Outbox(db, now).rouse(hurried)


async def _reschedule_at(db: AsyncConnection, now: datetime, place: int, queries: set[int]) -> bool:
    """The same at one place, for what these queries match; whether something is due earlier than before."""
    found = select(match.c.paper, match.c.occasion).where(match.c.query.in_(queries))
    owed = (
        select(delivery.c.paper, delivery.c.occasion, delivery.c.due_at, _soonest(now).label("soonest"))
        .where(
            delivery.c.destination == place,
            delivery.c.state == State.OWED,
            delivery.c.settled_at.is_(None),
            tuple_(delivery.c.paper, delivery.c.occasion).in_(found),
            ~_is_wanted_anyway(),
        )
        .order_by(delivery.c.paper, delivery.c.occasion)
        # Whoever holds such a row is beginning a message with it, and may be waiting for the place.
        .with_for_update(of=delivery, skip_locked=True)
    )
    rows = [row for row in await db.execute(owed) if row.soonest not in {None, row.due_at}]
    moved = update(delivery).where(
        delivery.c.destination == place,
        delivery.c.paper == bindparam("of_paper"),
        delivery.c.occasion == bindparam("on_occasion"),
    )
    if rows:
        values = [{"of_paper": row.paper, "on_occasion": row.occasion, "due_at": row.soonest} for row in rows]
        await db.execute(moved, values)
    return any(row.soonest < row.due_at for row in rows)


def _soonest(now: datetime) -> ScalarSelect[datetime]:
    """When the first subscription that wants a delivery at its place wants it; NULL if none does."""
    at = case(
        (route.c.next_slot_at.is_not(None), route.c.next_slot_at),
        (delivery.c.due_at < now, delivery.c.due_at),
        else_=literal(now, delivery.c.due_at.type),
    )
    asked = case(
        (delivery.c.occasion == ARRIVAL.code, int(Want.ARRIVAL)),
        (delivery.c.occasion == WITHDRAWN.code, int(Want.WITHDRAWN)),
        (delivery.c.occasion > Occasion.version(_HIGHEST).code, LIVE),
        (delivery.c.occasion > ARRIVAL.code, int(Want.VERSIONS)),
        else_=0,
    )
    muted = exists().where(
        mute.c.destination == route.c.destination,
        mute.c.kind == "subscription",
        mute.c.value == cast(route.c.subscription, PlainText),
    )
    matched = and_(
        match.c.query == route.c.query, match.c.paper == delivery.c.paper, match.c.occasion == delivery.c.occasion
    )
    return (
        select(func.min(at))
        .join_from(route, match, matched)
        .where(route.c.destination == delivery.c.destination, route.c.wants.bitwise_and(asked) != 0, ~muted)
        .correlate(delivery)
        .scalar_subquery()
    )


def _is_wanted_anyway() -> ColumnElement[bool]:
    """Whether a delivery is due at once whatever subscriptions say: somebody follows the paper, or got it."""
    here = and_(watch.c.destination == delivery.c.destination, watch.c.paper == delivery.c.paper)
    got = and_(
        received.c.destination == delivery.c.destination,
        received.c.paper == delivery.c.paper,
        received.c.state == State.SENT,
    )
    return or_(
        and_(delivery.c.occasion != ARRIVAL.code, exists().where(here)),
        and_(delivery.c.occasion == WITHDRAWN.code, exists().where(got)),
    )
