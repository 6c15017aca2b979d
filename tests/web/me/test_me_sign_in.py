"""Signing in by a link, as people, mail scanners and other sites do it."""

import logging
import re
from dataclasses import replace

import pytest
from me_world import ANN, MAIL, TOKEN, confirmed
from prometheus_client import generate_latest
from structlog.testing import capture_logs

from paperwire import observe
from paperwire.commands.answer import Commands
from paperwire.ports.callers import Actor
from paperwire.services.accounts import sign_in
from paperwire.web.me.routes import MePages
from web_scene import SITE


async def test_a_bots_link_signs_in(my_pages):
    browser = my_pages.browser()
    await browser.open("/me")
    assert "Send this to the bot" in browser.words
    link = await my_pages.link()
    assert re.fullmatch(rf"{SITE}/me/in/[\w-]{{43}}", link)
    answer = await browser.open(link)
    assert "This signs you in, in this browser, as 1 (Telegram)" in browser.words
    assert answer.headers["cache-control"] == "private, no-store"
    await browser.send(link.removeprefix(SITE))
    assert "My subscriptions" in browser.words
    assert (await browser.open("/me/account")).status_code == 200
    assert "Telegram: 1" in browser.words


async def test_the_cookie_is_for_this_site_alone(my_pages):
    browser = my_pages.browser()
    link = (await my_pages.link()).removeprefix(SITE)
    await browser.open(link)
    posted = await browser.client.post(link, data={"form": TOKEN.search(browser.answer.text)[1]})
    cookie = posted.headers["set-cookie"]
    assert cookie.startswith("__Host-paperwire=")
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/", "Max-Age=2592000"} <= set(cookie.split("; "))


async def test_only_hashes_are_stored(my_pages):
    browser = await my_pages.signed_in()
    link = (await my_pages.link()).rpartition("/")[2]
    cookie = browser.client.cookies["__Host-paperwire"]
    async with my_pages.store.read() as unit:
        rows = []
        for table in ("sign_in", "session"):
            rows += (await unit.connection.exec_driver_sql(f"SELECT * FROM {table}")).all()  # noqa: S608 -- two names
    assert len(rows) == 3
    assert not any(secret in str(rows) for secret in (link, cookie))


async def test_looking_at_a_link_uses_nothing_up(my_pages):
    link = (await my_pages.link()).removeprefix(SITE)
    scanner = my_pages.browser()
    for _ in range(3):
        assert (await scanner.open(link)).status_code == 200
    assert (await scanner.client.head(link)).status_code == 200
    assert (await scanner.client.post(link)).status_code == 403  # a scanner that presses buttons, but keeps no cookies
    assert (await my_pages.browser().sign_in(link)).status_code == 200


async def test_a_link_works_once(my_pages):
    link = (await my_pages.link()).removeprefix(SITE)
    first, second = my_pages.browser(), my_pages.browser()
    await second.open(link)
    assert (await first.sign_in(link)).status_code == 200
    assert (await second.send(link)).status_code == 410
    assert "This link was used already" in second.words
    assert (await second.open(link)).status_code == 410
    await second.open("/me")
    assert "Sign in" in second.words


async def test_of_two_browsers_at_once_one_is_signed_in(my_pages, monkeypatch):
    link = (await my_pages.link()).removeprefix(SITE)
    first, second = my_pages.browser(), my_pages.browser()
    await first.open(link)
    await second.open(link)
    look = sign_in.look
    seen = [await look(my_pages.context, link.rpartition("/")[2])]

    async def look_before(context, token):  # the second saw the link before the first pressed the button
        return seen.pop() if seen else await look(context, token)

    assert (await first.send(link)).status_code == 200
    monkeypatch.setattr(sign_in, "look", look_before)
    assert (await second.send(link)).status_code == 410
    assert "This link was used already" in second.words


