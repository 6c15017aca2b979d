"""The state of a place: what was sent there, and what waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from paperwire.core.deliveries.ledger import PlaceCounts
from paperwire.core.subscriptions.subscription import Destination, Subscription
from paperwire.pipeline.hold import Hold
from paperwire.ports.callers import Caller
from paperwire.services.context import Context

_WINDOW = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The state of a place: its subscriptions, and by query how many papers were sent in the last 7 days.

    Nothing is sent anywhere since `held_since`, and on its channel before `closed_until`, where these are given.
    """

    place: Destination
    subscriptions: list[Subscription]
    sent: Mapping[int, int]
    counts: PlaceCounts
    held_since: datetime | None
    closed_until: datetime | None


async def status_here(context: Context, caller: Caller) -> Status | None:
    """The state of the caller's place; None if nothing is stored of it."""
    held_since = await Hold(context.store).since()
    async with context.store.read() as unit:
        place = await unit.places.destination_of(caller.place)
        if place is None:
            return None
        return Status(
            place=place,
            subscriptions=await unit.subscriptions.of_destination(place.number),
            sent=await unit.ledger.sent_by_query(place.number, context.now() - _WINDOW),
            counts=await unit.ledger.of_place(place.number),
            held_since=held_since,
            closed_until=context.closed_until(place.channel),
        )
