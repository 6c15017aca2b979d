"""Reading arXiv back by OAI-PMH: chains of tokens, restarts, expiry, and the days it works out."""

import json
from datetime import UTC, date, datetime

import pytest

from paperwire.core.days.calendar import NO_CLOSURES
from paperwire.core.papers.paper import EventKind
from paperwire.errors import SourceGarbled, SourceRefused, SourceSlow
from paperwire.sources.arxiv import ArxivSource, Options
from paperwire.sources.arxiv.harvest import days_of
from paperwire.sources.arxiv.oai import Record
from servers.arxiv import ArxivServer

NEW, CROSS, REPLACED, WITHDRAWN = EventKind.NEW, EventKind.CROSS, EventKind.REPLACED, EventKind.WITHDRAWN
SINCE = date(2026, 1, 5)


@pytest.fixture
async def arxiv_server(clock):
    clock.set("2026-01-17T12:00:00Z")
    async with ArxivServer(clock, page=4) as arxiv_server:
        yield arxiv_server


@pytest.fixture
def source(arxiv_server, fetcher, clock):
    return make(arxiv_server, fetcher, clock, ["cs.CL"])


def make(arxiv_server, fetcher, clock, categories):
    return ArxivSource(
        fetcher,
        Options(
            categories=categories,
            api_url=arxiv_server.api_url,
            rss_url=arxiv_server.rss_url,
            oai_url=arxiv_server.oai_url,
            list_url=arxiv_server.list_url,
            min_interval=0.0,
        ),
        now=clock,
    )


async def walk(source, since=SINCE, cursor="", pages=1_000):
    """The pages of a backfill, at most `pages` of them."""
    found = []
    async for page in source.backfill(since, cursor):
        found.append(page)
        if len(found) == pages:
            break
    return found


def said(pages):
    return [(event.kind, event.paper.id, event.paper.version, event.day) for page in pages for event in page.events]


def fill(archive, days=range(5, 16), each=3):
    for day in days:
        if date(2026, 1, day).weekday() < 5:
            for number in range(each):
                archive.add(f"2601.{day:02}0{number:02}", f"2026-01-{day:02}")


async def test_everything_since_a_day_comes_quietly_page_by_page(arxiv_server, source):
    fill(arxiv_server.archive)
    arxiv_server.archive.add("2512.00001", "2025-12-31")
    pages = await walk(source)
    assert sorted(said(pages)) == sorted(
        (NEW, entry.id, 1, entry.versions[0].day)
        for entry in arxiv_server.archive.entries.values()
        if entry.id != "2512.00001"
    )
    assert len(pages) == 7
    assert all(page.quiet and page.part == "backfill" and page.view == "oai" for page in pages)
    queries = [query for _, query in arxiv_server.requests]
    assert queries[0] == {"verb": "ListRecords", "metadataPrefix": "arXivRaw", "from": "2026-01-05", "set": "cs:cs:CL"}
    assert all(set(query) == {"verb", "resumptionToken"} for query in queries[1:])
    assert "%3D" in queries[1]["resumptionToken"]  # encoded text, encoded a second time on its way


async def test_nothing_since_then_is_one_empty_page(source):
    (page,) = await walk(source)
    assert page.events == ()


async def test_a_false_empty_is_not_believed_at_once(arxiv_server, source):
    fill(arxiv_server.archive)
    arxiv_server.faults.extend(["empty", "empty"])
    first = await walk(source, pages=2)
    assert len(said(first)) == 8
    arxiv_server.faults.extend(["empty"] * 3)
    with pytest.raises(SourceGarbled, match="noRecordsMatch"):
        await walk(source, cursor=first[-1].cursor)
    rest = await walk(source, cursor=first[-1].cursor)
    assert {one[1] for one in said(first + rest)} == set(arxiv_server.archive.entries)


