"""What came of a turn, and when the place has its next one."""

from datetime import timedelta

import pytest
from outbox_world import LEASE, claim, due, owing, settle
from sqlalchemy import delete, insert, select, update

from paperwire.core.papers.paper import ARRIVAL
from paperwire.store.database.locks import lock_fan_out
from paperwire.store.database.tables.base import State
from paperwire.store.database.tables.deliveries import FailureRow
from paperwire.store.database.tables.papers import AliasRow, PaperRow
from paperwire.store.database.tables.people import DestinationRow
from paperwire.store.outbox.duplicates import fold_deliveries


async def test_what_was_sent_or_given_up_is_settled_and_the_rest_has_the_next_turn(row_maker, store, clock):
    place, sent = await owing(row_maker)
    dead, later = await row_maker.paper("dead"), await row_maker.paper("later")
    await row_maker.owe(place, dead)
    await row_maker.owe(place, later, due_at=clock() + timedelta(hours=3))
    await claim(store)
    await settle(store, place, sent=[(sent.number, ARRIVAL)], given_up=[(dead.number, ARRIVAL)], message="m42")
    states = {row.paper: (row.state, row.settled_at) for row in await row_maker.deliveries()}
    assert states == {
        sent.number: (State.SENT, clock()),
        dead.number: (State.GIVEN_UP, clock()),
        later.number: (State.OWED, None),
    }
    row = await row_maker.row(place)
    assert (row.next_due_at, row.lease_owner, row.leased_until) == (clock() + timedelta(hours=3), None, None)
    assert row.last_message == "m42"


@pytest.mark.parametrize(("message", "stored"), [("m\0 42", "m 42"), ("m\ud800 42", "m? 42")])
async def test_a_platforms_odd_id_of_a_message_is_kept_as_far_as_databases_go(row_maker, store, message, stored):
    place, sent = await owing(row_maker)
    await claim(store)
    await settle(store, place, sent=[(sent.number, ARRIVAL)], message=message)
    assert (await row_maker.row(place)).last_message == stored


async def test_a_kept_turn_goes_on_after_each_message(row_maker, store, clock):
    place, paper = await owing(row_maker)
    await claim(store)
    await settle(store, place, sent=[(paper.number, ARRIVAL)], keep=True)
    assert (await row_maker.row(place)).lease_owner == "me"
    async with store.write() as unit:
        await unit.outbox.release([place], "me")
    row = await row_maker.row(place)
    assert (row.lease_owner, row.leased_until, row.next_due_at) == (None, None, None)


async def test_what_was_sent_counts_although_the_lease_was_lost(row_maker, store, clock):
    place, paper = await owing(row_maker)
    await claim(store)
    clock.advance(minutes=3)
    assert await claim(store, "you") == [place]
    await settle(store, place, sent=[(paper.number, ARRIVAL)])
    assert [row.state for row in await row_maker.deliveries()] == [State.SENT]
    assert (await row_maker.row(place)).lease_owner == "you"
    assert await due(store, place) == []


async def test_failures_hold_the_whole_place_and_a_success_forgets_them(row_maker, store, clock):
    place, paper = await owing(row_maker)
    until = clock() + timedelta(seconds=30)
    for failures in (1, 2):
        await claim(store)
        async with store.write() as unit:
            await unit.outbox.defer(place, "me", until, failed=True)
        row = await row_maker.row(place)
        assert (row.failures, row.next_due_at, row.hold_until) == (failures, until, until)
        clock.advance(seconds=30)
        until += timedelta(seconds=60)
    assert await claim(store) == []
    clock.advance(seconds=30)
    assert await claim(store) == [place]
    await settle(store, place, sent=[(paper.number, ARRIVAL)], message="")
    row = await row_maker.row(place)
    assert (row.failures, row.hold_until) == (0, None)


async def test_quiet_hours_hold_without_blame(row_maker, store, clock):
    place, _ = await owing(row_maker)
    await claim(store)
    async with store.write() as unit:
        await unit.outbox.defer(place, "me", clock() + timedelta(hours=7))
    query = await row_maker.query("more")
    await row_maker.subscription(query, place)
    await row_maker.match(row_maker.news(await row_maker.paper("more"), query))
    row = await row_maker.row(place)
    assert (row.failures, row.next_due_at) == (0, clock() + timedelta(hours=7))


