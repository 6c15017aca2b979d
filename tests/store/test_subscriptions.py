"""Subscriptions, the slots of their digests, and the changes of queries that matchers follow."""

import asyncio
from datetime import timedelta

import pytest
from outbox_world import World
from people_world import shown
from sqlalchemy import select

from paperwire.core.query.language import Query, parse
from paperwire.ports.callers import Actor, Place
from paperwire.store.database.tables.base import LIVE, Row, Want
from paperwire.store.subscriptions.subscriptions import want_of
from paperwire.store.unit import Store

TABLES = Row.metadata.tables
ANN = Actor(channel="telegram", user_id="1", name="Ann")


class Home:
    """Ann, her places, and short ways to subscribe for them."""

    def __init__(self, store, person, places):
        self.store = store
        self.person = person
        self.places = places

    async def subscribe(self, text, *places, **changes):
        options = {"name": "", "occasions": frozenset({"arrival"}), "cadence": "", "destinations": places} | changes
        async with self.store.write() as unit:
            return await unit.subscriptions.subscribe(self.person, parse(text), **options)

    async def edit(self, number, **changes):
        async with self.store.write() as unit:
            await unit.subscriptions.edit(number, **changes)
            return await unit.subscriptions.get(number)

    async def changes(self, after=0):
        async with self.store.read() as unit:
            found = await unit.subscriptions.query_changes(after, 100)
        return [(change.seq, shown(change)) for change in found]

    async def slot(self, subscription, place):
        route = TABLES["subscription_destination"]
        async with self.store.read() as unit:
            wanted = select(route.c.next_slot_at).where(
                route.c.subscription == subscription, route.c.destination == place
            )
            return (await unit.connection.execute(wanted)).scalar_one()


@pytest.fixture
async def home(store):
    async with store.write() as unit:
        person = (await unit.people.ensure(ANN, "en")).number
        places = [
            (await unit.places.ensure(Place(channel="telegram", address=str(number), kind="private"), person)).number
            for number in range(3)
        ]
    return Home(store, person, places)


# --- subscribing -----------------------------------------------------------------------------------------------------


async def test_a_subscription_is_what_was_asked_for(home, clock):
    made, created = await home.subscribe(
        "  Diffusion Models ", *home.places[:2], name="dm", occasions=frozenset({"arrival", "versions"})
    )
    assert created
    assert (made.person, made.text, made.name) == (home.person, parse("  Diffusion Models ").text, "dm")
    assert (made.occasions, made.cadence, made.paused) == (frozenset({"arrival", "versions"}), "", False)
    assert (made.began_at, made.destinations, made.key) == (
        clock.at,
        tuple(home.places[:2]),
        parse("diffusion model").key,
    )
    async with home.store.read() as unit:
        assert await unit.subscriptions.get(made.number) == made
        assert await unit.subscriptions.of_person(home.person) == [made]
        assert await unit.subscriptions.of_place(home.places[1]) == [made]
        assert await unit.subscriptions.of_place(home.places[2]) == []
        assert await unit.subscriptions.count() == 1


async def test_the_same_query_at_the_same_place_is_one_subscription(home):
    made, _ = await home.subscribe("diffusion model", *home.places[:2])
    for text, places in (("Models DIFFUSION", home.places[:1]), ("diffusion model", home.places[:2])):
        assert await home.subscribe(text, *places, name="other") == (made, False)
    assert await home.subscribe("diffusion model") == (made, False)  # a feed alone: it is in there already


async def test_the_same_query_at_another_place_is_another_subscription(home):
    first, _ = await home.subscribe("diffusion", home.places[0])
    second, created = await home.subscribe("diffusion", *home.places[:2])
    assert created
    assert (second.query, second.key) == (first.query, first.key)
    assert await home.changes() == [(1, "diffusion")]


async def test_the_same_place_twice_is_once(home):
    made, _ = await home.subscribe("diffusion", home.places[0], home.places[0])
    assert made.destinations == (home.places[0],)


async def test_two_presses_at_once_make_one_subscription(database, clock):
    stores = [Store.open(database, now=clock) for _ in range(2)]
    async with stores[0].write() as unit:
        person = (await unit.people.ensure(ANN, "en")).number
        place = await unit.places.ensure(Place(channel="telegram", address="1", kind="private"), person)
    homes = [Home(store, person, [place.number]) for store in stores]
    answers = await asyncio.gather(*(home.subscribe("diffusion", place.number) for home in homes * 3))
    assert sorted(created for _, created in answers) == [False] * 5 + [True]
    assert len({made.number for made, _ in answers}) == 1
    for store in stores:
        await store.close()


async def test_a_query_of_one_key_is_stored_once_and_can_be_loaded(home):
    await home.subscribe("LoRA OR qlora", home.places[0])
    await home.subscribe("qlora OR loras", home.places[1])
    await home.subscribe("diffusion upvotes>=50", home.places[1])
    async with home.store.read() as unit:
        first, second = await unit.subscriptions.query_changes(0, 10)
    assert Query.load(first.dumped) == parse("lora OR qlora")
    assert Query.load(second.dumped).upvotes == second.upvotes == 50
    assert first.upvotes is None


