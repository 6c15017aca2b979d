"""What a place is owed, and who wants it."""

from datetime import timedelta

import pytest
from outbox_world import claim, due, owing, settle
from plans import plan_of
from sqlalchemy import update
from sqlmodel import col

from paperwire.core.messages.digests import Digest
from paperwire.core.papers.paper import ARRIVAL, WITHDRAWN, Occasion
from paperwire.store.database.tables.base import EventCode, Want
from paperwire.store.database.tables.deliveries import DeliveryRow
from paperwire.store.database.tables.subscriptions import SubscriptionRow
from paperwire.store.subscriptions.routes import reroute


async def test_due_letters_come_in_order_with_all_that_asked_for_them(row_maker, store, clock):
    query, other, place = await row_maker.query("a"), await row_maker.query("b"), await row_maker.place()
    one = await row_maker.subscription(query, place, name="one")
    two = await row_maker.subscription(other, place, slot=clock() + timedelta(hours=1), text="two")
    await row_maker.subscription(query, place, paused=True)
    late, early = await row_maker.paper("late"), await row_maker.paper("early")
    await row_maker.said(early)
    await row_maker.said(early, EventCode.CROSS)
    await row_maker.said(early, EventCode.LISTED, quiet=True)
    await row_maker.match(row_maker.news(early, query, other))
    clock.advance(seconds=1)
    await row_maker.match(row_maker.news(late, query))
    first, second = await due(store, place)
    assert (first.paper.id, second.paper.id) == ("early", "late")
    assert [wanted.number for wanted in first.subscriptions] == [one, two]
    assert first.subscriptions[1].text == "two"
    assert (first.label, second.label) == ("new", "new")
    assert (first.slot, first.watched, first.is_wanted, first.attempts) == (False, False, True, 0)
    assert first.key == (early.number, ARRIVAL)
    assert [letter.paper.id for letter in await due(store, place, limit=1)] == ["early"]
    async with store.read() as unit:
        assert await unit.outbox.backlog([place, 4711]) == {place: 2}


async def test_a_letter_that_only_digests_asked_for_says_so(row_maker, store, clock):
    query, place = await row_maker.query("a"), await row_maker.place()
    await row_maker.subscription(query, place, slot=clock() + timedelta(hours=1))
    await row_maker.match(row_maker.news(await row_maker.paper(), query))
    assert await due(store, place) == []
    clock.advance(hours=1)
    (letter,) = await due(store, place)
    assert letter.slot


async def test_occasions_have_their_own_words_and_subscriptions(row_maker, store):
    query, place = await row_maker.query("a"), await row_maker.place()
    arrival = await row_maker.subscription(query, place)
    versions = await row_maker.subscription(query, place, occasions=int(Want.VERSIONS | Want.WITHDRAWN))
    paper = await row_maker.paper()
    occasions = (ARRIVAL, Occasion.version(2), WITHDRAWN, Occasion.upvotes(50))
    await row_maker.match(*(row_maker.news(paper, query, occasion=one) for one in occasions))
    letters = {letter.label: [one.number for one in letter.subscriptions] for letter in await due(store, place)}
    assert letters == {
        "withdrawn": [versions],
        "new": [arrival],
        "v2": [versions],
        "upvotes>=50": [arrival, versions],
    }


async def test_a_watched_paper_needs_no_subscription(row_maker, store):
    place, paper = await row_maker.place(), await row_maker.paper()
    await row_maker.watch(paper, place)
    await row_maker.match(row_maker.news(paper, occasion=Occasion.version(2)))
    (letter,) = await due(store, place)
    assert (letter.subscriptions, letter.watched, letter.is_wanted, letter.slot) == ((), True, True, False)


@pytest.mark.parametrize("how", ["paused", "deleted", "edited", "author", "category", "subscription"])
async def test_what_nobody_wants_any_more_says_so(row_maker, store, clock, how):
    place, _ = await owing(row_maker)
    (letter,) = await due(store, place)
    (number,) = (one.number for one in letter.subscriptions)
    changes = {
        "paused": {"paused": True},
        "deleted": {"deleted_at": clock()},
        "edited": {"query": await row_maker.query("another")},
    }.get(how)
    if changes:
        async with store.write() as unit:
            await unit.connection.execute(update(SubscriptionRow).values(**changes))
            await reroute(unit.connection, number)
    else:
        value = {"author": "jorg muller", "category": "cs.cv", "subscription": str(number)}[how]
        await row_maker.mute(place, how, value)
    (letter,) = await due(store, place)
    assert not letter.is_wanted
    assert not letter.slot
    await claim(store)
    await settle(store, place, dropped=[letter.key])
    assert await row_maker.deliveries() == []
    assert await row_maker.next_due_at(place) is None


async def test_what_places_owe_is_found_by_place(row_maker, store):
    place, _ = await owing(row_maker)
    async with store.write() as unit:
        plan = await plan_of(unit, unit.outbox.due([place], 10), "row_number()")
    by_place = {  # the last by the primary key, where the server has counted few rows by then
        "SEARCH delivery USING INDEX ix_delivery_owed (dest",
        "Index Cond: ((destination = ANY",
        "Index Cond: (destination = ANY",
    }
    assert any(words in plan for words in by_place), plan


async def test_what_is_due_is_counted_among_what_is_owed(row_maker, store):
    async with store.write() as unit:
        for what in ("min(delivery.due_at)", "count(*) FILTER"):
            plan = await plan_of(unit, unit.ledger.counts(), what)
            assert "ix_delivery_owed" in plan, plan


async def test_a_digest_knows_what_was_sent_at_once(row_maker, store, clock):
    instant, daily, place = await row_maker.query("a"), await row_maker.query("b"), await row_maker.place()
    await row_maker.subscription(instant, place)
    slot = clock() + timedelta(hours=1)
    await row_maker.subscription(daily, place, slot=slot)
    both, alone = await row_maker.paper("both"), await row_maker.paper("alone")
    await row_maker.match(row_maker.news(both, instant, daily), row_maker.news(alone, instant))
    await claim(store)
    await settle(store, place, sent=[(both.number, ARRIVAL), (alone.number, ARRIVAL)])
    soon = clock() + timedelta(seconds=1)
    for since, due_at, count in ((clock(), slot, {place: 1}), (soon, slot, {}), (clock(), clock(), {})):
        async with store.write() as unit:
            digest = Digest(slot=f"{since} {due_at}", due_at=due_at, since=since, papers=1, parts=1)
            await unit.digests.add({place: digest})
            assert await unit.digests.already_sent([place]) == count
            await unit.digests.close([(place, digest.slot)])


# --- what came of it --------------------------------------------------------------------------------------------------


async def test_only_what_is_still_owed_and_due_is_looked_up_again(row_maker, store, clock):
    place, paper = await owing(row_maker)
    later = await row_maker.paper("later")
    await row_maker.owe(place, later, due_at=clock())
    other, theirs = await owing(row_maker, "2")
    async with store.write() as unit:
        loaded = await unit.outbox.due([place, other], 10)
        assert len(loaded[place]) == 2
        await unit.connection.execute(
            update(DeliveryRow)
            .where(col(DeliveryRow.paper) == later.number)
            .values(due_at=clock() + timedelta(hours=1))
        )
        await unit.outbox.give_up(other, [(theirs.number, ARRIVAL)], "refused")
        found = await unit.outbox.still_due(loaded)
        assert {number: [one.key for one in its] for number, its in found.items()} == {place: [(paper.number, ARRIVAL)]}
        assert await unit.outbox.still_due({}) == {}
