"""`/start`: the first words in a chat, with an example, and what a link from a page brought along."""

from __future__ import annotations

from paperwire.commands.context import Chat, Command, say
from paperwire.commands.link import ask_to_link
from paperwire.commands.preview import previewed
from paperwire.core.messages.message import Button, Span
from paperwire.core.messages.plain import without_links
from paperwire.core.tokens import read_number_token, read_text_token
from paperwire.errors import CommandError
from paperwire.ports.callers import Place
from paperwire.ports.opt_ins import REMEMBERED
from paperwire.ports.requests import CommandSpec, Reply, Request
from paperwire.services import people
from paperwire.services.start import PURPOSE
from paperwire.services.subscriptions import EXAMPLE
from paperwire.services.trending import PASSES, trending_query
from paperwire.services.typed import unquoted
from paperwire.texts import Texts, gettext_noop

SPEC = CommandSpec("start", gettext_noop("What Paperwire does, and how to begin"))
_LONGEST_NAME = 20
_TRENDING = {f"trending-{window}": window for window in PASSES}
_ENDS = {
    "group": gettext_noop("To pause, send /pause. To get rid of Paperwire, remove the bot from this group."),
    "topic": gettext_noop("To pause, send /pause. To get rid of Paperwire, remove the bot from this group."),
    "channel": gettext_noop(
        "To pause, send /pause. To get rid of Paperwire, remove the bot from this channel or server."
    ),
    "thread": gettext_noop("To pause, send /pause. To get rid of Paperwire, remove the bot from this server."),
}


async def answer(context: Chat, request: Request) -> Reply:
    """`/start`; after it comes what a link into the chat brought: a page's query, or a code of `/link`."""
    payload = unquoted(request.args)
    if payload and (reply := await invited(context, request, payload)) is not None:
        return reply
    if len(payload) > _LONGEST_NAME:
        return await _ask_to_link(context, request, payload)
    async with context.store.write() as unit:
        await people.person(context, unit, request)
    return greeting(context, request.place, request.texts)


async def _ask_to_link(context: Chat, request: Request, code: str) -> Reply:
    try:
        return await ask_to_link(context, request, code)
    except CommandError:
        raise CommandError(
            request.texts.gettext(
                "This link is too old, or a part of it is missing or was changed. Open it again where you found it: the"
                " search on %(url)s, or /link on your other account (its code works for 15 minutes).",
                url=context.public_url,
            )
        ) from None


def greeting(context: Chat, place: Place, texts: Texts) -> Reply:
    """The first words in a place: what comes, an example, and how to be rid of it."""
    if place.is_shared:
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


# --- links from pages that bring a query along -------------------------------------------------------------------


async def invited(context: Chat, request: Request, code: str) -> Reply | None:
    """The answer to a link into a chat, with a button that subscribes; None if no page made it, or too long ago.

    Anyone may have made it on the page and passed it on, so the answer shows no link of theirs.
    """
    text = await _text_of(context, code, request.texts)
    return None if text is None else await previewed(context, request, without_links(text), invited=True)


async def _text_of(context: Chat, code: str, texts: Texts) -> str | None:
    if code in _TRENDING:
        return trending_query("", _TRENDING[code], texts)[0]
    if (text := read_text_token(context.secret_key, PURPOSE, code)) is not None:
        return text
    number = read_number_token(context.secret_key, PURPOSE, code)
    if number is None:
        return None
    async with context.store.read() as unit:
        request = await unit.opt_ins.get(number)
    return request.wanted["text"] if request is not None and context.now() - request.created_at <= REMEMBERED else None


COMMANDS = (Command(SPEC, answer),)
