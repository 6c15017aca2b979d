"""The pages in a real browser: accessible, usable by keyboard alone and without scripts, and it reports nothing."""

import asyncio
import base64
import shutil
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest
from aiohttp import web
from chromium import FOUND, Chromium, axe_source

from outlets import SECRET, outlets
from paperwire.commands.answer import Commands
from paperwire.core.health import Health
from paperwire.core.messages.digests import Digest
from paperwire.core.papers.hub import HubEntry
from paperwire.core.tokens import place_token, signed
from paperwire.ports.callers import Actor, Place
from paperwire.ports.requests import Request
from paperwire.services.accounts.sign_in import link_for
from paperwire.services.subscriptions.leave import leave_button
from paperwire.store.unit import Store
from paperwire.web.app import create_app
from paperwire.web.http import PAGE_POLICY
from paperwire.web.server import bind, serve
from web_scene import Scene, a_paper

pytestmark = pytest.mark.skipif(not FOUND, reason="no Chromium is here: apt-get install chromium, or set CHROMIUM")

LONG = '"gliding snakes" -survey OR "flying squirrels of the north"'
TOPIC = "papers-0123"
ANN = Actor(channel="telegram", user_id="1", name="Ann")
OWN = Place(channel="telegram", address="1", kind="private", title="Ann")
GROUP = Place(channel="telegram", address="-100", kind="group", title="Vision lab")
SLOT = "2026-01-05T09:00"
PAGES = {
    "day": "/",
    "earlier day": "/daily/2026-01-04",
    "category": "/?q=cat:cs.CV",
    "day with a mistake": "/?q=(",
    "trending": "/trending?window=day",
    "search": "/search",
    "results": "/search?q=gliding",
    "second page": "/search?q=gliding&page=2",
    "titles": "/?view=titles",
    "examples": "/suggest",
    "suggested": "/suggest?papers=2601.00001",
    "mistake": "/search?q=(",
    "nothing": "/search?q=zzzz",
    "paper": "/papers/2601.00001",
    "status": "/status",
    "api": "/api",
    "list of everybody": "/list",
    "sign in": "/me?to=/list",
    "by mail": "/subscribe",
    "by ntfy": "/subscribe?to=ntfy&what=papers&topic=gliding",
    "to a webhook": "/subscribe?to=webhook",
    "short link": "/subscribe?to=telegram&topic=gliding",
    "long link": f"/subscribe?to=telegram&topic={quote(LONG)}",
    "link with a mistake": "/subscribe?to=telegram&topic=(",
    "none": "/nowhere",
}
MINE = {
    "list": "/list",
    "paper of the list": "/papers/2601.00001",
    "my day": "/?order=mine",
    "my results": "/search?q=gliding",
    "mute": "/me/mute/1",
    "import": "/me/import",
    "my page": "/me",
    "my subscription": "/me/subscriptions/1",
    "my places": "/me/places",
    "my place": "/me/places/1",
    "my group": "/me/places/2",
    "my papers": "/me/saved",
    "my feeds": "/me/feeds",
    "my account": "/me/account",
    "forget me": "/me/forget",
}
"""Pages of somebody who is signed in."""
ERRORS = {"mistake", "link with a mistake", "none"}
"""Pages with another status than 200, which the browser's console names by itself."""
REFUSED = "Failed to load resource: the server responded with a status of 4"
RECORD = {
    "comment": "Accepted at NeurIPS 2025 (spotlight)",
    "report_number": "MAP-1",
    "hub": HubEntry(
        organisation="Institute of Maps",
        organisation_handle="maps",
        submitter="Ada",
        submitter_handle="ada",
        project_url="https://maps.example.org/",
        keywords=("maps", "snakes"),
        thumbnail="https://cdn.example.org/1.png",
        comment_count=2,
        models=("maps/folder",),
        model_count=3,
    ),
}
"""What the papers' record has."""
STOPS = """[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, summary')].filter(e =>
    e.checkVisibility() && !(e.type === 'radio' && !e.checked))"""
BROKEN = """[...document.querySelectorAll('.top nav a, .tabs a')].filter(e =>
    e.clientHeight > 2 * parseFloat(getComputedStyle(e).lineHeight)).map(e => e.innerText)"""
SEEN = """(e => { const s = getComputedStyle(e), r = e.getBoundingClientRect();
    return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 && r.width > 0 && r.height > 0
        && r.right > 0 && r.bottom > 0; })(document.activeElement)"""


