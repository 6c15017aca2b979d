"""Leases of the worker: asked for without spinning, and kept until the work has really ended."""

import asyncio

from paperwire.store.service import Leases
from paperwire.worker.lease import LEASE, Lease


async def test_who_waits_for_a_lease_rests_between_two_tries(store, monkeypatch):
    async with store.write() as unit:
        assert await unit.leases.acquire("send telegram", "another", LEASE)
    tries = asyncio.Semaphore(0)
    count = 0
    real = Leases.acquire

    async def acquire(self, name, owner, for_):
        nonlocal count
        count += owner == "me"
        tries.release()
        return await real(self, name, owner, for_)

    monkeypatch.setattr(Leases, "acquire", acquire)
    waiting = asyncio.create_task(Lease(store, "send telegram", "me").during(asyncio.Event().wait))
    await tries.acquire()
    for _ in range(20):  # each takes as long as a try, so that one which spins would have had its next
        async with store.write() as unit:
            await unit.leases.acquire("something else", "another", LEASE)
    assert count == 1
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_a_lease_is_ours_until_the_work_has_ended(store):
    """Work that is stopped may still write down what it has sent: nobody else may begin before that."""
    begun, stopping, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work():
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopping.set()
            await ended.wait()

    task = asyncio.create_task(Lease(store, "send telegram", "me").during(work))
    try:
        await begun.wait()
        task.cancel()
        await stopping.wait()
        taken = [await is_taken(store) for _ in range(20)]
    finally:
        ended.set()
    await asyncio.gather(task, return_exceptions=True)
    assert taken == [False] * 20
    assert await is_taken(store)


async def test_while_the_work_goes_on_the_lease_is_ours(store):
    begun, end = asyncio.Event(), asyncio.Event()

    async def work():
        begun.set()
        await end.wait()

    task = asyncio.create_task(Lease(store, "send telegram", "me").during(work))
    await begun.wait()
    taken = [await is_taken(store) for _ in range(5)]
    end.set()
    await task
    assert taken == [False] * 5
    assert await is_taken(store)


async def is_taken(store):
    """Whether another process gets the lease."""
    async with store.write() as unit:
        return await unit.leases.acquire("send telegram", "another", LEASE)
