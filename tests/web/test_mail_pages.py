"""Subscribing by mail on the pages, without JavaScript, and leaving without a sign-in, as people and programs do it."""

import re
from dataclasses import replace

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select

from chats import chat_of
from paperwire.channels.email import Options, build
from paperwire.core.tokens import number_token
from paperwire.pipeline.prune import Pruning
from paperwire.ports.callers import Place
from paperwire.services.access import Access
from paperwire.services.accounts.opt_in import PURPOSE
from paperwire.services.subscriptions.leave import leave_button
from paperwire.store.database.tables.people import DepartureRow
from paperwire.web.app import create_app
from servers.direct import DIRECT
from servers.smtp import MailServer
from web_scene import SITE

UNDO = re.compile(r'name="undo" value="([0-9]+)"')
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
ANN = "ann@example.org"
BOX = Place(channel="email", address=ANN, kind="mailbox")
SECRET = b"k" * 32


@pytest.fixture
async def smtp_server():
    async with MailServer() as smtp_server:
        yield smtp_server


@pytest.fixture
def context(store, clock, smtp_server):
    options = Options(smtp_url=SecretStr(smtp_server.url), from_address="news@papers.example.org")

    async def lookup(_):
        return None

    return chat_of(
        store=store,
        secret_key=SECRET,
        public_url=SITE,
        followed=("cs.CL",),
        channels={"email": build(options, network=DIRECT, now=clock, public_url=SITE)},
        lookup=lookup,
        lookup_many=lookup,
        now=clock,
    )


def client_of(deps, context, address="203.0.113.7"):
    values = {name: getattr(deps, name) for name in type(deps).__dataclass_fields__}
    app = create_app(type(deps)(**{**values, "context": context}))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, client=(address, 1)), base_url=SITE)


@pytest.fixture
async def mailing(deps, context):
    async with client_of(deps, context) as client:
        yield client


async def fill(client, *, headers=None, **fields):
    """Open the form, fill it in and send it."""
    page = await client.get("/subscribe")
    form = re.search(r'name="form" value="([^"]+)"', page.text)[1]
    given = {"address": ANN, "what": "trending", "topic": "", "every": "day", "hour": "8", "zone": "Europe/Berlin"}
    return await client.post("/subscribe", data={**given, "form": form, **fields}, headers=headers)


def path_in(mail):
    return re.search(r"https://papers\.example\.org(/subscribe/\S+)", mail.part("plain"))[1]


async def box(store):
    async with store.read() as unit:
        place = await unit.places.at(BOX)
        return place, (await unit.subscriptions.of_place(place.number) if place else [])


async def subscribed(client, smtp_server, **fields):
    await fill(client, **fields)
    return await client.post(path_in(smtp_server.mails[-1]))


async def test_from_the_form_to_the_inbox(mailing, smtp_server, store):
    assert "By mail" in (await mailing.get("/search")).text
    answer = await fill(mailing)
    assert answer.status_code == 200
    assert f"A message is on its way to {ANN}" in answer.text
    (mail,) = smtp_server.mails
    assert f"Someone asked on {SITE} to send papers to this address:" in mail.part("plain")
    assert "Trending papers, every day at 08:00 (Europe/Berlin)" in mail.part("plain")
    path = path_in(mail)
    for _ in range(2):  # scanners and people
        page = await mailing.get(path)
        assert (page.status_code, page.headers["x-robots-tag"], page.headers["cache-control"]) == (
            200,
            "noindex",
            "no-store",
        )
        assert "Yes, send it" in page.text
        assert "<script" not in page.text
    assert (await mailing.head(path)).status_code == 200
    done = await mailing.post(path)
    assert f"Trending papers will come to {ANN} every day at 08:00 (Europe/Berlin)." in done.text
    place, its = await box(store)
    assert (place.zone, place.cadence) == ("Europe/Berlin", "daily 08:00")
    assert [subscription.name for subscription in its] == ["Trending papers"]
    for again in (await mailing.get(path), await mailing.post(path)):
        assert (again.status_code, "already confirmed" in again.text) == (200, True)
    assert len((await box(store))[1]) == 1


