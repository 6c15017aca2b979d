"""Heartbeats: the living keep what they hold, what the dead held is free within seconds, clocks don't matter."""

import asyncio
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from paperwire.bootstrap import serving
from paperwire.errors import ConfigError, StoreError, StoreUnsupported
from paperwire.pipeline.reports import ChannelReports, channel_states
from paperwire.store.service import Leases
from paperwire.store.unit import Store
from paperwire.worker import owner, presence
from paperwire.worker.presence import BEAT, DEAD_AFTER, Presence
from servers.loopback import PATIENCE
from store.outbox_world import World, claim, owing

LONG = timedelta(days=1)


class Machine:
    """A process's monotonic clock, moved by the test together with the time of day."""

    def __init__(self, clock):
        self.clock = clock
        self.seconds = 0.0

    def __call__(self):
        return self.seconds

    def advance(self, seconds=BEAT):
        self.seconds += seconds
        self.clock.advance(seconds=seconds)


@pytest.fixture
def machine(clock):
    return Machine(clock)


async def entered(store, name, machine):
    found = Presence(store, name, machine)
    async with store.write() as unit:
        await found.begin(unit)
    return found


async def hold(store, name, lease="deliver telegram"):
    async with store.write() as unit:
        return await unit.leases.acquire(lease, name, LONG)


async def holds(store):
    """Who holds what, heartbeats left out."""
    async with store.read() as unit:
        return {name for name in ("deliver telegram", "turn:arxiv") if await unit.leases.holder(name)}


class Said:
    def __init__(self, words):
        self.words = words

    def state(self):
        return self.words


async def seen(store):
    """Processes by role, and the states of channels."""
    async with store.read() as unit:
        states = await channel_states(unit, (), {}, "")
        return await unit.leases.processes(), {one.kind: one.state for one in states}


async def test_what_a_dead_process_held_is_free_within_thirty_seconds(store, clock, machine):
    world = World(store, clock)
    place, _ = await owing(world)
    dying, survivor = await entered(store, "a", machine), await entered(store, "b", machine)
    await dying.look()
    await survivor.look()
    assert await hold(store, "a")
    assert await claim(store, "a") == [place]
    await dying.look()  # its last
    after = 0
    with capture_logs() as logs:
        while await holds(store):
            machine.advance()
            after += BEAT
            await survivor.look()
    assert DEAD_AFTER <= after <= 30
    assert logs == [{"event": "took over from a process that died", "log_level": "info", "owner": "a"}]
    assert await claim(store, "b") == [place]
    async with store.read() as unit:
        assert await unit.leases.heartbeats() == {"b": clock() + presence.HEARTBEAT}


async def test_what_a_dead_process_reported_is_forgotten_as_soon_as_others_take_over(store, clock, machine):
    dying, survivor = await entered(store, "a", machine), await entered(store, "b", machine)
    async with store.write() as unit:
        await unit.channels.report("a", {"telegram": "connected"}, forget_before=clock())
        await unit.leases.show_roles("a", ["deliver"], LONG)
    for present in (dying, survivor):
        await present.look()
    for _ in range(7):
        machine.advance()
        await survivor.look()
    async with store.read() as unit:
        assert await unit.channels.since(clock() - LONG) == []
        assert await unit.leases.processes() == {}


async def test_a_process_that_lives_keeps_what_it_holds(store, machine):
    one, other = await entered(store, "a", machine), await entered(store, "b", machine)
    assert await hold(store, "a")
    for _ in range(10):
        machine.advance()
        await one.look()
        await other.look()
    assert await holds(store) == {"deliver telegram"}


async def test_clocks_that_differ_by_a_year_do_not_matter(store, database, clock, machine):
    ahead = Store.open(database, now=lambda: clock() + timedelta(days=400))
    try:
        one, other = await entered(ahead, "a", machine), await entered(store, "b", machine)
        assert await hold(ahead, "a")
        assert await hold(store, "b", "turn:arxiv")
        for _ in range(10):
            machine.advance()
            await one.look()
            await other.look()
        assert await holds(store) == {"deliver telegram", "turn:arxiv"}
        for _ in range(8):
            machine.advance()
            await other.look()
        assert await holds(store) == {"turn:arxiv"}
    finally:
        await ahead.close()


async def test_a_process_whose_clock_is_behind_is_counted_while_another_looks_after_it(store, database, clock, machine):
    lagging = Store.open(database, now=lambda: clock() - timedelta(minutes=20))
    try:
        slow, other = await entered(lagging, "a", machine), await entered(store, "b", machine)
        late = ChannelReports(
            lagging,
            {"telegram": Said("connected")},
            owner="a",
            now=lambda: clock() - timedelta(minutes=20),
            roles=frozenset({"deliver"}),
        )
        ours = ChannelReports(store, {"discord": Said("connected")}, owner="b", now=clock, roles=frozenset({"web"}))
        await late.run()
        for _ in range(10):
            machine.advance()
            await ours.run()
            await slow.look()
            await other.look()
        assert await seen(store) == ({"deliver": 1, "web": 1}, {"discord": "connected", "telegram": "connected"})
        for _ in range(8):
            machine.advance()
            await ours.run()
            await other.look()
        assert await seen(store) == ({"web": 1}, {"discord": "connected"})
        clock.advance(seconds=1_000)  # the other one is gone as well
        assert await seen(store) == ({}, {})
    finally:
        await lagging.close()


