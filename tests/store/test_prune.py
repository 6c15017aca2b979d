"""Pruning forgets what can't matter again, and nothing else."""

from datetime import timedelta

from sqlalchemy import insert

from paperwire.core.papers.paper import WITHDRAWN, Occasion
from paperwire.store.database.tables.base import State
from paperwire.store.database.tables.deliveries import DeliveryRow
from paperwire.store.outbox.recipients import RETENTION

SENT, DEAD = int(State.SENT), int(State.GIVEN_UP)


async def prune(store):
    """A whole round: how many rows went."""
    total, after = 0, 0
    while after is not None:
        async with store.write() as unit:
            gone, after = await unit.prune.step(after)
        total += gone
    return total


async def test_arrivals_settled_long_ago_go(row_maker, store, clock):
    place = await row_maker.place()
    old, young = clock() - RETENTION - timedelta(seconds=1), clock() - RETENTION + timedelta(seconds=1)
    kept = set()
    for number, (state, settled, stays) in enumerate(
        [(SENT, old, False), (DEAD, old, False), (SENT, young, True), (0, None, True)]
    ):
        paper = await row_maker.paper(str(number))
        await row_maker.owe(place, paper, state=state, settled_at=settled, due_at=clock() - timedelta(days=200))
        if stays:
            kept.add(paper.number)
    assert await prune(store) == 2
    assert {row.paper for row in await row_maker.deliveries()} == kept


async def test_of_versions_and_thresholds_the_largest_stays_for_good(row_maker, store, clock):
    place, paper, other = await row_maker.place(), await row_maker.paper("1"), await row_maker.paper("2")
    settled = {"state": SENT, "settled_at": clock() - timedelta(days=400)}
    for occasion in (WITHDRAWN, *map(Occasion.version, (2, 3, 5)), *map(Occasion.upvotes, (10, 50))):
        await row_maker.owe(place, paper, occasion=occasion, **settled)
    await row_maker.owe(place, paper, occasion=Occasion.version(6))
    await row_maker.owe(place, other, occasion=Occasion.version(2), **settled)
    assert await prune(store) == 3
    left = [(row.paper, Occasion(row.occasion)) for row in await row_maker.deliveries()]
    assert left == [
        (paper.number, WITHDRAWN),
        (paper.number, Occasion.version(5)),
        (paper.number, Occasion.version(6)),
        (paper.number, Occasion.upvotes(50)),
        (other.number, Occasion.version(2)),
    ]


async def test_a_round_visits_every_place_in_short_steps(row_maker, store, clock, monkeypatch):
    monkeypatch.setattr("paperwire.store.outbox.prune.PLACES_PER_TRANSACTION", 2)
    paper = await row_maker.paper()
    for number in range(5):
        place = await row_maker.place(str(number))
        await row_maker.owe(place, paper, state=SENT, settled_at=clock() - timedelta(days=100))
    before = store.commits
    assert await prune(store) == 5
    assert store.commits - before == 4


async def test_deliveries_of_forgotten_places_go(row_maker, store, clock):
    place, paper = await row_maker.place(), await row_maker.paper()
    await row_maker.owe(place, paper)
    orphan = {"paper": paper.number, "occasion": 0, "due_at": clock(), "state": 0, "attempts": 0}
    async with store.write() as unit:
        await unit.connection.execute(insert(DeliveryRow), [{"destination": place + 1} | orphan])
    assert await prune(store) == 1
    assert [row.destination for row in await row_maker.deliveries()] == [place]


async def test_an_open_place_that_owes_and_has_no_turn_gets_one(row_maker, store, clock):
    paper = await row_maker.paper()
    asleep, closed = await row_maker.place("1"), await row_maker.place("2", paused="blocked")
    held, idle = await row_maker.place("3", hold_until=clock() + timedelta(hours=1)), await row_maker.place("4")
    for place in (asleep, closed, held):
        await row_maker.owe(place, paper)
    assert await prune(store) == 0
    turns = [await row_maker.next_due_at(place) for place in (asleep, closed, held, idle)]
    assert turns == [clock(), None, clock() + timedelta(hours=1), None]
