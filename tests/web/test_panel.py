"""What "Get these papers" offers on each page, and the way from there to the papers, by every outlet."""

import asyncio
import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from outlets import HOOK, SECRET, outlets
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.pipeline.deliver import Delivery
from paperwire.pipeline.hold import Hold
from paperwire.pipeline.match import Matching
from paperwire.ports.callers import Place
from paperwire.services.subscriptions.leave import leave_button
from paperwire.web.app import create_app
from web_page import Checked
from web_scene import Scene, a_paper

SITE = "https://papers.example.org/lab"
LONG = '"gliding snakes" -survey OR "flying squirrels of the north"'


@pytest.fixture
async def lab(store, clock):
    async with outlets(store, clock, SITE) as lab:
        await Scene(store, clock).papers(a_paper(1))
        await matched(store, clock)
        yield lab


@pytest.fixture
async def web(lab):
    async with client_of(lab) as client:
        yield client


def client_of(lab, address="203.0.113.7"):
    transport = httpx.ASGITransport(create_app(lab.deps), client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url=SITE + "/")


async def panel(web, path):
    """The names and addresses of a page's ways, and what is to be typed."""
    page = await web.get(path)
    Checked(page.text, "/lab")
    found = re.search(r'<section class="get".*?</section>', page.text, re.DOTALL)
    assert found, page.text
    ways = dict(re.findall(r'<li><a href="([^"]+)" rel="noopener">(\w+)</a>', found[0]))
    return {name: href.replace("&amp;", "&") for href, name in ways.items()}, found[0]


async def fill(web, path, **fields):
    """Open a form, change some fields and send it."""
    page = Checked((await web.get(path)).text, "/lab")
    chosen = [one for one in page.inputs if one.get("type") != "radio" or "checked" in one]
    given = {one["name"]: one.get("value", "") for one in chosen}
    return await web.post("subscribe", data={**given, "hour": "8", **fields})


async def place_of(store, kind, address):
    async with store.read() as unit:
        place = await unit.places.at(Place(channel=kind, address=address, kind="address"))
        return place, (await unit.subscriptions.of_place(place.number) if place else [])


async def matched(store, clock):
    matching = Matching(store, now=clock, next_slot=lambda c, zone, after: Cadence.parse(c).next_slot(zone, after))
    await matching.run()


async def sent_to(lab, store, clock, kind):
    """Match what came in, and send what is due at a channel."""
    await matched(store, clock)
    leave = lambda place: leave_button(SECRET, SITE, place)  # noqa: E731 -- as the product builds it
    delivery = Delivery(store, lab.context.channels, owner="test", now=clock, hold=Hold(store), leave=leave)
    return await delivery.run(kind)


# --- what a page offers ------------------------------------------------------------------------------------------


async def test_a_search_offers_every_outlet(web):
    ways, html = await panel(web, "search?q=gliding")
    assert set(ways) == {"Telegram", "Mail", "Webhook", "ntfy"}
    assert re.fullmatch(r"https://t\.me/paperwire_bot\?start=[A-Za-z0-9_-]{1,64}", ways["Telegram"])
    for name, kind in (("Mail", "email"), ("Webhook", "webhook"), ("ntfy", "ntfy")):
        parts = urlsplit(ways[name])
        assert (parts.path, parse_qs(parts.query)) == (
            "/lab/subscribe",
            {"to": [kind], "what": ["papers"], "topic": ["gliding"]},
        )
    assert '<a href="https://discord.com/oauth2/authorize?client_id=4201" rel="noopener">open Discord</a>' in html
    assert "<pre><code>gliding</code></pre>" in html
    for kind in ("atom", "rss", "json"):
        assert f'href="/lab/feeds/search.{kind}?q=gliding"' in html


@pytest.mark.parametrize(("window", "every"), [("day", "day"), ("week", "week"), ("month", "week")])
async def test_trending_papers_are_offered_as_a_subscription_that_goes_on(web, window, every):
    ways, html = await panel(web, f"trending?window={window}")
    assert ways["Telegram"] == f"https://t.me/paperwire_bot?start=trending-{every}"
    assert parse_qs(urlsplit(ways["ntfy"]).query) == {"to": ["ntfy"], "what": ["trending"], "every": [every]}
    assert "upvotes&gt;=" in html
    assert f'href="/lab/feeds/trending.atom?window={window}"' in html


async def test_a_day_offers_the_category_that_was_chosen(web):
    ways, html = await panel(web, "daily/2026-01-05?q=cat:cs.CV")
    assert parse_qs(urlsplit(ways["Mail"]).query)["topic"] == ["cat:cs.CV"]
    assert 'href="/lab/feeds/search.atom?q=cat%3Acs.CV"' in html
    for path in ("", "daily/2026-01-05?q=(", "search", "search?q=(", "status"):
        assert 'class="get"' not in (await web.get(path)).text


async def test_what_is_typed_in_a_query_stays_text(web):
    _, html = await panel(web, 'search?q="<b>" gliding')
    assert "<b>" not in html
    assert "&lt;b&gt;" in html


