"""Turns: whose it is, what a place is owed, and what came of it."""

from datetime import timedelta

import pytest
from outbox_world import LEASE, claim, due, owing, settle
from sqlalchemy import delete, insert, select, update
from sqlmodel import col

from paperwire.core.messages.digests import Digest
from paperwire.core.papers.paper import ARRIVAL, WITHDRAWN, Occasion
from paperwire.store.tables.base import EventCode, State, Want
from paperwire.store.tables.deliveries import DeliveryRow, FailureRow
from paperwire.store.tables.papers import AliasRow, PaperRow
from paperwire.store.tables.people import DestinationRow
from paperwire.store.tables.subscriptions import SubscriptionRow

# --- claims -----------------------------------------------------------------------------------------------------------


async def test_a_claimed_place_is_nobody_elses_until_its_lease_ends(world, store, clock):
    place, _ = await owing(world)
    assert await claim(store) == [place]
    assert await claim(store, "you") == []
    clock.advance(minutes=2)
    assert await claim(store, "you") == [place]
    async with store.write() as unit:
        assert not await unit.outbox.keep([place], "me", LEASE)
        assert await unit.outbox.keep([place], "you", LEASE)


async def test_a_renewed_lease_goes_on(world, store, clock):
    place, _ = await owing(world)
    await claim(store)
    clock.advance(seconds=90)
    async with store.write() as unit:
        assert await unit.outbox.keep([place], "me", LEASE)
    clock.advance(seconds=90)
    assert await claim(store, "you") == []


async def test_the_longest_waiting_place_is_served_first_and_each_channel_has_its_own_turns(world, store, clock):
    first, _ = await owing(world, "1")
    clock.advance(seconds=1)
    mail, _ = await owing(world, "2", channel="email")
    clock.advance(seconds=1)
    second, _ = await owing(world, "3")
    clock.advance(seconds=1)
    third, _ = await owing(world, "4")
    assert await claim(store, limit=2) == [first, second]
    assert await claim(store, channels=("telegram", "email"), limit=2) == [mail, third]
    assert await claim(store, channels=("discord",)) == []


async def test_what_is_not_due_yet_is_not_claimed(world, store, clock):
    query, place = await world.query("a"), await world.place()
    await world.subscription(query, place, slot=clock() + timedelta(hours=1))
    await world.match(world.news(await world.paper(), query))
    assert await claim(store) == []
    async with store.read() as unit:
        assert await unit.outbox.next_due(["telegram"]) == clock() + timedelta(hours=1)
        assert await unit.outbox.next_due(["email"]) is None
    clock.advance(hours=1)
    assert await claim(store) == [place]


async def test_the_next_turn_may_be_one_whose_lease_ends(world, store, clock):
    place, _ = await owing(world)
    await claim(store)
    async with store.read() as unit:
        assert await unit.outbox.next_due(["telegram"]) == clock() + LEASE
    async with store.write() as unit:
        assert await unit.outbox.keep([place], "me", LEASE)
        await unit.outbox.defer(place, "you", clock())  # not theirs
    clock.advance(minutes=5)
    async with store.read() as unit:
        assert await unit.outbox.next_due(["telegram"]) < clock()


async def test_a_dead_process_with_a_lease_does_not_make_others_spin(world, store, clock):
    place, paper = await owing(world)
    await world.owe(place, await world.paper("2"), due_at=clock() + timedelta(hours=9))
    await claim(store)
    await settle(store, place, sent=[(paper.number, ARRIVAL)], keep=True)
    clock.advance(hours=1)
    assert await claim(store, "you") == [place]
    async with store.write() as unit:
        await unit.outbox.release([place], "you")
    async with store.read() as unit:
        assert await unit.outbox.next_due(["telegram"]) == clock() + timedelta(hours=8)


async def test_shutting_down_gives_every_place_back(world, store):
    one, _ = await owing(world, "1")
    two, _ = await owing(world, "2")
    assert await claim(store) == [one, two]
    async with store.write() as unit:
        await unit.outbox.release_all("you")
    assert await claim(store) == []
    async with store.write() as unit:
        await unit.outbox.release_all("me")
    assert await claim(store, "you") == [one, two]


# --- what is due ------------------------------------------------------------------------------------------------------


