"""What OAI-PMH has late: the identifiers of a week are listed, and only what is not stored is fetched."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from paperwire.core.papers.paper import EventKind
from paperwire.errors import SourceError
from paperwire.sources.arxiv.oai import Record
from servers import arxiv_pages as pages_of
from servers.arxiv import ArxivServer
from servers.arxiv_reader import SecondReader, make, said

DAY = date(2026, 1, 14)
NEW, CROSS, REPLACED = EventKind.NEW, EventKind.CROSS, EventKind.REPLACED


@pytest.fixture
async def arxiv_server(clock):
    clock.set("2026-01-13T17:00:00Z")  # Tuesday noon in New York
    async with ArxivServer(clock, page=3) as arxiv_server:
        yield arxiv_server


@pytest.fixture
def source(arxiv_server, fetcher, clock):
    return make(arxiv_server, fetcher, clock, ["cs.CL", "cs.CV"])


@pytest.fixture
async def reader(source):
    reader = SecondReader(source)
    await reader.read()
    return reader


def arrivals(pages):
    return {(event.paper.id, event.day) for page in pages for event in page.events if event.kind in {NEW, CROSS}}


def verbs(arxiv_server):
    """How many requests went to OAI-PMH by verb, and how many to the search API."""
    names = [query.get("verb", path) for path, query in arxiv_server.requests]
    return {name: names.count(name) for name in names}


def announce(arxiv_server, count, day=DAY, categories=("cs.CL",), first=1):
    ids = [f"2601.{number:05}" for number in range(first, first + count)]
    for paper_id in ids:
        arxiv_server.archive.add(paper_id, day, categories)
    return set(ids)


async def miss(arxiv_server, reader, clock):
    """Read until the cursor is past the day's papers while OAI-PMH lacks them, and up to when it has them."""
    arxiv_server.oai_late[DAY] = 31
    for at in ("2026-01-14T03:35:00Z", "2026-01-14T13:35:00Z", "2026-01-15T03:35:00Z"):
        clock.set(at)
        assert not {(paper_id, day) for paper_id, day in arrivals(await reader.read()) if day == DAY}
    arxiv_server.requests.clear()
    clock.set("2026-01-15T13:35:00Z")


async def test_a_day_that_oai_pmh_has_31_hours_late_is_found_under_its_date(arxiv_server, reader, clock):
    arxiv_server.page = 2_500
    ids = announce(arxiv_server, 120)
    await miss(arxiv_server, reader, clock)
    pages = await reader.read()
    assert arrivals(pages) == {(paper_id, DAY) for paper_id in ids}
    assert not any(page.quiet for page in pages)
    # The list of records begins the day after; the identifiers name them and two answers of the search API tell them.
    assert verbs(arxiv_server)["/api/query"] == 2
    assert "GetRecord" not in verbs(arxiv_server)
    assert {listing.day for page in pages for listing in page.listings if listing.new} == {DAY}
    arxiv_server.requests.clear()
    clock.set("2026-01-16T03:35:00Z")
    assert arrivals(await reader.read()) == set()
    assert "/api/query" not in verbs(arxiv_server)


async def test_records_are_read_from_the_first_unproven_day_on(arxiv_server, reader, clock):
    ids = announce(arxiv_server, 5)
    await miss(arxiv_server, reader, clock)
    pages = await reader.read(unproven=DAY)
    assert arrivals(pages) == {(paper_id, DAY) for paper_id in ids}
    assert "/api/query" not in verbs(arxiv_server)
    assert {(one.part, one.day) for page in pages for one in page.listings if one.whole} == {
        (name, day) for name in ("cs.CL", "cs.CV") for day in (DAY, date(2026, 1, 15))
    }
    # The cursor is at the last answer; a day that stays unproven is read again all the same.
    arxiv_server.requests.clear()
    await reader.read(unproven=DAY - timedelta(days=60))
    begins = [query["from"] for _, query in arxiv_server.requests if query["verb"] == "ListRecords" and "from" in query]
    assert set(begins) == {"2025-12-16"}


async def test_what_the_search_api_lacks_is_asked_of_oai_pmh_and_the_rest_is_left_for_later(
    arxiv_server, reader, clock
):
    announce(arxiv_server, 5)
    await miss(arxiv_server, reader, clock)
    arxiv_server.api_lacks = {"2601.00002", "2601.00004"}
    pages = await reader.read()
    assert arrivals(pages) == {(f"2601.0000{number}", DAY) for number in range(1, 6)}
    assert verbs(arxiv_server)["GetRecord"] == 2


async def test_a_paper_without_a_date_in_the_search_api_is_asked_of_oai_pmh(arxiv_server, reader, clock, monkeypatch):
    announce(arxiv_server, 2)
    await miss(arxiv_server, reader, clock)
    whole = pages_of.api
    monkeypatch.setattr(pages_of, "api", lambda *a, **k: re.sub(rb"<published>.*?</published>", b"", whole(*a, **k)))
    assert arrivals(await reader.read()) == {("2601.00001", DAY), ("2601.00002", DAY)}
    assert verbs(arxiv_server)["GetRecord"] == 2
    assert (await reader.source.lookup("2601.00001")).announced is None


