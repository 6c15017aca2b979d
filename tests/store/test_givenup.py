"""What was given up: listed with its reason, owed again, dropped, and told to its place once."""

from datetime import timedelta

import pytest
from outbox_world import TABLES, World, claim, due, settle

from paperwire.core.deliveries.ledger import GivenUpFilter
from paperwire.core.papers.paper import ARRIVAL, Occasion
from paperwire.store.database.tables.base import State

V2 = Occasion.version(2)


class GivenUpWorld(World):
    """A world in which deliveries fail."""

    async def give_up(
        self, place, paper, *, occasion=ARRIVAL, state=State.GIVEN_UP, reason="message is too long", **why
    ):
        await self.owe(place, paper, occasion=occasion, state=int(state), attempts=8, settled_at=self.clock())
        await self.fail(place, paper, occasion=occasion, reason=reason, **why)

    async def fail(self, place, paper, *, occasion=ARRIVAL, **why):
        first = self.clock() - timedelta(hours=3)
        values = {"first_at": first, "last_at": self.clock(), "notified_at": None, "unknowns": 0, "reason": ""} | why
        key = {"destination": place, "paper": paper.number, "occasion": occasion.code}
        async with self.store.write() as unit:
            await unit.connection.execute(TABLES["failure"].insert().values(**key, **values))

    async def failures(self):
        async with self.store.read() as unit:
            rows = await unit.connection.execute(TABLES["failure"].select().order_by(*TABLES["failure"].primary_key))
            return [(row.destination, row.paper, row.occasion) for row in rows]

    async def states(self):
        return {(row.destination, row.paper, row.occasion): State(row.state) for row in await self.deliveries()}


@pytest.fixture
def row_maker(store, clock):
    return GivenUpWorld(store, clock)


@pytest.fixture
async def given_up_at_two(row_maker):
    """Two places and two papers: one given up at both, the other, of unknown fate, at the first."""
    one, two = await row_maker.place("1"), await row_maker.place("2", paused="blocked")
    paper, other = await row_maker.paper("2601.00001"), await row_maker.paper("2601.00002")
    await row_maker.give_up(one, paper)
    row_maker.clock.advance(seconds=1)
    await row_maker.give_up(two, paper, reason="")
    await row_maker.give_up(one, other, occasion=V2, state=State.UNKNOWN, unknowns=3, reason="no answer")
    return one, two, paper, other


async def test_what_was_given_up_is_listed_with_its_reason(given_up_at_two, store, clock):
    one, two, paper, other = given_up_at_two
    async with store.read() as unit:
        latest, first = await unit.given_up.listed(10)
        assert len(await unit.given_up.listed(1)) == 1
        (unknown,) = await unit.given_up.listed(10, unknown=True)
    assert (latest.destination, latest.reason) == (two, "")
    assert (first.destination, first.channel, first.title, first.paper.id) == (one, "telegram", "1", paper.id)
    assert (first.occasion, first.attempts, first.unknowns) == (ARRIVAL, 8, 0)
    assert (first.reason, first.settled_at) == ("message is too long", clock() - timedelta(seconds=1))
    assert (unknown.paper.id, unknown.occasion, unknown.unknowns, unknown.reason) == (other.id, V2, 3, "no answer")


async def test_what_was_given_up_without_a_reason_is_listed_too(row_maker, store):
    """Before failures were kept."""
    place, paper = await row_maker.place(), await row_maker.paper()
    await row_maker.owe(place, paper, state=int(State.GIVEN_UP), settled_at=row_maker.clock())
    async with store.read() as unit:
        (found,) = await unit.given_up.listed(10)
    assert (found.reason, found.unknowns) == ("", 0)


async def test_a_retry_owes_all_of_it_again_at_once(given_up_at_two, row_maker, store, clock):
    one, two, paper, other = given_up_at_two
    clock.advance(hours=2)
    async with store.write() as unit:
        assert await unit.given_up.retry(GivenUpFilter()) == 3
        assert await unit.given_up.retry(GivenUpFilter()) == 0
        assert await unit.given_up.listed(10) == []
    assert set((await row_maker.states()).values()) == {State.OWED}
    assert await row_maker.failures() == []
    assert await claim(store) == [one]  # the other place is paused
    assert {(row.due_at, row.attempts, row.settled_at) for row in await row_maker.deliveries()} == {(clock(), 0, None)}
    assert await row_maker.next_due_at(two) is None
    assert [due_one.paper.number for due_one in await due(store, one)] == [paper.number, other.number]


