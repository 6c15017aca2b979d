"""The links under the papers in mails: a page that saves, mutes and says why, for the mail's address alone."""

import html
import re
from datetime import date

import httpx
import pytest
from commands_bot import paper
from mailing_scene import ANN, box, confirmed, delivery_of, linked

from paperwire.bootstrap.links import digest_words
from paperwire.config import Settings
from paperwire.core.tokens import signed
from paperwire.ports.callers import Actor
from paperwire.services.access import Access
from paperwire.services.subscriptions.leave import bring_back, leave, leaving
from paperwire.services.subscriptions.leave import leave_button as button
from paperwire.web.app import create_app
from paperwire.web.site import WebDeps

SITE = "https://papers.example.org"
READER = Actor(channel="email", user_id=ANN)


class Pages:
    """The pages of a bot's instance, and what its mails link to them."""

    def __init__(self, bot, smtp_server):
        self.bot, self.smtp_server = bot, smtp_server

    async def mailed(self, *papers):
        """The mail that brings these papers, and the addresses of their pages."""
        await self.bot.record(*papers)
        await self.bot.match()
        self.bot.clock.advance(days=1)
        context = self.bot.context
        words = digest_words(Settings(public_url=context.public_url), context.secret_key)
        await delivery_of(self.bot, words=words).run("email")
        mail = self.smtp_server.mails[-1]
        return mail, re.findall(rf"^Save, mute, why: {SITE}(/mailed/\S+)\r?$", mail.part("plain"), re.MULTILINE)

    async def asks(self, path, *, follows=True, **fields):
        """The page at a path; after the form with these fields that to which it leads a browser."""
        deps = WebDeps(context=self.bot.context, authority="x", minted=date(2026, 1, 1), health=None, unready=None)
        transport = httpx.ASGITransport(create_app(deps), client=("203.0.113.7", 1))
        async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
            return await (client.post(path, data=fields, follow_redirects=follows) if fields else client.get(path))

    async def scanned(self, method, path):
        """The status of the answer to a request without a body, by who keeps no cookies."""
        deps = WebDeps(context=self.bot.context, authority="x", minted=date(2026, 1, 1), health=None, unready=None)
        transport = httpx.ASGITransport(create_app(deps), client=("203.0.113.7", 1))
        async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
            return (await client.request(method, path)).status_code

    async def state(self):
        """What the address saved, and what is muted there."""
        async with self.bot.store.read() as unit:
            person = await unit.people.person_of(READER)
            place, _ = await box(self.bot)
            mutes = await unit.places.mutes(place.number)
            return [each.title for each in await unit.people.saved(person.number)], [each.shown for each in mutes]


@pytest.fixture
async def pages(mailing, smtp_server):
    await confirmed(mailing, smtp_server, f"/subscribe diffusion to:email:{ANN} when:daily 08:00")
    return Pages(mailing, smtp_server)


def notice(answer):
    found = re.search(r'role="status"><span>(.*?)</span>', answer.text)
    return found and found[1]


def hidden(answer):
    """The fields of the form that undoes what was just done."""
    form = answer.text.partition('class="notice"')[2].partition("</form>")[0]
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))


async def test_each_paper_of_a_mail_has_one_page_and_opening_it_changes_nothing(pages):
    mail, paths = await pages.mailed(paper(1, "Diffusion models"), paper(2, "Diffusion of ink"))
    assert len(set(paths)) == len(paths) == 2
    for path in paths:
        for part in ("save", "mute", "why"):
            assert mail.part("html").count(f'href="{SITE}{path}#{part}"') == 1
    for _ in range(2):  # scanners and people
        page = await pages.asks(paths[0])
        assert page.status_code == 200
    assert page.headers["x-robots-tag"] == "noindex"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert all(f'id="{part}"' in page.text for part in ("save", "mute", "why"))
    assert "<li>Matched diffusion</li>" in page.text
    assert await pages.state() == ([], [])
    await pages.asks(paths[0], do="save")
    assert (await pages.asks(paths[0])).text == page.text  # whoever opens it doesn't see what was pressed
    assert ANN not in page.text


