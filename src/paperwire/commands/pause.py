"""`/pause`: send nothing to a place until `/resume`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paperwire.commands import people
from paperwire.commands.context import Command, say
from paperwire.core.messages.closed import paused_by
from paperwire.core.messages.message import Button
from paperwire.core.text.clean import clean
from paperwire.ports.requests import CommandSpec
from paperwire.texts import gettext_noop, texts_in

if TYPE_CHECKING:
    from paperwire.commands.context import Context
    from paperwire.ports.requests import Caller, Reply, Request

SPEC = CommandSpec("pause", gettext_noop("Send nothing here until /resume"), who="manager")


async def pause(context: Context, caller: Caller) -> None:
    """Pause the caller's place; what matches meanwhile is kept."""
    async with context.store.write() as unit:
        place = await people.here(context, unit, caller)
        await unit.outbox.pause(place.number, paused_by(clean(caller.actor.name, 40)))


async def answer(context: Context, request: Request) -> Reply:
    """`/pause`."""
    texts = texts_in(request.locale)
    await pause(context, request)
    return say(
        texts.gettext("Paused. Nothing is sent here until /resume; papers that match meanwhile are kept."),
        buttons=[[Button(texts.gettext("Resume"), "resume:")]],
    )


COMMAND = Command(SPEC, answer)
