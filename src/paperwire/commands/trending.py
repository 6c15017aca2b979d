"""`/trending`: the most upvoted papers of the last day, week or month, everywhere or in one chat, and as a query."""

from __future__ import annotations

from dataclasses import replace

from paperwire.commands.context import Chat, Command, say
from paperwire.commands.lists import votes_line, worded
from paperwire.core.messages.card import brief, list_buttons
from paperwire.core.messages.message import Item, Span
from paperwire.core.papers.lists import Voted
from paperwire.errors import CommandError
from paperwire.ports.requests import Argument, CommandSpec, Reply, Request
from paperwire.services.lists import known_list
from paperwire.services.trending import WINDOWS, trending
from paperwire.services.typed import unquoted
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.found import trend_item

HERE = "here"
CHOICES = (*WINDOWS, HERE, *(f"{HERE} {window}" for window in WINDOWS))

SPEC = CommandSpec(
    "trending",
    gettext_noop("The most upvoted papers of the day, week or month"),
    (
        Argument(
            "query", gettext_noop("day, week or month; here for votes in this chat"), required=False, choices=CHOICES
        ),
    ),
)

_MOST_SHOWN = 10
_TITLES = {
    "day": gettext_noop("Most upvoted today"),
    "week": gettext_noop("Most upvoted this week"),
    "month": gettext_noop("Most upvoted this month"),
}
_TITLES_HERE = {
    "day": {
        "": gettext_noop("Trending here today"),
        "server": gettext_noop("Trending in this server today"),
        "group": gettext_noop("Trending in this group today"),
    },
    "week": {
        "": gettext_noop("Trending here this week"),
        "server": gettext_noop("Trending in this server this week"),
        "group": gettext_noop("Trending in this group this week"),
    },
    "month": {
        "": gettext_noop("Trending here this month"),
        "server": gettext_noop("Trending in this server this month"),
        "group": gettext_noop("Trending in this group this month"),
    },
}


async def answer(context: Chat, request: Request) -> Reply:
    """`/trending [here] [day|week|month]`."""
    texts = request.texts
    typed = unquoted(request.args).casefold()
    if typed and typed not in CHOICES:
        raise CommandError(texts.gettext("Use one of: %(choices)s.", choices=", ".join(CHOICES)))
    is_here, window = typed.startswith(HERE), typed.removeprefix(HERE).strip() or "week"
    if is_here:
        return await _here(context, request, window, texts)
    trends = await trending(context.store, window, context.now(), _MOST_SHOWN)
    if not trends:
        return say(texts.gettext("No paper got upvotes in this time."))
    head = (Span(texts.gettext(_TITLES[window]), "bold"),)
    items = [trend_item(trend, texts) for trend in trends]
    return say(head, items=items, buttons=list_buttons([trend.paper for trend in trends]))


async def _here(context: Chat, request: Request, window: str, texts: Texts) -> Reply:
    """The papers with most votes on the list of a chat, in a private one on the public list."""
    now = context.now()
    async with context.store.read() as unit:
        of_list = await known_list(context, unit, request)
        voted = [] if of_list is None else await unit.lists.most_voted(of_list, now - WINDOWS[window], now, _MOST_SHOWN)
        names = (
            {}
            if of_list is None
            else await unit.lists.names(of_list, [submission.paper.number for submission in voted])
        )
    if not voted:
        return say(texts.gettext("No paper got votes here in this time. Vote with 👍 under a paper, or /submit one."))
    head = (Span(texts.gettext(worded(request.place, _TITLES_HERE[window])), "bold"),)
    items = [_voted_item(submission, names.get(submission.paper.number, ""), texts) for submission in voted]
    return say(head, items=items, buttons=list_buttons([submission.paper for submission in voted]))


def _voted_item(one: Voted, name: str, texts: Texts) -> Item:
    item = brief(one.paper, texts)
    return replace(item, lines=(*item.lines, votes_line(one.votes, name, texts)))


# --- as a subscription -------------------------------------------------------------------------------------------


COMMANDS = (Command(SPEC, answer),)
