"""From matches to deliveries: who is owed what, and when."""

from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from paperwire.core.papers.paper import ARRIVAL, CODE, WITHDRAWN, Occasion
from paperwire.core.subscriptions.mutes import mute_value
from paperwire.pipeline.fan_out import fan_out, record
from paperwire.store.tables.base import State, Want


@pytest.fixture(autouse=True, params=["from the matches on", "place by place"])
def way(request, monkeypatch):
    """Both ways to find who is owed what."""
    if request.param == "place by place":
        monkeypatch.setattr("paperwire.store.outbox.recipients.FEW", -1)


def owed(rows):
    return [(row.destination, row.paper, Occasion(row.occasion)) for row in rows]


async def test_a_match_is_owed_once_per_place_however_many_subscriptions_match(world, clock):
    one, other = await world.query("a"), await world.query("b")
    here, there = await world.place("1"), await world.place("2")
    await world.subscription(one, here, there)
    await world.subscription(other, here)
    paper = await world.paper()
    news = world.news(paper, one, other)

    assert await world.match(news) == 2
    assert owed(await world.deliveries()) == [(here, paper.number, ARRIVAL), (there, paper.number, ARRIVAL)]
    assert await world.next_due_at(here) == clock()


async def test_everything_may_be_repeated_after_a_crash(world, store):
    query, place = await world.query("a"), await world.place()
    await world.subscription(query, place)
    news = world.news(await world.paper(), query)
    async with store.write() as unit:
        assert await unit.fanout.record_matches([news]) == 1
        assert await unit.fanout.record_matches([news]) == 0
    before = await world.match(news), await world.deliveries()
    await world.match(news)
    assert before == (1, await world.deliveries())


async def test_what_was_said_twice_of_a_paper_at_one_time_is_one_match(world, store):
    query, place = await world.query("a"), await world.place()
    await world.subscription(query, place)
    paper = await world.paper()
    assert await world.match(world.news(paper, query), world.news(paper, query)) == 1
    assert await world.rows("match", "query", "paper") == [(query, paper.number)]


async def test_a_crash_between_owing_and_waking_is_mended_by_the_repetition(world, store, clock):
    query, place = await world.query("a"), await world.place()
    await world.subscription(query, place)
    news = world.news(await world.paper(), query)
    async with store.write() as unit:
        await unit.fanout.record_matches([news])
    async with store.write() as unit:
        await unit.fanout.owe(await unit.fanout.wave([news]))
    assert await world.next_due_at(place) is None
    await world.match(news)
    assert await world.next_due_at(place) == clock()


async def test_a_sent_delivery_is_never_owed_again(world, store):
    query, place = await world.query("a"), await world.place()
    await world.subscription(query, place)
    paper = await world.paper()
    await world.match(world.news(paper, query))
    async with store.write() as unit:
        await unit.outbox.claim("me", ["telegram"], timedelta(minutes=2), 10)
        await unit.outbox.sent({place: [(paper.number, ARRIVAL)]}, {place: ""})
    await world.match(world.news(paper, query))
    assert [row.state for row in await world.deliveries()] == [1]


async def test_quiet_news_is_matched_and_owed_to_nobody(world):
    query, place = await world.query("a"), await world.place()
    await world.subscription(query, place)
    assert await world.match(world.news(await world.paper(), query, quiet=True)) == 0
    assert await world.deliveries() == []


async def test_what_was_known_before_is_no_news_when_it_is_listed_later(world, clock):
    known, fresh, place = await world.query("a"), await world.query("b"), await world.place()
    paper = await world.paper()
    await world.match(world.news(paper, known))
    await world.subscription(known, place)
    clock.advance(days=3)
    later = world.news(paper, known)
    listed = type(later)(paper=paper, occasion=ARRIVAL, seen_at=clock(), queries=(known, fresh))
    await world.match(listed)
    assert await world.deliveries() == []
    await world.subscription(fresh, place)
    await world.match(listed)
    assert owed(await world.deliveries()) == [(place, paper.number, ARRIVAL)]


@pytest.mark.parametrize(("seconds", "delivered"), [(-60, True), (4, True), (5, True), (6, False)])
async def test_a_subscription_gets_what_was_seen_since_it_began_and_a_little_before(world, clock, seconds, delivered):
    query, place = await world.query("a"), await world.place()
    await world.subscription(query, place, began_at=clock() + timedelta(seconds=seconds))
    await world.match(world.news(await world.paper(), query))
    assert bool(await world.deliveries()) is delivered