@pytest.mark.parametrize(("minutes", "status"), [(14, 200), (15, 410), (60 * 23, 410), (60 * 25, 404)])
async def test_a_link_works_for_fifteen_minutes(my_pages, minutes, status):
    link = (await my_pages.link()).removeprefix(SITE)
    browser = my_pages.browser()
    await browser.open(link)
    my_pages.clock.advance(minutes=minutes)
    if status == 404:
        await my_pages.link(who="7")  # which forgets old ones
    assert (await browser.open(link)).status_code == status
    if status == 410:
        assert "This link has expired" in browser.words


async def test_a_made_up_link_is_none(my_pages):
    browser = my_pages.browser()
    assert (await browser.open("/me/in/" + "x" * 43)).status_code == 404
    assert (await browser.send("/me/in/é")).status_code == 404


async def test_another_browser_is_signed_in_too(my_pages):
    first, second = await my_pages.signed_in(), await my_pages.signed_in()
    await second.do("/me/account", "out")
    assert "You are signed out here." in second.words
    assert not second.client.cookies.get("__Host-paperwire")
    assert (await first.open("/me/account")).status_code == 200
    third = await my_pages.signed_in()
    await first.do("/me/account", "everywhere")
    assert "You are signed out everywhere." in first.words
    assert (await third.open("/me/account")).status_code == 403


async def test_signing_out_everywhere_ends_links_that_wait(my_pages):
    browser = await my_pages.signed_in()
    link = (await my_pages.link()).removeprefix(SITE)
    await browser.do("/me/account", "everywhere")
    assert (await browser.open(link)).status_code == 410


async def test_a_new_sign_in_takes_the_place_of_the_last_one(my_pages):
    browser = await my_pages.signed_in()
    old = browser.client.cookies["__Host-paperwire"]
    await browser.sign_in(await my_pages.link(who="2"))
    await browser.open("/me/account")
    assert "Telegram: 2" in browser.words
    stolen = my_pages.browser()
    stolen.client.cookies.set("__Host-paperwire", old)
    assert (await stolen.open("/me/account")).status_code == 403


async def test_a_session_ends_after_thirty_days(my_pages):
    browser = await my_pages.signed_in()
    my_pages.clock.advance(days=29, hours=23)
    assert (await browser.open("/me/account")).status_code == 200
    my_pages.clock.advance(hours=1)
    assert (await browser.open("/me/account")).status_code == 403
    assert "You aren't signed in any more." in browser.words


async def test_after_forget_a_cookie_is_worth_nothing(my_pages):
    browser = await my_pages.signed_in()
    await browser.open("/me")
    await my_pages.bot.presses("forget:yes")
    assert (await browser.send("/me", do="add", query="diffusion")).status_code == 403
    assert "You aren't signed in any more. Nothing was changed." in browser.words
    assert (await browser.open("/me/account")).status_code == 403
    assert await my_pages.bot.subscribed() == []


async def test_who_is_forgotten_while_a_form_is_on_its_way_is_not_stored_again(my_pages, monkeypatch):
    """By another process, after the session was looked up."""
    browser = await my_pages.signed_in()
    await browser.open("/me/account")
    visited = MePages._visit

    async def visit(self, *arguments):
        found = await visited(self, *arguments)
        await my_pages.bot.presses("forget:yes")
        return found

    monkeypatch.setattr(MePages, "_visit", visit)
    await browser.send("/me/account", do="link")
    assert "You aren't signed in any more. Nothing was changed." in browser.words
    async with my_pages.store.read() as unit:
        assert await unit.people.person_of(Actor(channel="telegram", user_id=ANN)) is None


# --- by mail -----------------------------------------------------------------------------------------------------


async def test_a_mailed_link_signs_in(my_pages):
    await confirmed(my_pages)
    link = await my_pages.mailed_link()
    mail = my_pages.server.mails[-1]
    assert mail.recipients == [MAIL]
    assert "Someone asked on https://papers.example.org for a link" in mail.part("plain")
    browser = my_pages.browser()
    await browser.sign_in(link)
    await browser.open("/me/account")
    assert f"e-mail: {MAIL}" in browser.words


