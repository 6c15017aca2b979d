"""A group whose people vote for papers and present them at its meetings."""

from dataclasses import replace

from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.core.subscriptions.meeting import Agenda, read_meeting_time
from paperwire.ports.callers import Actor, Place

GROUP = "-100"
WEEKLY = "weekly fri 15:00"
BERLIN = "Europe/Berlin"


class JournalClub:
    """A journal club in one group over a store; times are of January 2026, when Berlin is an hour ahead."""

    def __init__(self, store, clock):
        self.store, self.clock = store, clock
        self.place = 0

    async def open(self, *, address=GROUP, **settings):
        """The group as a stored place; returns its number."""
        async with self.store.write() as unit:
            ann = await unit.people.ensure(Actor(channel="telegram", user_id="1", name="Ann"), "en")
            where = Place(channel="telegram", address=address, kind="group", title="Vision lab")
            there = await unit.places.ensure(where, ann.number)
            if settings:
                await unit.places.update(there.number, **settings)
        self.place = there.number
        return there.number

    async def vote(self, *titles):
        """Papers are stored, and the first gets the most votes."""
        async with self.store.write() as unit:
            events = [
                Event(kind=EventKind.NEW, source="arxiv", day=self.clock().date(), paper=paper(one)) for one in titles
            ]
            await unit.papers.record(events, quiet=True)
        for votes, title in enumerate(reversed(titles), 1):
            number = await self.number(title)
            async with self.store.write() as unit:
                for voter in range(votes):
                    actor = Actor(channel="telegram", user_id=f"voter {voter}", name=f"Voter {voter}")
                    person = await unit.people.ensure(actor, "en")
                    await unit.lists.vote(self.place, person.number, number)

    async def number(self, title):
        """The number of the stored paper with that title."""
        async with self.store.read() as unit:
            return (await unit.papers.get(paper(title).id)).number

    async def sets(self, text=WEEKLY, *, zone=BERLIN, once=False, **more):
        """A manager sets when to meet; returns the coming meeting."""
        when = read_meeting_time(text)
        async with self.store.write() as unit:
            known = await unit.meetings.agenda(self.place) or Agenda(place=self.place, cadence="", zone=zone)
            agenda = replace(known, cadence=when.cadence or known.cadence, zone=zone, **more)
            await unit.meetings.put_agenda(agenda)
            return await unit.meetings.put(agenda, when.first(zone, unit.now), once=once)

    async def claim(self, meeting, title, who="5", name="Eve"):
        """Somebody presents a paper; whether they were the first."""
        number = await self.number(title)
        async with self.store.write() as unit:
            person = await unit.people.ensure(Actor(channel="telegram", user_id=who, name=name), "en")
            meeting = await unit.meetings.with_talks(await unit.meetings.lock(meeting, person=person.number))
            return await unit.meetings.claim(meeting.number, meeting.talk(number), person.number)

    async def agenda(self, number=None):
        """A meeting with what is on its agenda; the coming one unless a number is given."""
        async with self.store.read() as unit:
            meeting = await (unit.meetings.get(number) if number else unit.meetings.coming(self.place))
            return meeting and await unit.meetings.with_talks(meeting)


def paper(title):
    """A made-up paper, whose id is made of its title."""
    number = sum(ord(letter) * (place + 1) for place, letter in enumerate(title)) % 100000
    return Paper(id=f"2601.{number:05}", title=title, categories=("cs.CL",))
