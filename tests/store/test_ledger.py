"""The outbox as a book: counts, histories, dead letters."""

from datetime import timedelta

import pytest
from outbox_world import World, claim, owing, settle

from paperwire.core.paper import ARRIVAL, Occasion


@pytest.fixture
def world(store, clock):
    return World(store, clock)


async def test_the_outbox_counts_itself(world, store, clock):
    one, paper = await owing(world, "1")
    two, _ = await owing(world, "2")
    three, _ = await owing(world, "3")
    await world.owe(one, await world.paper("later"), due_at=clock() + timedelta(hours=1))
    await claim(store, limit=2)
    await settle(store, one, given_up=[(paper.number, ARRIVAL)])
    async with store.write() as unit:
        await unit.outbox.defer(two, "me", clock() + timedelta(minutes=1), failed=True)
        await unit.outbox.pause(three, "blocked")
    async with store.read() as unit:
        counts = await unit.outbox.counts()
    assert (counts.owed, counts.due, counts.oldest, counts.dead) == (3, 1, clock(), 1)
    assert (counts.places, counts.held, counts.claimed, counts.paused) == (2, 1, 0, 1)


async def test_history_says_what_became_of_a_paper_at_a_place(world, store, clock):
    place, paper = await owing(world)
    await world.owe(place, paper, occasion=Occasion.version(2), due_at=clock() + timedelta(hours=5))
    await claim(store)
    clock.advance(minutes=1)
    await settle(store, place, sent=[(paper.number, ARRIVAL)], keep=True)
    until = clock() + timedelta(minutes=9)
    async with store.write() as unit:
        await unit.outbox.defer(place, "me", until, failed=True)
    async with store.read() as unit:
        sent, owed = await unit.outbox.history(place, paper.number)
        assert await unit.outbox.history(place, 4711) == []
    assert (sent.state, sent.settled_at, sent.held_until, sent.paused) == ("sent", clock(), None, "")
    assert (owed.state, owed.occasion, owed.settled_at) == ("owed", Occasion.version(2), None)
    assert (owed.due_at, owed.held_until) == (clock() + timedelta(hours=4, minutes=59), until)
    async with store.write() as unit:
        await unit.outbox.pause(place, "blocked")
        assert [one.paused for one in await unit.outbox.history(place, paper.number)] == ["", "blocked"]


async def test_dead_letters_can_be_read(world, store, clock):
    place, paper = await owing(world)
    other = await world.paper("other")
    await world.owe(place, other, occasion=Occasion.version(3), attempts=8)
    await claim(store)
    await settle(store, place, given_up=[(paper.number, ARRIVAL)], keep=True)
    clock.advance(seconds=1)
    await settle(store, place, given_up=[(other.number, Occasion.version(3))])
    async with store.read() as unit:
        first, second = await unit.outbox.dead_letters(10)
        assert len(await unit.outbox.dead_letters(1)) == 1
    assert (first.paper.id, first.occasion, first.attempts) == ("other", Occasion.version(3), 8)
    assert (second.paper.id, second.channel, second.title, second.destination) == (paper.id, "telegram", "1", place)
    assert second.died_at == clock() - timedelta(seconds=1)
