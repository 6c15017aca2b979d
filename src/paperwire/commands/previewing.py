"""Previews: what a query would have found lately, and how often that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from paperwire.commands.desk import read_query, say, unquoted
from paperwire.core.messages.card import brief
from paperwire.core.messages.message import Span
from paperwire.core.papers.categories import uncollected
from paperwire.core.query.prepared import Doc
from paperwire.wording import searching as search_words
from paperwire.wording import subscribing as words

if TYPE_CHECKING:
    from datetime import date

    from paperwire.commands.desk import Desk
    from paperwire.core.messages.message import Item
    from paperwire.core.papers.paper import Paper
    from paperwire.core.query.language import Query
    from paperwire.ports import Reply, Request

WINDOW_DAYS = 30
SAMPLES = 3
TOO_MANY_A_DAY = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a query would have found among the papers of `days` days up to `until`, the days really held.

    `total` papers of `papers` (with `at_least` there may be more), the newest ones in `samples`. `since` and
    `until` are None when nothing is held at all. `uncollected` are classes it asks for that nobody collects.
    """

    query: Query
    total: int
    at_least: bool
    papers: int
    days: int
    since: date | None
    until: date | None
    samples: tuple[Paper, ...]
    uncollected: tuple[str, ...]

    @property
    def a_week(self) -> float:
        """How many papers a week that makes."""
        return self.total * 7 / self.days if self.days else 0.0

    @property
    def floods(self) -> bool:
        """Whether it would fire more than 30 times a day."""
        return self.total > TOO_MANY_A_DAY * max(self.days, 1)


async def preview(desk: Desk, query: Query) -> Preview:
    """Try a query on the last 30 days that are held; reads only."""
    async with desk.store.read() as unit:
        until = await unit.papers.latest_day()
        if until is None:
            return _nothing_held(desk, query)
        window = until - timedelta(days=WINDOW_DAYS - 1)
        since = (await unit.papers.neighbours(window - timedelta(days=1)))[1] or until
        found = await unit.search.search(query, order="date", since=since, limit=SAMPLES)
        papers = await unit.papers.count_since(since)
    return Preview(
        query=query,
        total=found.total,
        at_least=found.at_least,
        papers=papers,
        days=(until - since).days + 1,
        since=since,
        until=until,
        samples=tuple(found.papers),
        uncollected=uncollected(query.categories(), desk.followed),
    )


def _nothing_held(desk: Desk, query: Query) -> Preview:
    return Preview(
        query=query,
        total=0,
        at_least=False,
        papers=0,
        days=0,
        since=None,
        until=None,
        samples=(),
        uncollected=uncollected(query.categories(), desk.followed),
    )


def preview_lines(found: Preview) -> list[str]:
    """A preview in words: how many, the rate, and what to beware of."""
    if found.since is None or found.until is None:
        lines = [words.NOTHING_HELD]
    else:
        lines = [words.would_have_matched(found.total, found.papers, found.days, found.until, at_least=found.at_least)]
        if found.floods:
            lines.append(words.TOO_MANY)
        elif not found.total:
            lines = [search_words.PARTLY_SEARCHED] if found.at_least else [*lines, words.NEVER]
    if found.uncollected:
        lines.append(words.nobody_collects(found.uncollected))
    return lines


def sample_items(found: Preview) -> list[Item]:
    """The newest papers a preview found, as a list shows them."""
    return [brief(paper, matched=found.query.matched_terms(Doc.of(paper))) for paper in found.samples]


async def answer_preview(desk: Desk, request: Request) -> Reply:
    """`/preview QUERY`."""
    text = unquoted(request.args)
    found = await preview(desk, read_query(text))
    head = (Span(words.PREVIEW_OF), Span(text, "code"))
    return say(head, *preview_lines(found), items=sample_items(found), foot=[words.try_subscribe(text)])
