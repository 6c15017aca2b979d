"""A journal club on Telegram and on Discord: submissions, votes, agenda, claims, reminders and the calendar.

Time is the test's: the short one is a week, the long one a month with a moved and a cancelled meeting.
"""

from datetime import timedelta

import pytest
from club_life import EVE, FAY, FIRST, TITLES, Club, OnDiscord, OnTelegram, meetings
from conversation_world import ANN, BOB
from sqlalchemy import select
from sqlmodel import col

from paperwire.core.messages.agenda import time_in_zone
from paperwire.ports.callers import Actor
from paperwire.services.papers.meetings import calendar_address, published
from paperwire.store.database.tables.meetings import AgendaRow
from paperwire.texts import ENGLISH

PLATFORMS = pytest.mark.parametrize("platform", [OnTelegram, OnDiscord])


async def calendar_of(club):
    """What calendars that follow the club's address read, by the day of each meeting."""
    async with club.world.store.read() as unit:
        (place,) = (await unit.connection.execute(select(col(AgendaRow.destination)))).scalars()
        agenda = await unit.meetings.agenda(place)
    address = calendar_address(club.world.context, agenda)
    content = await published(club.world.context, address.rpartition("/")[2].removesuffix(".ics"))
    return {event.start.day: event for event in meetings(content)}


@PLATFORMS
async def test_a_week_of_a_journal_club(conversation, platform):
    club = Club(conversation, platform(conversation))
    people = club.people
    cards = [await club.submit(who, number) for who, number in ((EVE, 1), (FAY, 2), (BOB, 3))]
    await club.vote(cards[1], ANN, BOB)
    await club.vote(cards[2], EVE)
    assert "Only managers" in people.text(await people.ask(BOB, "/agenda weekly fri 15:00 Europe/Berlin"))
    first = await people.ask(ANN, "/agenda weekly fri 15:00 Europe/Berlin papers:2")
    (event,) = meetings(await people.file())
    assert (event.start, event.end) == (FIRST, FIRST + timedelta(hours=1))
    second = await people.ask(FAY, "/agenda")
    assert people.text(second).index(TITLES[2]) < people.text(second).index(TITLES[3])
    await people.file()

    await people.press(EVE, first, "1. I present this")
    await people.shows(first, "presented by Eve")
    assert await people.press(FAY, second, "1. I present this") == "Eve presents this paper."
    await people.press(FAY, second, "2. I present this")
    await people.shows(second, "presented by Fay")
    assert await people.press(EVE, second, "2. Release") == "Only Fay or a manager can release this paper."
    await people.press(FAY, second, "2. Release")
    await people.shows(second, "1 paper has no presenter yet.")
    assert "/calendar/" in await people.private(FAY, second, "Add to calendar")

    (reminder,) = await club.until(FIRST - timedelta(days=1))
    assert people.text(reminder).startswith("Reminder: journal club on Friday, 9 January 2026, 15:00 (Europe/Berlin)")
    assert "1 paper has no presenter yet." in people.text(reminder)
    assert people.notified(reminder) == {EVE}
    await people.press(FAY, reminder, "2. I present this")
    await people.shows(reminder, "presented by Fay")
    (soon,) = await club.until(FIRST - timedelta(hours=1))
    assert people.text(soon).startswith("Soon: journal club on Friday, 9 January 2026")
    assert "no presenter yet" not in people.text(soon)
    assert people.notified(soon) == {EVE, FAY}
    assert people.notified(first) == set()  # an answer names them without a sound
    (over,) = await club.until(FIRST + timedelta(hours=1))
    assert people.text(over).startswith("The journal club on Friday, 9 January 2026, 15:00 (Europe/Berlin) is over.")
    assert "Add notes" in people.actions(over)
    kept = await people.ask(EVE, "/agenda notes https://example.org/notes")
    assert "Kept with the meeting on Friday, 9 January 2026" in people.text(kept)
    assert "https://example.org/notes" in people.text(await people.ask(FAY, "/agenda"))
    await people.file()
    assert "Friday, 16 January 2026, 15:00" in people.text(await people.ask(BOB, "/agenda"))
    events = await calendar_of(club)
    assert sorted(events) == [9, 16]
    assert "presented by Eve" in events[9]["description"]
    assert "presented by Fay" in events[9]["description"]
    assert people.server.violations == []


@PLATFORMS
async def test_who_presents_fixes_that_paper_alone_and_the_votes_decide_until_the_day_before(conversation, platform):
    club = Club(conversation, platform(conversation))
    people = club.people
    cards = {number: await club.submit(EVE, number) for number in (1, 2, 3)}

    async def listed():
        """The papers of the meeting, by their numbers here."""
        shown = await people.ask(ANN, "/agenda")
        await people.file()
        return {number for number in cards if TITLES[number] in people.text(shown)}

    await club.vote(cards[3], ANN, BOB)
    agenda = await people.ask(ANN, "/agenda weekly fri 15:00 Europe/Berlin papers:2")
    await people.file()
    fixed = next(number for number in (1, 2) if TITLES[number] in people.text(agenda))
    assert people.text(agenda).index(TITLES[3]) < people.text(agenda).index(TITLES[fixed])
    free = 3 - fixed
    await people.press(EVE, agenda, "2. I present this")
    await people.shows(agenda, "presented by Eve")
    await conversation.restart()
    await club.vote(cards[free], ANN, BOB, FAY)
    assert await listed() == {fixed, free}
    await people.press(EVE, agenda, "2. Release")
    await people.shows(agenda, "2 papers have no presenter yet.")
    assert await listed() == {free, 3}

    (reminder,) = await club.until(FIRST - timedelta(days=1))
    assert "1. " in people.text(reminder)
    assert [label for label in people.actions(reminder) if "present" in label] == [
        "1. I present this",
        "2. I present this",
    ]
    await club.vote(cards[fixed], ANN, BOB, FAY)
    assert await listed() == {free, 3}