async def test_due_letters_come_in_order_with_all_that_asked_for_them(world, store, clock):
    query, other, place = await world.query("a"), await world.query("b"), await world.place()
    one = await world.subscription(query, place, name="one")
    two = await world.subscription(other, place, slot=clock() + timedelta(hours=1), text="two")
    await world.subscription(query, place, paused=True)
    late, early = await world.paper("late"), await world.paper("early")
    await world.said(early)
    await world.said(early, EventCode.CROSS)
    await world.said(early, EventCode.LISTED, quiet=True)
    await world.match(world.news(early, query, other))
    clock.advance(seconds=1)
    await world.match(world.news(late, query))
    first, second = await due(store, place)
    assert (first.paper.id, second.paper.id) == ("early", "late")
    assert [wanted.number for wanted in first.subscriptions] == [one, two]
    assert first.subscriptions[1].text == "two"
    assert (first.label, second.label) == ("new", "new")
    assert (first.slot, first.watched, first.wanted, first.attempts) == (False, False, True, 0)
    assert first.key == (early.number, ARRIVAL)
    assert [letter.paper.id for letter in await due(store, place, limit=1)] == ["early"]
    async with store.read() as unit:
        assert await unit.outbox.backlog([place, 4711]) == {place: 2}


async def test_a_letter_that_only_digests_asked_for_says_so(world, store, clock):
    query, place = await world.query("a"), await world.place()
    await world.subscription(query, place, slot=clock() + timedelta(hours=1))
    await world.match(world.news(await world.paper(), query))
    assert await due(store, place) == []
    clock.advance(hours=1)
    (letter,) = await due(store, place)
    assert letter.slot


async def test_occasions_have_their_own_words_and_subscriptions(world, store):
    query, place = await world.query("a"), await world.place()
    arrival = await world.subscription(query, place)
    versions = await world.subscription(query, place, occasions=int(Want.VERSIONS | Want.WITHDRAWN))
    paper = await world.paper()
    occasions = (ARRIVAL, Occasion.version(2), WITHDRAWN, Occasion.upvotes(50))
    await world.match(*(world.news(paper, query, occasion=one) for one in occasions))
    letters = {letter.label: [one.number for one in letter.subscriptions] for letter in await due(store, place)}
    assert letters == {
        "withdrawn": [versions],
        "new": [arrival],
        "v2": [versions],
        "upvotes>=50": [arrival, versions],
    }


async def test_a_watched_paper_needs_no_subscription(world, store):
    place, paper = await world.place(), await world.paper()
    await world.watch(paper, place)
    await world.match(world.news(paper, occasion=Occasion.version(2)))
    (letter,) = await due(store, place)
    assert (letter.subscriptions, letter.watched, letter.wanted, letter.slot) == ((), True, True, False)


@pytest.mark.parametrize("how", ["paused", "deleted", "edited", "author", "category", "subscription"])
async def test_what_nobody_wants_any_more_says_so(world, store, clock, how):
    place, _ = await owing(world)
    (letter,) = await due(store, place)
    (number,) = (one.number for one in letter.subscriptions)
    changes = {
        "paused": {"paused": True},
        "deleted": {"deleted_at": clock()},
        "edited": {"query": await world.query("another")},
    }.get(how)
    if changes:
        async with store.write() as unit:
            await unit.connection.execute(update(SubscriptionRow).values(**changes))
    else:
        value = {"author": "jorg muller", "category": "cs.cv", "subscription": str(number)}[how]
        await world.mute(place, how, value)
    (letter,) = await due(store, place)
    assert not letter.wanted
    assert not letter.slot
    await claim(store)
    await settle(store, place, dropped=[letter.key])
    assert await world.deliveries() == []
    assert await world.next_due_at(place) is None


async def test_a_digest_knows_what_was_sent_at_once(world, store, clock):
    instant, daily, place = await world.query("a"), await world.query("b"), await world.place()
    await world.subscription(instant, place)
    slot = clock() + timedelta(hours=1)
    await world.subscription(daily, place, slot=slot)
    both, alone = await world.paper("both"), await world.paper("alone")
    await world.match(world.news(both, instant, daily), world.news(alone, instant))
    await claim(store)
    await settle(store, place, sent=[(both.number, ARRIVAL), (alone.number, ARRIVAL)])
    soon = clock() + timedelta(seconds=1)
    for since, due_at, count in ((clock(), slot, {place: 1}), (soon, slot, {}), (clock(), clock(), {})):
        async with store.write() as unit:
            digest = Digest(slot=f"{since} {due_at}", due_at=due_at, since=since, papers=1, parts=1)
            await unit.outbox.add_digests({place: digest})
            assert await unit.outbox.already_sent([place]) == count
            await unit.outbox.close_digests([(place, digest.slot)])


# --- what came of it --------------------------------------------------------------------------------------------------


