"""Meetings: dates and times as people type them, and when to remind, through clock changes."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from paperwire.core.messages.agenda import agenda_message, reminder_message, time_in_zone
from paperwire.core.papers.paper import Paper
from paperwire.core.subscriptions.meeting import (
    MOST_PAPERS,
    Agenda,
    Meeting,
    MeetingTime,
    Reminder,
    ReminderKind,
    Talk,
    TypedDay,
    next_meeting,
    read_meeting_time,
    reminder_times,
)
from paperwire.errors import TimeError, TimeMistake
from paperwire.texts import ENGLISH

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "cadence", "day", "at", "zone"),
    [
        ("weekly fri 15:00 Europe/Berlin", "weekly fri 15:00", None, time(15), "Europe/Berlin"),
        ("every friday at 3pm", "weekly fri 15:00", None, time(15), ""),
        ("fri 15:00", "weekly fri 15:00", None, time(15), ""),
        ("monthly 1 10:00", "monthly 1 10:00", None, time(10), ""),
        ("weekly mon", "weekly mon 08:00", None, time(8), ""),
        ("2026-12-04 15:00", "", TypedDay(year=2026, month=12, day=4), time(15), ""),
        ("2026-12-04  at 3 pm  new york", "", TypedDay(year=2026, month=12, day=4), time(15), "new york"),
        ("2026-12-04T15:00", "", TypedDay(year=2026, month=12, day=4), time(15), ""),
        ("Dec 4th, 2026 3pm", "", TypedDay(year=2026, month=12, day=4), time(15), ""),
        ("15:00 on 4 December Berlin", "", TypedDay(month=12, day=4), time(15), "Berlin"),
        ("tomorrow 3pm", "", TypedDay(ahead=1), time(15), ""),
        ("3 pm tomorrow", "", TypedDay(ahead=1), time(15), ""),
        ("tonight at 8", "", TypedDay(ahead=0), time(20), ""),
        ("8pm tonight Berlin", "", TypedDay(ahead=0), time(20), "Berlin"),
        ("tomorrow 9 in the evening", "", TypedDay(ahead=1), time(21), ""),
        ("today at noon", "", TypedDay(ahead=0), time(12), ""),
        ("next Friday 15:00", "", TypedDay(weekday=4), time(15), ""),
        ("every other monday 3pm", "every 2 weeks mon 15:00", None, time(15), ""),
    ],
)
def test_a_time_to_meet_is_read_as_times_of_digests_are(typed, cadence, day, at, zone):
    assert read_meeting_time(typed) == MeetingTime(cadence, day, at, zone)


@pytest.mark.parametrize(
    ("typed", "at", "is_guessed"),
    [
        ("fridays at 3", "15:00", True),
        ("every 2 weeks fri 2", "14:00", True),
        ("tomorrow 3:30 berlin", "15:30", True),
        ("2026-12-04 at 6", "18:00", True),
        ("fridays at 7", "07:00", False),
        ("fridays at 3am", "03:00", False),
        ("every 3 weeks fri 3:15 a.m.", "03:15", False),
        ("fridays at 03:00", "03:00", False),
        ("fridays at 3pm", "15:00", False),
        ("fridays at 3 in the morning", "03:00", False),
        ("every 2 weeks fri 10", "10:00", False),
    ],
)
def test_an_hour_alone_is_one_of_the_afternoon(typed, at, is_guessed):
    read = read_meeting_time(typed)
    assert (f"{read.at:%H:%M}", read.is_guessed) == (at, is_guessed)
    assert read.day or read.cadence.endswith(at)


@pytest.mark.parametrize(
    ("typed", "mistake"),
    [
        ("", TimeMistake.UNKNOWN),
        ("instant", TimeMistake.UNKNOWN),
        ("soon", TimeMistake.UNKNOWN),
        ("2026-12-04", TimeMistake.UNKNOWN),
        ("tomorrow", TimeMistake.UNKNOWN),
        ("30 feb 15:00", TimeMistake.NO_TIME),
        ("2026-12-04 weekly fri 15:00", TimeMistake.UNKNOWN),
        ("2026-12-04 soon", TimeMistake.UNKNOWN),
        ("2026-02-30 15:00", TimeMistake.NO_TIME),
        ("weekly fri 25:00", TimeMistake.NO_TIME),
        ("weekly fri 10:00 15:00", TimeMistake.TOO_MANY_TIMES),
    ],
)
def test_what_is_no_time_to_meet_is_refused(typed, mistake):
    with pytest.raises(TimeError) as caught:
        read_meeting_time(typed)
    assert caught.value.kind == mistake


@pytest.mark.parametrize(
    ("typed", "zone", "first"),
    [
        ("weekly fri 15:00", "Europe/Berlin", datetime(2026, 1, 9, 14, tzinfo=UTC)),
        ("every first monday 15:00", "UTC", datetime(2026, 1, 5, 15, tzinfo=UTC)),
        ("every second fri 15:00", "UTC", datetime(2026, 1, 9, 15, tzinfo=UTC)),
        ("tomorrow 3pm", "Pacific/Kiritimati", datetime(2026, 1, 6, 1, tzinfo=UTC)),  # it is 22:00 there now
        ("next monday 3pm", "UTC", datetime(2026, 1, 12, 15, tzinfo=UTC)),
        ("4 jan 15:00", "UTC", datetime(2027, 1, 4, 15, tzinfo=UTC)),
        ("29 feb 15:00", "UTC", None),  # neither year has it
        ("2026-01-05 09:00", "UTC", datetime(2026, 1, 5, 9, tzinfo=UTC)),
        ("2026-01-05 09:00", "Europe/Berlin", None),  # it is nine there now
        ("2026-03-29 02:30", "Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),  # no clock shows that
        ("2026-10-25 02:30", "Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # clocks show it twice
    ],
)
def test_the_first_meeting_is_later_than_now(typed, zone, first):
    assert read_meeting_time(typed).first(zone, NOW) == first


def test_a_cadence_that_leaves_weeks_out_begins_with_its_first_meeting():
    typed = read_meeting_time("every 2 weeks fri 15:00")
    for now in (NOW, NOW + timedelta(weeks=1)):
        first = typed.first("UTC", now)
        cadence = typed.cadence_from(first, "UTC")
        assert next_meeting(cadence, "UTC", first - timedelta(seconds=1)) == first
        assert next_meeting(cadence, "UTC", first) == first + timedelta(weeks=2)
    assert read_meeting_time("tomorrow 3pm").cadence_from(NOW, "UTC") == ""


def test_a_date_that_a_zone_skipped_has_no_meeting():
    before = datetime(2011, 12, 1, tzinfo=UTC)
    assert read_meeting_time("2011-12-30 15:00").first("Pacific/Apia", before) is None


def test_no_meeting_follows_without_a_cadence():
    assert next_meeting("", "UTC", NOW) is None
    assert Agenda(place=1, cadence="", zone="UTC", minutes=90).ends(NOW) == NOW + timedelta(minutes=90)


@pytest.mark.parametrize(
    ("begins_at", "day_before"),
    [
        (datetime(2026, 1, 9, 14, tzinfo=UTC), datetime(2026, 1, 8, 14, tzinfo=UTC)),
        (datetime(2026, 3, 29, 13, tzinfo=UTC), datetime(2026, 3, 28, 14, tzinfo=UTC)),
        (datetime(2026, 3, 30, 0, 30, tzinfo=UTC), datetime(2026, 3, 29, 1, tzinfo=UTC)),  # 02:30 was skipped
        (datetime(2026, 10, 25, 14, tzinfo=UTC), datetime(2026, 10, 24, 13, tzinfo=UTC)),
    ],
)
def test_reminders_are_a_day_and_an_hour_before(begins_at, day_before):
    ends_at = begins_at + timedelta(hours=1)
    assert reminder_times(begins_at, ends_at, "Europe/Berlin") == {
        ReminderKind.DAY_BEFORE: day_before,
        ReminderKind.HOUR_BEFORE: begins_at - timedelta(hours=1),
        ReminderKind.OVER: ends_at,
    }


# --- messages -------------------------------------------------------------------------------------------------------


def a_meeting(*talks, **changes):
    about = {
        "number": 3,
        "place": 1,
        "begins_at": datetime(2026, 1, 9, 14, tzinfo=UTC),
        "ends_at": datetime(2026, 1, 9, 15, tzinfo=UTC),
        "zone": "Europe/Berlin",
        "uid": "u",
        "sequence": 0,
        "changed_at": NOW,
        "is_frozen": True,
    }
    return Meeting(**(about | changes), talks=talks)


def a_talk(number=1, **about):
    return Talk(paper=Paper(id=f"2601.{number:05}", number=number, title=f"Title {number}"), **about)


def head_of(message):
    return ["".join(span.text for span in line) for line in message.head]


def presenter_of(item):
    return "".join(span.text for span in item.lines[-1][1:])


def labels(message):
    return [[button.label for button in row] for row in message.buttons]


def test_an_agenda_names_presenters_and_what_is_open():
    message = agenda_message(a_meeting(a_talk(1, votes=2, presenter=5, name="Eve"), a_talk(2, votes=1)), ENGLISH)
    assert head_of(message) == [
        "Journal club on Friday, 9 January 2026, 15:00 (Europe/Berlin)",
        "1 paper has no presenter yet.",
    ]
    assert [presenter_of(item) for item in message.items] == ["presented by Eve", "no presenter yet"]
    assert labels(message) == [["1. Release"], ["2. I present this"], ["Add to calendar", "Remind me privately"]]
    assert message.foot == ()


def test_who_is_alone_is_not_offered_a_private_chat():
    meeting = a_meeting(a_talk(presenter=5))
    assert labels(agenda_message(meeting, ENGLISH, is_shared=False)) == [["Release"], ["Add to calendar"]]
    reminder = Reminder(ReminderKind.DAY_BEFORE, meeting, NOW, 7)
    assert labels(reminder_message(reminder, ENGLISH, is_shared=False)) == [["Release"], ["Add to calendar"]]


def test_a_single_paper_needs_no_number():
    assert labels(agenda_message(a_meeting(a_talk()), ENGLISH)) == [["I present this"], ["Add to calendar"]]


def test_an_agenda_may_be_empty():
    message = agenda_message(a_meeting(is_frozen=False), ENGLISH)
    assert head_of(message)[1] == "No paper was submitted or got votes here in the last week."
    assert message.foot == ()
    assert labels(message) == [["Add to calendar"]]


def test_all_of_the_papers_have_room_for_their_buttons():
    full = agenda_message(a_meeting(*(a_talk(number) for number in range(1, MOST_PAPERS + 1))), ENGLISH)
    assert len(full.buttons) <= 5
    assert sum(len(row) for row in full.buttons) == MOST_PAPERS + 1
    everyone = agenda_message(a_meeting(a_talk(1, presenter=5), a_talk(2, presenter=5)), ENGLISH)
    assert len(head_of(everyone)) == 1


def test_in_private_a_presenter_reads_of_their_papers():
    meeting = a_meeting(a_talk(presenter=5, name="Eve", in_private=True))
    reminder = Reminder(ReminderKind.DAY_BEFORE, meeting, NOW, 9, club="Vision\nlab")
    message = reminder_message(reminder, ENGLISH)
    assert head_of(message) == [
        "Reminder: you present at the journal club of Vision lab on Friday, 9 January 2026, 15:00 (Europe/Berlin)"
    ]
    assert labels(message) == [["No private reminders"]]
    assert all(not item.lines or "votes" not in str(item.lines) for item in message.items)
    keys = {reminder_message(replace(reminder, place=place), ENGLISH).key for place in (9, 10)}
    assert len(keys | {reminder_message(replace(reminder, club=""), ENGLISH).key}) == 3


def test_a_presenter_without_a_name_is_somebody():
    message = agenda_message(a_meeting(a_talk(presenter=5, name="\u200b\n")), ENGLISH)
    assert presenter_of(message.items[0]) == "presented by someone without a name"


@pytest.mark.parametrize("text", ["One\nTwo\r\n@everyone", "x" * 2000, "<b>bold</b>"])
def test_names_and_titles_stay_on_their_line(text):
    talk = Talk(paper=Paper(id="2601.00001", number=1, title=text), presenter=5, name=text)
    item = agenda_message(a_meeting(talk), ENGLISH).items[0]
    texts = [item.title, *(span.text for line in item.lines for span in line)]
    assert not any(sign in shown for shown in texts for sign in "\r\n")
    assert max(map(len, texts)) <= 512
    assert len(presenter_of(item)) <= len("presented by ") + 80


def test_the_same_reminder_has_the_same_key_and_another_one_another():
    def key(kind=ReminderKind.DAY_BEFORE, **changes):
        return reminder_message(Reminder(kind, a_meeting(a_talk(), **changes), NOW, 7), ENGLISH).key

    assert key() == key(sequence=7)
    keys = {key(), key(ReminderKind.HOUR_BEFORE), key(number=4), key(begins_at=NOW)}
    assert len(keys) == 4


def test_once_a_meeting_is_over_its_notes_are_asked_for():
    message = reminder_message(Reminder(ReminderKind.OVER, a_meeting(a_talk(presenter=5, name="Eve")), NOW, 7), ENGLISH)
    first, asks = ("".join(span.text for span in line) for line in message.head)
    assert first == "The journal club on Friday, 9 January 2026, 15:00 (Europe/Berlin) is over."
    assert asks.endswith("Press the button, or send /agenda notes and the text.")
    assert labels(message) == [["Add notes"]]
    assert message.key != reminder_message(Reminder(ReminderKind.HOUR_BEFORE, a_meeting(a_talk()), NOW, 7), ENGLISH).key


def test_times_are_told_by_the_clock_of_the_meeting():
    assert time_in_zone(NOW, "Etc/UTC", ENGLISH) == "Monday, 5 January 2026, 08:00 (UTC)"
    assert a_meeting(a_talk(2)).talk(1) is None
