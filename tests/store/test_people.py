"""People, their accounts, places and mutes; linking, exporting and forgetting them."""

import asyncio
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, insert, select

from paperwire.core.paper import ARRIVAL, Event, EventKind, Paper
from paperwire.core.query import parse
from paperwire.ports import Actor, Place
from paperwire.store.feeds import Retired
from paperwire.store.tables.base import Row, State
from paperwire.store.tables.deliveries import DeliveryRow, MatchRow
from paperwire.store.unit import Store

TABLES = Row.metadata.tables
ANN = Actor(channel="telegram", user_id="1", name="Ann")
BOB = Actor(channel="telegram", user_id="2", name="Bob")
ROOM = Place(channel="telegram", address="-100/7", kind="topic", title="Reading group")


def _private(actor):
    return Place(channel=actor.channel, address=actor.user_id, kind="private", title=actor.name)


def _hash_of(number, generation):
    return f"hash of {number}.{generation}"


async def _person(store, actor):
    async with store.write() as unit:
        return (await unit.people.ensure(actor, "en", zone="Europe/Berlin")).number


async def _place(store, place, owner):
    async with store.write() as unit:
        return (await unit.people.ensure_destination(place, owner)).number


async def _subscribe(store, person, text, *places):
    async with store.write() as unit:
        made, _ = await unit.subscriptions.subscribe(
            person, parse(text), name="", occasions=frozenset({"arrival"}), cadence="", destinations=places
        )
    return made


async def _papers(store, count):
    events = [
        Event(
            kind=EventKind.NEW,
            source="arxiv",
            day=date(2026, 1, 5),
            paper=Paper(id=f"2601.{number:05}", title=f"Title {number}", authors=(f"A. Author{number}",)),
        )
        for number in range(1, count + 1)
    ]
    async with store.write() as unit:
        await unit.papers.record(events, quiet=False)
        return [(await unit.papers.get(event.paper.id)).number for event in events]


async def _owe(store, clock, destination, *papers, state=State.OWED):
    rows = [
        {"destination": destination, "paper": paper, "occasion": 0, "due_at": clock.at, "state": int(state)}
        for paper in papers
    ]
    async with store.write() as unit:
        await unit.connection.execute(insert(DeliveryRow), rows)


async def _turn(store, number):
    """A place's `next_due_at` and `hold_until`."""
    table = TABLES["destination"]
    async with store.read() as unit:
        wanted = select(table.c.next_due_at, table.c.hold_until).where(table.c.number == number)
        return tuple((await unit.connection.execute(wanted)).one())


async def _counts(store):
    """How many rows there are in each table that holds something of people."""
    names = ("person", "account", "destination", "mute", "saved", "watch", "subscription", "feed", "delivery", "match")
    async with store.read() as unit:
        counts = {}
        for name in names:
            counted = select(func.count()).select_from(TABLES[name])
            counts[name] = (await unit.connection.execute(counted)).scalar_one()
    return {name: count for name, count in counts.items() if count}


# --- persons and accounts --------------------------------------------------------------------------------------------


async def test_a_person_is_made_at_their_first_word_and_stays(store, clock):
    async with store.write() as unit:
        assert await unit.people.person_of(ANN) is None
        ann = await unit.people.ensure(ANN, "de", zone="Europe/Berlin")
        assert (ann.name, ann.locale, ann.zone, ann.created_at) == ("Ann", "de", "Europe/Berlin", clock.at)
        assert await unit.people.ensure(ANN, "fr") == ann
        assert await unit.people.person_of(ANN) == ann
        assert await unit.people.get(ann.number) == ann
        assert await unit.people.get(ann.number + 1) is None
        assert (await unit.people.ensure(BOB, "en")).number != ann.number


async def test_the_same_user_id_on_another_channel_is_somebody_else(store):
    other = Actor(channel="discord", user_id=ANN.user_id)
    assert await _person(store, ANN) != await _person(store, other)


async def test_two_processes_meet_a_person_at_once(database, clock):
    stores = [Store.open(database, now=clock) for _ in range(2)]
    numbers = await asyncio.gather(*(_person(store, ANN) for store in stores * 3))
    assert len(set(numbers)) == 1
    assert await _counts(stores[0]) == {"person": 1, "account": 1}
    for store in stores:
        await store.close()


