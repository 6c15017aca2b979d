"""What is submitted to a list is owed to those who follow it."""

from __future__ import annotations

from datetime import datetime

from paperwire.core.matching.news import Matched
from paperwire.core.papers.paper import ARRIVAL
from paperwire.core.subscriptions.cadence import NextSlot
from paperwire.pipeline.fan_out import advance_slots, fan_out
from paperwire.store.unit import Store

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
                Matched(paper=one.paper, occasion=ARRIVAL, seen_at=one.at, queries=[one.query])
                for one in waiting
                if one.query is not None
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
