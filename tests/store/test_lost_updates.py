"""What one transaction reads and then writes, while another changes it: in both orders, nothing of either is lost.

The first stops before its n-th statement while the second runs or waits for it. On SQLite writers queue.
"""

from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from orders_world import BOTH_ORDERS, in_order, stops
from paperwire.core.query.language import parse
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.pipeline.fan_out import fan_out
from paperwire.ports.callers import Actor, Place
from paperwire.ports.sources import SourceState
from paperwire.store.database.tables.base import State, Want

ANN = Actor(channel="telegram", user_id="1", name="Ann")
BOB = Actor(channel="telegram", user_id="2", name="Bob")


def _next_slot(cadence, zone, after):
    return Cadence.parse(cadence).next_slot(zone, after)


async def _slots(row_maker):
    return [slot for (slot,) in await row_maker.rows("subscription_destination", "next_slot_at")]


# --- cadences ------------------------------------------------------------------------------------------------------


@BOTH_ORDERS
@stops(range(1, 5))
@pytest.mark.parametrize("way", ["of the place", "of the subscription"])
async def test_a_change_to_instant_outlives_slots_that_move_on(row_maker, store, other, clock, way, stop, turned):
    query, place = await row_maker.query("a"), await row_maker.place(cadence="daily 08:00")
    number = await row_maker.subscription(query, place, slot=clock())

    async def advance(unit):
        await unit.fanout.advance_slots(clock(), _next_slot)

    async def instant(unit):
        if way == "of the place":
            await unit.places.update(place, cadence="instant")
        else:
            await unit.subscriptions.edit(number, cadence="instant")

    await in_order(store, other, stop, advance, instant, turned=turned)
    assert await _slots(row_maker) == [None]
    await row_maker.match(row_maker.news(await row_maker.paper(), query))
    assert [row.due_at for row in await row_maker.deliveries()] == [clock()]


@BOTH_ORDERS
@stops([1, 2, 3, 5, 7])
@pytest.mark.parametrize("way", ["of the place", "of the subscription"])
async def test_a_change_to_instant_reaches_what_is_being_owed(row_maker, store, other, clock, way, stop, turned):
    query, place = await row_maker.query("a"), await row_maker.place(cadence="daily 08:00")
    number = await row_maker.subscription(query, place, slot=clock() + timedelta(days=1))
    news = row_maker.news(await row_maker.paper(), query)
    async with store.write() as unit:
        await unit.fanout.record_matches([news])
        wave = await unit.fanout.wave([news])

    async def owe(unit):
        await unit.fanout.owe(wave)
        await unit.fanout.owe(wave)  # so that there is something to stop before when all is written

    async def instant(unit):
        if way == "of the place":
            await unit.places.update(place, cadence="instant")
        else:
            await unit.subscriptions.edit(number, cadence="instant")

    await in_order(store, other, stop, owe, instant, turned=turned)
    assert [row.due_at for row in await row_maker.deliveries()] == [clock()]


@BOTH_ORDERS
@stops(range(6))
async def test_a_subscription_and_its_place_get_other_cadences_at_once(row_maker, store, other, stop, turned):
    query, place = await row_maker.query("a"), await row_maker.place(cadence="daily 08:00")
    number = await row_maker.subscription(query, place)

    async def instant(unit):
        await unit.subscriptions.edit(number, cadence="instant")

    async def weekly(unit):
        await unit.places.update(place, cadence="weekly mon 08:00")

    await in_order(store, other, stop, instant, weekly, turned=turned)
    assert await _slots(row_maker) == [None]


@BOTH_ORDERS
@stops([1, 3, 6, 12, 15, 18, 21])
async def test_a_new_subscription_has_the_cadence_that_its_place_gets_meanwhile(row_maker, store, other, stop, turned):
    person, place = await row_maker.person(), await row_maker.place(cadence="daily 08:00")

    async def subscribe(unit):
        await unit.subscriptions.subscribe(
            person, parse("words"), name="", occasions=frozenset({"arrival"}), cadence="", destinations=[place]
        )

    async def instant(unit):
        await unit.places.update(place, cadence="instant")

    await in_order(store, other, stop, subscribe, instant, turned=turned)
    assert await _slots(row_maker) == [None]


@BOTH_ORDERS
@stops(range(8))
async def test_a_renamed_place_that_changes_its_cadence_and_a_fan_out_do_not_wait_for_each_other(
    row_maker, store, other, clock, stop, turned
):
    query, place = await row_maker.query("a"), await row_maker.place(cadence="daily 08:00")
    await row_maker.subscription(query, place, slot=clock() + timedelta(days=1))
    news = row_maker.news(await row_maker.paper(), query)
    async with store.write() as unit:
        await unit.fanout.record_matches([news])
        wave = await unit.fanout.wave([news])
        await unit.fanout.owe(wave)

    async def wake(unit):
        await unit.fanout.wake(wave)

    async def renamed(unit):
        here = Place(channel="telegram", address="1", kind="private", title="Renamed")
        found = await unit.places.ensure(here, await _a_person(unit))
        await unit.places.update(found.number, cadence="instant")

    await in_order(store, other, stop, wake, renamed, turned=turned)
    row = await row_maker.row(place)
    assert (row.title, row.cadence, row.next_due_at) == ("Renamed", "instant", clock())


