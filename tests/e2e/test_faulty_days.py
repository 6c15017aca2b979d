"""Days on which arXiv failed as it did for others: nothing is lost, and nothing is called complete that is not.

Each replay says what `/status` says at each step. The papers of the four weeks before are read back, so that there is
something to compare a day with: 23 a day, 20 of them in cs.CL.
"""

from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from fortnight_world import Recorder, Service, quick, subscribe

from paperwire.core.days.calendar import NO_CLOSURES, has_batch
from paperwire.core.days.completeness import days_of
from paperwire.texts import ENGLISH
from paperwire.wording.days import day_line
from servers.arxiv import ArxivServer
from servers.arxiv_archive import Archive

FOLLOWED = ("cs.CL", "cs.HC")
MONDAY, TUESDAY, WEDNESDAY = date(2026, 10, 19), date(2026, 10, 20), date(2026, 10, 21)
LATE = 31
"""Hours."""


def fill(archive, day, large=20, small=3):
    """What is announced on a day; two papers of cs.CL are cross-lists of cs.HC."""
    first = len(archive.entries)
    for number in range(large + small):
        categories = ["cs.CL"] if number < large - 2 else ["cs.CL", "cs.HC"] if number < large else ["cs.HC"]
        archive.add(f"{day:%y%m}.{first + number:05}", day, categories, f"A made-up paper {first + number}")
    return [*archive.entries][first:]


class Story:
    """One service and one arXiv."""

    def __init__(self, server, store, clock):
        self.server, self.store, self.clock = server, store, clock
        self.channel = Recorder()
        self.story = []
        self.service = Service(server, store, clock, FOLLOWED, self.channel)

    async def at(self, moment, day, hours=0):
        """What `/status` says of a day at a moment, after everything that was due each of so many hours before."""
        until = datetime.fromisoformat(f"{moment}:00+00:00")
        self.clock.set(max(self.clock(), until - timedelta(hours=hours)).isoformat())
        await self.service.round()
        while self.clock() < until - timedelta(minutes=10):
            self.clock.advance(hours=1)
            await self.service.round()
        async with self.store.read() as unit:
            days = days_of(await unit.sources.batches(day))
        said = next((day_line(one, ENGLISH).removeprefix("arxiv, ") for one in days if one.day == day), "")
        if day == TUESDAY:
            self.story.append(f"| {until:%A %H:%M} | {said.removeprefix('Tue 20 Oct: ')} |")
        return said

    def delivered(self, ids):
        """How many of these papers arrived, each of which must have arrived once at most."""
        arrived = Counter({one: count for one, count in self.channel.told("all").items() if one in set(ids)})
        assert set(arrived.values()) <= {1}
        return len(arrived)

    def late(self):
        """How many cards say that their paper was found late."""
        items = (item for message in self.channel.arrived["all"] for item in message.items)
        return sum("found late" in "".join(span.text for line in item.lines for span in line) for item in items)


@asynccontextmanager
async def begun(store, clock, begins, *, read_back=True, expected=()):
    """A service that is begun at noon (UTC) of a day, with four weeks of papers; `expected` are days to come."""
    first = date.fromisoformat(begins)
    archive = Archive()
    for number in range(30):
        day = first - timedelta(days=30 - number - 1)
        if has_batch(day, NO_CLOSURES):
            fill(archive, day)
    papers = {day: fill(archive, day) for day in expected}
    with quick():
        async with ArxivServer(clock, archive, interval=3.0) as server:
            clock.set(f"{begins}T12:00:00+00:00")
            server.oai_empty = not read_back
            story = Story(server, store, clock)
            try:
                await story.service.round()
                await story.service.read_back()
                await subscribe(store, "all", "cat:cs", style="cards")
                yield story, papers
            finally:
                await story.service.fetcher.close()
    assert server.violations == []


async def stands_on(store, papers):
    """The days on which the pages, the history and the ledger have each of these papers, given by day."""
    days = {}
    async with store.read() as unit:
        ledger = [batch for batch in await unit.sources.batches(min(papers)) if batch.views]
        for one in [one for ids in papers.values() for one in ids]:
            paper = await unit.papers.get(one)
            events = await unit.papers.events_of(paper.number)
            batches = {batch.day for batch in ledger if one in batch.arrivals}
            days[one] = {paper.announced, *batches, *(event.day for event in events if event.kind in {"new", "cross"})}
    return days


