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
    """A source whose parts are asked one after another; `meanwhile` is done behind each page of theirs."""

    async def meanwhile(self, part):
        pass

    async def fetch(self, part, cursor):
        async for page in super().fetch(part, cursor):
            yield page
            await self.meanwhile(part)
        await self.meanwhile(part)


@pytest.fixture
def scene(scene):
    scene.source = Slow("a", "b", "c", "d")
    scene.begin()
    scene.source.meanwhile = lambda _part: pass_on(scene)
    return scene


async def pass_on(scene, **time):
    """The other stages, while three seconds pass."""
    scene.clock.advance(**(time or {"seconds": 3}))
    await scene.matching.run()
    await scene.deliver()


def announced(scene):
    """Six papers in three parts, two of which come as cross-lists before the part in which they are new."""
    says = scene.source.says
    says["a"].append(scene.page("Paper 1", "Paper 2"))
    says["a"].append(scene.page("Paper 5", "Paper 6", kind=EventKind.CROSS))
    says["b"].append(scene.page("Paper 3", "Paper 4"))
    says["c"].append(scene.page("Other things"))
    says["d"].append(scene.page("Paper 5", "Paper 6"))


ALL_SIX = [[f"Paper {number}" for number in range(1, 7)]]


async def test_what_comes_in_parts_comes_as_one_list_under_its_strongest_name(scene):
    await scene.subscribe("1", "paper")
    announced(scene)
    assert (await scene.collector.poll()).papers == 7
    assert scene.post.titles("1") == []
    assert await scene.matching.rest() is None
    assert await scene.matching.run() == 7
    assert await scene.deliver() == 1
    assert sorted(scene.post.titles("1")[0]) == ALL_SIX[0]
    assert "cross-listed" not in str(scene.post.arrived["1"])


async def test_a_part_that_never_answers_delays_by_three_minutes_at_most(scene):
    await scene.subscribe("1", "paper")
    hangs, reached = asyncio.Event(), asyncio.Event()

    async def meanwhile(part):
        if part == "c":
            reached.set()
            await hangs.wait()

    announced(scene)
    scene.source.meanwhile = meanwhile
    began = scene.clock()
    polling = asyncio.create_task(scene.collector.poll())
    await reached.wait()
    assert await scene.matching.run() == 0
    assert await scene.matching.rest() == LONGEST_BURST
    scene.clock.advance(seconds=179)
    assert await scene.matching.run() == 0
    assert await scene.matching.rest() == timedelta(seconds=1)
    scene.clock.set((began + LONGEST_BURST).isoformat())
    assert await scene.matching.run() == 7
    assert await scene.deliver() == 1
    hangs.set()
    await polling
    assert await scene.matching.run() == 0


async def test_a_part_that_fails_has_answered(scene):
    await scene.subscribe("1", "paper")
    scene.source.says["a"] += [scene.page("Paper 1")]
    scene.source.says["b"] += [SourceError("503")]
    assert (await scene.collector.poll()).failed == 1
    assert await scene.matching.run() == 1


async def test_a_part_that_is_not_due_is_not_waited_for(scene):
    await scene.subscribe("1", "paper")
    await scene.collector.poll()
    for part in "bcd":
        await scene.collector.postpone(part, scene.clock() + timedelta(minutes=10))
    await scene.collector.postpone("a", scene.clock())
    scene.source.asked.clear()
    scene.source.says["a"].append(scene.page("Paper 1"))
    await scene.collector.poll()
    assert scene.source.asked == [("a", "")]
    assert await scene.matching.run() == 1


async def test_a_part_that_would_be_due_within_the_burst_is_read_along(scene):
    await scene.collector.poll()
    await scene.collector.postpone("a", scene.clock() + timedelta(minutes=2))
    await scene.collector.postpone("b", scene.clock())
    await scene.collector.postpone("c", scene.clock() + timedelta(minutes=4))
    scene.source.asked.clear()
    scene.source.says["b"].append(scene.page("Paper 1"))
    scene.source.says["a"].append(scene.page("Paper 2"))
    await scene.collector.poll()
    assert [part for part, _ in scene.source.asked] == ["b", "a"]
    assert await scene.matching.run() == 2


async def test_a_source_with_announcement_days_is_read_in_whole_once_one_part_shows_news(scene):
    """Its parts are asked minutes apart, and the first of them to show an announcement is no reason to tell it thus."""
    scene.source.slots = lambda _first, _last: ()
    scene.begin()
    await scene.collector.poll()
    await scene.collector.postpone("b", scene.clock())
    scene.source.asked.clear()
    await scene.collector.poll()
    assert [part for part, _ in scene.source.asked] == ["b"]
    await scene.collector.postpone("b", scene.clock())
    scene.source.says["b"].append(scene.page("Paper 1"))
    scene.source.says["d"].append(scene.page("Paper 2"))
    scene.source.asked.clear()
    await scene.collector.poll()
    assert [part for part, _ in scene.source.asked] == ["b", "a", "c", "d"]
    assert await scene.matching.run() == 2


async def test_a_part_that_was_asked_just_before_the_announcement_is_asked_again_if_that_is_usual(scene):
    collector = Collector(scene.source, scene.store, every=timedelta(minutes=1), now=scene.clock)
    scene.source.says["b"] += [scene.page(), scene.page("Paper 2")]

    async def meanwhile(part):
        await pass_on(scene)
        if part == "d":
            scene.source.says["a"].append(scene.page("Paper 1"))

    scene.source.meanwhile = meanwhile
    await collector.poll()
    assert [part for part, _ in scene.source.asked] == ["a", "b", "c", "d", "a"]
    assert await scene.matching.run() == 2


