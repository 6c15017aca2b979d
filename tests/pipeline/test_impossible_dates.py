"""Dates that no source can mean, on their way into the store."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from pipeline_world import paper
from structlog.testing import capture_logs

from paperwire.core.days.batch import Listing
from paperwire.core.papers.paper import Event, EventKind
from paperwire.pipeline.ingest import keep
from paperwire.ports.sources import Page, SourceState

AHEAD = date(2031, 1, 1)
LATER = datetime(2031, 1, 1, tzinfo=UTC)


def dated(title, **about):
    """An event of the year 2031."""
    told = paper(title, announced=AHEAD, published=LATER, updated=LATER, **about)
    return Event(kind=EventKind.NEW, source="arxiv", day=AHEAD, at=LATER, paper=told)


@pytest.mark.parametrize("imported", [False, True])
async def test_a_list_of_2031_is_stored_as_of_today_with_one_line(stages, imported):
    page = Page(
        part="all",
        events=(dated("One"), dated("Two")),
        cursor="1",
        listings=(Listing(part="all", day=AHEAD, new=frozenset({"2601.00001"}), whole=True),),
    )
    with capture_logs() as logs:
        if imported:
            await keep(stages.store, replace(page, quiet=True), SourceState(source="import", part="all"))
        else:
            stages.source.says["all"].append(page)
            await stages.collector.poll()
    refused = [line for line in logs if line["event"] == "impossible dates refused"]
    source = "import" if imported else "arxiv"
    assert [(line["source"], line["dates"], line["example"]) for line in refused] == [(source, 4, "2031-01-01")]
    async with stages.store.read() as unit:
        found = await unit.papers.recent(stages.clock().date(), 0, 10)
    assert {(one.title, one.announced, one.published) for one in found} == {
        (title, stages.clock().date(), None) for title in ("One", "Two")
    }


async def test_a_day_of_2031_without_papers_is_no_day(stages):
    stages.source.says["all"].append(
        Page(part="all", events=(), cursor="1", listings=(Listing(part="all", day=AHEAD, whole=True),))
    )
    with capture_logs() as logs:
        await stages.collector.poll()
    assert [line["event"] for line in logs] == ["impossible dates refused"]


async def test_a_paper_looked_up_with_such_dates_is_dated_when_first_seen(stages):
    async with stages.store.write() as unit:
        await unit.papers.add([dated("One").paper])
    async with stages.store.read() as unit:
        (found,) = await unit.papers.recent(stages.clock().date(), 0, 10)
    assert (found.announced, found.published) == (stages.clock().date(), None)
