"""Europe PMC against a loopback server in the shape that its documentation shows."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from paperwire.errors import SourceBusy, SourceError, SourceGarbled
from paperwire.sources.europepmc import EuropePmcSource, Options, read_hit, read_results
from servers.europepmc import EuropePmcServer, result

TODAY = date(2026, 1, 5)


@pytest.fixture
async def server():
    async with EuropePmcServer() as server:
        yield server


@pytest.fixture
def source(server, fetcher, clock):
    return EuropePmcSource(fetcher, url=server.url, query='TITLE:"cell"', min_interval=0, now=clock)


async def poll(source, cursor=""):
    return [page async for page in source.fetch("search", cursor)]


def ids(pages):
    return [event.paper.id for page in pages for event in page.events]


def doi(number):
    return f"10.5555/cells.{number}"


def link(kind, number, source="MED"):
    return {"commentCorrectionList": {"commentCorrection": [{"type": kind, "id": number, "source": source}]}}


@pytest.mark.parametrize("count", [0, 1, 3, 7])
async def test_all_pages_are_read(source, server, count):
    server.results = [result(number, indexed=TODAY) for number in range(count)]
    assert ids(await poll(source)) == [doi(number) for number in range(count)]


async def test_the_first_look_is_quiet_and_the_next_asks_from_the_day_before(source, server, clock):
    server.results = [result(1, indexed=TODAY)]
    first = await poll(source)
    clock.advance(days=2)
    server.results.append(result(2, indexed=TODAY + timedelta(days=1)))
    later = await poll(source, first[-1].cursor)
    assert ([page.quiet for page in first], [page.quiet for page in later]) == ([True], [False])
    assert ids(later) == [doi(1), doi(2)]
    _, query = server.requests[-1]
    assert query["query"] == '(TITLE:"cell") AND FIRST_IDATE:[2026-01-04 TO 3000-12-31]'
    assert (query["resultType"], query["format"], query["pageSize"]) == ("core", "json", "100")


async def test_it_is_read_back_quietly(source, server):
    server.results = [result(1, indexed=date(2025, 12, 20))]
    (page,) = [page async for page in source.backfill(date(2025, 12, 1), "")]
    assert (ids([page]), page.quiet, page.part) == ([doi(1)], True, "backfill")


@pytest.mark.parametrize("fault", ["html", "garbage", "list", "cut", 500])
async def test_an_answer_of_another_kind_is_an_error(source, server, fault):
    server.faults.extend([fault] * 3)
    with pytest.raises(SourceError):
        await poll(source)


async def test_it_rests_for_as_long_as_it_is_told(source, server):
    server.faults.append(429)
    server.retry_after = 300
    with pytest.raises(SourceBusy) as refused:
        await poll(source)
    assert refused.value.after == 300


def test_a_result_becomes_a_paper():
    hit = read_hit(result(7, indexed=TODAY))
    paper = hit.paper
    assert (paper.id, paper.doi, hit.same_as) == (doi(7), doi(7), ("pmid:7",))
    assert (paper.title, paper.abstract) == ("On made-up cells", "Background Cells are small.")
    assert (paper.authors, paper.feed) == (("Ada Örtel", "The Cell Group"), "Annals of Cells")
    assert paper.journal_ref == "Annals of Cells 6 (5), 525-535 (2026)"
    assert (paper.announced, paper.published) == (TODAY, datetime(2026, 1, 5, tzinfo=UTC))


async def test_a_record_is_looked_up_by_its_doi_or_pubmeds_number(source, server):
    server.results = [result(7, indexed=date(2019, 1, 5)), result(8, indexed=TODAY, doi=None)]
    for typed in ("PMID: 7", "https://pubmed.ncbi.nlm.nih.gov/7/", "https://doi.org/10.5555/CELLS.7"):
        assert (await source.lookup(typed)).id == doi(7)
    assert (await source.lookup("pmid:8")).id == "pmid:8"
    assert await source.lookup("pmid:9") is None
    assert [query["query"] for _, query in server.requests[1:3]] == ["EXT_ID:7 AND SRC:MED", f'DOI:"{doi(7)}"']
    before = len(server.requests)
    assert [await source.lookup(other) for other in ("2510.00001", "demo.00001", "maps")] == [None] * 3
    assert len(server.requests) == before


def test_a_preprint_without_an_abstract_is_a_paper_by_its_title():
    hit = read_hit({"source": "PPR", "id": "PPR1", "title": "On cells", "firstIndexDate": str(TODAY)})
    assert (hit.paper.id, hit.paper.abstract, hit.paper.authors, hit.same_as) == ("europepmc:PPR1", "", (), ())
    assert hit.paper.url == "https://europepmc.org/article/PPR/PPR1"


def test_ids_without_a_doi_are_pubmeds_or_europe_pmcs():
    of_pubmed = read_hit(result(7, indexed=TODAY, doi=None))
    assert (of_pubmed.paper.id, of_pubmed.same_as) == ("pmid:7", ())
    assert of_pubmed.paper.url == "https://europepmc.org/article/MED/7"
    of_a_book = read_hit(result("NBK7", indexed=TODAY, source="NBK", doi="x", pmid=""))
    assert of_a_book.paper.id == "europepmc:NBK7"


def test_a_preprint_and_its_article_name_each_other():
    preprint = read_hit(result("PPR1", indexed=TODAY, source="PPR", pmid=None, **link("Preprint of", "8")))
    article = read_hit(result(8, indexed=TODAY, **link("Preprint in", "PPR1", "PPR")))
    assert (preprint.paper.doi, preprint.same_as) == ("", ("europepmc:PPR1", "pmid:8"))
    assert article.same_as == ("pmid:8", "europepmc:PPR1")
    assert read_hit(result(9, indexed=TODAY, **link("Comment in", "8"))).same_as == ("pmid:9",)
    on_arxiv = read_hit(result("PPR2", indexed=TODAY, source="PPR", pmid="", doi="10.48550/arXiv.2510.00001"))
    assert (on_arxiv.paper.id, on_arxiv.paper.url) == ("2510.00001", "https://europepmc.org/article/PPR/PPR2")


@pytest.mark.parametrize("changes", [{"id": ""}, {"source": 7}, {"title": " "}], ids=str)
def test_without_an_id_or_a_title_there_is_no_paper(changes):
    assert read_hit(result(1, indexed=TODAY) | changes) is None


def test_what_is_missing_or_odd_is_empty():
    odd = {"authorList": {"author": {"x": 1}}, "journalInfo": [], "pageInfo": 7, "pubYear": None}
    odd |= {"abstractText": None, "firstIndexDate": "x", "firstPublicationDate": "2026", "commentCorrectionList": "x"}
    hit = read_hit(result(1, indexed=TODAY) | odd)
    assert (hit.day, hit.paper.authors, hit.paper.journal_ref, hit.paper.published) == (None, (), "", None)
    bare = {"journalInfo": {"journal": {"title": "Cells"}}, "pageInfo": "", "pubYear": ""}
    assert read_hit(result(1, indexed=TODAY) | bare).paper.journal_ref == "Cells"


@pytest.mark.parametrize("answer", [{}, {"resultList": []}, {"resultList": {"result": []}, "hitCount": "1"}], ids=str)
def test_what_is_no_list_of_results_is_refused(answer):
    with pytest.raises(SourceGarbled):
        read_results(json.dumps(answer).encode())


def test_results_that_are_no_objects_are_counted():
    rows, mark, total = read_results(b'{"resultList": {"result": ["x", {"id": "1"}]}, "hitCount": 2}')
    assert (rows, mark, total) == ([{}, {"id": "1"}], "", 2)


def test_a_query_is_needed():
    assert Options().missing() == "query"
    assert Options(query="malaria").missing() == ""
