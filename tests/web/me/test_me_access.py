"""Accounts that may not use this instance: neither their sessions nor their links open anything."""

from me_world import MAIL

from paperwire.ports.callers import Actor
from paperwire.services.access import ban_key


async def ban(world, channel, user_id):
    async with world.store.write() as unit:
        key = ban_key(world.context.access.secret_key, Actor(channel=channel, user_id=user_id))
        await unit.settings.put(key, "now")


async def test_a_session_of_an_account_that_is_banned_opens_nothing(world):
    browser = await world.signed_in()
    await ban(world, "telegram", "1")
    for path in ("/me", "/me/account", "/me/export"):
        await browser.open(path)
        assert "My subscriptions" not in browser.words
        assert "Sign in" in browser.words


async def test_a_link_of_an_account_that_was_banned_since_signs_no_one_in(world):
    link = await world.link()
    await ban(world, "telegram", "1")
    browser = world.browser()
    await browser.sign_in(link)
    assert "My subscriptions" not in browser.words
    assert (await browser.open("/me/account")).status_code == 403


async def test_no_link_is_mailed_to_an_address_that_is_banned_and_the_answer_is_the_same(world):
    async with world.store.write() as unit:
        await unit.people.ensure(Actor(channel="email", user_id=MAIL), "en")
    await ban(world, "email", MAIL)
    browser = world.browser()
    await browser.open("/me")
    await browser.send("/me/link", address=MAIL)
    assert "Look in your inbox" in browser.words
    assert world.server.mails == []
