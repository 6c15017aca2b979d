"""`/pause` and `/resume`: send nothing to a place for a while, and go on."""

from __future__ import annotations

from dataclasses import replace

from paperwire.commands.context import Chat, Command, say
from paperwire.core.messages.closed import is_asked_for, pause_reason
from paperwire.core.messages.message import Button
from paperwire.errors import CloseReason, CommandError
from paperwire.ports.requests import CommandSpec, Reply, Request
from paperwire.services.people import only_managers
from paperwire.services.places.places import others_closed, pause, reopen_all, resume, settings
from paperwire.services.typed import StaleButton
from paperwire.texts import Texts, gettext_noop

# Translators: of /pause: what it does and takes (at most 100 characters; typed words stay English), examples.
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
# Translators: of /resume: what it does and takes (at most 100 characters; typed words stay English), examples.
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

    What was closed by a platform is open where someone writes again, so any answer says that it is still paused: on
    a server or in a group to who manages it, and of its other chats too.
    """
    name = request.command.casefold().removeprefix("/")
    is_asked = name in {"start", "subscriptions"}
    if not is_asked and (name in _SAYS_SO or not request.may_change):
        return reply
    place = await settings(context, request)
    message, paused = reply.message, place.paused if place else ""
    if not (message.head or message.items):
        return reply
    if paused and is_asked and is_asked_for(paused):
        first = say(paused_line(paused, request.texts), buttons=[resume_row(request.texts)])
    elif (paused == CloseReason.REMOVED or is_asked or place is None) if request.place.is_shared else paused:
        first = await back_again(context, request, "" if is_asked_for(paused) else paused)
    else:
        return reply
    head, rows = (*first.message.head, *message.head), (*first.message.buttons, *message.buttons)
    return replace(reply, message=replace(message, head=head, buttons=rows if request.may_change else message.buttons))


async def back_again(context: Chat, request: Request, paused: str) -> Reply:
    """What a platform closed in a chat that is reached again, and its server's or group's other chats: how to resume.

    Empty where that is nothing.
    """
    texts, others = request.texts, len(await others_closed(context, request))
    return say(
        texts.gettext("Back again. Papers that matched meanwhile were kept: /resume sends them.") if paused else "",
        _others_line(others, texts),
        buttons=[resume_row(texts) if paused else [], _everywhere_row(others, texts)],
    )


def _others_line(others: int, texts: Texts) -> str:
    return (
        texts.ngettext(
            "%(num)s other chat has been paused since the bot was removed.",
            "%(num)s other chats have been paused since the bot was removed.",
            others,
        )
        if others
        else ""
    )


def _everywhere_row(others: int, texts: Texts) -> list[Button]:
    """The row of one button that sends papers again wherever a removal of the bot ended that; empty without others."""
    # Translators: a button that ends the pause of all chats of a person.
    return [Button(texts.gettext("Resume everywhere"), "resume:all")] if others else []


def paused_line(paused: str, texts: Texts) -> str:
    """That nothing is sent to a paused place, and why."""
    reason = pause_reason(paused, texts)
    return texts.gettext("⚠ Nothing is sent here: %(reason)s. Papers that match are kept until /resume.", reason=reason)


def resume_row(texts: Texts) -> list[Button]:
    """The row of one button that sends papers again."""
    # Translators: a button that sends papers again after a pause.
    return [Button(texts.gettext("Resume"), "resume:")]


async def answer_pause(context: Chat, request: Request) -> Reply:
    """`/pause`; a pause that was there already is no change of the caller's to undo."""
    texts, before = request.texts, await pause(context, request)
    if is_asked_for(before.paused):
        lines = texts.gettext("It was already paused."), paused_line(before.paused, texts)
        return say(*lines, buttons=[resume_row(texts)])
    paused = texts.gettext("Paused. Nothing is sent here until /resume; papers that match meanwhile are kept.")
    return replace(say(paused, buttons=[resume_row(texts)]), undo="resume:")


async def answer_resume(context: Chat, request: Request) -> Reply:
    """`/resume`: papers that were missed come first."""
    texts = request.texts
    if request.place.problem:
        raise CommandError(
            texts.gettext(
                "Can't post here: %(problem)s. Change that, then send /resume again.", problem=request.place.problem
            )
        )
    is_new = bool((await resume(context, request)).paused)
    others = len(await others_closed(context, request))
    return say(
        texts.gettext("Resumed. Papers come here again, starting with those you missed.")
        if is_new
        else texts.gettext("Not paused: papers come here as before."),
        _others_line(others, texts),
        buttons=[[Button(texts.gettext("Undo"), "pause:")] if is_new else [], _everywhere_row(others, texts)],
    )


async def press_pause(context: Chat, request: Request, part: str) -> Reply:
    """The way back from a resumption: `pause:`."""
    if part:
        raise StaleButton
    only_managers(request)
    return await answer_pause(context, request)


async def press_resume(context: Chat, request: Request, part: str) -> Reply:
    """The buttons under a pause: `resume:` here, `resume:all` in each chat that a removal of the bot closed."""
    if part not in {"", "all"}:
        raise StaleButton
    only_managers(request)
    if not part:
        return await answer_resume(context, request)
    texts, (opened, left) = request.texts, await reopen_all(context, request)
    stays = texts.ngettext(
        "%(num)s chat stays paused: you don't manage it, or the bot can't post there. Send /resume there.",
        "%(num)s chats stay paused: you don't manage them, or the bot can't post there. Send /resume there.",
        left,
    )
    resumed = texts.ngettext(
        "Resumed in %(num)s chat. Papers come there again, starting with those that were missed.",
        "Resumed in %(num)s chats. Papers come there again, starting with those that were missed.",
        opened,
    )
    nothing = "" if left else texts.gettext("No chat is paused since the bot was removed.")
    return say(resumed if opened else nothing, stays if left else "")


COMMANDS = (
    Command(PAUSE, answer_pause, {"pause": press_pause}),
    Command(RESUME, answer_resume, {"resume": press_resume}),
)
