"""The ledger of batches: what pages enter in it, what a second view repairs, and when a day is called whole."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pipeline_world import Scripted

from paperwire.core.batch import Listing, State, daily_slots
from paperwire.core.calendar import slots
from paperwire.core.paper import Event, EventKind, Paper
from paperwire.errors import SourceBusy
from paperwire.pipeline.ingest import Collected
from paperwire.pipeline.reconcile import PART, WATCHED, Reconciler
from paperwire.ports import Actor, Page, Place

DAY = date(2026, 1, 7)
CLASSES = ("cs.CL", "cs.CV")


class TwoViews(Scripted):
    """A source with announcement feeds and a second view; `knows` is what a look-up finds."""

    def __init__(self):
        super().__init__("all")
        self.second = []
        self.knows = {}
        self.looked_up = []

    def slots(self, first, last):
        return slots(CLASSES, first, last, ("rss", "oai"))

    async def reconcile(self, cursor):
        self.asked.append((PART, cursor))
        for page in [self.second.pop(0) for _ in range(len(self.second))]:
            if isinstance(page, Exception):
                raise page
            yield page

    def next_check(self, after):
        return after + timedelta(hours=12)

    async def lookup_many(self, ids):
        self.looked_up.append(tuple(ids))
        return {one: self.knows[one] for one in ids if one in self.knows}


class OneView(Scripted):
    """A source that is read day by day, and no second time."""

    name = "huggingface"

    def slots(self, first, last):
        return daily_slots(("all",), first, last, closes=timedelta(days=1), due=timedelta(days=2))


@pytest.fixture
def scene(scene):
    scene.clock.set("2026-01-06T17:00:00Z")  # Tuesday noon in New York
    return use(scene, TwoViews())


def use(scene, source):
    scene.source = source
    scene.begin()
    scene.reconciler = Reconciler(scene.collector, scene.store, now=scene.clock)
    return scene


def paper(number, *, classes=("cs.CL",), **about):
    return Paper(id=f"2601.{number:05}", title=f"Paper {number}", categories=classes, announced=DAY, **about)


def page(view, *numbers, day=DAY, part="all", whole=CLASSES, stale=(), quiet=False, kind=EventKind.NEW, **about):
    """Papers of cs.CL as one view shows them, and which lists it shows in whole."""
    ids = frozenset(f"2601.{number:05}" for number in numbers)
    listings = [Listing(part="cs.CL", day=day, new=ids)] if ids else []
    listings += [Listing(part=name, day=day, whole=name in whole, stale=name in stale) for name in CLASSES]
    events = tuple(Event(kind=kind, paper=paper(number, **about), source="arxiv", day=day) for number in numbers)
    return Page(part=part, events=events, cursor="1", view=view, listings=tuple(listings), quiet=quiet)


async def feeds(scene, *pages):
    scene.source.says["all"] += pages
    await scene.collector.poll(early=True)


async def second(scene, *pages):
    """The second view is read at once."""
    scene.source.second += pages
    await scene.collector.postpone(PART, scene.clock())
    return await scene.reconciler.run()


async def ledger(scene, day=DAY):
    async with scene.store.read() as unit:
        return {batch.part: batch for batch in await unit.sources.batches(day) if batch.day == day}


async def begun(scene):
    """The service runs since Tuesday."""
    await scene.reconciler.run()
    scene.clock.set("2026-01-07T05:10:00Z")


async def test_before_anything_is_announced_nothing_is_expected(scene):
    await scene.reconciler.run()
    assert await ledger(scene, date(2026, 1, 6)) == {}
    scene.clock.set("2026-01-07T01:05:00Z")  # 20:05 in New York
    await scene.reconciler.run()
    assert {part: batch.state for part, batch in (await ledger(scene)).items()} == dict.fromkeys(
        CLASSES, State.EXPECTED
    )


async def test_a_day_is_complete_when_both_views_showed_it_whole(scene):
    await begun(scene)
    await feeds(scene, page("rss", 1, 2))
    found = await ledger(scene)
    assert (found["cs.CL"].state, found["cs.CL"].new, found["cs.CV"].state) == (State.PARTIAL, 2, State.EXPECTED)
    await second(scene, page("oai", 1, 2))
    assert {batch.state for batch in (await ledger(scene)).values()} == {State.COMPLETE}


async def test_what_the_feed_missed_is_delivered_once_and_marked_late(scene):
    await begun(scene)
    place, _ = await scene.subscribe("1", "paper", style="cards")
    await feeds(scene, page("rss", 1))
    scene.clock.set("2026-01-07T13:35:00Z")
    await second(scene, page("oai", 1, 2))
    found = await ledger(scene)
    assert (found["cs.CL"].state, found["cs.CL"].late, found["cs.CV"].state) == (
        State.LATE,
        {"2601.00002"},
        State.COMPLETE,
    )
    await scene.matching.run()
    await scene.deliver()
    await feeds(scene, page("rss", 1, 2))
    await second(scene, page("oai", 1, 2))
    await scene.matching.run()
    await scene.deliver()
    assert sorted(scene.post.titles("1")) == [["Paper 1"], ["Paper 2"]]
    (late,) = [message.items[0] for message in scene.post.arrived["1"] if message.items[0].title == "Paper 2"]
    assert "announced Wed 7 Jan, found late" in "".join(span.text for line in late.lines for span in line)
    async with scene.store.read() as unit:
        assert await unit.outbox.due([place], 5) == {}


async def test_what_the_second_view_has_first_is_on_time(scene):
    await scene.reconciler.run()
    scene.clock.set("2026-01-07T03:35:00Z")  # 22:35 in New York, before the feeds change
    await second(scene, page("oai", 1))
    scene.clock.set("2026-01-07T05:10:00Z")
    await feeds(scene, page("rss", 1))
    found = await ledger(scene)
    assert (found["cs.CL"].state, found["cs.CL"].late) == (State.COMPLETE, frozenset())


async def test_a_stale_class_is_waited_for_until_it_changes(scene):
    await begun(scene)
    await feeds(scene, page("rss", 1, whole=("cs.CL",), stale=("cs.CV",)))
    await second(scene, page("oai", 1))
    found = await ledger(scene)
    assert (found["cs.CL"].state, found["cs.CV"].state) == (State.COMPLETE, State.EXPECTED)
    assert found["cs.CV"].views["rss"].stale
    scene.clock.advance(hours=6)
    await feeds(scene, page("rss"))
    assert (await ledger(scene))["cs.CV"].state is State.COMPLETE


async def test_a_day_that_nobody_showed_fails_and_is_made_good_by_the_second_view(scene):
    await begun(scene)
    await scene.subscribe("1", "paper", style="cards")
    scene.clock.set("2026-01-08T01:05:00Z")  # the next one is announced
    await scene.reconciler.run()
    assert {batch.state for batch in (await ledger(scene)).values()} == {State.FAILED}
    await second(scene, page("oai", *range(1, 13)))
    found = await ledger(scene)
    assert (found["cs.CL"].state, len(found["cs.CL"].late), found["cs.CV"].state) == (
        State.LATE,
        12,
        State.COMPLETE,
    )
    # Twenty hours after they were announced, twelve papers are no longer single messages.
    await scene.matching.run()
    await scene.deliver()
    assert [len(message.items) for message in scene.post.arrived["1"]] == [10, 2]
    assert "Wed 7 Jan" in "".join(span.text for line in scene.post.arrived["1"][0].head for span in line)


async def test_quiet_pages_are_entered_and_never_late(scene):
    await begun(scene)
    scene.source.past.append(page("oai", 1, 2, day=date(2025, 12, 30), quiet=True))
    await scene.collector.backfill(date(2025, 12, 1))
    found = await ledger(scene, date(2025, 12, 30))
    assert (found["cs.CL"].state, found["cs.CL"].new, found["cs.CL"].late) == (State.COMPLETE, 2, frozenset())


@pytest.mark.parametrize(("day", "told"), [(DAY, [["Paper 1"]]), (date(2026, 1, 6), [])])
async def test_what_was_read_back_is_told_when_it_is_announced_unless_that_was_before_our_time(scene, day, told):
    await begun(scene)
    await scene.subscribe("1", "paper", style="cards")
    scene.source.past.append(page("oai", 1, day=day, quiet=True))
    await scene.collector.backfill(date(2025, 12, 1))
    await scene.matching.run()
    for _ in range(2):
        await feeds(scene, page("rss", 1, day=day))
        await second(scene, page("oai", 1, day=day))
        await scene.matching.run()
        await scene.deliver()
    assert scene.post.titles("1") == told


async def test_days_before_our_time_fail_nobody(scene):
    await begun(scene)
    await feeds(scene, page("rss", 1, day=date(2026, 1, 6), whole=()))
    scene.clock.set("2026-01-09T12:00:00Z")
    await scene.reconciler.run()
    assert (await ledger(scene, date(2026, 1, 6)))["cs.CL"].state is State.PARTIAL


async def test_a_holiday_is_known_for_one(scene):
    scene.clock.set("2026-01-16T17:00:00Z")
    await scene.reconciler.run()
    scene.clock.set("2026-01-20T17:00:00Z")
    await scene.reconciler.run()
    assert {batch.state for batch in (await ledger(scene, date(2026, 1, 20))).values()} == {State.HOLIDAY}


async def test_the_second_view_is_read_at_its_times_and_sooner_while_something_is_missing(scene):
    await scene.reconciler.run()
    assert await scene.reconciler.run() == Collected()
    assert scene.source.asked == [(PART, "")]
    assert await scene.reconciler.rest() <= timedelta(minutes=15)
    scene.clock.set("2026-01-07T08:00:00Z")
    await second(scene, page("oai", 1))
    state = await scene.collector.state(PART)
    assert state.next_at == scene.clock() + timedelta(hours=1)  # the feeds have not shown that day
    await feeds(scene, page("rss", 1))
    await second(scene, page("oai", 1))
    state = await scene.collector.state(PART)
    assert state.next_at == scene.clock() + timedelta(hours=12)


async def test_a_second_view_that_fails_is_asked_again_when_it_likes(scene):
    scene.source.second.append(SourceBusy("wait", 600))
    assert await scene.reconciler.run() == Collected(failed=1)
    assert (await scene.collector.state(PART)).next_at == scene.clock() + timedelta(minutes=10)
    assert await scene.reconciler.run() == Collected()
    scene.clock.advance(minutes=9, seconds=50)
    assert await scene.reconciler.rest() == timedelta(seconds=10)
    scene.clock.advance(minutes=5)
    assert await scene.reconciler.rest() == timedelta(0)


# --- watched papers --------------------------------------------------------------------------------------------------


async def watch(scene, *papers):
    async with scene.store.write() as unit:
        person = await unit.people.ensure(Actor(channel="telegram", user_id="1"), "en")
        place = await unit.people.ensure_destination(
            Place(channel="telegram", address="1", kind="private"), person.number
        )
        await unit.papers.hold(papers)
        for one in papers:
            await unit.people.watch(place.number, (await unit.papers.get(one.id)).number, person.number)


async def test_watched_papers_are_looked_up_once_a_day(scene):
    await watch(scene, paper(1), paper(2), paper(3), paper(4))
    updated = datetime(2026, 1, 6, 9, tzinfo=UTC)
    scene.source.knows = {
        "2601.00001": paper(1, version=2, updated=updated),
        "2601.00002": paper(2, version=3, withdrawn=True),
        "2601.00003": paper(3, doi="10.1000/journal"),
    }
    scene.clock.advance(minutes=1)
    await scene.reconciler.run()
    await scene.matching.run()
    await scene.deliver()
    told = {
        (item.title, "".join(span.text for span in line))
        for message in scene.post.arrived["1"]
        for item in message.items
        for line in item.lines
        if line[0].text == "cs.CL"
    }
    assert told == {
        ("Paper 1", "cs.CL · updated to v2"),
        ("Paper 2", "cs.CL · withdrawn"),
        ("Paper 3", "cs.CL · now published"),
    }
    await scene.reconciler.run()
    assert len(scene.source.looked_up) == 1
    scene.clock.advance(days=1)
    await scene.reconciler.run()
    assert len(scene.source.looked_up) == 2
    assert (await scene.collector.state(WATCHED)).first_done


async def test_many_watched_papers_are_asked_for_by_the_hundred(scene):
    await watch(scene, *(paper(number) for number in range(1, 151)))
    await scene.reconciler.run()
    assert [len(ids) for ids in scene.source.looked_up] == [100, 50]


# --- sources with one view -------------------------------------------------------------------------------------------


async def test_a_source_with_one_view_is_whole_by_a_reading_after_its_day(scene):
    use(scene, OneView())
    scene.clock.set("2026-01-06T12:00:00Z")
    await scene.reconciler.run()
    scene.clock.set("2026-01-07T12:00:00Z")
    shown = Listing(part="all", day=DAY, new=frozenset({"2601.00001"}))
    scene.source.says["all"].append(Page(part="all", events=(), cursor="1", view="daily", listings=(shown,)))
    await scene.collector.poll(early=True)
    await scene.reconciler.run()
    assert (await ledger(scene))["all"].state is State.PARTIAL
    scene.clock.set("2026-01-08T00:30:00Z")
    await scene.collector.poll(early=True)
    await scene.reconciler.run()
    found = (await ledger(scene))["all"]
    assert (found.state, found.source, found.new) == (State.COMPLETE, "huggingface", 1)
    scene.clock.set("2026-01-11T00:30:00Z")
    await scene.reconciler.run()
    assert (await ledger(scene, date(2026, 1, 8)))["all"].state is State.FAILED
    assert (await ledger(scene, date(2026, 1, 10)))["all"].state is State.EXPECTED
    assert await scene.reconciler.rest() == timedelta(minutes=15)


async def test_a_source_without_days_has_no_ledger(scene):
    scene.source = Scripted("all")
    scene.begin()
    assert not Reconciler.is_for(scene.collector)
    shown = Listing(part="all", day=DAY, new=frozenset({"2601.00001"}))
    scene.source.says["all"].append(Page(part="all", events=(), cursor="1", listings=(shown,)))
    await scene.collector.poll()
    assert await ledger(scene) == {}


async def test_ids_of_long_ago_are_forgotten(scene):
    await begun(scene)
    await feeds(scene, page("rss", 1))
    await second(scene, page("oai", 1))
    scene.clock.advance(days=70)
    await scene.reconciler.run()
    found = (await ledger(scene))["cs.CL"]
    assert (found.ids_known, found.new, found.state) == (False, 1, State.COMPLETE)
