"""`/style`: one message a paper, whole or compact, or lists."""

from __future__ import annotations

from paperwire.commands.buttons import as_setting, former_row
from paperwire.commands.context import Chat, Command, only_managers_line, say
from paperwire.core.messages.message import Button
from paperwire.ports.requests import Argument, CommandSpec, Reply, Request
from paperwire.services.places import places
from paperwire.services.places.places import can_open_threads, set_style, set_threads
from paperwire.services.typed import unquoted
from paperwire.texts import gettext_noop
from paperwire.wording.places import STYLES, THREADS

_THREADS = "threads"
CHOICES = (*STYLES, f"{_THREADS} on", f"{_THREADS} off")

# Translators: of /style: what it does and takes (at most 100 characters; typed words stay English), examples.
SPEC = CommandSpec(
    "style",
    gettext_noop("How papers look here: one message each, or lists"),
    (
        Argument(
            "query",
            gettext_noop("style: auto, cards, compact or list; or threads on, threads off"),
            required=False,
            choices=CHOICES,
        ),
    ),
    who="viewer",
    topic="settings",
    examples=(
        ("/style cards", gettext_noop("one message a paper")),
        ("/style list", gettext_noop("several papers in one message")),
    ),
)

# Translators: buttons that choose how papers look: each in a box of its own, in two lines, or many in one message.
_LABELS = {
    "auto": gettext_noop("Automatic"),
    "cards": gettext_noop("Cards"),
    "compact": gettext_noop("Compact"),
    "list": gettext_noop("Lists"),
}


async def answer(context: Chat, request: Request) -> Reply:
    """`/style [auto|cards|compact|list|threads on|threads off]`."""
    texts = request.texts
    style = unquoted(request.args).casefold()
    if not style:
        return await _shown(context, request)
    name, _, word = style.partition(" ")
    if name == _THREADS:
        changed = await set_threads(context, request, word)
        line = THREADS[changed.now.threads]
    else:
        changed = await set_style(context, request, style)
        line = STYLES[changed.now.style]
    return say(texts.gettext(line), buttons=[former_row(context, SPEC.name, changed, texts)])


async def _shown(context: Chat, request: Request) -> Reply:
    """The style of a place, with threads where there are any, and buttons to change both."""
    texts, place = request.texts, await places.settings(context, request)
    lines = [texts.gettext(STYLES[place.style if place else "auto"])]
    buttons = [[Button(texts.gettext(label), f"style:{name}") for name, label in _LABELS.items()]]
    if can_open_threads(context, request.place):
        threads = place.threads if place else ""
        lines.append(texts.gettext(THREADS[threads]))
        # Translators: a button that lets announcements open threads, or no more.
        label, word = texts.gettext("Threads on"), "on"
        if threads == "on":
            # Translators: a button: papers are no longer sent into threads of their own.
            label, word = texts.gettext("Threads off"), "off"
        buttons.append([Button(label, f"style:{_THREADS} {word}")])
    return say(*lines, buttons=buttons) if request.may_change else say(*lines, only_managers_line(texts))


async def press(context: Chat, request: Request, part: str) -> Reply:
    """One of the buttons: `style:cards`; `style:` shows them."""
    return await as_setting(answer, context, request, part)


COMMANDS = (Command(SPEC, answer, {"style": press}),)
