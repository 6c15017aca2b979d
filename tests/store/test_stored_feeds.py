"""Private feeds: their addresses, and which matches they show since when."""

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import insert

from paperwire.core.papers.paper import ARRIVAL, WITHDRAWN, Event, EventKind, Occasion, Paper
from paperwire.core.query.language import parse
from paperwire.core.subscriptions.feeds import AT_LEAST, MOST_OLD, PrivateFeed, Retired
from paperwire.core.subscriptions.subscription import Owner
from paperwire.ports.callers import Actor, Place
from paperwire.store.database.tables.deliveries import MatchRow
from paperwire.store.unit import Store

ANN = Actor(channel="telegram", user_id="1", name="Ann")


def _hash_of(number, generation):
    return f"{number}.{generation}"


def names_of(entry):
    return tuple(matched.name for matched in entry.matched)


class Reader:
    """Ann, who subscribes and reads her feed."""

    def __init__(self, store, clock, person):
        self.store = store
        self.clock = clock
        self.person = person

    async def subscribe(self, text, **changes):
        options = {"name": "", "occasions": frozenset({"arrival"}), "cadence": "", "destinations": ()} | changes
        async with self.store.write() as unit:
            return (await unit.subscriptions.subscribe(self.person, parse(text), **options))[0]

    async def feed(self, subscription=None):
        async with self.store.write() as unit:
            return await unit.feeds.ensure(Owner(self.person), subscription, _hash_of)

    async def papers(self, *days):
        """A stored paper for each day (of January 2026); their numbers."""
        events = [
            Event(
                kind=EventKind.NEW,
                source="arxiv",
                paper=Paper(
                    id=f"26{self.clock.at.month:02}.{self.clock.at.day:02}{number:03}",
                    title=f"Paper {number} of {self.clock.at}",
                    authors=("Jörg Müller",),
                    categories=("cs.CV",),
                    announced=date(2026, 1, day),
                ),
            )
            for number, day in enumerate(days)
        ]
        async with self.store.write() as unit:
            await unit.papers.record(events, quiet=True)
            return [(await unit.papers.get(event.paper.id)).number for event in events]

    async def match(self, subscription, *papers, occasion=ARRIVAL, quiet=False):
        rows = [
            {
                "query": subscription.query,
                "paper": paper,
                "occasion": occasion.code,
                "seen_at": self.clock.at,
                "quiet": quiet,
            }
            for paper in papers
        ]
        async with self.store.write() as unit:
            await unit.connection.execute(insert(MatchRow), rows)

    async def entries(self, feed, **limit):
        async with self.store.read() as unit:
            return await unit.feeds.entries(feed, **limit)

    async def numbers(self, feed, **limit):
        return [entry.paper.number for entry in await self.entries(feed, **limit)]


@pytest.fixture
async def reader(store, clock):
    async with store.write() as unit:
        person = await unit.people.ensure(ANN, "en")
    return Reader(store, clock, person.number)


# --- addresses -------------------------------------------------------------------------------------------------------


async def test_a_feed_is_made_once_and_found_by_its_hash_alone(reader, clock):
    made = await reader.subscribe("diffusion", name="dm")
    whole, single = await reader.feed(), await reader.feed(made.number)
    assert await reader.feed() == whole
    assert await reader.feed(made.number) == single
    assert whole == PrivateFeed(
        number=whole.number,
        generation=1,
        person=reader.person,
        place=None,
        subscription=None,
        name="",
        text="",
        title="",
        locale="en",
        created_at=clock.at,
    )
    assert (single.subscription, single.name, single.text) == (made.number, "dm", "diffusion")
    async with reader.store.read() as unit:
        assert await unit.feeds.by_hash(_hash_of(whole.number, 1)) == whole
        assert await unit.feeds.by_hash(_hash_of(single.number, 1)) == single
        for wrong in ("", _hash_of(whole.number, 2), f"new:{reader.person}:0"):
            assert await unit.feeds.by_hash(wrong) is None


async def test_two_processes_make_one_feed(database, clock):
    stores = [Store.open(database, now=clock) for _ in range(2)]
    async with stores[0].write() as unit:
        person = (await unit.people.ensure(ANN, "en")).number
    made = await asyncio.gather(*(Reader(store, clock, person).feed() for store in stores * 3))
    assert len({feed.number for feed in made}) == 1
    for store in stores:
        await store.close()


async def test_after_a_reset_the_old_address_says_so(reader, clock):
    feed = await reader.feed()
    clock.advance(hours=1)
    async with reader.store.write() as unit:
        before = await unit.feeds.sequence()
        second = await unit.feeds.reset(feed.number, _hash_of)
        assert (second.number, second.generation) == (feed.number, 2)
        assert await unit.feeds.by_hash(_hash_of(feed.number, 1)) == Retired(clock.at)
        assert await unit.feeds.by_hash(_hash_of(feed.number, 2)) == second
        assert await unit.feeds.sequence() > before
        third = await unit.feeds.reset(feed.number, _hash_of)
        assert third.generation == 3
        with pytest.raises(LookupError):
            await unit.feeds.reset(999, _hash_of)


