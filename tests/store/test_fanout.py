"""From matches to deliveries: who is owed what, and when."""

from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from paperwire.core.papers.paper import ARRIVAL, CODE, WITHDRAWN, Occasion
from paperwire.core.subscriptions.subscription import mute_value
from paperwire.pipeline.fan_out import fan_out, record
from paperwire.store.database.tables.base import State, Want
from paperwire.store.outbox.recipients import COMMIT_GRACE


@pytest.fixture(autouse=True, params=["from the matches on", "place by place"])
def way(request, monkeypatch):
    """Both ways to find who is owed what."""
    if request.param == "place by place":
        monkeypatch.setattr("paperwire.store.outbox.recipients.FEW_DELIVERIES", -1)


def owed(rows):
    return [(row.destination, row.paper, Occasion(row.occasion)) for row in rows]


async def test_a_match_is_owed_once_per_place_however_many_subscriptions_match(row_maker, clock):
    one, other = await row_maker.query("a"), await row_maker.query("b")
    here, there = await row_maker.place("1"), await row_maker.place("2")
    await row_maker.subscription(one, here, there)
    await row_maker.subscription(other, here)
    paper = await row_maker.paper()
    news = row_maker.news(paper, one, other)

    assert await row_maker.match(news) == 2
    assert owed(await row_maker.deliveries()) == [(here, paper.number, ARRIVAL), (there, paper.number, ARRIVAL)]
    assert await row_maker.next_due_at(here) == clock()


async def test_everything_may_be_repeated_after_a_crash(row_maker, store):
    query, place = await row_maker.query("a"), await row_maker.place()
    await row_maker.subscription(query, place)
    news = row_maker.news(await row_maker.paper(), query)
    async with store.write() as unit:
        assert await unit.fanout.record_matches([news]) == 1
        assert await unit.fanout.record_matches([news]) == 0
    before = await row_maker.match(news), await row_maker.deliveries()
    await row_maker.match(news)
    assert before == (1, await row_maker.deliveries())


async def test_what_was_said_twice_of_a_paper_at_one_time_is_one_match(row_maker, store):
    query, place = await row_maker.query("a"), await row_maker.place()
    await row_maker.subscription(query, place)
    paper = await row_maker.paper()
    assert await row_maker.match(row_maker.news(paper, query), row_maker.news(paper, query)) == 1
    assert await row_maker.rows("match", "query", "paper") == [(query, paper.number)]


async def test_a_crash_between_owing_and_waking_is_mended_by_the_repetition(row_maker, store, clock):
    query, place = await row_maker.query("a"), await row_maker.place()
    await row_maker.subscription(query, place)
    news = row_maker.news(await row_maker.paper(), query)
    async with store.write() as unit:
        await unit.fanout.record_matches([news])
    async with store.write() as unit:
        await unit.fanout.owe(await unit.fanout.wave([news]))
    assert await row_maker.next_due_at(place) is None
    await row_maker.match(news)
    assert await row_maker.next_due_at(place) == clock()


async def test_a_sent_delivery_is_never_owed_again(row_maker, store):
    query, place = await row_maker.query("a"), await row_maker.place()
    await row_maker.subscription(query, place)
    paper = await row_maker.paper()
    await row_maker.match(row_maker.news(paper, query))
    async with store.write() as unit:
        await unit.outbox.claim("me", ["telegram"], timedelta(minutes=2), 10)
        await unit.outbox.sent({place: [(paper.number, ARRIVAL)]}, {place: ""})
    await row_maker.match(row_maker.news(paper, query))
    assert [row.state for row in await row_maker.deliveries()] == [1]


async def test_quiet_news_is_matched_and_owed_to_nobody(row_maker):
    query, place = await row_maker.query("a"), await row_maker.place()
    await row_maker.subscription(query, place)
    assert await row_maker.match(row_maker.news(await row_maker.paper(), query, quiet=True)) == 0
    assert await row_maker.deliveries() == []


