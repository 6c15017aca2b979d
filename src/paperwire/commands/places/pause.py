"""`/pause` and `/resume`: send nothing to a place for a while, and go on."""

from __future__ import annotations

from dataclasses import replace

from paperwire.commands.context import Chat, Command, say
from paperwire.core.messages.closed import ASKED, pause_reason
from paperwire.core.messages.message import Button, Span
from paperwire.errors import CommandError
from paperwire.ports.requests import CommandSpec, Reply, Request
from paperwire.services.people import only_managers
from paperwire.services.places.places import pause, resume, settings
from paperwire.texts import Texts, gettext_noop

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


_SAYS_SO = frozenset({"pause", "resume", "status", "settings", "forget"})
"""Commands whose own answers are about a pause, or beyond it."""


async def paused_first(context: Chat, request: Request, reply: Reply) -> Reply:
    """A reply, which says first that its place is paused, with a button to resume it.

    What was closed by a platform is open where someone writes again, so any answer says that it is still paused.
    """
    name = request.command.casefold().removeprefix("/")
    is_asked = name in {"start", "subscriptions"}
    if not is_asked and (request.place.is_shared or name in _SAYS_SO):
        return reply
    place = await settings(context, request)
    message, texts = reply.message, request.texts
    if place is None or not place.paused or not (message.head or message.items):
        return reply
    if place.paused.partition(":")[0] != ASKED:
        text = texts.gettext("Back again. Papers that matched meanwhile were kept: /resume sends them.")
    elif is_asked:
        text = paused_line(place.paused, texts)
    else:
        return reply
    buttons = [resume_row(texts)] if request.may_change else []
    head, rows = ((Span(text),), *message.head), (*map(tuple, buttons), *message.buttons)
    return replace(reply, message=replace(message, head=head, buttons=rows))


def paused_line(paused: str, texts: Texts) -> str:
    """That nothing is sent to a paused place, and why."""
    reason = pause_reason(paused, texts)
    return texts.gettext("⚠ Nothing is sent here: %(reason)s. Papers that match are kept until /resume.", reason=reason)


def resume_row(texts: Texts) -> list[Button]:
    """The row of one button that sends papers again."""
    return [Button(texts.gettext("Resume"), "resume:")]


async def answer_pause(context: Chat, request: Request) -> Reply:
    """`/pause`."""
    await pause(context, request)
    return say(
        request.texts.gettext("Paused. Nothing is sent here until /resume; papers that match meanwhile are kept."),
        buttons=[resume_row(request.texts)],
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