async def test_what_was_sent_or_given_up_is_settled_and_the_rest_has_the_next_turn(world, store, clock):
    place, sent = await owing(world)
    dead, later = await world.paper("dead"), await world.paper("later")
    await world.owe(place, dead)
    await world.owe(place, later, due_at=clock() + timedelta(hours=3))
    await claim(store)
    await settle(store, place, sent=[(sent.number, ARRIVAL)], given_up=[(dead.number, ARRIVAL)], message="m42")
    states = {row.paper: (row.state, row.settled_at) for row in await world.deliveries()}
    assert states == {
        sent.number: (State.SENT, clock()),
        dead.number: (State.GIVEN_UP, clock()),
        later.number: (State.OWED, None),
    }
    row = await world.row(place)
    assert (row.next_due_at, row.lease_owner, row.leased_until) == (clock() + timedelta(hours=3), None, None)
    assert row.last_message == "m42"


async def test_a_kept_turn_goes_on_after_each_message(world, store, clock):
    place, paper = await owing(world)
    await claim(store)
    await settle(store, place, sent=[(paper.number, ARRIVAL)], keep=True)
    assert (await world.row(place)).lease_owner == "me"
    async with store.write() as unit:
        await unit.outbox.release([place], "me")
    row = await world.row(place)
    assert (row.lease_owner, row.leased_until, row.next_due_at) == (None, None, None)


async def test_what_was_sent_counts_although_the_lease_was_lost(world, store, clock):
    place, paper = await owing(world)
    await claim(store)
    clock.advance(minutes=3)
    assert await claim(store, "you") == [place]
    await settle(store, place, sent=[(paper.number, ARRIVAL)])
    assert [row.state for row in await world.deliveries()] == [State.SENT]
    assert (await world.row(place)).lease_owner == "you"
    assert await due(store, place) == []


async def test_failures_hold_the_whole_place_and_a_success_forgets_them(world, store, clock):
    place, paper = await owing(world)
    until = clock() + timedelta(seconds=30)
    for failures in (1, 2):
        await claim(store)
        async with store.write() as unit:
            await unit.outbox.defer(place, "me", until, failed=True)
        row = await world.row(place)
        assert (row.failures, row.next_due_at, row.hold_until) == (failures, until, until)
        clock.advance(seconds=30)
        until += timedelta(seconds=60)
    assert await claim(store) == []
    clock.advance(seconds=30)
    assert await claim(store) == [place]
    await settle(store, place, sent=[(paper.number, ARRIVAL)], message="")
    row = await world.row(place)
    assert (row.failures, row.hold_until) == (0, None)


async def test_quiet_hours_hold_without_blame(world, store, clock):
    place, _ = await owing(world)
    await claim(store)
    async with store.write() as unit:
        await unit.outbox.defer(place, "me", clock() + timedelta(hours=7))
    query = await world.query("more")
    await world.subscription(query, place)
    await world.match(world.news(await world.paper("more"), query))
    row = await world.row(place)
    assert (row.failures, row.next_due_at) == (0, clock() + timedelta(hours=7))


async def failure_of(store):
    """The one failure that is kept."""
    async with store.read() as unit:
        return (await unit.connection.execute(select(FailureRow))).one()


async def test_a_failure_of_its_own_is_counted_with_its_reason_and_its_first_time(world, store, clock):
    place, paper = await owing(world)
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


async def test_what_steps_aside_is_due_later_and_no_longer_begun(world, store, clock):
    place, paper = await owing(world)
    key = paper.number, ARRIVAL
    async with store.write() as unit:
        await unit.outbox.begin({place: [key]})
        await unit.outbox.failed(place, [key], "broke down", until=clock() + timedelta(hours=1))
    assert await due(store, place) == []
    clock.advance(hours=1)
    (one,) = await due(store, place)
    assert (one.begun_at, one.attempts) == (None, 1)


async def test_what_had_no_answer_three_times_may_have_arrived(world, store):
    place, paper = await owing(world)
    key = paper.number, ARRIVAL
    for unknowns in (1, 2):
        async with store.write() as unit:
            await unit.outbox.unanswered(place, [key], "timed out")
        (one,) = await due(store, place)
        assert (one.attempts, one.unknowns) == (0, unknowns)
    async with store.write() as unit:
        await unit.outbox.unanswered(place, [key], "timed out")
    (row,) = await world.deliveries()
    assert row.state == State.UNKNOWN
    assert (await failure_of(store)).unknowns == 3


async def test_what_is_given_up_keeps_its_reason(world, store, clock):
    place, paper = await owing(world)
    async with store.write() as unit:
        await unit.outbox.give_up(place, [(paper.number, ARRIVAL)], "can't parse entities")
    (row,) = await world.deliveries()
    assert (row.state, row.settled_at) == (State.GIVEN_UP, clock())
    assert (await failure_of(store)).reason == "can't parse entities"