async def test_nobody_learns_whose_address_is_known(my_pages):
    await confirmed(my_pages)
    answers = []
    for address in (MAIL, "stranger@example.org"):
        browser = my_pages.browser()
        await browser.open("/me")
        answers.append(await browser.send("/me/link", address=address))
    assert answers[0].status_code == answers[1].status_code == 200
    assert answers[0].text == answers[1].text
    assert len(my_pages.server.mails) == 1


@pytest.mark.parametrize("address", [MAIL, "stranger@example.org"])
async def test_three_links_a_day_for_an_address(my_pages, address):
    await confirmed(my_pages)
    for number in range(4):
        browser = my_pages.browser(address=f"203.0.113.{number}")
        await browser.open("/me")
        answer = await browser.send("/me/link", address=address)
        assert answer.status_code == (200 if number < 3 else 429)
    assert "3 links were requested for this address" in browser.words
    assert f'value="{address}"' in answer.text
    my_pages.clock.advance(hours=25)
    await browser.open("/me")
    assert (await browser.send("/me/link", address=address)).status_code == 200


async def test_ten_links_an_hour_for_a_client_of_the_pages(my_pages):
    browser = my_pages.browser()
    for number in range(11):
        await browser.open("/me")
        answer = await browser.send("/me/link", address=f"person{number}@example.org")
        assert answer.status_code == (200 if number < 10 else 429)
    assert "Too many requests. Try again in an hour." in browser.words


async def test_ten_links_an_hour_from_a_bot(my_pages):
    for _ in range(10):
        await my_pages.link()
    assert "Too many links" in str((await my_pages.bot.says("/me")).message)
    my_pages.clock.advance(hours=1)
    assert await my_pages.link()


@pytest.mark.parametrize("address", ["", "ann", "ann@b\x00.example"])
async def test_what_is_no_address_comes_back(my_pages, address):
    browser = my_pages.browser()
    await browser.open("/me")
    assert (await browser.send("/me/link", address=address)).status_code == 400
    assert "Error: Sign in" in browser.words
    assert my_pages.server.mails == []


async def test_a_mail_that_cannot_be_sent_is_told_to_nobody(my_pages):
    await confirmed(my_pages)
    my_pages.server.at_rcpt.append("550 5.1.1 no such user")
    browser = my_pages.browser()
    await browser.open("/me")
    assert (await browser.send("/me/link", address=MAIL)).status_code == 200
    assert my_pages.server.mails == []


async def test_without_mail_only_a_chat_signs_in(my_pages):
    del my_pages.context.channels["email"]
    browser = my_pages.browser()
    await browser.open("/me")
    assert "By mail" not in browser.words
    form = TOKEN.search((await browser.open((await my_pages.link()).removeprefix(SITE))).text)[1]
    assert (await browser.send("/me/link", form=form, address=MAIL)).status_code == 400
    assert "This Paperwire sends no mail." in browser.words


# --- other sites -------------------------------------------------------------------------------------------------

ELSEWHERE = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "https://elsewhere.example"},
    {"origin": "https://papers.example.org.elsewhere.example", "sec-fetch-site": "same-origin"},
]
HERE = [{}, {"sec-fetch-site": "same-origin", "origin": "null"}, {"origin": SITE}]


@pytest.mark.parametrize("headers", ELSEWHERE)
async def test_another_site_can_neither_ask_for_a_link_nor_use_one(my_pages, headers):
    await confirmed(my_pages)
    browser = my_pages.browser()
    await browser.open("/me")
    assert (await browser.send("/me/link", headers=headers, address=MAIL)).status_code == 403
    assert "another site sent it" in browser.words
    link = (await my_pages.link()).removeprefix(SITE)
    await browser.open(link)
    assert (await browser.send(link, headers=headers)).status_code == 403
    assert my_pages.server.mails == []
    assert (await my_pages.browser().sign_in(link)).status_code == 200


