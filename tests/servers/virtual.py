"""Time that passes only when everybody waits for it: hours of pace in milliseconds, the same at every run."""

import asyncio
import heapq
from itertools import count

from servers.loopback import PATIENCE

_TURNS = 8
"""Turns of the loop after which whatever can go on without time has gone on; tests here await nothing else."""


class VirtualTime:
    """A clock and a sleep for what is paced; `run` lets time pass until the given work is done."""

    def __init__(self):
        self.now = 1000.0
        self._waiting = []
        self._numbers = count()

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        """Wait for this time to pass."""
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (self.now + max(seconds, 0.0), next(self._numbers), woken))
        await woken

    async def run(self, *work):
        """Do all `work` at once; returns its results, errors among them."""
        tasks = [asyncio.ensure_future(one) for one in work]
        while not all(task.done() for task in tasks):
            for _ in range(_TURNS):
                await asyncio.sleep(0)
            self._wake()
        return await asyncio.gather(*tasks, return_exceptions=True)

    def _wake(self):
        while self._waiting and self._waiting[0][2].done():
            heapq.heappop(self._waiting)
        if self._waiting:
            at, _, woken = heapq.heappop(self._waiting)
            self.now = max(self.now, at)
            woken.set_result(None)


def hurry(monkeypatch):
    """Let the time of the running loop pass as soon as nothing can go on without it: no test waits for it.

    What threads, processes and other hosts do doesn't count as going on, so that only tests without them can use this.
    """
    loop = asyncio.get_running_loop()
    select, now = loop._selector.select, loop.time()

    def at_once(timeout=None):
        nonlocal now
        events = select(0 if timeout else timeout)
        if not events and timeout:
            now += timeout
        return events

    monkeypatch.setattr(loop._selector, "select", at_once)
    monkeypatch.setattr(loop, "time", lambda: now)


def forward(monkeypatch, seconds=PATIENCE):
    """Put the time of the running loop forward: what has a limit of so many seconds has reached it."""
    loop = asyncio.get_running_loop()
    time = loop.time
    monkeypatch.setattr(loop, "time", lambda: time() + seconds)
