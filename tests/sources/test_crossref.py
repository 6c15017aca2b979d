"""Crossref against a loopback server, and the recorded answers."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from paperwire.core.papers.paper import EventKind
from paperwire.errors import SourceBusy, SourceError, SourceGarbled, SourceRefused
from paperwire.sources import _paging
from paperwire.sources._paging import TokenDied
from paperwire.sources.crossref import CrossrefSource, Options, read_list
from paperwire.sources.crossref.record import read_work
from servers.crossref import CrossrefServer, dated, work

TODAY = date(2026, 1, 5)
ISSN = "2522-5839"


def doi(number):
    return f"10.5555/maps.{number}"


@pytest.fixture
async def server():
    async with CrossrefServer(page_size=3) as server:
        yield server


@pytest.fixture
def source(server, fetcher, clock):
    return CrossrefSource(fetcher, url=server.url, issn=(ISSN, "0027-8424"), updates=False, min_interval=0, now=clock)


async def poll(source, part=ISSN, cursor=""):
    return [page async for page in source.fetch(part, cursor)]


def ids(pages):
    return [event.paper.id for page in pages for event in page.events]


def put(server, *numbers, created=TODAY, **fields):
    server.works += [work(doi(number), created=created, **fields) for number in numbers]


async def test_a_list_is_read_to_its_end_by_a_cursor_that_stays_the_same(source, server):
    put(server, *range(8))
    put(server, 90, issn="0027-8424")
    pages = await poll(source)
    assert ids(pages) == [doi(number) for number in range(8)]
    assert [len(page.events) for page in pages] == [3, 3, 2]
    assert len({query["cursor"] for _, query in server.requests[1:]}) == 1
    assert ids(await poll(source, "0027-8424")) == [doi(90)]


async def test_the_first_look_is_quiet_and_the_next_begins_the_day_before_the_last_row(source, server, clock):
    put(server, 1)
    first = await poll(source)
    clock.advance(days=9)
    put(server, 2, created=TODAY + timedelta(days=8))
    later = await poll(source, cursor=first[-1].cursor)
    assert (ids(first), ids(later)) == ([doi(1)], [doi(1), doi(2)])
    assert [page.quiet for page in (*first, *later)] == [True, False]
    assert server.requests[-1][1]["filter"] == f"issn:{ISSN},from-created-date:2026-01-04"
    clock.advance(days=200)
    await poll(source, cursor=later[-1].cursor)
    assert server.requests[-1][1]["filter"].endswith("2026-07-03")


async def test_a_look_that_was_interrupted_goes_on_at_its_cursor(source, server):
    put(server, *range(8))
    pages = source.fetch(ISSN, "")
    first = await anext(pages)
    await pages.aclose()
    rest = await poll(source, cursor=first.cursor)
    assert ids([first, *rest]) == [doi(number) for number in range(8)]
    assert rest[-1].quiet


async def test_a_cursor_that_died_begins_the_list_again(source, server):
    put(server, *range(8))
    first = (await poll(source))[0]
    server.dying = 1
    assert ids(await poll(source, cursor=first.cursor)) == [doi(number) for number in range(8)]


async def test_cursors_that_always_die_are_an_error(source, server):
    put(server, *range(8))
    server.dying = 9
    with pytest.raises(TokenDied, match="HTTP 400"):
        await poll(source)
    assert len(server.requests) == 8


async def test_a_refusal_without_a_cursor_is_an_error_at_once(source, server):
    server.faults.append(400)
    with pytest.raises(SourceRefused):
        await poll(source)
    put(server, *range(8))
    server.faults.extend([None, 403])
    with pytest.raises(SourceRefused):
        await poll(source)


async def test_rows_that_an_answer_lost_are_read_again_once(source, server):
    put(server, *range(8))
    server.lost = 1
    with capture_logs() as logs:
        pages = await poll(source)
    assert set(ids(pages)) == {doi(number) for number in range(8)}
    assert [line["rows"] for line in logs] == [7]
    server.lost = 99  # it counts what it never shows
    assert set(ids(await poll(source))) < {doi(number) for number in range(8)}


async def test_a_list_without_end_is_given_up(source, server, monkeypatch):
    monkeypatch.setattr(_paging, "_MAX_ANSWERS", 9)
    put(server, *range(8))
    server.endless = True
    with pytest.raises(SourceGarbled, match="no end"):
        await poll(source)


async def test_429_closes_the_service_for_as_long_as_it_says(source, server, pace):
    server.faults.append(429)
    server.retry_after = 600
    with pytest.raises(SourceBusy) as refused:
        await poll(source)
    assert (refused.value.after, refused.value.named) == (600, True)
    with pytest.raises(SourceBusy):
        await poll(source, "0027-8424")
    assert len(server.requests) == 1


@pytest.mark.parametrize("fault", ["html", "garbage", "cut"])
async def test_an_answer_of_another_kind_is_an_error_and_the_next_one_is_read(source, server, fault):
    put(server, 1)
    server.faults.extend([fault] * 3)
    with pytest.raises(SourceError):
        await poll(source)
    server.faults.clear()
    assert ids(await poll(source)) == [doi(1)]


async def test_a_record_becomes_a_paper(source, server):
    put(server, "A1", created=TODAY)
    ((event,),) = [page.events for page in await poll(source)]
    paper = event.paper
    assert (event.kind, event.day, event.source) == (EventKind.NEW, TODAY, "crossref")
    assert (paper.id, paper.title, paper.abstract) == ("10.5555/maps.a1", "On made-up maps", "We map x.")
    assert (paper.authors, paper.feed, paper.source) == (("Ada Örtel",), "Annals of Maps", "crossref")
    assert paper.journal_ref == "Annals of Maps 6 (5), 525-535 (2026)"
    assert (paper.published, paper.announced) == (datetime(2026, 1, 5, tzinfo=UTC), TODAY)
    assert (paper.url, paper.doi) == ("https://doi.org/10.5555/maps.a1", "10.5555/maps.a1")


async def test_all_journals_are_read_back_quietly_and_go_on_where_they_stood(source, server):
    put(server, *range(5), created=date(2025, 12, 20))
    put(server, 90, issn="0027-8424", created=date(2025, 12, 21))
    put(server, 91, created=date(2025, 11, 1))
    pages = [page async for page in source.backfill(date(2025, 12, 10), "")]
    assert ids(pages) == [*map(doi, range(5)), doi(90)]
    assert all(page.quiet and page.part == "backfill" for page in pages)
    rest = [page async for page in source.backfill(date(2025, 12, 10), pages[1].cursor)]
    assert ids(rest)[-1] == doi(90)


async def test_a_work_is_looked_up_by_its_doi(source, server):
    put(server, "a/1")
    assert (await source.lookup("https://doi.org/10.5555/MAPS.A/1")).id == doi("a/1")
    assert await source.lookup(doi(7)) is None
    assert await source.lookup("2510.00001") is None
    server.faults.append(403)
    with pytest.raises(SourceRefused):
        await source.lookup(doi(7))
    server.works[0]["title"] = []
    assert await source.lookup(doi("a/1")) is None


@pytest.mark.parametrize(
    "answer",
    [
        *([], {}, {"message": []}, {"message": {"items": [{}], "total-results": 1}}, {"message": {"items": []}}),
        *({"message": {"items": {}, "total-results": 1}}, {"message": {"items": [], "total-results": True}}),
    ],
    ids=str,
)
def test_what_is_no_list_of_works_is_refused(answer):
    with pytest.raises(SourceGarbled):
        read_list(json.dumps(answer).encode())


async def test_an_answer_that_is_no_object_is_refused(source, server):
    server.faults.append("list")
    with pytest.raises(SourceGarbled):
        await poll(source)


def test_rows_that_are_no_objects_are_counted():
    rows = [{"DOI": doi(1)}, "x"]
    message = {"items": rows, "total-results": 2, "next-cursor": 7}
    assert read_list(json.dumps({"message": message}).encode()) == ([{"DOI": doi(1)}, {}], "", 2)


@pytest.mark.parametrize(
    "changes",
    [
        *({"DOI": None}, {"DOI": "10.48550/arXiv.2510.00001"}, {"title": [""]}, {"title": "x"}),
        *({"type": "journal-issue"}, {"update-to": [{"DOI": doi(2), "type": "retraction"}]}),
    ],
    ids=str,
)
def test_what_is_no_work_is_left_out(changes):
    assert read_work(work(doi(1), created=TODAY) | changes) is None


async def test_an_article_comes_with_the_notices_about_it(source, server):
    """They may have come in before it was stored, and Crossref is not asked about them again."""
    mark = {"DOI": doi(9), "type": "retraction", "source": "publisher", "updated": dated(TODAY)}
    put(server, 1, **{"updated-by": [mark, mark | {"type": "expression_of_concern"}]})
    ((article, retraction),) = [page.events for page in await poll(source)]
    assert (article.kind, retraction.kind) == (EventKind.NEW, EventKind.RETRACTED)
    assert article.paper.id == retraction.paper.id == doi(1)
    assert (retraction.notice.doi, retraction.notice.day) == (doi(9), TODAY)


def test_an_article_that_is_retracted_in_its_own_record_is_a_work():
    own = {"DOI": doi(1).upper(), "type": "retraction"}
    assert read_work(work(doi(1), created=TODAY, **{"update-to": [own]})).paper.id == doi(1)
    assert read_work(work(doi(1), created=TODAY, **{"update-to": [own, {"DOI": doi(2)}]})) is None


def test_what_is_missing_or_odd_is_empty():
    odd = {
        "author": [{"name": "The Map Group"}, {}, "x", {"given": 7}],
        "published": {"date-parts": [[2026, 1]]},
        "created": {"date-parts": [None]},
        "license": [{"URL": "ftp://x"}],
        "relation": {"has-preprint": ["x", {"id": "no id"}]},
        "abstract": 7,
        "issue": None,
        "page": None,
    }
    read = read_work(work(doi(1), created=TODAY) | odd)
    assert (read.day, read.same_as) == (None, ())
    paper = read.paper
    assert (paper.authors, paper.published, paper.licence, paper.abstract) == (("The Map Group",), None, "", "")
    assert paper.journal_ref == "Annals of Maps 6 (2026)"
    bare = read_work(
        {"DOI": doi(1), "title": ["T"], "relation": [], "created": dated(TODAY) | {"date-parts": []}}
    ).paper
    assert (bare.journal_ref, bare.feed) == ("", "")


def test_a_formula_is_not_said_twice_and_headings_stand_apart():
    abstract = (
        "<jats:sec><jats:title>Aims</jats:title><jats:p>To map <jats:inline-formula><jats:alternatives>"
        "<jats:tex-math>$x^2$</jats:tex-math><mml:math><mml:mi>x</mml:mi></mml:math></jats:alternatives>"
        "</jats:inline-formula>.</jats:p></jats:sec>"
    )
    assert read_work(work(doi(1), created=TODAY, abstract=abstract)).paper.abstract == "Aims To map x."


def test_issns_are_checked_and_each_is_read_once():
    assert Options(issn=("25225839", "2522-5839", "0027-842x")).issn == ("2522-5839", "0027-842X")
    assert Options(updates=False).missing() == "issn"
    with pytest.raises(ValueError, match="is no ISSN"):
        Options(issn=("Nature",))


@pytest.mark.shared
def test_recorded_answers_are_read(shared_data):
    """Each recorded body: what is a list, what is a work, and which of them are papers."""
    works = {}
    for file in sorted((shared_data / "other_apis" / "crossref").glob("*.json")):
        message = json.loads(file.read_bytes())["message"]
        for record in read_list(file.read_bytes())[0] if "items" in message else [message]:
            read = read_work(record)
            assert read is not None, file.name
            works[file.name, read.paper.id] = read
    papers = {paper_id for _, paper_id in works}
    assert (len(works), len(papers)) == (27, 14)
    preprint = works["paperqa_test_bulk_doi_search_6_200.json", "10.1101/2024.04.01.587366"]
    assert preprint.same_as == ("10.1016/j.xgen.2025.100814",)
    assert preprint.paper.doi == "10.1016/j.xgen.2025.100814"
    assert preprint.paper.abstract.startswith("Understanding the effects of rare genetic variants")
    article = works["paperqa_test_bulk_doi_search_8_200.json", "10.1038/s42256-024-00832-8"].paper
    assert article.journal_ref == "Nature Machine Intelligence 6 (5), 525-535 (2024)"
    assert article.authors[:2] == ("Andres M. Bran", "Sam Cox")
