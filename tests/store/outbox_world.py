"""A small world for tests of the outbox: papers, places and subscriptions put straight into the tables."""

from datetime import date, timedelta

from sqlalchemy import insert, select

from paperwire.core.matching.news import Matched
from paperwire.core.papers.paper import ARRIVAL, Paper
from paperwire.pipeline.fan_out import fan_out
from paperwire.store.database.part import paper_of, paper_values
from paperwire.store.database.tables.base import LIVE, EventCode, Row, Want
from paperwire.store.database.tables.deliveries import DeliveryRow
from paperwire.store.database.tables.papers import EventRow, PaperRow
from paperwire.store.database.tables.people import DestinationRow, MuteRow, PersonRow, WatchRow
from paperwire.store.database.tables.subscriptions import QueryRow, RouteRow, SubscriptionRow

TABLES = Row.metadata.tables
LEASE = timedelta(minutes=2)


class World:
    """Makes rows; every method commits a transaction of its own."""

    def __init__(self, store, clock):
        self.store = store
        self.clock = clock

    async def _add(self, table, **values):
        async with self.store.write() as unit:
            added = await unit.connection.execute(insert(table).values(**values))
            return added.inserted_primary_key[0]

    async def rows(self, table, *columns):
        """What stands in these columns, in order."""
        async with self.store.read() as unit:
            wanted = select(*(TABLES[table].c[name] for name in columns))
            return sorted(tuple(row) for row in await unit.connection.execute(wanted))

    async def person(self):
        return await self._add(PersonRow, name="Ada", locale="en", zone="UTC", created_at=self.clock())

    async def place(self, address="1", **changes):
        values = {
            "channel": "telegram",
            "kind": "private",
            "title": address,
            "owner": None,
            "cadence": "instant",
            "zone": "UTC",
            "quiet": "",
            "style": "auto",
            "paused": "",
            "created_at": self.clock(),
            "failures": 0,
        }
        return await self._add(DestinationRow, address=address, **(values | changes))

    async def query(self, text):
        return await self._add(QueryRow, key=text, text=text, dumped=b"", upvotes=None, seq=1, in_use=True)

    async def subscription(self, query, *places, slot=None, **changes):
        values = {
            "person": await self.person(),
            "ordinal": 1,
            "text": "diffusion",
            "name": "",
            "occasions": int(Want.ARRIVAL),
            "cadence": "",
            "paused": False,
            "began_at": self.clock() - timedelta(days=1),
            "deleted_at": None,
        }
        values |= changes
        number = await self._add(SubscriptionRow, query=query, **values)
        live = not (values["paused"] or values["deleted_at"])
        wants = values["occasions"] | LIVE if live else 0
        route = {"query": query, "began_at": values["began_at"], "wants": wants, "next_slot_at": slot}
        for place in places:
            await self._add(RouteRow, subscription=number, destination=place, **route)
        return number

    async def paper(self, name="2601.00001", **changes):
        values = {"authors": ("Jörg Müller",), "categories": ("cs.CV",), "seen_at": self.clock()} | changes
        paper = Paper(id=name, title=f"Paper {name}", **values)
        number = await self._add(PaperRow, **paper_values(paper))
        async with self.store.read() as unit:
            return paper_of(
                (await unit.connection.execute(select(PaperRow).where(TABLES["paper"].c.number == number))).one()
            )

    async def said(self, paper, kind=EventCode.NEW, *, quiet=False):
        values = {"source": "arxiv", "mark": 0, "version": 1, "day": date(2026, 1, 5), "seen_at": self.clock()}
        await self._add(EventRow, paper=paper.number, kind=int(kind), quiet=quiet, **values)

    async def mute(self, place, kind, value):
        return await self._add(MuteRow, destination=place, kind=kind, value=value, created_at=self.clock())

    async def watch(self, paper, place):
        person = await self.person()
        await self._add(WatchRow, paper=paper.number, destination=place, person=person, since=self.clock())

    def news(self, paper, *queries, occasion=ARRIVAL, quiet=False):
        return Matched(paper=paper, occasion=occasion, seen_at=paper.seen_at, queries=queries, quiet=quiet)

    async def match(self, *news):
        """Match and fan out, as the pipeline does; the number of deliveries touched."""
        async with self.store.write() as unit:
            await unit.fanout.record_matches(news)
        return await fan_out(self.store.write, news)

    async def owe(self, place, paper, *, occasion=ARRIVAL, due_at=None, **changes):
        """A delivery without any match."""
        values = {"due_at": due_at or self.clock(), "state": 0, "attempts": 0, "settled_at": None}
        key = {"destination": place, "paper": paper.number, "occasion": occasion.code}
        await self._add(DeliveryRow, **key, **(values | changes))

    async def deliveries(self):
        """Every delivery as a row, in the order of the key."""
        table = TABLES["delivery"]
        async with self.store.read() as unit:
            return (await unit.connection.execute(select(table).order_by(*table.primary_key))).all()

    async def row(self, place):
        """A place as a row, or None."""
        table = TABLES["destination"]
        async with self.store.read() as unit:
            return (await unit.connection.execute(select(table).where(table.c.number == place))).first()

    async def next_due_at(self, place):
        return (await self.row(place)).next_due_at


async def owing(row_maker, address="1", **changes):
    """A place that owes one paper at once: (place, paper)."""
    query, place = await row_maker.query(address), await row_maker.place(address, **changes)
    await row_maker.subscription(query, place)
    paper = await row_maker.paper(f"2601.0000{address}")
    await row_maker.match(row_maker.news(paper, query))
    return place, paper


async def claim(store, owner="me", channels=("telegram",), limit=10):
    async with store.write() as unit:
        return [place.number for place in await unit.outbox.claim(owner, channels, LEASE, limit)]


async def due(store, place, limit=100):
    async with store.read() as unit:
        return (await unit.outbox.due([place], limit)).get(place, [])


async def settle(store, place, *, keep=False, message=None, sent=(), given_up=(), failed=(), dropped=()):
    """What came of a place's deliveries, and the end of its turn unless `keep`."""
    async with store.write() as unit:
        if sent:
            await unit.outbox.sent({place: sent}, {place: message or ""})
        await unit.outbox.give_up(place, given_up, "refused")
        await unit.outbox.failed(place, failed, "broke down")
        await unit.outbox.drop({place: dropped})
        if keep:
            await unit.outbox.keep([place], "me", LEASE)
        else:
            await unit.outbox.release([place], "me")