async def test_what_was_known_before_is_no_news_when_it_is_listed_later(row_maker, clock):
    known, fresh, place = await row_maker.query("a"), await row_maker.query("b"), await row_maker.place()
    paper = await row_maker.paper()
    await row_maker.match(row_maker.news(paper, known))
    await row_maker.subscription(known, place)
    clock.advance(days=3)
    later = row_maker.news(paper, known)
    listed = type(later)(paper=paper, occasion=ARRIVAL, seen_at=clock(), queries=(known, fresh))
    await row_maker.match(listed)
    assert await row_maker.deliveries() == []
    await row_maker.subscription(fresh, place)
    await row_maker.match(listed)
    assert owed(await row_maker.deliveries()) == [(place, paper.number, ARRIVAL)]


@pytest.mark.parametrize(("seconds", "delivered"), [(-60, True), (4, True), (5, True), (6, False)])
async def test_a_subscription_gets_what_was_seen_since_it_began_and_a_little_before(
    row_maker, clock, seconds, delivered
):
    query, place = await row_maker.query("a"), await row_maker.place()
    await row_maker.subscription(query, place, began_at=clock() + timedelta(seconds=seconds))
    await row_maker.match(row_maker.news(await row_maker.paper(), query))
    assert bool(await row_maker.deliveries()) is delivered


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
        (Want.ARRIVAL, CODE, True),
        (Want.ARRIVAL, Occasion.comment("Accepted at NeurIPS"), True),
        (Want.VERSIONS | Want.WITHDRAWN, CODE, False),
    ],
)
async def test_only_occasions_that_were_asked_for_are_owed(row_maker, occasions, occasion, delivered):
    query, place = await row_maker.query("a"), await row_maker.place()
    await row_maker.subscription(query, place, occasions=int(occasions))
    await row_maker.match(row_maker.news(await row_maker.paper(), query, occasion=occasion))
    assert bool(await row_maker.deliveries()) is delivered


@pytest.mark.parametrize("changes", [{"paused": True}, {"deleted_at": True}])
async def test_paused_and_deleted_subscriptions_get_nothing(row_maker, clock, changes):
    query, place = await row_maker.query("a"), await row_maker.place()
    await row_maker.subscription(
        query, place, **{name: value if name == "paused" else clock() for name, value in changes.items()}
    )
    await row_maker.match(row_maker.news(await row_maker.paper(), query))
    assert await row_maker.deliveries() == []


@pytest.mark.parametrize("kind", ["author", "category", "subscription"])
async def test_a_mute_counts_for_its_place_alone(row_maker, kind):
    query, here, there = await row_maker.query("a"), await row_maker.place("1"), await row_maker.place("2")
    number = await row_maker.subscription(query, here, there)
    value = {"author": "Jorg Muller", "category": "cs.cv", "subscription": str(number)}[kind]
    await row_maker.mute(here, kind, mute_value(kind, value))
    muted, other = await row_maker.paper("1"), await row_maker.paper("2", authors=("B",), categories=("cs.CL",))
    await row_maker.match(row_maker.news(muted, query), row_maker.news(other, query))
    mine = [(there, muted.number), (there, other.number)]
    expected = mine if kind == "subscription" else [(here, other.number), *mine]
    assert [pair[:2] for pair in owed(await row_maker.deliveries())] == expected


async def test_a_muted_subscription_does_not_hide_what_another_asks_for(row_maker):
    query, other, place = await row_maker.query("a"), await row_maker.query("b"), await row_maker.place()
    muted = await row_maker.subscription(query, place)
    await row_maker.subscription(other, place)
    await row_maker.mute(place, "subscription", str(muted))
    await row_maker.match(row_maker.news(await row_maker.paper(), query, other))
    assert len(await row_maker.deliveries()) == 1


