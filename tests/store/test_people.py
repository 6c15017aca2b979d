"""People, their accounts, places and mutes, and linking them."""

import asyncio
from dataclasses import replace

import pytest
from people_world import (
    ANN,
    BOB,
    ROOM,
    a_person,
    a_place,
    hash_of,
    owe,
    private,
    row_counts,
    some_papers,
    subscribe,
    turn_of,
)

from paperwire.core.subscriptions.subscription import Owner
from paperwire.ports.callers import Actor, Place
from paperwire.store.unit import Store

# --- persons and accounts ---------------------------------------------------------------------------------------------


async def test_a_person_is_made_at_their_first_word_and_stays(store, clock):
    async with store.write() as unit:
        assert await unit.people.person_of(ANN) is None
        ann = await unit.people.ensure(ANN, "de", zone="Europe/Berlin")
        assert (ann.name, ann.locale, ann.zone) == ("Ann", "de", "Europe/Berlin")
        assert await unit.people.ensure(ANN, "") == ann
        assert await unit.people.ensure(ANN, "fr") == replace(ann, locale="fr")
        assert await unit.people.ensure(ANN, "de") == ann
        assert await unit.people.person_of(ANN) == ann
        assert await unit.people.get(ann.number) == ann
        assert await unit.people.get(ann.number + 1) is None
        assert (await unit.people.ensure(BOB, "en")).number != ann.number


async def test_the_same_user_id_on_another_channel_is_somebody_else(store):
    other = Actor(channel="discord", user_id=ANN.user_id)
    assert await a_person(store, ANN) != await a_person(store, other)


async def test_two_processes_meet_a_person_at_once(database, clock):
    stores = [Store.open(database, now=clock) for _ in range(2)]
    numbers = await asyncio.gather(*(a_person(store, ANN) for store in stores * 3))
    assert len(set(numbers)) == 1
    assert await row_counts(stores[0]) == {"person": 1, "account": 1}
    for store in stores:
        await store.close()


async def test_a_new_account_is_linked(store):
    ann = await a_person(store, ANN)
    phone = Actor(channel="discord", user_id="9")
    async with store.write() as unit:
        await unit.people.link(phone, ann)
        await unit.people.link(phone, ann)
        assert [(one.channel, one.user_id) for one in await unit.people.accounts(ann)] == [
            ("discord", "9"),
            ("telegram", "1"),
        ]
        assert (await unit.people.person_of(phone)).number == ann
        assert (await unit.people.person_of(ANN)).number == ann


async def test_linking_makes_one_person_of_two_and_loses_nothing(store):
    ann, bob = await a_person(store, ANN), await a_person(store, BOB)
    place = await a_place(store, private(BOB), bob)
    (first, second, third) = await some_papers(store, 3)
    subscription = await subscribe(store, bob, "title", place)
    async with store.write() as unit:
        for person, paper in ((ann, first), (ann, second), (bob, second), (bob, third)):
            await unit.people.save_paper(person, paper)
        await unit.people.watch(place, first, bob)
        kept = await unit.feeds.ensure(Owner(ann), None, hash_of)
        gone = await unit.feeds.ensure(Owner(bob), None, hash_of)
        single = await unit.feeds.ensure(Owner(bob), subscription.number, hash_of)
        await unit.people.link(BOB, ann)
    async with store.read() as unit:
        assert await unit.people.get(bob) is None
        assert (await unit.people.person_of(BOB)).number == ann
        assert [one.number for one in await unit.subscriptions.of_person(ann)] == [subscription.number]
        assert [one.number for one in await unit.places.of_person(ann)] == [place]
        assert {paper.number for paper in await unit.people.saved(ann)} == {first, second, third}
        assert (await unit.feeds.by_hash(hash_of(kept.number, 1))).person == ann
        assert (await unit.feeds.by_hash(hash_of(single.number, 1))).person == ann
        assert (await unit.feeds.by_hash(hash_of(gone.number, 1))).person == ann


async def test_the_feed_of_everything_moves_over_if_there_is_no_other(store):
    ann, bob = await a_person(store, ANN), await a_person(store, BOB)
    async with store.write() as unit:
        feed = await unit.feeds.ensure(Owner(bob), None, hash_of)
        await unit.people.link(BOB, ann)
        assert (await unit.feeds.by_hash(hash_of(feed.number, 1))).person == ann


# --- places -----------------------------------------------------------------------------------------------------------


async def test_a_place_is_one_however_often_it_is_met(store):
    ann, bob = await a_person(store, ANN), await a_person(store, BOB)
    async with store.write() as unit:
        assert await unit.places.at(ROOM) is None
        made = await unit.places.ensure(ROOM, ann, zone="Asia/Tokyo")
        assert (made.owner, made.cadence, made.zone, made.style, made.paused) == (
            ann,
            "instant",
            "Asia/Tokyo",
            "auto",
            "",
        )
        renamed = Place(channel=ROOM.channel, address=ROOM.address, kind="group", title="New name")
        again = await unit.places.ensure(renamed, bob)
        assert (again.number, again.owner, again.kind, again.title) == (made.number, ann, "group", "New name")
        untitled = Place(channel=ROOM.channel, address=ROOM.address, kind="group")
        assert (await unit.places.ensure(untitled, bob)).title == "New name"
        assert (await unit.places.at(ROOM)).number == made.number
        assert (await unit.places.get(made.number)).address == ROOM.address
        assert list(await unit.places.get_many([made.number, 999])) == [made.number]
        assert await unit.places.get(999) is None


