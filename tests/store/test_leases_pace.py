"""Named leases, and one pace for all processes."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest

from paperwire.errors import SourceBusy
from paperwire.store.pace import SLOT_TIMEOUT, StorePace
from paperwire.store.unit import Store
from servers.loopback import PATIENCE

MINUTE = timedelta(minutes=1)


async def test_a_lease_has_one_holder_until_it_runs_out(store, clock):
    async with store.write() as unit:
        assert await unit.leases.acquire("telegram", "me", MINUTE)
        assert not await unit.leases.acquire("telegram", "you", MINUTE)
        assert await unit.leases.acquire("discord", "you", MINUTE)
        assert await unit.leases.acquire("telegram", "me", MINUTE)
        assert await unit.leases.holder("telegram") == "me"
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


async def request(pace, service="arxiv", interval=3.0):
    """One request that takes no time."""
    async with pace.slot(service, interval):
        pass


async def test_the_first_request_goes_at_once_and_the_next_waits(store, clock, slept):
    pace = StorePace(store.write, owner="me", sleep=slept)
    await request(pace)
    assert slept.naps == []
    await request(pace)
    clock.advance(seconds=1)
    await request(pace)
    await request(pace, "huggingface")
    assert slept.naps == [3.0, 2.0]
    clock.advance(seconds=60)
    await request(pace)
    assert slept.naps == [3.0, 2.0]


async def test_the_interval_counts_from_the_end_of_an_answer(store, clock, slept):
    pace = StorePace(store.write, owner="me", sleep=slept)
    async with pace.slot("arxiv", 3.0):
        clock.advance(seconds=20)
    await request(pace)
    assert slept.naps == [3.0]


async def test_all_processes_share_one_pace_and_one_connection(store, database, clock):
    other = Store.open(database, now=clock)
    moments, together = [], 0

    async def sleep(seconds):
        until = clock() + timedelta(seconds=seconds)
        await asyncio.sleep(0.01)
        clock.at = max(clock.at, until)  # those who wait do so at the same time

    async def ask(pace):
        nonlocal together
        async with pace.slot("arxiv", 3.0):
            moments.append(clock())
            together += 1
            assert together == 1
            await asyncio.sleep(0)
            together -= 1

    paces = [StorePace(one.write, owner=name, sleep=sleep) for name, one in (("me", store), ("you", other))]
    try:
        await asyncio.gather(*(ask(pace) for pace in paces * 4))
    finally:
        await other.close()
    assert len(moments) == 8
    assert all(later - earlier >= timedelta(seconds=3) for earlier, later in pairwise(moments))


async def test_the_turn_of_a_process_that_died_is_free_in_the_end(store, clock, slept):
    began = clock()
    async with StorePace(store.write, owner="me", sleep=slept).slot("arxiv", 3.0):  # which never comes to its end
        await request(StorePace(store.write, owner="you", sleep=slept))
    assert set(slept.naps) == {3.0}
    assert SLOT_TIMEOUT <= clock() - began < SLOT_TIMEOUT + timedelta(seconds=3)


async def test_the_turn_of_a_process_that_is_known_to_be_dead_is_free_at_once(store, clock, slept):
    async with StorePace(store.write, owner="me", sleep=slept).slot("arxiv", 3.0):  # which never comes to its end
        clock.advance(seconds=1)
        async with store.write() as unit:
            assert await unit.leases.owners() == ["me"]
            await unit.leases.release_all("me")
        await request(StorePace(store.write, owner="you", sleep=slept))
    assert slept.naps == [2.0]


async def test_a_failed_request_ends_its_turn_too(store, slept):
    pace = StorePace(store.write, owner="me", sleep=slept)
    with pytest.raises(ValueError, match="broken"):
        async with pace.slot("arxiv", 3.0):
            raise ValueError("broken")
    await request(pace)
    assert slept.naps == [3.0]


async def test_a_service_that_wants_rest_gets_it_from_all_processes(store, database, clock, slept):
    other = Store.open(database, now=clock)
    try:
        await StorePace(store.write, owner="me", sleep=slept).rest("arxiv", clock() + timedelta(minutes=10))
        clock.advance(minutes=9)
        for one in (store, other):
            with pytest.raises(SourceBusy) as caught:
                await request(StorePace(one.write, owner="me", sleep=slept))
            assert caught.value.after == 60
        await request(StorePace(other.write, owner="you", sleep=slept), "huggingface")
        clock.advance(minutes=1)
        await request(StorePace(other.write, owner="you", sleep=slept))
        # A later word of the service counts, also an earlier hour.
        await StorePace(store.write, owner="me", sleep=slept).rest("arxiv", clock() + timedelta(hours=1))
        await StorePace(other.write, owner="you", sleep=slept).rest("arxiv", clock() + timedelta(seconds=30))
        clock.advance(seconds=30)
        await request(StorePace(store.write, owner="me", sleep=slept))
    finally:
        await other.close()


async def test_no_transaction_is_open_while_waiting(store, clock):
    async def sleep(seconds):
        async with store.write() as unit:  # would wait forever after one of ours
            await unit.leases.acquire("telegram", "me", MINUTE)
        clock.advance(seconds=seconds)

    pace = StorePace(store.write, owner="me", sleep=sleep)
    await request(pace)
    await asyncio.wait_for(request(pace), PATIENCE)


async def test_a_clock_that_went_back_an_hour_does_not_stop_the_service(store, clock, slept):
    pace = StorePace(store.write, owner="me", sleep=slept)
    await request(pace)
    clock.advance(hours=-1)
    await request(pace)
    assert slept.naps == []
    await request(pace)
    assert slept.naps == [3.0]


async def test_the_interval_may_be_zero(store, slept):
    pace = StorePace(store.write, owner="me", sleep=slept)
    await request(pace, "local", 0)
    await request(pace, "local", 0)
    assert slept.naps == []