async def failure_of(store):
    """The one failure that is kept."""
    async with store.read() as unit:
        return (await unit.connection.execute(select(FailureRow))).one()


async def test_a_failure_of_its_own_is_counted_with_its_reason_and_its_first_time(row_maker, store, clock):
    place, paper = await owing(row_maker)
    began = clock()
    for reason in ("first", "second"):
        async with store.write() as unit:
            await unit.outbox.failed(place, [(paper.number, ARRIVAL)], reason)
        clock.advance(minutes=1)
    (one,) = await due(store, place)
    assert (one.attempts, one.unknowns) == (2, 0)
    assert (one.first_failed_at, one.failed_at) == (began, began + timedelta(minutes=1))
    assert (await failure_of(store)).reason == "second"
    await claim(store)
    await settle(store, place, sent=[one.key])
    async with store.read() as unit:
        assert (await unit.connection.execute(select(FailureRow))).all() == []


async def test_what_steps_aside_is_due_later_and_no_longer_begun(row_maker, store, clock):
    place, paper = await owing(row_maker)
    key = paper.number, ARRIVAL
    async with store.write() as unit:
        await unit.outbox.begin({place: [key]})
        await unit.outbox.failed(place, [key], "broke down", until=clock() + timedelta(hours=1))
    assert await due(store, place) == []
    clock.advance(hours=1)
    (one,) = await due(store, place)
    assert (one.begun_at, one.attempts) == (None, 1)


async def test_what_had_no_answer_three_times_may_have_arrived(row_maker, store):
    place, paper = await owing(row_maker)
    key = paper.number, ARRIVAL
    for unknowns in (1, 2):
        async with store.write() as unit:
            await unit.outbox.unanswered(place, [key], "timed out")
        (one,) = await due(store, place)
        assert (one.attempts, one.unknowns) == (0, unknowns)
    async with store.write() as unit:
        await unit.outbox.unanswered(place, [key], "timed out")
    (row,) = await row_maker.deliveries()
    assert row.state == State.UNKNOWN
    assert (await failure_of(store)).unknowns == 3


async def test_what_is_given_up_keeps_its_reason(row_maker, store, clock):
    place, paper = await owing(row_maker)
    async with store.write() as unit:
        await unit.outbox.give_up(place, [(paper.number, ARRIVAL)], "can't parse entities")
    (row,) = await row_maker.deliveries()
    assert (row.state, row.settled_at) == (State.GIVEN_UP, clock())
    assert (await failure_of(store)).reason == "can't parse entities"


async def test_no_change_of_settings_shortens_the_wait_that_a_platform_asked_for(row_maker, store, clock):
    place, _ = await owing(row_maker)
    until = clock() + timedelta(hours=5)
    await claim(store)
    async with store.write() as unit:
        await unit.outbox.defer(place, "me", until, requested=True)
        await unit.places.rouse([place])
    row = await row_maker.row(place)
    assert (row.next_due_at, row.hold_until, row.asked_until) == (until, until, until)


async def test_a_closed_place_keeps_what_it_owes_until_it_is_opened(row_maker, store, clock):
    place, _ = await owing(row_maker)
    await claim(store)
    async with store.write() as unit:
        await unit.places.pause(place, "the bot was blocked")
        await unit.outbox.release([place], "me")
        await unit.places.rouse([place])
    row = await row_maker.row(place)
    assert (row.paused, row.next_due_at, row.lease_owner) == ("the bot was blocked", None, None)
    async with store.write() as unit:
        await unit.places.resume(place)
    assert await claim(store) == [place]
    assert len(await due(store, place)) == 1


async def test_a_turn_that_ends_while_its_place_is_closed_leaves_it_without_one(row_maker, store):
    place, _ = await owing(row_maker)
    await claim(store)
    async with store.write() as unit:
        await unit.connection.execute(update(DestinationRow).values(paused="asked for"))
        await unit.outbox.release([place], "me")
    assert await row_maker.next_due_at(place) is None


@pytest.mark.parametrize(("hours", "lifted"), [(0.5, False), (7, True)])
async def test_rousing_lifts_quiet_hours_but_not_a_platforms_wish(row_maker, store, clock, hours, lifted):
    place, _ = await owing(row_maker)
    until = clock() + timedelta(hours=hours)
    await claim(store)
    async with store.write() as unit:
        await unit.outbox.defer(place, "me", until)
        await unit.places.rouse([place])
    row = await row_maker.row(place)
    assert (row.next_due_at, row.hold_until) == ((clock(), None) if lifted else (until, until))


