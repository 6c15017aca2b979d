"""Ready feeds in memory: when they are made again, and when not."""

import asyncio
import gc
import gzip
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from paperwire.core.papers.paper import Paper
from paperwire.core.subscriptions.feeds import FeedEntry
from paperwire.feeds.entries import TOKEN_HOLE, Feed
from paperwire.web.data.feeds import ReadyFeeds
from paperwire.web.days import Stamp

AT = datetime(2026, 1, 5, 8, tzinfo=UTC)


def feed(*titles, path="f/1", **changes):
    papers = [Paper(id=f"2601.{n:05d}", number=n, title=title) for n, title in enumerate(titles, 1)]
    told = {
        "authority": "example.org",
        "minted": date(2026, 1, 1),
        "path": path,
        "title": "T",
        "description": "D",
        "address": f"https://example.org/f/{TOKEN_HOLE}",
        "home": "https://example.org/",
        "created": AT,
        "entries": tuple(FeedEntry(paper=paper, at=AT + timedelta(hours=paper.number)) for paper in papers),
    }
    return Feed(**{**told, **changes})


class World:
    """A store's sequence and feeds, counting how often each is read."""

    def __init__(self):
        self.sequence = 1
        self.commits = 0
        self.time = 0.0
        self.at = AT
        self.feeds = {}
        self.stamps = 0
        self.loads = 0

    def now(self):
        return self.at

    async def read(self):
        self.stamps += 1
        return self.sequence

    def load(self, name):
        async def load():
            self.loads += 1
            await asyncio.sleep(0)
            return self.feeds.get(name)

        return load

    def stamp(self):
        return Stamp(self.read, lambda: self.commits, clock=lambda: self.time)


@pytest.fixture
def counted_store():
    return World()


async def look(ready, counted_store, name="a"):
    return await ready.look(name, "atom", "private", counted_store.load(name))


async def body(ready, counted_store, name="a"):
    return await ready.body(name, "atom", "private", counted_store.load(name))


async def test_the_sequence_is_read_once_a_second_and_at_each_commit_of_this_process(counted_store):
    stamp = counted_store.stamp()
    assert [await stamp.current() for _ in range(5)] == [1] * 5
    assert counted_store.stamps == 1
    counted_store.sequence = 2
    assert await stamp.current() == 1
    counted_store.time += 1.0
    assert await stamp.current() == 2
    counted_store.sequence, counted_store.commits = 3, 1
    assert await stamp.current() == 3
    assert counted_store.stamps == 3


async def test_a_commit_while_the_sequence_is_read_is_not_missed(counted_store):
    stamp = counted_store.stamp()

    async def read():
        counted_store.commits += 1  # another unit commits after we asked
        return 7

    stamp.read = read
    assert await stamp.current() == 7
    stamp.read = counted_store.read
    counted_store.sequence = 8
    assert await stamp.current() == 8


async def test_nothing_is_loaded_again_while_nothing_changed(counted_store):
    ready = ReadyFeeds(counted_store.stamp(), counted_store.now)
    counted_store.feeds["a"] = feed("One")
    first = await look(ready, counted_store)
    assert await look(ready, counted_store) is first
    assert (await body(ready, counted_store)).seal == first.seal
    assert counted_store.loads == 1


async def test_a_change_elsewhere_loads_but_does_not_render(counted_store, monkeypatch):
    ready = ReadyFeeds(counted_store.stamp(), counted_store.now)
    counted_store.feeds["a"] = feed("One")
    first = await body_after_look(ready, counted_store)
    counted_store.sequence, counted_store.commits = 2, 1
    assert await body_after_look(ready, counted_store) is first
    assert counted_store.loads == 2


async def body_after_look(ready, counted_store, name="a"):
    await look(ready, counted_store, name)
    return await body(ready, counted_store, name)


async def test_a_new_paper_changes_bytes_and_tag(counted_store):
    ready = ReadyFeeds(counted_store.stamp(), counted_store.now)
    counted_store.feeds["a"] = feed("One")
    first = await look(ready, counted_store)
    counted_store.feeds["a"] = feed("One", "Two")
    counted_store.commits = counted_store.sequence = 2
    second = await look(ready, counted_store)
    assert second.seal.digest != first.seal.digest
    assert second.seal.updated > first.seal.updated
    assert b"Two" in (await body(ready, counted_store)).filled(b"token")


async def test_what_changed_is_dated_when_it_is_seen_even_if_no_entry_is_later(counted_store):
    ready = ReadyFeeds(counted_store.stamp(), counted_store.now)
    counted_store.feeds["a"] = feed("One", "Two")
    first = await look(ready, counted_store)
    assert first.seal.updated == AT
    counted_store.at += timedelta(minutes=5)
    counted_store.feeds["a"] = feed("Another", "Two")
    counted_store.commits = counted_store.sequence = 2
    second = await look(ready, counted_store)
    assert second.seal.updated == AT + timedelta(minutes=5)
    counted_store.feeds["a"] = feed("A third", "Two")  # in the same second
    counted_store.commits = counted_store.sequence = 3
    assert (await look(ready, counted_store)).seal.updated == AT + timedelta(minutes=5, seconds=1)


