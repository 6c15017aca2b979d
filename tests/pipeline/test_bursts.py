"""An announcement that a source tells in parts: its papers wait for one another, and what waits is bounded."""

import asyncio
from collections import deque
from dataclasses import replace
from datetime import timedelta

import pytest
from ledger_world import TwoViews, use
from ledger_world import page as shown
from pipeline_world import Scripted

from paperwire.core.papers.paper import EventKind
from paperwire.errors import SourceError
from paperwire.pipeline.ingest import Collector
from paperwire.ports.sources import LONGEST_BURST


class Slow(Scripted):
    """A source whose parts are asked one after another; `meanwhile` is done after each page of theirs."""

    async def meanwhile(self, part):
        pass

    async def fetch(self, part, cursor):
        async for page in super().fetch(part, cursor):
            yield page
            await self.meanwhile(part)
        await self.meanwhile(part)


@pytest.fixture
def stages(stages):
    stages.source = Slow("a", "b", "c", "d")
    stages.begin()
    stages.source.meanwhile = lambda _part: pass_on(stages)
    return stages


async def pass_on(stages, **time):
    """The other stages, while three seconds pass."""
    stages.clock.advance(**(time or {"seconds": 3}))
    await stages.matching.run()
    await stages.deliver()


def announced(stages):
    """Six papers in three parts, two of which come as cross-lists before the part in which they are new."""
    says = stages.source.says
    says["a"].append(stages.page("Paper 1", "Paper 2"))
    says["a"].append(stages.page("Paper 5", "Paper 6", kind=EventKind.CROSS))
    says["b"].append(stages.page("Paper 3", "Paper 4"))
    says["c"].append(stages.page("Other things"))
    says["d"].append(stages.page("Paper 5", "Paper 6"))


ALL_SIX = [[f"Paper {number}" for number in range(1, 7)]]


async def test_what_comes_in_parts_comes_as_one_list_under_its_strongest_name(stages):
    await stages.subscribe("1", "paper")
    announced(stages)
    assert (await stages.collector.poll()).papers == 7
    assert stages.post.titles("1") == []
    assert await stages.matching.rest() is None
    assert await stages.matching.run() == 7
    assert await stages.deliver() == 1
    assert sorted(stages.post.titles("1")[0]) == ALL_SIX[0]
    assert "cross-listed" not in str(stages.post.arrived["1"])


async def test_a_part_that_never_answers_delays_by_three_minutes_at_most(stages):
    await stages.subscribe("1", "paper")
    hangs, reached = asyncio.Event(), asyncio.Event()

    async def meanwhile(part):
        if part == "c":
            reached.set()
            await hangs.wait()

    announced(stages)
    stages.source.meanwhile = meanwhile
    began = stages.clock()
    polling = asyncio.create_task(stages.collector.poll())
    await reached.wait()
    assert await stages.matching.run() == 0
    assert await stages.matching.rest() == LONGEST_BURST
    stages.clock.advance(seconds=179)
    assert await stages.matching.run() == 0
    assert await stages.matching.rest() == timedelta(seconds=1)
    stages.clock.set((began + LONGEST_BURST).isoformat())
    assert await stages.matching.run() == 7
    assert await stages.deliver() == 1
    hangs.set()
    await polling
    assert await stages.matching.run() == 0


async def test_a_part_that_fails_has_answered(stages):
    await stages.subscribe("1", "paper")
    stages.source.says["a"] += [stages.page("Paper 1")]
    stages.source.says["b"] += [SourceError("503")]
    assert (await stages.collector.poll()).failed == 1
    assert await stages.matching.run() == 1


async def test_a_part_that_is_not_due_is_not_waited_for(stages):
    await stages.subscribe("1", "paper")
    await stages.collector.poll()
    for part in "bcd":
        await stages.collector.postpone(part, stages.clock() + timedelta(minutes=10))
    await stages.collector.postpone("a", stages.clock())
    stages.source.asked.clear()
    stages.source.says["a"].append(stages.page("Paper 1"))
    await stages.collector.poll()
    assert stages.source.asked == [("a", "")]
    assert await stages.matching.run() == 1