@pytest.fixture
async def site(sqlite_template, tmp_path, clock):
    """A served site below a path of its host, with papers, outlets, a digest and a confirmed address."""
    shutil.copy(sqlite_template, tmp_path / "paperwire.db")
    store = Store.open(f"sqlite+aiosqlite:///{tmp_path / 'paperwire.db'}", now=clock)
    listening = bind("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}/lab"
    scene = Scene(store, clock)
    formula = {"title": "Gliding in $\\mathbb{R}^{3}$ for snakes", "code_url": "https://github.com/a/b"}
    await scene.papers(*(a_paper(number, **formula, **RECORD) for number in range(1, 61)))
    await scene.papers(a_paper(99, announced=a_paper().announced.replace(day=4)))
    await scene.scored(a_paper(1, **formula, **RECORD), 50)
    async with outlets(store, clock, url) as all_outlets:
        scene.in_trouble()
        all_outlets.context = replace(all_outlets.context, public_list=True)
        deps = replace(all_outlets.deps, context=all_outlets.context, health=scene.told_health, pictures=AnyPicture())
        assert isinstance(scene.health, Health)
        serving = asyncio.create_task(serve(create_app(deps), listening))
        site = Site(url, scene, all_outlets)
        await site.begin()
        yield site
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
    await store.close()


class AnyPicture:
    """A picture for each address."""

    async def get(self, _address):
        return base64.b64decode(
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
        )


class Site:
    """Where it is, what happened before, and its outlets."""

    def __init__(self, url, scene, all_outlets):
        self.url, self.scene, self.outlets = url, scene, all_outlets

    async def begin(self):
        """Ann subscribes and saves, and submits a paper to everybody's list and one to that of a group she manages."""
        chat = self.outlets.telegram
        chat.person(int(ANN.user_id))
        chat.chat(int(GROUP.address), title=GROUP.title, admins={int(ANN.user_id)})
        asking = Commands(self.outlets.context)
        for command, args, place in (
            ("subscribe", "gliding -survey", OWN),
            ("save", "2601.00002", OWN),
            ("submit", "2601.00001", OWN),
            ("submit", "2601.00003", GROUP),
        ):
            await asking.handle(
                Request(actor=ANN, place=place, can_manage=True, locale="en", command=command, args=args)
            )

    async def sign_in(self, page):
        """Sign Ann in by a link and its button, with the keyboard."""
        asked = Request(actor=ANN, place=OWN, can_manage=True, locale="en")
        await page.open(await link_for(self.outlets.context, asked))
        await page.tab_to("e.innerText === 'Sign in'")
        await page.loading(page.press("Enter"))

    async def secret_pages(self):
        """Pages whose addresses are secrets: a digest's, one that confirms, and one to leave by."""
        async with self.scene.store.write() as unit:
            person = await unit.people.ensure(Actor(channel="ntfy", user_id=TOPIC), "en")
            place = Place(channel="ntfy", address=TOPIC, kind="address", title="ntfy.sh/pap…")
            there = await unit.places.ensure(place, person.number)
            digest = Digest(slot=SLOT, due_at=self.scene.clock(), papers=1, parts=1)
            await unit.digests.add({there.number: digest}, closed=True)
        await self.scene.subscribe("gliding")
        mailed = signed(SECRET, "mailed paper", f"{there.number} 1", digest.due_at + timedelta(days=1))
        return {
            "mailed": f"/mailed/{mailed}",
            "digest": f"/digests/{place_token(SECRET, 'digest', there.number, SLOT)}",
            "leave": leave_button(SECRET, self.url, there).url.removeprefix(self.url),
        }


@asynccontextmanager
async def opened(site, tmp_path, **how):
    """A page of a browser of its own."""
    async with Chromium(tmp_path) as browser:
        yield await browser.page(**how)


async def reports_of(page, site, name, path):
    """Open a page: what the browser reports of it, without the status that is meant to be."""
    page.reports.clear()
    await page.open(site.url + path)
    assert await page.run("document.querySelectorAll('h1').length") == 1, name
    return [one for one in page.reports if not (name in ERRORS and one.startswith(REFUSED))]


async def complaints(site, tmp_path, *names, **how):
    """What axe, which needs scripts, and the browser find on each page."""
    axe = axe_source()
    found = []
    pages = {**PAGES, **await site.secret_pages(), **MINE}
    async with opened(site, tmp_path, **how) as page:
        for name, path in ((name, pages[name]) for name in names or pages):
            if name in MINE and name == min(MINE.keys() & {*(names or pages)}, key=[*MINE].index):
                await site.sign_in(page)
            found += [(name, one) for one in await reports_of(page, site, name, path)]
            found += [(name, one) for one in (await page.violations(axe) if axe else ())]
            wide = await page.run("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            found += [(name, f"{wide} pixels wider than the window")] if wide > 0 else []
            found += [(name, f"{one} is broken over lines") for one in await page.run(BROKEN)]
    return found


async def test_pages_are_accessible_and_the_browser_reports_nothing(site, tmp_path):
    names = ("results", "mistake", "by ntfy", "paper", "leave", "sign in")
    assert (
        await complaints(site, tmp_path, *names, "list", "my page", "my subscription", "my group", "my account") == []
    )


def test_axe_is_here():
    if axe_source() is None:
        pytest.skip("NO PAGE IS CHECKED BY axe: pip install axe-core-python, or set AXE")


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 768, 375])
async def test_each_page_is_accessible_on_any_screen_by_day_and_night(site, tmp_path, width, dark):
    assert await complaints(site, tmp_path, width=width, dark=dark) == []