# --- editing ---------------------------------------------------------------------------------------------------------


async def test_an_edit_changes_only_what_is_given(home, clock):
    made, _ = await home.subscribe("diffusion", home.places[0], name="old")
    began = clock.at
    clock.advance(hours=1)
    edited = await home.edit(made.number, name="new", occasions={"withdrawn"})
    assert (edited.name, edited.occasions, edited.text, edited.began_at) == ("new", {"withdrawn"}, "diffusion", began)
    assert await home.edit(made.number) == edited
    assert (await home.edit(made.number, name="")).name == ""


async def test_another_query_starts_over_and_leaves_the_old_one_unused(home, clock):
    made, _ = await home.subscribe("diffusion", home.places[0])
    clock.advance(hours=1)
    edited = await home.edit(made.number, query=parse("attention"))
    assert (edited.text, edited.began_at) == ("attention", clock.at)
    assert edited.query != made.query
    assert await home.changes() == [(2, "attention"), (3, None)]


async def test_the_same_query_in_other_words_does_not_start_over(home, clock):
    made, _ = await home.subscribe("diffusion model", home.places[0])
    clock.advance(hours=1)
    edited = await home.edit(made.number, query=parse("MODELS diffusion"))
    assert (edited.text, edited.began_at, edited.query) == ("MODELS diffusion", made.began_at, made.query)
    assert len(await home.changes()) == 1


async def test_editing_what_is_gone_changes_nothing(home):
    made, _ = await home.subscribe("diffusion", home.places[0])
    async with home.store.write() as unit:
        await unit.subscriptions.delete(made.number)
    assert await home.edit(made.number, query=parse("attention"), name="x", cadence="instant") is None
    assert await home.edit(999, query=parse("attention")) is None
    assert await home.changes() == [(2, None)]


async def test_pausing_keeps_the_query_in_use(home):
    made, _ = await home.subscribe("diffusion", home.places[0])
    for paused in (True, False):
        async with home.store.write() as unit:
            await unit.subscriptions.pause(made.number, paused=paused)
            assert (await unit.subscriptions.get(made.number)).paused is paused
    assert await home.changes() == [(1, "diffusion")]


# --- deleting and bringing back --------------------------------------------------------------------------------------


async def test_a_deleted_subscription_can_be_brought_back(home):
    made, _ = await home.subscribe("diffusion", *home.places[:2], cadence="daily 08:00")
    async with home.store.write() as unit:
        await unit.subscriptions.delete(made.number)
        await unit.subscriptions.delete(made.number)
        assert await unit.subscriptions.get(made.number) is None
        assert await unit.subscriptions.count() == 0
        assert await unit.subscriptions.of_place(home.places[0]) == []
    assert await home.changes() == [(2, None)]
    async with home.store.write() as unit:
        assert await unit.subscriptions.restore(999) is None
        assert await unit.subscriptions.restore(made.number) == made
        assert await unit.subscriptions.restore(made.number) == made
    assert await home.changes() == [(3, "diffusion")]


async def test_a_query_stays_in_use_while_anybody_wants_it(home):
    first, _ = await home.subscribe("diffusion", home.places[0])
    second, _ = await home.subscribe("diffusion", home.places[1])
    async with home.store.write() as unit:
        await unit.subscriptions.delete(first.number)
    assert await home.changes() == [(1, "diffusion")]
    async with home.store.write() as unit:
        await unit.subscriptions.delete(second.number)
    assert await home.changes() == [(2, None)]
    await home.subscribe("diffusion", home.places[2])
    assert await home.changes() == [(3, "diffusion")]


# --- the sequence of changes -----------------------------------------------------------------------------------------


async def test_changes_are_read_on_from_where_one_was(home):
    for number, text in enumerate(["a1", "b1", "c1", "d1"], start=1):
        await home.subscribe(text, home.places[0])
        assert (await home.changes())[-1] == (number, text)
    async with home.store.read() as unit:
        first = await unit.subscriptions.query_changes(0, 3)
        rest = await unit.subscriptions.query_changes(first[-1].seq, 3)
    assert [shown(change) for change in first + rest] == ["a1", "b1", "c1", "d1"]
    assert await home.changes(4) == []


async def test_no_change_becomes_visible_after_a_later_one(database, clock):
    """A transaction that began earlier and commits later must not appear before what a matcher has read already."""
    stores = [Store.open(database, now=clock) for _ in range(2)]
    async with stores[0].write() as unit:
        person = (await unit.people.ensure(ANN, "en")).number
    options = {"name": "", "occasions": frozenset({"arrival"}), "cadence": "", "destinations": ()}
    slow, seen = asyncio.Event(), []

    async def first():
        async with stores[0].write() as unit:
            await unit.subscriptions.subscribe(person, parse("slow"), **options)
            slow.set()
            for _ in range(5):
                seen.append(await Home(stores[1], person, []).changes())
                await asyncio.sleep(0.01)

    async def second():
        await slow.wait()
        async with stores[1].write() as unit:
            await unit.subscriptions.subscribe(person, parse("quick"), **options)

    await asyncio.gather(first(), second())
    assert seen == [[]] * 5
    assert await Home(stores[1], person, []).changes() == [(1, "slow"), (2, "quick")]
    for store in stores:
        await store.close()


