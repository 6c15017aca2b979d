"""Whose turn it is, and whose no longer."""

import asyncio
from datetime import timedelta

import pytest
from outbox_world import LEASE, claim, owing, settle

from paperwire.core.papers.paper import ARRIVAL


async def test_a_claimed_place_is_nobody_elses_until_its_lease_ends(row_maker, store, clock):
    place, _ = await owing(row_maker)
    assert await claim(store) == [place]
    assert await claim(store, "you") == []
    clock.advance(minutes=2)
    assert await claim(store, "you") == [place]
    async with store.write() as unit:
        assert not await unit.outbox.keep([place], "me", LEASE)
        assert await unit.outbox.keep([place], "you", LEASE)


@pytest.mark.only_on_postgresql  # SQLite has one writer
async def test_a_claim_waits_for_no_other_and_takes_what_is_left(row_maker, store, other, clock):
    first, _ = await owing(row_maker, "1")
    clock.advance(seconds=1)
    second, _ = await owing(row_maker, "2")
    async with store.write() as unit:
        assert [place.number for place in await unit.outbox.claim("me", ["telegram"], LEASE, 1)] == [first]
        async with asyncio.timeout(20):  # or both wait for each other
            assert await claim(other, "you") == [second]


async def test_a_renewed_lease_goes_on(row_maker, store, clock):
    place, _ = await owing(row_maker)
    await claim(store)
    clock.advance(seconds=90)
    async with store.write() as unit:
        assert await unit.outbox.keep([place], "me", LEASE)
    clock.advance(seconds=90)
    assert await claim(store, "you") == []


async def test_the_longest_waiting_place_is_served_first_and_each_channel_has_its_own_turns(row_maker, store, clock):
    first, _ = await owing(row_maker, "1")
    clock.advance(seconds=1)
    mail, _ = await owing(row_maker, "2", channel="email")
    clock.advance(seconds=1)
    second, _ = await owing(row_maker, "3")
    clock.advance(seconds=1)
    third, _ = await owing(row_maker, "4")
    assert await claim(store, limit=2) == [first, second]
    assert await claim(store, channels=("telegram", "email"), limit=2) == [mail, third]
    assert await claim(store, channels=("discord",)) == []


async def test_what_is_not_due_yet_is_not_claimed(row_maker, store, clock):
    query, place = await row_maker.query("a"), await row_maker.place()
    await row_maker.subscription(query, place, slot=clock() + timedelta(hours=1))
    await row_maker.match(row_maker.news(await row_maker.paper(), query))
    assert await claim(store) == []
    async with store.read() as unit:
        assert await unit.outbox.next_due(["telegram"]) == clock() + timedelta(hours=1)
        assert await unit.outbox.next_due(["email"]) is None
    clock.advance(hours=1)
    assert await claim(store) == [place]


async def test_the_next_turn_may_be_one_whose_lease_ends(row_maker, store, clock):
    place, _ = await owing(row_maker)
    await claim(store)
    async with store.read() as unit:
        assert await unit.outbox.next_due(["telegram"]) == clock() + LEASE
    async with store.write() as unit:
        assert await unit.outbox.keep([place], "me", LEASE)
        await unit.outbox.defer(place, "you", clock())  # not theirs
    clock.advance(minutes=5)
    async with store.read() as unit:
        assert await unit.outbox.next_due(["telegram"]) < clock()


async def test_a_dead_process_with_a_lease_does_not_make_others_spin(row_maker, store, clock):
    place, paper = await owing(row_maker)
    await row_maker.owe(place, await row_maker.paper("2"), due_at=clock() + timedelta(hours=9))
    await claim(store)
    await settle(store, place, sent=[(paper.number, ARRIVAL)], keep=True)
    clock.advance(hours=1)
    assert await claim(store, "you") == [place]
    async with store.write() as unit:
        await unit.outbox.release([place], "you")
    async with store.read() as unit:
        assert await unit.outbox.next_due(["telegram"]) == clock() + timedelta(hours=8)


async def test_shutting_down_gives_every_place_back(row_maker, store):
    one, _ = await owing(row_maker, "1")
    two, _ = await owing(row_maker, "2")
    assert await claim(store) == [one, two]
    async with store.write() as unit:
        await unit.outbox.release_all("you")
    assert await claim(store) == []
    async with store.write() as unit:
        await unit.outbox.release_all("me")
    assert await claim(store, "you") == [one, two]


# --- what is due ------------------------------------------------------------------------------------------------------
