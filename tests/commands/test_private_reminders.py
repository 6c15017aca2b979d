"""Presenters who are reminded in their private chat too: from the wish to its end, through moves and leavings."""

import pytest
from club_chat import FRIDAY
from commands_bot import GROUP, buttons_of, text_of
from sqlalchemy import select
from sqlmodel import col

from paperwire.errors import CloseReason, Gone, Retry
from paperwire.ports.callers import Actor
from paperwire.store.database.tables.meetings import ReminderRow, TalkRow

EVE = "5"
PRIVATE = f"Reminder: you present at the journal club of Vision lab on {FRIDAY}"
SOON = f"Soon: you present at the journal club of Vision lab on {FRIDAY}"
YES, ALREADY = "You'll be reminded in our private chat, too.", "You're already being reminded in our private chat, too."
DAY_BEFORE, HOUR_BEFORE = "2026-01-08T14:00:00Z", "2026-01-09T13:00:00Z"


@pytest.fixture
async def agenda(club):
    """The agenda of two papers, of which Eve presents the first."""
    await club.vote({1: 2, 2: 1})
    return await club.presses("1. I present this", await club.sets(), who=EVE)


async def at(club, text):
    """What came to Eve in private when an instant has come, message by message."""
    before = len(club.bot.channel.sent)
    club.bot.clock.set(text)
    await club.bot.deliver()
    messages = [message for to, message in club.bot.channel.sent[before:] if to == EVE]
    return ["".join(span.text for span in message.head[0]) for message in messages]


async def wishes(club, agenda, who=EVE):
    return await club.presses("Remind me privately", agenda, who=who)


async def test_a_presenter_is_reminded_in_private_of_their_papers_alone(club, agenda):
    reply = await wishes(club, agenda)
    assert (text_of(reply), reply.aside) == (YES, True)
    to, message = club.bot.channel.sent[-1]
    assert to == EVE
    assert message.head[0][0].text == (
        f"As you asked in Vision lab, you will be reminded here of the meeting on {FRIDAY}, at which you present."
    )
    assert await at(club, "2026-01-08T13:59:59Z") == []
    assert await at(club, DAY_BEFORE) == [PRIVATE]
    private = next(message for to, message in reversed(club.bot.channel.sent) if to == EVE)
    assert [item.title for item in private.items] == ["Seeing in the dark"]
    assert await at(club, DAY_BEFORE) == []
    assert await at(club, HOUR_BEFORE) == [SOON]
    assert await at(club, "2026-01-09T15:00:00Z") == []  # notes are asked for where the club meets


async def test_it_is_off_until_it_is_wished(club, agenda):
    assert [await at(club, instant) for instant in (DAY_BEFORE, HOUR_BEFORE)] == [[], []]


async def test_a_wish_for_a_second_time_says_that_it_stands(club, agenda):
    await wishes(club, agenda)
    before = len(club.bot.channel.sent)
    assert text_of(await wishes(club, agenda)) == ALREADY
    assert len(club.bot.channel.sent) == before
    await club.presses("2. I present this", agenda, who=EVE)
    assert text_of(await wishes(club, agenda)) == YES  # for the second paper, too


async def test_only_presenters_are_reminded_in_private(club, agenda):
    refused = await wishes(club, agenda, who="6")
    assert text_of(refused) == 'Private reminders are for presenters. Press "I present this" under a paper first.'
    open_talks = await club.presses("1. Release", agenda, who=EVE)
    assert "Remind me privately" not in buttons_of(open_talks)


@pytest.mark.parametrize(
    ("error", "refused"),
    [
        (Gone("chat not found", CloseReason.BLOCKED), "Open a private chat with me and send /start, then try again."),
        (Retry(5.0, "the platform is busy"), "Nothing was changed; try again in a minute."),
    ],
    ids=["closed", "busy"],
)
async def test_who_cannot_be_written_to_is_told_how_and_nothing_changes(club, agenda, error, refused):
    club.bot.channel.refuses = error
    assert text_of(await wishes(club, agenda)).endswith(refused)
    club.bot.channel.refuses = None
    assert await at(club, DAY_BEFORE) == []


async def test_it_ends_by_the_button_in_the_private_chat(club, agenda):
    await wishes(club, agenda)
    _, greeting = club.bot.channel.sent[-1]
    (action,) = [button.action for row in greeting.buttons for button in row]
    for _ in range(2):
        assert text_of(await club.bot.presses(action, who=EVE)) == "You won't be reminded of this meeting in private."
    assert "too old" in text_of(await club.bot.presses(action, who="6"))
    assert await at(club, DAY_BEFORE) == []
    assert text_of(await wishes(club, agenda)) == YES
    assert await at(club, HOUR_BEFORE) == [SOON]


