"""Named leases, and one pace for all processes."""

import asyncio
from datetime import timedelta

import pytest

from paperwire.store.pace import StorePace
from paperwire.store.unit import Store

MINUTE = timedelta(minutes=1)


async def test_a_lease_has_one_holder_until_it_runs_out(store, clock):
    async with store.write() as unit:
        assert await unit.leases.acquire("telegram", "me", MINUTE)
        assert not await unit.leases.acquire("telegram", "you", MINUTE)
        assert await unit.leases.acquire("discord", "you", MINUTE)
        assert await unit.leases.acquire("telegram", "me", MINUTE)
        holder = await unit.leases.holder("telegram")
    assert (holder.owner, holder.until) == ("me", clock() + MINUTE)
    clock.advance(minutes=1)
    async with store.write() as unit:
        assert await unit.leases.holder("telegram") is None
        assert await unit.leases.acquire("telegram", "you", MINUTE)
        assert not await unit.leases.renew("telegram", "me", MINUTE)
        assert await unit.leases.renew("telegram", "you", MINUTE)


async def test_a_lease_that_ran_out_unnoticed_can_be_renewed(store, clock):
    async with store.write() as unit:
        assert await unit.leases.acquire("telegram", "me", MINUTE)
    clock.advance(minutes=5)
    async with store.write() as unit:
        assert await unit.leases.renew("telegram", "me", MINUTE)
        assert not await unit.leases.acquire("telegram", "you", MINUTE)


async def test_only_its_holder_gives_a_lease_back(store):
    async with store.write() as unit:
        await unit.leases.acquire("telegram", "me", MINUTE)
        await unit.leases.release("telegram", "you")
        assert not await unit.leases.acquire("telegram", "you", MINUTE)
        await unit.leases.release("telegram", "me")
        assert not await unit.leases.renew("telegram", "me", MINUTE)
        assert await unit.leases.acquire("telegram", "you", MINUTE)


async def test_of_two_processes_one_gets_the_lease(store, database, clock):
    other = Store.open(database, now=clock)

    async def acquire(of, owner):
        async with of.write() as unit:
            return await unit.leases.acquire("telegram", owner, MINUTE)

    try:
        for name in range(10):
            got = await asyncio.gather(acquire(store, f"a{name}"), acquire(other, f"b{name}"))
            assert sorted(got) == ([False, True] if name == 0 else [False, False])
    finally:
        await other.close()


# --- pace --------------------------------------------------------------------------------------------------------


@pytest.fixture
def slept(clock):
    """A sleep that only moves the clock, and notes how long it was asked to."""
    naps = []

    async def sleep(seconds):
        naps.append(seconds)
        clock.advance(seconds=seconds)

    sleep.naps = naps
    return sleep


async def test_the_first_request_goes_at_once_and_the_next_waits(store, clock, slept):
    pace = StorePace(store.write, slept)
    await pace.wait("arxiv", 3.0)
    assert slept.naps == []
    await pace.wait("arxiv", 3.0)
    clock.advance(seconds=1)
    await pace.wait("arxiv", 3.0)
    await pace.wait("huggingface", 3.0)
    assert slept.naps == [3.0, 2.0]
    clock.advance(seconds=60)
    await pace.wait("arxiv", 3.0)
    assert slept.naps == [3.0, 2.0]


async def test_all_processes_share_one_pace(store, database, clock):
    other = Store.open(database, now=clock)
    turns = []

    async def sleep(seconds):
        turns.append(seconds)  # the clock stands still: everybody asks at the same instant

    paces = [StorePace(one.write, sleep) for one in (store, other)]
    try:
        await asyncio.gather(*(pace.wait("arxiv", 3.0) for pace in paces * 4))
    finally:
        await other.close()
    assert sorted(turns) == [3.0 * turn for turn in range(1, 8)]


async def test_no_transaction_is_open_while_waiting(store, clock):
    async def sleep(seconds):
        async with store.write() as unit:  # would wait for ever behind one of ours
            await unit.leases.acquire("telegram", "me", MINUTE)
        clock.advance(seconds=seconds)

    pace = StorePace(store.write, sleep)
    await pace.wait("arxiv", 3.0)
    await asyncio.wait_for(pace.wait("arxiv", 3.0), 10)


async def test_a_clock_that_went_back_an_hour_does_not_stop_the_service(store, clock, slept):
    pace = StorePace(store.write, slept)
    await pace.wait("arxiv", 3.0)
    clock.advance(hours=-1)
    await pace.wait("arxiv", 3.0)
    assert slept.naps == []
    await pace.wait("arxiv", 3.0)
    assert slept.naps == [3.0]


async def test_the_interval_may_be_zero(store, slept):
    pace = StorePace(store.write, slept)
    await pace.wait("local", 0)
    await pace.wait("local", 0)
    assert slept.naps == []
