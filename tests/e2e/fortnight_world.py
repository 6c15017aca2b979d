"""A simulated fortnight: a loopback arXiv, the whole pipeline over a store, and a channel that notes what arrives.

Time is the test's clock: waiting moves it, so that two weeks take seconds.
"""

import asyncio
from collections import Counter, defaultdict
from datetime import date, timedelta

import stamina
from sqlalchemy import select

from paperwire.core.days.calendar import NO_CLOSURES, has_batch
from paperwire.core.query.language import parse
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.pipeline.deliver import Delivery
from paperwire.pipeline.hold import Hold
from paperwire.pipeline.ingest import BACKFILL, Collector
from paperwire.pipeline.match import Matching
from paperwire.pipeline.reconcile import Reconciler
from paperwire.ports.callers import Actor, Place
from paperwire.ports.channels import Receipt
from paperwire.sources._http import Fetcher
from paperwire.sources.arxiv import ArxivSource, Options
from paperwire.store.database.tables.base import EventCode, Row
from paperwire.store.pace import StorePace
from servers.direct import DIRECT

FIRST, LAST = date(2026, 1, 12), date(2026, 1, 23)  # Martin Luther King Day lies between: no batch on the 20th
DAYS = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
BATCH_DAYS = [day for day in DAYS if has_batch(day, NO_CLOSURES)]
FAULTS = [429, 503, "retry-date", 500, "reset", "cut", "html", "empty", "doctype", "error", "slow"]
EVERYTHING = "cat:cs OR cat:math OR cat:hep-th OR cat:stat OR cat:quant-ph OR cat:cond-mat OR cat:astro-ph"


class Recorder:
    """A channel that keeps what it is given, in `arrived` by address."""

    kind, singleton, in_flight, shared_service = "telegram", True, 1, True
    label = "fake"
    naming, greets, digest_size = "managed", False, 10

    def __init__(self):
        self.arrived = defaultdict(list)

    def per_minute(self, _kind):
        return 60

    async def wait_for_slot(self, _to):
        pass

    async def probe(self):
        pass

    async def send(self, to, message):
        self.arrived[to].append(message)
        return Receipt(str(len(self.arrived[to])))

    def told(self, address):
        """How often each paper was told at an address, by its page."""
        return Counter(item.url.rpartition("/abs/")[2] for message in self.arrived[address] for item in message.items)


class Service:
    """One process's stages, started again after an outage."""

    def __init__(self, server, store, clock, classes, channel):
        async def sleep(seconds):
            clock.advance(seconds=seconds)
            await asyncio.sleep(0)

        self.clock = clock
        self.fetcher = Fetcher(
            network=DIRECT,
            user_agent="Paperwire/test",
            pace=StorePace(store.write, owner="me", sleep=sleep),
            now=clock,
            timeout=5,
        )
        source = ArxivSource(
            self.fetcher,
            Options(
                categories=classes,
                api_url=server.api_url,
                rss_url=server.rss_url,
                oai_url=server.oai_url,
                list_url=server.list_url,
                min_interval=server.interval,
            ),
            now=clock,
        )
        self.collector = Collector(source, store, every=timedelta(minutes=15), now=clock)
        self.reconciler = Reconciler(self.collector, store, now=clock)
        self.matching = Matching(store, now=clock, next_slot=lambda *slot: Cadence.parse(slot[0]).next_slot(*slot[1:]))
        self.delivery = Delivery(store, {channel.kind: channel}, owner="one", now=clock, hold=Hold(store))
        self.failures = 0

    async def round(self):
        """Everything that is due now, once."""
        self.failures += (await self.collector.poll()).failed
        self.failures += (await self.reconciler.run()).failed
        await self.matching.run()
        await self.delivery.run("telegram")

    async def read_back(self, days=30):
        """The first days, however often that fails."""
        while not await self.collector.read_back(timedelta(days=days)):
            self.clock.advance(seconds=(await self.collector.rest_of(BACKFILL)).total_seconds() + 1)


async def subscribe(store, address, query, *, occasions=("arrival",), style="auto"):
    async with store.write() as unit:
        person = await unit.people.ensure(Actor(channel="telegram", user_id=address), "en")
        place = Place(channel="telegram", address=address, kind="private")
        there = await unit.places.ensure(place, person.number)
        await unit.places.update(there.number, style=style)
        await unit.subscriptions.subscribe(
            person.number,
            parse(query),
            name="",
            occasions=frozenset(occasions),
            cadence="instant",
            destinations=[there.number],
        )


def announced(archive, classes):
    """What arXiv announced in the fortnight of the followed classes: (id, version) with its day, and cross-lists."""
    versions, crossed = {}, {}
    for entry in archive.entries.values():
        for number, version in enumerate(entry.versions, 1):
            if FIRST <= version.day <= LAST and set(entry.classes(version.day)) & set(classes):
                versions[entry.id, number] = version.day
        for name, day in entry.later.items():
            if FIRST <= day <= LAST and name in classes:
                crossed[entry.id, name] = day
    return versions, crossed


async def said(store):
    """What the store heard of each paper: (id, kind, version) with the day and whether it was late."""
    event, paper = (Row.metadata.tables[name] for name in ("event", "paper"))
    rows = select(paper.c.id, event.c.kind, event.c.version, event.c.day, event.c.quiet, event.c.late).join_from(
        event, paper, paper.c.number == event.c.paper
    )
    async with store.read() as unit:
        return [
            (row.id, EventCode(row.kind).name.lower(), row.version, row.day, row.quiet, row.late)
            for row in await unit.connection.execute(rows)
        ]


def listed(archive, name, day):
    """New, crossed and replaced ids that arXiv announced on a day in one class."""
    new, crossed, replaced = set(), set(), set()
    for entry, number, kind in archive.batch(day, [name]):
        if kind == "new":
            new.add(entry.id)
        elif kind == "cross":
            crossed.add(entry.id)
        else:
            replaced.add(f"{entry.id}v{number}")
    return new, crossed, replaced


async def batches(store):
    async with store.read() as unit:
        return {(batch.part, batch.day): batch for batch in await unit.sources.batches(FIRST)}


def table(found, archive, classes):
    """One line a day: announced, held, late, and the states of its classes."""
    lines = [f"{'day':<15} {'new':>5} {'cross':>6} {'repl.':>6} {'held':>6} {'late':>5}  states"]
    for day in DAYS:
        rows = [found[name, day] for name in classes if (name, day) in found]
        if not rows:
            continue
        ids = [listed(archive, name, day) for name in classes]
        new, crossed, replaced = (set().union(*some) for some in zip(*ids, strict=True))
        held = set().union(*(row.arrivals for row in rows))
        late = set().union(*(row.late for row in rows))
        states = ", ".join(f"{count} {state}" for state, count in Counter(str(row.state) for row in rows).items())
        lines.append(
            f"{day:%a %d %b %Y} {len(new):>5} {len(crossed - new):>6} {len(replaced):>6} {len(held):>6}"
            f" {len(late):>5}  {states}"
        )
    return "\n".join(lines)


def quick():
    """As many tries of a fetch as in earnest, one right after the other."""
    return stamina.set_testing(True, attempts=3, cap=True)