@pytest.mark.slow
async def test_the_keyboard_reaches_everything_and_shows_where_it_is(site, tmp_path):
    async with opened(site, tmp_path, scripts=False) as page:
        for name in ("category", "results", "mistake", "by ntfy", "paper", "status", "api"):
            await page.open(site.url + PAGES[name])
            await page.press("Tab")
            start = await page.run("document.activeElement.autofocus || document.activeElement.className")
            assert start == "skip", name
            stops = await page.run(f"{STOPS}.length")
            seen = 1
            assert await page.run(SEEN), (name, "skip")
            while True:
                await page.press("Tab")
                if await page.run(
                    "document.activeElement === document.body || document.activeElement.matches('.skip')"
                ):
                    break
                seen += 1
                told = await page.run("document.activeElement.outerHTML.slice(0, 150)")
                assert await page.run(SEEN), (name, told)
                assert seen <= stops, (name, told)
            assert seen == stops, name
        await page.open(site.url + PAGES["results"])
        await page.press("Tab")
        await page.press("Enter")
        await page.press("Tab")
        assert await page.run("document.querySelector('main').contains(document.activeElement)")


async def test_from_a_search_to_the_last_paper_by_keyboard_without_scripts(site, tmp_path):
    async with opened(site, tmp_path, scripts=False) as page:
        await page.open(f"{site.url}/search")
        await page.tab_to("e.name === 'q'")
        await page.type("gliding")
        await page.loading(page.press("Enter"))
        await page.tab_to("e.innerText === 'Discord'")
        await page.press("Enter")
        assert "Open a chat with the bot" in await page.run("document.querySelector('.get details[open]').innerText")
        await page.tab_to("e.innerText === 'ntfy'")
        await page.loading(page.press("Enter"))
        await page.tab_to("e.name === 'address'")
        await page.type("two words")
        await page.loading(page.press("Enter"))
        await page.until_focused("e.name === 'address'")  # where the mistake is
        assert "letters a-z" in await page.run("document.querySelector('#problem').innerText")
        assert await page.run("document.activeElement.value") == "two words"
        page.reports = [one for one in page.reports if not one.startswith(REFUSED)]
        await page.type(TOPIC)
        await page.tab_to("e.name === 'every'")
        await page.press("ArrowDown")
        await page.tab_to("e.tagName === 'BUTTON'")
        await page.loading(page.press("Enter"))
        assert await page.run("document.querySelector('h1').innerText") == "One more step"
        await page.open(site.outlets.link_in("ntfy", TOPIC))
        await page.tab_to("e.tagName === 'BUTTON'")
        await page.loading(page.press("Space"))
        assert "every day at 08:00 (UTC)" in await page.run("document.body.innerText")
        async with site.scene.store.read() as unit:
            there = await unit.places.at(Place(channel="ntfy", address=TOPIC, kind="address"))
            assert [one.text for one in await unit.subscriptions.of_place(there.number)] == ["gliding"]
        await page.open(leave_button(SECRET, site.url, there).url)
        await page.tab_to("e.innerText === 'Stop this one'")
        await page.loading(page.press("Enter"))
        assert await page.run("document.querySelector('h1').innerText") == "Unsubscribed"
        async with site.scene.store.read() as unit:
            assert await unit.subscriptions.of_place(there.number) == []
        assert page.reports == []


