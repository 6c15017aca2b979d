"""A paper's page: what its source leaves out is left out, and its feed is named."""

from datetime import UTC, date, datetime

from test_pages import page

from paperwire.core.papers.notices import EditorialNotice
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


async def test_a_retraction_is_named_with_its_day_and_linked_on_pages_and_in_the_api(web, site_data):
    notice = EditorialNotice(kind="retracted", doi="10.5555/n", day=date(2026, 1, 4), source="retraction-watch")
    bare = EditorialNotice(kind="corrected", source="publisher")
    await site_data.papers(a_paper(1, notices=(notice,)), a_paper(2, notices=(bare,)))
    for path in ("/", "/papers/2601.00001"):
        seen = await web.get(path)
        assert (
            'href="https://doi.org/10.5555/n" rel="noopener">Retracted 4 Jan 2026 (Retraction Watch)</a>' in seen.text
        )
    assert "Corrected (publisher)" in (await page(web, "/papers/2601.00002")).words
    told = (await web.get("/api/v1/papers/2601.00001")).json()
    assert told["retracted"] is True
    assert told["notices"] == [
        {
            "kind": "retracted",
            "doi": "10.5555/n",
            "url": "https://doi.org/10.5555/n",
            "day": "2026-01-04",
            "source": "retraction-watch",
        }
    ]
    corrected = (await web.get("/api/v1/papers/2601.00002")).json()
    assert (corrected["retracted"], corrected["notices"][0]["url"]) == (False, "")
