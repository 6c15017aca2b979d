"""What is done where papers are read: saved, muted and subscribed to on every page of papers, and undone there."""

import asyncio

import pytest
from me_world import ANN, BOB

from commands.commands_bot import paper
from paperwire.ports.callers import Actor, Place
from paperwire.web.days import Days
from web_page import Checked

PAGES = ["/", "/daily/2026-01-05", "/?q=gliding", "/search?q=gliding", "/papers/2601.00001", "/list"]


@pytest.fixture
async def read(my_pages):
    """Two papers, both on the public list, and a subscription of Ann's."""
    await my_pages.bot.record(paper(1, "Gliding snakes"), paper(2, "Ladders, gliding"))
    for number in (1, 2):
        await my_pages.bot.says(f"/submit 2601.{number:05d}", who=BOB)
    await my_pages.bot.number("diffusion")
    return my_pages


async def saved(world, who=ANN):
    async with world.store.read() as unit:
        person = await unit.people.person_of(Actor(channel="telegram", user_id=who))
        return [paper.id for paper in await unit.people.saved(person.number)]


async def subscribed(world):
    async with world.store.read() as unit:
        person = await unit.people.person_of(Actor(channel="telegram", user_id=ANN))
        return [row.text for row in await unit.subscriptions.of_person(person.number)]


def field(page, name):
    return next(one["value"] for one in page.inputs if one["name"] == name)


@pytest.mark.parametrize("path", PAGES)
async def test_each_page_of_papers_saves_and_undoes_where_it_is_read(read, path):
    ann = await read.signed_in()
    await ann.open(path)
    assert [one["action"] for one in ann.page.forms if one.get("id")] == ["/me/act"]
    assert field(ann.page, "back") == path
    for _ in range(2):  # a press repeated, or from another tab
        await ann.send("/me/act", do="save:1", back=path)
        assert "Saved. Undo" in ann.words
    assert await saved(read) == ["2601.00001"]
    await ann.send("/me/act", do="unsave:1", back=field(ann.page, "back"))
    assert "No longer saved. Undo" in ann.words
    assert field(ann.page, "back") == path
    assert await saved(read) == []


@pytest.mark.parametrize("path", ["/?q=gliding", "/search?q=gliding", "/trending?q=gliding", "/list"])
async def test_what_a_page_shows_is_subscribed_to_there(read, path):
    ann = await read.signed_in()
    await ann.open(path)
    before, query, place = await subscribed(read), field(ann.page, "query"), field(ann.page, "place")
    assert query in {"gliding", "(gliding) upvotes>=30", "list:public"}
    sent = {"query": query, "place": place, "back": path}
    await ann.send("/me/act", do="subscribe", **sent)
    assert "Subscribed. Undo" in ann.words
    assert await subscribed(read) == [*before, query]
    undo = next(one for one in ann.page.presses if one.startswith("unsubscribe:"))
    await ann.send("/me/act", do="subscribe", **sent)
    assert "You're already subscribed to this." in ann.words
    await ann.send("/me/act", do=undo, **sent)
    assert "Unsubscribed. Undo" in ann.words
    assert await subscribed(read) == before
    await ann.send("/me/act", do=undo.replace("unsubscribe", "restore"), **sent)
    assert "Subscribed again. Undo" in ann.words
    assert await subscribed(read) == [*before, query]


async def test_a_page_loaded_again_says_nothing_that_another_tab_undid(read):
    ann, tab, path = await read.signed_in(), await read.signed_in(), "/search?q=gliding"
    await ann.open(path)
    sent = {"query": "gliding", "place": field(ann.page, "place"), "back": path}
    for press, said in (("save:1", "Saved."), ("vote:1", "You voted for it."), ("subscribe", "Subscribed.")):
        await ann.send("/me/act", do=press, **sent)
        assert said in ann.words
        assert "Undo" in ann.words
        address = ann.answer.url
        await tab.open(path)
        number = address.params["n"]
        undo = {"save:1": "unsave:1", "vote:1": "withdraw:1"}.get(press, f"unsubscribe:{number}")
        await tab.send("/me/act", do=undo, **sent)
        assert "Undo" in tab.words
        await ann.open(str(address))
        assert said not in ann.words
        assert "Undo" not in ann.words
        assert press in ann.page.presses
    for number in ("999", "9" * 9, "9" * 10):  # of no subscription
        await ann.open(f"{path}&done=subscribed&n={number}")
        assert "subscribe" in ann.page.presses