async def test_equal_bytes_keep_their_date(counted_store):
    ready = ReadyFeeds(counted_store.stamp(), counted_store.now, limit=10)
    counted_store.feeds = {name: feed(name * 900, path=f"f/{name}") for name in "ab"}
    first = await look(ready, counted_store, "a")
    await look(ready, counted_store, "b")
    counted_store.at += timedelta(minutes=5)
    assert (await body(ready, counted_store, "a")).seal == first.seal  # rendered again, as it had gone
    (one,) = counted_store.feeds["a"].entries
    counted_store.feeds["a"] = replace(
        counted_store.feeds["a"], entries=(replace(one, paper=replace(one.paper, upvotes=3)),)
    )
    counted_store.commits = counted_store.sequence = 2
    assert (await look(ready, counted_store, "a")).seal == first.seal  # public feeds don't tell upvotes


async def test_an_unknown_feed_is_none_and_is_looked_up_each_time(counted_store):
    ready = ReadyFeeds(counted_store.stamp(), counted_store.now)
    assert await look(ready, counted_store) is None
    assert await look(ready, counted_store) is None
    assert await body(ready, counted_store) is None
    assert counted_store.loads == 3


async def test_a_feed_that_went_away_is_forgotten(counted_store):
    ready = ReadyFeeds(counted_store.stamp(), counted_store.now)
    counted_store.feeds["a"] = feed("One")
    await look(ready, counted_store)
    del counted_store.feeds["a"]
    counted_store.commits = counted_store.sequence = 2
    assert await look(ready, counted_store) is None
    assert await body(ready, counted_store) is None
    assert ready._weight == 0


async def test_memory_stays_bound_and_validators_outlive_bodies(counted_store):
    counted_store.feeds = {name: feed(name * 900, path=f"f/{name}") for name in "abc"}
    ready = ReadyFeeds(counted_store.stamp(), counted_store.now, limit=4_700)
    seen = {name: await look(ready, counted_store, name) for name in "abc"}
    assert ready._weight <= 4_700
    assert len(ready._bodies) < 3
    assert (await look(ready, counted_store, "a")) is seen["a"]
    assert counted_store.loads == 3
    assert (await body(ready, counted_store, "a")).seal == seen["a"].seal
    assert counted_store.loads == 4
    assert ready._weight == sum(one.weight for one in ready._bodies.values())


async def test_one_body_is_kept_even_if_it_is_too_large(counted_store):
    counted_store.feeds["a"] = feed("a" * 500)
    ready = ReadyFeeds(counted_store.stamp(), counted_store.now, limit=10)
    assert await body_after_look(ready, counted_store) is not None


async def test_the_number_of_known_feeds_is_bound(counted_store):
    counted_store.feeds = {name: feed(name, path=f"f/{name}") for name in "abc"}
    ready = ReadyFeeds(counted_store.stamp(), counted_store.now, known=2)
    for name in "abc":
        await look(ready, counted_store, name)
    assert list(ready._known) == ["b", "c"]
    assert set(ready._bodies) == {"b", "c"}


async def test_readers_who_ask_at_once_share_one_rendering(counted_store):
    counted_store.feeds["a"] = feed("One")
    ready = ReadyFeeds(counted_store.stamp(), counted_store.now)
    seen = await asyncio.gather(*(look(ready, counted_store) for _ in range(20)))
    assert counted_store.loads == 1
    assert len({id(one) for one in seen}) == 1


async def test_an_error_while_loading_reaches_every_reader_and_is_not_kept(counted_store):
    ready = ReadyFeeds(counted_store.stamp(), counted_store.now)

    async def fails():
        raise LookupError

    answers = await asyncio.gather(
        *(ready.look("a", "atom", "private", fails) for _ in range(3)), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [LookupError] * 3
    counted_store.feeds["a"] = feed("One")
    assert await look(ready, counted_store) is not None


async def test_a_failure_that_no_reader_waits_for_any_more_is_no_trouble_of_the_loop(counted_store):
    ready, problems = ReadyFeeds(counted_store.stamp(), counted_store.now), []
    begun, gate = asyncio.Event(), asyncio.Event()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context["message"]))

    async def fails():
        begun.set()
        await gate.wait()
        raise LookupError

    reader = asyncio.create_task(ready.look("a", "atom", "private", fails))
    await begun.wait()
    rendering = next(iter(ready._once._making.values())).task
    reader.cancel()
    gate.set()
    await asyncio.wait([reader, rendering])
    del rendering, reader
    gc.collect()
    assert problems == []


async def test_what_is_kept_holds_no_token(counted_store):
    counted_store.feeds["a"] = feed("One")
    ready = ReadyFeeds(counted_store.stamp(), counted_store.now)
    made = await body_after_look(ready, counted_store)
    token = b"T0ken-T0ken-T0ken"
    assert token in made.filled(token)
    assert token in gzip.decompress(made.filled(token, packed=True))
    assert token not in repr([vars(made), made._packed._head, made._packed._tail]).encode()
