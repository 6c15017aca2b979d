"""Pages in each language on a phone and on a screen: nothing is wider than the window, and no menu breaks its lines."""

import base64
import os
from pathlib import Path

import pytest
from chromium import FOUND
from test_browser import BROKEN, PAGES, opened, site

from catalogues import LANGUAGES
from paperwire.languages import tag_of

pytestmark = [
    pytest.mark.whole,
    pytest.mark.skipif(not FOUND, reason="no Chromium is here: apt-get install chromium, or set CHROMIUM"),
]
__all__ = ["site"]  # a fixture
LOOKED_AT = ("day", "paper", "results", "by ntfy", "status", "trending")
MINE = ("/me", "/me/places/2", "/me/subscriptions/1", "/me/account")
SCREENS = os.environ.get("SCREENS")
"""A folder for a picture of each page, to look at."""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
ROWS = "new Set([...document.querySelectorAll('.top nav a')].map(e => e.offsetTop)).size"
CUT = """[...document.querySelectorAll('button, .tabs a')].filter(e =>
    e.checkVisibility() && e.scrollWidth > e.clientWidth + 1).map(e => e.innerText)"""


@pytest.mark.parametrize("width", [375, 1280])
async def test_pages_fit_in_each_language(site, tmp_path, width):
    found = []
    async with opened(site, tmp_path, width=width) as page:
        await site.sign_in(page)
        for language in LANGUAGES:
            for path in (*(PAGES[name] for name in LOOKED_AT), *MINE):
                mark = "&" if "?" in path else "?"
                await page.open(f"{site.url}{path}{mark}lang={tag_of(language)}")
                assert await page.run("document.documentElement.lang") == tag_of(language)
                at = f"{language} {path}"
                wide, rows = await page.run(WIDER), await page.run(ROWS)
                found += [f"{at}: {wide} pixels wider than the window"] if wide > 0 else []
                found += [f"{at}: {rows} rows of the menu"] if rows > 1 else []
                found += [f"{at}: {text} is broken over lines" for text in await page.run(BROKEN)]
                found += [f"{at}: {text} is cut" for text in await page.run(CUT)]
                if SCREENS:
                    shot = await page.ask("Page.captureScreenshot", format="png")
                    name = f"{language}-{width}{path.replace('/', '_').partition('?')[0]}.png"
                    (Path(SCREENS) / name).write_bytes(base64.b64decode(shot["data"]))
    assert found == []