async def test_a_part_that_would_be_due_within_the_burst_is_read_along(stages):
    await stages.collector.poll()
    await stages.collector.postpone("a", stages.clock() + timedelta(minutes=2))
    await stages.collector.postpone("b", stages.clock())
    await stages.collector.postpone("c", stages.clock() + timedelta(minutes=4))
    stages.source.asked.clear()
    stages.source.says["b"].append(stages.page("Paper 1"))
    stages.source.says["a"].append(stages.page("Paper 2"))
    await stages.collector.poll()
    assert [part for part, _ in stages.source.asked] == ["b", "a"]
    assert await stages.matching.run() == 2


async def test_a_source_with_announcement_days_is_read_in_whole_once_one_part_shows_news(stages):
    """Its parts are asked minutes apart, and the first of them to show an announcement is no reason to tell it thus."""
    stages.source.slots = lambda _first, _last: ()
    stages.begin()
    await stages.collector.poll()
    await stages.collector.postpone("b", stages.clock())
    stages.source.asked.clear()
    await stages.collector.poll()
    assert [part for part, _ in stages.source.asked] == ["b"]
    await stages.collector.postpone("b", stages.clock())
    stages.source.says["b"].append(stages.page("Paper 1"))
    stages.source.says["d"].append(stages.page("Paper 2"))
    stages.source.asked.clear()
    await stages.collector.poll()
    assert [part for part, _ in stages.source.asked] == ["b", "a", "c", "d"]
    assert await stages.matching.run() == 2


async def test_a_part_that_was_asked_just_before_the_announcement_is_asked_again_if_that_is_usual(stages):
    collector = Collector(stages.source, stages.store, every=timedelta(minutes=1), now=stages.clock)
    stages.source.says["b"] += [stages.page(), stages.page("Paper 2")]

    async def meanwhile(part):
        await pass_on(stages)
        if part == "d":
            stages.source.says["a"].append(stages.page("Paper 1"))

    stages.source.meanwhile = meanwhile
    await collector.poll()
    assert [part for part, _ in stages.source.asked] == ["a", "b", "c", "d", "a"]
    assert await stages.matching.run() == 2


@pytest.mark.parametrize("more", [["a"], ["backfill"]])
async def test_a_source_with_one_part_never_waits(stages, more):
    await stages.subscribe("1", "paper")
    stages.source = Slow(more[0])
    stages.begin()
    stages.source.meanwhile = lambda _part: pass_on(stages)
    stages.source.says[more[0]] += [stages.page("Paper 1"), stages.page("Paper 2")]
    await stages.collector.poll()
    assert stages.post.titles("1") == [["Paper 1"], ["Paper 2"]]


async def test_what_is_read_back_or_comes_from_another_source_holds_nothing_and_is_not_held(stages):
    await stages.subscribe("1", "paper")
    other = Slow("all")
    other.name = "huggingface"
    other.says["all"].append(stages.page("Paper 9"))
    reading = Collector(other, stages.store, every=timedelta(minutes=15), now=stages.clock)
    stages.source.says["a"].append(stages.page("Paper 1", quiet=True))
    stages.source.says["b"].append(stages.page("Paper 2"))
    matched = []

    async def meanwhile(part):
        if part == "c":
            await reading.poll()
        matched.append((part, await stages.matching.run()))

    stages.source.meanwhile = meanwhile
    await stages.collector.poll()
    # The papers of both sources are arXiv's by their events, as `page` says so: only the collector's source differs.
    assert matched == [("a", 1), ("a", 0), ("b", 0), ("b", 0), ("c", 0), ("d", 0)]
    assert await stages.matching.run() == 2


async def test_a_process_that_dies_in_the_middle_loses_nothing_and_the_next_one_ends_the_burst(stages):
    await stages.subscribe("1", "paper")

    async def die(part):
        if part == "b":
            raise asyncio.CancelledError

    announced(stages)
    stages.source.meanwhile = die
    with pytest.raises(asyncio.CancelledError):
        await stages.collector.poll()
    stages.begin()
    assert await stages.matching.run() == 0
    stages.source.meanwhile = lambda _part: pass_on(stages)
    await stages.collector.poll(early=True)
    await stages.matching.run()
    await stages.deliver()
    assert [sorted(titles) for titles in stages.post.titles("1")] == ALL_SIX


