"""A club whose timetable changes over a month, with a restart before each press and command, on both platforms."""

from datetime import timedelta

import pytest
from club_life import EVE, FIRST, TITLES, Club, OnDiscord, OnTelegram, meetings
from conversation_world import ANN, BOB


@pytest.mark.slow
@pytest.mark.parametrize("platform", [OnTelegram, OnDiscord])
async def test_a_month_whose_timetable_changes(conversation, platform):
    people = platform(conversation)
    club = Club(conversation, people)
    cards = [await club.submit(EVE, number) for number in (1, 2, 3, 4)]
    await club.vote(cards[0], ANN, BOB)

    async def sets(text):
        await conversation.restart()
        answer = await people.ask(ANN, f"/agenda {text}")
        return answer, meetings(await people.file())[0]

    agenda, event = await sets("every other friday 15:00 Europe/Berlin papers:3")
    assert (event.start, event["sequence"]) == (FIRST, 0)
    await conversation.restart()
    await people.press(EVE, agenda, "1. I present this")
    await people.shows(agenda, "presented by Eve")
    await conversation.restart()
    await people.press(EVE, agenda, "1. Release")
    await people.shows(agenda, "3 papers have no presenter yet.")
    agenda, _ = await sets("papers:2")
    assert "2 papers have no presenter yet." in people.text(agenda)
    await people.press(EVE, agenda, "1. I present this")
    agenda, event = await sets("2026-01-10 11:00")
    assert event.start == FIRST + timedelta(hours=20)
    heads = [people.text(sent).split(" (")[0] for sent in await club.until(FIRST + timedelta(days=2))]
    assert heads == [
        "Reminder: journal club on Saturday, 10 January 2026, 11:00",
        "Soon: journal club on Saturday, 10 January 2026, 11:00",
        "The journal club on Saturday, 10 January 2026, 11:00",
    ]
    await conversation.restart()
    kept = await people.ask(EVE, "/agenda notes https://example.org/notes")
    assert "Kept with the meeting on Saturday, 10 January 2026" in people.text(kept)
    shown = await people.ask(BOB, "/agenda")
    assert meetings(await people.file())[0].start == FIRST + timedelta(days=14)  # a moved one stands for its week
    assert "https://example.org/notes" in people.text(shown)
    assert TITLES[1] not in people.text(shown).split("Notes")[0]

    _, event = await sets("off")
    assert event["status"] == "CANCELLED"
    assert await club.until(FIRST + timedelta(days=15)) == []
    agenda, event = await sets("every first monday 3pm")
    assert "Monday, 2 February 2026, 15:00" in people.text(agenda)
    assert event.start.day == 2
    heads = [people.text(sent).split(" (")[0] for sent in await club.until(FIRST + timedelta(days=25))]
    assert [head.split(":")[0] for head in heads] == ["Reminder", "Soon"]
    assert "Monday, 2 March 2026" in people.text(await people.ask(BOB, "/agenda"))
    assert people.server.violations == []