@pytest.mark.parametrize(
    ("fields", "text", "cadence"),
    [
        ({"topic": "cs.CL"}, "(cat:cs.CL) upvotes>=10", "daily 08:00"),
        (
            {"topic": '"world model" -survey', "every": "week", "weekday": "fri", "hour": "17"},
            '("world model" -survey) upvotes>=30',
            "weekly fri 17:00",
        ),
        ({"what": "papers", "topic": "lora OR qlora"}, "lora OR qlora", "daily 08:00"),
        ({"what": "papers", "topic": "cs.cl"}, "cat:cs.cl", "daily 08:00"),
    ],
)
async def test_what_can_be_had(mailing, smtp_server, store, fields, text, cadence):
    assert (await subscribed(mailing, smtp_server, **fields)).status_code == 200
    (one,) = (await box(store))[1]
    assert (one.text, one.cadence) == (text, cadence)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"address": ""}, "a mail address looks like ann@example.org"),
        ({"address": "ann@b\x00.example"}, "control characters"),
        ({"address": '"ann.lee"@example.org'}, "in quotes are not supported"),
        ({"address": "a" * 388 + "@example.org"}, "at most 254"),
        ({"topic": "("}, "The closing ) is missing"),
        ({"topic": "<b> -x", "what": "papers", "zone": "Mars"}, "isn&#39;t a time zone"),
        ({"what": "papers"}, "Add what to search for"),
        ({"every": "week", "weekday": "someday"}, "Can&#39;t read"),
        ({"hour": "25"}, "Can&#39;t read"),
    ],
)
async def test_what_cannot_be_read_comes_back_with_what_was_typed(mailing, smtp_server, fields, words):
    answer = await fill(mailing, **fields)
    assert answer.status_code == 400
    assert words in answer.text
    assert "<b>" not in answer.text
    if "address" not in fields:
        assert f'value="{ANN}"' in answer.text
    assert smtp_server.mails == []


async def test_a_link_prefills_the_form(mailing):
    page = await mailing.get("/subscribe", params={"what": "papers", "topic": '"a" <b>', "form": "x"})
    assert 'value="&#34;a&#34; &lt;b&gt;"' in page.text
    assert 'value="papers" checked' in page.text


async def test_a_domain_of_any_script_is_one_address(mailing, smtp_server):
    await fill(mailing, address="ann@bücher.example")
    assert smtp_server.mails[0].recipients == ["ann@xn--bcher-kva.example"]


async def test_another_site_sends_no_mail(mailing, smtp_server):
    for headers in ({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}):
        answer = await fill(mailing, headers=headers)
        assert (answer.status_code, "another site sent it" in answer.text) == (403, True)
    assert (await fill(mailing, form="forged")).status_code == 403
    assert smtp_server.mails == []
    assert (await fill(mailing, headers={"sec-fetch-site": "same-origin"})).status_code == 200


async def test_a_form_grows_old(mailing, smtp_server, clock):
    page = await mailing.get("/subscribe")
    form = re.search(r'name="form" value="([^"]+)"', page.text)[1]
    clock.advance(hours=13)
    assert (await mailing.post("/subscribe", data={"address": ANN, "form": form})).status_code == 403


async def test_a_body_without_end_is_refused(mailing):
    assert (await mailing.post("/subscribe", content=b"a=" + b"x" * 30_000)).status_code == 413


@pytest.mark.whole
async def test_ten_an_hour_from_one_client_and_a_customer_of_ipv6_is_one(deps, context, smtp_server):
    for number in range(11):
        async with client_of(deps, context, f"2001:db8:1:2::{number:x}") as client:
            answer = await fill(client, address=f"a{number}@example.org")
    assert "Too many requests. Try again in an hour." in answer.text
    assert len(smtp_server.mails) == 10
    for other in ("2001:db8:1:3::1", "203.0.113.7", "unix"):
        async with client_of(deps, context, other) as client:
            assert (await fill(client, address=f"{other[0]}z@example.org")).status_code == 200


async def test_three_mails_a_day_to_one_address(mailing, smtp_server):
    for _ in range(4):
        answer = await fill(mailing)
    assert "3 messages went to this address" in answer.text
    assert len(smtp_server.mails) == 3


async def test_a_mail_server_that_asks_to_wait_is_said(mailing, smtp_server):
    smtp_server.at_rcpt.append("451 4.7.1 Greylisted")
    answer = await fill(mailing)
    assert (answer.status_code, "send the message right now" in answer.text) == (400, True)
    assert (await fill(mailing)).status_code == 200


