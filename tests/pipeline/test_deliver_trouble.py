"""Delivering: a database that fails, people who go."""

import asyncio
from datetime import timedelta

import pytest
from pipeline_world import ada, failing, until
from structlog.testing import capture_logs

from paperwire.errors import StoreError
from paperwire.pipeline import turns
from paperwire.ports.callers import Actor
from paperwire.store.outbox.outbox import Outbox


async def test_without_a_database_nothing_is_sent(scene, monkeypatch):
    await ada(scene)
    await scene.announce("Paper")
    failing(monkeypatch, "paperwire.store.outbox.outbox.Outbox.claim", 1)
    with pytest.raises(StoreError, match="disk full"):
        await scene.deliver()
    assert not scene.post.arrived["1"]
    assert await scene.deliver() == 1


async def test_what_was_sent_is_written_down_as_soon_as_that_is_possible(scene, monkeypatch):
    await ada(scene)
    await scene.announce("Paper")
    failing(monkeypatch, "paperwire.store.outbox.outbox.Outbox._mark", 2)
    with capture_logs() as logs:
        assert await scene.deliver() == 1
    assert [line["event"] for line in logs] == ["turn not yet written down"] * 2
    assert await scene.owed() == 0
    assert len(scene.post.arrived["1"]) == 1


async def test_what_cannot_be_written_down_within_the_lease_ends_the_turn(scene, monkeypatch):
    await ada(scene)
    await scene.announce("Paper")
    monkeypatch.setattr(turns, "LEASE", timedelta(seconds=0.5))
    failing(monkeypatch, "paperwire.store.outbox.outbox.Outbox._mark", 2)
    with capture_logs() as logs:
        await scene.deliver()
    assert len(scene.post.arrived["1"]) == 1
    assert "turn broken off" in [line["event"] for line in logs]
    assert await scene.owed() == 1


async def test_what_one_place_is_owed_breaks_off_its_own_turn_alone(scene, monkeypatch):
    number = await ada(scene)
    await scene.subscribe("2", "paper")
    await scene.announce("Paper")
    real = Outbox.due

    async def odd(self, places, *more):
        if number in places:
            raise ValueError("odd row")
        return await real(self, places, *more)

    monkeypatch.setattr(Outbox, "due", odd)
    with capture_logs() as logs:
        assert await scene.deliver() == 1
    assert [line["event"] for line in logs] == ["turn broken off"]
    first = await scene.place(number)
    assert first.failures == 1
    assert await scene.deliver() == 0  # it is left alone for a moment
    scene.clock.advance(seconds=3)
    with capture_logs() as logs:
        assert await scene.deliver() == 0
    assert [line["event"] for line in logs] == ["turn broken off"]
    assert (await scene.place(number)).failures == 2
    monkeypatch.setattr(Outbox, "due", real)
    scene.clock.advance(seconds=6)  # and each time for longer, though not as long as its lease
    assert await scene.deliver() == 1
    assert (await scene.place(number)).failures == 0
    assert len(scene.post.arrived["1"]) == len(scene.post.arrived["2"]) == 1


async def test_a_fault_outside_of_any_message_is_logged(scene, monkeypatch):
    await ada(scene)
    await scene.announce("Paper")
    monkeypatch.setattr(scene.post, "per_minute", lambda _kind: 1 / 0)
    with capture_logs() as logs:
        assert await scene.deliver() == 0
    assert [line["event"] for line in logs] == ["turn broken off"]


async def test_a_fault_that_cannot_be_written_down_leaves_the_place_to_its_lease(scene, monkeypatch):
    await ada(scene)
    await scene.announce("Paper")
    real = Outbox.defer

    async def odd(*_given, **_more):
        raise ValueError("odd row")

    monkeypatch.setattr(Outbox, "due", odd)
    monkeypatch.setattr(Outbox, "defer", odd)
    assert await scene.deliver() == 0
    monkeypatch.undo()
    assert real is Outbox.defer
    scene.clock.advance(seconds=60)
    assert await scene.deliver() == 0
    scene.clock.advance(seconds=61)
    assert await scene.deliver() == 1


async def test_a_person_deleted_while_a_message_is_under_way(scene):
    number = await ada(scene)
    await scene.subscribe("2", "paper")
    await scene.announce("Paper one", "Paper two")
    scene.post.slow["1"] = asyncio.Event()
    running = asyncio.create_task(scene.deliver())
    await until(lambda: scene.post.sending)
    async with scene.store.write() as unit:
        person = await unit.people.person_of(Actor(channel="telegram", user_id="1"))
        await unit.people.forget(person.number)
    scene.post.slow.pop("1").set()
    await running
    assert len(scene.post.arrived["1"]) == 1  # the one that was under way, and no more
    assert len(scene.post.arrived["2"]) == 2
    assert await scene.place(number) is None
    assert await scene.owed() == 0


async def test_a_place_paused_in_the_middle_of_a_turn_gets_no_more(scene):
    number = await ada(scene)
    await scene.announce("Paper one", "Paper two")
    scene.post.slow["1"] = asyncio.Event()
    running = asyncio.create_task(scene.deliver())
    await until(lambda: scene.post.sending)
    async with scene.store.write() as unit:
        await unit.places.pause(number, "by a person")
    scene.post.slow.pop("1").set()
    assert await running == 1
    assert await scene.owed() == 1
    async with scene.store.write() as unit:
        await unit.places.resume(number)
    assert await scene.deliver() == 1


async def test_a_lease_is_renewed_while_a_place_is_served(scene, monkeypatch):
    await ada(scene)
    await scene.announce("Paper one")
    monkeypatch.setattr(turns, "LEASE", timedelta(seconds=0.3))
    renewed = failing(monkeypatch, "paperwire.pipeline.turns.Turns.renew", 2)
    scene.post.slow["1"] = asyncio.Event()
    with capture_logs() as logs:
        running = asyncio.create_task(scene.deliver())
        await until(lambda: not renewed[0])
        scene.post.slow.pop("1").set()
        assert await running == 1
    assert [line["event"] for line in logs] == ["leases not renewed"] * 2
