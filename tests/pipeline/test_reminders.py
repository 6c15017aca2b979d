"""Reminders of meetings: once each, in the turns of their places, through outages, moves, pauses and quiet hours."""

from datetime import UTC, datetime

import pytest
from pipeline_world import Post, Scene
from sqlalchemy import delete
from sqlmodel import col

from meeting_world import GROUP, JournalClub
from paperwire.core.query.language import parse
from paperwire.core.subscriptions.meeting import ReminderKind
from paperwire.errors import CloseReason, Gone, Rejected, Retry, Unknown
from paperwire.ports.callers import Actor, Place
from paperwire.store.database.tables.people import DestinationRow
from paperwire.store.people.people import People

TOMORROW = "Reminder: journal club on Friday, 9 January 2026, 15:00 (Europe/Berlin)"
SOON = "Soon: journal club on Friday, 9 January 2026, 15:00 (Europe/Berlin)"
DAY_BEFORE, HOUR_BEFORE, OVER = "2026-01-08T14:00:00Z", "2026-01-09T13:00:00Z", "2026-01-09T15:00:00Z"


class Club(JournalClub, Scene):
    """A journal club on the pipeline's world."""

    def __init__(self, store, clock):
        JournalClub.__init__(self, store, clock)
        Scene.__init__(self, store, clock)

    async def subscribe_here(self, query):
        """The group gets papers, too."""
        async with self.store.write() as unit:
            ann = await unit.people.ensure(Actor(channel="telegram", user_id="1", name="Ann"), "en")
            await unit.subscriptions.subscribe(
                ann.number,
                parse(query),
                name="",
                occasions=frozenset({"arrival"}),
                cadence="",
                destinations=[self.place],
            )

    async def at(self, text):
        """Go to an instant and send what is due."""
        self.clock.set(text)
        return await self.deliver()

    def heads(self, address=GROUP):
        """The first line of each message that arrived about a meeting."""
        messages = [message for message in self.post.arrived[address] if message.head]
        return ["".join(span.text for span in message.head[0]) for message in messages]

    def read(self, number=-1, address=GROUP):
        """All lines of a message that arrived."""
        message = self.post.arrived[address][number]
        lines = [*message.head]
        for item in message.items:
            lines += [(item,), *item.lines]
        lines += message.foot
        return ["".join(getattr(span, "text", "") or getattr(span, "title", "") for span in line) for line in lines]


@pytest.fixture
async def club(store, clock):
    club = Club(store, clock)
    await club.open()
    await club.vote("Graphs", "Heat", "Light")
    return club


async def test_a_place_is_reminded_a_day_and_an_hour_before_once_each(club):
    meeting = await club.sets()
    assert await club.claim(meeting.number, "Heat")
    assert await club.at("2026-01-08T13:59:59Z") == 0
    assert await club.at(DAY_BEFORE) == 1
    assert await club.deliver() == 0
    read = club.read()
    assert read[:2] == [TOMORROW, "2 papers have no presenter yet."]
    assert [line for line in read if "presented by" in line or "no presenter yet" in line][1:] == [
        "3 votes · no presenter yet", "2 votes · presented by Eve", "1 vote · no presenter yet",
    ]  # fmt: skip
    assert await club.at(HOUR_BEFORE) == 1
    assert await club.at("2026-01-09T14:30:00Z") == 0
    assert club.heads() == [TOMORROW, SOON]


async def test_the_next_meeting_is_set_when_one_is_over(club):
    first = await club.sets()
    await club.at(DAY_BEFORE)
    await club.at(HOUR_BEFORE)
    await club.at(OVER)
    following = await club.agenda()
    assert (following.number, following.begins_at) == (first.number + 1, datetime(2026, 1, 16, 14, tzinfo=UTC))
    assert following.uid != first.uid
    await club.at("2026-01-15T14:00:00Z")
    assert club.heads()[2:] == ["Reminder: journal club on Friday, 16 January 2026, 15:00 (Europe/Berlin)"]
    assert club.read()[1] == "No paper was submitted or got votes here in the last week."


