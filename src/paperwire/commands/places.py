"""The settings of a place, and what channels report of it."""

from __future__ import annotations

from paperwire.commands import people
from paperwire.commands.context import Context, is_shared, say
from paperwire.commands.papers import reacted
from paperwire.commands.start import greeting
from paperwire.core.messages.message import Button
from paperwire.core.subscriptions.subscription import Destination
from paperwire.errors import Closed
from paperwire.ports.requests import Caller, Reply, Request
from paperwire.texts import Texts


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
    """A channel saw a place close to us, open or move: `place:closed:WHY`, `place:open`, `place:moved:ADDRESS`.

    Or somebody reacted to a message there, or does no longer: `place:upvoted:MESSAGE`, `place:unvoted:MESSAGE`.

    A place that is known and open isn't greeted again, whatever else changed in it.
    """
    what, _, rest = part.partition(":")
    if what in {"upvoted", "unvoted"}:
        return await reacted(context, request, rest, withdrawn=what == "unvoted")
    why = Closed(rest) if what == "closed" and rest in frozenset(Closed) else Closed.REMOVED
    async with context.store.write() as unit:
        place = await unit.people.destination_of(request.place)
        # What is closed as its owner isn't let in opens when they are; whether it takes messages then, sending shows.
        was_open = (
            what == "closed"
            and place is not None
            and place.paused != Closed.NOT_ALLOWED
            and await unit.outbox.pause(place.number, why)
        )
        if place is not None and what == "moved" and rest:
            await unit.outbox.moved(place.number, rest)
    if place is not None and was_open:
        context.closed(place, why)
    if what != "open":
        return say()
    if place is not None:
        return _welcome_back(request.texts) if place.paused else say()
    return greeting(context, request.place, request.texts) if is_shared(request.place) else say()


def _welcome_back(texts: Texts) -> Reply:
    return say(
        texts.gettext("Back again. Papers that matched meanwhile were kept: /resume sends them."),
        buttons=[[Button(texts.gettext("Resume"), "resume:")]],
    )


BUTTONS = {"place": place_changed}
