"""Narrower and wider queries for a subscription, each with its rate and a button that takes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import islice

from paperwire.commands.context import Context
from paperwire.commands.preview import Preview, counted_days, rate_words
from paperwire.core.messages.message import Button, Line, Span
from paperwire.core.query.language import Query
from paperwire.core.search.suggestion import Difference, Suggestion, narrower, wider
from paperwire.errors import StoreBusy
from paperwire.store.unit import Unit
from paperwire.texts import Texts, gettext_noop

_MOST_SHOWN = 3
_MOST_TRIED = 12
_SAMPLE = 50
_CATEGORIES = 2
_WORDS = {
    Difference.TITLES: gettext_noop("in titles only"),
    Difference.PHRASE: gettext_noop("as a phrase"),
    Difference.CATEGORY: gettext_noop("in %(subject)s only"),
    Difference.TRANSLATED: gettext_noop("written this way"),
    Difference.EXCLUSIONS: gettext_noop("without the exclusions"),
    Difference.UPVOTES: gettext_noop("without upvotes"),
    Difference.ANYWHERE: gettext_noop("in title or abstract"),
    Difference.LOOSE: gettext_noop("words in any order"),
    Difference.WITHOUT: gettext_noop("without %(subject)s"),
    Difference.EITHER: gettext_noop("any of the words"),
}


@dataclass(frozen=True, slots=True)
class Rated:
    """A suggestion, and how many papers match it within `days`."""

    suggestion: Suggestion
    total: int
    days: int

    @property
    def text(self) -> str:
        """The query to type."""
        return str(self.suggestion.query)

    def words(self, texts: Texts) -> str:
        """`in titles only: 6 a week`."""
        change = texts.gettext(_WORDS[self.suggestion.change], subject=self.suggestion.subject)
        return f"{change}: {rate_words(self.total, self.days, texts)}"


async def suggested(context: Context, result: Preview) -> list[Rated]:
    """Narrower queries for a flood, wider ones where nothing matches; none for any other or before there are papers.

    None for a query by meaning either: it has a rate. And none while too much is going on.
    """
    if result.query.like is not None:
        return []
    with suppress(StoreBusy):
        if result.is_flood:
            return await narrowed(context, result.query)
        if result.is_final and not (result.total or result.at_least):
            async with context.store.search() as unit:
                return await _rated(unit, wider(result.query), most=None)
    return []


async def narrowed(context: Context, query: Query) -> list[Rated]:
    """Queries that match some of its papers, not all."""
    async with context.store.search() as unit:
        window = await counted_days(unit)
        if window is None:
            return []
        found = await unit.search.search(query, order="date", since=window[0], limit=_SAMPLE)
        categories = Counter(paper.categories[0] for paper in found.papers if paper.categories)
        names = [name for name, _ in categories.most_common(_CATEGORIES)]
        return await _rated(unit, narrower(query, names), most=found.total)


async def _rated(unit: Unit, suggestions: Iterable[Suggestion], *, most: int | None) -> list[Rated]:
    """The first of these that match something, and fewer than `most` papers."""
    window = await counted_days(unit)
    rated: list[Rated] = []
    if window is None:
        return rated
    since, days = window
    for suggestion in islice(suggestions, _MOST_TRIED):
        total = await _total(unit, suggestion.query, since)
        if total and (most is None or total < most):
            rated.append(Rated(suggestion, total, days))
        if len(rated) == _MOST_SHOWN:
            break
    return rated


async def _total(unit: Unit, query: Query, since: date) -> int:
    return (await unit.search.search(query, order="date", since=since, limit=1)).total


def suggestion_lines(rated: list[Rated], texts: Texts) -> list[Line]:
    """Each suggestion with its query."""
    return [(Span(each.text, "code"), Span(f" – {each.words(texts)}")) for each in rated]


def suggestion_rows(context: Context, rated: list[Rated], number: int, texts: Texts) -> list[list[Button]]:
    """A button for each, which gives subscription `number` that query: `swap:N:QUERY`."""
    return [[Button(each.words(texts), context.recent.action(f"swap:{number}:", each.text))] for each in rated]
