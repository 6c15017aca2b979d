"""arXiv by its second view: what OAI-PMH changed since the last answer, loud except for what was there before us."""

import json
from datetime import UTC, date, datetime

import pytest

from paperwire.core.papers.paper import EventKind
from paperwire.errors import SourceError
from paperwire.pipeline.times import next_time
from servers.arxiv import ArxivServer
from servers.arxiv_reader import SecondReader, make, said

FIRST_DAY = date(2026, 1, 13)
NEW, CROSS, REPLACED, WITHDRAWN, CHANGED = (
    EventKind.NEW,
    EventKind.CROSS,
    EventKind.REPLACED,
    EventKind.WITHDRAWN,
    EventKind.CHANGED,
)


@pytest.fixture
async def arxiv_server(clock):
    clock.set("2026-01-13T17:00:00Z")  # Tuesday noon in New York
    async with ArxivServer(clock, page=3) as arxiv_server:
        yield arxiv_server


@pytest.fixture
def source(arxiv_server, fetcher, clock):
    return make(arxiv_server, fetcher, clock, ["cs.CL", "cs.CV"])


async def begun(source):
    reader = SecondReader(source)
    (page,) = await reader.read()
    assert (page.part, page.view, page.quiet, page.events, page.listings) == ("reconcile", "oai", True, (), ())
    return reader


def whole(pages):
    return {(listing.part, listing.day) for page in pages for listing in page.listings if listing.whole}


def begins(arxiv_server, verb="ListRecords"):
    """From which days OAI-PMH was asked, token by token left out."""
    return [query["from"] for _, query in arxiv_server.requests if query.get("verb") == verb and "from" in query]


async def test_the_first_time_it_takes_down_where_to_begin_and_asks_nothing(arxiv_server, source):
    await begun(source)
    assert arxiv_server.requests == []


async def test_it_begins_with_the_last_day_that_was_announced(arxiv_server, fetcher, clock):
    closures = [date(2026, 1, 12)]
    reader = SecondReader(make(arxiv_server, fetcher, clock, ["cs.CL"], closures=closures))
    (page,) = await reader.read()
    assert json.loads(page.cursor)["began"] == "2026-01-12"


async def test_what_changed_since_then_is_loud_and_named_by_class_and_day(arxiv_server, source, clock):
    reader = await begun(source)
    arxiv_server.archive.add("2601.00001", "2026-01-14", ["cs.CL", "cs.CV", "math.CO"])
    arxiv_server.archive.add("2601.00002", "2026-01-14", ["math.CO", "cs.CV"])
    arxiv_server.archive.add("2601.00003", "2026-01-14", ["math.CO"])
    clock.set("2026-01-14T03:35:00Z")  # 22:35 in New York
    pages = await reader.read()
    assert said(pages) == {(NEW, "2601.00001", 1), (CROSS, "2601.00002", 1)}
    assert {event.day for page in pages for event in page.events} == {date(2026, 1, 14)}
    listings = {(one.part, one.day): one for page in pages for one in page.listings if one.arrivals}
    assert listings["cs.CL", date(2026, 1, 14)].new == {"2601.00001"}
    assert listings["cs.CV", date(2026, 1, 14)].crossed == {"2601.00001", "2601.00002"}
    # Every batch that OAI-PMH had by then, from the day of the last answer on.
    assert whole(pages) == {(name, date(2026, 1, day)) for name in ("cs.CL", "cs.CV") for day in (13, 14)}
    assert begins(arxiv_server) == ["2026-01-13", "2026-01-13"]
    arxiv_server.requests.clear()
    clock.set("2026-01-14T13:35:00Z")
    await reader.read()
    assert set(begins(arxiv_server)) == {"2026-01-14"}


async def test_a_batch_that_oai_pmh_cannot_have_yet_is_not_whole(arxiv_server, source, clock):
    reader = await begun(source)
    clock.set("2026-01-14T02:00:00Z")
    assert whole(await reader.read()) == {(name, date(2026, 1, 13)) for name in ("cs.CL", "cs.CV")}


