"""Shared places own their subscriptions: made once, also by two at once, and kept when places or people become one."""

import asyncio

import pytest
from people_world import ANN, BOB, ROOM, TABLES, a_person, a_place, hash_of, private, subscribe
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from paperwire.core.query.language import parse
from paperwire.core.subscriptions.subscription import Owner
from paperwire.ports.callers import Place
from paperwire.store.database.tables.deliveries import MatchRow

GROUP = Place(channel="telegram", address="-200", kind="group", title="Lab")


async def of_place(store, place):
    async with store.read() as unit:
        return await unit.subscriptions.of_place(place)


async def test_two_managers_who_add_one_query_at_once_make_one(store, other):
    people = await a_person(store, ANN), await a_person(other, BOB)
    room = await a_place(store, ROOM, people[0])
    words = ("lora adapter", "Adapters LORA")
    made = await asyncio.gather(
        *(
            subscribe(where, who, words[turn % 2], room)
            for turn in range(3)
            for where, who in zip((store, other), people, strict=True)
        )
    )
    assert len({one.number for one in made}) == 1
    assert [(one.ordinal, one.place, one.person) for one in await of_place(store, room)] == [(1, room, 0)]


async def test_the_database_itself_refuses_the_same_query_twice_in_one_place(store):
    ann = await a_person(store, ANN)
    room = await a_place(store, ROOM, ann)
    made = await subscribe(store, ann, "lora", room)
    again = {"place": room, "query": made.query, "text": "lora", "name": "", "cadence": "", "began_at": made.began_at}
    with pytest.raises(IntegrityError):
        async with store.write() as unit:
            await unit.connection.execute(insert(TABLES["subscription"]).values(**again, ordinal=2))


async def test_numbers_of_one_owner_are_given_one_by_one_also_at_once(store, other):
    ann = await a_person(store, ANN)
    room = await a_place(store, ROOM, ann)
    await asyncio.gather(*(subscribe((store, other)[n % 2], ann, f"word{n}", room) for n in range(6)))
    assert [one.ordinal for one in await of_place(store, room)] == [1, 2, 3, 4, 5, 6]


async def test_a_shared_place_is_subscribed_for_alone(store):
    ann = await a_person(store, ANN)
    chat, room = await a_place(store, private(ANN), ann), await a_place(store, ROOM, ann)
    with pytest.raises(ValueError, match="each place apart"):
        await subscribe(store, ann, "lora", chat, room)


async def test_two_edits_to_one_query_at_once_make_one_of_them_wait_in_vain(store, other):
    ann = await a_person(store, ANN)
    room = await a_place(store, ROOM, ann)
    first, second = await subscribe(store, ann, "lora", room), await subscribe(store, ann, "qlora", room)

    async def edit(where, one):
        async with where.write() as unit:
            return await unit.subscriptions.edit(one.number, query=parse("attention"))

    told = await asyncio.gather(edit(store, first), edit(other, second))
    assert len({one.number for one in told}) == 1
    assert sorted(one.text for one in await of_place(store, room)) in (["attention", "lora"], ["attention", "qlora"])


# --- places that become one --------------------------------------------------------------------------------------


async def two_places(store, clock):
    """A room with `lora` and `heat`, later a lab with `heat` and `attention`; the feeds of both and of their heat."""
    ann, bob = await a_person(store, ANN), await a_person(store, BOB)
    room, lab = await a_place(store, ROOM, ann), await a_place(store, GROUP, bob)
    await subscribe(store, ann, "lora", room)
    old = await subscribe(store, ann, "heat", room)
    clock.advance(hours=1)
    heat = await subscribe(store, bob, "heat", lab)
    await subscribe(store, bob, "attention", lab)
    async with store.write() as unit:
        await unit.subscriptions.edit(old.number, occasions={"versions"})
        await unit.subscriptions.pause(heat.number, paused=True)
        await unit.places.mute(room, "subscription", str(old.number))
        feeds = [
            (await unit.feeds.ensure(Owner(place=owner), one, hash_of)).number
            for owner, one in ((room, None), (room, old.number), (lab, None), (lab, heat.number))
        ]
        gone = await subscribe_and_delete(unit, ann, room)
    return room, lab, old, heat, gone, feeds


async def subscribe_and_delete(unit, person, place):
    options = {"name": "", "occasions": frozenset({"arrival"}), "cadence": "", "destinations": [place]}
    made, _ = await unit.subscriptions.subscribe(person, parse("deleted"), **options)
    await unit.subscriptions.delete(made.number)
    return made.number


