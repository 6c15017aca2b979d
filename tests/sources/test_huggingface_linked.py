"""The requests for what links a paper: each paper of two weeks once a day, and never in the way of a list."""

import asyncio
from datetime import date, timedelta

import pytest

from paperwire.core.papers.paper import EventKind
from paperwire.errors import SourceBusy, SourceError, SourceGarbled, SourceRefused
from paperwire.sources.huggingface import HuggingFaceSource
from paperwire.sources.huggingface.linked import INTERVAL, SERVICE
from servers.huggingface import HuggingFaceServer, entry
from servers.loopback import PATIENCE

TODAY = date(2026, 1, 5)
MODELS = {"linkedModels": [{"id": "ada/map-7b"}], "numTotalModels": 3}


@pytest.fixture
async def huggingface_server():
    async with HuggingFaceServer(TODAY) as huggingface_server:
        yield huggingface_server


@pytest.fixture
def source(huggingface_server, fetcher, clock):
    return HuggingFaceSource(fetcher, url=huggingface_server.api, window_days=14, now=clock)


def put(huggingface_server, ago, *ids):
    huggingface_server.put(TODAY - timedelta(days=ago), *(entry(paper_id) for paper_id in ids))


def papers(ago, count):
    return [f"2601.{ago:02}{number:03}" for number in range(count)]


async def run(source, cursor=""):
    return [page async for page in source.details(cursor)]


async def failing(source, cursor, error):
    """The pages before a failure."""
    pages, reading = [], source.details(cursor)
    while True:
        try:
            pages.append(await anext(reading))
        except error:
            return pages


async def finish(source, cursor=""):
    """Run until nothing is left; the last cursor."""
    for _ in range(50):
        cursor = (await run(source, cursor))[-1].cursor
        if '"left":[]' in cursor and '"ago":14' in cursor:
            return cursor
    raise AssertionError(cursor)


def events_of(pages):
    return [event for page in pages for event in page.events]


async def test_a_paper_gets_what_links_it_and_nothing_that_a_list_says(source, huggingface_server):
    put(huggingface_server, 0, "2601.00001")
    huggingface_server.pages["2601.00001"] = MODELS
    pages = await run(source)
    assert all(page.part == page.view == "details" and page.listings == () for page in pages)
    (event,) = events_of(pages)
    assert (event.kind, event.day, event.score) == (EventKind.CHANGED, None, None)
    assert (event.paper.id, event.paper.version, event.paper.upvotes) == ("2601.00001", 0, None)
    assert (event.paper.hub.models, event.paper.hub.model_count) == (("ada/map-7b",), 3)


async def test_todays_list_comes_first_then_the_days_before_each_paper_once(source, huggingface_server):
    for ago in (0, 1, 14, 15):
        put(huggingface_server, ago, *papers(ago, 2))
    put(huggingface_server, 1, "no-arxiv-id", "2601.00001/../../../whoami")
    cursor = await finish(source)
    assert huggingface_server.described() == [*papers(0, 2), *papers(1, 2), *papers(14, 2)]
    put(huggingface_server, 0, "2601.77777")  # the list grows
    pages = await run(source, cursor)
    assert huggingface_server.described() == ["2601.77777"]
    assert await finish(source, pages[-1].cursor)
    assert huggingface_server.described() == []


async def test_the_next_day_asks_again(source, huggingface_server, clock):
    put(huggingface_server, 0, *papers(0, 2))
    cursor = await finish(source)
    huggingface_server.described()
    clock.advance(days=1)
    huggingface_server.today += timedelta(days=1)
    await finish(source, cursor)
    assert huggingface_server.described() == papers(0, 2)


@pytest.mark.whole
async def test_the_first_round_is_quiet_to_its_end(source, huggingface_server):
    put(huggingface_server, 0, *papers(0, 30))
    put(huggingface_server, 1, *papers(1, 30))
    first = await run(source)
    second = await run(source, first[-1].cursor)
    assert all(page.quiet for page in (*first, *second[:-1]))
    put(huggingface_server, 0, "2601.77777")
    third = await run(source, second[-1].cursor)
    assert [event.paper.id for event in events_of(third)] == ["2601.77777"]
    assert not any(page.quiet for page in third)


