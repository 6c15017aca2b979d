"""`/preview`: which papers of the last days match a query, and how many a week that makes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from paperwire.commands.context import Command, say, unquoted
from paperwire.commands.offers import offered, query_buttons
from paperwire.commands.queries import QUERY, read_query
from paperwire.core.messages.card import brief
from paperwire.core.messages.message import Span
from paperwire.core.papers.categories import uncollected
from paperwire.core.query.prepared import Doc
from paperwire.ports import CommandSpec
from paperwire.texts import gettext_noop, texts_in

if TYPE_CHECKING:
    from paperwire.commands.context import Context
    from paperwire.core.messages.message import Item
    from paperwire.core.papers.paper import Paper
    from paperwire.core.query.language import Query
    from paperwire.ports import Reply, Request
    from paperwire.texts import Texts

SPEC = CommandSpec("preview", gettext_noop("Try a query on the last 30 days without subscribing"), (QUERY,))

WINDOW_DAYS = 30
SAMPLES = 3
TOO_MANY_A_DAY = 30
_MOST_CATEGORIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a query matches among the `papers` that are stored of the last `days` days, 0 if none are stored.

    `total` of them match (with `at_least` there may be more); `samples` are the newest. `uncollected` are the
    categories it names that aren't collected.
    """

    query: Query
    uncollected: tuple[str, ...]
    total: int = 0
    at_least: bool = False
    papers: int = 0
    days: int = 0
    samples: tuple[Paper, ...] = ()

    @property
    def a_week(self) -> float:
        """Matches a week."""
        return self.total * 7 / self.days if self.days else 0.0

    @property
    def is_flood(self) -> bool:
        """Whether it matches more than 30 papers a day."""
        return self.total > TOO_MANY_A_DAY * max(self.days, 1)


async def preview(context: Context, query: Query) -> Preview:
    """Try a query on the last 30 days that are stored; reads only."""
    missing = uncollected(query.categories(), context.followed)
    async with context.store.read() as unit:
        until = await unit.papers.latest_day()
        if until is None:
            return Preview(query=query, uncollected=missing)
        since = (await unit.papers.neighbours(until - timedelta(days=WINDOW_DAYS)))[1] or until
        found = await unit.search.search(query, order="date", since=since, limit=SAMPLES)
        return Preview(
            query=query,
            uncollected=missing,
            total=found.total,
            at_least=found.at_least,
            papers=await unit.papers.count_since(since),
            days=(until - since).days + 1,
            samples=tuple(found.papers),
        )


async def answer(context: Context, request: Request) -> Reply:
    """`/preview QUERY`."""
    return await _answer(context, request, unquoted(request.args))


async def press(context: Context, request: Request, part: str) -> Reply:
    """The button under a query: `try:QUERY`."""
    return await _answer(context, request, offered(context, part))


async def _answer(context: Context, request: Request, text: str) -> Reply:
    texts = texts_in(request.locale)
    result = await preview(context, read_query(text, texts))
    return say(
        (Span(texts.gettext("Preview:")), Span(" "), Span(text, "code")),
        *preview_lines(result, texts),
        items=sample_items(result, texts),
        buttons=[query_buttons(context, text, texts, "add", "look")],
    )


def preview_lines(result: Preview, texts: Texts) -> list[str]:
    """How many papers match, how many a week that makes, and what to change if it is none or too many."""
    if not result.days:
        lines = [texts.gettext("No papers are stored yet, so there is no preview. The first ones are being read.")]
    elif result.total:
        lines = [_rate(result, texts)]
    elif result.at_least:
        lines = [texts.gettext("No match yet, but not all papers were searched. Use more words or longer ones.")]
    else:
        lines = [
            texts.ngettext(
                "No match in the last day. Check the spelling or use fewer words.",
                "No match in the last %(num)s days. Check the spelling or use fewer words.",
                result.days,
            )
        ]
    if result.is_flood:
        lines.append(
            texts.gettext(
                '⚠ That\'s more than %(limit)s a day. Narrow it with another word, a "phrase", ti: or cat:, '
                "or choose a daily digest.",
                limit=TOO_MANY_A_DAY,
            )
        )
    if result.uncollected:
        lines.append(_not_collected(result.uncollected, texts))
    return lines


def _rate(result: Preview, texts: Texts) -> str:
    """`7 matches in the last 15 days, about 3 a week.`."""
    a_month = max(result.total * 30 / result.days, 1)
    return texts.gettext(
        "%(matches)s in %(period)s, %(rate)s.",
        matches=texts.ngettext("At least %(num)s match", "At least %(num)s matches", result.total)
        if result.at_least
        else texts.ngettext("%(num)s match", "%(num)s matches", result.total),
        period=texts.ngettext("the last day", "the last %(num)s days", result.days),
        rate=texts.gettext("about %(count)s a week", count=texts.number(round(result.a_week)))
        if result.a_week >= 1
        else texts.gettext("about %(count)s a month", count=texts.number(round(a_month))),
    )


def _not_collected(names: tuple[str, ...], texts: Texts) -> str:
    return texts.ngettext(
        "⚠ %(names)s isn't collected here, so no papers from it will arrive. Ask the operator to add it.",
        "⚠ %(names)s aren't collected here, so no papers from them will arrive. Ask the operator to add them.",
        len(names),
        names=", ".join(names[:_MOST_CATEGORIES]),
    )


def sample_items(result: Preview, texts: Texts) -> list[Item]:
    """The newest matches, as a list shows them."""
    return [brief(paper, texts, matched=result.query.matched_terms(Doc.of(paper))) for paper in result.samples]


COMMAND = Command(SPEC, answer, {"try": press})
