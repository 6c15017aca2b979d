"""`/pause` and `/resume`: send nothing to a place for a while, and go on."""

from __future__ import annotations

from paperwire.commands import people
from paperwire.commands.context import Command, Context, only_managers, say
from paperwire.core.messages.closed import paused_by
from paperwire.core.messages.message import Button
from paperwire.core.subscriptions.subscription import Destination
from paperwire.core.text.clean import clean
from paperwire.errors import Closed, CommandError
from paperwire.ports.requests import Caller, CommandSpec, Reply, Request
from paperwire.texts import gettext_noop

PAUSE = CommandSpec("pause", gettext_noop("Send nothing here until /resume"), who="manager")
RESUME = CommandSpec("resume", gettext_noop("Send papers here again"), who="manager")


async def pause(context: Context, caller: Caller) -> None:
    """Pause the caller's place; what matches meanwhile is kept."""
    async with context.store.write() as unit:
        place = await people.here(context, unit, caller)
        await unit.outbox.pause(place.number, paused_by(clean(caller.actor.name, 40)))


async def answer_pause(context: Context, request: Request) -> Reply:
    """`/pause`."""
    await pause(context, request)
    return say(
        request.texts.gettext("Paused. Nothing is sent here until /resume; papers that match meanwhile are kept."),
        buttons=[[Button(request.texts.gettext("Resume"), "resume:")]],
    )


async def resume(context: Context, caller: Caller) -> Destination:
    """Open the caller's place again; returns it as it was before.

    One that was closed as its owner may not use this instance is from then on the caller's, who may.
    """
    async with context.store.write() as unit:
        person = await people.person(context, unit, caller)
        place = await people.here(context, unit, caller)
        if place.paused == Closed.NOT_ALLOWED:
            await unit.people.give(place.number, person.number)
        await people.reopened(unit, place)
    return place


async def answer_resume(context: Context, request: Request) -> Reply:
    """`/resume`: papers that were missed come first."""
    texts = request.texts
    if request.place.problem:
        raise CommandError(
            texts.gettext(
                "Can't post here: %(problem)s. Change that, then send /resume again.", problem=request.place.problem
            )
        )
    if (await resume(context, request)).paused:
        return say(texts.gettext("Resumed. Papers come here again, starting with those you missed."))
    return say(texts.gettext("Not paused: papers come here as before."))


async def press_resume(context: Context, request: Request, part: str) -> Reply:
    """The button under a pause: `resume:`."""
    del part
    only_managers(request)
    return await answer_resume(context, request)


COMMANDS = (Command(PAUSE, answer_pause), Command(RESUME, answer_resume, {"resume": press_resume}))