async def test_a_restart_in_the_middle_of_a_chain_goes_on_where_it_stopped(arxiv_server, source, fetcher, clock):
    fill(arxiv_server.archive)
    first = await walk(source, pages=3)
    arxiv_server.requests.clear()
    again = make(arxiv_server, fetcher, clock, ["cs.CL"])
    rest = await walk(again, cursor=first[-1].cursor)
    assert len(arxiv_server.requests) == 4
    assert len(set(said(first)) | set(said(rest))) == len(arxiv_server.archive.entries)
    assert not set(said(first)) & set(said(rest))
    assert await walk(again, cursor=rest[-1].cursor) == []


async def test_a_later_beginning_resumes_and_an_earlier_one_starts_over(arxiv_server, source):
    fill(arxiv_server.archive)
    first = await walk(source, pages=3)
    arxiv_server.requests.clear()
    assert len(await walk(source, since=date(2026, 1, 6), cursor=first[-1].cursor)) == 4
    assert len(await walk(source, since=date(2025, 12, 1), cursor=first[-1].cursor)) == 7


async def test_a_token_that_expired_at_midnight_begins_again_at_the_last_day_seen(arxiv_server, source, clock):
    fill(arxiv_server.archive)
    first = await walk(source, pages=4)
    clock.set("2026-01-18T00:00:10Z")
    arxiv_server.requests.clear()
    rest = await walk(source, cursor=first[-1].cursor)
    assert arxiv_server.requests[1][1]["from"] == "2026-01-12"
    assert {one[1] for one in said(first + rest)} == set(arxiv_server.archive.entries)


async def test_a_record_that_changes_meanwhile_is_repeated_not_lost(arxiv_server, source, clock):
    fill(arxiv_server.archive)
    first = await walk(source, pages=2)
    arxiv_server.archive.replace("2601.05000", "2026-01-16", comment="second")
    rest = await walk(source, cursor=first[-1].cursor)
    kinds = [one[0] for one in said(first + rest) if one[1] == "2601.05000"]
    assert kinds == [NEW, NEW, REPLACED]
    assert {one[1] for one in said(first + rest)} == set(arxiv_server.archive.entries)


async def test_versions_withdrawals_and_cross_lists(arxiv_server, source):
    archive = arxiv_server.archive
    archive.add("2512.00001", "2025-12-10")
    archive.replace("2512.00001", "2026-01-07", comment="v2")
    archive.add("2512.00002", "2025-12-10")
    archive.replace("2512.00002", "2026-01-08", comment="This paper has been withdrawn by the authors")
    archive.add("2512.00003", "2025-12-10", ["cs.LG"])
    archive.cross("2512.00003", "2026-01-08", "cs.CL")
    archive.add("2601.00001", "2026-01-06", ["cs.LG", "cs.CL"])
    archive.add("2601.00002", "2026-01-06")
    archive.replace("2601.00002", "2026-01-08")
    archive.add("2601.00003", "2026-01-06", ["cs.LG"])
    pages = await walk(source)
    assert sorted(said(pages)) == sorted(
        [
            (REPLACED, "2512.00001", 2, date(2026, 1, 7)),
            (WITHDRAWN, "2512.00002", 2, date(2026, 1, 8)),
            (REPLACED, "2512.00003", 1, date(2026, 1, 8)),
            (CROSS, "2601.00001", 1, date(2026, 1, 6)),
            (NEW, "2601.00002", 1, date(2026, 1, 6)),
            (REPLACED, "2601.00002", 2, date(2026, 1, 8)),
        ]
    )
    paper = next(event.paper for page in pages for event in page.events if event.paper.id == "2601.00002")
    assert paper.announced == date(2026, 1, 6)
    assert paper.published == datetime(2026, 1, 5, 15, tzinfo=UTC)
    assert paper.authors == ("Ada Örtel", "Bob Roe")


async def test_few_classes_are_asked_one_by_one_and_many_as_a_whole(arxiv_server, fetcher, clock):
    fill(arxiv_server.archive, days=[5])
    arxiv_server.archive.add("2601.00001", "2026-01-06", ["hep-th"])
    arxiv_server.archive.add("2601.00002", "2026-01-06", ["physics.optics"])
    await walk(make(arxiv_server, fetcher, clock, ["cs.CL", "hep-th", "math.CO"]))
    asked = list(dict.fromkeys(query["set"] for _, query in arxiv_server.requests))
    assert asked == ["cs:cs:CL", "physics:hep-th", "math:math:CO"]
    arxiv_server.requests.clear()
    pages = await walk(make(arxiv_server, fetcher, clock, ["cs", "hep-th"]))
    assert [query.get("set") for _, query in arxiv_server.requests] == [None, None]
    assert {one[1] for one in said(pages)} == {"2601.05000", "2601.05001", "2601.05002", "2601.00001"}