async def test_a_channel_that_is_off_is_not_offered(web, lab):
    for kind in ("telegram", "ntfy"):
        del lab.context.channels[kind]
    ways, html = await panel(web, "search?q=gliding")
    assert set(ways) == {"Mail", "Webhook"}
    assert "open Discord" in html
    for to in ("telegram", "ntfy", "discord", "pigeon"):
        for answer in (await web.get("subscribe", params={"to": to}), await fill(web, "subscribe", to=to)):
            assert answer.status_code == 404


async def test_a_platform_that_does_not_answer_is_left_out_and_asked_again_a_minute_later(web, lab, clock):
    token, lab.telegram.token = lab.telegram.token, "another"
    for _ in range(3):
        assert "Telegram" not in (await panel(web, "search?q=gliding"))[0]
    lab.telegram.token = token
    asked = len(lab.telegram.calls)
    assert "Telegram" not in (await panel(web, "search?q=gliding"))[0]
    assert len(lab.telegram.calls) == asked
    clock.advance(minutes=1)
    assert "Telegram" in (await panel(web, "search?q=gliding"))[0]
    assert "Telegram" in (await panel(web, "search?q=snakes"))[0]
    assert len(lab.telegram.calls) <= asked + 1


# --- ntfy --------------------------------------------------------------------------------------------------------


async def test_a_fresh_topic_from_the_panel_to_the_last_paper(web, lab, store, clock):
    ways, _ = await panel(web, "search?q=gliding")
    path = ways["ntfy"].removeprefix("/lab/")
    page = (await web.get(path)).text
    topic = re.search(r'name="address"[^>]* value="([^"]+)"', page)[1]
    assert topic not in (await web.get(path)).text  # another one for each who asks
    host = lab.ntfy.url.removeprefix("http://")
    assert f'href="ntfy://{host}/{topic}?secure=false"' in page
    assert f'href="{lab.ntfy.url}/{topic}"' in page
    answer = await fill(web, path, address=topic)
    assert (answer.status_code, "One more step" in answer.text) == (200, True)
    assert topic not in answer.text
    assert (await place_of(store, "ntfy", topic))[0] is None
    (asked,) = lab.ntfy.shown[topic]
    link = lab.link_in("ntfy", topic)
    assert asked["click"] == link
    assert topic not in (await web.get(link)).text
    done = await web.post(link)
    assert f"gliding will come to {host}/{topic[:3]}… as they appear." in done.text
    place, (subscription,) = await place_of(store, "ntfy", topic)
    assert (place.kind, place.cadence, subscription.text, subscription.cadence) == (
        "address",
        "instant",
        "gliding",
        "instant",
    )
    await Scene(store, clock).papers(a_paper(2))
    assert await sent_to(lab, store, clock, "ntfy") == 1
    way_out = lab.ntfy.shown[topic][-1]["actions"][-1]["url"]
    assert "Stop this one" in (await web.get(way_out)).text
    assert len((await place_of(store, "ntfy", topic))[1]) == 1
    assert "No more papers will be sent" in (await web.post(way_out, data={"List-Unsubscribe": "One-Click"})).text
    assert (await place_of(store, "ntfy", topic))[1] == []


async def test_each_message_has_room_for_the_way_out(lab, store, clock, web):
    await fill(web, "subscribe?to=ntfy&what=papers&topic=gliding", address="mine")
    await web.post(lab.link_in("ntfy", "mine"))
    await Scene(store, clock).papers(a_paper(3, code_url="https://github.com/a/b"))
    await sent_to(lab, store, clock, "ntfy")
    *links, leave = [one["label"] for one in lab.ntfy.shown["mine"][-1]["actions"]]
    assert (len(links), leave) == (2, "Unsubscribe, or stop a part of this")


# --- webhooks ----------------------------------------------------------------------------------------------------


async def test_a_webhook_is_confirmed_where_it_leads(web, lab, store, clock):
    answer = await fill(web, "subscribe?to=webhook&what=papers&topic=gliding", address=HOOK)
    assert "A message is on its way to 93.184.216.34." in answer.text
    link = lab.link_in("webhook", HOOK)
    assert "/hook" not in (await web.get(link)).text  # whoever knows it may post there
    await web.post(link)
    await Scene(store, clock).papers(a_paper(2))
    assert await sent_to(lab, store, clock, "webhook") == 1
    body = lab.hook.deliveries[-1].json
    assert [one["url"] for one in body["papers"]] == ["https://arxiv.org/abs/2601.00002"]
    page = (await web.get(body["leave"])).text
    assert "/hook" not in page
    await web.post(body["leave"], data={"List-Unsubscribe": "One-Click"})
    assert (await place_of(store, "webhook", HOOK))[1] == []


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/x",
        "http://localhost/x",
        "http://[::1]/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://0x7f.1/",
        "https://ann:x@93.184.216.34/",
        "http://93.184.216.34:22/",
        "file:///etc/passwd",
        "https://t.me/c/123",
        "",
    ],
)
async def test_no_request_goes_to_an_address_that_is_not_public(web, lab, store, address):
    answer = await fill(web, "subscribe?to=webhook&what=papers&topic=gliding", address=address)
    page = Checked(answer.text, "/lab")
    assert answer.status_code == 400
    (field,) = [one for one in page.inputs if one["name"] == "address"]
    assert (field["value"], field["aria-invalid"], field["aria-describedby"]) == (address, "true", "problem")
    assert lab.hook.deliveries == []
    assert (await place_of(store, "webhook", address))[0] is None


