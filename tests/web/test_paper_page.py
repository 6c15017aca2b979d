"""A paper's page: what its source leaves out is left out, and its feed is named."""

from datetime import UTC, datetime

from test_pages import page

from web_scene import a_paper


async def test_a_feed_is_named_on_pages_and_in_the_api(web, site_data):
    await site_data.papers(a_paper(1, id="rss-1", source="rss", feed="Annals <of> Maps"))
    assert "Annals <of> Maps" in (await page(web, "/")).words
    assert "feed: Annals <of> Maps" in (await page(web, "/papers/rss-1")).words
    found = (await web.get("/api/v1/search", params={"q": 'feed:"annals <of> maps"'})).json()
    assert [paper["feed"] for paper in found["papers"]] == ["Annals <of> Maps"]


async def test_a_bare_date_has_no_hour(web, site_data):
    await site_data.papers(a_paper(1, published=datetime(2026, 1, 2, tzinfo=UTC)))
    seen = await page(web, "/papers/2601.00001")
    assert "2 Jan 2026" in seen.words
    assert "00:00" not in seen.words
