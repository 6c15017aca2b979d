"""A platform in trouble for hours, and time that passes from one due instant to the next."""

import random
from collections import Counter, defaultdict
from datetime import timedelta

from sqlalchemy import func, select

from paperwire.errors import Rejected, Retry, Unknown
from paperwire.ports.channels import Receipt
from paperwire.store.database.tables.base import State
from paperwire.store.database.tables.deliveries import DeliveryRow

STYLES = ("cards", "auto", "list")
NONCE_MEMORY = timedelta(minutes=5)
"""How long Discord knows a message again."""
_TURNS = 20_000
_TICK = timedelta(milliseconds=10)


def failed(kind):
    """What the channel says of a send that was answered with 502."""
    return Retry(f"{kind} failed (HTTP status 502)", 5.0)


def unanswered(kind):
    """What it says of one that was not answered; Discord knows a repeat again, so that it may come soon."""
    return Unknown(f"{kind} did not answer", 5.0 if kind == "discord" else 120.0)


def unreachable(kind):
    return Retry(f"cannot reach {kind}", 5.0, everywhere=True)


class Platform:
    """A channel of 20 private chats on a platform whose `trouble` begins and ends at two instants.

    What arrives is kept in `arrived` by address, as (instant, message). `tries` are the instants of all sends of a
    title. A paper in `poison` gets a 500 wherever it is sent, one in `refused` is refused permanently.
    """

    singleton = True
    shared_service = True
    label = "fake"
    naming = "managed"
    greets = False
    digest_size = 10
    in_flight = 32

    def __init__(self, kind, clock, *, seed=5):
        self.kind = kind
        self.clock = clock
        self.trouble = ""
        self.begins = self.ends = clock()
        self.arrived = defaultdict(list)
        self.tries = defaultdict(list)
        self.probes = 0
        self.poison = {}
        self.refused = {}
        self.chance = random.Random(seed)
        self._nonces = {}

    def fail(self, trouble, **lasts):
        """Be in trouble from now on: `hours=6`."""
        self.trouble, self.begins = trouble, self.clock()
        self.ends = self.begins + timedelta(**lasts)

    @property
    def now_in(self):
        """The trouble of this instant."""
        return self.trouble if self.begins <= self.clock() < self.ends else ""

    def per_minute(self, _kind):
        return 60

    async def wait_for_slot(self, _to):
        pass

    async def probe(self):
        self.probes += 1
        match self.now_in:
            case "502, the probe too":
                raise failed(self.kind)
            case "no answer":
                raise unanswered(self.kind)
            case "resets" | "unreachable":
                raise unreachable(self.kind)

    async def send(self, to, message):
        for item in message.items:
            self.tries[to, item.title].append(self.clock())
        titles = {item.title for item in message.items}
        if self.poison.get(to) in titles:
            raise Retry("HTTP status 500", 5.0)
        if self.refused.get(to) in titles:
            raise Rejected("can't parse entities")
        self._fail_by_outage(to, message)
        return self._arrive(to, message)

    def _fail_by_outage(self, to, message):
        match self.now_in:
            case "502" | "502, the probe too":
                raise failed(self.kind)
            case "70 % 502" if self.chance.random() < 0.7:
                raise failed(self.kind)
            case "unreachable":
                raise unreachable(self.kind)
            case "no answer":
                raise unanswered(self.kind)
            case "resets" | "accepted" as trouble:
                if trouble == "accepted" or self.chance.random() < 0.5:
                    self._arrive(to, message)
                raise unanswered(self.kind)

    def _arrive(self, to, message):
        before = self._nonces.get((to, message.key))
        if self.kind != "discord" or before is None or self.clock() - before > NONCE_MEMORY:
            self.arrived[to].append((self.clock(), message))
            self._nonces[to, message.key] = self.clock()
        return Receipt(str(len(self.arrived[to])))

    def told(self, to):
        """The titles that arrived at an address, in order, repeats included."""
        return [item.title for _, message in self.arrived[to] for item in message.items]

    def most_copies(self):
        """How often the message arrived that came most often."""
        counts = [Counter(message.key for _, message in messages) for messages in self.arrived.values()]
        return max((count for of_one in counts for count in of_one.values()), default=0)

    def singles_since(self, to, since):
        """How many messages of one paper have arrived at an address since an instant."""
        return sum(at >= since and len(message.items) == 1 for at, message in self.arrived[to])


async def settle_in(stages, platform, places):
    """So many people subscribe, each in a private chat of their own, in all styles; gives their addresses."""
    stages.post = platform
    stages.begin()
    addresses = [str(number) for number in range(1, places + 1)]
    for number, address in enumerate(addresses):
        await stages.subscribe(address, "paper", style=STYLES[number % len(STYLES)])
    return addresses


async def live(stages, until, announcements=()):
    """Let time pass until then, from one due instant to the next; `announcements` are (instant, title) pairs.

    Returns early once nothing is owed and nothing more is announced.
    """
    coming = sorted(announcements)
    for _ in range(_TURNS):
        while coming and coming[0][0] <= stages.clock():
            await stages.announce(coming.pop(0)[1])
        await stages.deliver()
        due = await stages.delivery.next_due(stages.post.kind)
        instants = [at for at in (due, coming[0][0] if coming else None) if at is not None]
        if not instants or min(instants) > until:
            return
        stages.clock.at = max(stages.clock() + _TICK, min(instants))
    raise AssertionError(f"so many turns lead no further than {stages.clock()}")


async def states(stages):
    """How many deliveries are in each state."""
    async with stages.store.read() as unit:
        rows = await unit.connection.execute(select(DeliveryRow.state, func.count()).group_by(DeliveryRow.state))
        return {State(state): count for state, count in rows}
