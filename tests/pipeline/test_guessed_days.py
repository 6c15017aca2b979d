"""A day that was worked out before any view stated it gives way to the one that a view states."""

from datetime import timedelta

import pytest
from ledger_world import DAY, begun, feeds, ledger, page, paper, second, third, two_views

NEXT = DAY + timedelta(days=1)


@pytest.fixture
def stages(stages):
    return two_views(stages)


async def days(stages, number=3):
    """On which days the paper is stored: by itself, by its arrivals, and by each view in the ledger."""
    async with stages.store.read() as unit:
        stored = await unit.papers.get(f"2601.{number:05}")
        arrivals = {event.day for event in await unit.papers.events_of(stored.number)}
    shown = {
        name: batch.day
        for day in (DAY, NEXT)
        for batch in (await ledger(stages, day)).values()
        for name, view in batch.views.items()
        if stored.id in view.arrivals
    }
    return stored.announced, arrivals, shown


async def guessed(stages):
    """The second view has a paper that was sent in for Wednesday, and that is held back until Thursday."""
    await begun(stages)
    await feeds(stages, page("rss", 1, 2))
    stages.clock.set("2026-01-08T03:40:00Z")
    await second(stages, page("oai", 1, 2, 3))
    assert await days(stages) == (DAY, {DAY}, {"oai": DAY})


async def on_thursday(stages, *pages):
    stages.clock.set("2026-01-08T05:10:00Z")
    await feeds(stages, *pages)


async def test_a_feed_that_announces_a_paper_states_its_day(stages):
    await guessed(stages)
    await on_thursday(stages, page("rss", 3, day=NEXT))
    assert await days(stages) == (NEXT, {NEXT}, {"oai": NEXT, "rss": NEXT})
    await second(stages, page("oai", 1, 2, 3))
    assert await days(stages) == (NEXT, {NEXT}, {"oai": NEXT, "rss": NEXT})


async def test_a_list_states_it_as_well(stages):
    await guessed(stages)
    await on_thursday(stages, page("rss", 4, day=NEXT))
    stages.clock.set("2026-01-08T08:00:00Z")
    stages.source.third.append(third(3, 4, 5, day=NEXT))
    await second(stages, page("oai", 5, day=NEXT))
    assert await days(stages) == (NEXT, {NEXT}, {"oai": NEXT, "list": NEXT})


async def test_a_paper_that_was_looked_up_has_the_day_of_its_announcement(stages):
    await begun(stages)
    async with stages.store.write() as unit:
        await unit.papers.add([paper(3)])
    await on_thursday(stages, page("rss", 3, day=NEXT))
    assert await days(stages) == (NEXT, {NEXT}, {"rss": NEXT})


async def test_a_day_that_was_stated_stays(stages):
    await begun(stages)
    await feeds(stages, page("rss", 1, 2, 3))
    await on_thursday(stages, page("rss", 3, 4, 5, day=NEXT))
    stated, arrivals, _ = await days(stages)
    assert (stated, arrivals) == (DAY, {DAY})
