"""How many mails strangers can have sent, and a reader who wants no more of them."""

import re
from dataclasses import replace

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from chats import chat_of
from paperwire.channels.email import Options, build
from paperwire.ports.callers import Actor, Place
from paperwire.services.accounts import strangers
from paperwire.services.subscriptions.leave import leave_button
from paperwire.web.app import create_app
from servers.direct import DIRECT
from servers.smtp import MailServer
from web_scene import SITE

ANN = "ann@example.org"
SECRET = b"k" * 32
ON_ITS_WAY = "A message is on its way to"


@pytest.fixture
async def smtp_server():
    async with MailServer() as smtp_server:
        yield smtp_server


@pytest.fixture
def app(deps, clock, smtp_server):
    options = Options(smtp_url=SecretStr(smtp_server.url), from_address="news@papers.example.org")

    async def lookup(_):
        return None

    context = chat_of(
        store=deps.context.store,
        secret_key=SECRET,
        public_url=SITE,
        followed=("cs.CL",),
        channels={"email": build(options, network=DIRECT, now=clock, public_url=SITE)},
        lookup=lookup,
        lookup_many=lookup,
        now=clock,
    )
    return create_app(replace(deps, context=context))


@pytest.fixture
async def mailing(app):
    async with client_of(app) as client:
        yield client


def client_of(app, address="203.0.113.7"):
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, client=(address, 1)), base_url=SITE)


async def ask(client, address=ANN):
    """Fill in the form that subscribes an address."""
    page = await client.get("/subscribe")
    form = re.search(r'name="form" value="([^"]+)"', page.text)[1]
    fields = {"address": address, "what": "trending", "every": "day", "hour": "8", "form": form}
    return await client.post("/subscribe", data=fields)


def path_in(mail, page):
    return re.search(rf"https://papers\.example\.org(/{page}/\S+)", mail.part("plain"))[1]


def of_page(answer, typed):
    """An answer without what changes each time and the address."""
    return answer.status_code, re.sub(r'name="form" value="[^"]+"', "", answer.text).replace(typed, "ADDRESS")


# --- limits ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "same", "other"),
    [
        (ANN, ["ann+a@example.org", "Ann+b@example.org"], "a.nn@example.org"),
        ("ann.lee@gmail.com", ["annlee@gmail.com", "a.n.n.lee+x@googlemail.com"], "ann.lea@gmail.com"),
    ],
)
async def test_tags_and_dots_give_a_mailbox_no_further_mails(mailing, smtp_server, one, same, other):
    for address in (one, *same):
        assert ON_ITS_WAY in (await ask(mailing, address)).text
    assert [mail.recipients for mail in smtp_server.mails] == [[one], *([address.lower()] for address in same)]
    for address in (one, *same):
        refused = await ask(mailing, address)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "86400")
        assert "3 messages went to this address" in refused.text
    assert ON_ITS_WAY in (await ask(mailing, other)).text


async def test_a_client_is_told_when_to_try_again(mailing, smtp_server):
    for number in range(10):
        assert (await ask(mailing, f"a{number}@example.org")).status_code == 200
    refused = await ask(mailing, "b@example.org")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "3600")
    assert "Too many requests. Try again in an hour." in refused.text
    assert len(smtp_server.mails) == 10


async def test_strangers_together_send_so_many_an_hour(app, mailing, smtp_server, clock, monkeypatch):
    monkeypatch.setattr(strangers, "MOST_OPEN", 3)
    assert (await ask(mailing, "yes@example.org")).status_code == 200
    await mailing.post(path_in(smtp_server.mails[0], "subscribe"))  # what a reader confirms counts no more
    for number in range(5):
        async with client_of(app, f"198.51.100.{number}") as client:
            answer = await ask(client, f"a{number}@example.org")
        assert answer.status_code == (200 if number < 3 else 429)
    assert "Too many people are subscribing at the moment. Try again in an hour." in answer.text
    assert len(smtp_server.mails) == 4
    clock.advance(hours=1, seconds=1)
    assert (await ask(mailing, "later@example.org")).status_code == 200


@pytest.mark.parametrize(
    ("network", "elsewhere"),
    [
        (["198.51.100.1", "198.51.100.200"], "198.51.101.1"),
        (["2001:db8:1:1::1", "2001:db8:1:ffff::1", "::ffff:198.51.100.1"], "2001:db8:2::1"),
    ],
)
async def test_a_network_sends_no_more_than_its_share(app, smtp_server, clock, monkeypatch, network, elsewhere):
    monkeypatch.setattr(strangers, "PER_NETWORK", 2)
    answers = []
    for number, address in enumerate([network[0], *network[:2], *network[:2], elsewhere, network[-1]]):
        async with client_of(app, address) as client:
            answers.append(await ask(client, f"a{number}@example.org"))
        if number == 0:  # what a reader confirms counts no more
            await client_of(app).post(path_in(smtp_server.mails[0], "subscribe"))
    last = 200 if len(network) > 2 else 429
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429, 200, last]
    assert "Too many requests. Try again in an hour." in answers[3].text
    clock.advance(hours=1, seconds=1)
    async with client_of(app, network[0]) as client:
        assert (await ask(client, "later@example.org")).status_code == 200


def test_a_hundred_wait_for_a_yes_and_a_quarter_of_them_of_one_network():
    assert (strangers.MOST_OPEN, strangers.PER_NETWORK) == (100, 25)


