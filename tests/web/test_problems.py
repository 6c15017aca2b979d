"""Errors: pages in the site's style for people, problems (RFC 9457) for programs, with the headers of any answer."""

from dataclasses import replace

import httpx
import pytest

from paperwire.errors import StoreError
from paperwire.web.app import create_app
from web_page import PAGE_POLICY, Checked
from web_scene import SITE, a_paper

SAFE = {
    "content-security-policy": PAGE_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


def is_safe(answer):
    assert {name: answer.headers[name] for name in SAFE} == SAFE
    assert len(answer.headers.get_list("content-security-policy")) == 1
    assert "set-cookie" not in answer.headers


def page(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    is_safe(answer)
    seen = Checked(answer.text)
    assert "/" in seen.links
    assert any(link.startswith("/static/style.css") for link in seen.links)
    return seen.words


def problem(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    is_safe(answer)
    told = answer.json()
    assert (told["type"], told["status"]) == ("about:blank", status)
    assert told["title"]
    assert told["detail"]
    return told


@pytest.fixture
async def failing(deps):
    """A site whose health check has a fault, and with it the page of the status and the front page."""

    async def fails():
        raise RuntimeError("secret of the house")

    transport = httpx.ASGITransport(create_app(replace(deps, health=fails)))
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/nothing", "There's no page at this address."),
        ("/daily/2026-13-01", "There's no page at this address."),
        ("/static/nothing.css", "There's no page at this address."),
        ("/papers/2512.99999", "This paper is not stored here."),
        ("/feeds/unknown.atom", "There's no feed at this address."),
        ("/f/unknown.atom", "There's no feed at this address."),
    ],
)
async def test_what_is_not_there_is_a_page(web, path, said):
    words = page(await web.get(path), 404)
    assert "Not found" in words
    assert said in words
    assert (await web.head(path)).content == b""


async def test_what_only_reads_says_so(web):
    for path in ("/status", "/feeds/daily.atom", "/healthz"):
        answer = await web.post(path)
        assert "This address is read-only." in page(answer, 405)
        assert answer.headers["allow"] == "GET, HEAD"
    answer = await web.delete("/api/v1/search")
    assert problem(answer, 405)["title"] == "Method Not Allowed"
    assert answer.headers["allow"] == "GET, HEAD"


async def test_a_feed_that_is_closed_for_good_is_a_page(web, site_data):
    token = await site_data.feed()
    await site_data.reset(token)
    site_data.clock.advance(days=8)
    await site_data.papers(a_paper(1))
    assert "This feed's address was reset. Send" in page(await web.get(f"/f/{token}.atom"), 410)


async def test_a_fault_of_ours_is_a_page_that_tells_no_secret(failing, caplog):
    for path in ("/status", "/"):
        answer = await failing.get(path)
        assert "Something went wrong" in page(answer, 500)
        assert "secret" not in answer.text
    assert (await failing.head("/status")).status_code == 500


async def test_a_fault_of_ours_is_a_problem_for_programs(web, site_data, monkeypatch):
    def read():
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(site_data.store, "read", read)
    told = problem(await web.get("/api/v1/search?q=snakes"), 500)
    assert told["title"] == "Internal Server Error"
    assert "secret" not in told["detail"]


async def test_a_database_that_does_not_answer_is_said(web, site_data, monkeypatch):
    def read():
        raise StoreError("the database failed: locked")

    monkeypatch.setattr(site_data.store, "read", read)
    for path in ("/", "/feeds/daily.rss"):
        answer = await web.get(path)
        assert "The database does not answer." in page(answer, 503)
        assert answer.headers["retry-after"] == "30"
    answer = await web.get("/api/v1/papers/2601.00001")
    assert problem(answer, 503)["detail"] == "The database does not answer. Try again in a moment."
    assert answer.headers["retry-after"] == "30"


async def test_every_wrong_parameter_is_told(web):
    told = problem(await web.get("/api/v1/search?limit=0&offset=x"), 400)
    assert [error["parameter"] for error in told["errors"]] == ["q", "limit", "offset"]
    assert told["detail"].count("; ") == 2


async def test_the_description_says_what_a_problem_is(web):
    schema = (await web.get("/api/v1/openapi.json")).json()
    for call in schema["paths"].values():
        told = call["get"]["responses"]
        assert set(told) == {"200", "4XX"}
        assert {"type", "title", "status", "detail"} <= set(
            told["4XX"]["content"]["application/problem+json"]["schema"]["properties"]
        )
    assert "HTTPValidationError" not in str(schema)


async def test_markup_in_what_is_refused_stays_text(web):
    answer = await web.get("/feeds/search.atom", params={"q": "<script>x</script> [foo"})
    page(answer, 400)
    assert "<script>" not in answer.text
