"""`/agenda`: when to meet, as people type it."""

import pytest
from club_chat import FRIDAY
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


async def test_a_club_of_every_second_week_goes_on_from_its_first_meeting(club):
    await club.sets("every other friday 15:00")
    club.bot.clock.set("2026-01-10T08:00:00Z")
    assert "Journal club on Friday, 23 January 2026, 15:00" in text_of(await club.says("/agenda"))
