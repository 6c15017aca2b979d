"""Links from pages into a chat that bring a query along."""

from __future__ import annotations

from paperwire.core.tokens import number_token, text_token
from paperwire.ports.channels import START_ROOM
from paperwire.services.context import Context
from paperwire.services.queries import read_query
from paperwire.services.strangers import admit
from paperwire.texts import Texts

PURPOSE = "start"


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
        values = {"text": text}
        number = await unit.opt_ins.add(channel, "", client=client, person=0, locale=str(texts.locale), wanted=values)
    return number_token(context.secret_key, PURPOSE, number)
