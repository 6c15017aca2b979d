"""Links from pages into a chat that bring a query along."""

from __future__ import annotations

from paperwire.core.tokens import number_token, read_number_token, read_text_token, text_token
from paperwire.ports.channels import START_ROOM
from paperwire.ports.opt_ins import REMEMBERED
from paperwire.services.accounts.strangers import admit
from paperwire.services.context import Context
from paperwire.services.papers.trending import PASSES, trending_query
from paperwire.services.typed import read_query
from paperwire.texts import Texts

PURPOSE = "start"


def trending_code(window: str) -> str:
    """What a link carries for the trending papers of a `day` or a `week`."""
    return f"trending-{window}"


def short_code(context: Context, text: str) -> str:
    """What a link carries for a query that it has room for; empty for a longer one, which `kept_code` takes."""
    code = text_token(context.secret_key, PURPOSE, text)
    return code if len(code) <= START_ROOM else ""


async def invited_query(context: Context, code: str, texts: Texts) -> str | None:
    """The query of a link into a chat; None if no page made it, or too long ago."""
    for window in PASSES:
        if code == trending_code(window):
            return trending_query("", window, texts)[0]
    if (text := read_text_token(context.secret_key, PURPOSE, code)) is not None:
        return text
    number = read_number_token(context.secret_key, PURPOSE, code)
    if number is None:
        return None
    async with context.store.read() as unit:
        invitation = await unit.opt_ins.get(number)
    is_valid = invitation is not None and context.now() - invitation.created_at <= REMEMBERED
    return invitation.wanted["text"] if invitation is not None and is_valid else None


async def kept_code(context: Context, channel: str, text: str, *, client: str, texts: Texts) -> str:
    """What a link into a chat of that channel carries for any query: its number, kept for seven days.

    `client` is who asks, for the limits. Raises CommandError for a query that can't be read, or too many requests.
    """
    read_query(text, texts, lists=True)
    async with context.store.write() as unit:
        client = await admit(context, unit, client, texts)
        values = {"text": text}
        number = await unit.opt_ins.add(channel, "", client=client, person=0, locale=str(texts.locale), wanted=values)
    return number_token(context.secret_key, PURPOSE, number)