async def test_links_to_sign_in_count_by_mailbox_too(mailing, store):
    async with store.write() as unit:
        await unit.people.ensure(Actor(channel="email", user_id=ANN), "en")
    answers = []
    for address in (ANN, "ann+1@example.org", "ann+2@example.org", "ann+3@example.org"):
        page = await mailing.get("/me")
        form = re.search(r'name="form" value="([^"]+)"', page.text)[1]
        answers.append(await mailing.post("/me/link", data={"address": address, "form": form}))
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert answers[-1].headers["retry-after"] == "86400"


# --- never again -------------------------------------------------------------------------------------------------


async def never(client, smtp_server, choice="refused"):
    return await client.post(path_in(smtp_server.mails[0], "never"), data={"requests": choice})


async def test_never_again_is_a_press_and_no_look(mailing, smtp_server):
    await ask(mailing)
    path = path_in(smtp_server.mails[0], "never")
    for _ in range(2):  # programs that follow every link
        page = await mailing.get(path)
        assert (page.status_code, page.headers["x-robots-tag"], page.headers["cache-control"]) == (
            200,
            "noindex",
            "no-store",
        )
        assert "Never mail me a request again" in page.text
        assert (await mailing.head(path)).status_code == 200
    for wrong in ({}, {"requests": "x"}, {"List-Unsubscribe": "One-Click"}):
        assert (await mailing.post(path, data=wrong)).status_code == 400
    await ask(mailing)
    assert len(smtp_server.mails) == 2
    for _ in range(2):  # pressed twice it is the same
        done = await never(mailing, smtp_server)
        assert "Allow requests again" in done.text
    await ask(mailing)
    assert len(smtp_server.mails) == 2


async def test_a_mailbox_that_refuses_is_answered_like_any_other_and_gets_nothing(mailing, smtp_server, clock):
    await ask(mailing)
    await never(mailing, smtp_server)
    clock.advance(days=2)
    connected = len(smtp_server.transports)
    for number in range(4):
        to_it = await ask(mailing, "ann+new@example.org")
        to_another = await ask(mailing, "bob+new@example.org")
        assert of_page(to_it, "ann+new@example.org") == of_page(to_another, "bob+new@example.org"), number
    assert to_it.status_code == 429
    assert [mail.recipients[0] for mail in smtp_server.mails[1:]] == ["bob+new@example.org"] * 3
    assert len(smtp_server.transports) == connected + 6  # the mail server is asked for both


async def test_the_link_undoes_it_forever_and_is_that_mailboxs_alone(mailing, smtp_server, clock):
    await ask(mailing, "ann+a@example.org")
    await ask(mailing, "eve@example.org")
    await never(mailing, smtp_server)
    clock.advance(days=400)
    theirs, eves = (path_in(mail, "never") for mail in smtp_server.mails)
    assert theirs != eves
    await mailing.post(eves, data={"requests": "allowed"})
    await ask(mailing)
    assert len(smtp_server.mails) == 2
    assert "Allow requests again" in (await mailing.get(theirs)).text
    assert "Never mail me a request again" in (await never(mailing, smtp_server, "allowed")).text
    await ask(mailing)
    assert [mail.recipients for mail in smtp_server.mails[2:]] == [[ANN]]


async def test_what_is_kept_holds_no_address_and_is_no_link(mailing, smtp_server, store):
    await ask(mailing)
    await never(mailing, smtp_server)
    async with store.read() as unit:
        rows = (await unit.connection.execute(text("SELECT key, value FROM setting"))).all()
    (kept,) = [row.key.removeprefix("refused mailbox ") for row in rows if row.key.startswith("refused mailbox ")]
    assert not [row for row in rows if "ann" in f"{row.key} {row.value}"]
    assert re.fullmatch("[0-9a-f]{32}", kept)
    for path in (f"/never/{kept}", "/never/x", "/never/%F0%9F", path_in(smtp_server.mails[0], "never")[:-1] + "_"):
        for answer in (await mailing.get(path), await mailing.post(path, data={"requests": "allowed"})):
            assert answer.status_code == 404


async def test_a_link_is_no_other_and_none_once_a_character_is_changed(mailing, smtp_server, store):
    await ask(mailing)
    pages = {page: path_in(smtp_server.mails[0], page).rpartition("/")[2] for page in ("subscribe", "never")}
    await mailing.post(f"/subscribe/{pages['subscribe']}")
    async with store.read() as unit:
        place = await unit.places.at(Place(channel="email", address=ANN, kind="mailbox"))
    pages["u"] = leave_button(SECRET, SITE, place).url.rpartition("/")[2]
    for page, token in pages.items():
        assert (await mailing.get(f"/{page}/{token}")).status_code == 200
        others = [f"/{other}/{token}" for other in (*pages, "me/in") if other != page]
        changed = [
            f"/{page}/{token[:at]}{'a' if token[at] != 'a' else 'b'}{token[at + 1 :]}" for at in range(len(token))
        ]
        for path in (*others, *changed, f"/{page}/0{token}", f"/{page}/{token}a"):
            assert (await mailing.post(path, data={"requests": "refused"})).status_code == 404, path
    assert "Never mail me a request again" in (await mailing.get(f"/never/{pages['never']}")).text


async def test_papers_that_were_confirmed_still_come(mailing, smtp_server, store):
    await ask(mailing)
    await mailing.post(path_in(smtp_server.mails[0], "subscribe"))
    await never(mailing, smtp_server)
    async with store.read() as unit:
        person = await unit.people.person_of(Actor(channel="email", user_id=ANN))
        assert len(await unit.subscriptions.of_person(person.number)) == 1
