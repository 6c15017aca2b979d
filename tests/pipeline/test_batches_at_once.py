"""A batch that is judged by one process while another enters a page in it: in both orders, the page stays."""

from datetime import date, timedelta

import pytest
from pipeline_world import Scripted

from orders_world import Units, in_between, stops
from paperwire.core.days.batch import BatchState, Listing, daily_slots
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.pipeline.days.audit import audit
from paperwire.pipeline.days.calendar import Calendar
from paperwire.pipeline.ingest import keep
from paperwire.ports.sources import Page, SourceState

DAY = date(2026, 1, 7)
IDS = tuple(f"2601.{number:05}" for number in range(10))


class OneView(Scripted):
    """A source whose days have one batch each."""

    def slots(self, first, last):
        return daily_slots(("all",), first, last, closes=timedelta(days=1), due=timedelta(days=2))


def _page():
    papers = [Paper(id=one, title=f"Paper {one}", announced=DAY) for one in IDS]
    events = tuple(Event(kind=EventKind.NEW, paper=paper, source="arxiv", day=DAY) for paper in papers)
    listing = Listing(part="all", day=DAY, new=frozenset(IDS))
    return Page(part="all", events=events, cursor="1", view="rss", listings=(listing,))


@pytest.fixture
async def calendar(store, clock):
    """The source was read first the day before."""
    clock.set("2026-01-06T17:00:00Z")
    calendar = Calendar(OneView("all"))
    await _judge(store, calendar)
    clock.set("2026-01-07T05:00:00Z")
    return calendar


async def _judge(store, calendar):
    async with store.write() as unit:
        await audit(unit, calendar, {}, DAY - timedelta(days=1), DAY + timedelta(days=1))


@pytest.mark.parametrize("turned", [False, True], ids=["", "turned"])
@pytest.mark.parametrize("known", [False, True], ids=["unseen", "expected"])
@stops([0, 1, 2, 3, 4, 5, 6, 8, 14])
async def test_a_page_entered_while_its_batch_is_judged_stays(store, other, calendar, known, stop, turned):
    if known:
        await _judge(store, calendar)

    async def judge(where):
        await _judge(where, calendar)

    async def enter(where):
        await keep(where, _page(), SourceState(source="arxiv", part="all"), calendar)

    first, second = (enter, judge) if turned else (judge, enter)
    units = Units(store, stop)
    await in_between(lambda: first(units), lambda: second(other), units)
    async with store.read() as unit:
        (batch,) = [batch for batch in await unit.sources.batches(DAY) if batch.day == DAY]
    assert (batch.state, batch.new, batch.arrivals) == (BatchState.UNCONFIRMED, 10, frozenset(IDS))
