"""Single papers from arXiv's search API, over a loopback arXiv: both writers, false empties, errors."""

from contextlib import nullcontext
from datetime import UTC, date, datetime

import pytest

from paperwire.core.papers.categories import CATEGORIES
from paperwire.errors import SourceGarbled, SourceRefused
from paperwire.sources.arxiv import Options, build
from servers.arxiv import ArxivServer


@pytest.fixture
async def arxiv_server(clock):
    clock.set("2026-01-17T12:00:00Z")
    async with ArxivServer(clock) as arxiv_server:
        arxiv_server.archive.add(
            "2601.00001",
            "2026-01-06",
            ["cs.CL", "I.2.7"],
            title="A title that wraps",
            comment="9 pages",
            submitted=datetime(2026, 1, 5, 15, tzinfo=UTC),
        )
        arxiv_server.archive.replace("2601.00001", "2026-01-08")
        yield arxiv_server


@pytest.fixture
def source(arxiv_server, fetcher, clock):
    options = Options(
        api_url=arxiv_server.api_url, rss_url=arxiv_server.rss_url, oai_url=arxiv_server.oai_url, min_interval=0
    )
    return build(options, fetcher=fetcher, now=clock, public_url="http://127.0.0.1:8000")


@pytest.mark.parametrize("old", [True, False])
async def test_both_writers_give_the_same_paper(arxiv_server, source, old):
    arxiv_server.old_writer = old
    paper = await source.lookup("2601.00001")
    assert (paper.id, paper.version, paper.title) == ("2601.00001", 2, "A title that wraps")
    assert paper.abstract == "We made up paper 2601.00001."
    assert paper.authors == ("Ada Örtel", "Bob Roe")
    assert paper.categories == ("cs.CL", "I.2.7")
    assert paper.published == datetime(2026, 1, 5, 15, tzinfo=UTC)
    assert paper.announced == date(2026, 1, 6)
    assert (paper.comment, paper.url) == ("9 pages", "https://arxiv.org/abs/2601.00001")
    assert not paper.withdrawn


@pytest.mark.parametrize(
    "written", ["arXiv:2601.00001v1", "https://arxiv.org/pdf/2601.00001v2", "10.48550/arXiv.2601.00001"]
)
async def test_an_id_in_any_writing(source, written):
    assert (await source.lookup(written)).id == "2601.00001"


async def test_an_empty_answer_is_asked_again_before_it_is_believed(arxiv_server, source):
    arxiv_server.faults.extend(["empty", "empty"])
    assert (await source.lookup("2601.00001")).id == "2601.00001"
    assert len(arxiv_server.requests) == 3
    assert await source.lookup("2601.00002") is None
    assert len(arxiv_server.requests) == 6


@pytest.mark.parametrize("written", ["", "abc", "10.1101/2026.01.02.123456", "demo.00001", "2601.1"])
async def test_what_is_no_arxiv_id_is_not_asked_for(arxiv_server, source, written):
    assert await source.lookup(written) is None
    assert arxiv_server.requests == []


async def test_many_papers_in_few_requests(arxiv_server, source):
    for number in range(2, 160):
        arxiv_server.archive.add(f"2601.{number:05}", "2026-01-06")
    ids = [f"2601.{number:05}" for number in range(1, 200)]
    found = await source.lookup_many([*ids, "nonsense"])
    assert sorted(found) == ids[:159]
    assert len(arxiv_server.requests) == 2


async def test_an_error_entry_is_a_refusal_with_arxivs_words(arxiv_server, source):
    arxiv_server.faults.append("error")
    with pytest.raises(SourceRefused, match="something is wrong with arXiv"):
        await source.lookup("2601.00001")


@pytest.mark.parametrize("body", [b"<rss/>", b"<feed xmlns='http://www.w3.org/2005/Atom'/>"])
async def test_another_document_is_refused(source, monkeypatch, body):
    monkeypatch.setattr("servers.arxiv_pages.api", lambda *_, **__: body)
    with pytest.raises(SourceGarbled):
        await source.lookup("2601.00001")


def test_the_defaults_are_the_contracts():
    options = Options()
    assert options.api_url == "https://export.arxiv.org/api/query"
    assert options.rss_url == "https://rss.arxiv.org/rss"
    assert options.oai_url == "https://oaipmh.arxiv.org/oai"
    assert (options.lists, options.closures) == ("https://arxiv.org/list", ())
    assert (options.every, options.min_interval) == (900.0, 3.0)
    assert options.categories == tuple(CATEGORIES)


def test_an_unknown_category_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match=r"no category 'cs\.CVV'; did you mean 'cs\.CV'"):
        Options(categories=("cs.CVV",))
    with pytest.raises(ValueError, match="at least one category"):
        Options(categories=())


