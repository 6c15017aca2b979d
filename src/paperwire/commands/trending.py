"""`/trending`: the most upvoted papers of the last day, week or month."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from paperwire.commands.context import Command, say, unquoted
from paperwire.core.messages.card import brief, list_buttons
from paperwire.core.messages.message import Span
from paperwire.errors import CommandError
from paperwire.ports import Argument, CommandSpec
from paperwire.texts import gettext_noop, texts_in

if TYPE_CHECKING:
    from datetime import date, datetime

    from paperwire.commands.context import Context
    from paperwire.core.papers.paper import Paper
    from paperwire.ports import Reply, Request
    from paperwire.store.unit import Store

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


def first_day(window: str, now: datetime) -> date:
    """The first day of a window that ends now."""
    return (now - WINDOWS[window]).date()


async def trending(store: Store, window: str, now: datetime, limit: int) -> list[Paper]:
    """The most upvoted papers of a window."""
    async with store.read() as unit:
        return await unit.papers.trending(first_day(window, now), limit)


async def answer(context: Context, request: Request) -> Reply:
    """`/trending [day|week|month]`."""
    texts = texts_in(request.locale)
    window = unquoted(request.args).casefold() or "week"
    if window not in WINDOWS:
        raise CommandError(texts.gettext("Use one of: %(choices)s.", choices=", ".join(WINDOWS)))
    papers = await trending(context.store, window, context.now(), _MOST)
    if not papers:
        return say(texts.gettext("No paper got upvotes in this time."))
    head = (Span(texts.gettext(_TITLES[window]), "bold"),)
    return say(head, items=[brief(paper, texts) for paper in papers], buttons=list_buttons(papers))


COMMAND = Command(SPEC, answer)
