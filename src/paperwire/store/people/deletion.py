"""Deleting a person: what is theirs alone goes, what others use stays, and no trace of their words remains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, exists, func, or_, select, update

from paperwire.store.database.locks import hold_fan_out, hold_queries
from paperwire.store.part import chunks
from paperwire.store.subscriptions.queries import release_queries
from paperwire.store.tables.base import Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

_T = Row.metadata.tables
person, destination, delivery = _T["person"], _T["destination"], _T["delivery"]
subscription, route, watch = _T["subscription"], _T["subscription_destination"], _T["watch"]
query, match = _T["query"], _T["match"]


async def forget_person(db: AsyncConnection, number: int) -> None:
    """Delete a person, their subscriptions, feeds, saved papers, and the places nobody else uses."""
    await hold_queries(db)
    await hold_fan_out(db)  # one that began earlier could still add deliveries to a place that goes
    queries = await _numbers_of(db, select(subscription.c.query).where(subscription.c.person == number))
    used = select(route.c.destination).join(subscription, subscription.c.number == route.c.subscription)
    places = await _numbers_of(
        db,
        select(destination.c.number).where(
            or_(
                destination.c.owner == number,
                destination.c.number.in_(used.where(subscription.c.person == number)),
            )
        ),
    )
    await db.execute(delete(person).where(person.c.number == number))  # subscriptions, feeds and the rest follow
    await _leave_places(db, places)
    await release_queries(db, queries)
    await _blank_queries(db, queries)


async def _numbers_of(db: AsyncConnection, wanted: object) -> list[int]:
    return sorted(set((await db.execute(wanted)).scalars().all()))  # type: ignore[call-overload]


async def _leave_places(db: AsyncConnection, places: Sequence[int]) -> None:
    """Give places without an owner to somebody who uses them; delete those that nobody does."""
    users = (
        select(func.min(subscription.c.person))
        .join(route, route.c.subscription == subscription.c.number)
        .where(route.c.destination == destination.c.number)
    )
    unowned = destination.c.owner.is_(None)
    for some in chunks(places):
        here = and_(destination.c.number.in_(some), unowned)
        await db.execute(update(destination).where(here).values(owner=users.scalar_subquery()))
        watched = exists().where(watch.c.destination == destination.c.number)
        alone = await _numbers_of(db, select(destination.c.number).where(here, ~watched))
        await db.execute(delete(delivery).where(delivery.c.destination.in_(alone)))
        await db.execute(delete(destination).where(destination.c.number.in_(alone)))


async def _blank_queries(db: AsyncConnection, queries: Sequence[int]) -> None:
    """Remove the text and the matches of queries that no subscription names any more.

    Their rows stay, so that every matcher learns from their `seq` that they are out of use.
    """
    named = exists().where(subscription.c.query == query.c.number)
    for some in chunks(queries):
        blank = await _numbers_of(db, select(query.c.number).where(query.c.number.in_(some), ~named))
        await db.execute(delete(match).where(match.c.query.in_(blank)))
        for number in blank:
            values = {"key": f"forgotten:{number}", "text": "", "dumped": b"", "upvotes": None}
            await db.execute(update(query).where(query.c.number == number).values(values))
