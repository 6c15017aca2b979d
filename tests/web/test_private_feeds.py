"""Private feeds over HTTP: their content, their validators, and that their secret stays one."""

import gzip
import json
import logging
from datetime import timedelta

import feedparser
import pytest
from prometheus_client import generate_latest

from paperwire import observe
from paperwire.core.query.language import parse
from paperwire.core.subscriptions.subscription import Owner
from paperwire.core.tokens import feed_token, token_hash
from paperwire.errors import StoreError
from paperwire.ports.callers import Actor, Place
from web_scene import SECRET, a_paper

KINDS = ("atom", "rss", "json")


@pytest.fixture
async def token(site_data):
    """A person's feed with two papers in it."""
    await site_data.subscribe("snakes")
    await site_data.papers(a_paper(1), a_paper(2))
    await site_data.match("snakes", "2601.00001", "2601.00002")
    return await site_data.feed()


def titles(answer, kind):
    if kind == "json":
        return [item["title"] for item in answer.json()["items"]]
    return [entry.title for entry in feedparser.parse(answer.content).entries]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_feed_holds_the_matches_and_its_own_address(web, token, kind):
    answer = await web.get(f"/f/{token}.{kind}")
    assert answer.status_code == 200
    assert sorted(titles(answer, kind)) == ["Gliding snakes, part 1", "Gliding snakes, part 2"]
    assert answer.text.count(token) == 1
    assert f"https://papers.example.org/f/{token}.{kind}" in answer.text


async def test_a_shared_place_has_a_feed_that_is_named_after_it(web, site_data):
    group = Place(channel="telegram", address="-100", kind="group", title="Snake lab")
    await site_data.papers(a_paper(1))
    async with site_data.store.write() as unit:
        ann = await unit.people.ensure(Actor(channel="telegram", user_id="1"), "en")
        place = await unit.places.ensure(group, ann.number)
        options = {"name": "", "occasions": frozenset({"arrival"}), "cadence": "", "destinations": [place.number]}
        await unit.subscriptions.subscribe(ann.number, parse("snakes"), **options)
        feed = await unit.feeds.ensure(Owner(place=place.number), None, site_data.hash_of)
    await site_data.match("snakes", "2601.00001", who="2")
    answer = (await web.get(f"/f/{feed_token(SECRET, feed.number, feed.generation)}.json")).json()
    assert answer["title"] == "Paperwire: Snake lab"
    assert answer["description"] == "Every new paper that matches the subscriptions of Snake lab."
    assert [item["title"] for item in answer["items"]] == ["Gliding snakes, part 1"]
    async with site_data.store.write() as unit:
        await unit.people.forget(ann.number)
    assert (await web.get(f"/f/{feed_token(SECRET, feed.number, feed.generation)}.json")).json()["items"]


@pytest.mark.parametrize("kind", KINDS)
async def test_an_answer_has_the_headers_readers_and_caches_need(web, token, kind):
    answer = await web.get(f"/f/{token}.{kind}")
    types = {"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"}
    assert {name: value for name, value in answer.headers.items() if name not in {"etag", "content-length"}} == {
        "content-type": f"{types[kind]}; charset=utf-8",
        "last-modified": answer.headers["last-modified"],
        "vary": "accept-encoding",
        "cache-control": "private, max-age=300",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
        "content-security-policy": "default-src 'none'; sandbox",
        "x-robots-tag": "noindex",
    }
    assert answer.headers["etag"].startswith('"')