async def test_whoever_holds_something_without_any_heartbeat_is_dead(store, machine):
    survivor = await entered(store, "b", machine)
    assert await hold(store, "the one writer")
    for _ in range(int(DEAD_AFTER / BEAT)):
        await survivor.look()
        assert await holds(store)
        machine.advance()
    await survivor.look()
    assert not await holds(store)


async def test_a_process_that_stood_still_itself_begins_to_look_again(store, machine):
    one, other = await entered(store, "a", machine), await entered(store, "b", machine)
    assert await hold(store, "a")
    await other.look()
    machine.advance(100)  # both were suspended with their machine
    await other.look()
    await one.look()
    machine.advance()
    await other.look()
    assert await holds(store) == {"deliver telegram"}


async def test_a_process_that_was_taken_for_dead_notices_and_goes_on_without_its_leases(store, clock, machine):
    world = World(store, clock)
    place, _ = await owing(world)
    paused, other = await entered(store, "a", machine), await entered(store, "b", machine)
    assert await hold(store, "a")
    assert await claim(store, "a") == [place]
    for _ in range(7):
        machine.advance()
        await other.look()
    with capture_logs() as logs:
        await paused.look()
    assert [line["event"] for line in logs] == ["taken for dead after a long silence"]
    async with store.write() as unit:
        assert not await unit.leases.renew("deliver telegram", "a", LONG)
        assert not await unit.outbox.keep([place], "a", LONG)
    assert await hold(store, "b")
    await paused.look()
    machine.advance()
    await other.look()
    async with store.read() as unit:
        assert set(await unit.leases.heartbeats()) == {"a", "b"}


async def test_a_heartbeat_that_comes_just_in_time_saves_its_process(store, machine):
    one, other = await entered(store, "a", machine), await entered(store, "b", machine)
    assert await hold(store, "a")
    async with store.read() as unit:
        before = (await unit.leases.heartbeats())["a"]
    machine.advance()
    await one.look()
    async with store.write() as unit:
        assert not await unit.leases.release_dead("a", before)
        assert not await unit.leases.release_dead("a", None)
    assert await holds(store) == {"deliver telegram"}
    await other.look()


@pytest.fixture
def gone():
    """The name of a process of this machine that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return f"{owner.this_machine()} {process.pid} 0123abcd"


async def test_one_of_this_machine_that_has_ended_is_succeeded_at_once(store, machine, gone):
    living = f"{owner.this_machine()} {os.getppid()} 0123abcd"
    assert await hold(store, gone)
    assert await hold(store, living, "turn:arxiv")
    await (await entered(store, "b", machine)).look()
    assert await holds(store) == {"turn:arxiv"}


async def test_company_is_a_process_with_a_fresh_heartbeat(store, clock, machine):
    one, other = Presence(store, "a", machine), Presence(store, "b", machine)
    async with store.write() as unit:
        assert not await one.begin(unit)
        assert not await one.begin(unit)
        assert await other.begin(unit)
    clock.advance(seconds=31)
    async with store.write() as unit:
        assert not await other.begin(unit)


async def test_the_heart_beats_while_the_process_works_and_stops_with_it(store, machine, monkeypatch):
    monkeypatch.setattr(presence, "BEAT", 0.01)
    beats, looks = Presence(store, "a", machine), []
    real = Presence.look

    async def look(self):
        looks.append(1)
        if len(looks) == 2:
            raise StoreError("gone away")
        await real(self)

    monkeypatch.setattr(Presence, "look", look)
    with capture_logs() as logs:
        async with beats.beating():
            assert await hold(store, "a")
            async with asyncio.timeout(PATIENCE):
                while len(looks) < 4:  # noqa: ASYNC110 -- what is waited for has no event
                    await asyncio.sleep(0.01)
    assert [line["event"] for line in logs] == ["taken for dead after a long silence", "no heartbeat"]
    assert not await holds(store)
    async with store.read() as unit:
        assert await unit.leases.heartbeats() == {}


async def test_leases_that_cannot_be_given_back_run_out(store, machine, monkeypatch):
    async def gone(self, owner):
        raise StoreError("gone away")

    with capture_logs() as logs, monkeypatch.context() as broken:
        async with (await entered(store, "a", machine)).beating():
            broken.setattr(Leases, "release_all", gone)
    assert [line["event"] for line in logs] == ["leases were not given back"]


async def test_of_two_processes_that_start_at_once_with_two_keys_one_is_refused(store, database, clock, machine):
    other = Store.open(database, now=clock)

    async def enter(of, name):
        await serving._enter(of, name.encode(), Presence(of, name, machine))

    try:
        with capture_logs():
            await enter(store, "former")
            async with store.write() as unit:
                await unit.leases.release_all("former")
            ends = await asyncio.gather(enter(store, "a"), enter(other, "b"), return_exceptions=True)
    finally:
        await other.close()
    assert sorted(type(end) for end in ends if end is not None) == [ConfigError]
    async with store.read() as unit:
        assert len(await unit.leases.heartbeats()) == 1


async def test_a_process_stops_when_the_schema_is_newer_than_it(store, monkeypatch):
    answers = [StoreError("gone for a moment"), "0025", StoreUnsupported("was written by a newer Paperwire")]

    async def revision(_store):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(presence, "BEAT", 0)
    monkeypatch.setattr(Store, "check_version", revision)
    with pytest.raises(StoreUnsupported, match="a newer Paperwire"):
        await presence.until_outdated(store)
    assert answers == []


def test_a_process_is_called_by_its_number():
    assert owner.described(owner.name()) == f"process {os.getpid()}"
    assert owner.described("boot/pid:[1] 17 ab") == "process 17 on another machine or in a container"
