"""The page of a paper in a mail in a real browser: Back, loading it again and a double click send no form twice."""

import pytest
from chromium import FOUND
from test_browser import TOPIC, opened, site
from test_on_a_phone import click
from test_reading_week import mine, until

from paperwire.ports.callers import Actor, Place

pytestmark = [
    pytest.mark.whole,
    pytest.mark.skipif(not FOUND, reason="no Chromium is here: apt-get install chromium, or set CHROMIUM"),
]
__all__ = ["site"]  # a fixture
READER = Actor(channel="ntfy", user_id=TOPIC)
NOTICE = "document.querySelector('#done span')?.innerText"
SAVE = "document.querySelector('button[value=save]')"
UNDO = "document.querySelector('#done button')"


async def go_back(page):
    history = await page.ask("Page.getNavigationHistory")
    entry = history["entries"][history["currentIndex"] - 1]
    await page.ask("Page.navigateToHistoryEntry", entryId=entry["id"])
    await until(page, f"location.href === '{entry['url']}'")


async def double_click(page, script):
    """Click where an element is and, once another page is there, again."""
    await page.run(f"{script}.scrollIntoView({{block: 'center'}})")
    where = await page.run(f"(r => [r.x + r.width / 2, r.y + r.height / 2])({script}.getBoundingClientRect())")
    point = {"x": where[0], "y": where[1], "button": "left"}
    await page.loading(_press(page, clickCount=1, **point))
    await _press(page, clickCount=2, **point)


async def _press(page, **point):
    for kind in ("mousePressed", "mouseReleased"):
        await page.ask("Input.dispatchMouseEvent", type=kind, **point)


async def saved(site):
    return len((await mine(site, READER))[0])


async def test_neither_back_nor_loading_again_sends_a_press_again(site, tmp_path):
    pages = await site.secret_pages()
    async with opened(site, tmp_path, scripts=False, width=375) as page:
        await page.open(f"{site.url}{pages['mailed']}#mute")
        await page.loading(click(page, SAVE))
        assert (await page.run(NOTICE), await saved(site)) == ("Saved.", 1)
        assert await page.run("document.querySelector('#done').getBoundingClientRect().top") > -1
        await page.loading(click(page, UNDO))
        assert (await page.run(NOTICE), await saved(site)) == ("Removed from your saved papers.", 0)
        await go_back(page)
        await page.loading(page.ask("Page.reload"))
        assert (await page.run(NOTICE), await saved(site)) == ("Saved.", 0)
        await go_back(page)
        await page.loading(page.ask("Page.reload"))
        assert (await page.run(NOTICE), await saved(site)) == (None, 0)
        assert page.reports == []


@pytest.mark.parametrize("width", [375, 1100])
async def test_a_double_click_presses_nothing_else(site, tmp_path, width):
    pages = await site.secret_pages()
    async with opened(site, tmp_path, scripts=False, width=width) as page:
        for number, value in enumerate(["save", "author:0", "author:1", "category:0", "accepted", "code"]):
            await page.open(site.url + pages["mailed"])
            await double_click(page, f"document.querySelector('[value^=\"{value}\"]')")
            async with site.scene.store.read() as unit:
                there = await unit.places.at(Place(channel="ntfy", address=TOPIC, kind="address"))
                assert len(await unit.places.mutes(there.number)) == number, value
            assert value in await page.run("decodeURIComponent(location.search)")
        assert await saved(site) == 1
