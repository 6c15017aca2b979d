"""How fast one client may ask: searches, suggestions, the API, feeds of searches, and that memory stays bounded."""

import math
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network

import httpx
import pytest

from outlets import outlets
from paperwire.services.limits import Bucket
from paperwire.web.app import create_app
from paperwire.web.edge import API_CALLS, FEED_RATE, SEARCHES, SUGGESTIONS
from paperwire.web.site import Proxies
from web_scene import SITE, a_paper

TOO_MANY = 429


@pytest.fixture
def app(deps):
    return create_app(replace(deps, proxies=Proxies([ip_network("127.0.0.1")])))


def client_of(app, address="203.0.113.7"):
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, client=(address, 1)), base_url=SITE)


async def spent(client, path, limit):
    """Ask as often as a client may at once, each time for something else, then one more time; the last answer."""
    per_minute, at_once = limit
    for number in range(at_once):
        answer = await client.get(path.format(number))
        assert answer.status_code != TOO_MANY, number
    answer = await client.get(path.format(at_once))
    assert answer.status_code == TOO_MANY
    assert answer.headers["retry-after"] == str(math.ceil(60 / per_minute))
    return answer


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/search?q=word{}", SEARCHES),
        ("/subscribe?q=word{}", SEARCHES),
        ("/?q=word{}", SEARCHES),
        ("/daily/2026-01-05?q=word{}", SEARCHES),
        ("/api/v1/search?q=word{}", API_CALLS),
        ("/api/v1/papers/2601.{}", API_CALLS),
        ("/feeds/search.atom?q=word{}", FEED_RATE),
    ],
)
async def test_one_client_is_asked_to_wait_others_are_not(app, clock, path, limit):
    async with client_of(app) as client, client_of(app, "203.0.113.8") as other:
        answer = await spent(client, path, limit)
        if path.startswith("/api/"):
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["detail"] == "Too many requests. Try again in 1 s."
        else:
            assert "Too many requests. Try again in 1 s." in answer.text
            assert "<h1>Too many requests</h1>" in answer.text
        assert (await other.get(path.format(0))).status_code != TOO_MANY
        clock.advance(seconds=1)
        assert (await client.get(path.format("again"))).status_code != TOO_MANY
        assert (await client.head(path.format("more"))).status_code == TOO_MANY


async def test_suggestions_take_most_and_are_limited_most(store, clock):
    async with outlets(store, clock, SITE) as lab:
        app = create_app(lab.deps)
        async with client_of(app) as client:
            answer = await spent(client, "/suggest?papers=2601.{}", SUGGESTIONS)
            assert "Try again in 10 s." in answer.text
            assert (await client.get("/suggest")).status_code == 200


async def test_what_takes_little_work_has_no_limit(app):
    async with client_of(app) as client:
        await spent(client, "/search?q=word{}", SEARCHES)
        await spent(client, "/api/v1/days/2026-01-{}", API_CALLS)
        for path in ("/search", "/", "/status", "/trending", "/feeds/daily.atom", "/healthz", "/api/v1/openapi.json"):
            for _ in range(3):
                assert (await client.get(path)).status_code != TOO_MANY, path


async def test_a_feed_that_did_not_change_is_never_refused(app, site_data):
    await site_data.papers(a_paper())
    async with client_of(app) as client:
        known = await client.get("/feeds/search.atom?q=snakes")
        await spent(client, "/feeds/search.atom?q=word{}", (FEED_RATE[0], FEED_RATE[1] - 1))
        same = {"if-none-match": known.headers["etag"]}
        for _ in range(3):
            assert (await client.get("/feeds/search.atom?q=snakes", headers=same)).status_code == 304
            assert (await client.get("/feeds/search.atom?q=snakes")).status_code == 200
        await site_data.papers(a_paper(2))
        assert (await client.get("/feeds/search.atom?q=snakes", headers=same)).status_code == TOO_MANY


async def test_a_parameter_in_other_letters_is_counted_too(app):
    async with client_of(app) as client:
        await spent(client, "/search?%71=word{}", SEARCHES)
        assert (await client.get("/search?order=date&q=word")).status_code == TOO_MANY
        assert (await client.get("/search?q=")).status_code == 200


async def test_a_feed_of_no_page_is_counted_too(app):
    async with client_of(app) as client:
        await spent(client, "/feeds/search.atom?q=word&page=9{}", FEED_RATE)


async def test_a_header_of_the_client_gives_it_no_further_searches(app):
    async with client_of(app) as client:
        for number in range(SEARCHES[1]):
            forged = {"x-forwarded-for": f"198.51.100.{number}"}
            assert (await client.get("/search?q=word", headers=forged)).status_code == 200
        assert (await client.get("/search?q=word", headers={"x-forwarded-for": "8.8.8.8"})).status_code == TOO_MANY


async def test_clients_of_a_trusted_proxy_are_told_apart(app):
    async with client_of(app, "127.0.0.1") as proxy:
        for number in range(SEARCHES[1] + 1):
            answer = await proxy.get("/search?q=word", headers={"x-forwarded-for": f"198.51.100.{number}"})
            assert answer.status_code == 200
        for number in range(SEARCHES[1] + 1):  # one customer's many addresses
            answer = await proxy.get("/search?q=word", headers={"x-forwarded-for": f"2001:db8::{number:x}"})
        assert answer.status_code == TOO_MANY


def test_many_clients_fill_no_memory_and_free_none_that_is_still_asking(clock):
    bucket, start = Bucket(1, 2), clock()
    assert [bucket.take("greedy", start) for _ in range(3)] == [0.0, 0.0, 60.0]
    for number in range(50_000):  # all within the minute
        assert bucket.take(f"2001:db8:{number:x}::/64", start + timedelta(microseconds=number)) == 0.0
        if number % 1_000 == 0:
            assert bucket.take("greedy", start + timedelta(microseconds=number)) > 59
    assert len(bucket._levels) == 10_000