async def test_what_was_announced_before_our_time_stays_quiet(arxiv_server, source, clock):
    arxiv_server.archive.add("2601.00001", "2026-01-13")
    reader = await begun(source)
    arxiv_server.archive.add("2601.00002", "2026-01-14")
    clock.set("2026-01-14T03:35:00Z")
    pages = await reader.read()
    assert said(pages, quiet=True) == {(NEW, "2601.00001", 1)}
    assert said(pages) == {(NEW, "2601.00002", 1)}
    (first_day,) = [page for page in pages if page.quiet]
    assert first_day.first_look
    assert [(one.part, one.day, one.new) for one in first_day.listings] == [("cs.CL", FIRST_DAY, {"2601.00001"})]


async def test_what_only_changed_on_the_first_day_or_is_older_says_nothing_of_it(arxiv_server, source, clock):
    came_in = datetime(2026, 1, 7, 15, tzinfo=UTC)  # for the 8th, and held back until the day of the first look
    arxiv_server.archive.add("2601.00001", "2026-01-13", submitted=came_in)
    arxiv_server.archive.add("2601.00002", "2026-01-12")
    arxiv_server.archive.replace("2601.00002", "2026-01-13")
    reader = await begun(source)
    clock.set("2026-01-14T03:35:00Z")
    pages = await reader.read()
    assert said(pages, quiet=True) == {(NEW, "2601.00001", 1), (NEW, "2601.00002", 1), (REPLACED, "2601.00002", 2)}
    assert not [page for page in pages if page.first_look]


async def test_a_class_that_was_not_followed_before_begins_quietly(arxiv_server, source, fetcher, clock):
    reader = await begun(source)
    arxiv_server.archive.add("2601.00001", "2026-01-14", ["cs.RO"])
    arxiv_server.archive.add("2601.00002", "2026-01-14", ["cs.RO", "cs.CV"])
    reader.source = make(arxiv_server, fetcher, clock, ["cs.CL", "cs.CV", "cs.RO"])
    clock.set("2026-01-14T03:35:00Z")
    pages = await reader.read()
    assert said(pages, quiet=True) == {(NEW, "2601.00001", 1)}
    assert said(pages) == {(NEW, "2601.00002", 1)}
    arxiv_server.archive.add("2601.00003", "2026-01-15", ["cs.RO"])
    clock.set("2026-01-15T03:35:00Z")
    assert (NEW, "2601.00003", 1) in said(await reader.read())


async def test_versions_withdrawals_and_changes_to_old_records(arxiv_server, source, clock):
    for number in (1, 2, 3, 4):
        arxiv_server.archive.add(f"2510.0000{number}", "2025-10-01")
    reader = await begun(source)
    arxiv_server.archive.replace("2510.00001", "2026-01-14", title="Better")
    arxiv_server.archive.replace("2510.00002", "2026-01-14", comment="This paper has been withdrawn")
    arxiv_server.archive.cross("2510.00003", "2026-01-14", "cs.CV")
    clock.set("2026-01-14T03:35:00Z")
    pages = await reader.read()
    assert said(pages) == {(REPLACED, "2510.00001", 2), (WITHDRAWN, "2510.00002", 2), (CHANGED, "2510.00003", 1)}
    changed = {(event.day, event.at) for page in pages for event in page.events if event.kind is CHANGED}
    assert changed == {(None, datetime(2026, 1, 14, tzinfo=UTC))}
    replaced = [one for page in pages for one in page.listings if one.replaced]
    assert {paper for one in replaced for paper in one.replaced} == {"2510.00001v2", "2510.00002v2"}


async def test_a_paper_of_the_last_two_weeks_is_told_again_in_case_it_was_missed(arxiv_server, source, clock):
    reader = await begun(source)
    arxiv_server.archive.add("2601.00001", "2026-01-14")
    clock.set("2026-01-14T03:35:00Z")
    await reader.read()
    arxiv_server.archive.cross("2601.00001", "2026-01-22", "cs.CV")
    clock.set("2026-01-22T03:35:00Z")
    assert said(await reader.read()) == {(NEW, "2601.00001", 1)}


