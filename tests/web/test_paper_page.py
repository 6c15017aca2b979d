"""A paper's page: what its source leaves out is left out, and its feed is named."""

from datetime import UTC, date, datetime

from test_pages import page

from paperwire.core.papers.notices import EditorialNotice
from paperwire.core.papers.paper import EventKind
from web_page import Checked
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


async def test_a_page_shows_what_versions_changed_the_score_over_time_and_citations(web, site_data, clock):
    await site_data.papers(a_paper(1, title="Snakes glide", abstract="We watched one snake."))
    plain = await web.get("/papers/2601.00001")
    assert 'class="spark"' not in plain.text
    assert "Versions" not in plain.text
    changed = a_paper(1, title="Snakes glide well", abstract="We watched two snakes.", version=2)
    await site_data.papers(changed, kind=EventKind.REPLACED)
    for upvotes in (3, 40):
        clock.advance(days=1)
        await site_data.scored(changed, upvotes)
    answer = await web.get("/papers/2601.00001")
    words = Checked(answer.text).words
    assert "Version 2 Title was Snakes glideAbstract: 2 words added, 2 words removed" in words
    assert "3 upvotes on 6 Jan 2026, 40 upvotes on 7 Jan 2026" in words
    assert 'points="2.0,35.3 238.0,35.3 238.0,2.0"' in answer.text
    assert "BibTeX@misc{" in words.replace("BibTeX @", "BibTeX@")
    assert "TY - " in words
