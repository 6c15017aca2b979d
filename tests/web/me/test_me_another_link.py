"""A mailed link that works no more mails another, so that strangers who ask for links keep no reader out."""

import re

import pytest
from me_world import IN_MAIL, MAIL, TOKEN, confirmed

from paperwire.errors import TooMany
from paperwire.ports.callers import Place
from paperwire.services.accounts import opt_in
from paperwire.services.accounts.opt_in import Wish
from web_scene import SITE

REQUEST = re.compile(r"https://papers\.example\.org(/subscribe/\S+)")


async def test_strangers_who_ask_for_all_links_of_a_day_keep_nobody_out(my_pages):
    await confirmed(my_pages)
    mailed = [await my_pages.mailed_link() for _ in range(3)]
    my_pages.clock.advance(hours=10)
    reader = my_pages.browser(address="198.51.100.1")
    await reader.open("/me")
    assert (await reader.send("/me/link", address=MAIL)).status_code == 429
    assert "its page can mail you another" in reader.words
    for link in (mailed[-1], mailed[0]):
        await reader.open(link)
        assert "This link has expired" in reader.words
        assert (await reader.send(link, another="yes")).status_code == 200
        assert "Check your inbox" in reader.words
        another = IN_MAIL.search(my_pages.server.mails[-1].part("plain"))[1]
        assert my_pages.server.mails[-1].recipients == [MAIL]
        assert (await reader.sign_in(another)).status_code == 200
        assert "My subscriptions" in reader.words
        await reader.open(another)
        assert (await reader.send(another, another="yes")).status_code == 200  # one that was used mails another, too
    assert len(my_pages.server.mails) == 3 + 2 * 2


async def test_strangers_who_ask_for_all_requests_of_a_day_keep_nobody_out(my_pages):
    """Any of them is a way to an account, where its reader says what comes."""
    box = Place(channel="email", address=MAIL, kind="mailbox", title=MAIL)
    for number in range(3):
        await opt_in.ask(my_pages.context, box, Wish(text="nonsense"), client=f"203.0.113.{number}", locale="en")
    with pytest.raises(TooMany, match=f"change what comes on {SITE}/me, or try"):
        await opt_in.ask(my_pages.context, box, Wish(text="snakes"), client="198.51.100.1", locale="en")
    reader = my_pages.browser(address="198.51.100.1")
    await reader.client.post(REQUEST.search(my_pages.server.mails[0].part("plain"))[1])
    await reader.sign_in(await my_pages.mailed_link())
    await reader.open("/me")
    place = re.search(r'<option value="(\d+)"', reader.answer.text)[1]
    await reader.send("/me", do="add", query="snakes", place=place)
    await reader.open("/me")
    await reader.do(re.findall(r'href="(/me/subscriptions/\d+)"', reader.answer.text)[0], "delete")
    await reader.open("/me")
    assert "snakes" in reader.words
    assert "nonsense" not in reader.words


async def test_a_link_mails_three_others_a_day_and_none_while_it_works(my_pages):
    await confirmed(my_pages)
    link = await my_pages.mailed_link()
    browser = my_pages.browser()
    await browser.open("/me")
    form = TOKEN.search(browser.answer.text)[1]
    await browser.send(link, another="yes", form="forged")
    assert len(my_pages.server.mails) == 1
    my_pages.clock.advance(minutes=15)
    scanner = my_pages.browser()
    for _ in range(2):
        assert (await scanner.open(link)).status_code == 410
    assert (await scanner.client.post(link, data={"another": "yes"})).status_code == 403
    assert (
        await browser.send(link, another="yes", form=form, headers={"sec-fetch-site": "cross-site"})
    ).status_code == 403
    assert (await browser.send(link)).status_code == 410  # "Sign in", pressed too late
    assert len(my_pages.server.mails) == 1
    statuses = [(await browser.send(link, another="yes", form=form)).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert browser.answer.headers["retry-after"] == "86400"
    assert len(my_pages.server.mails) == 4


async def test_who_lost_the_mailbox_or_was_forgotten_gets_no_other_link(my_pages):
    person = await confirmed(my_pages)
    link = await my_pages.mailed_link()
    browser = my_pages.browser()
    my_pages.clock.advance(minutes=15)
    await browser.open(link)
    async with my_pages.store.write() as unit:
        await unit.people.forget(person.number)
    assert (await browser.send(link, another="yes")).status_code == 404
    assert len(my_pages.server.mails) == 1


async def test_a_bots_link_is_mailed_to_nobody(my_pages):
    await confirmed(my_pages)
    link = (await my_pages.link()).removeprefix(SITE)
    my_pages.clock.advance(minutes=15)
    browser = my_pages.browser()
    await browser.open("/me")
    form = TOKEN.search(browser.answer.text)[1]
    await browser.open(link)
    assert "send /me to the bot" in browser.words
    assert (await browser.send(link, another="yes", form=form)).status_code == 410
    assert my_pages.server.mails == []
