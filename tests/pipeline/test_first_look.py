"""A first look is quiet for what was there when it was first tried, and for nothing else."""

from datetime import date, timedelta

import pytest
from pipeline_world import Scripted

from paperwire.core.days.batch import daily_slots
from paperwire.core.days.calendar import NO_CLOSURES, slots
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.errors import SourceBusy
from paperwire.pipeline.days import first_look
from paperwire.ports.sources import Page

DAY = date(2026, 1, 7)


class Feeds(Scripted):
    """Two feeds, each of which takes twenty seconds to answer."""

    def __init__(self, clock):
        super().__init__("a", "b")
        self.clock = clock

    def slots(self, first, last):
        return slots(("cs.CL",), first, last, ("rss", "oai"), NO_CLOSURES)

    async def fetch(self, part, cursor):
        self.clock.advance(seconds=20)
        async for page in super().fetch(part, cursor):
            yield page


class Lists(Scripted):
    """A list for every day, as Hugging Face has."""

    def slots(self, first, last):
        return daily_slots(("a",), first, last, closes=timedelta(days=1), due=timedelta(days=2))


@pytest.fixture
def stages(stages):
    stages.source = Feeds(stages.clock)
    stages.begin()
    return stages


def page(number, day=DAY):
    paper = Paper(id=f"2601.{number:05}", title=f"Paper {number}", categories=("cs.CL",))
    event = Event(kind=EventKind.NEW, paper=paper, source="arxiv", day=day)
    return Page(part="a", events=(event,), cursor="1", quiet=True, first_look=True, view="rss")


async def owed(stages):
    await stages.matching.run()
    return await stages.owed()


async def test_what_was_there_is_nobodys_news(stages):
    stages.clock.set("2026-01-07T05:00:10Z")
    await stages.subscribe("1", "paper")
    stages.source.says["a"].append(page(1))
    await stages.collector.poll()
    assert await owed(stages) == 0


async def test_a_first_round_that_midnight_divides_is_tried_before_it(stages):
    stages.clock.set("2026-01-07T04:59:30Z")  # the feeds change at 05:00
    await stages.subscribe("1", "paper")
    stages.source.says["a"].append(page(1, date(2026, 1, 6)))
    stages.source.says["b"].append(page(2))
    await stages.collector.poll()
    assert await owed(stages) == 1


@pytest.mark.parametrize(
    ("began", "gets"), [("2026-01-06T12:00:00Z", 1), ("2026-01-07T04:00:00Z", 1), ("2026-01-07T07:00:00Z", 0)]
)
async def test_what_came_during_an_outage_is_for_those_who_were_there(stages, began, gets):
    stages.clock.set("2026-01-06T12:00:00Z")
    stages.source.says["a"].append(SourceBusy("503", 60.0))
    await stages.collector.poll()
    stages.clock.set(began)
    await stages.subscribe("1", "paper")
    stages.clock.set("2026-01-07T11:00:00Z")
    stages.source.says["a"].append(page(1))
    await stages.collector.poll()
    assert await owed(stages) == gets


@pytest.mark.parametrize(("day", "gets"), [(date(2026, 1, 6), 0), (date(2026, 1, 7), 1)])
async def test_so_it_is_where_a_day_fills_up_from_its_beginning(stages, day, gets):
    stages.source = Lists("a")
    stages.begin()
    stages.clock.set("2026-01-06T12:00:00Z")
    await stages.subscribe("1", "paper")
    stages.source.says["a"].append(SourceBusy("503", 60.0))
    await stages.collector.poll()
    stages.clock.set("2026-01-07T11:00:00Z")
    stages.source.says["a"].append(page(1, day))
    await stages.collector.poll()
    assert await owed(stages) == gets


async def test_a_page_of_no_batch_stays_quiet(stages):
    stages.clock.set("2026-01-06T12:00:00Z")
    await stages.subscribe("1", "paper")
    stages.source.says["a"].append(SourceBusy("503", 60.0))
    await stages.collector.poll()
    stages.clock.advance(days=1)
    stages.source.says["a"].append(page(1, day=None))
    await stages.collector.poll()
    assert await owed(stages) == 0


def test_a_day_without_views_fills_up_from_its_beginning():
    (slot,) = daily_slots(("all",), DAY, DAY, closes=timedelta(days=1), due=timedelta(days=2))
    assert first_look.shown_at(slot) == slot.announced_at
