"""People with places, subscriptions and deliveries, for tests of what is kept about them."""

from datetime import date

from sqlalchemy import func, insert, select

from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.core.query.language import Query, parse
from paperwire.ports.callers import Actor, Place
from paperwire.store.database.tables.base import Row, State
from paperwire.store.database.tables.deliveries import DeliveryRow

TABLES = Row.metadata.tables
ANN = Actor(channel="telegram", user_id="1", name="Ann")
BOB = Actor(channel="telegram", user_id="2", name="Bob")
ROOM = Place(channel="telegram", address="-100/7", kind="topic", title="Reading group")


def private(actor):
    return Place(channel=actor.channel, address=actor.user_id, kind="private", title=actor.name)


def hash_of(number, generation):
    return f"hash of {number}.{generation}"


async def a_person(store, actor):
    async with store.write() as unit:
        return (await unit.people.ensure(actor, "en", zone="Europe/Berlin")).number


async def a_place(store, place, owner):
    async with store.write() as unit:
        return (await unit.places.ensure(place, owner)).number


async def subscribe(store, person, text, *places):
    async with store.write() as unit:
        made, _ = await unit.subscriptions.subscribe(
            person, parse(text), name="", occasions=frozenset({"arrival"}), cadence="", destinations=places
        )
    return made


async def some_papers(store, count):
    events = [
        Event(
            kind=EventKind.NEW,
            source="arxiv",
            day=date(2026, 1, 5),
            paper=Paper(id=f"2601.{number:05}", title=f"Title {number}", authors=(f"A. Author{number}",)),
        )
        for number in range(1, count + 1)
    ]
    async with store.write() as unit:
        await unit.papers.record(events, quiet=False)
        return [(await unit.papers.get(event.paper.id)).number for event in events]


def shown(change):
    """A change's query as text, None if it went out of use."""
    return change.dumped and str(Query.load(change.dumped))


async def owe(store, clock, destination, *papers, state=State.OWED):
    rows = [
        {"destination": destination, "paper": paper, "occasion": 0, "due_at": clock.at, "state": int(state)}
        for paper in papers
    ]
    async with store.write() as unit:
        await unit.connection.execute(insert(DeliveryRow), rows)


async def turn_of(store, number):
    """A place's `next_due_at` and `hold_until`."""
    table = TABLES["destination"]
    async with store.read() as unit:
        wanted = select(table.c.next_due_at, table.c.hold_until).where(table.c.number == number)
        return tuple((await unit.connection.execute(wanted)).one())


async def row_counts(store):
    """How many rows there are in each table that holds something of people."""
    names = ("person", "account", "destination", "mute", "saved", "watch", "subscription", "feed", "delivery", "match")
    names += ("agenda", "meeting", "submission", "vote")
    async with store.read() as unit:
        counts = {}
        for name in names:
            counted = select(func.count()).select_from(TABLES[name])
            counts[name] = (await unit.connection.execute(counted)).scalar_one()
    return {name: count for name, count in counts.items() if count}
