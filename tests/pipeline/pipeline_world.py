"""A small world for tests of the pipeline: a source that says what it is told to, a channel that fails when told to."""

import asyncio
from collections import defaultdict, deque
from dataclasses import replace
from datetime import timedelta

from paperwire import observe
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.core.query.language import parse
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.errors import StoreError
from paperwire.pipeline.calibration import Calibration
from paperwire.pipeline.deliver import Delivery
from paperwire.pipeline.encode import Encoding
from paperwire.pipeline.hold import Hold
from paperwire.pipeline.ingest import Collector
from paperwire.pipeline.match import Matching
from paperwire.pipeline.nearness import Nearness
from paperwire.ports.callers import Actor, Place
from paperwire.ports.channels import Receipt
from paperwire.ports.sources import Page


class Scripted:
    """A source whose parts answer with the pages, or raise the errors, that were put into `says`, in order."""

    name = "arxiv"

    def __init__(self, *parts):
        self.says = {part: deque() for part in parts or ("all",)}
        self.past = deque()
        self.asked = []

    def parts(self):
        return tuple(self.says)

    async def fetch(self, part, cursor):
        self.asked.append((part, cursor))
        async for page in self._say(self.says[part]):
            yield replace(page, part=part)

    async def backfill(self, since, cursor):
        self.asked.append(("backfill", cursor, since))
        async for page in self._say(self.past):
            yield replace(page, part="backfill")

    @staticmethod
    async def _say(answers):
        while answers:
            answer = answers.popleft()
            if isinstance(answer, Exception):
                raise answer
            if answer is None:  # the end of one reading
                return
            yield answer


class Post:
    """A channel that keeps what arrives, in `arrived` by address; `fails[address]` are errors to raise, in order.

    A send to an address in `slow` takes until its event is set. A probe raises `down`, if it is set.
    """

    singleton = True
    shared_service = True
    label = "fake"
    naming = "managed"
    greets = False
    digest_size = 10

    def __init__(self, kind="telegram", *, in_flight=1, per_minute=60):
        self.kind = kind
        self.in_flight = in_flight
        self.minute = per_minute
        self.arrived = defaultdict(list)
        self.fails = defaultdict(deque)
        self.turns = defaultdict(deque)
        self.slow = {}
        self.probes = 0
        self.down = None
        self.sending = 0
        self.most_sending = 0

    def per_minute(self, kind):
        return self.minute

    async def wait_for_slot(self, to):
        if self.turns[to]:
            raise self.turns[to].popleft()

    async def probe(self):
        self.probes += 1
        if self.down:
            raise self.down

    async def send(self, to, message):
        self.sending += 1
        self.most_sending = max(self.most_sending, self.sending)
        try:
            if to in self.slow:
                await self.slow[to].wait()
            await asyncio.sleep(0)
            if self.fails[to]:
                raise self.fails[to].popleft()
            self.arrived[to].append(message)
            return Receipt(f"m{len(self.arrived[to])}")
        finally:
            self.sending -= 1

    def titles(self, to):
        """The titles of each message with papers that arrived at an address."""
        return [[item.title for item in message.items] for message in self.arrived[to] if message.items]


class Scene:
    """People, papers and the three stages over one store."""

    def __init__(self, store, clock):
        self.store = store
        self.clock = clock
        self.source = Scripted()
        self.post = Post()
        self.hold = Hold(store)
        self.encoder = None
        self.begin()

    def begin(self):
        """Make new stages, as a starting process does."""
        self.collector = Collector(self.source, self.store, every=timedelta(minutes=15), now=self.clock)
        self.calibration = None
        if self.encoder is not None:
            self.calibration = Calibration(self.store, Nearness(self.store, self.encoder), now=self.clock)
            self.encoding = Encoding(self.store, self.encoder, self.calibration)
        self.matching = Matching(self.store, now=self.clock, next_slot=next_slot, calibration=self.calibration)
        self.delivery = Delivery(self.store, {self.post.kind: self.post}, owner="me", now=self.clock, hold=self.hold)

    async def subscribe(self, address, query, *, cadence="", name="", locale="en", **place):
        """A person in a private chat subscribes there; gives (place, subscription)."""
        async with self.store.write() as unit:
            person = await unit.people.ensure(Actor(channel=self.post.kind, user_id=address), locale)
            where = Place(channel=self.post.kind, address=address, kind="private")
            there = await unit.places.ensure(where, person.number)
            if place:
                await unit.places.update(there.number, **place)
            made, _ = await unit.subscriptions.subscribe(
                person.number,
                parse(query).of(person.number),
                name=name,
                occasions=frozenset({"arrival"}),
                cadence=cadence,
                destinations=[there.number],
            )
        return there.number, made.number

    def page(self, *titles, kind=EventKind.NEW, quiet=False, cursor="1", owed=False, **about):
        """A page with one event for each title; ids are made from the titles."""
        day = self.clock().date()
        events = tuple(
            Event(kind=kind, source="arxiv", day=day, owed=owed, paper=paper(title, **about)) for title in titles
        )
        return Page(part="all", events=events, cursor=cursor, quiet=quiet)

    async def announce(self, *titles, **about):
        """Papers are announced, collected and matched."""
        self.source.says["all"].append(self.page(*titles, **about))
        await self.collector.poll(early=True)
        return await self.matching.run()

    async def deliver(self):
        return await self.delivery.run(self.post.kind)

    async def owed(self):
        """How many deliveries are not settled."""
        async with self.store.read() as unit:
            return (await unit.ledger.counts()).owed

    async def place(self, number):
        async with self.store.read() as unit:
            return await unit.places.get(number)

    async def given_up(self):
        async with self.store.read() as unit:
            return await unit.given_up.listed(100)


def paper(title, **about):
    number = sum(ord(letter) * (place + 1) for place, letter in enumerate(title)) % 100000
    return Paper(id=f"2601.{number:05}", title=title, categories=("cs.CL",), **about)


def sent_so_far(outcome):
    return observe.SENT.labels("telegram", outcome)._value.get()


async def matches_of(stages, news):
    """The queries by words that each of these news matches."""
    return await stages.matching._match(news, {}, stages.matching._matcher)


async def ada(stages, query="paper", **place):
    number, _ = await stages.subscribe("1", query, **place)
    return number


def failing(monkeypatch, what, times):
    """Let a store method raise StoreError the first `times` times."""
    owner, _, name = what.rpartition(".")
    module, _, cls = owner.rpartition(".")
    holder = getattr(__import__(module, fromlist=[cls]), cls)
    real = getattr(holder, name)
    left = [times]

    async def sometimes(self, *args, **more):
        if left[0]:
            left[0] -= 1
            raise StoreError("disk full")
        return await real(self, *args, **more)

    monkeypatch.setattr(holder, name, sometimes)
    return left


def next_slot(cadence, zone, after):
    return Cadence.parse(cadence).next_slot(zone, after)


async def until(holds):
    """Wait until `holds()`; the test's own time-out is the limit."""
    while not holds():  # noqa: ASYNC110 -- what it waits for has no event
        await asyncio.sleep(0.01)
