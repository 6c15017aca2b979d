"""Retractions and corrections as Crossref tells of them: one paged question a day."""

import json
from datetime import date, timedelta

import pytest

from paperwire.core.papers.notices import EditorialNotice
from paperwire.errors import SourceBusy
from paperwire.sources.crossref import UPDATES, CrossrefSource, Options
from paperwire.sources.crossref.updates import read_notices, read_updates
from servers.crossref import CrossrefServer, dated, notice, work

TODAY = date(2026, 1, 5)
ABOUT = "10.5555/maps.1"


@pytest.fixture
async def server():
    async with CrossrefServer(page_size=2) as server:
        yield server


@pytest.fixture
def source(server, fetcher, clock):
    return CrossrefSource(fetcher, url=server.url, issn=(), updates=True, min_interval=0, now=clock)


async def poll(source, cursor=""):
    return [page async for page in source.fetch(UPDATES, cursor)]


def told(pages):
    return [(event.kind.value, event.paper.id, event.notice.doi) for page in pages for event in page.events]


def put(server, count, *, indexed=TODAY, kind="retraction"):
    server.works += [
        notice(f"10.5555/n.{number}", f"10.5555/W.{number}", kind, indexed=indexed) for number in range(count)
    ]


async def test_it_is_one_question_a_day_page_by_page(source, server, clock):
    put(server, 5)
    server.works.append(work("10.5555/article", created=TODAY) | {"indexed": dated(TODAY)})
    first = await poll(source)
    assert told(first) == [("retracted", f"10.5555/w.{number}", f"10.5555/n.{number}") for number in range(5)]
    assert [page.quiet for page in first] == [True, True, True]
    queries = [query for _, query in server.requests]
    assert queries[0]["filter"] == "is-update:true,from-index-date:2026-01-04"
    assert {query["rows"] for query in queries} == {"1000"}
    clock.advance(hours=12)
    assert await poll(source, first[-1].cursor) == []
    assert len(server.requests) == 3
    clock.advance(days=1)
    put(server, 1, indexed=TODAY + timedelta(days=1), kind="correction")
    (page,) = [page for page in await poll(source, first[-1].cursor) if told([page]) and not page.quiet][-1:]
    assert server.requests[3][1]["filter"] == "is-update:true,from-index-date:2026-01-04"
    assert told([page])[-1][0] == "corrected"


async def test_an_interrupted_question_goes_on_the_same_day(source, server):
    put(server, 5)
    pages = source.fetch(UPDATES, "")
    first = await anext(pages)
    await pages.aclose()
    assert len(told([first, *await poll(source, first.cursor)])) == 5


async def test_a_cursor_that_died_begins_again(source, server):
    put(server, 5)
    first = (await poll(source))[0]
    server.dying = 1
    assert len(told(await poll(source, first.cursor))) == 5


async def test_429_is_waited_for(source, server):
    server.faults.append(429)
    server.retry_after = 120
    with pytest.raises(SourceBusy):
        await poll(source)


@pytest.mark.parametrize(
    ("kind", "becomes"),
    [
        ("retraction", "retracted"),
        ("Retraction", "retracted"),
        ("withdrawal", "retracted"),
        ("removal", "retracted"),
        ("partial_retraction", "corrected"),
        ("Partial-Retraction", "corrected"),
        ("correction", "corrected"),
        ("corrigendum", "corrected"),
        ("erratum", "corrected"),
        ("expression_of_concern", None),
        ("Expression of concern", None),
        ("addendum", None),
        ("new_version", None),
        ("", None),
    ],
)
def test_types_of_updates(kind, becomes):
    updates = read_updates(notice("10.5555/n", ABOUT, kind, indexed=TODAY, title="Retraction: On maps"))
    assert [update.notice.kind for update in updates] == ([becomes] if becomes else [])


def test_a_correction_that_says_retraction_in_its_title_is_a_correction():
    (update,) = read_updates(notice("10.5555/n", ABOUT, "correction", indexed=TODAY, title="Retraction of Figure 2"))
    assert update.notice.kind == "corrected"


@pytest.mark.parametrize("about", ["10.1101/2025.10.01.123456", "10.48550/arXiv.2510.00001", "10.21203/rs.3.rs-1/v1"])
def test_a_preprint_that_is_withdrawn_is_not_retracted_but_one_that_is_retracted_is(about):
    assert read_updates(notice("10.5555/n", about, "withdrawal", indexed=TODAY)) == ()
    assert len(read_updates(notice("10.5555/n", about, "retraction", indexed=TODAY))) == 1


def test_the_publisher_and_retraction_watch_say_one_notice_once_and_a_notice_may_be_about_several_works():
    record = notice("10.5555/N", ABOUT.upper(), "retraction", indexed=TODAY, on="2026-01-02")
    again = notice("10.5555/N", ABOUT, "retraction", indexed=TODAY, source="retraction-watch")["update-to"]
    other = notice("10.5555/N", "10.5555/maps.2", "retraction", indexed=TODAY)["update-to"]
    record["update-to"] += [*again, *other, {"DOI": "none", "type": "retraction"}, "x"]
    first, second = read_updates(record)
    assert first.notice == EditorialNotice(kind="retracted", doi="10.5555/n", day=date(2026, 1, 2), source="publisher")
    assert (first.doi, second.doi) == (ABOUT, "10.5555/maps.2")


def test_a_notice_without_a_day_is_of_the_day_on_which_it_was_registered():
    record = notice("10.5555/n", ABOUT, "retraction", indexed=TODAY)
    record["update-to"][0] |= {"updated": {"date-parts": [[2026]]}, "source": ""}
    (update,) = read_updates(record)
    assert (update.notice.day, update.notice.source) == (TODAY, "publisher")


async def test_a_work_that_is_looked_up_has_its_notices(source, server):
    mark = {"DOI": "10.5555/n", "type": "retraction", "source": "retraction-watch", "updated": dated("2019-07-26")}
    server.works.append(work(ABOUT, created=TODAY) | {"updated-by": [mark, {"type": "new_version"}]})
    paper = await source.lookup(ABOUT)
    assert paper.notices == (
        EditorialNotice(kind="retracted", doi="10.5555/n", day=date(2019, 7, 26), source="retraction-watch"),
    )


def test_updates_can_be_switched_off_and_need_no_journal():
    assert Options().missing() == ""
    assert Options(updates=False).missing() == "issn"
    assert Options(updates=False, issn=("2522-5839",)).missing() == ""


@pytest.mark.shared
def test_the_recorded_correction_is_read(shared_data):
    name = "paperqa_test_doi_search_paper_attributes4__3_200.json"
    record = json.loads((shared_data / "other_apis" / "crossref" / name).read_bytes())["message"]
    assert read_notices(record, "10.1073/pnas.1414271111") == (
        EditorialNotice(kind="corrected", doi="10.1073/pnas.1507001112", day=date(2015, 5, 4), source="publisher"),
    )