# --- slots -----------------------------------------------------------------------------------------------------------


async def test_slots_follow_the_subscription_then_the_place(home, clock):
    clock.set("2026-01-05T07:59:50Z")
    async with home.store.write() as unit:
        await unit.places.update(home.places[0], cadence="daily 09:00", zone="Europe/Berlin")
    made, _ = await home.subscribe("diffusion", *home.places[:2])
    assert str(await home.slot(made.number, home.places[0])) == "2026-01-05 08:00:00+00:00"
    assert await home.slot(made.number, home.places[1]) is None
    await home.edit(made.number, cadence="weekly fri 08:00")
    assert str(await home.slot(made.number, home.places[0])) == "2026-01-09 07:00:00+00:00"
    assert str(await home.slot(made.number, home.places[1])) == "2026-01-09 08:00:00+00:00"
    await home.edit(made.number, cadence="")
    async with home.store.write() as unit:
        await unit.places.update(home.places[0], zone="UTC")
    assert str(await home.slot(made.number, home.places[0])) == "2026-01-05 09:00:00+00:00"


async def test_what_is_owed_goes_with_the_slot_of_those_who_want_it(home, store, clock):
    made, _ = await home.subscribe("diffusion", home.places[0], cadence="daily 20:00")
    row_maker = World(store, clock)
    hers, other = await row_maker.paper("2601.00001"), await row_maker.paper("2601.00002")
    assert await row_maker.match(row_maker.news(hers, made.query)) == 1
    evening = clock.at.replace(hour=20, minute=0, second=0)
    await row_maker.owe(home.places[0], other, due_at=evening)

    async def due():
        return {row.paper: row.due_at for row in await row_maker.deliveries()}

    assert await due() == {hers.number: evening, other.number: evening}
    noon = clock.at.replace(hour=12, minute=0, second=0)
    await home.edit(made.number, cadence="daily 12:00")
    assert await due() == {hers.number: noon, other.number: evening}
    assert await row_maker.next_due_at(home.places[0]) == clock.at  # a turn at once finds out when the next one is
    await home.edit(made.number, cadence="weekly fri 08:00")
    friday = clock.at.replace(day=9, hour=8, minute=0, second=0)
    assert await due() == {hers.number: friday, other.number: evening}
    clock.advance(minutes=1)
    await home.edit(made.number, cadence="instant")
    assert await due() == {hers.number: clock.at, other.number: evening}


async def test_a_subscription_that_comes_back_has_its_next_slot(home, clock):
    made, _ = await home.subscribe("diffusion", home.places[0], cadence="daily 08:00")
    async with home.store.write() as unit:
        await unit.subscriptions.delete(made.number)
    clock.advance(days=3)
    async with home.store.write() as unit:
        await unit.subscriptions.restore(made.number)
    assert await home.slot(made.number, home.places[0]) == clock.at.replace(hour=8, minute=0, second=0)
    assert clock.at - timedelta(days=3) == made.began_at


def test_occasions_are_bits_and_words():
    assert want_of({"arrival", "withdrawn"}) == Want.ARRIVAL | Want.WITHDRAWN
    assert want_of([]) == 0
    with pytest.raises(KeyError):
        want_of(["sometimes"])


async def test_routes_say_what_their_subscription_says(home, store, clock):
    routes, subscription = TABLES["subscription_destination"], TABLES["subscription"]

    async def said():
        both = select(
            *(routes.c.query, routes.c.began_at, routes.c.wants),
            *(subscription.c.query, subscription.c.began_at, subscription.c.occasions),
        ).join_from(routes, subscription, subscription.c.number == routes.c.subscription)
        async with store.read() as unit:
            (row,) = (await unit.connection.execute(both)).all()
        assert row[:2] == row[3:5]
        return row[2], row[5]

    made, _ = await home.subscribe("diffusion", destinations=home.places[:1])
    assert await said() == (1 | LIVE, 1)
    clock.advance(days=1)
    await home.edit(made.number, query=parse("lora"), occasions={"arrival", "versions"})
    assert await said() == (3 | LIVE, 3)
    for paused, wants in ((True, 0), (False, 3 | LIVE)):
        async with store.write() as unit:
            await unit.subscriptions.pause(made.number, paused=paused)
        assert await said() == (wants, 3)
    async with store.write() as unit:
        await unit.subscriptions.delete(made.number)
    assert await said() == (0, 3)
    async with store.write() as unit:
        await unit.subscriptions.restore(made.number)
    assert await said() == (3 | LIVE, 3)