async def test_records_of_categories_that_are_not_followed_say_nothing(arxiv_server, fetcher, clock):
    reader = SecondReader(make(arxiv_server, fetcher, clock, ["cs.CL", "cs.CV", "cs.LG", "cs.RO", "cs.AI", "cs.HC"]))
    await reader.read()
    announce(arxiv_server, 2, categories=("math.CO",))
    announce(arxiv_server, 1, categories=("math.CO", "cs.AI"), first=3)
    clock.set("2026-01-14T13:35:00Z")
    assert arrivals(await reader.read()) == {("2601.00003", DAY)}


@pytest.mark.parametrize("fault", ["down", "error"])
async def test_without_the_search_api_records_are_asked_one_by_one(arxiv_server, reader, clock, fault):
    announce(arxiv_server, 5)
    await miss(arxiv_server, reader, clock)
    arxiv_server.mood = lambda path: {"down": 400, "error": "error"}[fault] if path.startswith("/api") else None
    assert arrivals(await reader.read()) == {(f"2601.0000{number}", DAY) for number in range(1, 6)}


async def test_at_most_200_records_are_asked_one_by_one(arxiv_server, reader, clock):
    arxiv_server.page = 2_500
    ids = announce(arxiv_server, 230)
    arxiv_server.api_lacks = ids
    await miss(arxiv_server, reader, clock)
    assert len(arrivals(await reader.read())) == 200
    assert len(arrivals(await reader.read())) == 30


async def test_versions_are_told_as_well(arxiv_server, reader, clock):
    announce(arxiv_server, 1)
    arxiv_server.archive.replace("2601.00001", "2026-01-15", title="Better")
    arxiv_server.oai_late |= {DAY: 50, date(2026, 1, 15): 26}
    clock.set("2026-01-15T13:35:00Z")
    await reader.read()
    clock.set("2026-01-16T13:35:00Z")
    pages = await reader.read()
    assert {(event.kind, event.paper.version, event.day.day) for page in pages for event in page.events} == {
        (NEW, 1, 14),
        (REPLACED, 2, 15),
    }


async def test_only_recent_papers_of_followed_sets_are_fetched(arxiv_server, fetcher, clock):
    reader = SecondReader(make(arxiv_server, fetcher, clock, ["cs.CL", "cs.CV", "cs.LG", "cs.RO", "cs.AI", "cs.HC"]))
    await reader.read()
    arxiv_server.archive.add("2511.00001", "2025-11-03", ["cs.CL"])
    arxiv_server.archive.add("cs/0601001", "2025-11-03", ["cs.CL"])
    arxiv_server.archive.add("2601.00001", "2026-01-14", ["math.CO"])
    arxiv_server.archive.add("2601.00002", "2026-01-14", ["math.CO", "cs.CL"])
    for paper_id in ("2511.00001", "cs/0601001"):
        arxiv_server.archive.cross(paper_id, "2026-01-14", "cs.CV")
    asked = []

    async def lookup_many(ids):
        asked.extend(ids)
        return {}

    reader.source._reconciliation._identifiers._lookup_many = lookup_many
    await miss(arxiv_server, reader, clock)
    pages = await reader.read()
    assert asked == ["2601.00002"]
    assert said(pages) == {(CROSS, "2601.00002", 1)}


async def test_a_deleted_record_is_not_fetched(source):
    identifiers = source._reconciliation._identifiers
    header = Record(id="2601.00001", stamp=DAY, sets=("cs:cs:CL",))
    assert identifiers._may_be_news(header, DAY)
    assert not identifiers._may_be_news(Record(id="2601.00001", stamp=DAY, deleted=True), DAY)
    assert not identifiers._may_be_news(Record(id="2601.00001", stamp=DAY, sets=("math:math:CO",)), DAY)
    assert not identifiers._may_be_news(Record(id="2511.00001", stamp=DAY, sets=("cs:cs:CL",)), DAY)
    # Without any set only its record tells.
    assert identifiers._may_be_news(Record(id="2601.00001", stamp=DAY), DAY)


async def test_a_crash_among_the_identifiers_repeats_them_and_loses_nothing(arxiv_server, reader, clock):
    announce(arxiv_server, 4, categories=("cs.CV",))
    arxiv_server.api_lacks = {"2601.00001", "2601.00002", "2601.00003", "2601.00004"}
    await miss(arxiv_server, reader, clock)
    more = announce(arxiv_server, 2, date(2026, 1, 15), first=11)
    arxiv_server.mood = lambda _path: "html" if "GetRecord" in str(arxiv_server.requests[-1]) else None
    with pytest.raises(SourceError):
        await reader.read()
    assert reader.papers >= more
    arxiv_server.mood = lambda _path: None
    arxiv_server.requests.clear()
    pages = await reader.read()
    assert arrivals(pages) == {(f"2601.0000{number}", DAY) for number in range(1, 5)}
    assert "ListRecords" not in verbs(arxiv_server)
    assert {one.day.day for page in pages for one in page.listings if one.whole} == {15}