@pytest.mark.parametrize("headers", HERE)
async def test_our_own_forms_are_taken(my_pages, headers):
    browser = my_pages.browser()
    link = (await my_pages.link()).removeprefix(SITE)
    await browser.open(link)
    assert (await browser.send(link, headers=headers)).status_code == 200


async def test_a_link_cannot_be_used_in_the_browser_of_somebody_else(my_pages):
    """Whoever has a link and its form can't make another browser send it: that one lacks their cookie."""
    link = (await my_pages.link()).removeprefix(SITE)
    mine, theirs = my_pages.browser(), my_pages.browser()
    await mine.open(link)
    form = TOKEN.search(mine.answer.text)[1]
    for _ in range(2):
        posted = await theirs.client.post(link, data={"form": form})
        assert posted.status_code == 403
        await theirs.open("/me")  # which gives it a cookie of its own
    assert (await theirs.open("/me/account")).status_code == 403


async def test_a_form_of_a_visitor_grows_old(my_pages):
    browser = my_pages.browser()
    await browser.open("/me")
    my_pages.clock.advance(hours=13)
    assert (await browser.send("/me/link", address=MAIL)).status_code == 403


# --- where the site is -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("site", "name", "path"),
    [
        ("https://papers.example.org/papers", "__Secure-paperwire", "/papers"),
        ("http://papers.example.org/papers", "paperwire", "/papers"),
        ("http://papers.example.org", "paperwire", "/"),
    ],
)
async def test_below_a_path_and_without_tls(my_pages, site, name, path):
    browser = my_pages.browser(site=site)
    link = "/me/in/" + (await my_pages.link(who=ANN)).rpartition("/")[2]
    await browser.open(link)
    posted = await browser.client.post(browser._url(link), data={"form": TOKEN.search(browser.answer.text)[1]})
    assert posted.headers["location"] == f"{browser.base}/me"
    parts = posted.headers["set-cookie"].split("; ")
    assert parts[0].startswith(f"{name}=")
    assert f"Path={path}" in parts
    assert ("Secure" in parts) == site.startswith("https")
    assert (await browser.open("/me/account")).status_code == 200
    ours = (f"{browser.base}/", "#", "https://", "?lang=")
    assert [link for link in browser.page.links if not link.startswith(ours)] == []
    await browser.send("/me/account", do="out")
    assert "You are signed out here." in browser.words


# --- what is kept secret -----------------------------------------------------------------------------------------


async def test_no_log_and_no_metric_names_a_link_or_a_cookie(my_pages, caplog):
    await confirmed(my_pages)
    with capture_logs() as logged, caplog.at_level(logging.DEBUG):
        links = [await my_pages.link(), SITE + await my_pages.mailed_link(), await my_pages.link()]
        browser = my_pages.browser()
        await browser.sign_in(links[0])
        cookie = browser.client.cookies["__Host-paperwire"]
        await browser.sign_in(links[1])
        my_pages.server.at_rcpt.append("550 5.1.1 no such user")
        await browser.do("/me/account", "out")
        await browser.send("/me/link", address=MAIL)
    tokens = [link.rpartition("/")[2] for link in links]
    ours = [record.getMessage() for record in caplog.records if record.name != "httpx"]  # which is the browser here
    written = f"{logged} {ours} {generate_latest(observe.REGISTRY).decode()}"
    assert "/me/in/{token}" in written
    assert "no mail with a link to sign in" in written
    assert not [secret for secret in (*tokens, cookie) if secret in written]


async def test_on_a_local_address_the_link_says_where_it_works(my_pages):
    await confirmed(my_pages)
    local = replace(my_pages.context, public_url="http://127.0.0.1:8000/")
    reply = await Commands(local).handle(my_pages.bot.request(command="me"))
    assert "only on the machine where Paperwire runs" in str(reply.message)
    assert reply.message.buttons[0][0].url.startswith("http://127.0.0.1:8000/me/in/")
    mail = await sign_in.mail_link(local, MAIL, client="203.0.113.7", locale="en")
    assert "only on the machine where Paperwire runs" in str(mail.message)
