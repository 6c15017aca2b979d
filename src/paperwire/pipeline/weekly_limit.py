"""Keeps a rate by the week: where a week brings far more papers by meaning than asked for, the nearest are sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from math import ceil

from paperwire.core.deliveries.due import Due
from paperwire.core.papers.paper import ARRIVAL
from paperwire.core.query.language import parsed
from paperwire.core.query.terms.rate import USUAL
from paperwire.store.unit import Unit

TIMES_THE_RATE = 3
"""A week brings at most this many times the rate."""
_WEEK = timedelta(days=7)
_DAILY = timedelta(hours=20)
"""While a week is full, the nearest paper of a day is still sent, as long after the one before."""
_QUERIES_CACHED = 4_096


@dataclass(frozen=True)
class Beyond:
    """What goes beyond the limit at a place: `left_out` is only counted, `put_off` is looked at again at `until`."""

    left_out: list[Due] = field(default_factory=list)
    put_off: list[tuple[Due, datetime]] = field(default_factory=list)


async def beyond_limit(unit: Unit, due: Mapping[int, Sequence[Due]]) -> dict[int, Beyond]:
    """What each place has due by meaning alone, beyond three times the rates of all subscriptions that want it."""
    pairs = {
        (place, interest.number)
        for place, its in due.items()
        for delivery in its
        for interest in delivery.subscriptions
        if most_a_week(interest.text)
    }
    if not pairs:
        return {}
    sent = await unit.meanings.sent_since(pairs, unit.now - _WEEK)
    rooms = {pair: _Room(*sent.get(pair, (0, None))) for pair in pairs}
    return {place: beyond for place, its in due.items() if (beyond := await _beyond(unit, place, its, rooms))}


@lru_cache(maxsize=_QUERIES_CACHED)
def most_a_week(text: str) -> int:
    """How many papers a subscription with this text gets in a week, 0 for one without `like:`."""
    query = parsed(text) if "like:" in text.casefold() else None
    return 0 if query is None or query.like is None else ceil(TIMES_THE_RATE * (query.rate or USUAL).a_week)


@dataclass(frozen=True, slots=True)
class _Room:
    """How many papers of a subscription a place got in the last week, and when the last one."""

    sent: int
    last: datetime | None


async def _beyond(unit: Unit, place: int, its: Sequence[Due], rooms: Mapping[tuple[int, int], _Room]) -> Beyond | None:
    limited = [delivery for delivery in its if _is_limited(delivery)]
    counts = Counter(interest.number for delivery in limited for interest in delivery.subscriptions)
    begun = Counter(
        interest.number for delivery in its if delivery.begun_at is not None for interest in delivery.subscriptions
    )
    limits = {
        interest.number: most_a_week(interest.text) for delivery in limited for interest in delivery.subscriptions
    }
    left = {number: limits[number] - rooms[place, number].sent - begun[number] for number in counts}
    if all(count <= left[number] for number, count in counts.items()):
        return None
    until = {}
    for number, room in left.items():
        last = rooms[place, number].last
        if room <= 0 and last is not None and last + _DAILY > unit.now:
            until[number] = last + _DAILY
        elif not begun[number]:  # what is on its way since a failure is what the day brings
            left[number] = max(room, 1)
    near = await unit.meanings.nearness(
        {(interest.number, delivery.paper.number) for delivery in limited for interest in delivery.subscriptions}
    )
    beyond = Beyond()
    for delivery in sorted(limited, key=lambda each: -_nearness(each, near)):
        numbers = [interest.number for interest in delivery.subscriptions]
        if any(left[number] > 0 for number in numbers):
            left.update({number: left[number] - 1 for number in numbers})
        elif waits := [until[number] for number in numbers if number in until]:
            beyond.put_off.append((delivery, min(waits)))
        else:
            beyond.left_out.append(delivery)
    return beyond


def _is_limited(delivery: Due) -> bool:
    """Whether a delivery is a new paper that only subscriptions by meaning want, and not on its way already."""
    return (
        delivery.occasion == ARRIVAL
        and not delivery.watched
        and delivery.begun_at is None
        and bool(delivery.subscriptions)
        and all(most_a_week(interest.text) for interest in delivery.subscriptions)
    )


def _nearness(delivery: Due, near: Mapping[tuple[int, int], float]) -> float:
    return max(near.get((interest.number, delivery.paper.number), 0.0) for interest in delivery.subscriptions)