async def test_a_paper_is_saved_once_and_undone(pages):
    _, (path,) = await pages.mailed(paper(1, "Diffusion models"))
    assert notice(await pages.asks(path, do="save")) == "Saved."
    again = await pages.asks(path, do="save")
    # whoever got the mail passed on reads the same, saved before or not
    assert (notice(again), await pages.state()) == ("Saved.", (["Diffusion models"], []))
    for _ in range(2):
        assert notice(await pages.asks(path, **hidden(again))) == "Removed from your saved papers."
    assert await pages.state() == ([], [])


async def test_a_press_leads_on_so_that_loading_again_sends_nothing(pages):
    _, (path,) = await pages.mailed(paper(1, "Diffusion models"))
    pressed = await pages.asks(path, follows=False, do="save")
    assert (pressed.status_code, pressed.headers["location"]) == (303, f"{path}?done=save#done")
    assert pressed.headers["cache-control"] == "private, no-store"
    shown = await pages.asks(pressed.headers["location"])
    assert notice(shown) == "Saved."
    await pages.asks(path, **hidden(shown))
    assert (await pages.asks(pressed.headers["location"])).text == shown.text
    assert await pages.state() == ([], [])  # an address changes nothing
    for claimed in ("forget", "mute", "mute&what=author:9:x", "unmute&what=subscription:999", ""):
        assert notice(await pages.asks(f"{path}?done={claimed}")) is None


async def test_an_author_a_category_or_the_subscription_is_muted_at_the_address_and_undone(pages):
    _, (path,) = await pages.mailed(paper(1, "Diffusion models"))
    choices = re.findall(r'name="what" value="([^"]+)">([^<]+)<', (await pages.asks(path)).text)
    names = [name for _, name in choices]
    assert names[:4] == ["Author Ann Lee", "cs.CV", "Subscription diffusion", "Acceptances of saved and watched papers"]
    for what, name in choices:
        done = await pages.asks(path, do="mute", what=what)
        assert notice(done) == f"Muted: {name}"
        again = await pages.asks(path, do="mute", what=what)
        assert notice(again).startswith("Muted: ")
        assert len((await pages.state())[1]) == 1
        for _ in range(2):
            assert notice(await pages.asks(path, **hidden(again))) == f"No longer muted: {name}"
        assert (await pages.state())[1] == []


async def test_only_what_the_mail_was_about_is_shown_or_changed(mailing, smtp_server):
    """The address is one account with a chat that has other subscriptions; the mail is passed on to a stranger."""
    await linked(mailing, smtp_server)
    await mailing.says("/subscribe models name:Secret")
    await mailing.says(f"/subscribe diffusion to:email:{ANN} when:daily 08:00")
    pages = Pages(mailing, smtp_server)
    _, (path,) = await pages.mailed(paper(1, "Diffusion models"))
    page = await pages.asks(path)
    assert "<li>Matched diffusion</li>" in page.text
    assert not re.search("Secret|Matched models|Trending papers", page.text)
    async with mailing.store.read() as unit:
        person = await unit.people.person_of(READER)
        others = [each.number for each in await unit.subscriptions.of_person(person.number)]
    assert len(others) == 3
    shown = re.findall(r'value="subscription:(\d+)"', page.text)
    assert len(shown) == 1
    refused = [f"subscription:{number}" for number in others if str(number) not in shown]
    for what in (*refused, "subscription:999", "author:0:00000000", "x", ""):
        assert (await pages.asks(path, do="mute", what=what)).status_code == 400
    for fields in ({"do": "mute"}, {"do": "forget"}, {"x": "y"}):
        assert (await pages.asks(path, **fields)).status_code == 400
    assert await pages.state() == ([], [])