async def test_a_persons_places_are_those_they_own_or_subscribe_for(store):
    ann, bob = await a_person(store, ANN), await a_person(store, BOB)
    topic = Place(channel="ntfy", address="papers", kind="address")
    own, address = await a_place(store, private(ANN), ann), await a_place(store, topic, bob)
    await a_place(store, private(BOB), bob)
    made = await subscribe(store, ann, "words", address)
    async with store.write() as unit:
        assert [one.number for one in await unit.places.of_person(ann)] == [own, address]
        await unit.subscriptions.delete(made.number)
        assert [one.number for one in await unit.places.of_person(ann)] == [own]


async def test_who_manages_a_place_has_something_there_or_met_it_first(store):
    ann, bob = await a_person(store, ANN), await a_person(store, BOB)
    cy = await a_person(store, Actor(channel="telegram", user_id="3"))
    room, topic = await a_place(store, ROOM, ann), Place(channel="ntfy", address="papers", kind="address")
    address = await a_place(store, topic, bob)
    added = await subscribe(store, bob, "words", room)
    await subscribe(store, bob, "more words", room)
    await subscribe(store, cy, "words", address)
    async with store.write() as unit:
        assert await unit.places.managers_of(room) == [ann, bob]
        assert await unit.places.managers_of(address) == [bob, cy]
        await unit.subscriptions.delete(added.number)
        assert await unit.places.managers_of(room) == [ann, bob]
        await unit.people.forget(bob)
        assert await unit.places.managers_of(room) == [ann]
        assert await unit.places.managers_of(address) == [cy]
        await unit.people.forget(cy)
        assert await unit.places.managers_of(room) == [ann]


async def test_a_place_can_be_changed(store):
    place = await a_place(store, ROOM, await a_person(store, ANN))
    changes = {"cadence": "daily 08:00", "zone": "Europe/Berlin", "quiet": "22:00-07:00", "style": "list", "title": "X"}
    async with store.write() as unit:
        await unit.places.update(place, **changes)
        found = await unit.places.get(place)
        assert {name: getattr(found, name) for name in changes} == changes
        with pytest.raises(TypeError, match="owner"):
            await unit.places.update(place, owner="2")


async def test_a_place_that_moved_is_found_under_its_new_address(store):
    place = await a_place(store, ROOM, await a_person(store, ANN))
    moved = Place(channel=ROOM.channel, address="-200", kind="group")
    async with store.write() as unit:
        await unit.places.update(place, address="-200")
        await unit.places.update(place, address="-200", title="Moved")
        assert (await unit.places.at(moved)).title == "Moved"
        assert await unit.places.at(ROOM) is None


async def test_a_paused_place_waits_and_gets_its_turn_at_once_when_resumed(store, clock):
    place = await a_place(store, ROOM, await a_person(store, ANN))
    await owe(store, clock, place, *await some_papers(store, 1))
    async with store.write() as unit:
        await unit.places.pause(place, "blocked by the person")
        assert (await unit.places.get(place)).paused == "blocked by the person"
    assert await turn_of(store, place) == (None, None)
    clock.advance(hours=1)
    async with store.write() as unit:
        await unit.places.resume(place)
        assert (await unit.places.get(place)).paused == ""
    assert await turn_of(store, place) == (clock.at, None)


async def test_mutes_are_folded_and_once(store):
    place = await a_place(store, ROOM, await a_person(store, ANN))
    async with store.write() as unit:
        before = await unit.feeds.sequence()
        mute = await unit.places.mute(place, "author", "Jörg  MÜLLER")
        assert await unit.places.mute(place, "author", "jorg muller") == mute
        await unit.places.mute(place, "category", "CS.CV")
        await unit.places.mute(place, "subscription", "7")
        found = [(one.kind, one.value) for one in await unit.places.mutes(place)]
        assert found == [("author", "jorg muller"), ("category", "cs.cv"), ("subscription", "7")]
        assert await unit.feeds.sequence() > before
        assert await unit.places.unmute(mute.number)
        assert not await unit.places.unmute(mute.number)
        assert len(await unit.places.mutes(place)) == 2


async def test_saved_papers_come_last_saved_first(store, clock):
    ann = await a_person(store, ANN)
    numbers = await some_papers(store, 3)
    for number in (*numbers, numbers[0]):
        clock.advance(minutes=1)
        async with store.write() as unit:
            await unit.people.save_paper(ann, number)
    async with store.write() as unit:
        assert [paper.number for paper in await unit.people.saved(ann)] == numbers[::-1]
        await unit.people.unsave_paper(ann, numbers[1])
        await unit.people.unsave_paper(ann, numbers[1])
        assert [paper.number for paper in await unit.people.saved(ann)] == [numbers[2], numbers[0]]


async def test_a_paper_is_watched_at_a_place_until_it_is_not(store):
    ann = await a_person(store, ANN)
    place = await a_place(store, ROOM, ann)
    (paper,) = await some_papers(store, 1)
    async with store.write() as unit:
        await unit.people.watch(place, paper, ann)
        await unit.people.watch(place, paper, ann)
    assert (await row_counts(store))["watch"] == 1
    async with store.write() as unit:
        await unit.people.unwatch(place, paper)
    assert "watch" not in await row_counts(store)