async def test_a_new_account_is_linked(store):
    ann = await _person(store, ANN)
    phone = Actor(channel="discord", user_id="9")
    async with store.write() as unit:
        await unit.people.link(phone, ann)
        await unit.people.link(phone, ann)
        assert (await unit.people.person_of(phone)).number == ann
        assert (await unit.people.person_of(ANN)).number == ann


async def test_linking_makes_one_person_of_two_and_loses_nothing(store):
    ann, bob = await _person(store, ANN), await _person(store, BOB)
    place = await _place(store, _private(BOB), bob)
    (first, second, third) = await _papers(store, 3)
    subscription = await _subscribe(store, bob, "title", place)
    async with store.write() as unit:
        for person, paper in ((ann, first), (ann, second), (bob, second), (bob, third)):
            await unit.people.save_paper(person, paper)
        await unit.people.watch(place, first, bob)
        kept = await unit.feeds.ensure(ann, None, _hash_of)
        gone = await unit.feeds.ensure(bob, None, _hash_of)
        single = await unit.feeds.ensure(bob, subscription.number, _hash_of)
        await unit.people.link(BOB, ann)
    async with store.read() as unit:
        assert await unit.people.get(bob) is None
        assert (await unit.people.person_of(BOB)).number == ann
        assert [one.number for one in await unit.subscriptions.of_person(ann)] == [subscription.number]
        assert [one.number for one in await unit.people.destinations_of(ann)] == [place]
        assert {paper.number for paper in await unit.people.saved(ann)} == {first, second, third}
        assert (await unit.feeds.by_hash(_hash_of(kept.number, 1))).person == ann
        assert (await unit.feeds.by_hash(_hash_of(single.number, 1))).person == ann
        assert isinstance(await unit.feeds.by_hash(_hash_of(gone.number, 1)), Retired)


async def test_the_feed_of_everything_moves_over_if_there_is_no_other(store):
    ann, bob = await _person(store, ANN), await _person(store, BOB)
    async with store.write() as unit:
        feed = await unit.feeds.ensure(bob, None, _hash_of)
        await unit.people.link(BOB, ann)
        assert (await unit.feeds.by_hash(_hash_of(feed.number, 1))).person == ann


# --- places ----------------------------------------------------------------------------------------------------------


async def test_a_place_is_one_however_often_it_is_met(store):
    ann, bob = await _person(store, ANN), await _person(store, BOB)
    async with store.write() as unit:
        assert await unit.people.destination_of(ROOM) is None
        made = await unit.people.ensure_destination(ROOM, ann, zone="Asia/Tokyo")
        assert (made.owner, made.cadence, made.zone, made.style, made.paused) == (
            ann,
            "instant",
            "Asia/Tokyo",
            "auto",
            "",
        )
        renamed = Place(channel=ROOM.channel, address=ROOM.address, kind="group", title="New name")
        again = await unit.people.ensure_destination(renamed, bob)
        assert (again.number, again.owner, again.kind, again.title) == (made.number, ann, "group", "New name")
        untitled = Place(channel=ROOM.channel, address=ROOM.address, kind="group")
        assert (await unit.people.ensure_destination(untitled, bob)).title == "New name"
        assert (await unit.people.destination_of(ROOM)).number == made.number
        assert (await unit.people.destination(made.number)).address == ROOM.address
        assert list(await unit.people.destinations([made.number, 999])) == [made.number]
        assert await unit.people.destination(999) is None


async def test_a_persons_places_are_those_they_own_or_subscribe_for(store):
    ann, bob = await _person(store, ANN), await _person(store, BOB)
    own, room = await _place(store, _private(ANN), ann), await _place(store, ROOM, bob)
    await _place(store, _private(BOB), bob)
    made = await _subscribe(store, ann, "words", room)
    async with store.write() as unit:
        assert [one.number for one in await unit.people.destinations_of(ann)] == [own, room]
        await unit.subscriptions.delete(made.number)
        assert [one.number for one in await unit.people.destinations_of(ann)] == [own]


async def test_a_place_can_be_changed(store):
    place = await _place(store, ROOM, await _person(store, ANN))
    changes = {"cadence": "daily 08:00", "zone": "Europe/Berlin", "quiet": "22:00-07:00", "style": "list", "title": "X"}
    async with store.write() as unit:
        await unit.people.update_destination(place, **changes)
        found = await unit.people.destination(place)
        assert {name: getattr(found, name) for name in changes} == changes
        with pytest.raises(TypeError, match="owner"):
            await unit.people.update_destination(place, owner="2")