@pytest.mark.parametrize(
    ("occasions", "occasion", "delivered"),
    [
        (Want.ARRIVAL, ARRIVAL, True),
        (Want.ARRIVAL, Occasion.version(2), False),
        (Want.ARRIVAL, WITHDRAWN, False),
        (Want.ARRIVAL | Want.VERSIONS, Occasion.version(2), True),
        (Want.VERSIONS, ARRIVAL, False),
        (Want.WITHDRAWN, WITHDRAWN, True),
        (Want.ARRIVAL, Occasion.upvotes(50), True),
        (Want.ARRIVAL | Want.VERSIONS | Want.WITHDRAWN, CODE, False),
    ],
)
async def test_only_occasions_that_were_asked_for_are_owed(world, occasions, occasion, delivered):
    query, place = await world.query("a"), await world.place()
    await world.subscription(query, place, occasions=int(occasions))
    await world.match(world.news(await world.paper(), query, occasion=occasion))
    assert bool(await world.deliveries()) is delivered


@pytest.mark.parametrize("changes", [{"paused": True}, {"deleted_at": True}])
async def test_paused_and_deleted_subscriptions_get_nothing(world, clock, changes):
    query, place = await world.query("a"), await world.place()
    await world.subscription(
        query, place, **{name: value if name == "paused" else clock() for name, value in changes.items()}
    )
    await world.match(world.news(await world.paper(), query))
    assert await world.deliveries() == []


@pytest.mark.parametrize("kind", ["author", "category", "subscription"])
async def test_a_mute_counts_for_its_place_alone(world, kind):
    query, here, there = await world.query("a"), await world.place("1"), await world.place("2")
    number = await world.subscription(query, here, there)
    value = {"author": "Jorg Muller", "category": "cs.cv", "subscription": str(number)}[kind]
    await world.mute(here, kind, mute_value(kind, value))
    muted, other = await world.paper("1"), await world.paper("2", authors=("B",), categories=("cs.CL",))
    await world.match(world.news(muted, query), world.news(other, query))
    mine = [(there, muted.number), (there, other.number)]
    expected = mine if kind == "subscription" else [(here, other.number), *mine]
    assert [pair[:2] for pair in owed(await world.deliveries())] == expected


async def test_a_muted_subscription_does_not_hide_what_another_asks_for(world):
    query, other, place = await world.query("a"), await world.query("b"), await world.place()
    muted = await world.subscription(query, place)
    await world.subscription(other, place)
    await world.mute(place, "subscription", str(muted))
    await world.match(world.news(await world.paper(), query, other))
    assert len(await world.deliveries()) == 1


async def test_those_who_watch_a_paper_get_every_occasion_but_its_arrival(world):
    place = await world.place()
    paper = await world.paper()
    await world.watch(paper, place)
    await world.match(world.news(paper))
    assert await world.deliveries() == []
    await world.match(*(world.news(paper, occasion=one) for one in (Occasion.version(2), WITHDRAWN, CODE)))
    assert [pair[2] for pair in owed(await world.deliveries())] == [CODE, WITHDRAWN, Occasion.version(2)]


async def test_instant_beats_the_digest_and_the_earliest_digest_the_others(world, clock):
    query, other, place = await world.query("a"), await world.query("b"), await world.place()
    eight, nine = clock() + timedelta(hours=1), clock() + timedelta(hours=2)
    await world.subscription(query, place, slot=nine)
    await world.subscription(query, place, slot=eight)
    await world.subscription(other, place)
    digest, at_once = await world.paper("1"), await world.paper("2")
    await world.match(world.news(digest, query), world.news(at_once, query, other))
    assert [row.due_at for row in await world.deliveries()] == [eight, clock()]
    assert await world.next_due_at(place) == clock()


async def test_a_later_match_pulls_an_unsent_delivery_forward_and_never_back(world, clock):
    query, other, place = await world.query("a"), await world.query("b"), await world.place()
    eight = clock() + timedelta(hours=1)
    await world.subscription(query, place, slot=eight)
    paper = await world.paper()
    await world.match(world.news(paper, query))
    assert await world.next_due_at(place) == eight

    await world.subscription(other, place)
    await world.match(world.news(paper, other))
    assert [row.due_at for row in await world.deliveries()] == [clock()]
    assert await world.next_due_at(place) == clock()

    before = clock()
    clock.advance(minutes=5)
    await world.match(world.news(paper, query, other))
    assert [row.due_at for row in await world.deliveries()] == [before]
    assert await world.next_due_at(place) == before


async def test_a_paused_place_goes_on_owing_without_a_turn(world):
    query, place = await world.query("a"), await world.place(paused="blocked")
    await world.subscription(query, place)
    await world.match(world.news(await world.paper(), query))
    assert len(await world.deliveries()) == 1
    assert await world.next_due_at(place) is None


