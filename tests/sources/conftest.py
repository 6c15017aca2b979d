"""What the tests of sources share: a fetcher with real connections, without waits between tries."""

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import stamina

from paperwire.errors import SourceBusy
from paperwire.sources._http import Fetcher
from servers.direct import DIRECT


class Unhurried:
    """A pace that never waits and remembers what it was asked; an endpoint that wants rest gets it.

    With `keeps` the clock moves instead of a wait, so that a fake sees the interval kept.
    """

    def __init__(self, clock):
        self.clock = clock
        self.waits = []
        self.rests = {}
        self.free = {}
        self.keeps = False
        self.patient = []
        self.lines = defaultdict(asyncio.Lock)

    @asynccontextmanager
    async def slot(self, service, interval, *, endpoint="", patient=False, around=False):
        async with self.lines[service]:
            left = (self.rests.get(endpoint or service, self.clock()) - self.clock()).total_seconds()
            if left > 0:
                raise SourceBusy(f"{endpoint} wants rest", left, sent=False)
            self.waits.append((service, interval))
            self.patient += [endpoint] * patient
            if self.keeps:
                self.clock.at = max(self.clock(), self.free.get(service, self.clock()))
            try:
                yield
            finally:
                self.free[service] = self.clock() + timedelta(seconds=interval)

    async def rest(self, endpoint, until):
        self.rests[endpoint] = until


@pytest.fixture(autouse=True)
def quick_retries():
    """As many tries as in earnest, one right after the other."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def pace(clock):
    return Unhurried(clock)


@pytest.fixture
async def fetcher(pace, clock):
    fetcher = Fetcher(network=DIRECT, user_agent="Paperwire/test", pace=pace, now=clock)
    yield fetcher
    await fetcher.close()
