"""Between matching and delivering: matches and submissions become what places are owed, in short transactions."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime
from itertools import chain, pairwise
from typing import TypeAlias

from paperwire.core.matching.news import Matched, Stretch, Wave
from paperwire.core.meaning.aim import Score
from paperwire.core.papers.paper import ARRIVAL
from paperwire.core.subscriptions.cadence import NextSlot
from paperwire.errors import StoreConflict
from paperwire.store.unit import Store, Unit

ROWS_AT_ONCE = 30_000
"""Rows that one transaction should add, so that nothing has to wait for it."""
_ROUTES_AT_FIRST, _ROUTES_AT_MOST = 100, 20_000
_NEWS_AT_ONCE = 500
_SLOTS_AT_ONCE = 1_000
_SAMPLED = 32  # one in this number of matches tells where to part them

Write: TypeAlias = "Callable[[], AbstractAsyncContextManager[Unit]]"
"""Begins a transaction: `Store.write`."""


async def advance_slots(write: Write, now: datetime, next_slot: NextSlot) -> None:
    """Set the digests whose time came to their next time, before a fan-out."""
    async with write() as unit:
        while await unit.fanout.advance_slots(now, next_slot, limit=_SLOTS_AT_ONCE) == _SLOTS_AT_ONCE:
            pass


async def record(write: Write, news: Sequence[Matched]) -> int:
    """Keep the matches, and say how many were not known.

    When they are many, all are taken for unknown until one of them turns out to be known.
    """

    async def record_piece(piece: Sequence[Matched], *, unknown: bool) -> int:
        async with write() as unit:
            return await unit.fanout.record_matches(piece, unknown=unknown)

    added, pieces = 0, list(_pieces(news))
    unknown = len(pieces) > 1
    for piece in pieces:
        try:
            added += await record_piece(piece, unknown=unknown)
        except StoreConflict:
            unknown = False
            added += await record_piece(piece, unknown=False)
    return added


async def record_scores(write: Write, news: Sequence[Matched], scores: Mapping[tuple[int, int], Score]) -> None:
    """Keep why matches were made by meaning, from the scores of queries and papers, before the matches themselves."""
    why = [
        ((query, item.paper.number, item.occasion.code), score)
        for item in news
        for query in item.queries
        if (score := scores.get((query, item.paper.number))) is not None
    ]
    for start in range(0, len(why), ROWS_AT_ONCE):
        async with write() as unit:
            await unit.meanings.keep_scores(dict(why[start : start + ROWS_AT_ONCE]))


def _pieces(news: Sequence[Matched]) -> Iterator[Sequence[Matched]]:
    """The news with about ROWS_AT_ONCE matches at a time, those of neighbouring queries together."""
    queries = [sorted(item.queries) for item in news]
    sample = sorted(chain.from_iterable(numbers[::_SAMPLED] for numbers in queries))
    count = -(-sum(map(len, queries)) // ROWS_AT_ONCE)
    between = [sample[len(sample) * place // count] for place in range(1, count)]
    bounds = [0, *between, max(numbers[-1] for numbers in queries if numbers) + 1] if count else []
    for low, high in pairwise(bounds):
        yield [
            replace(item, queries=numbers[bisect_left(numbers, low) : bisect_left(numbers, high)])
            for item, numbers in zip(news, queries, strict=True)
        ]


async def fan_out(write: Write, news: Sequence[Matched]) -> int:
    """Owe what these news make and wake the places, in short transactions; says how many deliveries that touched.

    Quiet news owes nothing. May be repeated after a crash. Of a few deliveries all are there before a place is woken,
    so that it gets them in one message.
    """
    waiting = [item for item in news if not item.quiet]
    touched = 0
    small: list[Wave] = []
    for start in range(0, len(waiting), _NEWS_AT_ONCE):
        async with write() as unit:
            wave = await unit.fanout.wave(waiting[start : start + _NEWS_AT_ONCE])
        if not wave.few:
            touched += await _in_stretches(write, wave)
            continue
        async with write() as unit:
            touched += await unit.fanout.owe(wave)
        small.append(wave)
    for wave in small:
        async with write() as unit:
            await unit.fanout.wake(wave)
    return touched


async def _in_stretches(write: Write, wave: Wave) -> int:
    """Owe and wake stretch after stretch of places.

    All are taken for unknown until one of them turns out to be known. A place that became one with another meanwhile
    may have left a stretch to come for one that was gone through: then all are gone through again.
    """

    async def owe_stretch(after: int, routes: int, *, unknown: bool) -> tuple[int, Stretch, int]:
        async with write() as unit:
            joined = await unit.fanout.joined_places()
            stretch = await unit.fanout.next_stretch(after, routes)
            return joined, stretch, await unit.fanout.owe(wave, stretch, unknown=unknown)

    touched, after, routes, unknown = 0, 0, _ROUTES_AT_FIRST, True
    joined_before: int | None = None
    while True:
        try:
            joined, stretch, made = await owe_stretch(after, routes, unknown=unknown)
        except StoreConflict:
            unknown = False
            joined, stretch, made = await owe_stretch(after, routes, unknown=False)
        async with write() as unit:
            await unit.fanout.wake(wave, stretch)
        touched += made
        joined_before = joined if joined_before is None else joined_before
        if stretch.last is not None:
            after = stretch.last
        elif joined == joined_before:
            return touched
        else:
            after, joined_before, unknown = 0, joined, False
        routes = max(1, min(4 * routes, _ROUTES_AT_MOST, routes * ROWS_AT_ONCE // max(made, 1)))


SUBMISSIONS_PER_TRANSACTION = 100


async def announce(store: Store, now: datetime, next_slot: NextSlot) -> int:
    """Owe the submissions that wait to the followers of their lists; how many there were.

    A crash on the way repeats what it interrupts, which owes nothing twice. What is removed once it matched matches no
    more, and is not owed.
    """
    total = 0
    while await _waits(store):
        async with store.write() as unit:
            waiting = await unit.lists.waiting(SUBMISSIONS_PER_TRANSACTION)
            news = [
                Matched(paper=submission.paper, occasion=ARRIVAL, seen_at=submission.at, queries=[submission.query])
                for submission in waiting
                if submission.query is not None
            ]
            await unit.fanout.record_matches(news)
        await advance_slots(store.write, now, next_slot)
        await fan_out(store.write, news)
        async with store.write() as unit:
            await unit.lists.announced(waiting)
        total += len(waiting)
    return total


async def _waits(store: Store) -> bool:
    async with store.read() as unit:
        return await unit.lists.has_waiting()
