"""Claim, settle and fan-out in every order over connections of their own: no delivery is left without a turn.

One side stops before its n-th statement while the other runs, waits for a lock or ends; then the first goes on. On
SQLite, where writers queue, the other side waits for the whole first transaction.
"""

import asyncio
from datetime import timedelta

import pytest
from outbox_world import owing

from orders_world import BOTH_ORDERS, Units, in_between, stops
from paperwire.pipeline.claim import ClaimedPlace
from paperwire.pipeline.deliver import Delivery
from paperwire.pipeline.fan_out import fan_out
from paperwire.pipeline.hold import Hold
from paperwire.pipeline.turn import Turn
from paperwire.store.database.tables.base import State
from paperwire.store.outbox.fanout import FanOut
from paperwire.store.outbox.outbox import Outbox
from paperwire.store.outbox.prune import Prune

LEASE = timedelta(minutes=2)


@pytest.fixture(autouse=True, params=["from the matches on", "place by place"])
def way(request, monkeypatch):
    """Both ways to find who is owed what."""
    if request.param == "place by place":
        monkeypatch.setattr("paperwire.store.outbox.recipients.FEW_DELIVERIES", -1)


async def serve(units, owner):
    """One turn of whatever place has one: everything due is sent."""

    async def claim(unit):
        return await Outbox(unit.connection, unit.now).claim(owner, ["telegram"], LEASE, 10)

    for place in await units(claim):

        async def load(unit, place=place):
            found = await Outbox(unit.connection, unit.now).due([place.number], 100)
            return found.get(place.number, [])

        letters = await units(load)

        async def settle(unit, place=place, letters=letters):
            outbox = Outbox(unit.connection, unit.now)
            await outbox.sent({place.number: [one.key for one in letters]}, {place.number: ""})
            await outbox.release([place.number], owner)

        await units(settle)


async def claimed(unit):
    """Places whose turn begins."""
    places = await unit.outbox.claim("me", ["telegram"], LEASE, 10)
    return [ClaimedPlace(Turn(place, 60, 10)) for place in places]


def turns(units, store):
    return Delivery(units, {}, owner="me", now=None, hold=Hold(store))._turns


async def spread(units, news):
    """Fan-out as `fan_out` does it, statement by statement."""

    async def ready(unit):
        return await FanOut(unit.connection, unit.now).wave(news)

    wave = await units(ready)

    async def owe(unit):
        await FanOut(unit.connection, unit.now).owe(wave)

    async def wake(unit):
        await FanOut(unit.connection, unit.now).wake(wave)

    await units(owe)
    await units(wake)


async def nothing_is_asleep(row_maker, clock):
    """Every open place that owes something has a turn no later than that is due."""
    for row in await row_maker.deliveries():
        place = await row_maker.row(row.destination)
        if row.state == State.OWED and not place.paused:
            assert place.next_due_at is not None
            assert place.next_due_at <= max(row.due_at, place.hold_until or clock())


async def a_place_that_owes_one(row_maker):
    query, place = await row_maker.query("a"), await row_maker.place()
    await row_maker.subscription(query, place)
    await row_maker.match(row_maker.news(await row_maker.paper("1"), query))
    return query, place


async def empty_the_outbox(row_maker, store, clock):
    """Serve until nothing is due; says how often each delivery was sent."""
    for _ in range(5):
        await serve(Units(store, -1), "last")
    assert {row.state for row in await row_maker.deliveries()} <= {State.SENT}


@pytest.mark.whole
@pytest.mark.parametrize("stop", range(12))
async def test_a_fan_out_while_a_place_is_served(row_maker, store, other, clock, stop):
    query, _ = await a_place_that_owes_one(row_maker)
    news = row_maker.news(await row_maker.paper("2"), query)
    async with store.write() as unit:
        await unit.fanout.record_matches([news])
    units = Units(store, stop)
    await in_between(lambda: serve(units, "me"), lambda: fan_out(other.write, [news]), units)
    await nothing_is_asleep(row_maker, clock)
    clock.advance(hours=1)
    await empty_the_outbox(row_maker, store, clock)
    assert len(await row_maker.deliveries()) == 2


