"""`/trending`: the most upvoted papers of the last day, week or month, everywhere or in one chat, and as a query."""

from __future__ import annotations

from dataclasses import replace

from paperwire.commands.context import Chat, Command, say
from paperwire.core.messages.card import brief, list_buttons, vote_count
from paperwire.core.messages.message import Item, Span
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Query
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError
from paperwire.ports.requests import Argument, CommandSpec, Reply, Request
from paperwire.services.papers.lists import most_voted
from paperwire.services.papers.trending import WINDOWS, trending
from paperwire.services.typed import read_query, unquoted
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.results import trend_item

HERE = "here"
CHOICES = (*WINDOWS, HERE, *(f"{HERE} {window}" for window in WINDOWS))

# Translators: of /trending: what it does and takes (at most 100 characters; typed words stay English), examples.
SPEC = CommandSpec(
    "trending",
    gettext_noop("The most upvoted papers of the day, week or month"),
    (
        Argument(
            "query",
            gettext_noop("time: day, week or month; here for votes in this chat; then a query"),
            required=False,
            choices=CHOICES,
            is_open=True,
        ),
    ),
    topic="find",
    shareable=True,
    examples=(
        ("/trending week venue:any", gettext_noop("this week's most upvoted papers that were accepted somewhere")),
        ("/trending here week", gettext_noop("the papers with the most votes in this chat this week")),
    ),
)

_MOST_SHOWN = 10
# Translators: a heading over papers.
_TITLES = {
    "day": gettext_noop("Most upvoted today"),
    "week": gettext_noop("Most upvoted this week"),
    "month": gettext_noop("Most upvoted this month"),
}
# Translators: a heading over papers that members of a group upvoted.
_TITLES_HERE = {
    "day": gettext_noop("Trending here today"),
    "week": gettext_noop("Trending here this week"),
    "month": gettext_noop("Trending here this month"),
}


async def answer(context: Chat, request: Request) -> Reply:
    """`/trending [here] [day|week|month] [QUERY]`."""
    texts = request.texts
    is_here, window, query = _understood(unquoted(request.args), texts)
    if is_here:
        return await _here(context, request, window, texts)
    trends = await trending(context.store, window, context.now(), _MOST_SHOWN, query)
    if not trends and query is not None:
        return say(texts.gettext("No matching paper gained upvotes in this period."))
    if not trends:
        return say(texts.gettext("No upvotes in this period."))
    head = (Span(texts.gettext(_TITLES[window]), "bold"),)
    items = [trend_item(trend, texts) for trend in trends]
    return say(head, items=items, buttons=list_buttons([trend.paper for trend in trends]))


def _understood(typed: str, texts: Texts) -> tuple[bool, str, Query | None]:
    """Whether votes here are meant, the window, and the query; raises CommandError."""
    words = typed.split()
    is_here = bool(words) and words[0].casefold() == HERE
    words = words[is_here:]
    window = words.pop(0).casefold() if words and words[0].casefold() in WINDOWS else ""
    # A lone word is more likely a mistyped time than a query.
    if words and (is_here or not (window or len(words) > 1 or ":" in words[0])):
        raise CommandError(texts.gettext("Use one of: %(choices)s.", choices=texts.listed(CHOICES)))
    return is_here, window or "week", read_query(" ".join(words), texts) if words else None


async def _here(context: Chat, request: Request, window: str, texts: Texts) -> Reply:
    """The papers with most votes on the list of a chat, in a private one on the public list."""
    voted = await most_voted(context, request, context.now() - WINDOWS[window], _MOST_SHOWN)
    if not voted:
        return say(texts.gettext("No votes here in this period. Vote with 👍 under a paper, or /submit one."))
    head = (Span(texts.gettext(_TITLES_HERE[window]), "bold"),)
    items = [_voted_item(paper.paper, paper.votes, name, texts) for paper, name in voted]
    return say(head, items=items, buttons=list_buttons([paper.paper for paper, _ in voted]))


def _voted_item(paper: Paper, votes: int, name: str, texts: Texts) -> Item:
    """A paper with its votes, and who submitted it if that is shown."""
    item = brief(paper, texts)
    count = Span(vote_count(votes, texts), "bold")
    # Translators: who put a paper on a list, next to its votes.
    by = texts.gettext("submitted by %(name)s", name=clean(name, 60)) if name else ""
    return replace(item, lines=(*item.lines, (count, Span(" · "), Span(by)) if by else (count,)))


COMMANDS = (Command(SPEC, answer),)
