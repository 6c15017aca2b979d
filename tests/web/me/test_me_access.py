"""Accounts that may not use this instance: neither their sessions nor their links open anything."""

from me_world import MAIL

from paperwire.ports.callers import Actor
from paperwire.services.access import ban_key


async def ban(my_pages, channel, user_id):
    async with my_pages.store.write() as unit:
        key = ban_key(my_pages.context.access.secret_key, Actor(channel=channel, user_id=user_id))
        await unit.settings.put(key, "now")


async def test_a_session_of_an_account_that_is_banned_opens_nothing(my_pages):
    browser = await my_pages.signed_in()
    await ban(my_pages, "telegram", "1")
    for path in ("/me", "/me/account", "/me/export"):
        await browser.open(path)
        assert "My subscriptions" not in browser.words
        assert "Sign in" in browser.words


async def test_a_link_of_an_account_that_was_banned_since_signs_no_one_in(my_pages):
    link = await my_pages.link()
    await ban(my_pages, "telegram", "1")
    browser = my_pages.browser()
    await browser.sign_in(link)
    assert "My subscriptions" not in browser.words
    assert (await browser.open("/me/account")).status_code == 403


async def test_no_link_is_mailed_to_an_address_that_is_banned_and_the_answer_is_the_same(my_pages):
    async with my_pages.store.write() as unit:
        await unit.people.ensure(Actor(channel="email", user_id=MAIL), "en")
    await ban(my_pages, "email", MAIL)
    browser = my_pages.browser()
    await browser.open("/me")
    await browser.send("/me/link", address=MAIL)
    assert "Check your inbox" in browser.words
    assert my_pages.server.mails == []