async def test_only_what_is_still_owed_and_due_is_looked_up_again(world, store, clock):
    place, paper = await owing(world)
    later = await world.paper("later")
    await world.owe(place, later, due_at=clock())
    other, theirs = await owing(world, "2")
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


async def test_no_change_of_settings_shortens_the_wait_that_a_platform_asked_for(world, store, clock):
    place, _ = await owing(world)
    until = clock() + timedelta(hours=5)
    await claim(store)
    async with store.write() as unit:
        await unit.outbox.defer(place, "me", until, asked=True)
        await unit.outbox.rouse([place])
    row = await world.row(place)
    assert (row.next_due_at, row.hold_until, row.asked_until) == (until, until, until)


async def test_a_closed_place_keeps_what_it_owes_until_it_is_opened(world, store, clock):
    place, _ = await owing(world)
    await claim(store)
    async with store.write() as unit:
        await unit.outbox.pause(place, "the bot was blocked")
        await unit.outbox.release([place], "me")
        await unit.outbox.rouse([place])
    row = await world.row(place)
    assert (row.paused, row.next_due_at, row.lease_owner) == ("the bot was blocked", None, None)
    async with store.write() as unit:
        await unit.people.resume(place)
    assert await claim(store) == [place]
    assert len(await due(store, place)) == 1


async def test_a_turn_that_ends_while_its_place_is_closed_leaves_it_without_one(world, store):
    place, _ = await owing(world)
    await claim(store)
    async with store.write() as unit:
        await unit.connection.execute(update(DestinationRow).values(paused="asked for"))
        await unit.outbox.release([place], "me")
    assert await world.next_due_at(place) is None


@pytest.mark.parametrize(("hours", "lifted"), [(0.5, False), (7, True)])
async def test_rousing_lifts_quiet_hours_but_not_a_platforms_wish(world, store, clock, hours, lifted):
    place, _ = await owing(world)
    until = clock() + timedelta(hours=hours)
    await claim(store)
    async with store.write() as unit:
        await unit.outbox.defer(place, "me", until)
        await unit.outbox.rouse([place])
    row = await world.row(place)
    assert (row.next_due_at, row.hold_until) == ((clock(), None) if lifted else (until, until))


async def test_a_moved_place_is_served_at_its_new_address_at_once(world, store, clock):
    place, paper = await owing(world)
    await claim(store)
    async with store.write() as unit:
        assert await unit.outbox.moved(place, "-100777") == place
    async with store.write() as unit:
        (moved,) = await unit.outbox.claim("you", ["telegram"], LEASE, 10)
    assert (moved.number, moved.address) == (place, "-100777")
    assert [letter.paper.id for letter in await due(store, place)] == [paper.id]


async def test_two_addresses_that_are_one_place_become_one(world, store, clock):
    old, paper = await owing(world, "1")
    new, told = await owing(world, "2", cadence="daily 08:00")
    both = await world.query("both")
    shared = await world.subscription(both, old, new)
    await world.mute(old, "author", "a")
    await world.mute(new, "author", "a")
    await world.watch(paper, old)
    await world.owe(old, told, state=int(State.SENT), settled_at=clock())
    await world.owe(new, paper, state=int(State.SENT), settled_at=clock())
    async with store.write() as unit:
        assert await unit.outbox.moved(old, "2") == new
        assert await unit.outbox.moved(new, "2") == new
    assert await world.row(old) is None
    rows = {(row.destination, row.paper): row.state for row in await world.deliveries()}
    assert rows == {(new, told.number): State.SENT, (new, paper.number): State.SENT}
    assert await world.next_due_at(new) == clock()
    async with store.read() as unit:
        assert len(await unit.people.mutes(new)) == 1
        mine = await unit.subscriptions.of_destination(new)
    assert len(mine) == 3
    assert shared in {one.number for one in mine}


async def test_a_paper_merged_under_way_is_settled_under_its_new_number(world, store, clock):
    place, paper = await owing(world)
    kept = await world.paper("kept")
    await world.owe(place, kept)
    await claim(store)
    async with store.write() as unit:
        await unit.connection.execute(insert(AliasRow).values(alias=f"number:{paper.number}", paper=kept.number))
        await unit.connection.execute(delete(PaperRow).where(PaperRow.number == paper.number))
    assert [letter.paper.id for letter in await due(store, place)] == ["kept"]
    async with store.write() as unit:
        await unit.outbox.forget_lost(place)
        await unit.outbox.release([place], "me")
    assert [row.paper for row in await world.deliveries()] == [kept.number]
    await claim(store)
    await settle(store, place, sent=[(paper.number, ARRIVAL), (4711, ARRIVAL)])
    assert [row.state for row in await world.deliveries()] == [State.SENT]
