"""What a page of another site may read, and what search engines should leave out."""

import pytest

from web_scene import a_paper

OPEN = "access-control-allow-origin"


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/daily.atom",
        "/feeds/search.json?q=snakes",
        "/api/v1/search?q=snakes",
        "/api/v1/search?q=(",
        "/api/v1/days",
    ],
)
async def test_public_feeds_and_the_api_are_read_by_other_sites(web, site_data, path):
    await site_data.papers(a_paper(1))
    answer = await web.get(path)
    assert answer.headers[OPEN] == "*"
    again = await web.get(path, headers={"if-none-match": answer.headers.get("etag", "none")})
    assert again.headers[OPEN] == "*"


@pytest.mark.parametrize("path", ["/", "/search?q=snakes", "/me", "/f/unknown.atom", "/subscribe"])
async def test_nothing_else_is(web, site_data, path):
    await site_data.papers(a_paper(1))
    assert OPEN not in (await web.get(path)).headers


@pytest.mark.parametrize("path", ["/search?q=snakes", "/search?q=(", "/feeds/search.atom?q=snakes"])
async def test_pages_and_feeds_of_any_query_are_not_indexed(web, site_data, path):
    await site_data.papers(a_paper(1))
    assert (await web.get(path)).headers["x-robots-tag"] == "noindex"


@pytest.mark.parametrize("path", ["/", "/search", "/feeds/daily.atom", "/papers/2601.00001"])
async def test_what_does_not_hang_on_a_query_is(web, site_data, path):
    await site_data.papers(a_paper(1))
    assert "x-robots-tag" not in (await web.get(path)).headers
