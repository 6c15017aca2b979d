"""Leases of the worker: one process at a time, the next one when that stops or dies."""

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from paperwire.errors import StoreError
from paperwire.store.service import Leases
from paperwire.worker import lease
from paperwire.worker.lease import Lease
from servers.loopback import PATIENCE


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Leases of a moment, by a clock that moves when the test says so."""
    monkeypatch.setattr(lease, "LEASE", timedelta(seconds=0.6))


class Work:
    """Goes on until it is told to end, and says whether it is being done."""

    def __init__(self):
        self.begun = asyncio.Event()
        self.end = asyncio.Event()
        self.now = 0

    async def __call__(self):
        self.now += 1
        self.begun.set()
        try:
            await self.end.wait()
        finally:
            self.now -= 1


async def holder(store, name="send telegram"):
    async with store.read() as unit:
        return await unit.leases.holder(name)


def started(store, owner, work):
    return asyncio.create_task(Lease(store, "send telegram", owner).during(work))


async def stopped(task):
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_work_is_done_under_the_lease_and_the_lease_given_back(store):
    work = Work()
    task = started(store, "a", work)
    await work.begun.wait()
    assert await holder(store) == "a"
    work.end.set()
    await task
    assert await holder(store) is None


async def test_a_second_process_waits_until_the_first_is_stopped(store):
    first, second = Work(), Work()
    one = started(store, "a", first)
    await first.begun.wait()
    two = started(store, "b", second)
    await asyncio.sleep(0.3)
    assert (first.now, second.now) == (1, 0)
    await stopped(one)
    await second.begun.wait()
    assert (first.now, second.now, await holder(store)) == (0, 1, "b")
    await stopped(two)


async def test_a_second_process_follows_one_that_died(store, clock):
    async with store.write() as unit:
        assert await unit.leases.acquire("send telegram", "the dead", timedelta(minutes=1))
    work = Work()
    task = started(store, "b", work)
    await asyncio.sleep(0.2)
    assert not work.begun.is_set()
    clock.advance(minutes=1)
    await work.begun.wait()
    await stopped(task)


async def test_the_successor_of_the_same_name_need_not_wait(store):
    async with store.write() as unit:
        assert await unit.leases.acquire("send telegram", "the one service", timedelta(minutes=1))
    work = Work()
    task = started(store, "the one service", work)
    await work.begun.wait()
    await stopped(task)


async def test_whoever_lost_the_lease_stops_and_says_so(store, clock):
    work = Work()
    task = started(store, "a", work)
    await work.begun.wait()
    with capture_logs() as logs:
        clock.advance(minutes=1)
        async with store.write() as unit:
            assert await unit.leases.acquire("send telegram", "b", timedelta(minutes=1))
        async with asyncio.timeout(PATIENCE):
            while work.now:  # noqa: ASYNC110 -- nothing tells when it is cancelled
                await asyncio.sleep(0.01)
    assert [line["event"] for line in logs] == ["lease lost"]
    assert await holder(store) == "b"
    await stopped(task)


def failing(monkeypatch, name, times):
    real = getattr(Leases, name)
    left = [times]

    async def sometimes(self, *args):
        if left[0]:
            left[0] -= 1
            raise StoreError("gone away")
        return await real(self, *args)

    monkeypatch.setattr(Leases, name, sometimes)
    return left


def renewing_at_once(monkeypatch):
    """A lease as long as the product's, renewed without the waits in between."""
    real = asyncio.wait

    async def wait(tasks, **limits):
        return await real(tasks, **limits | {"timeout": 0.01})

    monkeypatch.setattr(lease, "LEASE", timedelta(hours=1))
    monkeypatch.setattr(lease.asyncio, "wait", wait)


async def test_a_database_that_fails_for_a_moment_costs_no_lease(store, monkeypatch):
    renewing_at_once(monkeypatch)
    work = Work()
    left = failing(monkeypatch, "renew", 2)
    with capture_logs() as logs:
        task = started(store, "a", work)
        async with asyncio.timeout(PATIENCE):
            while left[0]:  # noqa: ASYNC110 -- what is waited for has no event
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
    assert [line["event"] for line in logs] == ["lease not renewed"] * 2
    assert work.now == 1
    await stopped(task)


async def test_a_database_that_fails_for_longer_ends_the_work(store, monkeypatch):
    work = Work()
    failing(monkeypatch, "renew", 99)
    with capture_logs() as logs:
        task = started(store, "a", work)
        await work.begun.wait()
        async with asyncio.timeout(PATIENCE):
            while work.now:  # noqa: ASYNC110 -- the same
                await asyncio.sleep(0.01)
        await stopped(task)
    assert "lease lost" in [line["event"] for line in logs]


async def test_what_the_work_raises_is_raised_and_the_lease_given_back(store):
    async def work():
        raise KeyError("odd")

    with pytest.raises(KeyError):
        await Lease(store, "send telegram", "a").during(work)
    assert await holder(store) is None


async def test_a_lease_that_cannot_be_given_back_runs_out(store, monkeypatch):
    async def work():
        return

    failing(monkeypatch, "release", 1)
    with capture_logs() as logs:
        await Lease(store, "send telegram", "a").during(work)
    assert [line["event"] for line in logs] == ["lease not given back"]