@pytest.mark.parametrize("path", ["/search?q=gliding", "/list"])
async def test_a_page_loaded_again_says_that_one_is_subscribed(read, path):
    ann = await read.signed_in()
    await ann.open(path)
    query, place = field(ann.page, "query"), field(ann.page, "place")
    await ann.send("/me/act", do="subscribe", query=query, place=place, back=path)
    number = ann.answer.url.params["n"]
    await ann.open(path.replace("gliding", "Gliding"))
    assert "You're already subscribed to this. Change it" in ann.words
    assert f'href="/me/subscriptions/{number}"' in ann.answer.text
    assert "subscribe" not in ann.page.presses
    async with read.store.write() as unit:
        person = await unit.people.person_of(Actor(channel="telegram", user_id=ANN))
        await unit.places.ensure(Place(channel="email", address="ann@example.org", kind="mailbox"), person.number)
    await ann.open(path)
    assert "You're already subscribed to this." in ann.words
    assert "subscribe" in ann.page.presses, "it may go to another place, too"


async def test_who_has_no_place_and_a_page_without_a_query_offer_no_subscription(read):
    ann = await read.signed_in()
    for path in ("/", "/search", "/search?q=("):
        await ann.client.get(path)
        assert "subscribe" not in Checked((await ann.client.get(path)).text).presses
    async with read.store.write() as unit:
        person = await unit.people.person_of(Actor(channel="telegram", user_id=ANN))
        chat = await unit.places.at(Place(channel="telegram", address=ANN, kind="private"))
        other = await unit.people.ensure(Actor(channel="console", user_id="7"), "en")
        assert chat.owner == person.number
        await unit.places.give(chat.number, other.number)
    assert "subscribe" not in Checked((await ann.client.get("/search?q=gliding")).text).presses


async def test_the_script_of_a_page_gets_only_what_is_different_now(read):
    ann = await read.signed_in()
    await ann.open("/?q=gliding")
    common = {"form": field(ann.page, "form"), "back": "/?q=gliding", "query": "gliding", "part": "1"}
    answer = await ann.client.post("/me/act", data={**common, "do": "save:1"})
    part = Checked(answer.text)
    assert (part.ids, part.presses) == (["paper-1"], ["unsave:1", "vote:1"])
    assert "Saved." in part.words
    assert answer.headers["cache-control"] == "private, no-store"
    place = field(ann.page, "place")
    part = Checked((await ann.client.post("/me/act", data={**common, "do": "subscribe", "place": place})).text)
    assert part.ids == ["follow"]
    assert "Subscribed. Undo" in part.words
    refused = await ann.client.post("/me/act", data={**common, "do": "subscribe", "query": "(", "place": place})
    assert refused.status_code == 400


async def test_what_is_refused_leads_back_to_the_papers(read):
    ann, other = await read.signed_in(), await read.signed_in(BOB)
    path = "/search?q=gliding"
    sent = {"do": "save:1", "back": path}
    await other.open(path)
    foreign = await ann.client.post("/me/act", data={**sent, "form": field(other.page, "form")})
    await ann.open(path)
    own = {**sent, "form": field(ann.page, "form")}
    answers = [await ann.client.post("/me/act", data=own) for _ in range(121)]
    assert [answer.status_code for answer in (foreign, *answers[119:])] == [403, 303, 429]
    for refused in (foreign, answers[-1]):
        assert path in Checked(refused.text).links
        elsewhere = {**own, "form": "", "back": "//elsewhere.example.org/"}
        assert "elsewhere" not in (await ann.client.post("/me/act", data=elsewhere)).text