@pytest.mark.whole
async def test_a_run_asks_for_forty_papers_slowly_over_its_own_connection(source, huggingface_server, pace):
    put(huggingface_server, 0, *papers(0, 30))
    put(huggingface_server, 1, *papers(1, 90))
    cursor = ""
    for expected in (40, 40, 40):
        cursor = (await run(source, cursor))[-1].cursor
        assert len(huggingface_server.described()) == expected
    assert set(pace.waits) == {(SERVICE, INTERVAL)}
    assert 300 / INTERVAL + 300 / 0.7 < 500  # with a year that is read back meanwhile


@pytest.mark.parametrize(
    ("fault", "error"),
    [(403, SourceRefused), (500, SourceError), (429, SourceBusy), ("garbage", SourceGarbled), ("reset", SourceError)],
)
async def test_what_fails_ends_the_run_and_is_passed_over_until_tomorrow(
    source, huggingface_server, fault, error, pace
):
    put(huggingface_server, 0, *papers(0, 2))
    put(huggingface_server, 1, *papers(1, 2))
    huggingface_server.faults.extend([None, None, *[fault] * (3 if fault in {500, "reset"} else 1)])
    pages = await failing(source, "", error)
    assert [event.paper.id for event in events_of(pages)] == papers(0, 1)
    pace.rests.clear()
    huggingface_server.described()
    await finish(source, pages[-1].cursor)
    assert huggingface_server.described() == papers(1, 2)


async def test_an_old_list_that_fails_is_passed_over_too(source, huggingface_server):
    put(huggingface_server, 0, *papers(0, 1))
    put(huggingface_server, 2, *papers(2, 1))
    huggingface_server.faults.extend([None, None, "garbage"])
    pages = await failing(source, "", SourceGarbled)
    huggingface_server.described()
    await finish(source, pages[-1].cursor)
    assert huggingface_server.described() == papers(2, 1)


@pytest.mark.parametrize("page", [{"id": "2601.99999"}, {"id": None}, {"title": ""}], ids=["other", "none", "untitled"])
async def test_a_page_that_is_not_of_the_paper_says_nothing(source, huggingface_server, page):
    put(huggingface_server, 0, "2601.00001")
    rows = huggingface_server.lists[TODAY]
    huggingface_server.pages["2601.00001"] = page
    assert events_of(await run(source)) == []
    assert len(rows) == 1


async def test_a_paper_that_is_gone_there_is_no_failure(source, huggingface_server):
    put(huggingface_server, 0, *papers(0, 2))
    huggingface_server.faults.extend([None, 404])
    assert [event.paper.id for event in events_of(await run(source))] == papers(0, 2)[1:]


async def test_today_may_not_have_begun_there(source, huggingface_server):
    huggingface_server.today -= timedelta(days=1)
    put(huggingface_server, 1, *papers(1, 1))
    assert [event.paper.id for event in events_of(await run(source))] == papers(1, 1)


async def test_lists_are_read_while_a_paper_is_not_answered(source, huggingface_server):
    put(huggingface_server, 0, *papers(0, 2))
    huggingface_server.slow = asyncio.Event()
    details = asyncio.ensure_future(run(source))
    async with asyncio.timeout(PATIENCE):
        await huggingface_server.waiting.wait()
        lists = [page async for page in source.fetch("daily", "")]
        assert len(events_of(lists)) == 2
        assert not details.done()
        huggingface_server.slow.set()
        assert len(events_of(await details)) == 2


async def test_nothing_is_asked_where_it_is_switched_off(huggingface_server, fetcher, clock):
    put(huggingface_server, 0, *papers(0, 2))
    source = HuggingFaceSource(fetcher, url=huggingface_server.api, window_days=14, now=clock, linked=False)
    assert await run(source) == []
    assert huggingface_server.requests == []
