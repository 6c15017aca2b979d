"""`/pause` and `/resume`: send nothing to a place for a while, and go on."""

from __future__ import annotations

from paperwire.commands.context import Chat, Command, say
from paperwire.core.messages.message import Button
from paperwire.errors import CommandError
from paperwire.ports.requests import CommandSpec, Reply, Request
from paperwire.services.people import only_managers
from paperwire.services.places import pause, resume
from paperwire.texts import gettext_noop

PAUSE = CommandSpec(
    "pause",
    gettext_noop("Send nothing here until /resume"),
    who="manager",
    topic="settings",
    examples=(
        ("/pause", gettext_noop("keeps what matches until /resume")),
        ("/subscriptions 2 pause", gettext_noop("pauses one subscription alone")),
    ),
)
RESUME = CommandSpec(
    "resume",
    gettext_noop("Send papers here again"),
    who="manager",
    topic="settings",
    examples=(
        ("/resume", gettext_noop("sends what waited, then new papers")),
        ("/subscriptions 2 resume", gettext_noop("resumes one subscription alone")),
    ),
)


async def answer_pause(context: Chat, request: Request) -> Reply:
    """`/pause`."""
    await pause(context, request)
    return say(
        request.texts.gettext("Paused. Nothing is sent here until /resume; papers that match meanwhile are kept."),
        buttons=[[Button(request.texts.gettext("Resume"), "resume:")]],
    )


async def answer_resume(context: Chat, request: Request) -> Reply:
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


async def press_resume(context: Chat, request: Request, part: str) -> Reply:
    """The button under a pause: `resume:`."""
    del part
    only_managers(request)
    return await answer_resume(context, request)


COMMANDS = (Command(PAUSE, answer_pause), Command(RESUME, answer_resume, {"resume": press_resume}))