async def test_a_server_without_the_raw_format_is_asked_for_the_plain_one(arxiv_server, source, monkeypatch):
    fill(arxiv_server.archive, days=[5])
    arxiv_server.archive.replace("2601.05001", "2026-01-08")
    arxiv_server.archive.add("2512.00001", "2025-12-10")
    arxiv_server.archive.replace("2512.00001", "2026-01-08")
    real = arxiv_server._problem
    monkeypatch.setattr(
        arxiv_server,
        "_problem",
        lambda asked: ("cannotDisseminateFormat", "no") if asked.get("metadataPrefix") == "arXivRaw" else real(asked),
    )
    pages = await walk(source)
    # The plain format has days instead of times and no version numbers; its day is the latest version's.
    assert {one[:2] for one in said(pages)} == {
        (NEW, "2601.05000"),
        (NEW, "2601.05002"),
        (NEW, "2601.05001"),
        (REPLACED, "2512.00001"),
    }
    assert {one[1]: one[3] for one in said(pages)}["2601.05000"] == date(2026, 1, 5)
    assert pages[0].events[0].paper.authors == ("Ada Örtel", "Bob Roe")


@pytest.mark.parametrize("code", ["badArgument", "badResumptionToken", "idDoesNotExist"])
async def test_other_errors_are_refusals(arxiv_server, source, monkeypatch, code):
    monkeypatch.setattr(arxiv_server, "_problem", lambda _: (code, "because"))
    with pytest.raises(SourceRefused, match=code):
        await walk(source)


async def test_a_server_that_takes_no_token_at_all_is_given_up(arxiv_server, source, monkeypatch):
    fill(arxiv_server.archive, each=5)  # a day does not fit on a page
    monkeypatch.setattr(
        arxiv_server, "_problem", lambda asked: ("badResumptionToken", "no") if "resumptionToken" in asked else None
    )
    first = await walk(source, pages=1)
    with pytest.raises(SourceGarbled, match="badResumptionToken"):
        await walk(source, cursor=first[-1].cursor)
    assert len(arxiv_server.requests) < 12


@pytest.mark.parametrize("fault", ["html", "bomb", "doctype", "error"])
async def test_a_broken_page_is_asked_for_again_from_the_same_cursor(arxiv_server, source, fault):
    fill(arxiv_server.archive)
    first = await walk(source, pages=2)
    arxiv_server.faults.append(fault)
    with pytest.raises(SourceGarbled):
        await walk(source, cursor=first[-1].cursor)
    rest = await walk(source, cursor=first[-1].cursor)
    assert len({one[1] for one in said(first + rest)}) == len(arxiv_server.archive.entries)


