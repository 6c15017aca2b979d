"""The calendar never decides what is news: feeds of days on which arXiv was not expected to announce anything."""

from datetime import date

import pytest

from paperwire.core.papers.paper import EventKind
from servers.arxiv import ArxivServer
from servers.arxiv_reader import Reader, make, said

NEW = EventKind.NEW


@pytest.fixture
async def arxiv_server(clock):
    clock.set("2026-11-25T05:00:30Z")  # Wednesday, just after midnight in New York
    async with ArxivServer(clock) as arxiv_server:
        for number in range(1, 4):
            arxiv_server.archive.add(f"2611.0000{number}", "2026-11-25")
        yield arxiv_server


@pytest.fixture
async def reader(arxiv_server, fetcher, clock):
    reader = Reader(make(arxiv_server, fetcher, clock, ["cs.CL"]))
    await reader.poll()
    return reader


def days(pages):
    return {event.day for page in pages for event in page.events}


@pytest.mark.parametrize(
    ("day", "at"),
    [
        ("2026-11-27", "2026-11-27T05:00:30Z"),  # the Friday after Thanksgiving
        ("2026-11-27", "2026-11-27T23:00:00Z"),
        ("2026-11-28", "2026-11-28T05:00:30Z"),  # Saturday
        ("2026-11-29", "2026-11-29T12:00:00Z"),  # Sunday
    ],
)
async def test_it_is_of_the_day_on_which_it_appears(arxiv_server, reader, clock, day, at):
    arxiv_server.archive.add("2611.00010", "2026-11-26")
    clock.set("2026-11-26T05:00:30Z")
    assert days(await reader.poll()) == {date(2026, 11, 26)}
    for number in range(11, 14):
        arxiv_server.archive.add(f"2611.000{number}", day)
    clock.set(at)
    pages = await reader.poll()
    assert said(pages) == {(NEW, f"2611.000{number}", 1) for number in range(11, 14)}
    assert days(pages) == {date.fromisoformat(day)}
    (listing,) = pages[-1].listings
    assert (listing.day, listing.whole, len(listing.new)) == (date.fromisoformat(day), True, 3)


async def test_also_after_days_without_a_look(arxiv_server, reader, clock):
    arxiv_server.archive.add("2611.00011", "2026-11-27")
    clock.set("2026-11-27T17:00:00Z")
    assert days(await reader.poll()) == {date(2026, 11, 27)}
    arxiv_server.archive.add("2611.00012", "2026-11-30")
    clock.set("2026-11-30T05:00:30Z")
    assert days(await reader.poll()) == {date(2026, 11, 30)}


async def test_the_old_list_or_none_on_such_a_day_changes_nothing(arxiv_server, reader, clock):
    arxiv_server.archive.add("2611.00010", "2026-11-26")
    clock.set("2026-11-26T05:00:30Z")
    await reader.poll()
    arxiv_server.stale = {"cs.CL": date(2026, 11, 26)}
    clock.set("2026-11-27T05:00:30Z")
    pages = await reader.poll()
    assert said(pages) == set()
    assert {one.day for page in pages for one in page.listings} == {date(2026, 11, 26)}
    arxiv_server.stale = {}
    clock.set("2026-11-28T05:00:30Z")
    assert [page.listings for page in await reader.poll()] == [()]


async def test_one_more_paper_in_the_old_list_is_of_that_list(arxiv_server, reader, clock):
    arxiv_server.archive.add("2611.00004", "2026-11-25")
    arxiv_server.stale = {"cs.CL": date(2026, 11, 25)}
    clock.set("2026-11-28T05:00:30Z")
    reader.source._announcements._closures = frozenset({date(2026, 11, 25)})  # no batch of the 26th either
    assert days(await reader.poll()) == {date(2026, 11, 25)}


async def test_a_list_that_comes_on_sunday_evening_is_mondays(arxiv_server, reader, clock):
    arxiv_server.archive.add("2611.00010", "2026-11-30")
    arxiv_server.stale = {"cs.CL": date(2026, 11, 30)}  # before midnight
    clock.set("2026-11-30T01:30:00Z")
    assert days(await reader.poll()) == {date(2026, 11, 30)}


async def test_a_first_look_on_a_saturday_is_of_the_last_expected_day(arxiv_server, fetcher, clock):
    arxiv_server.stale = {"cs.CL": date(2026, 11, 25)}
    clock.set("2026-11-28T12:00:00Z")
    pages = await Reader(make(arxiv_server, fetcher, clock, ["cs.CL"])).poll()
    assert days(pages) == {date(2026, 11, 26)}
    assert [page.quiet for page in pages] == [True]


async def test_a_closed_evening_of_the_settings_is_such_a_day_too(arxiv_server, fetcher, clock):
    reader = Reader(make(arxiv_server, fetcher, clock, ["cs.CL"], closures=frozenset({date(2026, 11, 30)})))
    await reader.poll()
    arxiv_server.archive.add("2611.00010", "2026-11-30")
    clock.set("2026-11-30T05:00:30Z")
    await reader.poll()
    arxiv_server.stale = {"cs.CL": date(2026, 11, 30)}
    clock.set("2026-12-01T05:00:30Z")
    assert [page.listings[0].day for page in await reader.poll()] == [date(2026, 11, 30)]
    arxiv_server.stale = {}
    arxiv_server.archive.add("2612.00001", "2026-12-01")
    assert days(await reader.poll()) == {date(2026, 12, 1)}