async def test_a_place_that_moves_takes_its_subscriptions_along(store, clock):
    room, lab, old, heat, gone, _ = await two_places(store, clock)
    async with store.write() as unit:
        assert await unit.places.moved(room, GROUP.address) == lab
    mine = await of_place(store, lab)
    assert [(one.ordinal, one.text, one.place, one.destinations) for one in mine] == [
        (3, "lora", lab, (lab,)),
        (1, "heat", lab, (lab,)),
        (2, "attention", lab, (lab,)),
    ]
    joined = mine[1]
    assert (joined.number, joined.began_at, joined.paused) == (heat.number, old.began_at, False)
    assert joined.occasions == {"arrival", "versions"}
    async with store.write() as unit:
        route = TABLES["subscription_destination"]
        wants = await unit.connection.scalar(
            route.select().with_only_columns(route.c.wants).where(route.c.subscription == heat.number)
        )
        assert wants == 8 + 1 + 2
        assert await unit.places.mutes(lab) == []
        assert (await unit.subscriptions.restore(gone)).place == lab


async def test_links_of_both_places_go_on(store, clock):
    room, lab, _, heat, _, feeds = await two_places(store, clock)
    async with store.write() as unit:
        links = [hash_of(number, 1) for number in feeds]
        match = {"query": heat.query, "paper": 1, "occasion": 0, "seen_at": unit.now, "quiet": False}
        await unit.connection.execute(insert(MatchRow), [match])
        await unit.places.moved(room, GROUP.address)
        found = [await unit.feeds.by_hash(link) for link in links]
        assert [(one.place, one.subscription) for one in found] == [
            (lab, None), (lab, heat.number), (lab, None), (lab, heat.number),
        ]  # fmt: skip
        parts = TABLES["feed_part"]
        rows = (await unit.connection.execute(parts.select())).all()
        assert [(row.feed, row.subscription, row.occasions) for row in rows] == [(feeds[1], heat.number, 2)]
        assert (await unit.feeds.ensure(Owner(place=lab), None, hash_of)).number == feeds[2]
        await unit.feeds.reset(feeds[2], hash_of)
        closed = [type(await unit.feeds.by_hash(link)).__name__ for link in links]
    assert closed == ["Retired", "Retired", "Retired", "PrivateFeed"]


# --- people who become one ---------------------------------------------------------------------------------------


async def test_people_who_become_one_have_all_numbers_and_stay_the_ones_who_added(store):
    ann, bob = await a_person(store, ANN), await a_person(store, BOB)
    room = await a_place(store, ROOM, bob)
    chats = await a_place(store, private(ANN), ann), await a_place(store, private(BOB), bob)
    for person, chat in zip((ann, bob), chats, strict=True):
        await subscribe(store, person, "lora", chat)
        await subscribe(store, person, "heat", chat)
    await subscribe(store, bob, "attention", room)
    async with store.write() as unit:
        feeds = [await unit.feeds.ensure(Owner(who), None, hash_of) for who in (ann, bob)]
        await unit.people.link(BOB, ann)
        assert [(one.ordinal, one.text) for one in await unit.subscriptions.of_person(ann)] == [
            (1, "lora"), (2, "heat"), (3, "lora"), (4, "heat"),
        ]  # fmt: skip
        (shared,) = await unit.places.shared_places(ann)
        assert (shared.place.number, shared.subscriptions, shared.added) == (room, 1, 1)
        for feed in feeds:
            assert (await unit.feeds.by_hash(hash_of(feed.number, 1))).person == ann
        assert (await unit.feeds.ensure(Owner(ann), None, hash_of)).number == feeds[0].number


# --- an edit and back --------------------------------------------------------------------------------------------


async def test_an_undone_edit_begins_when_it_began_and_owes_what_it_owed(store, clock):
    ann = await a_person(store, ANN)
    chat = await a_place(store, private(ANN), ann)
    made = await subscribe(store, ann, "heat", chat)
    delivery = {"destination": chat, "paper": 7, "occasion": 0, "state": 0, "attempts": 0}
    async with store.write() as unit:
        match = {"query": made.query, "paper": 7, "occasion": 0, "seen_at": unit.now, "quiet": False}
        await unit.connection.execute(insert(MatchRow), [match])
        await unit.connection.execute(insert(TABLES["delivery"]).values(**delivery, due_at=unit.now))
    clock.advance(hours=1)
    async with store.write() as unit:
        edited = await unit.subscriptions.edit(made.number, query=parse("lora"))
        await unit.connection.execute(TABLES["delivery"].delete())  # as the place's turn does with what nobody wants
    second = int(edited.edited_at.timestamp())
    clock.advance(hours=1)
    async with store.write() as unit:
        assert await unit.subscriptions.undo_edit(made.number, second - 1) is None
        assert await unit.subscriptions.undo_edit(999, second) is None
        back = await unit.subscriptions.undo_edit(made.number, second)
        assert await unit.subscriptions.undo_edit(made.number, second) is None
        owed = (await unit.connection.execute(TABLES["delivery"].select())).all()
    assert back == made
    assert [(row.destination, row.paper, row.state) for row in owed] == [(chat, 7, 0)]
