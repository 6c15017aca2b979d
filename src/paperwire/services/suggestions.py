"""Narrower queries for one that finds too much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from itertools import islice

from paperwire.core.query.language import Query
from paperwire.core.search.preview import Preview
from paperwire.core.search.rated import Rated
from paperwire.core.search.suggestion import Suggestion, narrower, wider
from paperwire.errors import StoreBusy
from paperwire.services.context import Context
from paperwire.services.preview import counted_days
from paperwire.store.unit import Unit

_MOST_SHOWN = 3
_MOST_TRIED = 12
_SAMPLE = 50
_CATEGORIES = 2


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
