"""Matching what changed in records: which queries became true of a paper, and on which occasion each of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from paperwire.core.matching.later import occasion_of
from paperwire.core.matching.news import News
from paperwire.core.papers.paper import ARRIVAL, Occasion
from paperwire.core.papers.revision import as_before
from paperwire.core.query.prepared import Doc
from paperwire.store.unit import Store

BecameTrue: TypeAlias = Mapping[int, Mapping[int, Occasion]]
"""For each event that is a change of a record, the queries that became true by it, with the occasion."""


async def became_true(
    store: Store,
    news: Sequence[News],
    matches: Sequence[Sequence[int]],
    match: Callable[[Sequence[Doc]], Awaitable[Sequence[Sequence[int]]]],
) -> BecameTrue:
    """Of queries that match the papers of these news now, those that did not before their record changed.

    What matched a paper at any time before is not told again. A batch that a crash interrupted finds what it had found.
    """
    changed = [
        (item, Doc.of(as_before(item.paper, item.before)), numbers)
        for item, numbers in zip(news, matches, strict=True)
        if item.before is not None
    ]
    if not changed:
        return {}
    earlier = await match([before for _, before, _ in changed])
    fresh = [
        (item, before, sorted(set(numbers).difference(former, *_at_arrival(item, news, matches))))
        for (item, before, numbers), former in zip(changed, earlier, strict=True)
    ]
    async with store.read() as unit:
        queries = await unit.subscriptions.queries({number for *_, numbers in fresh for number in numbers})
        matched = await unit.fanout.told_since(
            {(number, item.paper.number) for item, _, numbers in fresh for number in numbers}
        )
    occasions: dict[int, dict[int, Occasion]] = {}
    for item, before, numbers in fresh:
        after = Doc.of(item.paper)
        occasions[item.event] = {
            number: occasion
            for number in numbers
            if matched.get((number, item.paper.number), item.seen_at) >= item.seen_at
            and (query := queries.get(number)) is not None
            and (occasion := occasion_of(query, before, after)) is not None
        }
    return occasions


def _at_arrival(changed: News, news: Sequence[News], matches: Sequence[Sequence[int]]) -> Iterator[Sequence[int]]:
    """What matches the arrival of the same paper that waited longer, as the paper reads now."""
    for item, numbers in zip(news, matches, strict=True):
        is_earlier = (item.seen_at, item.event) < (changed.seen_at, changed.event)
        waited = item.paper.number == changed.paper.number and is_earlier
        if waited and item.before is None and item.occasion == ARRIVAL and not item.quiet:
            yield numbers
