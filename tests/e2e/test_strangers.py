"""A stranger names another's address: over the wire of both platforms, by mail and on the pages."""

import re
from datetime import date

import httpx
import pytest
from conversation_world import ANN, BOB, PAPERS, conversing, paper
from pydantic import SecretStr

from paperwire.channels.email import Options, build
from paperwire.core.health import Health
from paperwire.web.app import create_app
from paperwire.web.site import WebDeps
from servers.direct import DIRECT
from servers.discord_people import plain
from servers.smtp import MailServer

pytestmark = pytest.mark.whole

SITE = "https://papers.example.org"
VICTIM, OTHER = "victim@example.org", "other@example.org"
PHISHING = '"URGENT your account is locked, verify at http://evil.example"'
FORM = re.compile(r'name="form" value="([^"]+)"')


@pytest.fixture
async def smtp_server():
    async with MailServer() as smtp_server:
        yield smtp_server


@pytest.fixture
async def conversation(store, clock, smtp_server):
    async with conversing(store, clock) as conversation:
        options = Options(smtp_url=SecretStr(smtp_server.url), from_address="news@papers.example.org")
        mail = conversation.context.channels["email"] = build(options, network=DIRECT, now=clock, public_url=SITE)
        yield conversation
        await mail.close()


def path_in(mail):
    return re.search(rf"{SITE}(/\S+)", mail.part("plain"))[1]


class Pages:
    """A reader's browser."""

    def __init__(self, conversation):
        async def healthy():
            return Health()

        async def unready():
            return ""

        deps = WebDeps(
            authority="papers.example.org",
            minted=date(2026, 1, 1),
            health=healthy,
            unready=unready,
            context=conversation.context,
        )
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(create_app(deps)), base_url=SITE)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.client.aclose()

    async def say_yes(self, mail):
        """Open the link in a mail and press the button; what the page said before."""
        page = await self.client.get(path_in(mail))
        assert "Confirmed" in (await self.client.post(path_in(mail))).text
        return page.text

    async def sign_in(self, smtp_server, address):
        """Sign in by mail; the first page."""
        form = FORM.search((await self.client.get("/me")).text)[1]
        await self.client.post("/me/link", data={"form": form, "address": address})
        path = path_in(smtp_server.mails[-1])
        form = FORM.search((await self.client.get(path)).text)
        await self.client.post(path, data={"form": form[1] if form else ""})
        return (await self.client.get("/me")).text


async def test_who_names_an_address_gets_nothing_of_its_reader(conversation, smtp_server):
    telegram, discord = conversation.telegram, conversation.discord
    await conversation.record(paper(1, "Diffusion models"))
    async with Pages(conversation) as victim, Pages(conversation) as other:
        # The victim has an account with papers of their own, by mail alone.
        await telegram.ask(BOB, f"/email {VICTIM} trending")
        await victim.say_yes(smtp_server.mails[-1])
        # Ann asks for both, from Telegram and from Discord, in the name of the operator.
        await telegram.ask(ANN, f"/email {VICTIM} trending week {PHISHING}")
        page = await victim.say_yes(smtp_server.mails[-1])
        mails = [smtp_server.mails[-1]]
        await discord.ask(ANN, f"/email {OTHER} trending week {PHISHING}", PAPERS)
        page += await other.say_yes(smtp_server.mails[-1])
        mails.append(smtp_server.mails[-1])
        for text in (page, *(mail.part(kind) for mail in mails for kind in ("plain", "html"))):
            assert "evil.example" not in text
            assert "URGENT" not in text
        assert all(
            link.startswith(SITE)
            for mail in mails
            for link in re.findall(r"\w+://[^\s\"<>]+", mail.part("plain") + mail.part("html"))
        )
        # She sees nothing of them, and they nothing of each other.
        for text in (
            (await telegram.ask(ANN, "/subscriptions")).text,
            plain((await discord.ask(ANN, "/saved", PAPERS)).text),
        ):
            assert "trending" not in text.casefold()
        mine = await victim.sign_in(smtp_server, VICTIM)
        theirs = await other.sign_in(smtp_server, OTHER)
        assert mine.count("Trending") >= 2
        assert "Trending papers" not in theirs
        assert "telegram" not in mine + theirs
        # What she subscribes to afterwards is not theirs.
        await telegram.ask(ANN, "/subscribe quantum")
        asked = await telegram.ask(ANN, f"/subscribe quantum to:email:{VICTIM}")
        assert "A mail is on its way" in asked.text
        assert "quantum" not in (await victim.client.get("/me")).text
        await victim.say_yes(smtp_server.mails[-1])
        assert "quantum" in (await victim.client.get("/me")).text