async def test_a_moved_place_is_served_at_its_new_address_at_once(row_maker, store, clock):
    place, paper = await owing(row_maker)
    await claim(store)
    async with store.write() as unit:
        assert await unit.places.moved(place, "-100777") == place
    async with store.write() as unit:
        (moved,) = await unit.outbox.claim("you", ["telegram"], LEASE, 10)
    assert (moved.number, moved.address) == (place, "-100777")
    assert [letter.paper.id for letter in await due(store, place)] == [paper.id]


async def test_two_addresses_that_are_one_place_become_one(row_maker, store, clock):
    old, paper = await owing(row_maker, "1")
    new, told = await owing(row_maker, "2", cadence="daily 08:00")
    both = await row_maker.query("both")
    shared = await row_maker.subscription(both, old, new)
    await row_maker.mute(old, "author", "a")
    await row_maker.mute(new, "author", "a")
    await row_maker.watch(paper, old)
    await row_maker.owe(old, told, state=int(State.SENT), settled_at=clock())
    await row_maker.owe(new, paper, state=int(State.SENT), settled_at=clock())
    async with store.write() as unit:
        assert await unit.places.moved(old, "2") == new
        assert await unit.places.moved(new, "2") == new
    assert await row_maker.row(old) is None
    rows = {(row.destination, row.paper): row.state for row in await row_maker.deliveries()}
    assert rows == {(new, told.number): State.SENT, (new, paper.number): State.SENT}
    assert await row_maker.next_due_at(new) == clock()
    async with store.read() as unit:
        assert len(await unit.places.mutes(new)) == 1
        mine = await unit.subscriptions.of_place(new)
    assert len(mine) == 3
    assert shared in {one.number for one in mine}


async def test_a_paper_merged_under_way_is_settled_under_its_new_number(row_maker, store, clock):
    place, paper = await owing(row_maker)
    kept = await row_maker.paper("kept")
    await row_maker.owe(place, kept)
    await claim(store)
    async with store.write() as unit:
        await unit.connection.execute(insert(AliasRow).values(alias=f"number:{paper.number}", paper=kept.number))
        await unit.connection.execute(delete(PaperRow).where(PaperRow.number == paper.number))
    assert [letter.paper.id for letter in await due(store, place)] == ["kept"]
    async with store.write() as unit:
        await unit.outbox.forget_lost(place)
        await unit.outbox.release([place], "me")
    assert [row.paper for row in await row_maker.deliveries()] == [kept.number]
    await claim(store)
    await settle(store, place, sent=[(paper.number, ARRIVAL), (4711, ARRIVAL)])
    assert [row.state for row in await row_maker.deliveries()] == [State.SENT]


@pytest.mark.parametrize("outcome", ["given up", "unanswered", "failed"])
async def test_a_failure_of_a_paper_merged_under_way_counts_under_its_new_number(row_maker, store, clock, outcome):
    place, paper = await owing(row_maker)
    await claim(store)
    kept = await row_maker.paper("kept")
    async with store.write() as unit:
        await unit.connection.execute(insert(AliasRow).values(alias=f"number:{paper.number}", paper=kept.number))
        await lock_fan_out(unit.connection)
        await fold_deliveries(unit.connection, paper.number, kept.number)
        note = {"given up": unit.outbox.give_up, "failed": unit.outbox.failed, "unanswered": unit.outbox.unanswered}
        for _ in range(3 if outcome == "unanswered" else 1):
            await note[outcome](place, [(paper.number, ARRIVAL)], "reason")
    (delivery,) = await row_maker.deliveries()
    states = {"given up": (State.GIVEN_UP, 0), "unanswered": (State.UNKNOWN, 0), "failed": (State.OWED, 1)}
    assert (delivery.paper, (delivery.state, delivery.attempts)) == (kept.number, states[outcome])
    async with store.read() as unit:
        listed = await unit.given_up.listed(10, unknown=outcome == "unanswered")
    assert [one.reason for one in listed] == ["reason"] * (outcome != "failed")