@pytest.mark.parametrize("stop", range(8))
async def test_a_place_is_served_while_a_fan_out_runs(row_maker, store, other, clock, stop):
    query, _ = await a_place_that_owes_one(row_maker)
    news = row_maker.news(await row_maker.paper("2"), query)
    async with store.write() as unit:
        await unit.fanout.record_matches([news])
    units = Units(store, stop)
    await in_between(lambda: spread(units, [news]), lambda: serve(Units(other, -1), "me"), units)
    await nothing_is_asleep(row_maker, clock)
    clock.advance(hours=1)
    await empty_the_outbox(row_maker, store, clock)
    assert len(await row_maker.deliveries()) == 2


@pytest.mark.whole
@pytest.mark.parametrize("stop", range(8))
async def test_a_delivery_is_pulled_forward_while_its_place_is_served(row_maker, store, other, clock, stop):
    _, place = await a_place_that_owes_one(row_maker)
    later, soon = await row_maker.query("b"), await row_maker.query("c")
    await row_maker.subscription(later, place, slot=clock() + timedelta(hours=1))
    await row_maker.subscription(soon, place)
    paper = await row_maker.paper("2")
    await row_maker.match(row_maker.news(paper, later))
    news = row_maker.news(paper, soon)
    async with store.write() as unit:
        await unit.fanout.record_matches([news])
    units = Units(store, stop)
    await in_between(lambda: serve(units, "me"), lambda: fan_out(other.write, [news]), units)
    await nothing_is_asleep(row_maker, clock)
    await empty_the_outbox(row_maker, store, clock)


@pytest.mark.whole
@pytest.mark.parametrize("stop", range(8))
async def test_two_fan_outs_to_the_same_places_in_opposite_order(row_maker, store, other, clock, stop):
    query = await row_maker.query("a")
    places = [await row_maker.place(str(number)) for number in range(4)]
    await row_maker.subscription(query, *places)
    await row_maker.subscription(query, *reversed(places), slot=clock() + timedelta(hours=1))
    one, two = row_maker.news(await row_maker.paper("1"), query), row_maker.news(await row_maker.paper("2"), query)
    async with store.write() as unit:
        await unit.fanout.record_matches([one, two])
    units = Units(store, stop)
    await in_between(lambda: spread(units, [one, two]), lambda: fan_out(other.write, [two, one]), units)
    assert len(await row_maker.deliveries()) == 8
    await nothing_is_asleep(row_maker, clock)


@pytest.mark.parametrize("stop", range(12))
async def test_two_processes_never_serve_one_place_at_once(row_maker, store, other, clock, stop):
    _, place = await a_place_that_owes_one(row_maker)
    sent = []

    async def turn(units, owner):
        async def claim(unit):
            return await Outbox(unit.connection, unit.now).claim(owner, ["telegram"], LEASE, 10)

        sent.extend((owner, one.number) for one in await units(claim))

    units = Units(store, stop)
    await in_between(lambda: turn(units, "me"), lambda: turn(Units(other, -1), "you"), units)
    assert [number for _, number in sent] == [place]


@pytest.mark.parametrize("stop", range(8))
async def test_a_place_resumes_while_a_fan_out_runs(row_maker, store, other, clock, stop):
    query, place = await a_place_that_owes_one(row_maker)
    async with store.write() as unit:
        await unit.places.pause(place, "blocked")
    news = row_maker.news(await row_maker.paper("2"), query)
    async with store.write() as unit:
        await unit.fanout.record_matches([news])

    async def resume():
        async with other.write() as unit:
            await unit.places.resume(place)
        await serve(Units(other, -1), "me")

    units = Units(store, stop)
    await in_between(lambda: spread(units, [news]), resume, units)
    await nothing_is_asleep(row_maker, clock)
    await empty_the_outbox(row_maker, store, clock)
    assert len(await row_maker.deliveries()) == 2