async def test_those_who_watch_a_paper_get_every_occasion_but_its_arrival(row_maker):
    place = await row_maker.place()
    paper = await row_maker.paper()
    await row_maker.watch(paper, place)
    await row_maker.match(row_maker.news(paper))
    assert await row_maker.deliveries() == []
    await row_maker.match(*(row_maker.news(paper, occasion=one) for one in (Occasion.version(2), WITHDRAWN, CODE)))
    assert [pair[2] for pair in owed(await row_maker.deliveries())] == [CODE, WITHDRAWN, Occasion.version(2)]


async def test_a_watch_that_began_while_news_was_committed_counts_and_a_later_one_does_not(row_maker, clock):
    paper, place, late = await row_maker.paper(), await row_maker.place("1"), await row_maker.place("2")
    clock.at += COMMIT_GRACE
    await row_maker.watch(paper, place)
    clock.advance(microseconds=1)
    await row_maker.watch(paper, late)
    await row_maker.match(row_maker.news(paper, occasion=WITHDRAWN))
    assert [row.destination for row in await row_maker.deliveries()] == [place]


async def test_instant_beats_the_digest_and_the_earliest_digest_the_others(row_maker, clock):
    query, other, place = await row_maker.query("a"), await row_maker.query("b"), await row_maker.place()
    eight, nine = clock() + timedelta(hours=1), clock() + timedelta(hours=2)
    await row_maker.subscription(query, place, slot=nine)
    await row_maker.subscription(query, place, slot=eight)
    await row_maker.subscription(other, place)
    digest, at_once = await row_maker.paper("1"), await row_maker.paper("2")
    await row_maker.match(row_maker.news(digest, query), row_maker.news(at_once, query, other))
    assert [row.due_at for row in await row_maker.deliveries()] == [eight, clock()]
    assert await row_maker.next_due_at(place) == clock()


async def test_a_later_match_pulls_an_unsent_delivery_forward_and_never_back(row_maker, clock):
    query, other, place = await row_maker.query("a"), await row_maker.query("b"), await row_maker.place()
    eight = clock() + timedelta(hours=1)
    await row_maker.subscription(query, place, slot=eight)
    paper = await row_maker.paper()
    await row_maker.match(row_maker.news(paper, query))
    assert await row_maker.next_due_at(place) == eight

    await row_maker.subscription(other, place)
    await row_maker.match(row_maker.news(paper, other))
    assert [row.due_at for row in await row_maker.deliveries()] == [clock()]
    assert await row_maker.next_due_at(place) == clock()

    before = clock()
    clock.advance(minutes=5)
    await row_maker.match(row_maker.news(paper, query, other))
    assert [row.due_at for row in await row_maker.deliveries()] == [before]
    assert await row_maker.next_due_at(place) == before


async def test_a_paused_place_goes_on_owing_without_a_turn(row_maker):
    query, place = await row_maker.query("a"), await row_maker.place(paused="blocked")
    await row_maker.subscription(query, place)
    await row_maker.match(row_maker.news(await row_maker.paper(), query))
    assert len(await row_maker.deliveries()) == 1
    assert await row_maker.next_due_at(place) is None


async def test_a_held_place_is_not_woken_before_its_hold_ends(row_maker, clock):
    until = clock() + timedelta(minutes=10)
    query, place = await row_maker.query("a"), await row_maker.place(hold_until=until)
    await row_maker.subscription(query, place)
    await row_maker.match(row_maker.news(await row_maker.paper(), query))
    assert await row_maker.next_due_at(place) == until


@pytest.fixture
def short(monkeypatch):
    """Short transactions: a few deliveries are many."""
    monkeypatch.setattr("paperwire.store.outbox.recipients.FEW_DELIVERIES", 4)
    monkeypatch.setattr("paperwire.pipeline.fan_out.ROWS_AT_ONCE", 20)
    monkeypatch.setattr("paperwire.pipeline.fan_out._SAMPLED", 1)
    monkeypatch.setattr("paperwire.pipeline.fan_out._ROUTES_AT_FIRST", 2)