async def test_a_link_that_is_late_or_none(mailing, smtp_server, clock):
    await fill(mailing)
    clock.advance(days=1, seconds=1)
    late = path_in(smtp_server.mails[0])
    for answer in (await mailing.get(late), await mailing.post(late)):
        assert (answer.status_code, "This link has expired" in answer.text) == (410, True)
    for path in ("/subscribe/x", f"/subscribe/{number_token(SECRET, PURPOSE, 999_999_999)}", "/u/x", "/u/%F0%9F"):
        for answer in (await mailing.get(path), await mailing.post(path)):
            assert answer.status_code == 404


async def test_too_many_subscriptions_are_said_on_the_page(deps, context, smtp_server):
    async with client_of(deps, replace(context, max_subscriptions=0)) as mailing:
        answer = await subscribed(mailing, smtp_server)
    assert (answer.status_code, "the maximum" in answer.text) == (400, True)


# --- who may use it ----------------------------------------------------------------------------------------------


async def test_a_visitor_who_is_not_let_in_is_answered_like_any_other_and_gets_no_mail(deps, context, smtp_server):
    access = Access(names=["email:*@example.net"], ask="papers@example.net", secret_key=SECRET)
    async with client_of(deps, replace(context, access=access)) as mailing:
        refused, sent = await fill(mailing), await fill(mailing, address="ann@example.net")
    assert refused.status_code == sent.status_code == 200
    assert refused.text == sent.text.replace("ann@example.net", "ann@example.org")
    assert "may not be allowed to use this Paperwire: ask papers@example.net." in refused.text
    assert [one.recipients for one in smtp_server.mails] == [["ann@example.net"]]


async def test_a_link_to_confirm_is_no_way_in_for_who_is_not_let_in_any_more(deps, context, smtp_server, store):
    async with client_of(deps, context) as mailing:
        await fill(mailing)
    access = Access(names=["email:*@example.net"], secret_key=SECRET)
    async with client_of(deps, replace(context, access=access)) as mailing:
        answer = await mailing.post(path_in(smtp_server.mails[0]))
    assert (answer.status_code, "for invited people only" in answer.text) == (400, True)
    assert await box(store) == (None, [])


# --- leaving -----------------------------------------------------------------------------------------------------


async def way_out(store):
    place, _ = await box(store)
    return leave_button(SECRET, SITE, place).url.removeprefix(SITE)


async def test_one_click_without_a_cookie_ends_all_and_looking_ends_nothing(mailing, smtp_server, store):
    await subscribed(mailing, smtp_server)
    path = await way_out(store)
    for _ in range(2):
        page = await mailing.get(path)
        assert (page.status_code, "Trending papers" in page.text) == (200, True)
        assert (await mailing.head(path)).status_code == 200
    assert len((await box(store))[1]) == 1
    for _ in range(2):  # a program may try again
        answer = await mailing.post(path, data=ONE_CLICK)
        assert answer.status_code == 200  # RFC 8058 lets it lead nowhere else
        assert "set-cookie" not in answer.headers
        assert f"No more papers will be sent to {ANN}." in answer.text
    place, its = await box(store)
    assert (its, place.paused) == ([], "unsubscribed")
    assert "Nothing is sent at the moment: unsubscribed" in (await mailing.get(path)).text


async def test_one_click_as_a_form_with_parts(mailing, smtp_server, store):
    await subscribed(mailing, smtp_server)
    await mailing.post(await way_out(store), files={"List-Unsubscribe": (None, "One-Click")})
    assert (await box(store))[1] == []


async def test_one_of_several_can_be_stopped(mailing, smtp_server, store):
    await subscribed(mailing, smtp_server)
    await subscribed(mailing, smtp_server, topic="cs.CL")
    first, second = (await box(store))[1]
    path = await way_out(store)
    answer = await mailing.post(path, data={"only": str(first.number)})
    assert "Stopped." in answer.text
    place, its = await box(store)
    assert ([one.number for one in its], place.paused) == ([second.number], "")
    answer = await mailing.post(path, data={"only": str(second.number)})
    assert "No more papers will be sent" in answer.text


