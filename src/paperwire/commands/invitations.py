"""Links into a chat that bring a query along: made on a page, answered with what to expect of it and a button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paperwire.commands.opt_in import admit
from paperwire.commands.preview import previewed
from paperwire.commands.queries import read_query
from paperwire.commands.trends import PASSES, trending_query
from paperwire.core.tokens import number_token, read_number_token, read_text_token, text_token
from paperwire.ports.channels import START_ROOM
from paperwire.store.people.opt_ins import KEPT
from paperwire.texts import texts_in

if TYPE_CHECKING:
    from paperwire.commands.context import Context
    from paperwire.ports.requests import Reply, Request
    from paperwire.texts import Texts

PURPOSE = "start"
_TRENDING = {f"trending-{window}": window for window in PASSES}


def trending_code(window: str) -> str:
    """What a link carries for the trending papers of a `day` or a `week`."""
    return f"trending-{window}"


def short_code(context: Context, text: str) -> str:
    """What a link carries for a query that it has room for; empty for a longer one, which `kept_code` takes."""
    code = text_token(context.secret_key, PURPOSE, text)
    return code if len(code) <= START_ROOM else ""


async def kept_code(context: Context, channel: str, text: str, *, client: str, texts: Texts) -> str:
    """What a link into a chat of that channel carries for any query: its number, kept for seven days.

    `client` is who asks, for the limits. Raises CommandError for a query that can't be read, or too many requests.
    """
    read_query(text, texts, lists=True)
    async with context.store.write() as unit:
        client = await admit(context, unit, client, texts)
        wanted = {"text": text}
        number = await unit.opt_ins.add(channel, "", client=client, person=0, locale=str(texts.locale), wanted=wanted)
    return number_token(context.secret_key, PURPOSE, number)


async def invited(context: Context, request: Request, code: str) -> Reply | None:
    """The answer to a link into a chat, with a button that subscribes; None if no page made it, or too long ago."""
    texts = texts_in(request.locale)
    text = await _text_of(context, code, texts)
    return None if text is None else await previewed(context, request, text, invited=True)


async def _text_of(context: Context, code: str, texts: Texts) -> str | None:
    if code in _TRENDING:
        return trending_query("", _TRENDING[code], texts)[0]
    if (text := read_text_token(context.secret_key, PURPOSE, code)) is not None:
        return text
    number = read_number_token(context.secret_key, PURPOSE, code)
    if number is None:
        return None
    async with context.store.read() as unit:
        kept = await unit.opt_ins.get(number)
    return kept.wanted["text"] if kept is not None and context.now() - kept.created_at <= KEPT else None
