"""A reader's week in a real browser: sign in, read, save, subscribe, undo, sign out; by keys and by touch."""

import asyncio

import pytest
from chromium import FOUND, PATIENCE, Chromium
from test_browser import ANN, opened, site

from paperwire.ports.callers import Actor

pytestmark = [
    pytest.mark.whole,
    pytest.mark.skipif(not FOUND, reason="no Chromium is here: apt-get install chromium, or set CHROMIUM"),
]
__all__ = ["site"]  # a fixture
FIRST = "document.querySelector('.paper')"
BOB = Actor(channel="email", user_id="bob@example.org")


async def key(page, character):
    """Type one character where no field has the focus."""
    await page.ask("Input.dispatchKeyEvent", type="keyDown", key=character, text=character)
    await page.ask("Input.dispatchKeyEvent", type="keyUp", key=character)


async def until(page, script):
    """Wait until a script is true in the page."""
    async with asyncio.timeout(PATIENCE):
        while not await page.run(f"!!({script})"):  # noqa: ASYNC110 -- asks another process
            await asyncio.sleep(0.05)


async def tap(page, script):
    """Touch the middle of an element."""
    await page.run(f"{script}.scrollIntoView({{block: 'center'}})")
    where = await page.run(f"(r => [r.x + r.width / 2, r.y + r.height / 2])({script}.getBoundingClientRect())")
    point = {"x": where[0], "y": where[1]}
    await page.ask("Input.dispatchTouchEvent", type="touchStart", touchPoints=[point])
    await page.ask("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])


async def mine(site, who=ANN):
    """The numbers of a reader's saved papers, and their queries."""
    async with site.scene.store.read() as unit:
        person = await unit.people.person_of(who)
        saved = {paper.number for paper in await unit.people.saved(person.number)}
        return saved, [row.text for row in await unit.subscriptions.of_person(person.number)]


async def test_a_week_by_keys_in_place(site, tmp_path):
    saved, queries = await mine(site)
    async with opened(site, tmp_path) as page:
        await site.sign_in(page)
        await page.open(f"{site.url}/search?q=snakes")
        await page.run("window.stayed = true")
        await until(page, "document.querySelector('#live .spark')")
        await key(page, "j")
        await key(page, "j")
        await key(page, "k")
        await page.until_focused(f"e.closest('.paper') === {FIRST}")
        await key(page, "s")
        await until(page, f"{FIRST}.innerText.includes('Saved.')")
        assert len((await mine(site))[0]) == len(saved) + 1
        await key(page, "s")
        await until(page, f"{FIRST}.innerText.includes('No longer saved.')")
        await key(page, "u")
        await until(page, f"{FIRST}.innerText.includes('You voted for it.')")
        await page.run("document.querySelector('button[value=subscribe]').click()")
        await until(page, "document.querySelector('#follow').innerText.includes('Subscribed.')")
        assert (await mine(site))[1] == [*queries, "snakes"]
        await page.run("document.querySelector('button[value^=unsubscribe]').click()")
        await until(page, "document.querySelector('#follow').innerText.includes('Unsubscribed.')")
        assert await mine(site) == (saved, queries)
        await key(page, "?")
        assert await page.run("document.querySelector('#keys').open")
        await page.press("Escape")
        await key(page, "/")
        await page.until_focused("e.id === 'q'")
        await page.type("gliding snakes")
        await until(page, "document.querySelector('#live').innerText.includes('match')")
        assert await page.run("window.stayed"), "the page was loaded again"
        assert page.reports == []


async def test_a_week_by_touch_on_a_phone_without_scripts(site, tmp_path):
    saved, queries = await mine(site)
    async with opened(site, tmp_path, scripts=False, width=375, height=700) as page:
        await page.ask("Emulation.setTouchEmulationEnabled", enabled=True)
        await site.sign_in(page)
        for press, words in (("save", "Saved."), ("unsave", "No longer saved.")):
            if press == "save":
                await page.open(f"{site.url}/search?q=snakes")
            await page.loading(tap(page, f"document.querySelector('.paper button[value^=\"{press}:\"]')"))
            assert words in await page.run("document.querySelector('.papers [role=status]').innerText")
        await page.loading(tap(page, "document.querySelector('button[value=subscribe]')"))
        assert (await mine(site))[1] == [*queries, "snakes"]
        await page.loading(tap(page, "document.querySelector('button[value^=unsubscribe]')"))
        assert "Unsubscribed." in await page.run("document.querySelector('#follow').innerText")
        assert await mine(site) == (saved, queries)
        await page.open(f"{site.url}/me/account")
        await page.loading(tap(page, "document.querySelector('form:has([value=out]) button')"))
        await page.open(f"{site.url}/search?q=snakes")
        assert await page.run("document.querySelectorAll('#act, .paper button').length") == 0
        assert page.reports == []


async def test_a_week_by_mail_and_keyboard_without_scripts_and_in_another_tab(site, tmp_path):
    async with site.scene.store.write() as unit:
        await unit.people.ensure(BOB, "en")
    async with Chromium(tmp_path) as browser:
        desk, tab = await browser.page(scripts=False), await browser.page()
        await desk.open(f"{site.url}/me")
        await desk.tab_to("e.name === 'address'")
        await desk.type(BOB.user_id)
        await desk.loading(desk.press("Enter"))
        async with asyncio.timeout(PATIENCE):
            while not site.outlets.mail.mails:  # noqa: ASYNC110 -- sent after the answer
                await asyncio.sleep(0.05)
        text = site.outlets.mail.mails[-1].part("plain")
        await desk.open(next(word for word in text.split() if "/me/in/" in word))
        await desk.tab_to("e.innerText === 'Sign in'")
        await desk.loading(desk.press("Enter"))
        await tab.open(f"{site.url}/search?q=snakes")
        await desk.open(f"{site.url}/search?q=snakes")
        await desk.tab_to("e.value?.startsWith('save:')")
        await desk.loading(desk.press("Enter"))
        assert "Saved." in await desk.run(f"{FIRST}.innerText")
        assert len((await mine(site, BOB))[0]) == 1
        await key(tab, "j")
        await key(tab, "s")  # the tab was loaded before, and saves the same
        await until(tab, f"{FIRST}.innerText.includes('Saved.')")
        await key(tab, "s")
        await until(tab, f"{FIRST}.innerText.includes('No longer saved.')")
        assert await mine(site, BOB) == (set(), [])
        await desk.tab_to("e.value?.startsWith('unsave:')")
        await desk.loading(desk.press("Space"))  # the Undo of what the tab has undone already
        assert "No longer saved." in await desk.run(f"{FIRST}.innerText")
        await desk.tab_to("e.value?.startsWith('save:') && e.innerText === 'Undo'")
        await desk.loading(desk.press("Enter"))
        assert len((await mine(site, BOB))[0]) == 1
        assert desk.reports + tab.reports == []
