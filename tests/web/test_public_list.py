"""The public list on the web, and lists of groups nowhere on it."""

from dataclasses import replace
from datetime import date, timedelta

import httpx
import pytest

from chats import chat_of
from paperwire.core.papers.lists import PUBLIC
from paperwire.core.query.language import parse
from paperwire.ports.callers import Actor, Place
from paperwire.web.app import create_app
from web_page import Checked
from web_scene import SITE, a_paper

DAY = date(2026, 1, 5)
ANN = Actor(channel="telegram", user_id="1", name="Ann")
LAB = Place(channel="telegram", address="-5", kind="group", title="Secret lab")


async def nothing(_asked):
    return None


async def none(_asked):
    return {}


@pytest.fixture
async def listed(deps, store, clock):
    """The site of an instance with a public list."""
    context = chat_of(
        store=store,
        secret_key=b"k" * 32,
        public_url=SITE,
        followed=[],
        channels={},
        lookup=nothing,
        lookup_many=none,
        now=clock,
        public_list=True,
    )
    transport = httpx.ASGITransport(create_app(replace(deps, context=context)))
    async with httpx.AsyncClient(transport=transport, base_url=SITE, headers={"accept-encoding": "identity"}) as client:
        yield client


async def page(web, path):
    answer = await web.get(path)
    assert answer.status_code == 200
    return Checked(answer.text)


async def submit(store, of_list, paper_id, *, name=""):
    async with store.write() as unit:
        person = await unit.people.ensure(ANN, "en")
        number = (await unit.papers.get(paper_id)).number
        await unit.lists.submit(of_list, number, day=DAY, person=person.number, name=name)
        await unit.lists.vote(of_list, person.number, number)


async def test_an_instance_without_a_public_list_has_no_page_of_it(web):
    assert (await web.get("/list")).status_code == 404
    assert (await web.get("/feeds/list.atom")).status_code == 404
    assert "/list" not in (await page(web, "/")).links


async def test_the_public_list_with_votes_and_names(listed, site_data, store, clock):
    await site_data.papers(a_paper(1, title="Snakes"), a_paper(2, title="Ladders"))
    assert "No papers in this period." in (await page(listed, "/list")).words
    await submit(store, PUBLIC, a_paper(1).id, name="Ann <b>")
    clock.advance(days=2)
    await submit(store, PUBLIC, a_paper(2).id)
    shown = await page(listed, "/list")
    assert "1 vote" in shown.words
    assert "submitted by Ann <b>" in shown.words
    assert shown.words.index("Ladders") < shown.words.index("Snakes")
    assert "/feeds/list.atom" in shown.links
    today = (await page(listed, "/list?window=day")).words
    assert ("Ladders" in today, "Snakes" in today) == (True, False)
    assert "submitted by Ann" in (await page(listed, "/list?window=week")).words
    assert "/list" in (await page(listed, "/")).links
    assert "👍 1 vote" in (await page(listed, f"/papers/{a_paper(1).id}")).words
    assert "Votes for submitted papers count as well." in (await page(listed, "/trending")).words


@pytest.mark.parametrize("kind", ["atom", "rss", "json"])
async def test_the_feed_of_the_public_list(listed, site_data, store, clock, kind):
    await site_data.papers(a_paper(1, title="Snakes"), a_paper(2, title="Ladders"))
    empty = await listed.get(f"/feeds/list.{kind}")
    assert empty.status_code == 200
    assert "Snakes" not in empty.text
    await submit(store, PUBLIC, a_paper(1).id)
    answer = await listed.get(f"/feeds/list.{kind}")
    assert "Snakes" in answer.text
    assert "Ladders" not in answer.text
    again = await listed.get(f"/feeds/list.{kind}", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    clock.advance(days=15)
    async with store.write() as unit:
        await unit.lists.remove(PUBLIC, (await unit.papers.get(a_paper(1).id)).number, barred=True)
    assert "Snakes" not in (await listed.get(f"/feeds/list.{kind}")).text


async def test_the_list_of_a_group_shows_nowhere(listed, site_data, store, clock):
    before = clock()
    await site_data.papers(a_paper(1, title="Snakes"))
    async with store.write() as unit:
        person = await unit.people.ensure(ANN, "en")
        lab = await unit.places.ensure(LAB, person.number)
        await unit.subscriptions.subscribe(
            person.number,
            parse("list:here"),
            name="",
            occasions=frozenset({"arrival"}),
            cadence="",
            destinations=[lab.number],
        )
    await submit(store, lab.number, a_paper(1).id, name="Ann")
    for path in ("/list", "/list?window=week", "/feeds/list.json", "/trending", "/search?q=list:here", "/status"):
        answer = await listed.get(path)
        assert answer.status_code == 200
        assert "Snakes" not in answer.text, path
        assert "Secret lab" not in answer.text, path
    for path in ("/", f"/papers/{a_paper(1).id}", "/api/v1/search?q=snakes", "/feeds/daily.json"):
        answer = await listed.get(path)
        assert "Snakes" in answer.text
        for word in ("Secret lab", "submitted", "1 vote"):
            assert word not in answer.text.replace("Submitted", ""), path
    async with store.read() as unit:
        assert await unit.papers.trending(before - timedelta(days=1), unit.now, 10) == []
