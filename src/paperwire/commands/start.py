"""`/start` and the first words in a chat: what Paperwire does, with an example."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paperwire.commands import people
from paperwire.commands.context import Command, is_shared, say, unquoted
from paperwire.commands.invitations import invited
from paperwire.commands.link import ask_to_link
from paperwire.commands.subscribe import EXAMPLE
from paperwire.core.messages.message import Button, Span
from paperwire.errors import CommandError
from paperwire.ports.requests import CommandSpec
from paperwire.texts import gettext_noop, texts_in

if TYPE_CHECKING:
    from paperwire.commands.context import Context
    from paperwire.ports.requests import Place, Reply, Request
    from paperwire.texts import Texts

SPEC = CommandSpec("start", gettext_noop("What Paperwire does, and how to begin"))
_LONGEST_NAME = 20
_ENDS = {
    "group": gettext_noop("To pause, send /pause. To get rid of Paperwire, remove the bot from this group."),
    "topic": gettext_noop("To pause, send /pause. To get rid of Paperwire, remove the bot from this group."),
    "channel": gettext_noop(
        "To pause, send /pause. To get rid of Paperwire, remove the bot from this channel or server."
    ),
    "thread": gettext_noop("To pause, send /pause. To get rid of Paperwire, remove the bot from this server."),
}


async def answer(context: Context, request: Request) -> Reply:
    """`/start`; behind it stands what a link into the chat brought: a page's query, or a code of `/link`."""
    payload = unquoted(request.args)
    if payload and (reply := await invited(context, request, payload)) is not None:
        return reply
    if len(payload) > _LONGEST_NAME:
        return await _ask_to_link(context, request, payload)
    async with context.store.write() as unit:
        await people.person(context, unit, request)
    return greeting(context, request.place, texts_in(request.locale))


async def _ask_to_link(context: Context, request: Request, code: str) -> Reply:
    try:
        return await ask_to_link(context, request, code)
    except CommandError:
        raise CommandError(
            texts_in(request.locale).gettext(
                "This link is too old, or a part of it is missing or was changed. Open it again where you found it: the"
                " search on %(url)s, or /link on your other account (its code works for 15 minutes).",
                url=context.public_url,
            )
        ) from None


def greeting(context: Context, place: Place, texts: Texts) -> Reply:
    """The first words in a place: what comes, an example, and how to be rid of it."""
    if is_shared(place):
        lines = (
            texts.gettext("New papers that match your subscriptions are posted here. Managers subscribe with a query:"),
            texts.gettext(_ENDS[place.kind]),
        )
    else:
        lines = (
            texts.gettext("Subscribe with a query, and new papers that match it are sent to you as they appear:"),
            texts.gettext("To pause, send /pause. To delete everything stored about you, send /forget."),
        )
    return say(
        (Span("Paperwire", "bold"),),
        lines[0],
        (Span(f"/subscribe {EXAMPLE}", "code"),),
        lines[1],
        buttons=[
            [
                Button(texts.gettext("Subscribe to this example"), context.recent.action("add:", EXAMPLE)),
                Button(texts.gettext("Preview it"), context.recent.action("try:", EXAMPLE)),
            ],
            [
                Button(texts.gettext("How to write a query"), "help:query"),
                Button(texts.gettext("All commands"), "help:"),
            ],
        ],
    )


COMMAND = Command(SPEC, answer)
