"""A search that ends before it comes to the earliest paper goes on from page to page."""

from test_pages import page

from ended import CHAIN, ends_after
from web_scene import a_paper


async def test_a_search_that_ends_early_says_so_and_goes_on_with_older_papers(web, site_data, monkeypatch):
    ends_after(monkeypatch, 30)
    await site_data.papers(*(a_paper(n, title="abcdefgh" if n < 36 else "x") for n in range(66)))
    first = await page(web, f"/search?q={CHAIN}")
    assert "No match yet" in first.words
    assert "Searched back to Monday, 5 January 2026. Older papers may match too." in first.words
    assert "No match." not in first.words
    second = await page(web, first.turns["next"])
    assert "At least 30 papers" in second.words
    assert "1–25 of at least 30" in second.words
    assert "Searched back" not in second.words
    third = await page(web, second.turns["next"])
    assert "26–30 of at least 30" in third.words
    assert "Searched back" in third.words
    last = await page(web, third.turns["next"])
    assert "6 papers" in last.words
    assert "next" not in last.turns
    assert (await page(web, last.turns["prev"])).words == first.words
    assert (await page(web, f"/search?q={CHAIN}&resume=x")).words == first.words