async def test_a_held_place_is_not_woken_before_its_hold_ends(world, clock):
    until = clock() + timedelta(minutes=10)
    query, place = await world.query("a"), await world.place(hold_until=until)
    await world.subscription(query, place)
    await world.match(world.news(await world.paper(), query))
    assert await world.next_due_at(place) == until


@pytest.fixture
def short(monkeypatch):
    """Short transactions: a few deliveries are many."""
    monkeypatch.setattr("paperwire.store.outbox.recipients.FEW", 4)
    monkeypatch.setattr("paperwire.pipeline.fan_out.ROWS_AT_ONCE", 20)
    monkeypatch.setattr("paperwire.pipeline.fan_out._SAMPLED", 1)
    monkeypatch.setattr("paperwire.pipeline.fan_out._ROUTES_AT_FIRST", 2)


async def many(world):
    """Ten places, all reached by two queries, which match nine papers."""
    queries = [await world.query(name) for name in "ab"]
    places = [await world.place(str(number)) for number in range(10)]
    for query in queries:
        await world.subscription(query, *places)
    return places, [world.news(await world.paper(str(number)), *queries) for number in range(9)]


@pytest.mark.usefixtures("short")
async def test_many_papers_go_in_several_transactions(world, store, clock):
    places, news = await many(world)
    before = store.commits
    assert await record(store.write, news) == 18
    assert store.commits == before + 1
    assert await fan_out(store.write, news) == 90
    # one place with two routes at first, then two with four each time; and a last look that finds none
    assert store.commits == before + 2 + 2 * (1 + 5)
    assert {await world.next_due_at(place) for place in places} == {clock()}
    assert len(await world.deliveries()) == 90


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("stop", [0, 1, 2, 3, 7, 12, 13])
async def test_many_deliveries_of_which_a_crash_left_some_are_owed_once(world, store, clock, stop):
    places, news = await many(world)
    await record(store.write, news)
    left = iter(range(stop))

    @asynccontextmanager
    async def write():
        if next(left, None) is None:
            raise InterruptedError
        async with store.write() as unit:
            yield unit

    with suppress(InterruptedError):
        await fan_out(write, news)
    await fan_out(store.write, news)
    assert len(await world.deliveries()) == 90
    assert {await world.next_due_at(place) for place in places} == {clock()}


@pytest.mark.usefixtures("short")
async def test_many_deliveries_of_which_some_were_sent_leave_those_alone_and_hurry_the_others(world, store, clock):
    places, news = await many(world)
    await record(store.write, news)
    later = clock() + timedelta(hours=1)
    await world.owe(places[3], news[0].paper, state=State.SENT, settled_at=clock(), due_at=later)
    await world.owe(places[7], news[0].paper, due_at=later)
    assert await fan_out(store.write, news) == 89
    rows = await world.deliveries()
    assert len(rows) == 90
    assert [(row.destination, row.state) for row in rows if row.due_at == later] == [(places[3], State.SENT)]


@pytest.mark.usefixtures("short")
async def test_many_matches_of_which_some_are_known_add_the_others(world, store):
    queries = [await world.query(name) for name in "abcdef"]
    news = [world.news(await world.paper(str(number)), *queries) for number in range(9)]
    async with store.write() as unit:
        assert await unit.fanout.record_matches([replace(news[4], queries=queries[2:4], quiet=True)]) == 2
    before = store.commits
    assert await record(store.write, news) == 6 * 9  # two were quiet and are news now
    assert store.commits == before + 3
    assert await record(store.write, news) == 0


async def test_slots_that_came_move_on_by_cadence_and_zone(world, store, clock):
    query = await world.query("a")
    daily = await world.place("1", cadence="daily 08:00", zone="Europe/Berlin")
    own = await world.place("2", cadence="instant")
    now = clock()
    await world.subscription(query, daily, slot=now)
    await world.subscription(query, own, slot=now - timedelta(minutes=1), cadence="weekly mon 08:00")
    await world.subscription(query, daily, slot=now + timedelta(minutes=1))
    asked = []

    def next_slot(cadence, zone, after):
        asked.append((cadence, zone, after))
        return after + timedelta(days=1) if cadence.startswith("daily") else None

    async with store.write() as unit:
        assert await unit.fanout.advance_slots(now, next_slot, limit=1) == 1
        assert await unit.fanout.advance_slots(now, next_slot) == 1
        assert await unit.fanout.advance_slots(now, next_slot) == 0
    assert sorted(asked) == [("daily 08:00", "Europe/Berlin", now), ("weekly mon 08:00", "UTC", now)]
    await world.match(world.news(await world.paper(), query))
    assert [row.due_at for row in await world.deliveries()] == [now + timedelta(minutes=1), now]
