"""The chats of a server or group that were closed as the bot was removed from it, and their return."""

from __future__ import annotations

from typing import NamedTuple

from paperwire.core.subscriptions.subscription import StoredPlace
from paperwire.errors import Closed, SendError
from paperwire.ports.callers import Caller
from paperwire.services import people
from paperwire.services.context import Context


class Returned(NamedTuple):
    """How many chats are open again, and how many are not: the caller doesn't manage them or the bot can't post."""

    opened: int
    left: int


async def closed_by_removal(context: Context, caller: Caller) -> list[StoredPlace]:
    """The places of the caller's community that were closed with it, oldest first; none that a person paused."""
    async with context.store.read() as unit:
        places = await unit.places.of_community(caller.place)
    return [place for place in places if place.paused == Closed.REMOVED]


async def others_closed(context: Context, caller: Caller) -> list[StoredPlace]:
    """Those of them that are not where the caller is."""
    return [place for place in await closed_by_removal(context, caller) if not caller.place.is_same(place)]


async def reopen_all(context: Context, caller: Caller) -> Returned:
    """Open what was closed with the caller's community and they manage now; what was missed is sent first."""
    people.only_managers(caller)
    places = await closed_by_removal(context, caller)
    numbers = [place.number for place in places if await _may_reopen(context, caller, place)]
    async with context.store.write() as unit:
        current = await unit.places.get_many(numbers)
        closed = [place for _, place in sorted(current.items()) if place.paused == Closed.REMOVED]
        for place in closed:
            await people.reopened(unit, place)
    return Returned(len(closed), len(places) - len(numbers))


async def _may_reopen(context: Context, caller: Caller, stored: StoredPlace) -> bool:
    """Whether the caller manages a place and the bot may post there, as its platform says now."""
    if caller.place.is_same(stored):
        return not caller.place.problem
    try:
        place, manages = await context.channels[stored.channel].inspect(stored.address, caller.actor)
    except SendError:
        return False
    return manages and not place.problem
