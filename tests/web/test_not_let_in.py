"""What the pages show of those who may not use the instance any more."""

from dataclasses import replace

import httpx
import pytest
from pydantic import SecretStr

from chats import chat_of
from meeting_world import JournalClub
from paperwire.channels.email import Options, build
from paperwire.core.query.language import parse
from paperwire.core.subscriptions.subscription import Owner
from paperwire.core.tokens import feed_token
from paperwire.errors import CloseReason
from paperwire.ports.callers import Actor, Place
from paperwire.services.access import Access, ban_key
from paperwire.services.papers.meetings import calendar_address
from paperwire.services.subscriptions.leave import leave, leave_button, leaving
from paperwire.web.app import create_app
from servers.direct import DIRECT
from web_scene import SECRET, SITE, a_paper

ANN = Actor(channel="email", user_id="ann@example.org")
MAIL = Options(smtp_url=SecretStr("smtp://127.0.0.1:9"), from_address="news@papers.example.org")
BOX = Place(channel="email", address=ANN.user_id, kind="mailbox")
GROUP = Place(channel="telegram", address="-100", kind="group", title="Snake lab")


@pytest.fixture
def context(store, clock):
    async def lookup(_):
        return None

    return chat_of(
        store=store,
        secret_key=SECRET,
        public_url=SITE,
        followed=("cs.CL",),
        channels={"email": build(MAIL, network=DIRECT, now=clock, public_url=SITE)},
        lookup=lookup,
        lookup_many=lookup,
        now=clock,
    )


def web_of(deps, context, *names):
    access = Access(names=names, secret_key=SECRET)
    app = create_app(replace(deps, context=replace(context, access=access)))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, client=("203.0.113.7", 1)), base_url=SITE)


async def subscribed(store, place):
    async with store.write() as unit:
        ann = (await unit.people.ensure(ANN, "en")).number
        there = await unit.places.ensure(place, ann)
        options = {"name": "", "occasions": frozenset({"arrival"}), "cadence": "", "destinations": [there.number]}
        await unit.subscriptions.subscribe(ann, parse("snakes"), **options)
    return ann, there


async def test_undoing_a_departure_is_no_way_in(deps, context, store):
    _, place = await subscribed(store, BOX)
    await leave(store, place)
    path = leave_button(SECRET, SITE, place).url.removeprefix(SITE)
    found = await leaving(store, SECRET, path.rpartition("/")[2])
    fields = {"undo": str(found.departures[0].second)}
    async with web_of(deps, context, "email:*@example.net") as web:
        answer = await web.post(path, data=fields)
    assert (answer.status_code, "for invited people only" in answer.text) == (400, True)
    async with store.write() as unit:
        assert (await unit.places.get(place.number)).paused == "unsubscribed"
        assert await unit.subscriptions.of_place(place.number) == []
        await unit.settings.put(ban_key(SECRET, ANN), "now")
    async with web_of(deps, context) as web:
        assert (await web.post(path, data=fields)).status_code == 400
    async with store.write() as unit:
        await unit.settings.remove(ban_key(SECRET, ANN))
    async with web_of(deps, context, "email:ann@example.org") as web:
        assert "again, as before" in (await web.post(path, data=fields)).text


async def test_leaving_stays_open_to_them(deps, context, store):
    _, place = await subscribed(store, BOX)
    async with store.write() as unit:
        await unit.places.pause(place.number, CloseReason.NOT_ALLOWED)
    async with web_of(deps, context, "email:*@example.net") as web:
        path = leave_button(SECRET, SITE, place).url.removeprefix(SITE)
        assert (await web.post(path, data={"List-Unsubscribe": "One-Click"})).status_code == 200
    async with store.read() as unit:
        assert await unit.subscriptions.of_place(place.number) == []


async def test_a_private_feed_is_shown_while_its_owner_is_let_in(deps, context, store, site_data):
    ann, _ = await subscribed(store, BOX)
    _, group = await subscribed(store, GROUP)
    await site_data.papers(a_paper(1))
    async with store.write() as unit:
        feeds = [
            await unit.feeds.ensure(Owner(**of), None, site_data.hash_of)
            for of in ({"person": ann}, {"place": group.number})
        ]
        await unit.people.link(Actor(channel="telegram", user_id="1"), ann)
    paths = [f"/f/{feed_token(SECRET, feed.number, feed.generation)}.json" for feed in feeds]

    async def statuses(*names):
        async with web_of(deps, context, *names) as web:
            answers = [await web.get(path) for path in paths]
        assert all("let in any more" in one.text for one in answers if one.status_code == 403)
        return [one.status_code for one in answers]

    assert await statuses() == [200, 200]
    assert await statuses("telegram:2") == [403, 403]
    assert await statuses("telegram:1") == [200, 200]
    assert await statuses("telegram-group:-100") == [403, 200]


async def test_a_calendar_is_shown_while_its_place_is_let_in(deps, context, store, clock):
    club = JournalClub(store, clock)
    await club.open()
    await club.sets()
    async with store.read() as unit:
        path = calendar_address(context, await unit.meetings.agenda(club.place)).removeprefix(SITE)
    for names, status in (((), 200), (("telegram:2",), 404), (("telegram:1",), 200), (("telegram-group:-100",), 200)):
        async with web_of(deps, context, *names) as web:
            assert (await web.get(path)).status_code == status