async def many(row_maker):
    """Ten places, all reached by two queries, which match nine papers."""
    queries = [await row_maker.query(name) for name in "ab"]
    places = [await row_maker.place(str(number)) for number in range(10)]
    for query in queries:
        await row_maker.subscription(query, *places)
    return places, [row_maker.news(await row_maker.paper(str(number)), *queries) for number in range(9)]


@pytest.mark.usefixtures("short")
async def test_many_papers_go_in_several_transactions(row_maker, store, clock):
    places, news = await many(row_maker)
    before = store.commits
    assert await record(store.write, news) == 18
    assert store.commits == before + 1
    assert await fan_out(store.write, news) == 90
    # one place with two routes at first, then two with four each time; and a last look that finds none
    assert store.commits == before + 2 + 2 * (1 + 5)
    assert {await row_maker.next_due_at(place) for place in places} == {clock()}
    assert len(await row_maker.deliveries()) == 90


@pytest.mark.whole
@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("stop", [0, 1, 2, 3, 7, 12, 13])
async def test_many_deliveries_of_which_a_crash_left_some_are_owed_once(row_maker, store, clock, stop):
    places, news = await many(row_maker)
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
    assert len(await row_maker.deliveries()) == 90
    assert {await row_maker.next_due_at(place) for place in places} == {clock()}


@pytest.mark.usefixtures("short")
async def test_many_deliveries_of_which_some_were_sent_leave_those_alone_and_hurry_the_others(row_maker, store, clock):
    places, news = await many(row_maker)
    await record(store.write, news)
    later = clock() + timedelta(hours=1)
    await row_maker.owe(places[3], news[0].paper, state=State.SENT, settled_at=clock(), due_at=later)
    await row_maker.owe(places[7], news[0].paper, due_at=later)
    assert await fan_out(store.write, news) == 89
    rows = await row_maker.deliveries()
    assert len(rows) == 90
    assert [(row.destination, row.state) for row in rows if row.due_at == later] == [(places[3], State.SENT)]


@pytest.mark.usefixtures("short")
async def test_many_matches_of_which_some_are_known_add_the_others(row_maker, store):
    queries = [await row_maker.query(name) for name in "abcdef"]
    news = [row_maker.news(await row_maker.paper(str(number)), *queries) for number in range(9)]
    async with store.write() as unit:
        assert await unit.fanout.record_matches([replace(news[4], queries=queries[2:4], quiet=True)]) == 2
    before = store.commits
    assert await record(store.write, news) == 6 * 9  # two were quiet and are news now
    assert store.commits == before + 3
    assert await record(store.write, news) == 0


async def test_slots_that_came_move_on_by_cadence_and_zone(row_maker, store, clock):
    query = await row_maker.query("a")
    daily = await row_maker.place("1", cadence="daily 08:00", zone="Europe/Berlin")
    own = await row_maker.place("2", cadence="instant")
    now = clock()
    await row_maker.subscription(query, daily, slot=now)
    await row_maker.subscription(query, own, slot=now - timedelta(minutes=1), cadence="weekly mon 08:00")
    await row_maker.subscription(query, daily, slot=now + timedelta(minutes=1))
    asked = []

    def next_slot(cadence, zone, after):
        asked.append((cadence, zone, after))
        return after + timedelta(days=1) if cadence.startswith("daily") else None

    async with store.write() as unit:
        assert await unit.fanout.advance_slots(now, next_slot, limit=1) == 1
        assert await unit.fanout.advance_slots(now, next_slot) == 1
        assert await unit.fanout.advance_slots(now, next_slot) == 0
    assert sorted(asked) == [("daily 08:00", "Europe/Berlin", now), ("weekly mon 08:00", "UTC", now)]
    await row_maker.match(row_maker.news(await row_maker.paper(), query))
    assert [row.due_at for row in await row_maker.deliveries()] == [now + timedelta(minutes=1), now]
