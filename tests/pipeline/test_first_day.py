"""The day of the first look: what was out by then is quiet, what is announced later on that day is told."""

from dataclasses import replace
from datetime import date

import pytest
from ledger_world import CLASSES, DAY, feeds, page, second, two_views

from paperwire.core.days.batch import Listing
from paperwire.errors import SourceError

EVENING_BEFORE = date(2026, 1, 6)


async def first_look(stages, answer):
    """The first look on Wednesday noon (UTC)."""
    two_views(stages)
    stages.clock.set("2026-01-07T12:00:00Z")
    await feeds(stages, answer)
    await stages.reconciler.run()
    await stages.subscribe("1", "paper", style="cards")
    stages.clock.set("2026-01-07T20:00:00Z")


@pytest.fixture
async def begun(stages):
    """The first look at a list of one paper."""
    await first_look(stages, replace(page("rss", 1, quiet=True), first_look=True))
    return stages


@pytest.fixture
async def unread(stages):
    """A feed that did not answer."""
    await first_look(stages, SourceError("no answer"))
    return stages


def of_first_day(*numbers, classes=("cs.CL",)):
    """What OAI-PMH shows of that day, which may have been there at the first look."""
    shown = page("oai", *numbers, part="reconcile", quiet=True, classes=classes)
    ids = frozenset(event.paper.id for event in shown.events)
    return replace(shown, first_look=True, listings=(Listing(part="cs.CL", day=DAY, new=ids),))


async def told(stages):
    await stages.matching.run()
    await stages.deliver()
    return sorted(title for titles in stages.post.titles("1") for title in titles)


async def read_back(stages, *numbers):
    stages.source.past.append(page("oai", *numbers, quiet=True))
    await stages.collector.backfill(EVENING_BEFORE)


async def test_what_the_first_list_lacked_came_after_it(begun):
    stages = begun
    await second(stages, of_first_day(1, 2))
    assert await told(stages) == ["Paper 2"]


async def test_nothing_is_known_of_a_list_that_was_not_whole(begun):
    stages = begun
    await second(stages, of_first_day(2, classes=("cs.CL", "cs.CV")), of_first_day(3, classes=("cs.LG",)))
    assert await told(stages) == ["Paper 2"]
    sunday = of_first_day(4)
    events = tuple(replace(event, day=date(2026, 1, 4)) for event in sunday.events)
    await second(stages, replace(sunday, events=events, listings=()))
    assert await told(stages) == ["Paper 2"]


@pytest.mark.parametrize("whole", [CLASSES, ("cs.CV",), ()], ids=str)
async def test_a_list_of_another_part_says_nothing(begun, whole):
    """A first look that failed, or saw an older list, saw nothing of the day."""
    stages = begun
    stages.clock.set("2026-01-08T06:00:00Z")
    other = date(2026, 1, 8)
    await feeds(stages, page("rss", day=other, whole=whole))
    shown = of_first_day(5)
    events = tuple(replace(event, day=other) for event in shown.events)
    await second(stages, replace(shown, events=events, listings=()))
    assert await told(stages) == (["Paper 5"] if whole == CLASSES else [])


async def test_what_was_read_back_is_told_when_a_feed_shows_it_later_that_day(begun):
    stages = begun
    await read_back(stages, 1, 2, 3)
    await stages.matching.run()
    await feeds(stages, page("rss", 2))
    assert await told(stages) == ["Paper 2"]
    await second(stages, of_first_day(1, 2, 3))
    await feeds(stages, page("rss", 2))
    assert await told(stages) == ["Paper 2", "Paper 3"]


async def test_an_older_list_at_a_first_look_that_comes_a_day_late_is_no_news(unread):
    stages = unread
    await read_back(stages, 1, 2, 3, 4)
    await stages.matching.run()
    stages.clock.set("2026-01-08T12:00:00Z")
    next_day = date(2026, 1, 8)
    late = page("rss", 1, 2, 3, 4, day=next_day, quiet=True, whole=("cs.CV",))
    listings = [replace(one, whole=True) if one.new else one for one in late.listings]
    await feeds(stages, replace(late, first_look=True, listings=tuple(listings)))
    assert await told(stages) == []
    async with stages.store.read() as unit:
        assert {(await unit.papers.get(f"2601.0000{number}")).announced for number in (1, 2, 3, 4)} == {DAY}