# --- entries ---------------------------------------------------------------------------------------------------------


async def test_a_feed_shows_what_matched_since_its_subscription_began(reader, clock):
    made = await reader.subscribe("diffusion", name="dm")
    feed = await reader.feed()
    clock.advance(hours=1)
    first, second = await reader.papers(5, 5)
    await reader.match(made, first)
    clock.advance(hours=1)
    await reader.match(made, second)
    entries = await reader.entries(feed)
    assert [(entry.paper.number, entry.at, names_of(entry)) for entry in entries] == [
        (second, clock.at, ("dm",)),
        (first, clock.at - timedelta(hours=1), ("dm",)),
    ]
    assert [entry.occasion for entry in entries] == [ARRIVAL, ARRIVAL]
    assert await reader.numbers(feed, limit=1) == [second]


async def test_two_subscriptions_that_meet_a_paper_make_one_entry(reader, clock):
    one, two = await reader.subscribe("diffusion"), await reader.subscribe("attention", name="att")
    feed, single = await reader.feed(), await reader.feed(two.number)
    (paper,) = await reader.papers(5)
    await reader.match(two, paper)
    clock.advance(hours=1)
    await reader.match(one, paper)
    (entry,) = await reader.entries(feed)
    assert (names_of(entry), entry.at) == (("diffusion", "att"), clock.at - timedelta(hours=1))
    assert [names_of(entry) for entry in await reader.entries(single)] == [("att",)]


async def test_a_young_feed_dates_older_matches_with_its_own_birth(reader, clock):
    made = await reader.subscribe("diffusion")
    (paper,) = await reader.papers(5)
    await reader.match(made, paper)
    clock.advance(days=2)
    feed = await reader.feed()
    assert [entry.at for entry in await reader.entries(feed)] == [clock.at]


async def test_what_was_there_before_counts_for_a_fortnight_and_as_of_the_beginning(reader, clock):
    clock.set("2026-01-01T00:00:00Z")
    others = await reader.subscribe("diffusion", name="somebody else's")
    old, recent, quiet = await reader.papers(5, 6, 7)
    await reader.match(others, old, recent)
    async with reader.store.write() as unit:
        await unit.subscriptions.delete(others.number)
    clock.set("2026-01-20T08:00:00Z")
    made = await reader.subscribe("diffusion")
    feed = await reader.feed()
    clock.advance(hours=1)
    await reader.match(made, quiet, quiet=True)
    entries = await reader.entries(feed)
    assert {entry.paper.number for entry in entries} == {recent, quiet}
    assert {entry.at for entry in entries} == {made.began_at}


async def test_a_new_query_finds_what_is_held_of_the_last_fortnight(reader, clock):
    clock.set("2026-01-20T08:00:00Z")
    old, recent, other = await reader.papers(5, 6, 7)
    made = await reader.subscribe("paper 1 OR paper 0")
    feed = await reader.feed()
    (entry,) = await reader.entries(feed)
    assert (entry.paper.number, entry.at, str(entry.occasion)) == (recent, clock.at, "arrival")
    async with reader.store.write() as unit:
        await unit.subscriptions.edit(made.number, query=parse("paper 2"))
    assert await reader.numbers(feed) == [other]
    async with reader.store.write() as unit:
        await unit.subscriptions.delete(made.number)
        await unit.subscriptions.restore(made.number)
    assert await reader.numbers(feed) == [other]
    assert old not in await reader.numbers(feed)


async def test_a_new_trending_query_finds_what_is_popular_already(reader, store, clock):
    loud, _quiet = await reader.papers(5, 5)
    async with store.write() as unit:
        paper = (await unit.papers.by_number([loud]))[loud]
        event = Event(kind=EventKind.SCORE, source="huggingface", paper=paper, score=80)
        await unit.papers.record([event], quiet=True)
    await reader.subscribe("paper upvotes>=50")
    feed = await reader.feed()
    assert [(entry.paper.number, str(entry.occasion)) for entry in await reader.entries(feed)] == [
        (loud, "upvotes>=50")
    ]


async def test_no_more_than_fifty_old_papers_enter_a_new_feed(reader, clock):
    made = await reader.subscribe("diffusion")
    papers = await reader.papers(*[4] * (MOST_OLD + 10))
    await reader.match(made, *papers, quiet=True)
    feed = await reader.feed()
    assert await reader.numbers(feed) == papers[::-1][:MOST_OLD]


