"""Parting an account from a person: what is its own goes with it, the rest stays."""

import asyncio

from people_world import ANN, BOB, ROOM, a_person, a_place, hash_of, owe, private, row_counts, some_papers, subscribe

from paperwire.ports.requests import Actor, Place
from paperwire.store.owners import Owner
from paperwire.store.subscriptions.feeds import Retired
from paperwire.store.unit import Store

MAIL = Actor(channel="email", user_id="ann@example.org")
CORD = Actor(channel="discord", user_id="9")
BOX = Place(channel="email", address=MAIL.user_id, kind="mailbox")
DM = Place(channel="discord", address="77001", kind="private")  # which isn't its user's number


async def ann_with(store, *accounts):
    """Ann with further accounts, the places of all of them, and a subscription that goes to each."""
    ann = await a_person(store, ANN)
    async with store.write() as unit:
        for account in accounts:
            await unit.people.link(account, ann)
    there = {MAIL: BOX, CORD: DM}
    places = [await a_place(store, there.get(one) or private(one), ann) for one in (ANN, *accounts)]
    return ann, places, await subscribe(store, ann, "diffusion", *places)


async def unlinked(store, person, account):
    async with store.write() as unit:
        return await unit.people.unlink(person, account, hash_of) is not None


async def test_the_place_of_an_unlinked_account_gets_nothing_of_theirs(store, clock):
    ann, (chat, box, dm), subscription = await ann_with(store, MAIL, CORD)
    await owe(store, clock, box, *await some_papers(store, 1))
    for account, gone, rest in ((MAIL, box, (chat, dm)), (CORD, dm, (chat,))):
        assert await unlinked(store, ann, account)
        async with store.read() as unit:
            assert await unit.people.person_of(account) is None
            assert await unit.people.destination(gone) is None
            assert (await unit.subscriptions.get(subscription.number)).destinations == rest
    assert await row_counts(store) == {"person": 1, "account": 1, "destination": 1, "subscription": 1}


async def test_a_chat_of_another_account_on_that_channel_stays(store):
    ann, (chat, dm, _), subscription = await ann_with(store, CORD, BOB)
    other = Actor(channel="discord", user_id="10")
    async with store.write() as unit:
        await unit.people.link(other, ann)
    assert await unlinked(store, ann, other)  # whose chat of the two it is, is not known
    assert await unlinked(store, ann, BOB)
    async with store.read() as unit:
        assert (await unit.subscriptions.get(subscription.number)).destinations == (chat, dm)
        assert (await unit.people.destination(dm)).owner == ann


async def test_a_place_that_somebody_else_uses_becomes_theirs_and_a_shared_one_stays(store):
    ann, (chat, box), _ = await ann_with(store, MAIL)
    eve = await a_person(store, Actor(channel="telegram", user_id="3", name="Eve"))
    room = await a_place(store, ROOM, ann)
    theirs = await subscribe(store, eve, "lora", box)
    assert await unlinked(store, ann, MAIL)
    async with store.read() as unit:
        assert (await unit.people.destination(box)).owner == eve
        assert (await unit.subscriptions.get(theirs.number)).destinations == (box,)
        assert [one.number for one in await unit.people.destinations_of(ann)] == [chat, room]


async def test_an_only_account_and_somebody_elses_stay(store):
    ann, _, _ = await ann_with(store, MAIL)
    bob = await a_person(store, BOB)
    before = await row_counts(store)
    assert not await unlinked(store, bob, BOB)
    assert not await unlinked(store, ann, BOB)
    assert not await unlinked(store, bob, MAIL)
    assert await row_counts(store) == before


async def test_of_two_accounts_unlinked_at_once_one_stays(database, clock):
    stores = [Store.open(database, now=clock) for _ in range(2)]
    ann, _, _ = await ann_with(stores[0], MAIL)
    done = await asyncio.gather(unlinked(stores[0], ann, ANN), unlinked(stores[1], ann, MAIL))
    assert sorted(done) == [False, True]
    assert (await row_counts(stores[0]))["account"] == 1
    for store in stores:
        await store.close()


async def test_the_feeds_of_who_stays_have_new_addresses_and_those_of_a_room_their_old_ones(store):
    ann, _, subscription = await ann_with(store, MAIL)
    room = await a_place(store, ROOM, ann)
    async with store.write() as unit:
        owners = (Owner(person=ann), None), (Owner(person=ann), subscription.number), (Owner(place=room), None)
        everything, one, of_room = [await unit.feeds.ensure(*owner, hash_of) for owner in owners]
        assert await unit.people.unlink(ann, MAIL, hash_of) == 2
    async with store.read() as unit:
        for feed in (everything, one):
            assert isinstance(await unit.feeds.by_hash(hash_of(feed.number, 1)), Retired)
            assert (await unit.feeds.by_hash(hash_of(feed.number, 2))).person == ann
        assert (await unit.feeds.by_hash(hash_of(of_room.number, 1))).place == room


async def test_former_addresses_end_as_well(store):
    """Of two that were linked each had a feed of everything; both show all until one of them goes."""
    ann, bob = await a_person(store, ANN), await a_person(store, BOB)
    async with store.write() as unit:
        feeds = [await unit.feeds.ensure(Owner(person=one), None, hash_of) for one in (ann, bob)]
        await unit.people.link(BOB, ann)
        assert await unit.people.unlink(ann, BOB, hash_of) == 2
    async with store.read() as unit:
        for feed in feeds:
            assert isinstance(await unit.feeds.by_hash(hash_of(feed.number, 1)), Retired)
        assert (await unit.feeds.by_hash(hash_of(feeds[0].number, 2))).person == ann


async def test_an_account_that_stays_leaves_all_addresses_as_they_are(store):
    ann, _, _ = await ann_with(store)
    async with store.write() as unit:
        feed = await unit.feeds.ensure(Owner(person=ann), None, hash_of)
        assert await unit.people.unlink(ann, ANN, hash_of) is None
    async with store.read() as unit:
        assert (await unit.feeds.by_hash(hash_of(feed.number, 1))).number == feed.number