@pytest.mark.parametrize(
    "garbled",
    [
        *(b"only=", b"only", b"only=x", b"only=-1", b"only=1.0", b"only=0x1", b"only=" + b"9" * 16),
        *(b"only=1&only=1&only=x", b"only=%D9%A3", b"only=\xff"),
        b'--x\r\nContent-Disposition: form-data; name="only"\r\n\r\n1\r\n--x--\r\n',
    ],
)
async def test_a_garbled_choice_ends_nothing(mailing, smtp_server, store, garbled):
    await subscribed(mailing, smtp_server)
    await subscribed(mailing, smtp_server, topic="cs.CL")
    answer = await mailing.post(await way_out(store), content=garbled)
    place, its = await box(store)
    assert (answer.status_code, len(its), place.paused) == (400, 2, "")


async def undo(mailing, path, number=0):
    """Press the page's Undo, the latest first."""
    seconds = UNDO.findall((await mailing.get(path)).text)
    return await mailing.post(path, data={"undo": seconds[number]})


async def test_for_a_week_the_page_undoes_what_was_ended(mailing, smtp_server, store, clock):
    await subscribed(mailing, smtp_server)
    await subscribed(mailing, smtp_server, topic="cs.CL")
    first, second = (await box(store))[1]
    path = await way_out(store)
    assert UNDO.findall((await mailing.get(path)).text) == []
    await mailing.post(path, data={"only": str(first.number)})
    clock.advance(days=2)
    answer = await mailing.post(path, data=ONE_CLICK)
    assert len(UNDO.findall(answer.text)) == 2
    clock.advance(days=5)  # a week after the first, and five days after the second
    (second_press,) = UNDO.findall((await mailing.get(path)).text)
    answer = await undo(mailing, path)
    assert "again, as before" in answer.text
    place, its = await box(store)
    assert ([one.number for one in its], place.paused) == ([second.number], "")
    answer = await mailing.post(path, data={"undo": second_press})
    assert "There was nothing left to undo." in answer.text
    assert len((await box(store))[1]) == 1


async def test_a_week_after_leaving_nothing_of_it_is_kept(mailing, smtp_server, store, clock):
    await subscribed(mailing, smtp_server)
    path = await way_out(store)
    await mailing.post(path, data=ONE_CLICK)
    (second,) = UNDO.findall((await mailing.get(path)).text)
    clock.advance(days=7)
    assert UNDO.findall((await mailing.get(path)).text) == []
    assert "nothing left to undo" in (await mailing.post(path, data={"undo": second})).text
    await Pruning(store, Access().admits_place).run()
    async with store.read() as unit:
        assert (await unit.connection.execute(select(DepartureRow))).all() == []
    assert (await box(store))[1] == []


@pytest.mark.parametrize("garbled", ["", "x", "-1", "9" * 30, "1;2", "²"])
async def test_an_undo_that_names_nothing_changes_nothing(mailing, smtp_server, store, garbled):
    await subscribed(mailing, smtp_server)
    path = await way_out(store)
    await mailing.post(path, data=ONE_CLICK)
    assert "nothing left to undo" in (await mailing.post(path, data={"undo": garbled})).text
    place, its = await box(store)
    assert (its, place.paused) == ([], "unsubscribed")


async def test_whoever_comes_back_is_let_in_again(mailing, smtp_server, store):
    await subscribed(mailing, smtp_server)
    await mailing.post(await way_out(store), data=ONE_CLICK)
    await subscribed(mailing, smtp_server)
    place, its = await box(store)
    assert (place.paused, len(its)) == ("", 1)


async def test_without_mail_there_are_no_such_pages(web, deps, context):
    context.channels.clear()
    async with client_of(deps, context) as client:
        for asked in (web, client):
            assert (await asked.get("/subscribe")).status_code == 404
            assert "By mail" not in (await asked.get("/search")).text


async def test_with_mail_off_its_links_still_end_and_undo(mailing, smtp_server, store, deps, context):
    await subscribed(mailing, smtp_server)
    path = await way_out(store)
    context.channels.clear()
    async with client_of(deps, context) as client:
        answer = await client.post(path, data=ONE_CLICK)
        assert f"No more papers will be sent to {ANN}." in answer.text
        assert (await box(store))[0].paused == "unsubscribed"
        assert "again, as before" in (await undo(client, path)).text
