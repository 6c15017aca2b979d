"""Pages, feeds and the API while too much is going on."""

import asyncio
import json

import httpx
import pytest

from crowd import connections_held, searches_held, wait_for_nothing
from paperwire.errors import StoreBusy
from paperwire.store import lanes
from paperwire.store.lanes import Lane, Searches
from paperwire.store.search.search import Search
from paperwire.web.app import create_app
from web_scene import DAY, SITE, a_paper

SEARCHES = [
    ("/search?q=snakes", Lane.PAGES),
    (f"/daily/{DAY}?q=snakes", Lane.PAGES),
    ("/api/v1/search?q=snakes", Lane.API),
    ("/feeds/search.atom?q=snakes", Lane.API),
]


@pytest.mark.parametrize(("address", "lane"), SEARCHES)
async def test_one_search_too_many_is_refused_with_a_time(web, site_data, store, monkeypatch, address, lane):
    await site_data.papers(a_paper())
    wait_for_nothing(monkeypatch)
    async with searches_held(store, lane):
        answer = await web.get(address)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "Try again in 5 seconds" in answer.text
    assert (await web.get(address)).status_code == 200


@pytest.mark.parametrize(("address", "lane"), [("/search", Lane.PAGES), ("/api/v1/search", Lane.API)])
async def test_many_searches_of_one_client_let_those_of_others_in_between(deps, store, monkeypatch, address, lane):
    app, came, began, whole, slot = create_app(deps), asyncio.Semaphore(0), [], Search.search, Searches.slot

    async def search(unit, query, **options):
        began.append(query.text)
        return await whole(unit, query, **options)

    def counted(searches):
        came.release()
        return slot(searches)

    monkeypatch.setattr(Search, "search", search)

    async def ask(client, query):
        transport = httpx.ASGITransport(app, client=(client, 1))
        async with httpx.AsyncClient(transport=transport, base_url=SITE) as browser:
            assert (await browser.get(f"{address}?q={query}")).status_code == 200

    async with asyncio.TaskGroup() as asked, searches_held(store, lane):
        monkeypatch.setattr(Searches, "slot", counted)
        for number in range(5):
            asked.create_task(ask("203.0.113.7", f"greedy{number}"))
            await came.acquire()
        asked.create_task(ask("203.0.113.8", "other"))
        await came.acquire()
    assert began[:2] == ["greedy0", "other"]
    assert len(began) == 6


@pytest.mark.parametrize("lane", [Lane.COMMANDS, Lane.PAGES, Lane.API])
async def test_what_is_no_search_is_answered_meanwhile(web, site_data, store, monkeypatch, lane):
    await site_data.papers(a_paper())
    wait_for_nothing(monkeypatch)
    async with searches_held(store, lane):
        for address in ("/", f"/daily/{DAY}", "/papers/2601.00001", "/api/v1/papers/2601.00001", "/feeds/daily.atom"):
            assert (await web.get(address)).status_code == 200


async def test_the_api_says_so_as_a_problem(web, store, monkeypatch):
    wait_for_nothing(monkeypatch)
    async with searches_held(store, Lane.API):
        answer = await web.get("/api/v1/search?q=snakes")
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.content)["status"] == 503


async def test_a_search_that_takes_too_long_is_refused(web, monkeypatch):
    async def search(*_given, **_options):
        await asyncio.Event().wait()

    monkeypatch.setattr(Search, "search", search)
    monkeypatch.setattr(lanes, "SEARCH_TIME", 0.01)
    answer = await web.get("/search?q=snakes")
    assert answer.status_code == 503
    assert "took too long" in answer.text
    assert answer.headers["retry-after"]


async def test_feeds_are_answered_without_a_connection_left_for_pages(web, site_data, store):
    await site_data.papers(a_paper())
    async with connections_held(store, Lane.PAGES):
        assert (await web.get("/feeds/daily.atom")).status_code == 200


async def test_pages_without_a_connection_left_are_refused_with_a_time(web, store, monkeypatch):
    def full(_store):
        raise StoreBusy("full", after=7)

    monkeypatch.setattr(type(store), "read", full)
    answer = await web.get("/papers/2601.00001")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "7"


async def test_a_request_that_is_broken_off_gives_its_turn_back(web, store, monkeypatch):
    began, whole = asyncio.Event(), Search.search

    async def search(*_given, **_options):
        began.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(Search, "search", search)
    for _ in range(2 * lanes.ROOMS[Lane.PAGES].searches):
        began.clear()
        asking = asyncio.create_task(web.get("/search?q=snakes"))
        await began.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    monkeypatch.setattr(Search, "search", whole)
    wait_for_nothing(monkeypatch)
    assert (await web.get("/search?q=snakes")).status_code == 200


async def test_a_search_is_made_once_for_many_readers_and_again_once_papers_came(web, site_data, monkeypatch):
    asked, whole = [], Search.search

    async def search(unit, query, **options):
        asked.append(query.text)
        return await whole(unit, query, **options)

    monkeypatch.setattr(Search, "search", search)
    await site_data.papers(a_paper())
    first = await web.get("/search?q=snakes")
    by_one = len(asked)
    assert by_one
    assert {page.content for page in await asyncio.gather(*(web.get("/search?q=snakes") for _ in range(5)))} == {
        first.content
    }
    assert len(asked) == by_one
    await site_data.papers(a_paper(2))
    assert "part 2" in (await web.get("/search?q=snakes")).text
    assert len(asked) > by_one


async def test_a_search_goes_on_for_the_readers_who_stay(web, monkeypatch):
    began, gate, whole = asyncio.Semaphore(0), asyncio.Event(), Search.search

    async def search(*given, **options):
        began.release()
        await gate.wait()
        return await whole(*given, **options)

    monkeypatch.setattr(Search, "search", search)
    leaves, stays = (asyncio.create_task(web.get("/search?q=snakes")) for _ in range(2))
    await began.acquire()
    leaves.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaves
    gate.set()
    assert (await stays).status_code == 200
