"""Pages are valid HTML, as the Nu Html Checker has it, and what comes late moves nothing that is read already."""

import asyncio
import os
import shutil

import pytest
from chromium import FOUND
from test_browser import ERRORS, MINE, PAGES, opened, site

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FOUND, reason="no Chromium is here: apt-get install chromium, or set CHROMIUM"),
]
__all__ = ["site"]  # a fixture
CHECKER = os.environ.get("VNU")
"""The file `vnu.jar`."""
SHIFTS = """window.shifts = []; new PerformanceObserver(list => list.getEntries().forEach(
    e => e.hadRecentInput || window.shifts.push(e.value))).observe({type: 'layout-shift', buffered: true})"""
LEAST = 0.01
"""Of a layout shift that is seen: a tenth of what web.dev calls felt."""
SHOWN = ("day", "results", "nothing", "paper", "status", "trending", "search")


@pytest.mark.skipif(
    not (CHECKER and shutil.which("java")), reason="VNU names no vnu.jar (npm pack vnu-jar), or no Java"
)
async def test_every_page_is_valid(site, tmp_path):
    folder = tmp_path / "pages"
    folder.mkdir()
    async with opened(site, tmp_path) as page:
        for pages in ({**PAGES, **await site.secret_pages()}, MINE):
            if pages is MINE:
                await site.sign_in(page)
            for name, path in pages.items():
                await page.open(site.url + path)
                text = await page.run("fetch(location.href).then(answer => answer.text())")
                (folder / f"{name.replace(' ', '-')}.html").write_text(text)
    checking = await asyncio.create_subprocess_exec(
        "java", "-jar", CHECKER, "--stdout", "--format", "text", str(folder), stdout=asyncio.subprocess.PIPE
    )
    complaints, _ = await checking.communicate()
    assert complaints.decode() == "Document checking completed. No errors found.\n"


@pytest.mark.parametrize("width", [375, 1280])
async def test_nothing_moves_while_a_page_loads_or_one_types(site, tmp_path, width):
    async with opened(site, tmp_path, width=width) as page:
        await page.ask("Page.addScriptToEvaluateOnNewDocument", source=SHIFTS)
        await page.ask("Emulation.setCPUThrottlingRate", rate=4)
        for name in SHOWN:
            await page.open(site.url + PAGES[name])
            assert name in ERRORS or sum(await page.run("window.shifts")) < LEAST, name
        await page.run("document.querySelector('#q').focus()")  # on the search page
        await page.type("snakes")
        async with asyncio.timeout(60):
            while not await page.run("!!document.querySelector('#live .spark')"):  # noqa: ASYNC110 -- asks another process
                await asyncio.sleep(0.05)
        assert sum(await page.run("window.shifts")) < LEAST


async def test_a_page_that_is_still_loading_stands_where_it_will_stand(site, tmp_path):
    top = "document.querySelector('aside').getBoundingClientRect().top"
    async with opened(site, tmp_path, width=375) as page:
        await page.open(site.url + PAGES["earlier day"])
        whole = await page.run(top)
        await page.run("document.querySelector('main > section').remove()")  # its list comes last
        assert await page.run(top) == whole


@pytest.mark.parametrize("width", [375, 1280])
async def test_fields_are_as_wide_as_their_page_and_filters_stand_in_one_row(site, tmp_path, width):
    async with opened(site, tmp_path, width=width) as page:
        for name in ("examples", "results"):
            await page.open(site.url + PAGES[name])
            shares = "[...document.querySelectorAll('.field > input')].map(e => e.offsetWidth / e.form.offsetWidth)"
            assert min(await page.run(shares)) > 0.6, name
        assert len(await page.run("[...new Set([...document.querySelectorAll('.chip')].map(e => e.offsetTop))]")) == 1
