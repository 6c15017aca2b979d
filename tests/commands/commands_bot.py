"""A bot over a real store: commands are typed, buttons pressed, and answers read as people see them."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from paperwire.commands.answer import Commands
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.errors import CloseReason, Gone
from paperwire.pipeline.calibration import Calibration
from paperwire.pipeline.deliver import Delivery
from paperwire.pipeline.encode import Encoding
from paperwire.pipeline.hold import Hold
from paperwire.pipeline.match import Matching
from paperwire.pipeline.nearness import Nearness
from paperwire.ports.callers import Actor, Place
from paperwire.ports.channels import Receipt
from paperwire.ports.requests import Request

DAY = date(2026, 1, 5)


@dataclass
class Asker:
    """A channel that knows some places and who manages them, and keeps what it is given to send."""

    kind: str = "telegram"
    managed: dict = field(default_factory=dict)
    fails: Exception | None = None
    refuses: Exception | None = None
    sent: list = field(default_factory=list)
    singleton = True
    in_flight = 1
    shared_service = True
    label: str = "fake"
    naming: str = "managed"
    greets = False
    has_roles = False
    threaded = frozenset()
    digest_size = 10

    async def wait_for_slot(self, to):
        return

    async def probe(self):
        return

    def per_minute(self, kind):
        return 60

    async def send(self, to, message):
        if self.refuses:
            raise self.refuses
        self.sent.append((to, message))
        return Receipt(str(len(self.sent)))

    async def listen(self, specs, handler):
        return

    async def close(self):
        return

    async def private_address(self, actor):
        return actor.user_id

    async def inspect(self, address, actor):
        if self.fails:
            raise self.fails
        if address not in self.managed:
            raise Gone("chat not found", CloseReason.DELETED)
        place, managers = self.managed[address]
        return place, actor.user_id in managers

    def state(self):
        return "connected"


def text_of(reply):
    """All that a reply shows, as plain lines; buttons aside."""
    lines = list(reply.message.head)
    for item in reply.message.items:
        lines += [(item,), *item.lines]
    lines += list(reply.message.foot)
    shown = [[getattr(span, "text", "") or getattr(span, "title", "") for span in line] for line in lines]
    return "\n".join("".join(line) for line in shown)


def buttons_of(reply):
    """Label to action of all buttons."""
    return {button.label: button.action for row in reply.message.buttons for button in row}


class Bot:
    """Someone who types and presses, from a private chat unless said otherwise."""

    def __init__(self, store, clock, context):
        self.store, self.clock, self.context = store, clock, context
        self.commands = Commands(context)
        self.channel = context.channels["telegram"]

    def knows(self, encoder):
        """Find papers by meaning from now on."""
        self.context = replace(
            self.context, calibration=Calibration(self.store, Nearness(self.store, encoder), now=self.clock)
        )
        self.commands = Commands(self.context)

    async def says(self, text, *, who="1", place=None, manages=True, **options):
        """Send `/command words` and return the reply."""
        self.clock.advance(seconds=5)
        command, _, args = text.removeprefix("/").partition(" ")
        request = self.request(who, place, manages=manages, command=command, args=args, options=options)
        return await self.commands.handle(request)

    async def presses(self, button, reply=None, *, who="1", place=None, manages=True):
        """Press the button of `reply` with that label, or send an action as it stands."""
        self.clock.advance(seconds=5)
        action = buttons_of(reply)[button] if reply else button
        assert len(action.encode()) <= 64
        return await self.commands.handle(self.request(who, place, manages=manages, action=action))

    def request(self, who="1", place=None, *, manages=True, **what):
        place = place or Place(channel="telegram", address=who, kind="private")
        actor = Actor(channel="telegram", user_id=who, name=f"User {who}")
        return Request(actor=actor, place=place, can_manage=manages, **what)

    async def number(self, query="diffusion", **where):
        """Subscribe and return the subscription's number."""
        return int(buttons_of(await self.says(f"/subscribe {query}", **where))["When…"].split(":")[1])

    async def record(self, *papers, quiet=False, kind=EventKind.NEW, score=None):
        """Papers as a source announces them."""
        events = [
            Event(kind=kind, paper=paper, source=paper.source, day=paper.announced, at=self.clock(), score=score)
            for paper in papers
        ]
        async with self.store.write() as unit:
            await unit.papers.record(events, quiet=quiet)

    async def match(self):
        """Match what came in and owe it, as the worker does."""
        matching = Matching(
            self.store,
            now=self.clock,
            next_slot=lambda cadence, zone, after: Cadence.parse(cadence).next_slot(zone, after),
            calibration=self.context.calibration,
        )
        await matching.run()

    async def encode(self):
        """Make the vectors of all papers, as the worker does."""
        calibration = self.context.calibration
        await Encoding(self.store, calibration.encoder, calibration).run()

    async def deliver(self):
        """Send what is due."""
        about = {"owner": "test", "now": self.clock, "hold": Hold(self.store)}
        delivery = Delivery(self.store, self.context.channels, **about, public_list=self.context.public_list)
        await delivery.run("telegram")

    async def stored(self, paper_id):
        async with self.store.read() as unit:
            return await unit.papers.get(paper_id)

    async def subscribed(self, who="1", place=None):
        """Texts of a person's subscriptions, or a shared place's."""
        async with self.store.read() as unit:
            if place is not None:
                stored = await unit.places.at(place)
                return [one.text for one in await unit.subscriptions.of_place(stored.number)] if stored else []
            person = await unit.people.person_of(Actor(channel="telegram", user_id=who))
            return [one.text for one in await unit.subscriptions.of_person(person.number)] if person else []


def paper(number, title, *, day=DAY, abstract="", categories=("cs.CV",), authors=("Ann Lee",), **more):
    """A made-up arXiv paper."""
    return Paper(
        id=f"2601.{number:05}",
        title=title,
        abstract=abstract or f"This is about {title.lower()}.",
        authors=authors,
        categories=categories,
        announced=day,
        published=datetime(2026, 1, 4, tzinfo=UTC),
        **more,
    )


GROUP = Place(channel="telegram", address="-100", kind="group", title="Vision lab")
