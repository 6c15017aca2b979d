"""`/style`: one message a paper, or lists."""

from __future__ import annotations

from dataclasses import replace

from paperwire.commands import places
from paperwire.commands.context import Command, Context, only_managers, say, unquoted
from paperwire.core.messages.message import Button
from paperwire.core.subscriptions.subscription import Destination
from paperwire.errors import CommandError
from paperwire.ports.requests import Argument, Caller, CommandSpec, Reply, Request
from paperwire.texts import gettext_noop

STYLES = {
    "auto": gettext_noop("Up to five papers come here as one message each, more as lists."),
    "cards": gettext_noop("Papers come here as one message each."),
    "list": gettext_noop("Papers come here in lists."),
}

SPEC = CommandSpec(
    "style",
    gettext_noop("How papers look here: one message each, or lists"),
    (Argument("query", gettext_noop("auto, cards or list"), required=False, choices=tuple(STYLES)),),
    who="manager",
)


async def answer(context: Context, request: Request) -> Reply:
    """`/style [auto|cards|list]`."""
    texts = request.texts
    style = unquoted(request.args).casefold()
    if not style:
        place = await places.settings(context, request)
        labels = zip(STYLES, (texts.gettext("Automatic"), texts.gettext("Cards"), texts.gettext("Lists")), strict=True)
        buttons = [Button(label, f"style:{name}") for name, label in labels]
        return say(texts.gettext(STYLES[place.style if place else "auto"]), buttons=[buttons])
    return say(texts.gettext(STYLES[(await set_style(context, request, style)).style]))


async def set_style(context: Context, caller: Caller, style: str) -> Destination:
    """Set how papers look in the caller's place, a word of STYLES; raises CommandError."""
    if style not in STYLES:
        raise CommandError(caller.texts.gettext("Use one of: %(choices)s.", choices=", ".join(STYLES)))
    return await places.update(context, caller, style=style)


async def press(context: Context, request: Request, part: str) -> Reply:
    """One of the buttons: `style:cards`."""
    only_managers(request)
    return replace(await answer(context, replace(request, args=part)), edit=True)


COMMANDS = (Command(SPEC, answer, {"style": press}),)
