"""`/trending`: the most upvoted papers of the last day, week or month."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from paperwire.commands.context import Command, say, unquoted
from paperwire.core.messages.card import brief, list_buttons
from paperwire.core.messages.message import Span
from paperwire.errors import CommandError
from paperwire.ports.requests import Argument, CommandSpec
from paperwire.texts import gettext_noop, texts_in

if TYPE_CHECKING:
    from datetime import datetime

    from paperwire.commands.context import Context
    from paperwire.core.messages.message import Item
    from paperwire.core.papers.score import Trend
    from paperwire.ports.requests import Reply, Request
    from paperwire.store.unit import Store
    from paperwire.texts import Texts

WINDOWS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
"""How far back each window reaches."""

SPEC = CommandSpec(
    "trending",
    gettext_noop("The most upvoted papers of the day, week or month"),
    (Argument("query", gettext_noop("day, week or month"), required=False, choices=tuple(WINDOWS)),),
)

_MOST = 10
_TITLES = {
    "day": gettext_noop("Most upvoted today"),
    "week": gettext_noop("Most upvoted this week"),
    "month": gettext_noop("Most upvoted this month"),
}


async def trending(store: Store, window: str, now: datetime, limit: int) -> list[Trend]:
    """The papers that gained most upvotes in a window that ends now."""
    async with store.read() as unit:
        return await unit.papers.trending(now - WINDOWS[window], now, limit)


def trend_item(trend: Trend, texts: Texts) -> Item:
    """A paper in a list of what trends, with what it gained."""
    item = brief(trend.paper, texts)
    gained = texts.ngettext("%(num)s upvote gained", "%(num)s upvotes gained", trend.gained)
    return replace(item, lines=(*item.lines, ((Span(gained, "bold")),)))


async def answer(context: Context, request: Request) -> Reply:
    """`/trending [day|week|month]`."""
    texts = texts_in(request.locale)
    window = unquoted(request.args).casefold() or "week"
    if window not in WINDOWS:
        raise CommandError(texts.gettext("Use one of: %(choices)s.", choices=", ".join(WINDOWS)))
    trends = await trending(context.store, window, context.now(), _MOST)
    if not trends:
        return say(texts.gettext("No paper got upvotes in this time."))
    head = (Span(texts.gettext(_TITLES[window]), "bold"),)
    items = [trend_item(trend, texts) for trend in trends]
    return say(head, items=items, buttons=list_buttons([trend.paper for trend in trends]))


COMMAND = Command(SPEC, answer)
