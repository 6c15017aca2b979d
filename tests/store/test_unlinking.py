"""Parting an account from a person: what is its own goes with it, the rest stays."""

import asyncio

from people_world import ANN, BOB, ROOM, a_person, a_place, hash_of, owe, private, row_counts, some_papers, subscribe

from paperwire.core.query.language import parse
from paperwire.core.subscriptions.feeds import Retired
from paperwire.core.subscriptions.subscription import Owner
from paperwire.ports.callers import Actor, Place
from paperwire.store.unit import Store

MAIL = Actor(channel="email", user_id="ann@example.org")
CORD = Actor(channel="discord", user_id="9")
EVE = Actor(channel="telegram", user_id="3", name="Eve")
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


async def unlinked(store, person, account, private_address=""):
    async with store.write() as unit:
        return await unit.people.unlink(person, account, hash_of, private_address) is not None


async def of(store, account):
    """The person of an account, and the texts and places of their subscriptions."""
    async with store.read() as unit:
        person = await unit.people.person_of(account)
        its = await unit.subscriptions.of_person(person.number)
        return person.number, sorted((one.ordinal, one.text, one.destinations) for one in its)


async def test_each_keeps_what_both_places_got_and_its_own(store, clock):
    ann, (chat, box, dm), _ = await ann_with(store, MAIL, CORD)
    await subscribe(store, ann, "lora", box)
    await subscribe(store, ann, "quantum", chat)
    await subscribe(store, ann, "nowhere")
    await owe(store, clock, box, *await some_papers(store, 1))
    assert await unlinked(store, ann, MAIL)
    assert await unlinked(store, ann, CORD)
    mail, its = await of(store, MAIL)
    assert its == [(1, "diffusion", (box,)), (2, "lora", (box,))]
    cord, its = await of(store, CORD)
    assert its == [(1, "diffusion", (dm,))]
    assert await of(store, ANN) == (ann, [(1, "diffusion", (chat,)), (3, "quantum", (chat,)), (4, "nowhere", ())])
    async with store.read() as unit:
        owners = {place: (await unit.places.get(place)).owner for place in (chat, box, dm)}
        person = await unit.people.get(mail)
    assert owners == {chat: ann, box: mail, dm: cord}
    assert (person.locale, person.zone) == ("en", "Europe/Berlin")
    assert (await row_counts(store))["delivery"] == 1


async def test_a_copy_is_as_the_subscription_was_and_changes_alone(store, clock):
    ann, (_, box), shared = await ann_with(store, MAIL)
    async with store.write() as unit:
        await unit.subscriptions.edit(shared.number, name="mine", cadence="daily 08:00", occasions={"versions"})
        await unit.places.mute(box, "subscription", str(shared.number))
    clock.advance(days=1)
    assert await unlinked(store, ann, MAIL)
    mail, _ = await of(store, MAIL)
    async with store.write() as unit:
        (copy,), (before,) = [await unit.subscriptions.of_person(one) for one in (mail, ann)]
        assert (copy.name, copy.cadence, copy.occasions) == ("mine", "daily 08:00", {"versions"})
        assert (copy.began_at, copy.query) == (before.began_at, before.query)
        assert [mute.value for mute in await unit.places.mutes(box)] == [str(copy.number)]
        await unit.subscriptions.delete(before.number)
        assert [one.number for one in await unit.subscriptions.of_person(mail)] == [copy.number]


async def test_what_was_ended_goes_with_its_only_place_and_comes_back_there(store):
    ann, (_, box), both = await ann_with(store, MAIL)
    own = await subscribe(store, ann, "lora", box)
    async with store.write() as unit:
        for ended in (own, both):
            await unit.subscriptions.delete(ended.number)
    assert await unlinked(store, ann, MAIL)
    async with store.write() as unit:
        for ended in (own, both):
            await unit.subscriptions.restore(ended.number)
    assert [text for _, text, _ in (await of(store, MAIL))[1]] == ["lora"]
    assert box not in (await of(store, ANN))[1][0][2]


async def test_undoing_a_departure_brings_nothing_of_the_others_back(store):
    ann, (chat, box), both = await ann_with(store, MAIL)
    async with store.write() as unit:
        await unit.departures.add(box, [both.number], closed=False, paused="")
        await unit.routes.end(both.number, box)
    assert await unlinked(store, ann, MAIL)
    async with store.read() as unit:
        assert await unit.departures.of_place(box) == []
    assert (await of(store, ANN))[1] == [(1, "diffusion", (chat,))]