async def test_a_place_that_moved_is_found_under_its_new_address(store):
    place = await _place(store, ROOM, await _person(store, ANN))
    moved = Place(channel=ROOM.channel, address="-200", kind="group")
    async with store.write() as unit:
        await unit.people.update_destination(place, address="-200")
        await unit.people.update_destination(place, address="-200", title="Moved")
        assert (await unit.people.destination_of(moved)).title == "Moved"
        assert await unit.people.destination_of(ROOM) is None


async def test_a_paused_place_waits_and_gets_its_turn_at_once_when_resumed(store, clock):
    place = await _place(store, ROOM, await _person(store, ANN))
    await _owe(store, clock, place, *await _papers(store, 1))
    async with store.write() as unit:
        await unit.people.pause(place, "blocked by the person")
        assert (await unit.people.destination(place)).paused == "blocked by the person"
    assert await _turn(store, place) == (None, None)
    clock.advance(hours=1)
    async with store.write() as unit:
        await unit.people.resume(place)
        assert (await unit.people.destination(place)).paused == ""
    assert await _turn(store, place) == (clock.at, None)


async def test_mutes_are_folded_and_once(store):
    place = await _place(store, ROOM, await _person(store, ANN))
    async with store.write() as unit:
        before = await unit.feeds.sequence()
        mute = await unit.people.mute(place, "author", "Jörg  MÜLLER")
        assert await unit.people.mute(place, "author", "jorg muller") == mute
        await unit.people.mute(place, "category", "CS.CV")
        await unit.people.mute(place, "subscription", "7")
        found = [(one.kind, one.value) for one in await unit.people.mutes(place)]
        assert found == [("author", "jorg muller"), ("category", "cs.cv"), ("subscription", "7")]
        assert await unit.feeds.sequence() > before
        assert await unit.people.unmute(mute.number)
        assert not await unit.people.unmute(mute.number)
        assert len(await unit.people.mutes(place)) == 2


async def test_saved_papers_come_last_saved_first(store, clock):
    ann = await _person(store, ANN)
    numbers = await _papers(store, 3)
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
    ann = await _person(store, ANN)
    place = await _place(store, ROOM, ann)
    (paper,) = await _papers(store, 1)
    async with store.write() as unit:
        await unit.people.watch(place, paper, ann)
        await unit.people.watch(place, paper, ann)
    assert (await _counts(store))["watch"] == 1
    async with store.write() as unit:
        await unit.people.unwatch(place, paper)
    assert "watch" not in await _counts(store)


# --- exporting and forgetting ----------------------------------------------------------------------------------------


async def _settled_person(store, clock):
    """Ann with something in every table; the numbers of her, her chat and the room she shares with Bob."""
    ann, bob = await _person(store, ANN), await _person(store, BOB)
    chat, room = await _place(store, _private(ANN), ann), await _place(store, ROOM, ann)
    papers = await _papers(store, 2)
    hers = await _subscribe(store, ann, "secret topic", chat, room)
    shared = await _subscribe(store, ann, "shared topic", chat)
    await _subscribe(store, bob, "shared topic", room)
    await _owe(store, clock, chat, papers[0])
    await _owe(store, clock, chat, papers[1], state=State.SENT)
    await _owe(store, clock, room, papers[1], state=State.SENT)
    async with store.write() as unit:
        await unit.connection.execute(
            insert(MatchRow),
            [
                {"query": one.query, "paper": papers[0], "occasion": 0, "seen_at": clock.at, "quiet": False}
                for one in (hers, shared)
            ],
        )
        await unit.people.mute(chat, "author", "Nobody")
        await unit.people.save_paper(ann, papers[0])
        await unit.people.watch(chat, papers[1], ann)
        await unit.feeds.ensure(ann, None, _hash_of)
        await unit.feeds.ensure(ann, hers.number, _hash_of)
    return ann, chat, room