async def test_no_more_than_fifty_old_papers_enter_in_all_by_whatever_subscriptions(reader):
    one, two = await reader.subscribe("diffusion"), await reader.subscribe("attention", name="att")
    papers = await reader.papers(*[4] * (2 * MOST_OLD))
    await reader.match(one, *papers[:-1], quiet=True)
    await reader.match(two, *papers[MOST_OLD // 2 :], quiet=True)
    entries = await reader.entries(await reader.feed())
    assert [entry.paper.number for entry in entries] == papers[::-1][:MOST_OLD]
    assert [names_of(entry) for entry in entries] == [("att",), *[("diffusion", "att")] * (MOST_OLD - 1)]
    assert entries[0].matched[0].text == "attention"


async def test_a_feed_holds_a_fortnight_and_at_least_fifty(reader, clock):
    made = await reader.subscribe("diffusion")
    feed = await reader.feed()
    papers = await reader.papers(*[5] * (AT_LEAST + 20))
    await reader.match(made, *papers[:60])
    clock.advance(days=15)
    await reader.match(made, *papers[60:])
    assert await reader.numbers(feed) == papers[::-1][:AT_LEAST]
    clock.advance(days=-2)
    assert await reader.numbers(feed) == papers[::-1]


async def test_versions_are_entries_of_their_own_if_asked_for(reader, clock):
    made = await reader.subscribe("diffusion", occasions=frozenset({"arrival", "versions"}))
    plain = await reader.subscribe("attention")
    feed = await reader.feed()
    (paper,) = await reader.papers(5)
    for occasion in (ARRIVAL, Occasion.version(2), WITHDRAWN):
        clock.advance(hours=1)
        await reader.match(made, paper, occasion=occasion)
        await reader.match(plain, paper, occasion=occasion)
    entries = await reader.entries(feed)
    assert [(str(entry.occasion), names_of(entry)) for entry in entries] == [
        ("v2", ("diffusion",)),
        ("arrival", ("diffusion", "attention")),
    ]


async def test_a_trending_query_shows_its_threshold_whatever_occasions_it_names(reader, clock):
    made = await reader.subscribe("diffusion upvotes>=50", occasions=frozenset({"withdrawn"}))
    feed = await reader.feed()
    (paper,) = await reader.papers(5)
    await reader.match(made, paper, occasion=Occasion.upvotes(50))
    assert [str(entry.occasion) for entry in await reader.entries(feed)] == ["upvotes>=50"]


async def test_pauses_do_not_count_and_deleted_subscriptions_do(reader, clock):
    made = await reader.subscribe("diffusion")
    feed, single = await reader.feed(), await reader.feed(made.number)
    papers = await reader.papers(5)
    await reader.match(made, *papers)
    async with reader.store.write() as unit:
        await unit.subscriptions.pause(made.number, paused=True)
    assert await reader.numbers(feed) == papers
    async with reader.store.write() as unit:
        await unit.subscriptions.delete(made.number)
    assert await reader.numbers(feed) == await reader.numbers(single) == []


@pytest.mark.parametrize(("kind", "value"), [("author", "jorg muller"), ("category", "cs.cv"), ("subscription", None)])
async def test_mutes_of_ones_own_places_count_and_those_of_groups_do_not(reader, clock, kind, value):
    made = await reader.subscribe("diffusion")
    feed = await reader.feed()
    papers = await reader.papers(5)
    await reader.match(made, *papers)
    value = value or str(made.number)
    async with reader.store.write() as unit:
        group = Place(channel="telegram", address="-1", kind="group")
        await unit.places.mute((await unit.places.ensure(group, reader.person)).number, kind, value)
    assert await reader.numbers(feed) == papers
    async with reader.store.write() as unit:
        own = Place(channel="telegram", address="1", kind="private")
        await unit.places.mute((await unit.places.ensure(own, reader.person)).number, kind, value)
    assert await reader.numbers(feed) == []


async def test_nobody_elses_matches_are_shown(reader, store, clock):
    async with store.write() as unit:
        bob = (await unit.people.ensure(Actor(channel="telegram", user_id="2"), "en")).number
    his = await Reader(store, clock, bob).subscribe("attention")
    await reader.subscribe("diffusion")
    feed = await reader.feed()
    await reader.match(his, *await reader.papers(5))
    assert await reader.entries(feed) == []


async def test_a_popular_query_is_read_from_its_newest_end(reader, clock):
    made = await reader.subscribe("diffusion")
    feed = await reader.feed()
    papers = await reader.papers(*[5] * 620)
    await reader.match(made, *papers)
    assert await reader.numbers(feed) == papers[::-1][:500]
    assert await reader.numbers(feed, limit=3) == papers[::-1][:3]