async def test_a_gap_is_read_from_the_day_of_the_last_answer_and_a_very_long_one_in_part(arxiv_server, source, clock):
    reader = await begun(source)
    for day in (14, 15, 16):
        arxiv_server.archive.add(f"2601.000{day}", f"2026-01-{day}")
    arxiv_server.archive.add("2603.00001", "2026-03-16")
    clock.set("2026-01-17T12:00:00Z")
    cursor = reader.cursor
    assert {paper for _, paper, _ in said(await reader.read())} == {"2601.00014", "2601.00015", "2601.00016"}
    clock.set("2026-03-16T12:00:00Z")
    reader.cursor = cursor
    assert {paper for _, paper, _ in said(await reader.read())} == {"2603.00001"}
    assert begins(arxiv_server)[-1] == "2026-02-14"
    assert begins(arxiv_server, "ListIdentifiers")[-1] == "2026-02-07"


async def test_a_reading_goes_on_after_a_restart_also_when_its_token_expired(arxiv_server, source, fetcher, clock):
    reader = await begun(source)
    for number in range(20):
        arxiv_server.archive.add(f"2601.000{number:02}", "2026-01-14")
    clock.set("2026-01-14T23:35:00Z")
    first = await reader.read(pages=3)
    reader.source = make(arxiv_server, fetcher, clock, ["cs.CL", "cs.CV"])
    clock.advance(hours=1)  # past midnight in UTC
    rest = await reader.read()
    assert {paper for _, paper, _ in said(first + rest)} == set(arxiv_server.archive.entries)
    assert whole(first) == set()
    # What the answer of before midnight had is whole, what came since then is not.
    assert max(day for _, day in whole(rest)) == date(2026, 1, 14)
    arxiv_server.requests.clear()
    await reader.read()
    assert arxiv_server.requests[0][1]["from"] == "2026-01-14"


async def test_a_failure_in_the_middle_moves_no_further_than_what_was_told(arxiv_server, source, clock):
    reader = await begun(source)
    for number in range(9):
        arxiv_server.archive.add(f"2601.0000{number}", "2026-01-14")
    clock.set("2026-01-14T03:35:00Z")
    arxiv_server.faults.extend([None, "html"])  # the second answer is none
    got = await reader.read(pages=1)
    with pytest.raises(SourceError):
        await reader.read()
    assert len(said(got)) == 3
    assert {paper for _, paper, _ in said(got + await reader.read())} == set(arxiv_server.archive.entries)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-01-13T12:00:00Z", "2026-01-13T13:35:00Z"),
        ("2026-01-13T13:35:00Z", "2026-01-14T03:35:00Z"),
        ("2026-01-14T03:36:00Z", "2026-01-14T13:35:00Z"),
        ("2026-07-13T13:00:00Z", "2026-07-14T02:35:00Z"),  # summer
        ("2026-03-08T12:34:00Z", "2026-03-08T12:35:00Z"),  # the clocks went forward that night
    ],
)
def test_the_second_view_is_asked_in_the_evening_and_in_the_morning(source, now, then):
    assert next_time(source.checks(), datetime.fromisoformat(now)) == datetime.fromisoformat(then)


def test_batches_are_the_followed_classes_on_working_days(source):
    slots = source.slots(date(2026, 1, 16), date(2026, 1, 20))
    assert [(slot.day.day, slot.parts, slot.views, slot.holiday) for slot in slots] == [
        (16, ("cs.CL", "cs.CV"), ("rss", "oai"), ""),
        (19, ("cs.CL", "cs.CV"), ("rss", "oai"), ""),
        (20, ("cs.CL", "cs.CV"), ("rss", "oai"), "Martin Luther King Day"),
    ]


async def test_a_reading_back_says_which_days_it_has_whole(arxiv_server, source, clock):
    for day in (12, 13):
        arxiv_server.archive.add(f"2601.000{day}", f"2026-01-{day}", ["cs.CL", "cs.CV"])
    pages = [page async for page in source.backfill(date(2026, 1, 9), "")]
    assert whole(pages) == {(name, date(2026, 1, day)) for name in ("cs.CL", "cs.CV") for day in (9, 12, 13)}
    new = [one for page in pages for one in page.listings if one.new]
    assert {(one.part, one.day.day) for one in new} == {("cs.CL", 12), ("cs.CL", 13)}