async def test_a_date_alone_is_one_meeting(club):
    await club.sets("2026-01-07 10:00")
    await club.at("2026-01-06T09:00:00Z")
    await club.at("2026-01-07T10:00:00Z")
    assert await club.agenda() is None
    assert await club.at("2026-01-14T10:00:00Z") == 0


async def test_the_reminder_fixes_the_agenda(club):
    await club.sets()
    await club.at(DAY_BEFORE)
    await club.vote("Newer", "Newest", "Latest", "Last")
    assert [talk.paper.title for talk in (await club.agenda()).talks] == ["Graphs", "Heat", "Light"]
    assert "follow the votes" not in " ".join(club.read())


async def test_a_moved_meeting_is_reminded_of_at_its_new_time_alone(club):
    await club.sets()
    moved = await club.sets("2026-01-13 10:00", once=True)
    assert moved.sequence == 1
    assert await club.at(DAY_BEFORE) == 0
    assert await club.at("2026-01-12T09:00:00Z") == 1
    assert club.heads() == ["Reminder: journal club on Tuesday, 13 January 2026, 10:00 (Europe/Berlin)"]
    await club.at("2026-01-13T10:00:00Z")
    assert (await club.agenda()).begins_at == datetime(2026, 1, 16, 14, tzinfo=UTC)


async def test_a_meeting_that_is_moved_forward_is_the_only_one_of_its_week(club):
    await club.sets()
    await club.sets("2026-01-08 10:00", once=True)
    await club.at("2026-01-08T11:00:00Z")
    assert (await club.agenda()).begins_at == datetime(2026, 1, 16, 14, tzinfo=UTC)


async def test_a_meeting_that_is_moved_while_its_reminder_is_sent_is_reminded_of_again(club, monkeypatch):
    await club.sets()
    real = Post.send

    async def send(self, to, message):
        monkeypatch.setattr(Post, "send", real)
        await club.sets("2026-01-13 10:00", once=True)
        return await self.send(to, message)

    monkeypatch.setattr(Post, "send", send)
    assert await club.at(DAY_BEFORE) == 1
    assert await club.at("2026-01-12T09:00:00Z") == 1
    assert club.heads()[0] == TOMORROW
    assert club.heads()[1].startswith("Reminder: journal club on Tuesday")


async def test_the_same_date_again_sends_no_reminder_twice(club):
    await club.sets()
    await club.at(DAY_BEFORE)
    again = await club.sets()
    assert again.sequence == 2  # fixed, and set again
    assert await club.deliver() == 0
    await club.at(HOUR_BEFORE)
    assert club.heads() == [TOMORROW, SOON]


async def test_a_meeting_set_for_today_has_no_reminder_of_the_day_before(club):
    await club.at("2026-01-09T09:00:00Z")
    await club.sets()
    assert await club.deliver() == 0
    await club.at(HOUR_BEFORE)
    assert club.heads() == [SOON]


async def test_a_cancelled_meeting_is_not_reminded_of(club):
    meeting = await club.sets()
    async with club.store.write() as unit:
        await unit.meetings.cancel(meeting)
    assert await club.at(DAY_BEFORE) == 0
    assert await club.at(OVER) == 0


async def test_a_process_that_dies_between_sending_and_writing_down_repeats_one_message(club, monkeypatch):
    """It has the same key, by which a platform that can tells that it is the same."""
    await club.sets()
    club.clock.set(DAY_BEFORE)
    real = club.delivery._turns._together.do

    async def die(claimed):
        if claimed.turn.message is not None:
            raise RuntimeError("killed")
        await real(claimed)

    monkeypatch.setattr(club.delivery._turns._together, "do", die)
    await club.deliver()
    club.begin()
    club.clock.advance(minutes=10)
    await club.deliver()
    await club.deliver()
    first, second = club.post.arrived[GROUP]
    assert (first.head, first.key) == (second.head, second.key)
    assert first.key


