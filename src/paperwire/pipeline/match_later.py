"""Matching what changed in records: which queries became true of a paper, and on which occasion each of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from paperwire.core.matching.later import occasion_of
from paperwire.core.matching.news import News
from paperwire.core.papers.paper import ARRIVAL, Occasion
from paperwire.core.papers.revision import as_before
from paperwire.core.query.prepared import Doc
from paperwire.store.unit import Store

BecameTrue: TypeAlias = Mapping[int, Mapping[int, Occasion]]
"""For each event that is a change of a record, the queries that became true by it, with the occasion."""


def by_paper(news: Iterable[News], size: int) -> Iterator[list[News]]:
    """The news in pieces of about this size, all that is said of a paper in one of them."""
    of_paper: defaultdict[int, list[News]] = defaultdict(list)
    for item in news:
        of_paper[item.paper.number].append(item)
    piece: list[News] = []
    for items in of_paper.values():
        piece += items
        if len(piece) >= size:
            yield piece
            piece = []
    if piece:
        yield piece


async def became_true(
    store: Store,
    news: Sequence[News],
    matches: Sequence[Sequence[int]],
    match: Callable[[Sequence[Doc]], Awaitable[Sequence[Sequence[int]]]],
) -> BecameTrue:
    """Of queries that match the papers of these news now, those that did not before their record changed.

    What matched a paper at any time before is not reported again, nor what two changes made true together. A batch that
    a crash interrupted finds what it had found.
    """
    arrivals = _first_arrivals(news, matches)
    changed = [
        (item, Doc.of(as_before(item.paper, item.before)), numbers)
        for item, numbers in zip(news, matches, strict=True)
        if item.before is not None
    ]
    if not changed:
        return {}
    earlier = await match([before for _, before, _ in changed])
    fresh = [
        (item, before, sorted(set(numbers).difference(former, *_before(item, arrivals.get(item.paper.number, ())))))
        for (item, before, numbers), former in zip(changed, earlier, strict=True)
    ]
    return await _occasions(store, fresh)


async def _occasions(store: Store, fresh: Iterable[tuple[News, Doc, Sequence[int]]]) -> BecameTrue:
    """For changes, with the record before and the queries that match only now, which of them hear of it, and why."""
    fresh = sorted(fresh, key=lambda change: (change[0].seen_at, change[0].event))
    async with store.read() as unit:
        queries = await unit.subscriptions.queries({number for *_, numbers in fresh for number in numbers})
        matched = await unit.fanout.told_since(
            {(number, item.paper.number) for item, _, numbers in fresh for number in numbers}
        )
    occasions: dict[int, dict[int, Occasion]] = {}
    told: set[tuple[int, int]] = set()
    for item, before, numbers in fresh:
        after = Doc.of(item.paper)
        its_occasions = occasions[item.event] = {}
        for number in numbers:
            pair, query = (number, item.paper.number), queries.get(number)
            if pair in told or query is None or matched.get(pair, item.seen_at) < item.seen_at:
                continue
            if (occasion := occasion_of(query, before, after)) is not None:
                its_occasions[number] = occasion
                told.add(pair)
    return occasions


def told_instead(news: Sequence[News], became_true: BecameTrue) -> dict[int, frozenset[int]]:
    """By the event of an arrival, the queries that hear of what became true of its paper at that time, or long after.

    They don't hear of the arrival as well.
    """
    changes: defaultdict[int, list[News]] = defaultdict(list)
    for item in news:
        if item.before is not None:
            changes[item.paper.number].append(item)
    return {
        item.event: frozenset(
            number
            for change in changes[item.paper.number]
            if item.again or change.seen_at == item.seen_at
            for number in became_true[change.event]
        )
        for item in news
        if item.before is None and item.paper.number in changes
    }


def _first_arrivals(
    news: Sequence[News], matches: Sequence[Sequence[int]]
) -> dict[int, list[tuple[News, Sequence[int]]]]:
    """The arrivals of papers that no one has heard of, with the queries that match them, by the papers' numbers."""
    arrivals: defaultdict[int, list[tuple[News, Sequence[int]]]] = defaultdict(list)
    for item, numbers in zip(news, matches, strict=True):
        if item.before is None and item.occasion == ARRIVAL and not item.quiet and not item.again:
            arrivals[item.paper.number].append((item, numbers))
    return arrivals


def _before(changed: News, arrivals: Iterable[tuple[News, Sequence[int]]]) -> Iterator[Sequence[int]]:
    """What matches arrivals of the same paper that waited longer, as the paper reads now."""
    for item, numbers in arrivals:
        if (item.seen_at, item.event) < (changed.seen_at, changed.event):
            yield numbers
