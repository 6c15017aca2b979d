"""`/agenda`: a journal club's meetings, their papers, who presents them, and their calendar."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from club_chat import FRIDAY, TITLES, event, titles
from commands_bot import GROUP, buttons_of, text_of
from icalendar import Calendar

from paperwire.commands.answer import Commands
from paperwire.ports.callers import Actor, Place
from paperwire.services.papers.meetings import published
from paperwire.store.papers.pages import fold_paper

OTHER = Place(channel="telegram", address="-200", kind="group", title="Other lab")


async def test_the_most_voted_papers_of_a_place_are_its_agenda(club):
    await club.vote({2: 3, 1: 1, 4: 2, 3: 1})
    await club.vote({3: 9}, place=OTHER)
    reply = await club.sets()
    assert text_of(reply).splitlines()[:2] == [f"Journal club on {FRIDAY}", "3 papers have no presenter yet."]
    assert titles(reply) == [TITLES[1], TITLES[3], TITLES[2]]
    assert "3 votes · no presenter yet" in text_of(reply)
    assert "The journal club meets every Friday at 15:00 (Europe/Berlin)." in text_of(reply)
    shown = await club.says("/agenda", who="9")
    assert text_of(shown) == text_of(reply)
    whole, found = event(shown)
    assert whole["method"] == "PUBLISH"
    assert found.start == datetime(2026, 1, 9, 14, tzinfo=UTC)
    assert found.end - found.start == timedelta(hours=1)
    assert found["sequence"] == 0


async def test_one_person_presents_a_paper_and_gives_it_back(club):
    await club.vote({1: 2, 2: 1})
    agenda = await club.sets()
    taken = await club.presses("1. I present this", agenda, who="5")
    assert taken.toast == "You're presenting: Seeing in the dark"
    assert taken.edit
    assert "presented by User 5" in text_of(taken)
    assert list(buttons_of(taken)) == ["1. Release", "2. I present this", "Add to calendar", "Remind me privately"]
    late = await club.presses("1. I present this", agenda, who="6")
    assert text_of(late) == "User 5 presents this paper."
    assert late.aside
    again = await club.presses("1. I present this", agenda, who="5")
    assert again.toast == "You're already presenting this paper."
    refused = await club.presses("1. Release", taken, who="6")
    assert text_of(refused) == "Only User 5 or a manager can release this paper."
    back = await club.presses("1. Release", taken, who="5")
    assert back.toast == "This paper has no presenter any more."
    assert "2 papers have no presenter yet." in text_of(back)
    twice = await club.presses("1. Release", taken, who="6")
    assert twice.edit
    await club.presses("1. I present this", agenda, who="6")
    released = await club.presses("1. Release", taken, who="5", manages=True)
    assert "presented" not in text_of(released)


# --- when to meet ---------------------------------------------------------------------------------------------------


async def test_only_managers_set_when_to_meet(club):
    refused = await club.says("/agenda weekly fri 15:00")
    assert text_of(refused) == "Only managers can change subscriptions and settings here."
    for text in ("/agenda off", "/agenda papers:5"):
        assert text_of(await club.says(text)) == text_of(refused)
    assert text_of(await club.says("/agenda")).startswith("No meeting is set.")


async def test_a_journal_club_meets_in_shared_places(bot):
    assert text_of(await bot.says("/agenda")) == "/agenda works in a group or channel. Send it there."


async def test_without_a_meeting_the_most_voted_papers_are_shown(club):
    assert "\nManagers set when to meet, with /agenda." in text_of(await club.says("/agenda", place=OTHER))
    await club.vote({2: 2, 1: 1})
    shown = await club.says("/agenda")
    assert text_of(shown).splitlines()[:2] == ["No meeting is set.", "Most votes here in the last week:"]
    assert titles(shown) == [TITLES[1], TITLES[0]]
    assert buttons_of(shown) == {}
    assert shown.files == ()


async def test_a_date_sets_one_meeting(club):
    reply = await club.sets("2026-02-03 10:30 new york", minutes="90")
    assert text_of(reply).splitlines()[0] == "Journal club on Tuesday, 3 February 2026, 10:30 (America/New_York)"
    assert "The journal club meets" not in text_of(reply)
    _, found = event(reply)
    assert (found.start, found.end) == (
        datetime(2026, 2, 3, 15, 30, tzinfo=UTC), datetime(2026, 2, 3, 17, tzinfo=UTC),
    )  # fmt: skip


async def test_a_date_moves_the_next_meeting_of_a_timetable(club):
    _, before = event(await club.sets())
    moved = await club.sets("2026-01-08 11:00")
    _, after = event(moved)
    assert "The journal club meets every Friday at 15:00 (Europe/Berlin)." in text_of(moved)
    assert (after["uid"], after["sequence"]) == (before["uid"], before["sequence"] + 1)
    assert after.start == datetime(2026, 1, 8, 10, tzinfo=UTC)
    club.bot.clock.set("2026-01-08T11:30:00Z")
    assert "Friday, 16 January 2026, 15:00" in text_of(await club.says("/agenda"))


async def test_another_timetable_moves_the_next_meeting(club):
    await club.sets()
    reply = await club.sets("weekly mon 10:00")
    assert text_of(reply).splitlines()[0] == "Journal club on Monday, 5 January 2026, 10:00 (Europe/Berlin)"


async def test_numbers_of_papers_and_minutes_can_be_set_by_themselves(club):
    await club.vote({1: 1, 2: 2, 3: 3, 4: 4})
    nothing = await club.sets("papers:2")
    assert text_of(nothing).startswith("No meeting is set.")
    assert len(titles(await club.sets())) == 3  # what can't be done changes nothing
    reply = await club.sets("papers:2 minutes:45")
    assert titles(reply) == [TITLES[3], TITLES[2]]
    _, found = event(reply)
    assert found.end - found.start == timedelta(minutes=45)
    assert len(titles(await club.sets("Papers: 4"))) == 4
    _, again = event(await club.sets("minutes:45"))
    assert again["sequence"] == found["sequence"]


async def test_numbers_set_after_a_meeting_hold_for_the_next_one(club):
    await club.vote({1: 1, 2: 2, 3: 3, 4: 4})
    await club.sets()
    club.bot.clock.advance(days=5)
    reply = await club.sets("papers:2 minutes:45")
    assert len(titles(reply)) == 2
    _, found = event(reply)
    assert found.end - found.start == timedelta(minutes=45)
    assert found["sequence"] == 0


async def test_a_place_without_a_zone_is_told_that_times_are_in_utc(club):
    reply = await club.sets("weekly fri 15:00")
    assert "Times are in UTC. Choose your time zone, or add it to the command" in text_of(reply)
    assert "Times are in UTC" not in text_of(await club.sets("weekly fri 15:00 utc"))


@pytest.mark.parametrize(
    ("typed", "refused"),
    [
        ("instant", "Can't read \"instant\". Use weekly fri 15:00, 2026-12-04 15:00 or off."),
        ("whenever", "Can't read \"whenever\". Use weekly fri 15:00, 2026-12-04 15:00 or off."),
        ("x" * 3000, "Can't read \"xxx"),
        ("2026-12-04", "Can't read \"2026-12-04\". Use weekly fri 15:00, 2026-12-04 15:00 or off."),
        ("weekly fri 10:00 15:00", "Use one time, such as 15:00."),
        ("weekly fri 25:00", "Can't read \"25:00\". Use a time such as 08:00."),
        ("weekly fri 15:00 europe/berln", "europe/berln isn't a time zone. Did you mean Europe/Berlin?"),
        ("weekly fri offf", "Can't read \"offf\". Use a day such as mon, a time such as 08:00, or a time zone"),
        ("2026-01-02 15:00", "That time has passed. Use a later date."),
        ("2027-12-04 15:00", "That is more than a year ahead. Use an earlier date."),
        ("papers:0", "Can't read \"papers:0\". Use a number from 1 to 8."),
        ("papers:many", "Can't read \"papers:many\". Use a number from 1 to 8."),
        ("weekly fri 15:00 minutes:2000", "Can't read \"minutes:2000\". Use a number from 1 to 1440."),
    ],
    ids=lambda text: text[:20],
)  # fmt: skip
async def test_what_cannot_be_read_is_refused_and_changes_nothing(club, typed, refused):
    before = text_of(await club.sets())
    assert text_of(await club.sets(typed)).startswith(refused)
    assert text_of(await club.says("/agenda")) == before


async def test_off_cancels_the_meeting_and_its_calendar(club):
    assert text_of(await club.sets("off")) == "No meeting is set."
    _, before = event(await club.sets())
    off = await club.sets("off")
    assert text_of(off) == f"The meeting on {FRIDAY} is cancelled. No other meeting is set."
    whole, found = event(off)
    assert (whole["method"], found["status"]) == ("CANCEL", "CANCELLED")
    assert (found["uid"], found["sequence"]) == (before["uid"], before["sequence"] + 1)
    assert text_of(await club.says("/agenda")).startswith("No meeting is set.")
    assert text_of(await club.sets("off")) == "No meeting is set."
    _, again = event(await club.sets())
    assert (again["uid"], again["sequence"]) == (before["uid"], before["sequence"] + 2)


# --- buttons --------------------------------------------------------------------------------------------------------


async def test_a_claim_fixes_its_paper_alone(club):
    await club.vote({1: 2, 2: 1})
    agenda = await club.sets(papers="2")
    follows = "Papers without a presenter follow the votes until the next reminder."
    assert follows in text_of(agenda)
    taken = await club.presses("2. I present this", agenda)
    assert follows in text_of(taken)
    await club.vote({3: 5, 4: 4})
    assert titles(await club.says("/agenda")) == [TITLES[2], TITLES[1]]
    await club.presses("2. Release", await club.says("/agenda"))
    assert titles(await club.says("/agenda")) == [TITLES[2], TITLES[3]]


async def test_the_number_of_papers_takes_effect_on_an_agenda_that_was_fixed(club):
    await club.vote({1: 2, 2: 1, 3: 4, 4: 3})
    await club.sets()
    async with club.bot.store.write() as unit:
        place = await unit.places.at(GROUP)
        meeting = await unit.meetings.coming(place.number)
        await unit.meetings.freeze(await unit.meetings.lock(meeting.number))
    assert len(titles(await club.says("/agenda"))) == 3
    assert len(titles(await club.sets("papers:4"))) == 4
    assert len(titles(await club.sets("papers:2"))) == 2


async def test_a_meeting_that_is_cancelled_and_set_again_keeps_its_presenters(club):
    await club.vote({1: 2, 2: 1})
    await club.presses("1. I present this", await club.sets())
    await club.sets("off")
    assert "presented by User 1" in text_of(await club.sets())


async def test_a_paper_that_votes_took_off_the_agenda_cannot_be_claimed(club):
    await club.vote({1: 1})
    agenda = await club.sets("weekly fri 15:00 Europe/Berlin", papers="1")
    await club.vote({2: 2})
    refused = await club.presses("I present this", agenda)
    assert text_of(refused) == "This paper isn't on the agenda any more. /agenda shows what is."
    assert "1 paper has no presenter yet." in text_of(await club.says("/agenda"))


async def test_buttons_of_a_meeting_that_is_over_or_cancelled_say_so(club):
    await club.vote({1: 1})
    agenda = await club.sets()
    club.bot.clock.set("2026-01-09T15:00:00Z")
    over = await club.presses("I present this", agenda)
    assert text_of(over) == "This meeting is over. /agenda shows the next one."
    await club.vote({2: 1})
    following = await club.says("/agenda")
    await club.sets("off")
    assert text_of(await club.presses("1. I present this", following)) == "This meeting is cancelled."


@pytest.mark.parametrize(
    "action", ["present:77:1", "present:x", "present:1", "release:1:", "agenda:what", "agenda:calendar:9"]
)
async def test_a_button_of_what_is_not_here_is_too_old(club, action):
    await club.vote({1: 1})
    await club.sets()
    assert text_of(await club.presses(action)) == "This button is too old. Send the command again."


async def test_buttons_work_in_their_own_place_alone(club):
    await club.vote({1: 1})
    agenda = await club.sets()
    for button in ("I present this", "Add to calendar"):
        refused = await club.presses(button, agenda, place=OTHER)
        assert text_of(refused) == "This button is too old. Send the command again."
    async with club.bot.store.write() as unit:
        person = await unit.people.ensure(Actor(channel="telegram", user_id="1"), "en")
        other = await unit.places.ensure(OTHER, person.number)
    assert "too old" in text_of(await club.presses("I present this", agenda, place=OTHER))
    never_met = await club.presses(f"agenda:calendar:{other.number}", place=OTHER)
    assert "too old" in text_of(never_met)


async def test_a_claim_of_a_paper_that_became_another_is_of_that(club):
    await club.vote({1: 2, 2: 1})
    agenda = await club.sets()
    async with club.bot.store.write() as unit:
        gone, kept = [(await unit.papers.get(f"2601.0000{number}")).number for number in (1, 3)]
        await fold_paper(unit.connection, gone, kept)
    taken = await club.presses("1. I present this", agenda)
    assert taken.toast == f"You're presenting: {TITLES[2]}"


# --- the calendar ---------------------------------------------------------------------------------------------------


def address_of(reply):
    (address,) = [line for line in text_of(reply).splitlines() if line.startswith("https://")]
    return address


async def test_the_address_of_the_calendar_is_private_and_follows_changes(club):
    await club.vote({1: 1})
    agenda = await club.sets()
    reply = await club.presses("Add to calendar", agenda, who="5")
    assert reply.private
    token = address_of(reply).removeprefix("https://papers.example.org/calendar/").removesuffix(".ics")
    (first,) = Calendar.from_ical(await published(club.bot.context, token)).walk("VEVENT")
    assert "no presenter yet" in first["description"]
    await club.presses("I present this", agenda, who="5")
    (second,) = Calendar.from_ical(await published(club.bot.context, token)).walk("VEVENT")
    assert second["uid"] == first["uid"]
    assert second["sequence"] > first["sequence"]
    assert "presented by User 5" in second["description"]
    await club.sets("off")
    (third,) = Calendar.from_ical(await published(club.bot.context, token)).walk("VEVENT")
    assert third["status"] == "CANCELLED"


async def test_managers_replace_the_address_and_the_old_one_ends(club):
    reply = await club.presses("Add to calendar", await club.sets())
    refused = await club.presses("New address", reply, who="5")
    assert text_of(refused).startswith("Only managers")
    renewed = await club.presses("New address", reply, manages=True)
    assert renewed.edit
    old, new = (address_of(one).rpartition("/")[2].removesuffix(".ics") for one in (reply, renewed))
    assert await published(club.bot.context, old) is None
    assert await published(club.bot.context, new) is not None
    for forged in ("", "x" * 60, new[:-1] + ("A" if new[-1] != "A" else "B")):
        assert await published(club.bot.context, forged) is None


async def test_a_calendar_on_this_machine_alone_says_so(club):
    agenda = await club.sets()
    club.bot.commands = Commands(replace(club.bot.context, public_url="http://127.0.0.1:8000"))
    reply = await club.presses("Add to calendar", agenda)
    assert "These links work only on the machine where Paperwire runs" in text_of(reply)


async def test_a_place_without_a_title_has_a_calendar(club):
    nameless = Place(channel="telegram", address="-300", kind="group")
    whole, _ = event(await club.sets(place=nameless))
    assert whole["name"] == "Journal club"


async def test_a_channel_itself_presents_nothing(club):
    """Posts of a channel, and administrators who stay anonymous, have its address for an account."""
    await club.vote({1: 1})
    agenda = await club.sets()
    refused = await club.presses("I present this", agenda, who=GROUP.address, manages=True)
    assert text_of(refused) == "A paper is presented by a person. Turn off posting as the chat first."


async def test_forgetting_names_what_a_person_presents_and_gives_it_back(club):
    await club.vote({1: 1})
    agenda = await club.sets()
    await club.presses("I present this", agenda, who="5")
    asked = await club.bot.says("/forget", who="5")
    assert "• 1 paper to present" in text_of(asked)
    await club.bot.presses("Yes, delete everything", asked, who="5")
    assert "no presenter yet" in text_of(await club.says("/agenda"))


# --- notes of a meeting that is over --------------------------------------------------------------------------------


@pytest.fixture
async def over(club):
    """A meeting with a presenter, a minute after its end."""
    await club.vote({1: 2, 2: 1})
    await club.presses("1. I present this", await club.sets(), who="5")
    club.bot.clock.set("2026-01-09T15:01:00Z")
    return club


async def test_presenters_and_managers_keep_notes_of_the_last_meeting(over):
    kept = await over.says("/agenda notes https://example.org/notes", who="5")
    assert text_of(kept) == f"Kept with the meeting on {FRIDAY}."
    agenda = await over.says("/agenda", who="9")
    assert f"Notes of the meeting on {FRIDAY}:\nhttps://example.org/notes" in text_of(agenda)
    await over.says("/agenda notes: Slides follow", manages=True)
    assert "Slides follow" in text_of(await over.says("/agenda"))
    refused = await over.says("/agenda notes mine", who="6")
    assert text_of(refused) == "Only presenters and managers can add notes."


async def test_the_button_asks_for_notes_of_its_meeting(over):
    async with over.bot.store.read() as unit:
        place = await unit.places.at(GROUP)
        meeting = await unit.meetings.last(place.number, unit.now - timedelta(days=1))
    asked = await over.presses(f"notes:{meeting.number}", who="5")
    assert (asked.question.command, asked.question.options) == ("agenda", {"notes": str(meeting.number)})
    kept = await over.bot.commands.handle(over.bot.request("5", GROUP, manages=False, args="The proof of lemma 3"))
    assert text_of(kept) == f"Kept with the meeting on {FRIDAY}."
    assert "The proof of lemma 3" in text_of(await over.says("/agenda"))


@pytest.mark.parametrize(
    ("typed", "refused"),
    [
        ("/agenda notes", "Add your notes, or a link to them, after the command:"),
        ("/agenda notes " + "x" * 2001, "Notes have at most 2,000 characters."),
    ],
    ids=["nothing", "too much"],
)
async def test_notes_that_cannot_be_kept_are_refused(over, typed, refused):
    assert text_of(await over.says(typed, manages=True)).startswith(refused)


async def test_before_the_first_meeting_is_over_there_is_nothing_to_note(club):
    await club.sets()
    assert text_of(await club.says("/agenda notes x", manages=True)) == "No meeting here is over yet."
    assert text_of(await club.presses("notes:1", place=OTHER)) == "No meeting here is over yet."


async def test_the_button_asks_no_one_who_may_not_add_notes(over):
    async with over.bot.store.read() as unit:
        meeting = await unit.meetings.last((await unit.places.at(GROUP)).number, unit.now - timedelta(days=1))
    refused = await over.presses(f"notes:{meeting.number}", who="6")
    assert (text_of(refused), refused.question) == ("Only presenters and managers can add notes.", None)
    asked = await over.presses(f"notes:{meeting.number}", who="6", manages=True)
    assert asked.question is not None
