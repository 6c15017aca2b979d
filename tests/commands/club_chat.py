"""The chat of a group with a journal club, for tests of `/agenda`."""

from commands_bot import GROUP, paper
from icalendar import Calendar

from paperwire.ports.callers import Actor

FRIDAY = "Friday, 9 January 2026, 15:00 (Europe/Berlin)"
TITLES = ("Seeing in the dark", "Graphs of graphs", "Heat on manifolds", "Slow light")


class ClubChat:
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
                    where = await unit.places.ensure(place, person.number)
                    await unit.lists.vote(where.number, person.number, stored.number)


def titles(reply):
    return [item.title for item in reply.message.items]


def event(reply):
    (file,) = reply.files
    assert (file.name, file.media_type) == ("journal-club.ics", "text/calendar")
    whole = Calendar.from_ical(file.content)
    (found,) = whole.walk("VEVENT")
    return whole, found
