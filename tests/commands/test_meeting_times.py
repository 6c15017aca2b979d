"""`/agenda`: when to meet, as people type it."""

from datetime import UTC

import pytest
from club_chat import FRIDAY, event
from commands_bot import text_of


@pytest.mark.parametrize(
    ("typed", "first", "follows"),
    [
        ("every other friday 15:00", FRIDAY, "every 2 weeks on Friday at 15:00 (Europe/Berlin)"),
        (
            "every first monday 3pm",
            "Monday, 5 January 2026, 15:00 (Europe/Berlin)",
            "on the first Monday of each month at 15:00 (Europe/Berlin)",
        ),
        (
            "monthly last fri 3pm",
            "Friday, 30 January 2026, 15:00 (Europe/Berlin)",
            "on the last Friday of each month at 15:00 (Europe/Berlin)",
        ),
        ("tomorrow 3pm", "Tuesday, 6 January 2026, 15:00 (Europe/Berlin)", ""),
        ("3pm on 9 Jan", FRIDAY, ""),
    ],
)
async def test_when_to_meet_can_be_typed_as_people_say_it(club, typed, first, follows):
    shown = text_of(await club.sets(f"{typed} Europe/Berlin"))
    assert shown.startswith(f"Journal club on {first}\n")
    assert (f"The journal club meets {follows}." in shown) == bool(follows)


async def test_how_an_hour_alone_was_read_is_said(club):
    line = "Read as 15:00. For the early morning, type 03:00."
    assert line in text_of(await club.sets("fridays at 3 Europe/Berlin"))
    assert line in text_of(await club.sets("fridays at 3"))
    assert "Read as" not in text_of(await club.sets("fridays at 03:00"))


async def test_a_club_of_every_second_week_goes_on_from_its_first_meeting(club):
    await club.sets("every other friday 15:00")
    club.bot.clock.set("2026-01-10T08:00:00Z")
    assert "Journal club on Friday, 23 January 2026, 15:00" in text_of(await club.says("/agenda"))


@pytest.mark.parametrize(
    ("typed", "chosen", "first", "then"),
    [
        ("weekly fri 15:00", "Europe/Berlin", "2026-01-09T14:00", "2026-01-16T14:00"),
        ("weekly mon 08:10", "Europe/Berlin", "2026-01-12T07:10", "2026-01-19T07:10"),  # today's is over in Berlin
        ("2026-01-09 15:00", "America/New_York", "2026-01-09T20:00", None),
    ],
)
async def test_the_zone_that_is_chosen_keeps_the_time_of_day(club, typed, chosen, first, then):
    await club.sets(typed)
    moved = await club.presses(f"agendazone:{chosen}", manages=True)
    _, found = event(moved)
    assert f"{found.start.astimezone(UTC):%Y-%m-%dT%H:%M}" == first
    if then is not None:
        club.bot.clock.set(f"{first}:00Z")
        club.bot.clock.advance(days=1)
        _, found = event(await club.says("/agenda"))
        assert f"{found.start.astimezone(UTC):%Y-%m-%dT%H:%M}" == then


async def test_a_meeting_that_was_moved_still_stands_for_its_week(club):
    await club.sets("weekly fri 15:00")
    await club.sets("2026-01-08 10:00")
    moved = await club.presses("agendazone:Europe/Berlin", manages=True)
    assert moved.edit
    _, found = event(moved)
    assert f"{found.start.astimezone(UTC):%Y-%m-%dT%H:%M}" == "2026-01-08T09:00"
    club.bot.clock.set("2026-01-08T20:00:00Z")
    _, found = event(await club.says("/agenda"))
    assert f"{found.start.astimezone(UTC):%Y-%m-%dT%H:%M}" == "2026-01-16T14:00"


async def test_a_zone_in_which_the_time_has_passed_is_refused(club):
    await club.sets("2026-01-05 08:30")
    assert "That time has passed." in text_of(await club.presses("agendazone:Europe/Berlin", manages=True))
    club.bot.clock.advance(hours=5)
    assert "No meeting is set." in text_of(await club.presses("agendazone:Europe/Berlin", manages=True))
    assert "Only managers" in text_of(await club.presses("agendazone:Europe/Berlin"))
