"""Digests of many zones for long, by two workers that stop at random: one for each slot, no paper lost or twice."""

import asyncio
import random
import re
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from pipeline_world import Post, next_slot, paper
from sqlalchemy import text

from paperwire.core.papers.paper import Event, EventKind
from paperwire.core.query.language import parse
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.errors import Retry
from paperwire.pipeline.deliver import Delivery
from paperwire.pipeline.hold import Hold
from paperwire.pipeline.match import Matching
from paperwire.ports.callers import Actor, Place

CADENCES = (
    "daily 08:00",
    "daily 02:30",
    "daily 00:00",
    "daily 23:30",
    "daily 01:45",
    "daily 07:00 19:00",
    "weekdays 07:30",
    "weekly mon thu 02:15",
    "weekly sun 02:30",
    "monthly 29 08:00",
)
PART = re.compile(r"\((\d+)/(\d+)\)")
TABLE = (
    ("Europe/Berlin", "2026-03-29", "daily 02:30"),
    ("Europe/Berlin", "2026-10-25", "daily 02:30"),
    ("America/New_York", "2026-03-08", "daily 02:30"),
    ("America/New_York", "2026-11-01", "daily 01:30"),
    ("Australia/Lord_Howe", "2026-10-04", "daily 02:15"),
    ("Australia/Lord_Howe", "2026-04-05", "daily 01:45"),
    ("Africa/Cairo", "2026-04-24", "daily 00:00"),
    ("Africa/Cairo", "2026-10-29", "daily 23:30"),
    ("Asia/Beirut", "2026-03-29", "daily 00:00"),
    ("America/Havana", "2026-03-08", "daily 00:00"),
    ("America/Havana", "2026-11-01", "daily 00:30"),
    ("America/Nuuk", "2026-03-28", "daily 23:30"),
    ("Africa/Casablanca", "2026-02-15", "daily 02:30"),
    ("Africa/Casablanca", "2026-03-22", "daily 02:30"),
    ("Asia/Kathmandu", "2026-01-05", "daily 08:00"),
    ("Pacific/Kiritimati", "2026-01-05", "daily 08:00"),
)
"""Zone, local date and cadence of each clock change that is told apart."""


class Year:
    """Places in many zones, each with its cadence, and a paper for all of them every few hours."""

    def __init__(self, store, clock, zones, seed):
        self.store, self.clock, self.zones = store, clock, zones
        self.random = random.Random(seed)
        self.post = Post(in_flight=20)
        self.owed = {}
        self.announced = 0
        self.died = 0
        self.begin()

    def begin(self):
        self.matching = Matching(self.store, now=self.clock, next_slot=next_slot)
        self.workers = [
            Delivery(self.store, {"telegram": self.post}, owner=name, now=self.clock, hold=Hold(self.store))
            for name in "ab"
        ]

    async def settle_down(self):
        """Everybody subscribes."""
        async with self.store.write() as unit:
            for number, zone in enumerate(self.zones):
                person = await unit.people.ensure(Actor(channel="telegram", user_id=str(number)), "en")
                where = Place(channel="telegram", address=str(number), kind="private")
                there = await unit.places.ensure(where, person.number, zone=zone)
                await unit.subscriptions.subscribe(
                    person.number,
                    parse("study"),
                    name="",
                    cadence=self.cadence(number),
                    destinations=[there.number],
                    occasions=frozenset({"arrival"}),
                )

    def cadence(self, number):
        return CADENCES[number % len(CADENCES)]

    async def announce(self):
        """A paper for everybody; keeps for which slot of each place it should be."""
        self.announced += 1
        one = paper(f"Study {self.announced}")
        one = type(one)(id=f"2601.{self.announced:05}", title=one.title, categories=one.categories)
        event = Event(kind=EventKind.NEW, source="arxiv", day=self.clock().date(), paper=one)
        async with self.store.write() as unit:
            await unit.papers.record([event], quiet=False)
        await self.matching.run()
        slots = {}
        for number, zone in enumerate(self.zones):
            key = (self.cadence(number), zone)
            slots[number] = slots.get(key) or next_slot(*key, self.clock())
            self.owed[number, one.title] = slots[number]

    async def tend(self):
        """Do now and then what PostgreSQL does by itself, where nobody has switched that off."""
        if self.announced % 20 == 0 and not self.store.file:
            async with self.store.write() as unit:
                await unit.connection.execute(text("ANALYZE"))

    async def deliver(self):
        """Both workers at once; now and then one dies in the middle, and comes back under its name."""
        running = [asyncio.create_task(worker.run("telegram")) for worker in self.workers]
        if self.random.random() < 0.02:
            victim = self.random.choice(running)
            for _ in range(self.random.randrange(40)):
                await asyncio.sleep(0)
            victim.cancel()
            self.died += 1
        results = await asyncio.gather(*running, return_exceptions=True)
        if any(isinstance(result, asyncio.CancelledError) for result in results):
            for worker in self.workers:
                await worker.shut_down()
            self.begin()
            await self.deliver()

    async def run(self, until, *, every, least=timedelta(seconds=1)):
        """Go from one due time to the next, by `least` at a time.

        Sometimes nobody is there for some hours, or a place does not answer.
        """
        following = self.clock()
        while self.clock() < until:
            due = await self.workers[0].next_due("telegram")
            self.clock.at = max(min(due or following, following), self.clock() + least)
            if self.random.random() < 0.01:
                self.clock.advance(minutes=self.random.randrange(1, 600))
            if self.random.random() < 0.05:
                self.post.fails[str(self.random.randrange(len(self.zones)))].append(Retry("down", 1))
            if self.clock() >= following:
                await self.announce()
                following = self.clock() + timedelta(hours=every)
                await self.tend()
            await self.deliver()

    def check(self):
        """Each slot once, each paper once, in no slot before the one it was for; and all that is due."""
        digests = defaultdict(list)
        arrived = defaultdict(set)
        for address, messages in self.post.arrived.items():
            zone = self.zones[int(address)]
            for message in messages:
                assert message.slot, "a digest's"
                part = PART.search("".join(span.text for line in message.head for span in line))
                digests[address, message.slot].append((int(part[1]), int(part[2])) if part else (1, 1))
                for item in message.items:
                    assert item.title not in arrived[address], "twice"
                    arrived[address].add(item.title)
                    expected = self.owed[int(address), item.title]
                    assert message.slot >= f"{expected.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}", "too early"
        for parts in digests.values():
            assert parts == [(number, len(parts)) for number in range(1, len(parts) + 1)], "one digest in its parts"
        for (number, title), slot in self.owed.items():
            if slot < self.clock() - timedelta(days=1):
                assert title in arrived[str(number)], f"{title} lost in {self.zones[number]}"
        return digests