TIMETABLES = {
    "every other friday 15:00 Europe/Berlin": "Friday, 9 January 2026, 15:00 (Europe/Berlin)",
    "every first monday 3pm": "Monday, 5 January 2026, 15:00 (Europe/Berlin)",
    "fridays at 3": "Friday, 9 January 2026, 15:00 (Europe/Berlin)",
    "tomorrow 3pm": "Tuesday, 6 January 2026, 15:00 (Europe/Berlin)",
}
"""What a manager types on a Monday morning, and when the club meets then."""


@PLATFORMS
async def test_a_calendar_file_comes_when_a_meeting_is_set_moved_or_cancelled(conversation, platform):
    club = Club(conversation, platform(conversation))
    people = club.people
    await club.submit(EVE, 1)
    for typed, when in TIMETABLES.items():
        await conversation.restart()
        shown = await people.ask(ANN, f"/agenda {typed}")
        assert f"Journal club on {when}" in people.text(shown), typed
        (event,) = meetings(await people.file())
        assert event["status"] == "CONFIRMED"
        assert time_in_zone(event.start, "Europe/Berlin", ENGLISH) == when
    await people.ask(ANN, "/agenda off")
    (event,) = meetings(await people.file())
    assert event["status"] == "CANCELLED"
    shown = await people.ask(ANN, "/agenda fri 16:00")
    assert "16:00 (Europe/Berlin)" in people.text(shown)
    assert len(meetings(await people.file())) == 1


@pytest.mark.slow
@PLATFORMS
async def test_a_month_of_a_journal_club(conversation, platform):
    """Four meetings: as set, moved to another day, cancelled, and with a presenter who leaves."""
    club, came = Club(conversation, platform(conversation)), []
    people = club.people

    async def week(number):
        """Three papers of the week, the last with the most votes."""
        cards = [await club.submit(EVE, 3 * number + place) for place in range(3)]
        await club.vote(cards[1], FAY)
        await club.vote(cards[2], ANN, BOB)

    async def go_on(**parts):
        came.extend(await club.until(FIRST + timedelta(**parts)))

    await week(1)
    agenda = await people.ask(ANN, "/agenda weekly fri 15:00 Europe/Berlin")
    await people.file()
    for who, number in ((EVE, 1), (FAY, 2)):
        await people.press(who, agenda, f"{number}. I present this")
        await people.shows(agenda, f"presented by {'Eve' if who == EVE else 'Fay'}")
    await go_on(days=3)

    await week(2)
    moved = await people.ask(ANN, "/agenda 2026-01-15 10:00")
    await people.file()
    assert "Thursday, 15 January 2026, 10:00 (Europe/Berlin)" in people.text(moved)
    await go_on(days=10)

    await week(3)
    off = await people.ask(ANN, "/agenda off")
    assert "Friday, 23 January 2026" in people.text(off)
    (cancelled,) = meetings(await people.file())
    assert cancelled["status"] == "CANCELLED"
    await go_on(days=15)

    await week(4)
    agenda = await people.ask(ANN, "/agenda weekly fri 15:00")
    await people.file()
    await people.press(EVE, agenda, "1. I present this")
    await people.shows(agenda, "presented by Eve")
    async with conversation.store.write() as unit:
        person = await unit.people.person_of(Actor(channel=people.kind, user_id=str(EVE)))
        await unit.people.forget(person.number)
    await go_on(days=22)

    heads = [people.text(one).partition(" (Europe")[0] for one in came]
    assert heads == [
        "Reminder: journal club on Friday, 9 January 2026, 15:00",
        "Soon: journal club on Friday, 9 January 2026, 15:00",
        "The journal club on Friday, 9 January 2026, 15:00",
        "Reminder: journal club on Thursday, 15 January 2026, 10:00",
        "Soon: journal club on Thursday, 15 January 2026, 10:00",
        "Reminder: journal club on Friday, 30 January 2026, 15:00",
        "Soon: journal club on Friday, 30 January 2026, 15:00",
    ]
    assert "3 papers have no presenter yet." in people.text(came[-1])
    events = await calendar_of(club)
    assert {day: str(event["status"]) for day, event in events.items()} == {
        9: "CONFIRMED", 15: "CONFIRMED", 23: "CANCELLED", 30: "CONFIRMED", 6: "CONFIRMED",
    }  # fmt: skip
    assert len({event["uid"] for event in events.values()}) == 5
    assert people.server.violations == []
