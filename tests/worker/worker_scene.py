"""A worker among parts that count what is asked of them."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace

import pytest

from paperwire.pipeline.gate import Delivered
from paperwire.pipeline.ingest import Collected
from paperwire.ports.sources import TimeOfDay
from paperwire.worker import STAGES, Parts, Worker

HOUR = timedelta(hours=1)


class Reader:
    """A source being read: `brings` events at each look, and its past in one go unless told otherwise."""

    def __init__(self, name="arxiv", *, brings=0, past=(True,)):
        self.name = name
        self.every = HOUR
        self.source = (
            SimpleNamespace(times=lambda: [TimeOfDay(hour, 5) for hour in (0, 1, 2)])
            if name == "arxiv"
            else SimpleNamespace()
        )
        self.brings = brings
        self.past = list(past)
        self.looks = []

    async def poll(self, *, early=False):
        self.looks.append(early)
        return Collected(events=self.brings)

    async def rest(self):
        return HOUR

    async def read_back(self, days):
        assert days == timedelta(days=30)
        return self.past.pop(0)

    async def rest_of(self, part):
        assert part == "backfill"
        return timedelta(0)

    async def run(self):
        self.looks.append("reconcile")
        await asyncio.sleep(0.2)  # longer than the first round of matching takes
        return Collected(events=self.brings)


class Counted:
    """A stage that counts its rounds and gives answers in order, the last one again and again."""

    def __init__(self, *answers, held=None):
        self.rounds = 0
        self.answers = list(answers)
        self.held = held

    async def run(self, *_):
        self.rounds += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    daily = correct = advance = run

    async def rest(self):
        return self.held

    async def next_due(self, _kind):
        return None

    def delivered(self, _kind):
        return Delivered()


@dataclass
class Bot:
    """A channel that listens until it is told to fail or to end."""

    kind: str = "webhook"
    singleton: bool = False
    ends: list = field(default_factory=list)
    listening: int = 0
    began: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self, specs, handler):
        self.listening += 1
        self.began.set()
        end = self.ends.pop(0) if self.ends else None
        if end is None:
            await asyncio.Event().wait()
        if isinstance(end, Exception):
            raise end


class Scene:
    def __init__(self, clock, **parts):
        self.served = 0
        self.parts = Parts(
            **{
                "store": None,
                "collectors": (),
                "reconcilers": (),
                "matching": Counted(0),
                "encoding": None,
                "delivery": Counted(0),
                "libraries": Counted(0),
                "checkups": Counted(0),
                "pruning": Counted(0),
                "future_times": Counted(0),
                "mark": Counted(0),
                "channels": {},
                "conversations": (),
                "specs": (),
                "handler": None,
                "serve": self.serve,
                "ops": None,
                "reports": Counted(HOUR),
                "roles": frozenset(STAGES),
                "owner": "me",
                "now": clock,
                "troubles": {},
            }
            | parts
        )
        self.worker = Worker(self.parts)

    async def serve(self):
        self.served += 1
        await asyncio.Event().wait()

    def pass_time(self, **time):
        """Let the worker's clock go on."""
        self.parts.now.advance(**time)
        self.worker._timetable.wakeup()

    async def for_a_moment(self, seconds=0.1):
        """Run, and stop after a moment."""
        running = asyncio.create_task(self.worker.run())
        await asyncio.sleep(seconds)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
