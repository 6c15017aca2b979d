"""Meetings as they are stored: their slots and dates, and what one person presents, over two connections."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from papers_world import a_paper, record, said
from people_world import TABLES
from sqlalchemy import select

from meeting_world import GROUP, JournalClub
from orders_world import BOTH_ORDERS, in_order, stops
from paperwire.core.subscriptions.meeting import Agenda
from paperwire.pipeline.lookup import load_reminders
from paperwire.ports.callers import Actor, Place
from paperwire.store.papers.pages import fold_paper

EVE, FAY = Actor(channel="telegram", user_id="5", name="Eve"), Actor(channel="telegram", user_id="6", name="Fay")
FRIDAY = datetime(2026, 1, 9, 14, tzinfo=UTC)


@pytest.fixture
async def club(store, clock):
    club = JournalClub(store, clock)
    await club.open()
    await club.vote("Graphs", "Heat", "Light")
    return club


async def people(store, *actors):
    async with store.write() as unit:
        return [(await unit.people.ensure(actor, "en")).number for actor in actors]


def presented(meeting):
    return {talk.paper.title: talk.name for talk in meeting.talks if talk.presenter}


# --- one person presents a paper ------------------------------------------------------------------------------------


@BOTH_ORDERS
@stops(range(8))
async def test_of_two_who_claim_a_paper_at_once_one_presents_it_and_the_other_sees_who(
    club, store, other, stop, turned
):
    meeting, paper = await club.sets(), await club.number("Heat")
    numbers = await people(store, EVE, FAY)
    outcomes = {}

    def claiming(person):
        async def claim(unit):
            agenda = await unit.meetings.with_talks(await unit.meetings.lock(meeting.number, person=person))
            won = await unit.meetings.claim(meeting.number, agenda.talk(paper), person)
            now = await unit.meetings.with_talks(await unit.meetings.get(meeting.number))
            outcomes[person] = won, now.talk(paper).presenter

        return claim

    await in_order(store, other, stop, *map(claiming, numbers), turned=turned)
    assert sorted(won for won, _ in outcomes.values()) == [False, True]
    (winner,) = [person for person, (won, _) in outcomes.items() if won]
    assert [seen for _, seen in outcomes.values()] == [winner, winner]
    agenda = await club.agenda()
    assert (agenda.talk(paper).presenter, len(agenda.talks)) == (winner, 3)
    assert agenda.sequence == 1  # claimed once


@BOTH_ORDERS
@stops(range(6))
async def test_a_presenter_who_is_forgotten_while_they_claim_presents_nothing(club, store, other, stop, turned):
    meeting, paper = await club.sets(), await club.number("Heat")
    (person,) = await people(store, EVE)
    async with store.write() as unit:
        await unit.meetings.freeze(await unit.meetings.lock(meeting.number))

    async def claim(unit):
        if await unit.people.get(person) is not None:
            held = await unit.meetings.lock(meeting.number, person=person)
            if await unit.people.get(person) is not None:
                agenda = await unit.meetings.with_talks(held)
                await unit.meetings.claim(held.number, agenda.talk(paper), person)

    async def forget(unit):
        await unit.people.forget(person)

    await in_order(store, other, stop, claim, forget, turned=turned)
    assert presented(await club.agenda()) == {}


async def test_what_nobody_presents_cannot_be_given_back(club, store):
    meeting = await club.sets()
    assert await club.claim(meeting.number, "Heat")
    paper = await club.number("Heat")
    async with store.write() as unit:
        assert await unit.meetings.release(meeting, paper)
        assert not await unit.meetings.release(meeting, paper)


async def test_a_paper_with_a_presenter_stays_while_the_others_follow_the_votes(club):
    meeting = await club.sets()
    await club.claim(meeting.number, "Light")  # the paper with fewest votes
    await club.vote("New", "Newer", "Newest", "Other", "Late")
    shown = await club.agenda()
    assert [talk.paper.title for talk in shown.talks] == ["New", "Newer", "Light"]
    assert presented(shown) == {"Light": "Eve"}


async def test_a_paper_given_back_follows_the_votes_again(club, store):
    meeting = await club.sets()
    await club.claim(meeting.number, "Light")
    await club.vote("New", "Newer", "Newest", "Other", "Late")
    async with store.write() as unit:
        assert await unit.meetings.release(await unit.meetings.lock(meeting.number), await club.number("Light"))
    assert [talk.paper.title for talk in (await club.agenda()).talks] == ["New", "Newer", "Newest"]


async def test_a_paper_given_back_after_the_reminder_stays_on_the_agenda(club, store):
    meeting = await club.sets()
    await club.claim(meeting.number, "Light")
    async with store.write() as unit:
        frozen = await unit.meetings.freeze(await unit.meetings.lock(meeting.number))
        await unit.meetings.release(frozen, await club.number("Light"))
    await club.vote("New", "Newer", "Newest", "Other", "Late")
    assert "Light" in [talk.paper.title for talk in (await club.agenda()).talks]
    assert presented(await club.agenda()) == {}


async def test_a_moved_meeting_follows_the_votes_again_except_for_what_has_a_presenter(club, store):
    meeting = await club.sets()
    await club.claim(meeting.number, "Light")
    async with store.write() as unit:
        await unit.meetings.freeze(await unit.meetings.lock(meeting.number))
    await club.vote("New", "Newer", "Newest", "Other", "Late")
    moved = await club.sets("2026-01-20 15:00", once=True)
    assert moved.number == meeting.number
    assert [talk.paper.title for talk in (await club.agenda()).talks] == ["New", "Newer", "Light"]


async def test_linked_accounts_present_as_one_person(club, store):
    meeting = await club.sets()
    await club.claim(meeting.number, "Heat")
    (fay,) = await people(store, FAY)
    async with store.write() as unit:
        await unit.people.link(EVE, fay)
    assert presented(await club.agenda()) == {"Heat": "Fay"}


async def test_an_export_has_what_a_person_presents(club, store):
    meeting = await club.sets()
    await club.claim(meeting.number, "Heat")
    async with store.read() as unit:
        person = await unit.people.person_of(EVE)
        (row,) = (await unit.people.export(person.number))["presented"]
    assert row["title"] == "Heat"
    assert (row["channel"], row["address"], row["begins_at"]) == ("telegram", GROUP, FRIDAY.isoformat())


async def test_a_place_that_meets_outlives_its_first_owner(club, store):
    await club.sets()
    async with store.write() as unit:
        ann = await unit.people.person_of(Actor(channel="telegram", user_id="1"))
        await unit.people.forget(ann.number)
    assert (await club.agenda()).begins_at == FRIDAY


# --- which papers ---------------------------------------------------------------------------------------------------


async def test_papers_without_votes_are_on_the_agenda_when_they_were_submitted(club, store, clock):
    await record(store, said(a_paper("2601.00077", title="Submitted")), quiet=True)
    async with store.write() as unit:
        paper = await unit.papers.get("2601.00077")
        await unit.lists.submit(club.place, paper.number, day=clock().date(), person=None)
    meeting = await club.sets(papers=4)
    assert [(talk.paper.title, talk.votes) for talk in (await club.agenda(meeting.number)).talks] == [
        ("Graphs", 3), ("Heat", 2), ("Light", 1), ("Submitted", 0),
    ]  # fmt: skip


async def test_votes_of_more_than_a_week_ago_count_no_more(club, clock):
    clock.advance(days=8)
    await club.sets()
    assert (await club.agenda()).talks == ()
    async with club.store.write() as unit:
        empty = await unit.meetings.freeze(await unit.meetings.lock((await unit.meetings.coming(club.place)).number))
    assert not empty.is_frozen  # what is voted for now comes on it


async def test_what_was_presented_is_on_no_later_agenda(club, clock):
    first = await club.sets()
    await club.claim(first.number, "Heat")
    clock.set("2026-01-09T15:00:00Z")
    async with club.store.write() as unit:
        await unit.meetings.follow(club.place)
    await club.vote("Heat", "Novel")
    assert [talk.paper.title for talk in (await club.agenda()).talks] == ["Graphs", "Novel", "Light"]


async def test_what_was_to_be_presented_at_a_cancelled_meeting_may_come_again(club):
    first = await club.sets()
    await club.claim(first.number, "Heat")
    async with club.store.write() as unit:
        await unit.meetings.cancel(first)
    await club.sets("2026-01-12 10:00")
    assert [talk.paper.title for talk in (await club.agenda()).talks] == ["Graphs", "Heat", "Light"]


async def test_a_paper_that_managers_remove_leaves_a_fixed_agenda(club, store, clock):
    meeting, paper = await club.sets(), await club.number("Heat")
    async with store.write() as unit:
        await unit.lists.submit(club.place, paper, day=clock().date(), person=None)
    await club.claim(meeting.number, "Graphs")
    async with store.write() as unit:
        await unit.lists.remove(club.place, paper, barred=True)
    assert [talk.paper.title for talk in (await club.agenda()).talks] == ["Graphs", "Light"]


@pytest.mark.parametrize(("first", "second"), [("Graphs", "Heat"), ("Heat", "Graphs")])
async def test_papers_that_become_one_stay_on_a_fixed_agenda_once(club, store, first, second):
    meeting = await club.sets()
    await club.claim(meeting.number, first)
    kept, gone = await club.number(first), await club.number(second)
    async with store.write() as unit:
        await fold_paper(unit.connection, gone, kept)
    assert presented(await club.agenda()) == {first: "Eve"}
    assert len((await club.agenda()).talks) == 2


async def test_a_paper_that_becomes_another_is_presented_by_the_same_person(club, store):
    meeting = await club.sets()
    await club.claim(meeting.number, "Heat")
    gone = await club.number("Heat")
    await record(store, said(a_paper("2601.00088", title="Heat, published", announced=date(2026, 1, 5))), quiet=True)
    async with store.write() as unit:
        kept = (await unit.papers.get("2601.00088")).number
        await fold_paper(unit.connection, gone, kept)
    assert presented(await club.agenda()) == {"Heat, published": "Eve"}


# --- when -----------------------------------------------------------------------------------------------------------


async def test_a_place_has_one_meeting_for_each_slot(club, store, other):
    await club.sets()
    async with store.write() as unit:
        agenda = await unit.meetings.agenda(club.place)
        await unit.meetings.cancel(await unit.meetings.coming(club.place))
        assert await unit.meetings.coming(club.place) is None
    for process in (store, other):
        async with process.write() as unit:
            meeting = await unit.meetings.put(agenda, FRIDAY)
    async with store.read() as unit:
        assert len(await unit.meetings.ended_after(club.place, FRIDAY)) == 1
    assert not meeting.is_cancelled


@BOTH_ORDERS
@stops([0, 1, 2, 4, 6, 8])
async def test_two_processes_that_set_the_next_meeting_set_one(club, store, other, clock, stop, turned):
    await club.sets()
    clock.set("2026-01-09T15:00:00Z")

    async def follow(unit):
        await unit.meetings.follow(club.place)

    await in_order(store, other, stop, follow, follow, turned=turned)
    async with store.read() as unit:
        meetings = await unit.meetings.ended_after(club.place, FRIDAY - timedelta(days=1))
    assert [meeting.begins_at for meeting in meetings] == [FRIDAY, FRIDAY + timedelta(days=7)]


async def test_a_meeting_that_is_going_on_is_not_moved(club, clock):
    first = await club.sets()
    clock.set("2026-01-09T14:30:00Z")
    second = await club.sets("weekly mon 10:00")
    assert second.number != first.number
    assert (await club.agenda()).number == first.number


async def test_a_meeting_moves_into_the_slot_of_a_cancelled_one(club, store):
    first = await club.sets("2026-01-12 10:00")
    async with store.write() as unit:
        await unit.meetings.cancel(first)
    await club.sets("2026-01-14 10:00")
    moved = await club.sets("2026-01-12 10:00")
    async with store.read() as unit:
        assert [one.number for one in await unit.meetings.ended_after(club.place, FRIDAY)] == [moved.number]
    assert moved.number != first.number


async def test_a_place_without_an_agenda_has_no_meeting(club, store):
    async with store.write() as unit:
        assert await unit.meetings.follow(club.place) is None
        assert await unit.meetings.agenda(club.place) is None
        assert await unit.meetings.lock(77) is None
        await unit.meetings.put_agenda(Agenda(place=club.place, cadence="", zone="UTC"))
        assert await unit.meetings.follow(club.place) is None


# --- places that become one -----------------------------------------------------------------------------------------


async def test_a_group_that_becomes_another_takes_its_meetings_along(club, store):
    meeting = await club.sets()
    await club.claim(meeting.number, "Heat")
    old = club.place
    await club.open(address="-100200")
    async with store.write() as unit:
        assert await unit.places.moved(old, "-100200") == club.place
    assert presented(await club.agenda()) == {"Heat": "Eve"}
    async with store.read() as unit:
        rows = await unit.connection.execute(select(TABLES["reminder"].c.destination))
        assert set(rows.scalars()) == {club.place}
        assert (await unit.meetings.agenda(club.place)).cadence == "weekly fri 15:00"


async def test_of_two_agendas_that_become_one_that_of_the_place_that_stays_holds(club, store):
    old = club.place
    await club.sets("weekly fri 15:00")
    await club.open(address="-100200")
    stays = await club.sets("weekly fri 15:00")
    async with store.write() as unit:
        await unit.meetings.put_agenda(replace(await unit.meetings.agenda(club.place), papers=5))
        await unit.places.moved(old, "-100200")
    async with store.read() as unit:
        assert (await unit.meetings.agenda(club.place)).papers == 5
        assert [one.number for one in await unit.meetings.ended_after(club.place, FRIDAY)] == [stays.number]
        assert await unit.places.at(Place(channel="telegram", address=GROUP, kind="group")) is None


@BOTH_ORDERS
@stops([0, 2, 4, 6, 8, 10, 12])
async def test_a_presenter_who_owns_the_place_is_forgotten_while_its_turn_reminds_it(
    club, store, other, clock, stop, turned
):
    meeting = await club.sets()
    await club.claim(meeting.number, "Heat", who="1")
    clock.set("2026-01-08T14:00:00Z")
    async with store.read() as unit:
        owner = await unit.people.person_of(Actor(channel="telegram", user_id="1"))

    async def remind(unit):
        claimed = await unit.outbox.claim("me", ["telegram"], timedelta(minutes=2), 10)  # none while it is taken
        await unit.outbox.keep([place.number for place in claimed], "me", timedelta(minutes=2))
        await load_reminders(unit, {place.number: place for place in claimed})
        await unit.outbox.release([place.number for place in claimed], "me")

    async def forget(unit):
        await unit.people.forget(owner.number)

    await in_order(store, other, stop, remind, forget, turned=turned)
    async with store.write() as unit:
        await remind(unit)  # whom the first one left out
    agenda = await club.agenda()
    assert (agenda.is_frozen, presented(agenda)) == (True, {})


async def test_a_meeting_that_was_never_fixed_has_no_papers_afterwards(club, clock):
    meeting = await club.sets()
    clock.set("2026-01-09T15:00:00Z")
    assert (await club.agenda(meeting.number)).talks == ()
    following = await club.sets()
    async with club.store.write() as unit:
        await unit.meetings.cancel(following)
    assert (await club.agenda(following.number)).talks == ()
