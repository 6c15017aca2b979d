"""Questions about the outbox: counts, and what became of a paper."""

from datetime import timedelta

from outbox_world import TABLES, claim, owing, settle

from paperwire.core.papers.paper import ARRIVAL, Occasion


async def test_the_outbox_counts_itself(row_maker, store, clock):
    one, paper = await owing(row_maker, "1")
    two, _ = await owing(row_maker, "2")
    three, _ = await owing(row_maker, "3")
    another, _ = await owing(row_maker, "5")
    idle = await row_maker.place("4")
    await row_maker.owe(one, await row_maker.paper("later"), due_at=clock() + timedelta(hours=1))
    await claim(store, limit=2)
    await settle(store, one, given_up=[(paper.number, ARRIVAL)])
    async with store.write() as unit:
        await unit.outbox.defer(two, "me", clock() + timedelta(minutes=1), failed=True)
        await unit.places.pause(three, "blocked")
        await unit.places.pause(another, "removed")
        await unit.places.pause(one, "asked:Ann")
        await unit.places.pause(idle, "removed")
    async with store.read() as unit:
        counts = await unit.ledger.counts()
    assert (counts.owed, counts.due, counts.oldest, counts.given_up, counts.unknown) == (4, 1, clock(), 1, 0)
    assert (counts.places, counts.held, counts.claimed, counts.closed) == (1, 1, 0, 2)


async def test_history_says_what_became_of_a_paper_at_a_place(row_maker, store, clock):
    place, paper = await owing(row_maker)
    await row_maker.owe(place, paper, occasion=Occasion.version(2), due_at=clock() + timedelta(hours=5))
    await claim(store)
    clock.advance(minutes=1)
    await settle(store, place, sent=[(paper.number, ARRIVAL)], keep=True)
    until = clock() + timedelta(minutes=9)
    async with store.write() as unit:
        await unit.outbox.defer(place, "me", until, failed=True)
    async with store.read() as unit:
        sent, owed = await unit.ledger.history(place, paper.number)
        assert await unit.ledger.history(place, 4711) == []
    assert (sent.state, sent.settled_at, sent.hold_until, sent.paused) == ("sent", clock(), None, "")
    assert (owed.state, owed.occasion, owed.settled_at) == ("owed", Occasion.version(2), None)
    assert (owed.due_at, owed.hold_until) == (clock() + timedelta(hours=4, minutes=59), until)
    async with store.write() as unit:
        await unit.places.pause(place, "blocked")
        assert [one.paused for one in await unit.ledger.history(place, paper.number)] == ["", "blocked"]


async def test_history_says_why_a_paper_fails(row_maker, store, clock):
    place, paper = await owing(row_maker)
    key = {"destination": place, "paper": paper.number, "occasion": ARRIVAL.code}
    why = {"first_at": clock(), "last_at": clock(), "unknowns": 2, "reason": "no answer"}
    async with store.write() as unit:
        (before,) = await unit.ledger.history(place, paper.number)
        await unit.connection.execute(TABLES["failure"].insert().values(**key, **why))
        (after,) = await unit.ledger.history(place, paper.number)
    assert (before.unknowns, before.failed_at, before.reason) == (0, None, "")
    assert (after.unknowns, after.failed_at, after.reason) == (2, clock(), "no answer")
