"""A first reading back that is not over yet when arXiv announces more: what comes meanwhile is told."""

from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from fortnight_world import quick, subscribe
from test_faulty_days import FRIDAY, Story, announce_61, fill

from paperwire.core.days.calendar import NO_CLOSURES, has_batch
from servers.arxiv import ArxivServer
from servers.arxiv_archive import Archive

TUESDAY, WEDNESDAY = date(2026, 11, 24), date(2026, 11, 25)
LATER = datetime(2026, 12, 24, tzinfo=UTC)


@asynccontextmanager
async def first_look(store, clock, begins):
    """A service that is begun at noon (UTC) of a day, with four weeks of papers; nothing was read back yet."""
    archive = Archive()
    first = date.fromisoformat(begins)
    for day in (first - timedelta(days=number) for number in range(28, -1, -1)):
        if has_batch(day, NO_CLOSURES):
            fill(archive, day)
    with quick():
        async with ArxivServer(clock, archive, interval=3.0) as server:
            clock.set(f"{begins}T12:00:00+00:00")
            server.down["/list"] = LATER
            story = Story(server, store, clock)
            await story.service.round()
            await subscribe(store, "all", "cat:cs", style="cards")
            yield story
            await story.service.fetcher.close()
    assert server.violations == []


@pytest.fixture
async def begun_on_tuesday(store, clock):
    async with first_look(store, clock, "2026-11-24") as story:
        yield story


@pytest.fixture
async def begun_on_thanksgiving(store, clock):
    async with first_look(store, clock, "2026-11-26") as story:
        yield story


async def stored(store):
    async with store.read() as unit:
        return (await unit.papers.counts()).papers


@pytest.mark.parametrize("feeds", [True, False], ids=["", "no feed answers"])
@pytest.mark.parametrize("reads_back_at", ["2026-11-27T03:36", "2026-11-27T12:00"])
async def test_a_holidays_announcement_before_the_reading_back_is_over(
    begun_on_thanksgiving, store, feeds, reads_back_at
):
    """16 of 61 papers were stored quietly on days before the first look."""
    story = begun_on_thanksgiving
    before = [*story.server.archive.entries]
    surprise = announce_61(story.server.archive)
    if not feeds:
        story.server.down["/rss"] = LATER
    story.clock.set(f"{reads_back_at}:00+00:00")
    await story.service.read_back()
    await story.at("2026-11-27T15:30", FRIDAY, 2)
    assert story.delivered(surprise) == 61
    assert story.delivered(before) == 0
    assert await stored(store) == len(story.server.archive.entries)


@pytest.mark.parametrize("feeds", [True, False], ids=["", "no feed answers then"])
@pytest.mark.parametrize("reads_back_at", ["2026-11-24T12:10", "2026-11-24T21:00"])
async def test_a_second_announcement_of_the_first_day(begun_on_tuesday, store, feeds, reads_back_at):
    """OAI-PMH shows it first, or the reading back where it is not over by then."""
    story, archive = begun_on_tuesday, begun_on_tuesday.server.archive
    before, second = [*archive.entries], []
    for moment in sorted([reads_back_at, "2026-11-24T20:00"]):
        story.clock.set(f"{moment}:00+00:00")
        if moment == reads_back_at:
            await story.service.read_back()
        else:
            second = fill(archive, TUESDAY)
    if not feeds:
        story.server.down["/rss"] = LATER
    await story.at("2026-11-25T13:45", WEDNESDAY, 11)
    assert (story.delivered(second), story.delivered(before)) == (23, 0)
    assert await stored(store) == len(archive.entries)
