"""What is kept about a person: exporting and forgetting it."""

import json
from datetime import timedelta

from people_world import (
    ANN,
    BOB,
    ROOM,
    TABLES,
    a_person,
    a_place,
    hash_of,
    owe,
    private,
    row_counts,
    shown,
    some_papers,
    subscribe,
)
from sqlalchemy import insert, select

from paperwire.core.papers.paper import ARRIVAL
from paperwire.core.subscriptions.meeting import Agenda
from paperwire.core.subscriptions.subscription import Owner
from paperwire.ports.callers import Place
from paperwire.store.database.tables.base import State
from paperwire.store.database.tables.deliveries import MatchRow


async def _settled_person(store, clock):
    """Ann with something in every table; the numbers of her, her chat and the room she shares with Bob.

    The room has a subscription that each of them added, and papers that each of them follows there.
    """
    ann, bob = await a_person(store, ANN), await a_person(store, BOB)
    chat, room = await a_place(store, private(ANN), ann), await a_place(store, ROOM, ann)
    papers = await some_papers(store, 2)
    hers = await subscribe(store, ann, "secret topic", chat)
    shared = await subscribe(store, ann, "shared topic", chat)
    await subscribe(store, ann, "her topic of the room", room)
    await subscribe(store, bob, "shared topic", room)
    await owe(store, clock, chat, papers[0])
    await owe(store, clock, chat, papers[1], state=State.SENT)
    await owe(store, clock, room, papers[1], state=State.SENT)
    async with store.write() as unit:
        await unit.connection.execute(
            insert(MatchRow),
            [
                {"query": one.query, "paper": papers[0], "occasion": 0, "seen_at": clock.at, "quiet": False}
                for one in (hers, shared)
            ],
        )
        await unit.places.mute(chat, "author", "Nobody")
        await unit.people.save_paper(ann, papers[0])
        await unit.people.watch(chat, papers[1], ann)
        await unit.people.watch(room, papers[1], ann)
        await unit.places.mute(room, "category", "cs.CV")
        await unit.feeds.ensure(Owner(ann), None, hash_of)
        await unit.feeds.ensure(Owner(ann), hers.number, hash_of)
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
    assert [place["address"] for place in told["places"]] == ["1"]
    assert [mute["value"] for mute in told["mutes"]] == ["nobody"]
    assert [(one["ordinal"], one["text"], one["occasions"], one["places"]) for one in told["subscriptions"]] == [
        (1, "secret topic", ["arrival"], ["telegram:1"]),
        (2, "shared topic", ["arrival"], ["telegram:1"]),
    ]
    assert [(one["ordinal"], one["text"], one["places"]) for one in told["added_to_shared_places"]] == [
        (1, "her topic of the room", ["telegram:-100/7"])
    ]
    assert [one["subscription"] for one in told["feeds"]] == [None, "secret topic"]
    assert [one["id"] for one in told["saved"]] == ["2601.00001"]
    assert [one["id"] for one in told["watched"]] == ["2601.00002", "2601.00002"]
    assert sorted((one["id"], one["state"], one["occasion"]) for one in told["deliveries"]) == [
        ("2601.00001", "owed", "arrival"),
        ("2601.00002", "sent", "arrival"),
    ]


async def test_forgetting_leaves_what_others_use_and_what_places_own(store, clock):
    ann, chat, room = await _settled_person(store, clock)
    async with store.write() as unit:
        await unit.people.forget(ann)
    assert await row_counts(store) == {
        "person": 1,
        "account": 1,
        "destination": 1,
        "mute": 1,
        "watch": 1,
        "subscription": 2,
        "delivery": 1,
        "match": 1,
    }
    async with store.read() as unit:
        assert await unit.people.person_of(ANN) is None
        assert await unit.places.get(chat) is None
        bob = await unit.people.person_of(BOB)
        assert (await unit.places.get(room)).owner == bob.number
        changes = await unit.subscriptions.query_changes(0, 10)
        assert [shown(change) for change in changes] == ["shared topic", "her topic of the room", None]
        left = await unit.subscriptions.of_place(room)
        assert [(one.text, one.place, one.person, one.added_by, one.adder) for one in left] == [
            ("her topic of the room", room, 0, 0, ""),
            ("shared topic", room, 0, bob.number, "Bob"),
        ]
        query = TABLES["query"]
        texts = (await unit.connection.execute(select(query.c.text, query.c.dumped))).all()
    assert not any("secret" in str(text) for text in texts)


