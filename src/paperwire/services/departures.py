"""Leaving a place undone, for a week."""

from __future__ import annotations

from paperwire.core.subscriptions.subscription import Destination
from paperwire.errors import Closed
from paperwire.ports.callers import Actor
from paperwire.services import people
from paperwire.services.context import Context
from paperwire.services.leave import is_left
from paperwire.services.meaning import calibrate
from paperwire.texts import texts_in


async def bring_back(context: Context, place: Destination, second: int) -> bool:
    """Undo what was ended at a place at that second; False if there is nothing of it to bring back, or no more.

    Raises CommandError where the place may not use this instance any more.
    """
    async with context.store.write() as unit:
        if not await context.access.admits_place(unit, place):
            account = Actor(channel=place.channel, user_id=place.address)
            raise context.access.refusal(account, texts_in(place.locale))
        await unit.departures.hold()
        departures = await unit.departures.of_place(place.number)
        departure = next((one for one in departures if one.second == second), None)
        if departure is None:
            return False
        found = [await unit.subscriptions.restore(number) for number in departure.deleted]
        restored = [subscription for subscription in found if subscription is not None]
        for subscription in restored:
            await people.check_number(unit, subscription, context.max_subscriptions, texts_in(place.locale))
        for number in departure.diverted:
            await unit.routes.lead(number, place.number)
        now = await unit.places.destination(place.number) or place
        if departure.closed and is_left(now):
            if departure.paused and departure.paused != Closed.NOT_ALLOWED:  # it may now
                await unit.places.pause(place.number, departure.paused)
            else:
                await people.reopened(unit, now)
        await unit.departures.forget(place.number, departure)
    for subscription in restored:
        await calibrate(context, subscription)
    return True