@pytest.mark.parametrize("listing", [False, True], ids=["without a list", "with a list"])
async def test_a_stale_feed_on_a_tuesday_whose_ids_oai_lacks_for_31_hours(store, clock, listing):
    """It was `complete (0 new)`, and none of the papers ever came."""
    async with begun(store, clock, "2026-10-16", expected=(MONDAY, TUESDAY, WEDNESDAY)) as (story, papers):
        server = story.server
        server.oai_late[TUESDAY] = LATE
        if not listing:
            server.down["/list"] = datetime(2026, 12, 1, tzinfo=UTC)
        assert await story.at("2026-10-19T14:00", MONDAY, 12) == "Mon 19 Oct: complete (23 new)"
        server.stale = dict.fromkeys(FOLLOWED, MONDAY)
        assert await story.at("2026-10-20T03:40", TUESDAY, 4) == "Tue 20 Oct: expected, nothing seen yet (0 new)"
        said = await story.at("2026-10-20T15:00", TUESDAY, 11)
        assert said.startswith("Tue 20 Oct: unconfirmed")
        assert "unusually few papers, 0 instead of about 25" in said
        assert "the feed still shows an older list" in said
        assert ("OAI-PMH and the listing page differ by" in said) is listing
        assert story.delivered(papers[TUESDAY]) == 0
        clock.set("2026-10-21T04:30:00+00:00")  # the next list comes at midnight
        server.stale = {}
        assert await story.at("2026-10-21T13:00", WEDNESDAY, 8) == "Wed 21 Oct: complete (23 new)"
        said = await story.at("2026-10-21T14:00", TUESDAY)
        if listing:
            assert said == "Tue 20 Oct: complete, 23 papers found late (23 new)"
        else:
            assert said == "Tue 20 Oct: unconfirmed: the feed still shows an older list (23 new)"
        assert story.delivered(papers[TUESDAY]) == 23
        assert story.late() == 23
        assert story.delivered([*papers[MONDAY], *papers[WEDNESDAY]]) == 46
        assert await stands_on(store, papers) == {one: {day} for day, ids in papers.items() for one in ids}
        if listing:
            print("\n".join(story.story))  # noqa: T201 -- what `-s` is for
            assert "\n".join(story.story) in (Path(__file__).parents[2] / "docs" / "completeness.md").read_text()


@pytest.mark.parametrize("oai_first", [False, True], ids=["the feeds are read first", "OAI-PMH is read first"])
async def test_a_service_that_returns_to_a_feed_with_the_list_of_the_day_before(store, clock, oai_first):
    """Monday's papers stood under Tuesday, whatever OAI-PMH said."""
    async with begun(store, clock, "2026-10-16", expected=(MONDAY, TUESDAY)) as (story, papers):
        server = story.server
        server.down["/list"] = datetime(2026, 12, 1, tzinfo=UTC)
        server.stale = dict.fromkeys(FOLLOWED, MONDAY)
        if oai_first:
            server.down["/rss"] = datetime(2026, 10, 20, 12, 30, tzinfo=UTC)
        said = await story.at("2026-10-20T14:00", TUESDAY, 2)
        assert said == "Tue 20 Oct: unconfirmed: the feed still shows an older list (23 new)"
        late = "complete, 23 papers found late" if oai_first else "complete"
        assert await story.at("2026-10-20T14:00", MONDAY) == f"Mon 19 Oct: {late} (23 new)"
        server.stale = {}
        assert await story.at("2026-10-20T16:00", TUESDAY, 1) == "Tue 20 Oct: complete (23 new)"
        assert story.delivered([*papers[MONDAY], *papers[TUESDAY]]) == 46
        assert await stands_on(store, papers) == {one: {day} for day, ids in papers.items() for one in ids}


async def test_oai_a_day_late(store, clock):
    """The feeds bring the papers in time; that the day is whole is not said before it is known."""
    async with begun(store, clock, "2026-10-16", expected=(MONDAY, TUESDAY)) as (story, papers):
        story.server.oai_late[TUESDAY] = 24
        story.server.down["/list"] = datetime(2026, 12, 1, tzinfo=UTC)
        assert await story.at("2026-10-19T14:00", MONDAY, 12) == "Mon 19 Oct: complete (23 new)"
        said = await story.at("2026-10-20T05:00", TUESDAY, 4)
        assert said.startswith("Tue 20 Oct: unconfirmed, 0 of 2 categories are complete (cs.CL: the feed and OAI-PMH")
        assert story.delivered(papers[TUESDAY]) == 23
        assert "differ by 20 papers" in await story.at("2026-10-21T02:00", TUESDAY, 20)
        assert await story.at("2026-10-21T14:00", TUESDAY, 12) == "Tue 20 Oct: complete (23 new)"
        assert (story.delivered(papers[TUESDAY]), story.late()) == (23, 0)
        assert await stands_on(store, papers) == {one: {day} for day, ids in papers.items() for one in ids}


async def test_oai_that_refuses_for_a_day_or_begins_to_answer_after_75_seconds(store, clock):
    async def wait(seconds):
        clock.advance(seconds=seconds)

    async with begun(store, clock, "2026-10-16", expected=(MONDAY, TUESDAY)) as (story, papers):
        story.server.down["/list"] = datetime(2026, 12, 1, tzinfo=UTC)
        story.server.wait, story.server.first_byte = wait, {"/oai": 75}
        assert await story.at("2026-10-19T14:00", MONDAY, 12) == "Mon 19 Oct: complete (23 new)"
        story.server.first_byte = {}
        story.server.down["/oai"] = datetime(2026, 10, 20, 20, tzinfo=UTC)
        said = await story.at("2026-10-20T15:00", TUESDAY, 12)
        assert said == "Tue 20 Oct: unconfirmed: not in OAI-PMH yet (23 new)"
        assert (story.delivered([*papers[MONDAY], *papers[TUESDAY]]), story.late()) == (46, 0)
        assert await story.at("2026-10-20T23:00", TUESDAY, 4) == "Tue 20 Oct: complete (23 new)"