async def test_cursors_are_short_json(arxiv_server, source):
    fill(arxiv_server.archive)
    first = await walk(source, pages=2)
    raw = json.loads(first[-1].cursor)
    assert raw["since"] == "2026-01-05"
    assert len(first[-1].cursor) < 400


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("record", "first", "latest"),
    [
        # As scheduled; touched the same day.
        ({"versions": (at("2026-01-06T15:00"),), "stamp": date(2026, 1, 7)}, date(2026, 1, 7), None),
        # Held back for two working days.
        ({"versions": (at("2026-01-06T15:00"),), "stamp": date(2026, 1, 9)}, date(2026, 1, 9), None),
        # Touched on a Saturday, or much later: no announcement of a first version.
        ({"versions": (at("2026-01-06T15:00"),), "stamp": date(2026, 1, 10)}, date(2026, 1, 7), None),
        ({"versions": (at("2026-01-06T15:00"),), "stamp": date(2026, 3, 9)}, date(2026, 1, 7), None),
        # Announced before the schedule says, so the schedule is wrong this time.
        ({"versions": (at("2026-01-06T20:00"),), "stamp": date(2026, 1, 7)}, date(2026, 1, 7), None),
        # With a second version the datestamp belongs to that.
        (
            {"versions": (at("2026-01-06T15:00"), at("2026-01-07T15:00")), "stamp": date(2026, 1, 9)},
            date(2026, 1, 7),
            date(2026, 1, 8),
        ),
        ({"created": date(2026, 1, 6), "stamp": date(2026, 1, 9)}, date(2026, 1, 7), None),
        # Not the month of the id: the day of a later version.
        ({"created": date(2026, 2, 10), "stamp": date(2026, 2, 11)}, None, date(2026, 2, 11)),
        ({"created": date(2026, 1, 30), "stamp": date(2026, 2, 2)}, None, date(2026, 2, 2)),
        ({"stamp": date(2026, 1, 9)}, None, None),
    ],
)
def test_the_days_a_record_was_announced(record, first, latest):
    assert days_of(Record(id="2601.00001", **record), NO_CLOSURES) == (first, latest)


async def test_the_first_days_end_where_something_may_have_been_announced_after_the_first_look(arxiv_server, source):
    """A change of an older record is no announcement, and a day after the first look is not read through."""
    arxiv_server.archive.add("2512.00001", "2025-12-18")
    arxiv_server.archive.replace("2512.00001", "2026-01-14")
    arxiv_server.archive.add("2601.00001", "2026-01-13")
    arxiv_server.archive.add("2601.00002", "2026-01-14")
    arxiv_server.archive.add("2601.00003", "2026-01-14", submitted=datetime(2026, 1, 5, 15, tzinfo=UTC))
    pages = [page async for page in source.read_back(SINCE, "", first_look=datetime(2026, 1, 14, 4, tzinfo=UTC))]
    assert {paper for _, paper, *_ in said(pages)} == {"2512.00001", "2601.00001"}
    assert max(one.day for page in pages for one in page.listings if one.whole) == date(2026, 1, 13)


def slow(source, most_days):
    """Let OAI-PMH take too long for changes of more days than that."""
    ask = source._harvest._ask

    async def ask_or_wait(url):
        query = dict(part.split("=", 1) for part in url.partition("?")[2].split("&"))
        until = date.fromisoformat(query.get("until", "2026-01-17"))
        if "from" in query and (until - date.fromisoformat(query["from"])).days >= most_days:
            raise SourceSlow("nothing for 120 s")
        return await ask(url)

    source._harvest._ask = ask_or_wait


async def test_a_span_that_takes_too_long_is_asked_for_in_smaller_ones(arxiv_server, source):
    fill(arxiv_server.archive)
    slow(source, 4)
    pages = await walk(source)
    assert {paper for _, paper, *_ in said(pages)} == set(arxiv_server.archive.entries)
    spans = [(query["from"], query.get("until")) for _, query in arxiv_server.requests if "from" in query]
    assert list(dict.fromkeys(spans)) == [
        ("2026-01-05", "2026-01-08"),
        ("2026-01-09", "2026-01-12"),
        ("2026-01-13", "2026-01-16"),
        ("2026-01-17", None),
    ]


async def test_smaller_spans_are_remembered_over_a_restart(arxiv_server, source, fetcher, clock):
    fill(arxiv_server.archive)
    slow(source, 4)
    first = await walk(source, pages=4)
    again = make(arxiv_server, fetcher, clock, ["cs.CL"])
    slow(again, 4)
    arxiv_server.requests.clear()
    rest = await walk(again, cursor=first[-1].cursor)
    assert {paper for _, paper, *_ in said(first + rest)} == set(arxiv_server.archive.entries)
    assert arxiv_server.requests[0][1].get("until", "token") in {"2026-01-08", "token"}


async def test_a_single_day_that_takes_too_long_is_tried_again_later(arxiv_server, source):
    fill(arxiv_server.archive)
    slow(source, 0)
    with pytest.raises(SourceSlow, match="one day"):
        await walk(source)