async def test_a_name_that_leads_inside_is_refused(web, lab, monkeypatch):
    async def resolved(self, host, port, **_):
        return [(2, 1, 6, "", ("93.184.216.34", port)), (2, 1, 6, "", ("10.0.0.1", port))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", resolved)
    answer = await fill(web, "subscribe?to=webhook&what=papers&topic=gliding", address="https://inside.example.org/x")
    assert (answer.status_code, "not on the public internet" in answer.text) == (400, True)
    assert lab.hook.deliveries == []


async def test_a_link_confirms_nothing_while_its_channel_is_off(web, lab, store):
    await fill(web, "subscribe?to=ntfy&what=papers&topic=gliding", address="mine")
    link = lab.link_in("ntfy", "mine")
    off = lab.context.channels.pop("ntfy")
    answer = await web.post(link)
    assert (answer.status_code, "isn&#39;t connected" in answer.text) == (400, True)
    lab.context.channels["ntfy"] = off
    assert (await web.post(link)).status_code == 200
    assert len((await place_of(store, "ntfy", "mine"))[1]) == 1


# --- forms -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "name", "words"),
    [
        ({"address": "two words"}, "address", "a topic of"),
        ({"topic": "(x"}, "topic", "The closing ) is missing"),
        ({"topic": ""}, "topic", "Add what to search for"),
        ({"zone": "Mars"}, "zone", "isn&#39;t a time zone"),
        ({"every": "day", "hour": "25"}, "every", "Can&#39;t read"),
    ],
)
async def test_a_mistake_is_shown_at_its_field_and_nothing_typed_is_lost(web, lab, fields, name, words):
    typed = {"address": "mine", "topic": "gliding -x", "zone": "Europe/Berlin", **fields}
    answer = await fill(web, "subscribe?to=ntfy&what=papers", **typed)
    page = Checked(answer.text, "/lab")
    assert (answer.status_code, words in answer.text) == (400, True)
    assert [one["name"] for one in page.inputs if "aria-invalid" in one] == [name]
    shown = {one["name"]: one.get("value") for one in page.inputs}
    assert {field: shown[field] for field in ("address", "topic", "zone")} == {
        field: typed[field] for field in ("address", "topic", "zone")
    }
    assert lab.ntfy.shown == {}


async def test_when_papers_come_is_chosen_there(web, lab, store):
    path = "subscribe?to=ntfy&what=trending&every=week"
    await fill(web, path, address="mine", weekday="fri", hour="17", zone="Europe/Berlin")
    await web.post(lab.link_in("ntfy", "mine"))
    place, (one,) = await place_of(store, "ntfy", "mine")
    assert (one.name, one.cadence, place.zone) == ("Trending papers", "weekly fri 17:00", "Europe/Berlin")


# --- a link into a chat ------------------------------------------------------------------------------------------


async def test_a_long_query_is_kept_for_its_link_once_the_form_is_sent(web, store, lab):
    ways, _ = await panel(web, f"search?q={LONG}")
    path = ways["Telegram"].removeprefix("/lab/")
    assert path.startswith("subscribe?to=telegram&")
    page = (await web.get(path)).text
    assert "t.me" not in page
    answer = await fill(web, path)
    url = re.search(r'href="(https://t\.me/paperwire_bot\?start=[A-Za-z0-9_-]{1,64})"', answer.text)[1]
    assert answer.status_code == 200
    async with store.read() as unit:
        number = int(url.partition("start=")[2].partition("-")[0], 16)
        assert (await unit.opt_ins.get(number)).wanted == {"text": LONG}


async def test_a_short_one_needs_no_form(web):
    page = (await web.get("subscribe?to=telegram&topic=cs.CV")).text
    assert 'href="https://t.me/paperwire_bot?start=' in page
    assert "<code>cat:cs.CV</code>" in page


async def test_a_query_that_cannot_be_read_gets_no_link(web):
    path = "subscribe?to=telegram"
    for answer in (await web.get(f"{path}&topic=(x"), await fill(web, path, topic="(x")):
        page = Checked(answer.text, "/lab")
        assert (answer.status_code, "t.me" in answer.text) == (400, False)
        assert [one["value"] for one in page.inputs if one["name"] == "topic"] == ["(x"]
    assert (await fill(web, "subscribe?to=telegram", topic="")).status_code == 400


async def test_ten_links_an_hour_for_one_client(lab, web, clock):
    for number in range(11):
        answer = await fill(web, "subscribe?to=telegram", topic=f"{LONG} {number}")
    assert (answer.status_code, "Too many requests" in answer.text) == (429, True)
    async with client_of(lab, "203.0.113.8") as other:
        assert (await fill(other, "subscribe?to=telegram", topic=LONG)).status_code == 200
    clock.advance(hours=1)
    assert (await fill(web, "subscribe?to=telegram", topic=LONG)).status_code == 200