async def test_a_crash_of_yesterday_is_read_again(arxiv_server, reader, clock):
    announce(arxiv_server, 2)
    clock.set("2026-01-14T13:35:00Z")
    arxiv_server.mood = lambda _path: "html" if "ListIdentifiers" in str(arxiv_server.requests[-1]) else None
    with pytest.raises(SourceError):
        await reader.read()
    arxiv_server.mood = lambda _path: None
    more = announce(arxiv_server, 2, date(2026, 1, 15), first=11)
    clock.set("2026-01-15T13:35:00Z")
    arxiv_server.requests.clear()
    assert {paper for paper, day in arrivals(await reader.read()) if day.day == 15} == more
    assert {
        query["from"] for _, query in arxiv_server.requests if query.get("verb") == "ListRecords" and "from" in query
    } == {"2026-01-13"}


async def test_identifiers_come_in_pages_whose_tokens_may_expire(arxiv_server, source, reader, clock):
    arxiv_server.page, arxiv_server.ids_page = 2_500, 7
    ids = announce(arxiv_server, 40)
    arxiv_server.oai_late[DAY] = 24
    clock.set("2026-01-14T13:35:00Z")
    await reader.read()
    clock.set("2026-01-15T23:59:30Z")
    lists = source._reconciliation._identifiers.missing(date(2026, 1, 8), reader.stored)
    found = {record.id for record in await anext(lists)}
    clock.advance(minutes=1)  # past midnight in UTC
    found |= {record.id for records in [batch async for batch in lists] for record in records}
    assert found == ids


async def test_an_unexpected_announcement_is_of_its_own_day(arxiv_server, fetcher, clock):
    """Announced on Thanksgiving while the service was down for three days: by the schedule it would be of Monday."""
    clock.set("2026-11-24T17:00:00Z")
    reader = SecondReader(make(arxiv_server, fetcher, clock, ["cs.CL"]))
    await reader.read()
    for number, (day, hour) in enumerate([("2026-11-25", 24), ("2026-11-26", 25), ("2026-11-27", 26)], 1):
        arxiv_server.archive.add(f"2611.0000{number}", day, submitted=datetime(2026, 11, hour, 15, tzinfo=UTC))
    arxiv_server.archive.add("2611.00004", "2026-11-26", submitted=datetime(2026, 11, 25, 15, tzinfo=UTC))
    arxiv_server.archive.replace("2611.00004", "2026-11-27")
    arxiv_server.archive.entries["2611.00004"].versions[-1].submitted = datetime(2026, 11, 26, 15, tzinfo=UTC)
    clock.set("2026-11-28T13:35:00Z")
    pages = await reader.read()
    assert {(event.kind, event.paper.id, event.day.day) for page in pages for event in page.events} == {
        (NEW, "2611.00001", 25),
        (NEW, "2611.00002", 26),
        (NEW, "2611.00003", 27),
        (NEW, "2611.00004", 26),
        (REPLACED, "2611.00004", 27),
    }
    assert {one.day.day for page in pages for one in page.listings if one.whole} == {24, 25, 26, 27}
    read_back = [page async for page in reader.source.backfill(date(2026, 11, 25), "")]
    assert {one.day.day for page in read_back for one in page.listings if one.whole} == {25, 26, 27}


async def test_a_closed_evening_of_the_settings_has_no_day_of_its_own(arxiv_server, fetcher, clock):
    closures = frozenset({date(2026, 1, 13)})
    reader = SecondReader(make(arxiv_server, fetcher, clock, ["cs.CL"], closures=closures))
    await reader.read()
    arxiv_server.archive.add("2601.00001", "2026-01-15", submitted=datetime(2026, 1, 13, 15, tzinfo=UTC))
    arxiv_server.archive.add("2601.00002", "2026-01-15", submitted=datetime(2026, 1, 14, 15, tzinfo=UTC))
    clock.set("2026-01-15T13:35:00Z")
    pages = await reader.read()
    assert {event.day.day for page in pages for event in page.events} == {15}
    assert {one.day.day for page in pages for one in page.listings if one.whole} == {13, 15}
    slots = reader.source.slots(date(2026, 1, 14), date(2026, 1, 15))
    assert [slot.holiday for slot in slots] == ["closed", ""]


async def test_a_paper_looked_up_is_announced_by_now(arxiv_server, source, clock):
    arxiv_server.archive.add("2611.00001", "2026-11-27", submitted=datetime(2026, 11, 26, 15, tzinfo=UTC))
    clock.set("2026-11-27T12:00:00Z")
    assert (await source.lookup("2611.00001")).announced == date(2026, 11, 27)
    clock.set("2026-12-02T12:00:00Z")
    assert (await source.lookup("2611.00001")).announced == date(2026, 11, 30)
