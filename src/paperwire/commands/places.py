"""The settings of a place, and what channels report of it."""

from __future__ import annotations

from paperwire.commands.context import Chat, say
from paperwire.commands.papers import reacted
from paperwire.commands.start import greeting
from paperwire.core.messages.message import Button
from paperwire.errors import Closed
from paperwire.ports.requests import Reply, Request
from paperwire.texts import Texts


async def place_changed(context: Chat, request: Request, part: str) -> Reply:
    """A channel saw a place close to us, open or move: `place:closed:WHY`, `place:open`, `place:moved:ADDRESS`.

    Or a reaction to a message there was added or removed: `place:upvoted:MESSAGE`, `place:unvoted:MESSAGE`.

    A place that is known and open isn't greeted again, whatever else changed in it.
    """
    what, _, message = part.partition(":")
    if what in {"upvoted", "unvoted"}:
        return await reacted(context, request, message, withdrawn=what == "unvoted")
    why = Closed(message) if what == "closed" and message in frozenset(Closed) else Closed.REMOVED
    async with context.store.write() as unit:
        place = await unit.places.at(request.place)
        # What is closed as its owner isn't let in opens when they are; whether it takes messages then, sending shows.
        was_open = (
            what == "closed"
            and place is not None
            and place.paused != Closed.NOT_ALLOWED
            and await unit.places.pause(place.number, why)
        )
        if place is not None and what == "moved" and message:
            await unit.places.moved(place.number, message)
    if place is not None and was_open:
        context.closed(place, why)
    if what != "open":
        return say()
    if place is not None:
        return _welcome_back(request.texts) if place.paused else say()
    return greeting(context, request.place, request.texts) if request.place.is_shared else say()


def _welcome_back(texts: Texts) -> Reply:
    return say(
        texts.gettext("Back again. Papers that matched meanwhile were kept: /resume sends them."),
        buttons=[[Button(texts.gettext("Resume"), "resume:")]],
    )


BUTTONS = {"place": place_changed}
