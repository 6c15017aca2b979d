"""The ledger of batches: what pages enter in it, how a second view is read, and watched papers."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from ledger_world import CLASSES, DAY, begun, doubts, feeds, ledger, page, paper, second, states, two_views, use
from pipeline_world import Scripted

from paperwire.core.days.batch import BatchState, Listing, daily_slots
from paperwire.errors import SourceBusy
from paperwire.pipeline.ingest import Collected
from paperwire.pipeline.reconcile import PART, WATCHED
from paperwire.ports.callers import Actor, Place
from paperwire.ports.sources import Page


class OneView(Scripted):
    """A source that is read day by day, and no second time."""

    name = "huggingface"

    def slots(self, first, last):
        return daily_slots(("all",), first, last, closes=timedelta(days=1), due=timedelta(days=2))


@pytest.fixture
def stages(stages):
    return two_views(stages)


async def test_before_anything_is_announced_nothing_is_expected(stages):
    await stages.reconciler.run()
    assert await ledger(stages, date(2026, 1, 6)) == {}
    stages.clock.set("2026-01-07T01:05:00Z")  # 20:05 in New York
    await stages.reconciler.run()
    assert await states(stages) == dict.fromkeys(CLASSES, BatchState.EXPECTED)


async def test_quiet_pages_are_entered_and_never_late(stages):
    await begun(stages)
    stages.source.past.append(page("oai", 1, 2, day=date(2025, 12, 30), quiet=True))
    await stages.collector.backfill(date(2025, 12, 1))
    found = await ledger(stages, date(2025, 12, 30))
    assert (found["cs.CL"].state, found["cs.CL"].new, found["cs.CL"].late) == (BatchState.BACKFILLED, 2, frozenset())


async def test_a_record_of_an_old_paper_that_changes_is_no_announcement_of_it(stages):
    """Its datestamp moves, so by the schedule the paper looks held back until then."""
    await begun(stages)
    await stages.subscribe("1", "paper")
    past = page("oai", 1, day=date(2026, 1, 2), quiet=True)
    (said,) = past.events
    stages.source.past.append(replace(past, events=(replace(said, paper=replace(said.paper, announced=said.day)),)))
    await stages.collector.backfill(date(2025, 12, 1))
    await second(stages, page("oai", 1, day=DAY))
    await stages.matching.run()
    await stages.deliver()
    assert stages.post.titles("1") == []


@pytest.mark.parametrize(("day", "told"), [(DAY, [["Paper 1"]]), (date(2026, 1, 6), [])])
async def test_what_was_read_back_is_told_when_it_is_announced_unless_that_was_before_our_time(stages, day, told):
    await begun(stages)
    await stages.subscribe("1", "paper", style="cards")
    stages.source.past.append(page("oai", 1, day=day, quiet=True))
    await stages.collector.backfill(date(2025, 12, 1))
    await stages.matching.run()
    for _ in range(2):
        await feeds(stages, page("rss", 1, day=day))
        await second(stages, page("oai", 1, day=day))
        await stages.matching.run()
        await stages.deliver()
    assert stages.post.titles("1") == told


async def test_days_before_the_first_look_claim_nothing(stages):
    await begun(stages)
    await feeds(stages, page("rss", 1, day=date(2026, 1, 6), whole=()))
    stages.clock.set("2026-01-09T12:00:00Z")
    await stages.reconciler.run()
    assert (await ledger(stages, date(2026, 1, 6)))["cs.CL"].state is BatchState.BACKFILLED


async def test_the_second_view_is_read_at_its_times_and_sooner_while_something_is_missing(stages):
    await stages.reconciler.run()
    assert await stages.reconciler.run() == Collected()
    assert stages.source.asked == [(PART, "")]
    assert await stages.reconciler.rest() <= timedelta(minutes=15)
    stages.clock.set("2026-01-07T08:00:00Z")
    await second(stages, page("oai", 1))
    state = await stages.collector.state(PART)
    assert state.next_at == stages.clock() + timedelta(hours=1)  # the feeds have not shown that day
    await feeds(stages, page("rss", 1))
    await second(stages, page("oai", 1))
    state = await stages.collector.state(PART)
    assert state.next_at == stages.clock() + timedelta(hours=12)


async def test_a_day_whose_feed_is_gone_is_asked_for_at_the_usual_times(stages):
    await begun(stages)
    stages.clock.set("2026-01-08T00:00:00Z")
    await second(stages, page("oai", 1))
    assert await doubts(stages) == [("lacks", "rss")]
    assert (await stages.collector.state(PART)).next_at == stages.clock() + timedelta(hours=1)
    stages.clock.set("2026-01-08T01:30:00Z")  # the next day is announced
    await second(stages)
    assert (await stages.collector.state(PART)).next_at == stages.clock() + timedelta(hours=6, minutes=30)


async def test_a_second_view_that_fails_is_asked_again_when_it_likes(stages):
    stages.source.second.append(SourceBusy("wait", 600))
    assert await stages.reconciler.run() == Collected(failed=1)
    assert (await stages.collector.state(PART)).next_at == stages.clock() + timedelta(minutes=10)
    assert await stages.reconciler.run() == Collected()
    stages.clock.advance(minutes=9, seconds=50)
    assert await stages.reconciler.rest() == timedelta(seconds=10)
    stages.clock.advance(minutes=5)
    assert await stages.reconciler.rest() == timedelta(0)


# --- watched papers --------------------------------------------------------------------------------------------------


async def watch(stages, *papers):
    async with stages.store.write() as unit:
        person = await unit.people.ensure(Actor(channel="telegram", user_id="1"), "en")
        place = await unit.places.ensure(Place(channel="telegram", address="1", kind="private"), person.number)
        await unit.papers.add(papers)
        for one in papers:
            await unit.people.watch(place.number, (await unit.papers.get(one.id)).number, person.number)


async def test_watched_papers_are_looked_up_once_a_day(stages):
    await watch(stages, paper(1), paper(2), paper(3), paper(4))
    updated = datetime(2026, 1, 6, 9, tzinfo=UTC)
    stages.source.knows = {
        "2601.00001": paper(1, version=2, updated=updated),
        "2601.00002": paper(2, version=3, withdrawn=True),
        "2601.00003": paper(3, doi="10.1000/journal"),
    }
    stages.clock.advance(minutes=1)
    await stages.reconciler.run()
    await stages.matching.run()
    await stages.deliver()
    told = {
        (item.title, "".join(span.text for span in line))
        for message in stages.post.arrived["1"]
        for item in message.items
        for line in item.lines
        if line[0].text == "cs.CL"
    }
    assert told == {
        ("Paper 1", "cs.CL · updated to v2"),
        ("Paper 2", "cs.CL · withdrawn"),
        ("Paper 3", "cs.CL · now published"),
    }
    await stages.reconciler.run()
    assert len(stages.source.looked_up) == 1
    stages.clock.advance(days=1)
    await stages.reconciler.run()
    assert len(stages.source.looked_up) == 2
    assert (await stages.collector.state(WATCHED)).first_done


async def test_many_watched_papers_are_asked_for_by_the_hundred(stages):
    await watch(stages, *(paper(number) for number in range(1, 151)))
    await stages.reconciler.run()
    assert [len(ids) for ids in stages.source.looked_up] == [100, 50]


# --- sources with one view -------------------------------------------------------------------------------------------


async def test_a_source_with_one_view_says_that_nothing_confirms_it(stages):
    use(stages, OneView())
    stages.clock.set("2026-01-06T12:00:00Z")
    await stages.reconciler.run()
    stages.clock.set("2026-01-07T12:00:00Z")
    shown = Listing(part="all", day=DAY, new=frozenset({"2601.00001"}))
    stages.source.says["all"].append(Page(part="all", events=(), cursor="1", view="daily", listings=(shown,)))
    await stages.collector.poll(early=True)
    await stages.reconciler.run()
    assert await doubts(stages, "all") == [("open",)]
    stages.clock.set("2026-01-08T00:30:00Z")
    await stages.collector.poll(early=True)
    await stages.reconciler.run()
    found = (await ledger(stages))["all"]
    assert (found.state, found.source, found.new) == (BatchState.UNCONFIRMED, "huggingface", 1)
    assert await doubts(stages, "all") == [("alone",)]
    stages.clock.set("2026-01-11T00:30:00Z")
    await stages.reconciler.run()
    assert await states(stages, date(2026, 1, 8)) == {"all": BatchState.UNCONFIRMED}
    assert await doubts(stages, "all", date(2026, 1, 8)) == [("open",)]
    assert await states(stages, date(2026, 1, 10)) == {"all": BatchState.EXPECTED}
    assert await stages.reconciler.rest() == timedelta(minutes=15)


async def test_a_source_without_days_has_no_ledger(stages):
    stages.source = Scripted("all")
    stages.begin()
    shown = Listing(part="all", day=DAY, new=frozenset({"2601.00001"}))
    stages.source.says["all"].append(Page(part="all", events=(), cursor="1", listings=(shown,)))
    await stages.collector.poll()
    assert await ledger(stages) == {}


async def test_ids_of_long_ago_are_forgotten(stages):
    await begun(stages)
    await feeds(stages, page("rss", 1))
    await second(stages, page("oai", 1))
    stages.clock.advance(days=70)
    await stages.reconciler.run()
    found = (await ledger(stages))["cs.CL"]
    assert (found.ids_known, found.new, found.state) == (False, 1, BatchState.COMPLETE)


async def test_a_clock_that_was_a_year_ahead_keeps_nothing_from_being_read(stages):
    for part in (PART, WATCHED):
        await stages.collector.postpone(part, stages.clock() + timedelta(days=400))
    await stages.reconciler.run()
    assert (PART, "") in stages.source.asked
    for part in (PART, WATCHED):
        assert (await stages.collector.state(part)).next_at <= stages.clock() + timedelta(days=1)