@stops(range(10))
async def test_a_fan_out_while_one_place_goes_on_and_another_begins(row_maker, store, other, stop):
    """Who settles one place and begins at another locks both in the order of their numbers, as the fan-out does."""
    for address in "12":
        place, _ = await owing(row_maker, address)
        query = await row_maker.query(f"more {address}")
        await row_maker.subscription(query, place)
    news = [row_maker.news(await row_maker.paper("3"), query)]
    async with store.write() as unit:
        await unit.fanout.record_matches(news)
        begins, goes_on = await claimed(unit)
    await turns(store, store)._look_up(goes_on)
    goes_on.turn = goes_on.turn.arrived("m1")
    units = Units(store, stop)
    serving = turns(units, store)

    async def both():
        await asyncio.gather(serving._look_up(begins), serving._look_up(goes_on))

    await in_between(both, lambda: spread(Units(other, -1), news), units)
    assert (begins.turn.over, goes_on.turn.over) == (False, True)


@BOTH_ORDERS
@stops(range(13))
async def test_a_subscription_becomes_a_digest_while_its_paper_begins(row_maker, store, other, clock, stop, turned):
    """Both have the place before they lock what it is owed."""
    place, _ = await owing(row_maker, digest_empty=True)
    async with store.write() as unit:
        (subscription,) = await unit.subscriptions.of_place(place)
        [begins] = await claimed(unit)

    async def begin(where):
        await turns(where, store)._look_up(begins)

    async def change(where):
        async with where.write() as unit:
            await unit.subscriptions.edit(subscription.number, cadence="daily 08:00")

    first, second = (change, begin) if turned else (begin, change)
    units = Units(store, stop)
    await in_between(lambda: first(units), lambda: second(other), units)
    assert begins.turn.over is (begins.turn.next is None)
    async with store.write() as unit:
        await unit.outbox.release([place], "me")
    await nothing_is_asleep(row_maker, clock)


@pytest.mark.parametrize("stop", range(4))
async def test_pruning_while_a_place_is_served(row_maker, store, other, clock, stop):
    await a_place_that_owes_one(row_maker)
    units = Units(store, stop)

    async def prune():
        async with other.write() as unit:
            await Prune(unit.connection, unit.now).step()

    await in_between(lambda: serve(units, "me"), prune, units)
    await nothing_is_asleep(row_maker, clock)
    assert [row.state for row in await row_maker.deliveries()] == [State.SENT]


async def test_the_order_of_a_place_is_that_of_its_papers_through_failures(row_maker, store, clock):
    query, place = await a_place_that_owes_one(row_maker)
    papers = [await row_maker.paper(str(number)) for number in range(2, 7)]
    for paper in papers:
        clock.advance(seconds=1)
        await row_maker.match(row_maker.news(paper, query))
    arrived, turns = [], 0
    for _ in range(40):
        async with store.write() as unit:
            places = await unit.outbox.claim("me", ["telegram"], LEASE, 10)
        for one in places:
            turns += 1
            async with store.read() as unit:
                letters = (await unit.outbox.due([one.number], 2))[one.number]
            async with store.write() as unit:
                if turns % 2:
                    arrived += [letter.paper.id for letter in letters]
                    await unit.outbox.sent({one.number: [letter.key for letter in letters]}, {one.number: ""})
                    await unit.outbox.release([one.number], "me")
                else:
                    await unit.outbox.failed(one.number, [letter.key for letter in letters[:1]], "broke down")
                    await unit.outbox.defer(one.number, "me", clock() + timedelta(seconds=5), failed=True)
        clock.advance(seconds=2)
    assert arrived == [str(number) for number in range(1, 7)]
    assert (await row_maker.row(place)).next_due_at is None