# --- when nothing may be sent ---------------------------------------------------------------------------------------


async def test_after_an_outage_the_last_reminder_alone_is_sent(club):
    await club.sets()
    club.post.down = Retry("down", 60, everywhere=True)
    club.post.fails[GROUP].append(Retry("down", 60, everywhere=True))
    await club.at(DAY_BEFORE)
    await club.at("2026-01-08T20:00:00Z")
    club.post.down = None
    club.clock.set("2026-01-09T13:30:00Z")
    club.begin()
    await club.deliver()
    assert club.heads() == [SOON]
    assert await club.deliver() == 0


async def test_after_a_long_outage_nothing_is_sent_of_a_meeting_that_has_begun(club):
    await club.sets()
    await club.at("2026-01-22T20:00:00Z")
    assert club.heads() == []
    assert (await club.agenda()).begins_at == datetime(2026, 1, 23, 14, tzinfo=UTC)


@pytest.mark.parametrize(("back", "asks"), [("2026-01-09T23:00:00Z", 1), ("2026-01-11T08:00:00Z", 0)])
async def test_after_an_outage_notes_are_asked_for_within_a_day(club, back, asks):
    """A meeting ends while the platform is down; the next one is set whether or not notes are asked for."""
    meeting = await club.sets()
    await club.claim(meeting.number, "Heat")
    await club.at(DAY_BEFORE)
    await club.at(HOUR_BEFORE)
    club.post.down = Retry("down", 60, everywhere=True)
    club.post.fails[GROUP].append(Retry("down", 60, everywhere=True))
    await club.at("2026-01-09T15:00:00Z")
    club.post.down = None
    club.clock.set(back)
    club.begin()
    await club.deliver()
    over = "The journal club on Friday, 9 January 2026, 15:00 (Europe/Berlin) is over."
    assert club.heads().count(over) == asks
    assert await club.deliver() == 0
    assert (await club.agenda()).begins_at == datetime(2026, 1, 16, 14, tzinfo=UTC)


async def test_a_paused_place_is_reminded_once_it_is_open_again(club):
    await club.sets()
    async with club.store.write() as unit:
        await unit.places.pause(club.place, "asked")
    assert await club.at(DAY_BEFORE) == 0
    assert await club.at("2026-01-08T18:00:00Z") == 0
    async with club.store.write() as unit:
        await unit.places.resume(club.place)
    await club.deliver()
    assert club.heads() == [TOMORROW]


async def test_a_reminder_waits_for_the_end_of_quiet_hours(club):
    await club.open(quiet="14:00-18:00", zone="Europe/Berlin")
    await club.sets()
    assert await club.at(DAY_BEFORE) == 0
    assert await club.at("2026-01-08T16:59:00Z") == 0
    assert await club.at("2026-01-08T17:00:00Z") == 1
    assert await club.at(HOUR_BEFORE) == 0
    assert await club.at("2026-01-09T17:00:00Z") == 0  # the meeting was at three
    assert club.heads() == [TOMORROW]


async def test_a_closed_place_is_paused_and_its_owner_notified(club):
    async with club.store.write() as unit:
        ann = await unit.people.ensure(Actor(channel="telegram", user_id="1"), "en")
        await unit.places.ensure(Place(channel="telegram", address="1", kind="private"), ann.number)
    await club.sets()
    club.post.fails[GROUP].append(Gone("kicked", CloseReason.REMOVED))
    await club.at(DAY_BEFORE)
    async with club.store.read() as unit:
        assert (await unit.places.get(club.place)).paused == CloseReason.REMOVED
    await club.delivery.notices.shut_down()
    assert club.heads("1") == ["Papers no longer reach one of your chats:"]
    assert await club.at(HOUR_BEFORE) == 0


async def test_a_deleted_place_takes_its_meetings_along(club):
    meeting = await club.sets()
    async with club.store.write() as unit:
        await unit.connection.execute(delete(DestinationRow).where(col(DestinationRow.number) == club.place))
    assert await club.at(DAY_BEFORE) == 0
    assert await club.agenda(meeting.number) is None