@pytest.mark.parametrize("interval", [0, 2.9, "1s"])
def test_arxiv_itself_is_never_asked_faster_than_its_terms_allow(interval):
    with pytest.raises(ValueError, match="terms of use"):
        Options(min_interval=interval)
    assert not Options(min_interval=interval, enabled=False).enabled


@pytest.mark.parametrize("every", [0.1, "1s", "59s"])
def test_arxivs_feeds_are_not_read_over_and_over(every):
    with pytest.raises(ValueError, match="at least 60 s"):
        Options(every=every)
    with pytest.raises(ValueError, match="at least 60 s"):
        Options(every=every, rss_url="https://RSS.arxiv.org./rss")
    assert not Options(every=every, enabled=False).enabled
    assert Options(every="1m").every == 60
    assert Options(every=0.1, rss_url="http://127.0.0.1:1/rss").every == 0.1


async def test_a_copy_may_be_asked_faster_and_arxiv_next_to_it_may_not(clock):
    asked = []

    class Asker:
        async def get(self, url, *, interval, **_how):
            asked.append((url.partition("?")[0], interval))
            raise SourceRefused("no")

    options = Options(min_interval=0, rss_url="http://127.0.0.1/rss", oai_url="https://OAIPMH.arXiv.org/oai")
    source = build(options, fetcher=Asker(), now=clock, public_url="")
    for reading in (source.fetch(source.parts()[0], ""), source.backfill(date(2026, 1, 1), "")):
        with pytest.raises(SourceRefused):
            await anext(reading)
    assert [interval for _, interval in asked] == [0, 3.0]


@pytest.mark.parametrize(
    ("list_url", "waits"),
    [("https://arxiv.org/list", (3.0, 15.0)), ("http://127.0.0.1/list", (0, 0)), ("http://arxiv.org.evil/", (0, 0))],
)
async def test_arxivs_lists_are_read_15_seconds_apart(clock, list_url, waits):
    class Asker:
        async def get(self, url, *, interval, apart, **_how):
            assert url == f"{list_url.rstrip('/')}/cs.CL/new?show=2000"
            asked.append((interval, apart))
            raise SourceRefused("no")

    asked = []
    source = build(
        Options(min_interval=0, rss_url="http://x", list_url=list_url), fetcher=Asker(), now=clock, public_url=""
    )
    with pytest.raises(SourceRefused):
        await anext(source.third_view(["cs.CL"]))
    assert asked == [waits]


@pytest.mark.parametrize(
    ("urls", "lists"),
    [
        ({}, "https://arxiv.org/list"),
        ({"api_url": "http://127.0.0.1/api"}, "https://arxiv.org/list"),
        ({"rss_url": "http://127.0.0.1/rss"}, ""),
        ({"oai_url": "http://127.0.0.1/oai"}, ""),
        ({"oai_url": "http://127.0.0.1/oai", "list_url": "http://127.0.0.1/list"}, "http://127.0.0.1/list"),
        ({"oai_url": "http://127.0.0.1/oai", "list_url": "https://arxiv.org/list"}, "https://arxiv.org/list"),
        ({"list_url": ""}, ""),
    ],
)
async def test_with_a_copy_arxivs_lists_are_not_read_unless_they_are_set(clock, urls, lists):
    class Asker:
        async def get(self, url, **_how):
            asked.append(url)
            raise SourceRefused("no")

    asked = []
    options = Options(**urls)
    assert options.lists == lists
    source = build(options, fetcher=Asker(), now=clock, public_url="")
    with pytest.raises(SourceRefused) if lists else nullcontext():
        assert [page async for page in source.third_view(["cs.CL"])] == []
    assert asked == ([f"{lists}/cs.CL/new?show=2000"] if lists else [])


def test_closures_are_dates_and_nothing_else():
    closures = (date(2027, 7, 5), date(2027, 12, 24))
    assert Options(closures=["2027-07-05", date(2027, 12, 24)]).closures == closures


@pytest.mark.parametrize(
    "odd",
    ["20270705", "2027-W27-1", "2027-07-05T00:00:00", 0, 1.5, True, None, datetime(2027, 7, 5, tzinfo=UTC), "5 July"],
)
def test_any_other_closure_is_refused(odd):
    with pytest.raises(ValueError, match="write each New York evening without announcement as YYYY-MM-DD"):
        Options(closures=["2027-07-06", odd])


@pytest.mark.parametrize("odd", ["2027-07-05", ["2027-02-30"], 7])
def test_closures_are_a_list_of_days_that_exist(odd):
    with pytest.raises(ValueError, match="closures"):
        Options(closures=odd)