async def test_ones_own_page_by_keyboard_without_scripts(site, tmp_path):
    async with opened(site, tmp_path, scripts=False) as page:
        await page.open(f"{site.url}/list")
        await page.tab_to("e.innerText === 'Sign in to vote'")
        await page.loading(page.press("Enter"))
        await site.sign_in(page)
        assert await page.run("location.pathname") == "/lab/list"  # where it began
        await page.tab_to("e.innerText.startsWith('Withdraw my vote')")
        await page.loading(page.press("Enter"))
        assert "Your vote is withdrawn." in await page.run("document.querySelector('.votes').innerText")
        await page.tab_to("e.value && e.value.startsWith('vote:')")
        await page.loading(page.press("Space"))
        assert "1 vote" in await page.run("document.querySelector('.votes').innerText")
        await page.open(f"{site.url}/me")
        await page.tab_to("e.name === 'query'")
        await page.type("(")
        await page.loading(page.press("Enter"))
        await page.until_focused("e.id === 'error'")
        page.reports = [one for one in page.reports if not one.startswith(REFUSED)]
        await page.tab_to("e.name === 'query'")
        await page.type("flying squirrels")
        await page.loading(page.press("Enter"))
        assert "Subscribed." in await page.run("document.querySelector('.notice').innerText")
        await page.open(f"{site.url}/me/places/1")
        await page.tab_to("e.name === 'when'")
        await page.type("daily 7:30")
        await page.loading(page.press("Enter"))
        assert "every day at 07:30" in await page.run("document.body.innerText")
        await page.open(f"{site.url}/me")
        await page.tab_to("e.ariaLabel === 'Delete: #1'")
        await page.loading(page.press("Enter"))
        assert "Unsubscribed: gliding -survey" in await page.run("document.querySelector('.notice').innerText")
        async with site.scene.store.read() as unit:
            person = await unit.people.person_of(ANN)
            assert [one.text for one in await unit.subscriptions.of_person(person.number)] == ["flying squirrels"]
        await page.open(f"{site.url}/me/account")
        await page.tab_to("e.innerText === 'Sign out here'")
        await page.loading(page.press("Enter"))
        assert "You are signed out here." in await page.run("document.body.innerText")
        assert page.reports == []


async def test_what_came_since_the_last_visit_is_marked(site, tmp_path):
    fresh = "[...document.querySelectorAll('.fresh')].map(e => e.querySelector('h2').textContent)"
    async with opened(site, tmp_path) as page:
        await page.open(f"{site.url}/")
        assert await page.run(fresh) == []  # a first visit has nothing to compare with
        await site.scene.papers(a_paper(77, title="Just arrived"))
        await page.open(f"{site.url}/")
        assert await page.run(fresh) == []  # half an hour is one visit
        await page.run(
            "localStorage.setItem('paperwire-visit', localStorage.getItem('paperwire-visit')"
            '.replace(/"at":[0-9]+/, \'"at":1\'))'
        )
        await site.scene.papers(a_paper(78, title="Arrived later"))
        await page.open(f"{site.url}/")
        assert await page.run(fresh) == ["Arrived later (New)"]
        assert await page.run("document.querySelector('#since').innerText") == "New since your last visit: 1"
        assert page.reports == []


async def test_what_is_wrong_is_found(tmp_path):
    """The checks above notice what they look for."""

    async def bad(_):
        text = "<!doctype html><title>x</title><script>f()</script><input><img src=/x.png>"
        headers = {"content-security-policy": PAGE_POLICY.decode()}
        return web.Response(text=text, content_type="text/html", headers=headers)

    app = web.Application()
    app.router.add_get("/", bad)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with Chromium(tmp_path) as browser:
        page = await browser.page()
        await page.open(f"http://127.0.0.1:{runner.addresses[0][1]}/")
        reports = "\n".join(page.reports)
        assert "Content Security Policy" in reports
        assert "ContentSecurityPolicyIssue" in reports
        assert "404" in reports
        if axe := axe_source():
            found = {one.partition(":")[0] for one in await page.violations(axe)}
            assert {"label", "image-alt", "html-has-lang"} <= found
    await runner.cleanup()
