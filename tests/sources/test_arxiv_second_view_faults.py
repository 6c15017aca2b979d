"""OAI-PMH on its bad days: empty, down for a day, slow to begin. Nothing is lost, and nothing is read twice as news."""

from datetime import date, timedelta

import pytest

from paperwire.core.papers.paper import EventKind
from paperwire.errors import SourceBusy
from servers.arxiv import ArxivServer
from servers.arxiv_reader import make

DAYS = [date(2026, 1, 13) + timedelta(days=number) for number in range(4)]


class Reader:
    """Reads with the cursor of the last page, and stores what it reads."""

    def __init__(self, source):
        self.source = source
        self.cursor = ""
        self.days = {}
        self.news = []

    async def stored(self, ids):
        return frozenset(self.days.keys() & set(ids))

    async def read(self):
        whole = set()
        async for page in self.source.reconcile(self.cursor, unproven=None, stored=self.stored):
            self.cursor = page.cursor
            whole |= {listing.day for listing in page.listings if listing.whole}
            for event in page.events:
                if event.kind is EventKind.NEW and event.paper.id not in self.days:
                    self.days[event.paper.id] = event.day
                    self.news.append(event.paper.id)
        return whole


@pytest.fixture
async def arxiv_server(clock):
    clock.set("2026-01-12T17:00:00Z")
    async with ArxivServer(clock) as arxiv_server:
        for number, day in enumerate(DAYS, 1):
            arxiv_server.archive.add(f"2601.0000{number}", day)
        yield arxiv_server


@pytest.fixture
async def reader(arxiv_server, fetcher, clock):
    reader = Reader(make(arxiv_server, fetcher, clock, ["cs.CL"]))
    await reader.read()
    return reader


def at(clock, day, hour=13):
    clock.set(f"{day.isoformat()}T{hour}:35:00Z")


def all_of(arxiv_server):
    return {entry.id: entry.versions[0].day for entry in arxiv_server.archive.entries.values()}


async def test_empty_answers_for_two_days(arxiv_server, reader, clock):
    arxiv_server.oai_empty = True
    for day in DAYS[:2]:
        at(clock, day)
        assert day in await reader.read()  # read through, although nothing was in it
    assert reader.days == {}
    arxiv_server.oai_empty = False
    at(clock, DAYS[3])
    await reader.read()
    assert reader.days == all_of(arxiv_server)
    assert len(reader.news) == 4


async def test_down_for_a_day(arxiv_server, reader, clock):
    at(clock, DAYS[0])
    await reader.read()
    arxiv_server.down["/oai"] = clock() + timedelta(days=1)
    for hours in (2, 12, 20):
        at(clock, DAYS[0])
        clock.advance(hours=hours)
        with pytest.raises(SourceBusy):
            await reader.read()
    at(clock, DAYS[3])
    assert await reader.read() == set(DAYS)
    assert reader.days == all_of(arxiv_server)


async def test_a_first_byte_after_75_seconds(arxiv_server, reader, clock):
    async def wait(seconds):
        clock.advance(seconds=seconds)

    arxiv_server.wait, arxiv_server.first_byte = wait, {"/oai": 75}
    at(clock, DAYS[1])
    began = clock()
    await reader.read()
    assert clock() - began == timedelta(seconds=75 * 2)  # records and identifiers
    assert set(reader.days.values()) == set(DAYS[:2])


async def test_a_day_that_is_late_by_hours_does_not_hold_up_the_next(arxiv_server, reader, clock):
    arxiv_server.oai_late[DAYS[1]] = 40
    at(clock, DAYS[2])
    await reader.read()
    assert set(reader.days.values()) == {DAYS[0], DAYS[2]}
    at(clock, DAYS[3])
    await reader.read()
    assert reader.days == all_of(arxiv_server)