@pytest.mark.parametrize("path", PAGES)
async def test_the_page_of_who_is_not_signed_in_is_the_same_for_all_and_cached(read, path):
    ann, stranger, signed_out = await read.signed_in(), read.browser(), await read.signed_in(BOB)
    await signed_out.do("/me/account", "out")
    first, second = await stranger.client.get(path), await signed_out.client.get(f"{path}")
    assert first.content == second.content
    assert "cookie" in first.headers.get_list("vary", split_commas=True)
    assert first.headers["cache-control"] == "no-cache"
    assert Checked(first.text).presses == []
    told = f"{path}{'&' if '?' in path else '?'}done=saved&n=1"
    assert "Saved." not in (await stranger.client.get(told)).text
    again = await stranger.client.get(path, headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    own = await ann.client.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (own.status_code, own.headers["cache-control"]) == (200, "private, no-store")


async def test_readers_and_strangers_at_once_each_get_their_own_page_of_one_reading(read, monkeypatch):
    ann, bob, stranger = await read.signed_in(), await read.signed_in(BOB), read.browser()
    readings, day = [], Days._read

    async def counted(days, *asked):
        readings.append(asked)
        return await day(days, *asked)

    monkeypatch.setattr(Days, "_read", counted)
    answers = await asyncio.gather(*(each.client.get("/") for _ in range(10) for each in (ann, stranger, bob)))
    pages = [Checked(answer.text) for answer in answers]
    forms = [{field(page, "form") for page in pages[who::3]} for who in (0, 2)]
    assert [len(own) for own in forms] == [1, 1]
    assert forms[0] != forms[1]
    assert not any(page.presses for page in pages[1::3])
    caching = [answer.headers["cache-control"] for answer in answers]
    assert caching == ["private, no-store", "no-cache", "private, no-store"] * 10
    assert len(readings) == 1


async def test_buttons_of_a_page_from_before_signing_out_do_nothing(read):
    ann = await read.signed_in()
    await ann.open("/")
    form, cookie = field(ann.page, "form"), ann.client.cookies["__Host-paperwire"]
    await ann.do("/me/account", "out")
    ann.client.cookies.set("__Host-paperwire", cookie)
    answer = await ann.client.post("/me/act", data={"form": form, "do": "save:1", "back": "/"})
    assert answer.status_code == 403
    assert "Nothing was changed." in answer.text
    again = await read.signed_in()
    answer = await again.client.post("/me/act", data={"form": form, "do": "save:1", "back": "/"})
    assert answer.status_code == 403  # another session's form
    assert await saved(read) == []


async def test_an_author_is_muted_in_one_of_ones_places_and_unmuted(read):
    ann = await read.signed_in()
    await ann.open("/?q=gliding")
    assert "/me/mute/1?back=/%3Fq%3Dgliding" in ann.page.links
    await ann.open("/me/mute/1?back=/%3Fq%3Dgliding")
    assert "In your chat on Telegram" in ann.words
    assert "/?q=gliding" in ann.page.links
    what = next(one for one in ann.page.pressed["what"] if one.startswith("author:0:"))
    place = field(ann.page, "place")
    sent = {"what": what, "place": place, "back": "/?q=gliding"}
    await ann.send("/me/mute/1", do="mute", **sent)
    assert "Muted: Ann Lee Undo" in ann.words
    undo = {one["name"]: one["value"] for one in ann.page.inputs if one["name"] in {"mute", "place", "back"}}
    await ann.send("/me/mute/1", do="mute", **sent)
    assert "Already muted: Ann Lee" in ann.words
    await ann.send("/me/mute/1", do="unmute", **undo)
    assert "Unmuted." in ann.words
    assert "/?q=gliding" in ann.page.links
    for fields in ({"what": "author:0:00000000"}, {"what": "x"}, {"place": "999999999"}, {"place": ""}):
        assert (await ann.send("/me/mute/1", do="mute", **{**sent, **fields})).status_code == 400
    assert (await ann.open("/me/mute/1?done=muted&n=77&place=" + place)).status_code == 200
    assert "Muted:" not in ann.words
    assert (await ann.open("/me/mute/99")).status_code == 404
    async with read.store.read() as unit:
        chat = await unit.places.at(Place(channel="telegram", address=ANN, kind="private"))
        assert await unit.places.mutes(chat.number) == []
    bob = await read.signed_in(BOB)
    await bob.open("/me/mute/1")
    assert (await bob.send("/me/mute/1", do="mute", **sent)).status_code == 400


async def test_a_papers_page_says_which_of_ones_subscriptions_find_it(read):
    for query in ("gliding snakes", "gliding -snakes", "cat:cs.CV"):
        await read.bot.says(f"/subscribe {query}")
    ann, bob = await read.signed_in(), await read.signed_in(BOB)
    await ann.open("/papers/2601.00001")
    assert "Found by your subscriptions #2 gliding snakes by gliding, snakes #4 cat:cs.CV by cat:cs.CV" in ann.words
    assert "Found by" not in (await bob.client.get("/papers/2601.00001")).text