async def run_year(store, clock, zones, *, days, seed=1, **pace):
    year = Year(store, clock, zones, seed)
    await year.settle_down()
    await year.run(clock() + timedelta(days=days), **pace)
    for _ in range(3):  # what the last failures hold back
        clock.advance(minutes=10)
        await year.deliver()
    return year, year.check()


async def test_some_zones_through_a_change_of_clocks(store, clock):
    clock.set("2026-03-26T12:00:00Z")
    zones = ["Europe/Berlin", "Asia/Beirut", "America/Nuuk", "Africa/Cairo", "Pacific/Kiritimati"]
    year, digests = await run_year(store, clock, zones, days=5, every=11, seed=5)
    assert year.announced > 8
    assert len({address for address, _ in digests}) >= 4


@pytest.mark.slow
async def test_a_year_of_four_hundred_zones(store, clock):
    clock.set("2026-01-01T00:00:00Z")
    names = sorted(name for name in available_timezones() if "/" in name and not name.startswith("posix"))
    year, digests = await run_year(store, clock, names[:400], days=365, every=8, least=timedelta(hours=3))
    print(f"\n{year.announced} papers, {len(digests)} digests in 400 zones, {year.died} workers died")  # noqa: T201 -- the proof's figures


@pytest.mark.whole
@pytest.mark.parametrize(("zone", "day", "cadence"), TABLE)
async def test_one_digest_on_the_day_of_each_clock_change(store, clock, zone, day, cadence):
    around = datetime.fromisoformat(day).replace(tzinfo=UTC)
    clock.at = around - timedelta(hours=40)
    year = Year(store, clock, [zone], seed=0)
    year.cadence = lambda _number: cadence
    year.random.random = lambda: 1.0
    await year.settle_down()
    sent = []
    send = year.post.send

    async def noted(to, message):
        sent.append((message.slot, clock()))
        return await send(to, message)

    year.post.send = noted
    await year.run(around + timedelta(hours=40), every=20)
    year.check()
    expected = Cadence.parse(cadence).slots(zone, around.date())
    assert [at for _, at in sent if at in expected] == expected
    print(f"\n{zone:22}{day} {cadence}: " + ", ".join(f"{slot} = {at:%m-%d %H:%MZ}" for slot, at in sent))  # noqa: T201 -- the table