async def test_a_fresh_install_with_an_oai_without_records(store, clock):
    """It was twenty past days `complete (0 new)`, by OAI-PMH alone."""
    async with begun(store, clock, "2026-10-16", read_back=False, expected=(MONDAY,)) as (story, papers):
        past = "Thu 15 Oct: backfilled from before the first run (0 new)"
        assert await story.at("2026-10-16T13:00", date(2026, 10, 15)) == past
        story.server.down["/list"] = datetime(2026, 10, 19, 15, tzinfo=UTC)
        said = await story.at("2026-10-19T14:00", MONDAY, 12)
        assert said.startswith("Mon 19 Oct: unconfirmed, 0 of 2 categories are complete (cs.CL: the feed and OAI-PMH")
        history = "Mon 19 Oct: unconfirmed: not enough history to judge the number (23 new)"
        assert await story.at("2026-10-19T18:00", MONDAY, 3) == history  # by the list
        assert (story.delivered(papers[MONDAY]), story.late()) == (23, 0)


FRIDAY = date(2026, 11, 27)  # arXiv announces nothing on the evening of Thanksgiving
HELD_BACK = {"submitted": datetime(2026, 11, 23, 15, tzinfo=UTC)}


def announce_61(archive):
    """61 papers, 16 of which came in days before and would have been announced before the first look."""
    papers = fill(archive, FRIDAY, 40, 5)
    for number in range(16):
        archive.add(f"2611.9{number:04}", FRIDAY, ["cs.CL"], f"Held back {number}", **HELD_BACK)
    return [*papers, *(f"2611.9{number:04}" for number in range(16))]


@pytest.mark.parametrize("down", [False, True], ids=["", "down for three days"])
async def test_an_announcement_on_thanksgiving(store, clock, down):
    """16 of 61 papers never came."""
    wednesday, thursday = date(2026, 11, 25), date(2026, 11, 26)
    async with begun(store, clock, "2026-11-24", expected=(wednesday, thursday)) as (story, papers):
        story.server.down["/list"] = datetime(2026, 12, 24, tzinfo=UTC)
        assert await story.at("2026-11-25T15:00", wednesday, 12) == "Wed 25 Nov: complete (23 new)"
        assert await story.at("2026-11-26T15:00", thursday, 12) == "Thu 26 Nov: complete (23 new)"
        surprise = announce_61(story.server.archive)
        if not down:
            assert await story.at("2026-11-27T01:10", FRIDAY) == "Fri 27 Nov: nothing announced, Thanksgiving"
            assert await story.at("2026-11-27T15:30", FRIDAY, 12) == "Fri 27 Nov: complete (61 new)"
            assert story.late() == 0
        else:
            said = await story.at("2026-11-28T20:00", FRIDAY, 8)
            assert said == "Fri 27 Nov: unconfirmed: not in the feed yet (61 new)"
        assert story.delivered(surprise) == 61
        assert await stands_on(store, {FRIDAY: surprise}) == {one: {FRIDAY} for one in surprise}
        assert story.delivered([one for ids in papers.values() for one in ids]) == 46


async def test_a_paper_that_was_held_back_stays_on_its_day_whatever_changes_later(store, clock):
    """OAI-PMH knows when it was sent in: once its record was changed, it moved to the day of that."""
    async with begun(store, clock, "2026-10-16", expected=(MONDAY, TUESDAY)) as (story, papers):
        archive = story.server.archive
        held = "2610.90001", "2610.90002", "2610.90003"
        for one in held:
            archive.add(one, TUESDAY, ["cs.CL"], f"Held back {one}", submitted=datetime(2026, 10, 12, 15, tzinfo=UTC))
        papers[TUESDAY] += held
        archive.replace(held[0], WEDNESDAY)
        archive.replace(held[1], date(2026, 11, 9))  # when it is too late for an arrival
        crossed = date(2026, 11, 10)
        archive.cross(held[2], crossed, "cs.HC")
        story.server.down["/list"] = datetime(2026, 12, 1, tzinfo=UTC)
        assert await story.at("2026-10-20T14:00", TUESDAY, 36) == "Tue 20 Oct: complete (26 new)"
        assert await story.at("2026-10-21T14:00", TUESDAY, 12) == "Tue 20 Oct: complete (26 new)"
        await story.at("2026-11-11T14:00", TUESDAY, 40)
        days = {one: {TUESDAY} for one in papers[TUESDAY]} | {held[2]: {TUESDAY, crossed}}
        assert await stands_on(store, {TUESDAY: papers[TUESDAY]}) == days
