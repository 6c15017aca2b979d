"""The settings of a place, and what channels report of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paperwire.commands import people
from paperwire.commands.context import is_shared, say
from paperwire.commands.start import greeting
from paperwire.texts import texts_in

if TYPE_CHECKING:
    from paperwire.commands.context import Context
    from paperwire.core.subscriptions.subscription import Destination
    from paperwire.ports import Caller, Reply, Request


async def settings(context: Context, caller: Caller) -> Destination | None:
    """The caller's place as stored, None if it is new."""
    async with context.store.read() as unit:
        return await unit.people.destination_of(caller.place)


async def update(context: Context, caller: Caller, **changes: str | int | None) -> Destination:
    """Change settings of the caller's place, but not those that are None; returns it as it is then."""
    async with context.store.write() as unit:
        place = await people.here(context, unit, caller)
        await unit.people.update_destination(
            place.number, **{key: value for key, value in changes.items() if value is not None}
        )
        return await unit.people.destination(place.number) or place


async def place_changed(context: Context, request: Request, part: str) -> Reply:
    """A channel saw a place close to us, open again or move: `place:closed`, `place:open`, `place:moved:ADDRESS`."""
    what, _, address = part.partition(":")
    texts = texts_in(request.locale)
    reason = texts.gettext("the bot was removed or blocked")
    async with context.store.write() as unit:
        place = await unit.people.destination_of(request.place)
        closed = place is not None and what == "closed" and not place.paused
        if place is not None and closed:
            await unit.people.pause(place.number, reason)
        if place is not None and what == "moved" and address:
            await unit.outbox.moved(place.number, address)
    if place is not None and closed:
        context.closed(place, reason)
    if what != "open":
        return say()
    if place is not None and place.paused:
        return say(texts.gettext("Back again. Papers that matched meanwhile were kept: /resume sends them."))
    return greeting(request.place, texts) if is_shared(request.place) else say()


BUTTONS = {"place": place_changed}