async def test_what_asks_for_saved_papers_stays_with_them(store):
    ann, (chat, box), _ = await ann_with(store, MAIL)
    async with store.write() as unit:
        query = parse("like:saved").of(ann)
        options = {"name": "", "occasions": frozenset({"arrival"}), "cadence": ""}
        await unit.subscriptions.subscribe(ann, query, **options, destinations=[box])
    paper, followed = await some_papers(store, 2)
    async with store.write() as unit:
        await unit.people.save_paper(ann, paper)
        await unit.people.watch(box, followed, ann)
    assert await unlinked(store, ann, MAIL)
    mail, its = await of(store, MAIL)
    assert its == [(1, "diffusion", (box,))]
    assert (await of(store, ANN))[1] == [(1, "diffusion", (chat,)), (2, "like:saved", ())]
    async with store.read() as unit:
        assert await unit.people.saved(mail) == []
        assert len(await unit.people.watched(box)) == 1
        assert len((await unit.people.export(mail))["watched"]) == 1


async def test_of_two_accounts_on_a_channel_the_chat_of_the_one_that_goes_is_its_own(store):
    ann, (chat, dm, _), _ = await ann_with(store, CORD, BOB)
    other = Actor(channel="discord", user_id="10")
    async with store.write() as unit:
        await unit.people.link(other, ann)
    assert await unlinked(store, ann, other, "77002")  # it never wrote
    assert (await of(store, other))[1] == []
    assert await unlinked(store, ann, BOB)
    assert dm in (await of(store, ANN))[1][0][2]
    async with store.write() as unit:
        await unit.people.link(other, ann)
    assert await unlinked(store, ann, CORD, DM.address)
    assert (await of(store, CORD))[1] == [(1, "diffusion", (dm,))]
    assert (await of(store, ANN))[1] == [(1, "diffusion", (chat,))]


async def test_shared_places_go_with_the_only_account_that_manages_them(store):
    ann, (chat, _), _ = await ann_with(store, MAIL)
    room = await a_place(store, ROOM, ann)
    await subscribe(store, ann, "quantum", room)
    assert await unlinked(store, ann, MAIL)
    assert [(one.place.number, one.added) for one in await shared_of(store, ann)] == [(room, 1)]
    async with store.write() as unit:
        await unit.people.link(MAIL, ann)
    assert await unlinked(store, ann, ANN)
    assert await shared_of(store, ann) == []
    alone, its = await of(store, ANN)
    assert its == [(1, "diffusion", (chat,))]
    assert [(one.place.number, one.added) for one in await shared_of(store, alone)] == [(room, 1)]


async def shared_of(store, person):
    async with store.read() as unit:
        return await unit.places.shared_places(person)


async def test_what_others_send_to_a_mailbox_becomes_its_readers(store):
    ann, (_, box), _ = await ann_with(store, MAIL)
    eve = await a_person(store, EVE)
    place = await a_place(store, private(EVE), eve)
    await subscribe(store, eve, "lora", box)
    await subscribe(store, eve, "quantum", box, place)
    assert await unlinked(store, ann, MAIL)
    assert (await of(store, MAIL))[1] == [(1, "diffusion", (box,)), (2, "lora", (box,)), (3, "quantum", (box,))]
    assert (await of(store, EVE))[1] == [(2, "quantum", (place,))]


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
    assert (await row_counts(stores[0]))["person"] == 2
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


async def test_the_feed_of_what_goes_along_ends(store):
    ann, (_, box), _ = await ann_with(store, MAIL)
    own = await subscribe(store, ann, "lora", box)
    async with store.write() as unit:
        feed = await unit.feeds.ensure(Owner(person=ann), own.number, hash_of)
    assert await unlinked(store, ann, MAIL)
    async with store.write() as unit:
        assert isinstance(await unit.feeds.by_hash(hash_of(feed.number, 1)), Retired)
        again = await unit.feeds.ensure(Owner(person=(await unit.people.person_of(MAIL)).number), own.number, hash_of)
    assert again.number != feed.number


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
