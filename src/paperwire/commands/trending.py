"""`/trending`: the most upvoted papers of the last day, week or month, everywhere or in one chat, and as a query."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from paperwire.commands.context import Command, Context, say, unquoted
from paperwire.commands.lists import known_list, votes_line, worded
from paperwire.commands.queries import read_query
from paperwire.core.messages.card import brief, list_buttons
from paperwire.core.messages.message import Item, Span
from paperwire.core.messages.plain import plain_words
from paperwire.core.papers.categories import CATEGORIES
from paperwire.core.papers.score import Trend
from paperwire.errors import CommandError
from paperwire.ports.requests import Argument, CommandSpec, Reply, Request
from paperwire.store.lists.lists import Voted
from paperwire.store.unit import Store
from paperwire.texts import Texts, gettext_noop

WINDOWS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
"""How far back each window reaches."""

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

_MOST = 10
PASSES = {"day": 10, "week": 30}
"""The upvotes that a paper passes to be in the papers of a day, or of a week.

Of the recorded lists of Hugging Face's 457 days, 5.4 papers a day passed 10 and 8.3 a week passed 30.
"""
_EVERYTHING = "(source:arxiv OR source:huggingface)"
_KNOWN = frozenset(name.casefold() for name in CATEGORIES)
_TOPIC_LIMIT = 48
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


async def trending(store: Store, window: str, now: datetime, limit: int) -> list[Trend]:
    """The papers that gained most upvotes in a window that ends now."""
    async with store.read() as unit:
        return await unit.papers.trending(now - WINDOWS[window], now, limit)


def trend_item(trend: Trend, texts: Texts) -> Item:
    """A paper in a list of what trends, with what it gained."""
    item = brief(trend.paper, texts)
    if not trend.gained:
        return item
    gained = texts.ngettext("%(num)s upvote gained", "%(num)s upvotes gained", trend.gained)
    return replace(item, lines=(*item.lines, ((Span(gained, "bold")),)))


async def answer(context: Context, request: Request) -> Reply:
    """`/trending [here] [day|week|month]`."""
    texts = request.texts
    typed = unquoted(request.args).casefold()
    if typed and typed not in CHOICES:
        raise CommandError(texts.gettext("Use one of: %(choices)s.", choices=", ".join(CHOICES)))
    is_here, window = typed.startswith(HERE), typed.removeprefix(HERE).strip() or "week"
    if is_here:
        return await _here(context, request, window, texts)
    trends = await trending(context.store, window, context.now(), _MOST)
    if not trends:
        return say(texts.gettext("No paper got upvotes in this time."))
    head = (Span(texts.gettext(_TITLES[window]), "bold"),)
    items = [trend_item(trend, texts) for trend in trends]
    return say(head, items=items, buttons=list_buttons([trend.paper for trend in trends]))


async def _here(context: Context, request: Request, window: str, texts: Texts) -> Reply:
    """The papers with most votes on the list of a chat, in a private one on the public list."""
    now = context.now()
    async with context.store.read() as unit:
        of_list = await known_list(context, unit, request)
        found = [] if of_list is None else await unit.lists.most_voted(of_list, now - WINDOWS[window], now, _MOST)
        names = {} if of_list is None else await unit.lists.names(of_list, [one.paper.number for one in found])
    if not found:
        return say(texts.gettext("No paper got votes here in this time. Vote with 👍 under a paper, or /submit one."))
    head = (Span(texts.gettext(worded(request.place, _TITLES_HERE[window])), "bold"),)
    items = [_voted_item(one, names.get(one.paper.number, ""), texts) for one in found]
    return say(head, items=items, buttons=list_buttons([one.paper for one in found]))


def _voted_item(one: Voted, name: str, texts: Texts) -> Item:
    item = brief(one.paper, texts)
    return replace(item, lines=(*item.lines, votes_line(one.votes, name, texts)))


# --- as a subscription -------------------------------------------------------------------------------------------


def trending_query(topic: str, window: str, texts: Texts) -> tuple[str, str]:
    """The query for the trending papers of a `day` or `week`, and a name for it.

    `topic` is empty for all papers, a category (`cs.CL`), or a query; one that has its own `upvotes>=` keeps it.
    Raises CommandError if it can't be read.
    """
    passes = f"upvotes>={PASSES[window]}"
    if not topic.strip():
        return f"{_EVERYTHING} {passes}", texts.gettext("Trending papers")
    named = topic_query(topic)
    has_own = read_query(named, texts).upvotes is not None
    name = texts.gettext("Trending: %(topic)s", topic=plain_words(topic, _TOPIC_LIMIT))
    return (named if has_own else f"({named}) {passes}"), name


def topic_query(topic: str) -> str:
    """The query for a topic as people type it: a category alone is meant as one."""
    topic = " ".join(topic.split())
    return f"cat:{topic}" if topic.casefold() in _KNOWN else topic


COMMANDS = (Command(SPEC, answer),)
