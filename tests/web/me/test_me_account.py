"""Linked accounts and signed-in browsers, managed on the pages."""

import pytest
from me_world import ANN, MAIL

from paperwire.ports.callers import Actor


@pytest.fixture
async def ann(my_pages):
    browser = await my_pages.signed_in()
    async with my_pages.store.write() as unit:
        person = await unit.people.person_of(Actor(channel="telegram", user_id=ANN))
        await unit.people.link(Actor(channel="email", user_id=MAIL), person.number)
    return browser


async def is_signed_in(browser):
    await browser.open("/me")
    return "My subscriptions" in browser.words


async def test_an_account_is_unlinked_and_what_it_signed_in_is_signed_out(my_pages, ann):
    by_mail = my_pages.browser()
    await by_mail.sign_in(await my_pages.mailed_link())
    late = await my_pages.mailed_link()
    await ann.open("/me/account")
    assert f"e-mail: {MAIL}" in ann.words
    await ann.send("/me/account", do="unlink", account=f"email:{MAIL}")
    assert "The account is unlinked." in ann.words
    assert MAIL not in ann.words
    assert "Unlink" not in ann.words.replace("The account is unlinked.", "")
    assert not await is_signed_in(by_mail)
    assert (await my_pages.browser().open(late)).status_code == 410
    assert await is_signed_in(ann)
    assert (await ann.do("/me/account", "unlink", account=f"telegram:{ANN}")).status_code == 400
    assert "your only account" in ann.words


@pytest.mark.parametrize("account", [f"email:{MAIL}", f"telegram:{ANN}"])
async def test_who_has_feeds_is_told_of_their_new_links(my_pages, ann, account):
    await my_pages.bot.says("/feed")
    await ann.do("/me/account", "unlink", account=account)
    assert "The old links of your private feeds no longer work" in ann.words


async def test_who_unlinks_the_account_that_signed_them_in_is_signed_out(my_pages, ann):
    await ann.do("/me/account", "unlink", account=f"telegram:{ANN}")
    assert "The account that signed you in is unlinked" in ann.words
    assert "__Host-paperwire" not in ann.client.cookies
    assert not await is_signed_in(ann)


async def test_one_browser_is_signed_out_or_all_others(my_pages, ann):
    second, third = await my_pages.signed_in(), await my_pages.signed_in()
    await ann.open("/me/account")
    key = next(one["value"] for one in ann.page.inputs if one["name"] == "session")
    await ann.send("/me/account", do="end", session=key)
    assert "That browser is signed out." in ann.words
    assert [await is_signed_in(one) for one in (ann, second, third)].count(True) == 2
    assert (await ann.do("/me/account", "end", session=key)).status_code == 400
    assert "You aren't signed in there any more." in ann.words
    open_link = await my_pages.link()
    await ann.do("/me/account", "others")
    assert "All other browsers are signed out." in ann.words
    assert [await is_signed_in(one) for one in (ann, second, third)] == [True, False, False]
    assert (await second.open(open_link)).status_code == 410
    await ann.open("/me/account")
    assert "Sign out everywhere else" not in ann.words


async def test_a_browser_signs_itself_out_by_its_key(my_pages, ann):
    async with my_pages.store.read() as unit:
        person = await unit.people.person_of(Actor(channel="telegram", user_id=ANN))
        (session,) = await unit.sign_ins.sessions(person.number)
    await ann.do("/me/account", "end", session=session.key)
    assert "You are signed out here." in ann.words
    assert not await is_signed_in(ann)