async def test_a_token_that_is_changed_or_anothers_is_no_link(pages):
    _, (path, other) = await pages.mailed(paper(1, "Diffusion models"), paper(2, "Diffusion of ink"))
    token = path.rpartition("/")[2]
    later = pages.bot.clock().replace(year=2030)
    stolen = signed(pages.bot.context.secret_key, "place", "1 1 1", later)
    spliced = token[:22] + other.rpartition("/")[2][22:]
    for bad in (token[:-1], token[:10] + ("A" if token[10] != "A" else "B") + token[11:], spliced, stolen, "x", "%FF"):
        for fields in ({}, {"do": "save"}):
            answer = await pages.asks(f"/mailed/{bad}", **fields)
            assert (answer.status_code, answer.headers["x-robots-tag"]) == (404, "noindex")
    assert await pages.state() == ([], [])


async def forget(bot):
    async with bot.store.write() as unit:
        person = await unit.people.person_of(READER)
        await unit.people.forget(person.number)


async def unsubscribe(bot):
    _, (subscription,) = await box(bot)
    async with bot.store.write() as unit:
        await unit.subscriptions.delete(subscription.number)


async def wait(bot):
    bot.clock.advance(days=31)


async def close(bot):
    bot.context = bot.context.__class__(**{**vars(bot.context), "access": Access(names=("email:bob@example.org",))})


async def leave_all(bot):
    await leave(bot.store, (await box(bot))[0])


@pytest.mark.parametrize("end", [forget, unsubscribe, leave_all, wait, close])
async def test_a_link_whose_address_subscription_or_time_is_over_is_refused_kindly(pages, end):
    _, (path,) = await pages.mailed(paper(1, "Diffusion models"))
    await end(pages.bot)
    answers = [await pages.asks(path), await pages.asks(path, do="save")]
    for answer in answers:
        assert (answer.status_code, answer.headers["x-robots-tag"]) == (410, "noindex")
        assert answer.headers["cache-control"] == "no-store"
        assert "This link has expired" in answer.text
        assert "Diffusion models" not in answer.text
    async with pages.bot.store.read() as unit:
        person = await unit.people.person_of(READER)
        assert (person is None) == (end is forget)  # and a press makes no one again


async def test_a_link_works_again_for_who_comes_back_but_not_for_a_new_account_of_the_address(pages):
    _, (path,) = await pages.mailed(paper(1, "Diffusion models"))
    await leave_all(pages.bot)
    place, _ = await box(pages.bot)
    context = pages.bot.context
    name = button(context.secret_key, context.public_url, place).url.rpartition("/")[2]
    (departure,) = (await leaving(pages.bot.store, context.secret_key, name)).departures
    await bring_back(context, place, departure.second)
    assert notice(await pages.asks(path, do="save")) == "Saved."
    await forget(pages.bot)
    await confirmed(pages.bot, pages.smtp_server, f"/subscribe diffusion to:email:{ANN}")
    assert (await pages.asks(path, do="save")).status_code == 410
    assert await pages.state() == ([], [])


async def test_a_scanner_that_follows_every_link_of_a_mail_changes_nothing(pages):
    mail, paths = await pages.mailed(paper(1, "Diffusion models"), paper(2, "Diffusion of ink"))
    links = {html.unescape(link) for link in re.findall(r'href="([^"]+)"', mail.part("html"))}
    links |= set(re.findall(r"https?://[^\s<>]+", mail.part("plain") + str(mail.parsed["list-unsubscribe"])))
    ours = {link.partition("#")[0].removeprefix(SITE) for link in links if link.startswith(SITE)}
    assert {*paths} < ours
    assert any(path.startswith("/u/") for path in ours)
    before = await box(pages.bot)
    for path in sorted(ours):
        for method in ("GET", "HEAD"):
            assert await pages.scanned(method, path) == 200, (method, path)
        if not path.startswith("/u/"):  # RFC 8058: a POST there is what unsubscribes
            assert await pages.scanned("POST", path) in {200, 400, 403, 405}, path
    assert await pages.state() == ([], [])
    assert await box(pages.bot) == before
