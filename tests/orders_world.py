"""Two connections in every order: one side stops before its n-th statement while the other runs or waits for a lock."""

import asyncio
from contextlib import asynccontextmanager

import pytest

BLOCKED = 0.1  # after so many seconds the other side counts as waiting for a lock; being wrong only weakens a case
BOTH_ORDERS = pytest.mark.parametrize("turned", [False, True], ids=["", "turned"])


def stops(numbers):
    """Before which statement of its one transaction the first side stops.

    On SQLite the other side waits for the whole transaction wherever it stops, so that one number shows all.
    """
    first, *rest = numbers
    more = [pytest.param(number, marks=pytest.mark.only_on_postgresql) for number in rest]
    return pytest.mark.parametrize("stop", [first, *more])


class Stepped:
    """A connection that stops before its n-th statement until told to go on."""

    def __init__(self, connection, stop, reached, go):
        self._connection = connection
        self._stop = stop
        self._reached = reached
        self._go = go

    async def _step(self):
        if self._stop[0] == 0:
            self._reached.set()
            await self._go.wait()
        self._stop[0] -= 1

    async def execute(self, *args, **more):
        await self._step()
        return await self._connection.execute(*args, **more)

    async def scalar(self, *args, **more):
        await self._step()
        return await self._connection.scalar(*args, **more)

    def __getattr__(self, name):
        return getattr(self._connection, name)


class Units:
    """Gives units whose connection stops at the n-th statement over all of them."""

    def __init__(self, store, stop):
        self.store = store
        self.stop = [stop]
        self.reached = asyncio.Event()
        self.go = asyncio.Event()

    @asynccontextmanager
    async def write(self):
        """As `Store.write`."""
        async with self.store.write() as unit:
            unit.connection = Stepped(unit.connection, self.stop, self.reached, self.go)
            yield unit

    async def __call__(self, work):
        async with self.write() as unit:
            return await work(unit)


async def in_between(first, second, units):
    """Run `second` while `first` stands still at its stop."""
    one = asyncio.create_task(first())
    stopped = asyncio.create_task(units.reached.wait())
    await asyncio.wait({one, stopped}, return_when=asyncio.FIRST_COMPLETED)
    two = asyncio.create_task(second())
    await asyncio.wait({two}, timeout=BLOCKED)
    units.go.set()
    await asyncio.gather(one, two)
    stopped.cancel()


async def in_order(store, other, stop, first, second, *, turned):
    """Run `first` on `store`, and `second` on `other` while `first` stands before its n-th statement; or vice versa."""
    if turned:
        first, second = second, first
    units = Units(store, stop)
    await in_between(lambda: units(first), lambda: Units(other, -1)(second), units)
