"""Search by meaning on pages, in feeds and by the API: what is shown, and each refusal with its column."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from chats import chat_of
from meaning_world import small_table
from paperwire.pipeline.calibration import Calibration
from paperwire.pipeline.encode import Encoding
from paperwire.pipeline.nearness import Nearness
from paperwire.web.app import create_app
from web_scene import DAY, SITE, a_paper

TITLES = ("Latent diffusion", "Weather by diffusion", "Proof", "Weather forecast")


async def nothing(_ids):
    raise AssertionError("no source is asked")


@pytest.fixture
async def near(deps, site_data):
    """Four papers, one a day, with vectors, and a fifth without; asked as a client asks."""
    papers = [a_paper(n, title=title, abstract="", announced=DAY - timedelta(days=n)) for n, title in enumerate(TITLES)]
    await site_data.papers(*papers)
    await Encoding(site_data.store, small_table()).run()
    await site_data.papers(a_paper(5, title="Rain", abstract=""))
    context = chat_of(
        store=site_data.store,
        secret_key=b"a key of thirty-two bytes or so.",
        public_url=SITE,
        followed=(),
        channels={},
        lookup=nothing,
        lookup_many=nothing,
        now=deps.context.now,
        calibration=Calibration(site_data.store, Nearness(site_data.store, small_table()), now=deps.context.now),
    )
    transport = httpx.ASGITransport(create_app(replace(deps, context=context)))
    async with httpx.AsyncClient(transport=transport, base_url=SITE, headers={"accept-encoding": "identity"}) as client:
        yield client


async def test_a_page_of_like_searches_once_for_its_list_and_once_for_its_count(near, monkeypatch):
    asked = []
    follow = Nearness._follow
    monkeypatch.setattr(Nearness, "_follow", lambda self: asked.append(1) or follow(self))
    await near.get("/api/v1/search", params={"q": "like:2601.00000"})
    by_api = len(asked)
    assert (await near.get("/search", params={"q": "like:2601.00000"})).status_code == 200
    assert len(asked) - by_api <= 2 * by_api + 1  # and for the reasons


async def test_a_page_of_like_counts_the_last_days_without_a_script(near):
    page = (await near.get("/search", params={"q": 'like:"weather" rate:1/week'})).text
    assert "1 match in the last" in page
    assert 'class="spark"' in page
    again = (await near.get("/search/count", params={"q": 'like:"weather" rate:1/week'})).text
    assert "1 match in the last" in again
    assert 'class="spark"' in again


async def found(client, typed, **options):
    answer = await client.get("/api/v1/search", params={"q": typed} | options)
    assert answer.status_code == 200, answer.text
    return answer.json()["total"], [one["title"] for one in answer.json()["papers"]]


async def test_the_api_ranks_and_a_rate_or_another_order_bounds(near):
    assert await found(near, "like:2601.00000") == (4, ["Weather by diffusion", "Weather forecast", "Proof", "Rain"])
    assert await found(near, "like:2601.00000", limit=1, offset=1) == (4, ["Weather forecast"])
    assert await found(near, "like:2601.00000 rate:1/week") == (1, ["Weather by diffusion"])
    assert await found(near, 'like:"weather" rate:1/week') == (1, ["Weather forecast"])
    for order in ("date", "score"):
        assert await found(near, 'weather like:"weather" rate:20/day', order=order) == (
            2,
            ["Weather by diffusion", "Weather forecast"],
        )


REFUSALS = [
    ("lora like:saved", 400, "like:saved works only in a private chat", 6),
    ("like:2601.00099", 400, "2601.00099 isn&#39;t stored here", 1),
    ("like:2601.00005", 503, "That isn&#39;t indexed by meaning yet", 1),
    ('lora like:"zebras"', 400, "None of these words is known to the encoder", 6),
    ('-like:"weather"', 400, "like: isn&#39;t allowed in OR, NOT or brackets", 2),
    ("weather rate:1/day", 400, "rate: needs like: to choose papers by", 9),
]


@pytest.mark.parametrize(("typed", "status", "told", "column"), REFUSALS)
async def test_refusals_point_at_the_term(near, typed, status, told, column):
    for path in ("/search", "/"):
        page = await near.get(path, params={"q": typed})
        assert told in page.text
        assert f"(column {column})" in page.text
    answer = await near.get("/api/v1/search", params={"q": typed})
    assert (answer.status_code, answer.json()["column"]) == (status, column)
    assert told.replace("&#39;", "'") in answer.json()["detail"]
    assert answer.json()["hint"]
    feed = await near.get("/feeds/search.atom", params={"q": typed})
    assert feed.status_code == status
    assert told in feed.text


async def test_without_an_encoder_it_is_off(web):
    assert "Search by meaning is off here" in (await web.get("/search", params={"q": "like:2601.00001"})).text


async def test_the_page_says_what_brings_a_paper_near(near):
    page = (await near.get("/search", params={"q": "like:2601.00000 diffusion"})).text
    assert "1 paper" in page
    assert "Close in: diffusion 100%" in page
    assert "/feeds/search.atom?q=like%3A2601.00000+diffusion" in page


async def test_a_day_shows_what_is_near_enough(near):
    day = (DAY - timedelta(days=1)).isoformat()
    assert "Weather by diffusion" in (await near.get(f"/daily/{day}", params={"q": "like:2601.00000 rate:1/week"})).text
    other = (DAY - timedelta(days=3)).isoformat()
    page = await near.get(f"/daily/{other}", params={"q": "like:2601.00000 rate:1/week"})
    assert page.status_code == 200
    assert "Weather forecast" not in page.text


async def test_a_feed_has_what_is_near_enough(near):
    feed = (await near.get("/feeds/search.json", params={"q": 'like:"weather" rate:1/week'})).json()
    assert [item["title"] for item in feed["items"]] == ["Weather forecast"]


async def test_a_papers_page_leads_to_all_that_are_like_it(near):
    page = (await near.get("/papers/2601.00000")).text
    assert 'href="/search?q=like%3A2601.00000"' in page
    assert "/search?q=like" not in (await near.get("/papers/2601.00005")).text
