"""`/agenda`: a journal club's meetings, their papers, who presents them, and their calendar."""

from datetime import UTC, datetime, timedelta

import pytest
from commands_bot import GROUP, buttons_of, paper, text_of
from icalendar import Calendar

from paperwire.ports.requests import Actor, Place

FRIDAY = "Friday, 9 January 2026, 15:00 (Europe/Berlin)"
TITLES = ("Seeing in the dark", "Graphs of graphs", "Heat on manifolds", "Slow light")
OTHER = Place(channel="telegram", address="-200", kind="group", title="Other lab")


class Club:
    """A group whose people vote and present."""

    def __init__(self, bot):
        self.bot = bot

    async def papers(self):
        await self.bot.record(*(paper(number, title) for number, title in enumerate(TITLES, 1)), quiet=True)

    async def says(self, text, *, who="1", manages=False, place=GROUP, **options):
        return await self.bot.says(text, who=who, place=place, manages=manages, **options)

    async def sets(self, text="weekly fri 15:00 Europe/Berlin", **options):
        """A manager sets when to meet."""
        return await self.says(f"/agenda {text}", manages=True, **options)

    async def presses(self, button, reply=None, *, who="1", manages=False, place=GROUP):
        return await self.bot.presses(button, reply, who=who, place=place, manages=manages)

    async def vote(self, votes, *, place=GROUP):
        """Papers by number, each with how many people vote for it."""
        async with self.bot.store.write() as unit:
            for number, count in votes.items():
                stored = await unit.papers.get(f"2601.{number:05}")
                for voter in range(count):
                    actor = Actor(channel="telegram", user_id=f"voter {voter}")
                    person = await unit.people.ensure(actor, "en")
                    where = await unit.people.ensure_destination(place, person.number)
                    await unit.lists.vote(where.number, person.number, stored.number)


@pytest.fixture
async def club(bot):
    club = Club(bot)
    await club.papers()
    return club


def titles(reply):
    return [item.title for item in reply.message.items]


def event(reply):
    (file,) = reply.files
    assert (file.name, file.media_type) == ("journal-club.ics", "text/calendar")
    whole = Calendar.from_ical(file.content)
    (found,) = whole.walk("VEVENT")
    return whole, found


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
    assert found.start.tzname() == "CET"
    assert found.end - found.start == timedelta(hours=1)
    assert found["sequence"] == 0


async def test_one_person_presents_a_paper_and_gives_it_back(club):
    await club.vote({1: 2, 2: 1})
    agenda = await club.sets()
    taken = await club.presses("1. I present this", agenda, who="5")
    assert taken.toast == "You present: Seeing in the dark"
    assert taken.edit
    assert "presented by User 5" in text_of(taken)
    assert list(buttons_of(taken)) == ["1. Give back", "2. I present this", "Add to calendar"]
    late = await club.presses("1. I present this", agenda, who="6")
    assert text_of(late) == "User 5 presents this paper."
    assert late.aside
    again = await club.presses("1. I present this", agenda, who="5")
    assert again.toast == "You present this paper already."
    refused = await club.presses("1. Give back", taken, who="6")
    assert text_of(refused) == "Only User 5 or a manager can give this paper back."
    back = await club.presses("1. Give back", taken, who="5")
    assert back.toast == "This paper has no presenter any more."
    assert "2 papers have no presenter yet." in text_of(back)
    twice = await club.presses("1. Give back", taken, who="6")
    assert twice.edit
    await club.presses("1. I present this", agenda, who="6")
    released = await club.presses("1. Give back", taken, who="5", manages=True)
    assert "presented" not in text_of(released)
