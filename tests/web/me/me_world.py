"""Two people with browsers, chats on two channels and mailboxes, and the pages between them."""

import re
from dataclasses import replace

import httpx

from paperwire.ports.callers import Actor, Place
from paperwire.web.app import create_app
from web_page import Checked
from web_scene import SITE

ANN, BOB = "1", "2"
MAIL = "ann@example.org"
GROUP = Place(channel="telegram", address="-100", kind="group", title="Vision lab")
TOKEN = re.compile(r'name="form" value="([^"]+)"')
IN_MAIL = re.compile(r"https://papers\.example\.org(?:/papers)?(/me/in/\S+)")


async def confirmed(my_pages, address=MAIL):
    """Let the account of the mail address be somebody's."""
    async with my_pages.store.write() as unit:
        return await unit.people.ensure(Actor(channel="email", user_id=address), "en")


class Browser:
    """A browser with its cookies: what it shows is checked on the way."""

    def __init__(self, app, *, site=SITE, address="203.0.113.7"):
        self.base = httpx.URL(site).path.rstrip("/")
        transport = httpx.ASGITransport(app, client=(address, 1))
        host = SITE.replace("https", httpx.URL(site).scheme)
        self.client = httpx.AsyncClient(
            transport=transport,
            base_url=host,
            headers={"accept-encoding": "identity"},
        )
        self.answer = None

    async def open(self, path, **options):
        """Follow a link, and what it leads on to."""
        return await self._shown(await self.client.get(self._url(path), **options))

    async def send(self, path, *, headers=None, **fields):
        """Send a form of the page that is open, to `path`, and see what it leads to."""
        token = TOKEN.search(self.answer.text)
        given = {"form": token[1] if token else "", **{name.rstrip("_"): value for name, value in fields.items()}}
        posted = await self.client.post(self._url(path), data=given, headers=headers)
        return await self._shown(posted)

    async def do(self, path, do, **fields):
        """Open a page and send one of its forms."""
        await self.open(path)
        return await self.send(path, do=do, **fields)

    async def _shown(self, answer):
        while answer.is_redirect:
            assert answer.status_code == 303
            assert "no-store" in answer.headers["cache-control"]
            answer = await self.client.get(answer.headers["location"])
        self.answer = answer
        if answer.headers.get("content-type", "").startswith("text/html"):
            self.page = Checked(answer.text, self.base)
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert answer.headers["cache-control"] in {"private, no-store", "no-store"}
        return answer

    def _url(self, path):
        return f"{self.base}{path}" if path.startswith("/me") else path

    @property
    def words(self):
        return self.page.words

    async def sign_in(self, link):
        """Open a link and press its button."""
        path = link.removeprefix(SITE)
        await self.open(path)
        return await self.send(path)


class World:
    """A bot, its channels, and browsers."""

    def __init__(self, bot, deps, server):
        self.bot, self.deps, self.server = bot, deps, server
        self.context = bot.context
        self.store, self.clock = bot.store, bot.clock
        self.browsers = []
        self.apps = {}

    def browser(self, *, site=SITE, **options):
        if site not in self.apps:  # a site is slow to make
            self.apps[site] = create_app(replace(self.deps, context=replace(self.context, public_url=site)))
        browser = Browser(self.apps[site], site=site, **options)
        self.browsers.append(browser)
        return browser

    async def link(self, who=ANN, **where):
        """The link that the bot answers `/me` with."""
        reply = await self.bot.says("/me", who=who, **where)
        assert reply.private
        ((button,),) = reply.message.buttons
        return button.url

    async def signed_in(self, who=ANN):
        browser = self.browser()
        answer = await browser.sign_in(await self.link(who))
        assert answer.status_code == 200
        return browser

    async def mailed_link(self, address=MAIL):
        """The link that the form on `/me` sends to a confirmed address."""
        browser = self.browser()
        await browser.open("/me")
        await browser.send("/me/link", address=address)
        return IN_MAIL.search(self.server.mails[-1].part("plain"))[1]

    async def close(self):
        for browser in self.browsers:
            await browser.client.aclose()