async def test_the_last_manager_who_is_forgotten_leaves_the_place_its_subscriptions(store):
    ann = await a_person(store, ANN)
    room = await a_place(store, ROOM, ann)
    await subscribe(store, ann, "topic of the room", room)
    async with store.write() as unit:
        await unit.people.forget(ann)
        assert (await unit.places.get(room)).owner == 0
        assert [one.text for one in await unit.subscriptions.of_place(room)] == ["topic of the room"]


async def test_the_club_at_a_terminal_goes_with_who_sat_there(store, clock):
    ann = await a_person(store, ANN)
    (paper,) = await some_papers(store, 1)
    terminal = await a_place(store, Place(channel="console", address="terminal", kind="terminal"), ann)
    async with store.write() as unit:
        await unit.meetings.put(Agenda(place=terminal, cadence="", zone="UTC"), clock() + timedelta(days=1))
        await unit.meetings.put_agenda(Agenda(place=terminal, cadence="", zone="UTC"))
        await unit.lists.submit(terminal, paper, day=clock().date(), person=ann)
        await unit.lists.vote(terminal, ann, paper)
        await unit.people.forget(ann)
    assert await row_counts(store) == {}


async def test_a_place_with_nothing_left_goes_with_its_last_user(store):
    ann = await a_person(store, ANN)
    room = await a_place(store, ROOM, ann)
    made = await subscribe(store, ann, "secret of the room", room)
    async with store.write() as unit:
        await unit.subscriptions.delete(made.number)
        await unit.people.forget(ann)
        texts = (await unit.connection.execute(select(TABLES["query"].c.text))).scalars().all()
    assert await row_counts(store) == {}
    assert texts == [""]


async def test_a_forgotten_person_comes_back_as_somebody_new(store, clock):
    ann, chat, _ = await _settled_person(store, clock)
    async with store.write() as unit:
        await unit.people.forget(ann)
        await unit.people.forget(ann)
        again = await unit.people.ensure(ANN, "en")
        place = await unit.places.ensure(private(ANN), again.number)
        assert await unit.subscriptions.of_person(again.number) == []
    assert again.number != ann
    assert place.number != chat
    made = await subscribe(store, again.number, "secret topic", place.number)
    async with store.read() as unit:
        assert [(one.number, shown(one)) for one in await unit.subscriptions.query_changes(0, 10)][-1] == (
            made.query,
            "secret topic",
        )


async def test_forgetting_while_a_message_is_on_its_way_is_safe(store, clock):
    ann, chat, _ = await _settled_person(store, clock)
    async with store.write() as unit:
        await unit.places.rouse([chat])
        (claimed,) = await unit.outbox.claim("worker", ["telegram"], timedelta(minutes=1), 10)
        assert claimed.number == chat
    async with store.write() as unit:
        await unit.people.forget(ann)
    async with store.write() as unit:
        paper, *_ = await unit.papers.unmatched(10)
        await unit.outbox.sent({chat: [(paper.paper.number, ARRIVAL)]}, {chat: ""})
        await unit.outbox.release([chat], "worker")
        assert await unit.places.get(chat) is None
    assert (await row_counts(store))["delivery"] == 1


async def test_a_place_without_an_owner_finds_one_at_the_next_word(store):
    ann, bob = await a_person(store, ANN), await a_person(store, BOB)
    room = await a_place(store, ROOM, ann)
    (paper,) = await some_papers(store, 1)
    async with store.write() as unit:
        await unit.people.watch(room, paper, bob)
        await unit.people.forget(ann)
        assert (await unit.places.get(room)).owner == 0  # Bob follows a paper there
        assert (await unit.places.ensure(ROOM, bob)).owner == bob


async def test_times_of_people_are_aware(store):
    ann = await a_person(store, ANN)
    async with store.read() as unit:
        assert (await unit.people.export(ann))["person"]["created_at"] == "2026-01-05T07:59:50+00:00"