async def _a_person(unit, actor=ANN):
    return (await unit.people.ensure(actor, "en")).number


# --- two places that are one ---------------------------------------------------------------------------------------


@BOTH_ORDERS
@stops([0, 1, 2, 3, 4, 6, 8, 10, 12, 16])
async def test_places_become_one_while_a_fan_out_runs(row_maker, store, other, stop, turned):
    query, new, old = await row_maker.query("a"), await row_maker.place("new"), await row_maker.place("old")
    await row_maker.subscription(query, old)
    news = row_maker.news(await row_maker.paper(), query)
    async with store.write() as unit:
        await unit.fanout.record_matches([news])
        wave = await unit.fanout.wave([news])

    async def owe(unit):
        await unit.fanout.owe(wave)
        await unit.fanout.owe(wave)  # so that there is something to stop before when all is written

    async def move(unit):
        await unit.places.moved(old, "new")

    await in_order(store, other, stop, owe, move, turned=turned)
    assert [(row.destination, row.state) for row in await row_maker.deliveries()] == [(new, State.OWED)]
    assert await row_maker.next_due_at(new) is not None


async def test_places_become_one_after_a_fan_out_that_goes_through_them(row_maker, store, clock, monkeypatch):
    monkeypatch.setattr("paperwire.store.outbox.recipients.FEW_DELIVERIES", -1)
    monkeypatch.setattr("paperwire.pipeline.fan_out._ROUTES_AT_FIRST", 1)
    monkeypatch.setattr("paperwire.pipeline.fan_out._ROUTES_AT_MOST", 1)
    query, other_query = await row_maker.query("a"), await row_maker.query("b")
    places = [await row_maker.place(str(number)) for number in range(4)]
    await row_maker.subscription(other_query, places[0])
    await row_maker.subscription(query, *places[1:])
    news = row_maker.news(await row_maker.paper(), query)
    async with store.write() as unit:
        await unit.fanout.record_matches([news])

    async def move():
        async with store.write() as unit:
            await unit.places.moved(places[3], "0")

    await fan_out(_after(store, 4, move), [news])  # the wave, the first place twice, and then
    assert [row.destination for row in await row_maker.deliveries()] == places[:3]


def _after(store, count, work):
    """`Store.write`, before whose n-th transaction something else happens."""
    left = [count]

    def write():
        left[0] -= 1
        return _With(store, work if left[0] == 0 else None)

    return write


class _With:
    def __init__(self, store, before):
        self._store = store
        self._before = before

    async def __aenter__(self):
        if self._before is not None:
            await self._before()
        self._open = self._store.write()
        return await self._open.__aenter__()

    async def __aexit__(self, *error):
        return await self._open.__aexit__(*error)


@BOTH_ORDERS
@stops(range(0, 13, 2))
@pytest.mark.parametrize("what", ["mute", "watch", "resume"])
async def test_what_people_change_where_places_become_one_is_kept(row_maker, store, other, what, stop, turned):
    query, new, old = await row_maker.query("a"), await row_maker.place("new"), await row_maker.place("old")
    number = await row_maker.subscription(query, old, paused=True)
    paper, person = await row_maker.paper(), await row_maker.person()
    done = []

    async def change(unit):
        if await unit.places.get(old) is None:
            return
        if what == "mute":
            await unit.places.mute(old, "author", "a")
        elif what == "watch":
            await unit.people.watch(old, paper.number, person)
        else:
            await unit.subscriptions.pause(number, paused=False)
        done.append(what)

    async def move(unit):
        await unit.places.moved(old, "new")

    try:
        await in_order(store, other, stop, change, move, turned=turned)
    except IntegrityError:  # the place went first, and the person was told that it did not work
        done.clear()
    kept = {
        "mute": await row_maker.rows("mute", "destination"),
        "watch": await row_maker.rows("watch", "destination"),
        "resume": [row for row in await row_maker.rows("subscription_destination", "destination", "wants") if row[1]],
    }
    assert [place for place, *_ in kept[what]] == [new] * len(done)
    assert await row_maker.rows("subscription_destination", "destination") == [(new,)]


# --- people --------------------------------------------------------------------------------------------------------


@BOTH_ORDERS
@stops(range(0, 16, 3))
async def test_what_somebody_adds_while_their_accounts_are_joined_moves_over(row_maker, store, other, stop, turned):
    paper, place = await row_maker.paper(), await row_maker.place()
    async with store.write() as unit:
        ann, _ = await _a_person(unit), await _a_person(unit, BOB)
    done = []

    async def add(unit):
        who = (await unit.people.person_of(BOB)).number
        await unit.subscriptions.subscribe(
            who, parse("words"), name="", occasions=frozenset({"arrival"}), cadence="", destinations=[place]
        )
        await unit.people.save_paper(who, paper.number)
        done.append(who)

    async def link(unit):
        await unit.people.link(BOB, ann)

    try:
        await in_order(store, other, stop, add, link, turned=turned)
    except IntegrityError:  # Bob was gone, and was told that it did not work
        done.clear()
    assert await row_maker.rows("person", "name") in ([("Ada",), ("Ann",)], [("Ann",)])
    assert await row_maker.rows("subscription", "person") == [(ann,)] * len(done)
    assert await row_maker.rows("saved", "person") == [(ann,)] * len(done)