@pytest.mark.parametrize("more", [["a"], ["backfill"]])
async def test_a_source_with_one_part_never_waits(scene, more):
    await scene.subscribe("1", "paper")
    scene.source = Slow(more[0])
    scene.begin()
    scene.source.meanwhile = lambda _part: pass_on(scene)
    scene.source.says[more[0]] += [scene.page("Paper 1"), scene.page("Paper 2")]
    await scene.collector.poll()
    assert scene.post.titles("1") == [["Paper 1"], ["Paper 2"]]


async def test_what_is_read_back_or_comes_from_another_source_holds_nothing_and_is_not_held(scene):
    await scene.subscribe("1", "paper")
    other = Slow("all")
    other.name = "huggingface"
    other.says["all"].append(scene.page("Paper 9"))
    reading = Collector(other, scene.store, every=timedelta(minutes=15), now=scene.clock)
    scene.source.says["a"].append(scene.page("Paper 1", quiet=True))
    scene.source.says["b"].append(scene.page("Paper 2"))
    matched = []

    async def meanwhile(part):
        if part == "c":
            await reading.poll()
        matched.append((part, await scene.matching.run()))

    scene.source.meanwhile = meanwhile
    await scene.collector.poll()
    # The papers of both sources are arXiv's by their events, as `page` says so: only the collector's source differs.
    assert matched == [("a", 1), ("a", 0), ("b", 0), ("b", 0), ("c", 0), ("d", 0)]
    assert await scene.matching.run() == 2


async def test_a_process_that_dies_in_the_middle_loses_nothing_and_the_next_one_ends_the_burst(scene):
    await scene.subscribe("1", "paper")

    async def die(part):
        if part == "b":
            raise asyncio.CancelledError

    announced(scene)
    scene.source.meanwhile = die
    with pytest.raises(asyncio.CancelledError):
        await scene.collector.poll()
    scene.begin()
    assert await scene.matching.run() == 0
    scene.source.meanwhile = lambda _part: pass_on(scene)
    await scene.collector.poll(early=True)
    await scene.matching.run()
    await scene.deliver()
    assert [sorted(titles) for titles in scene.post.titles("1")] == ALL_SIX


@pytest.mark.parametrize("change", [{"minutes": 3}, {"days": 400}, {"days": -400}])
async def test_a_source_that_is_switched_off_meanwhile_holds_nothing_for_long(scene, change):
    """Also by a clock that was wrong when the hold was set."""
    await scene.subscribe("1", "paper")
    scene.source.says["a"].append(scene.page("Paper 1"))

    async def die(_part):
        raise asyncio.CancelledError

    scene.source.meanwhile = die
    with pytest.raises(asyncio.CancelledError):
        await scene.collector.poll()
    assert await scene.matching.run() == 0
    scene.clock.advance(**change)
    assert await scene.matching.run() == 1


async def test_a_burst_that_takes_longer_comes_in_pieces_of_three_minutes(scene):
    await scene.subscribe("1", "paper", style="list")
    announced(scene)
    scene.source.meanwhile = lambda _part: pass_on(scene, minutes=2)
    await scene.collector.poll()
    await pass_on(scene)
    assert [len(titles) for titles in scene.post.titles("1")] == [4, 2]


# --- the name of an arrival ------------------------------------------------------------------------------------------


async def labels(scene, place):
    async with scene.store.read() as unit:
        return [one.label for one in (await unit.outbox.due([place], 10))[place]]


async def say(scene, kind, **about):
    scene.source.meanwhile = lambda _part: asyncio.sleep(0)
    scene.source.says["a"].append(scene.page("Paper 1", kind=kind, **about))
    await scene.collector.poll(early=True)
    await scene.matching.run()


async def test_what_was_new_on_an_earlier_day_is_cross_listed_to_those_whom_only_that_reaches(scene):
    old, _ = await scene.subscribe("1", "paper", cadence="daily 08:00")
    new, _ = await scene.subscribe("2", "paper cat:cs.CV")
    await say(scene, EventKind.NEW)
    scene.clock.advance(days=2)
    said = scene.page("Paper 1", kind=EventKind.CROSS)
    grown = [replace(event, paper=replace(event.paper, categories=("cs.CL", "cs.CV"))) for event in said.events]
    scene.source.says["a"].append(replace(said, events=tuple(grown)))
    await scene.collector.poll(early=True)
    await scene.matching.run()
    assert (await labels(scene, old), await labels(scene, new)) == (["new"], ["cross"])


async def test_what_is_listed_while_its_digest_waits_is_still_new(scene):
    place, _ = await scene.subscribe("1", "paper", cadence="weekly mon 08:00")
    scene.clock.advance(hours=1)
    await say(scene, EventKind.NEW)
    scene.clock.advance(days=1)
    await say(scene, EventKind.LISTED)
    scene.clock.advance(days=7)
    assert await labels(scene, place) == ["new"]


async def test_what_was_read_back_as_new_is_new_although_only_a_cross_list_is_loud(scene):
    place, _ = await scene.subscribe("1", "paper")
    scene.source.past.append(scene.page("Paper 1", quiet=True))
    await say(scene, EventKind.CROSS)
    await scene.collector.backfill(scene.clock().date())
    assert await labels(scene, place) == ["new"]


async def test_a_burst_waits_for_feeds_alone_and_not_for_a_second_view(scene):
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
    use(scene, source)
    scene.clock.set("2026-01-07T05:10:00Z")
    await scene.subscribe("1", "paper")
    reading = asyncio.create_task(scene.reconciler.run())
    await reached.wait()
    assert await scene.matching.run() == 1
    source.says["all"].append(shown("rss", 1, 2))
    await scene.collector.poll()
    assert await scene.matching.run() == 1
    goes_on.set()
    await reading
    assert await scene.matching.run() == 1