async def test_a_moved_meeting_moves_them(club, agenda):
    await wishes(club, agenda)
    await club.sets("2026-01-07 11:00")
    assert await at(club, "2026-01-06T10:00:00Z") == [
        PRIVATE.replace(FRIDAY, "Wednesday, 7 January 2026, 11:00 (Europe/Berlin)")
    ]
    await club.sets("2026-01-08 11:00")
    (again,) = await at(club, "2026-01-07T10:00:00Z")
    assert "Thursday, 8 January 2026, 11:00" in again
    assert await at(club, DAY_BEFORE) == []


async def test_a_cancelled_meeting_reminds_no_one_until_it_is_set_again(club, agenda):
    await wishes(club, agenda)
    await club.sets("off")
    assert await at(club, "2026-01-08T13:00:00Z") == []
    await club.sets()
    assert await at(club, DAY_BEFORE) == [PRIVATE]


async def leave_by_release(club, agenda):
    await club.presses("1. Release", agenda, who=EVE)


async def leave_by_forget(club, agenda):
    await club.bot.presses("Yes, delete everything", await club.bot.says("/forget", who=EVE), who=EVE)
    async with club.bot.store.read() as unit:
        talks = await unit.connection.execute(select(col(TalkRow.presenter), col(TalkRow.in_private)))
        assert {tuple(row) for row in talks} == {(None, False)}
        person = await unit.people.person_of(Actor(channel="telegram", user_id=EVE))
        places = await unit.connection.execute(select(col(ReminderRow.destination)).distinct())
        assert (person, len(places.all())) == (None, 1)


async def leave_by_another_presenter(club, agenda):
    await club.presses("1. Release", agenda, who=EVE)
    await club.presses("1. I present this", await club.says("/agenda"), who="6")


async def leave_by_the_bots_removal(club, agenda):
    async with club.bot.store.write() as unit:
        place = await unit.places.at(GROUP)
        await unit.places.pause(place.number, CloseReason.REMOVED)


@pytest.mark.parametrize(
    "leave", [leave_by_release, leave_by_forget, leave_by_another_presenter, leave_by_the_bots_removal]
)
async def test_who_no_longer_presents_is_not_reminded(club, agenda, leave):
    await wishes(club, agenda)
    await leave(club, agenda)
    assert await at(club, DAY_BEFORE) == []
    assert await at(club, HOUR_BEFORE) == []


async def test_who_presents_again_wishes_again(club, agenda):
    await wishes(club, agenda)
    await club.presses("1. Release", agenda, who=EVE)
    await club.presses("1. I present this", await club.says("/agenda"), who=EVE)
    assert await at(club, DAY_BEFORE) == []


async def test_a_fixed_agenda_forgets_the_wish_with_the_presenter(club, agenda):
    await wishes(club, agenda)
    assert await at(club, DAY_BEFORE) == [PRIVATE]
    await club.presses("1. Release", agenda, who=EVE)
    await club.presses("1. I present this", await club.says("/agenda"), who=EVE)
    assert await at(club, HOUR_BEFORE) == []


async def test_a_private_chat_that_is_asleep_until_the_meeting_begins_gets_nothing(club, agenda):
    await wishes(club, agenda)
    await club.bot.says("/pause", who=EVE)
    assert await at(club, DAY_BEFORE) == []
    club.bot.clock.set("2026-01-09T14:00:00Z")
    await club.bot.says("/resume", who=EVE)
    assert await at(club, "2026-01-09T14:00:30Z") == []


async def test_when_no_reminder_is_left_it_says_so(club, agenda):
    club.bot.clock.set("2026-01-09T13:30:00Z")
    assert text_of(await wishes(club, agenda)) == "No more reminders will be sent for this meeting."
    await club.sets("off")
    assert text_of(await wishes(club, agenda)) == "This meeting is cancelled."


async def test_what_is_stored_of_a_person_says_so(club, agenda):
    await wishes(club, agenda)
    async with club.bot.store.read() as unit:
        person = await unit.people.person_of(Actor(channel="telegram", user_id=EVE))
        exported = await unit.people.export(person.number)
    (talk,) = exported["presented"]
    assert (talk["in_private"], talk["begins_at"]) == (True, "2026-01-09T14:00:00+00:00")