# --- what a platform says -------------------------------------------------------------------------------------------


async def test_a_refused_reminder_is_not_tried_again_and_holds_back_no_paper(club):
    await club.sets()
    await club.subscribe_here("paper")
    club.clock.set(DAY_BEFORE)
    await club.announce("Paper one")
    club.post.fails[GROUP].append(Rejected("message is too long"))
    await club.deliver()
    await club.deliver()
    assert [[item.title for item in one.items] for one in club.post.arrived[GROUP]] == [["Paper one"]]


async def test_a_reminder_that_may_have_arrived_is_sent_three_times_at_most(club):
    await club.sets()
    club.post.fails[GROUP].extend([Unknown("timed out", 1.0)] * 4)
    club.clock.set(DAY_BEFORE)
    for _ in range(20):
        await club.deliver()
        club.clock.advance(minutes=2)
    assert len(club.post.fails[GROUP]) == 1
    assert club.heads() == []


async def test_a_reminder_that_fails_by_itself_is_given_up_after_eight_tries(club, monkeypatch):
    monkeypatch.setattr("paperwire.pipeline.breaker.Breaker.is_working", True)
    await club.sets()
    club.post.fails[GROUP].extend([Retry("HTTP 500", 1.0)] * 20)
    club.clock.set(DAY_BEFORE)
    for _ in range(40):
        await club.deliver()
        club.clock.advance(minutes=6)
    assert len(club.post.fails[GROUP]) == 12


async def test_a_reminder_whose_turn_is_broken_off_after_the_send_counts_as_sent(club, monkeypatch):
    """What comes next in the turn is broken: what went out is written down all the same."""
    await club.sets()
    club.clock.set(DAY_BEFORE)
    real = club.delivery._turns._next_turns

    async def broken(unit, turns):
        if any(turn.message is not None for turn in turns):
            raise RuntimeError("a fault of ours")
        return await real(unit, turns)

    monkeypatch.setattr(club.delivery._turns, "_next_turns", broken)
    await club.deliver()
    club.begin()
    club.clock.advance(minutes=10)
    await club.deliver()
    assert club.heads() == [TOMORROW]


# --- clocks and people ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "day", "reminded"),
    [
        ("2026-03-27T08:00:00Z", "2026-03-29", "2026-03-28T14:00:00Z"),  # summer time begins: 23 hours before
        ("2026-10-23T08:00:00Z", "2026-10-25", "2026-10-24T13:00:00Z"),  # and ends: 25 hours before
    ],
)
async def test_a_day_before_is_a_day_by_the_wall_clock(club, now, day, reminded):
    club.clock.set(now)
    await club.sets(f"{day} 15:00")
    before = datetime.fromisoformat(reminded)
    club.clock.at = before.replace(minute=0)
    club.clock.advance(seconds=-1)
    assert await club.deliver() == 0
    assert await club.at(reminded) == 1


async def test_a_forgotten_presenter_gives_their_paper_back(club):
    meeting = await club.sets()
    await club.claim(meeting.number, "Heat")
    before = await club.agenda()
    async with club.store.write() as unit:
        person = await unit.people.person_of(Actor(channel="telegram", user_id="5"))
        await People(unit.connection, unit.now).forget(person.number)
    after = await club.agenda()
    assert [talk.presenter for talk in after.talks] == [0, 0, 0]
    assert after.sequence == before.sequence + 1
    await club.at(DAY_BEFORE)
    assert club.read()[1] == "3 papers have no presenter yet."


async def test_what_is_due_is_what_the_kinds_say(club):
    meeting = await club.sets()
    club.clock.set(OVER)
    async with club.store.read() as unit:
        due = await unit.reminders.due([club.place])
    assert [(number, kind) for number, kind, _ in due[club.place]] == [
        (meeting.number, kind) for kind in (ReminderKind.DAY_BEFORE, ReminderKind.HOUR_BEFORE, ReminderKind.OVER)
    ]