async def test_304_until_something_new_comes(web, site_data, token):
    first = await web.get(f"/f/{token}.atom")
    same = await web.get(f"/f/{token}.atom", headers={"if-none-match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["etag"] == first.headers["etag"]
    assert "content-type" not in same.headers
    dated = await web.get(f"/f/{token}.atom", headers={"if-modified-since": first.headers["last-modified"]})
    assert dated.status_code == 304

    site_data.clock.advance(minutes=1)
    await site_data.papers(a_paper(3))
    await site_data.match("snakes", "2601.00003")
    new = await web.get(
        f"/f/{token}.atom",
        headers={"if-none-match": first.headers["etag"], "if-modified-since": first.headers["last-modified"]},
    )
    assert new.status_code == 200
    assert len(titles(new, "atom")) == 3
    assert new.headers["last-modified"] > first.headers["last-modified"]


async def test_bytes_are_stable_whoever_renders_them_and_when(web, site_data, deps, token):
    first = await web.get(f"/f/{token}.atom")
    site_data.clock.advance(hours=5)
    await site_data.papers(a_paper(9, title="On rivers", abstract="Water."))  # another batch commits
    again = await web.get(f"/f/{token}.atom")
    assert again.content == first.content
    assert again.headers["etag"] == first.headers["etag"]


@pytest.mark.parametrize(
    ("asked", "coding"),
    [("gzip", "gzip"), ("br", ""), ("gzip, br", "gzip"), ("gzip;q=0", "")],
)
async def test_codings_are_negotiated_with_a_tag_each(web, token, asked, coding):
    plain = await web.get(f"/f/{token}.rss")
    packed = await web.send(
        web.build_request("GET", f"/f/{token}.rss", headers={"accept-encoding": asked}), stream=True
    )
    raw = b"".join([part async for part in packed.aiter_raw()])
    unpack = gzip.decompress if coding else bytes
    assert packed.headers.get("content-encoding", "") == coding
    assert unpack(raw) == plain.content
    assert int(packed.headers["content-length"]) == len(raw)
    assert (packed.headers["etag"] == plain.headers["etag"]) == (not coding)


async def test_head_is_get_without_its_body(web, token):
    got, headed = await web.get(f"/f/{token}.atom"), await web.head(f"/f/{token}.atom")
    assert (headed.status_code, headed.content) == (200, b"")
    assert headed.headers == got.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
async def test_other_methods_are_refused(web, token, method):
    answer = await web.request(method, f"/f/{token}.atom")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "path",
    [
        "/f/" + "A" * 43 + ".atom",
        "/f/short.atom",
        "/f/.atom",
        "/f/",
        "/f/x",
        "/f/a/b.atom",
        "/f/%F0%9F%A6%8A%00.rss",
        "/f/" + "A" * 43 + ".xml",
        "/f/" + "A" * 43,
        "/feeds/",
        "/feeds/unknown.atom",
        "/feeds/trending.atom?window=aeon",
    ],
)
async def test_what_is_no_feed_is_the_same_404(web, token, path):
    answer = await web.get(path)
    wrong = await web.get("/f/" + "B" * 43 + ".json")
    assert answer.status_code == wrong.status_code == 404
    assert answer.content == wrong.content
    assert answer.headers == wrong.headers
    assert "set-cookie" not in answer.headers


async def test_one_subscription_has_a_feed_of_its_own(web, site_data, token):
    subscription = await site_data.subscribe("rivers", name="My rivers")
    await site_data.papers(a_paper(5, title="On rivers"))
    await site_data.match("rivers", "2601.00005")
    only = await site_data.feed(subscription.number)
    answer = await web.get(f"/f/{only}.json")
    assert answer.json()["title"] == "Paperwire: My rivers"
    assert titles(answer, "json") == ["On rivers"]
    assert len(titles(await web.get(f"/f/{token}.json"), "json")) == 3
    assert "<strong>Matched:</strong> My rivers" in answer.json()["items"][0]["content_html"]


async def test_nobody_sees_anothers_papers(web, site_data, token):
    other = await site_data.feed(who="2")
    assert titles(await web.get(f"/f/{other}.json"), "json") == []
    assert json.loads((await web.get(f"/f/{other}.json")).content)["title"] == "Paperwire: my papers"


async def test_reset_revokes_with_a_last_word_then_410(web, site_data, token):
    before = await web.get(f"/f/{token}.json")
    new = await site_data.reset(token)
    after = await web.get(f"/f/{new}.json")
    assert [item["id"] for item in after.json()["items"]] == [item["id"] for item in before.json()["items"]]
    for kind in KINDS:
        last = await web.get(f"/f/{token}.{kind}")
        assert last.status_code == 200
        assert titles(last, kind) == ["This feed's address was reset"]
        assert new not in last.text
        assert "location" not in last.headers
    site_data.clock.advance(days=8)
    await site_data.papers(a_paper(8, title="Rain"))  # time passes with papers; the kept answer goes
    closed = await web.get(f"/f/{token}.atom")
    assert closed.status_code == 410
    assert (await web.get(f"/f/{new}.json")).status_code == 200


async def test_a_muted_or_deleted_subscription_leaves_the_feed(web, site_data, token):
    subscription = await site_data.subscribe("snakes")
    assert len(titles(await web.get(f"/f/{token}.json"), "json")) == 2
    async with site_data.store.write() as unit:
        await unit.subscriptions.delete(subscription.number)
    assert titles(await web.get(f"/f/{token}.json"), "json") == []


async def test_no_token_reaches_logs_metrics_or_memory(web, site_data, token, caplog):
    caplog.set_level(logging.DEBUG)
    for path in (f"/f/{token}.atom", f"/f/{token}", f"/f/{token}/x.rss", f"/f/x{token}.json"):
        await web.get(path)
    await web.post(f"/f/{token}.atom")
    # The in-memory transport's own client logs what it asks for; the service's loggers do not.
    ours = "\n".join(
        record.getMessage() for record in caplog.records if record.name.startswith(("paperwire", "uvicorn"))
    )
    assert token not in ours
    assert token_hash(token) not in ours
    exposed = generate_latest(observe.REGISTRY).decode()
    assert token not in exposed
    assert 'route="/f/{token}.atom"' in exposed


async def test_answers_are_counted_by_route_and_status(web, token):
    def counted():
        labels = {"route": "/f/{token}.rss", "method": "GET", "status": "200"}
        return observe.REGISTRY.get_sample_value("paperwire_http_requests_total", labels) or 0

    before = counted()
    await web.get(f"/f/{token}.rss")
    assert counted() == before + 1


async def test_no_query_is_made_while_nothing_changed(web, site_data, token, monkeypatch):
    await web.get(f"/f/{token}.atom")
    asked = []
    real = site_data.store.read

    def read():
        asked.append(1)
        return real()

    monkeypatch.setattr(site_data.store, "read", read)
    answers = [await web.get(f"/f/{token}.atom") for _ in range(20)]
    assert {answer.status_code for answer in answers} == {200}
    # At most the sequence, read again when a second went by.
    assert len(asked) <= 2


async def test_a_feed_without_papers_is_dated_by_its_creation(web, site_data):
    token = await site_data.feed(who="3")
    answer = await web.get(f"/f/{token}.atom")
    assert feedparser.parse(answer.content).feed.updated == site_data.clock().replace(microsecond=0).isoformat()
    site_data.clock.advance(days=3)
    assert (await web.get(f"/f/{token}.atom")).content == answer.content


async def test_a_database_that_does_not_answer_is_503_without_a_secret(web, site_data, token, monkeypatch):
    def read():
        raise StoreError("the database failed: locked")

    monkeypatch.setattr(site_data.store, "read", read)
    for path in (f"/f/{token}.atom", "/", "/papers/2601.00001"):
        answer = await web.get(path)
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "30"
        assert "locked" not in answer.text


async def test_old_papers_leave_the_window_but_fifty_stay(web, site_data):
    await site_data.subscribe("snakes")
    await site_data.papers(*(a_paper(n) for n in range(1, 61)))
    await site_data.match("snakes", *(f"2601.{n:05d}" for n in range(1, 61)))
    token = await site_data.feed()
    assert len(titles(await web.get(f"/f/{token}.json"), "json")) == 60
    site_data.clock.at += timedelta(days=15)
    await site_data.papers(a_paper(90, title="Rain"))
    assert len(titles(await web.get(f"/f/{token}.json"), "json")) == 50