async def test_an_export_holds_everything_and_no_secret(store, clock):
    ann, _, _ = await _settled_person(store, clock)
    async with store.read() as unit:
        told = await unit.people.export(ann)
        assert await unit.people.export(999) == {}
    text = json.dumps(told)
    assert "hash of" not in text
    assert told["person"]["created_at"] == "2026-01-05T07:59:50+00:00"
    assert told["accounts"] == [{"channel": "telegram", "user_id": "1"}]
    assert [place["address"] for place in told["places"]] == ["1", "-100/7"]
    assert told["mutes"][0]["value"] == "nobody"
    assert [(one["text"], one["occasions"], one["places"]) for one in told["subscriptions"]] == [
        ("secret topic", ["arrival"], ["telegram:1", "telegram:-100/7"]),
        ("shared topic", ["arrival"], ["telegram:1"]),
    ]
    assert [one["subscription"] for one in told["feeds"]] == [None, told["subscriptions"][0]["number"]]
    assert [one["id"] for one in told["saved"]] == ["2601.00001"]
    assert [one["id"] for one in told["watched"]] == ["2601.00002"]
    assert sorted((one["id"], one["state"], one["occasion"]) for one in told["deliveries"]) == [
        ("2601.00001", "owed", "arrival"),
        ("2601.00002", "sent", "arrival"),
        ("2601.00002", "sent", "arrival"),
    ]


async def test_forgetting_leaves_only_what_others_use(store, clock):
    ann, chat, room = await _settled_person(store, clock)
    async with store.write() as unit:
        await unit.people.forget(ann)
    assert await _counts(store) == {
        "person": 1,
        "account": 1,
        "destination": 1,
        "subscription": 1,
        "delivery": 1,
        "match": 1,
    }
    async with store.read() as unit:
        assert await unit.people.person_of(ANN) is None
        assert await unit.people.destination(chat) is None
        bob = await unit.people.person_of(BOB)
        assert (await unit.people.destination(room)).owner == bob.number
        changes = await unit.subscriptions.query_changes(0, 10)
        assert [change.text for change in changes] == ["shared topic", None]
        query = TABLES["query"]
        texts = (await unit.connection.execute(select(query.c.text, query.c.dumped))).all()
    assert not any("secret" in str(text) for text in texts)


async def test_a_forgotten_person_comes_back_as_somebody_new(store, clock):
    ann, chat, _ = await _settled_person(store, clock)
    async with store.write() as unit:
        await unit.people.forget(ann)
        await unit.people.forget(ann)
        again = await unit.people.ensure(ANN, "en")
        place = await unit.people.ensure_destination(_private(ANN), again.number)
        assert await unit.subscriptions.of_person(again.number) == []
    assert again.number != ann
    assert place.number != chat
    made = await _subscribe(store, again.number, "secret topic", place.number)
    async with store.read() as unit:
        assert [(one.number, one.text) for one in await unit.subscriptions.query_changes(0, 10)][-1] == (
            made.query,
            "secret topic",
        )


async def test_forgetting_while_a_message_is_on_its_way_is_safe(store, clock):
    ann, chat, _ = await _settled_person(store, clock)
    async with store.write() as unit:
        await unit.outbox.rouse([chat])
        (claimed,) = await unit.outbox.claim("worker", ["telegram"], timedelta(minutes=1), 10)
        assert claimed.number == chat
    async with store.write() as unit:
        await unit.people.forget(ann)
    async with store.write() as unit:
        paper, *_ = await unit.papers.unmatched(10)
        await unit.outbox.settle(chat, sent=[(paper.paper.number, ARRIVAL)])
        await unit.outbox.release(chat, "worker")
        assert await unit.people.destination(chat) is None
    assert (await _counts(store))["delivery"] == 1


async def test_a_place_without_an_owner_finds_one_at_the_next_word(store):
    ann, bob = await _person(store, ANN), await _person(store, BOB)
    room = await _place(store, ROOM, ann)
    (paper,) = await _papers(store, 1)
    async with store.write() as unit:
        await unit.people.watch(room, paper, bob)
        await unit.people.forget(ann)
        assert (await unit.people.destination(room)).owner == 0  # Bob follows a paper there
        assert (await unit.people.ensure_destination(ROOM, bob)).owner == bob


async def test_times_of_people_are_aware(store):
    ann = await _person(store, ANN)
    async with store.read() as unit:
        assert (await unit.people.get(ann)).created_at == datetime(2026, 1, 5, 7, 59, 50, tzinfo=UTC)