@pytest.mark.parametrize("change", [{"minutes": 3}, {"days": 400}, {"days": -400}])
async def test_a_source_that_is_switched_off_meanwhile_holds_nothing_for_long(stages, change):
    """Also by a clock that was wrong when the hold was set."""
    await stages.subscribe("1", "paper")
    stages.source.says["a"].append(stages.page("Paper 1"))

    async def die(_part):
        raise asyncio.CancelledError

    stages.source.meanwhile = die
    with pytest.raises(asyncio.CancelledError):
        await stages.collector.poll()
    assert await stages.matching.run() == 0
    stages.clock.advance(**change)
    assert await stages.matching.run() == 1


async def test_a_burst_that_takes_longer_comes_in_pieces_of_three_minutes(stages):
    await stages.subscribe("1", "paper", style="list")
    announced(stages)
    stages.source.meanwhile = lambda _part: pass_on(stages, minutes=2)
    await stages.collector.poll()
    await pass_on(stages)
    assert [len(titles) for titles in stages.post.titles("1")] == [4, 2]


# --- the name of an arrival ------------------------------------------------------------------------------------------


async def labels(stages, place):
    async with stages.store.read() as unit:
        return [one.label for one in (await unit.outbox.due([place], 10))[place]]


async def say(stages, kind, **about):
    stages.source.meanwhile = lambda _part: asyncio.sleep(0)
    stages.source.says["a"].append(stages.page("Paper 1", kind=kind, **about))
    await stages.collector.poll(early=True)
    await stages.matching.run()


async def test_what_was_new_on_an_earlier_day_is_cross_listed_to_those_whom_only_that_reaches(stages):
    old, _ = await stages.subscribe("1", "paper", cadence="daily 08:00")
    new, _ = await stages.subscribe("2", "paper cat:cs.CV")
    await say(stages, EventKind.NEW)
    stages.clock.advance(days=2)
    said = stages.page("Paper 1", kind=EventKind.CROSS)
    grown = [replace(event, paper=replace(event.paper, categories=("cs.CL", "cs.CV"))) for event in said.events]
    stages.source.says["a"].append(replace(said, events=tuple(grown)))
    await stages.collector.poll(early=True)
    await stages.matching.run()
    assert (await labels(stages, old), await labels(stages, new)) == (["new"], ["cross"])


async def test_what_is_listed_while_its_digest_waits_is_still_new(stages):
    place, _ = await stages.subscribe("1", "paper", cadence="weekly mon 08:00")
    stages.clock.advance(hours=1)
    await say(stages, EventKind.NEW)
    stages.clock.advance(days=1)
    await say(stages, EventKind.LISTED)
    stages.clock.advance(days=7)
    assert await labels(stages, place) == ["new"]


async def test_what_was_read_back_as_new_is_new_although_only_a_cross_list_is_loud(stages):
    place, _ = await stages.subscribe("1", "paper")
    stages.source.past.append(stages.page("Paper 1", quiet=True))
    await say(stages, EventKind.CROSS)
    await stages.collector.backfill(stages.clock().date())
    assert await labels(stages, place) == ["new"]


async def test_a_burst_waits_for_feeds_alone_and_not_for_a_second_view(stages):
    """After a restart with both due, what a feed brought was matched only when OAI-PMH had answered in whole."""
    reached, goes_on = asyncio.Event(), asyncio.Event()

    class Slowly(TwoViews):
        async def reconcile(self, _cursor, **_about):
            yield shown("oai", 1, part="reconcile")
            reached.set()
            await goes_on.wait()
            yield shown("oai", 3, part="reconcile")

    source = Slowly()
    source.says["other"] = deque()
    use(stages, source)
    stages.clock.set("2026-01-07T05:10:00Z")
    await stages.subscribe("1", "paper")
    reading = asyncio.create_task(stages.reconciler.run())
    await reached.wait()
    assert await stages.matching.run() == 1
    source.says["all"].append(shown("rss", 1, 2))
    await stages.collector.poll()
    assert await stages.matching.run() == 1
    goes_on.set()
    await reading
    assert await stages.matching.run() == 1