@pytest.mark.parametrize("by", ["place", "paper", "both"])
async def test_a_retry_of_one_place_or_paper_leaves_the_rest(given_up_at_two, row_maker, store, by):
    one, two, paper, other = given_up_at_two
    which = {
        "place": GivenUpFilter(place=one),
        "paper": GivenUpFilter(paper=other.number),
        "both": GivenUpFilter(place=two, paper=paper.number),
    }[by]
    owed = {
        "place": {(one, paper.number, 0), (one, other.number, V2.code)},
        "paper": {(one, other.number, V2.code)},
        "both": {(two, paper.number, 0)},
    }[by]
    async with store.write() as unit:
        assert await unit.given_up.retry(which) == len(owed)
    states = await row_maker.states()
    assert {key for key, state in states.items() if state is State.OWED} == owed
    assert set(await row_maker.failures()) == set(states) - owed


async def test_what_is_dropped_is_neither_listed_nor_sent_nor_owed_by_a_later_event(given_up_at_two, row_maker, store):
    one, two, paper, _ = given_up_at_two
    query = await row_maker.query("q")
    await row_maker.subscription(query, one)
    await row_maker.owe(one, await row_maker.paper("2601.00003"))
    async with store.write() as unit:
        assert await unit.given_up.drop(GivenUpFilter()) == 3
    await row_maker.match(row_maker.news(paper, query))
    async with store.read() as unit:
        counts = await unit.ledger.counts()
        assert (counts.owed, counts.given_up, counts.unknown) == (1, 0, 0)
        assert await unit.given_up.listed(10) == await unit.given_up.listed(10, unknown=True) == []
    assert (await row_maker.states())[two, paper.number, 0] is State.DROPPED
    assert await row_maker.failures() == []


async def test_what_is_owed_can_be_dropped_and_what_is_on_its_way_still_arrives(
    given_up_at_two, row_maker, store, clock
):
    one, two, paper, _ = given_up_at_two
    third = await row_maker.paper("2601.00003")
    for place in (one, two):
        await row_maker.owe(place, third)
        await row_maker.fail(place, third, reason="busy")
    async with store.write() as unit:
        await unit.places.rouse([one])
    assert await claim(store) == [one]
    async with store.write() as unit:
        assert await unit.given_up.drop(GivenUpFilter(place=one), owed=True) == 1
        assert await unit.given_up.drop(GivenUpFilter(paper=paper.number), owed=True) == 0
    await settle(store, one, sent=[(third.number, ARRIVAL)], message="m1")
    states = await row_maker.states()
    assert states[one, third.number, 0] is State.SENT  # or /why would deny it, and its withdrawal be told to nobody
    assert states[two, third.number, 0] is State.OWED
    assert states[one, paper.number, 0] is State.GIVEN_UP
    assert (one, third.number, 0) not in await row_maker.failures()
    assert (two, third.number, 0) in await row_maker.failures()
    assert await row_maker.next_due_at(one) is None
    clock.advance(days=1)
    assert await claim(store) == []


async def test_a_place_is_to_be_told_once_of_what_was_given_up_there(given_up_at_two, row_maker, store):
    one, two, paper, _ = given_up_at_two
    await row_maker.place("3", channel="discord")
    async with store.write() as unit:
        assert await unit.given_up.places_with_unreported("telegram") == {one, two}
        assert await unit.given_up.places_with_unreported("discord") == set()
        (unreported,) = await unit.given_up.unreported(one)
        assert unreported.key == (paper.number, ARRIVAL)
        await unit.given_up.mark_reported(one, [unreported.key])
        assert await unit.given_up.unreported(one) == []
        assert await unit.given_up.places_with_unreported("telegram") == {two}


async def test_why_a_delivery_failed_is_forgotten_with_it(given_up_at_two, row_maker, store, clock):
    one, _, _, other = given_up_at_two
    clock.advance(days=91)
    async with store.write() as unit:
        await unit.prune.step()
    assert await row_maker.failures() == [(one, other.number, V2.code)]