@BOTH_ORDERS
@stops(range(0, 12, 2))
async def test_nothing_stays_of_what_somebody_adds_while_they_are_forgotten(row_maker, store, other, stop, turned):
    async with store.write() as unit:
        ann = await _a_person(unit)

    async def add(unit):
        place = Place(channel="telegram", address="1", kind="private")
        await unit.places.ensure(place, ann)

    async def forget(unit):
        await unit.people.forget(ann)

    with suppress(IntegrityError):  # Ann was gone, and was told that it did not work
        await in_order(store, other, stop, add, forget, turned=turned)
    assert await row_maker.rows("person", "number") == []
    assert await row_maker.rows("destination", "number") == []


@BOTH_ORDERS
@stops(range(0, 16, 3))
async def test_the_same_query_twice_at_once_is_one_subscription(row_maker, store, other, stop, turned):
    person, place = await row_maker.person(), await row_maker.place()

    async def subscribe(unit):
        await unit.subscriptions.subscribe(
            person, parse("words"), name="", occasions=frozenset({"arrival"}), cadence="", destinations=[place]
        )

    await in_order(store, other, stop, subscribe, subscribe, turned=turned)
    assert len(await row_maker.rows("subscription", "number")) == 1


@BOTH_ORDERS
@stops(range(5))
async def test_two_occasions_asked_for_at_once_are_both_kept(row_maker, store, other, stop, turned):
    number = await row_maker.subscription(await row_maker.query("a"), await row_maker.place())

    async def versions(unit):
        await unit.subscriptions.include(number, frozenset({"versions"}))

    async def withdrawn(unit):
        await unit.subscriptions.include(number, frozenset({"withdrawn"}))

    await in_order(store, other, stop, versions, withdrawn, turned=turned)
    async with store.read() as unit:
        one = await unit.subscriptions.get(number)
    assert one.occasions == {"arrival", "versions", "withdrawn"}


@BOTH_ORDERS
@stops(range(5))
async def test_of_two_occasions_removed_at_once_the_last_stays(row_maker, store, other, stop, turned):
    both = int(Want.ARRIVAL | Want.VERSIONS)
    number = await row_maker.subscription(await row_maker.query("a"), await row_maker.place(), occasions=both)

    async def arrival(unit):
        await unit.subscriptions.exclude(number, frozenset({"arrival"}))

    async def versions(unit):
        await unit.subscriptions.exclude(number, frozenset({"versions"}))

    await in_order(store, other, stop, arrival, versions, turned=turned)
    async with store.read() as unit:
        assert len((await unit.subscriptions.get(number)).occasions) == 1


@BOTH_ORDERS
@stops(range(4))
async def test_a_mute_that_is_lifted_while_it_is_set_again(row_maker, store, other, stop, turned):
    place = await row_maker.place()
    async with store.write() as unit:
        first = await unit.places.mute(place, "author", "a")

    async def mute(unit):
        await unit.places.mute(place, "author", "a")

    async def lift(unit):
        await unit.places.unmute(first.number)

    await in_order(store, other, stop, mute, lift, turned=turned)
    assert len(await row_maker.rows("mute", "number")) <= 1


# --- sources -------------------------------------------------------------------------------------------------------


@BOTH_ORDERS
@stops(range(3))
async def test_a_part_that_is_postponed_while_it_is_read_keeps_its_cursor(store, other, clock, stop, turned):
    before = SourceState(source="arxiv", part="all", cursor="1", failures=1)
    after = SourceState(source="arxiv", part="all", cursor="2", ok_at=clock.at, first_done=True)
    async with store.write() as unit:
        await unit.sources.save(before)

    async def postpone(unit):
        await unit.sources.postpone("arxiv", "all", clock.at + timedelta(hours=1))

    async def save(unit):
        await unit.sources.save(after)

    await in_order(store, other, stop, postpone, save, turned=turned)
    async with store.read() as unit:
        state = await unit.sources.get("arxiv", "all")
    assert (state.cursor, state.failures, state.ok_at, state.first_done) == ("2", 0, clock.at, True)


async def test_a_first_reading_that_is_done_stays_done(store):
    done = SourceState(source="arxiv", part="all", first_done=True)
    async with store.write() as unit:
        await unit.sources.save(done)
        await unit.sources.save(SourceState(source="arxiv", part="all", failures=1))
        await unit.sources.postpone("arxiv", "new", unit.now)
        assert (await unit.sources.get("arxiv", "all")).first_done
        assert (await unit.sources.get("arxiv", "new")).next_at == unit.now
