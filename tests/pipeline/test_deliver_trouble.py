"""Delivering: a database that fails, people who go."""

import asyncio
from datetime import timedelta

import pytest
from pipeline_world import ada, failing, until
from structlog.testing import capture_logs

from paperwire.errors import StoreError
from paperwire.pipeline import claim
from paperwire.ports.callers import Actor
from paperwire.store.outbox.outbox import Outbox


async def test_without_a_database_nothing_is_sent(stages, monkeypatch):
    await ada(stages)
    await stages.announce("Paper")
    failing(monkeypatch, "paperwire.store.outbox.outbox.Outbox.claim", 1)
    with pytest.raises(StoreError, match="disk full"):
        await stages.deliver()
    assert not stages.post.arrived["1"]
    assert await stages.deliver() == 1


async def test_what_was_sent_is_written_down_as_soon_as_that_is_possible(stages, monkeypatch):
    await ada(stages)
    await stages.announce("Paper")
    failing(monkeypatch, "paperwire.store.outbox.outbox.Outbox._mark", 2)
    with capture_logs() as logs:
        assert await stages.deliver() == 1
    assert [line["event"] for line in logs] == ["turn not yet written down"] * 2
    assert await stages.owed() == 0
    assert len(stages.post.arrived["1"]) == 1


async def test_what_cannot_be_written_down_within_the_lease_ends_the_turn(stages, monkeypatch):
    await ada(stages)
    await stages.announce("Paper")
    monkeypatch.setattr(claim, "PLACE_LEASE", timedelta(seconds=0.5))
    failing(monkeypatch, "paperwire.store.outbox.outbox.Outbox._mark", 2)
    with capture_logs() as logs:
        await stages.deliver()
    assert len(stages.post.arrived["1"]) == 1
    assert "turn broken off" in [line["event"] for line in logs]
    assert await stages.owed() == 1


async def test_what_one_place_is_owed_breaks_off_its_own_turn_alone(stages, monkeypatch):
    number = await ada(stages)
    await stages.subscribe("2", "paper")
    await stages.announce("Paper")
    real = Outbox.due

    async def odd(self, places, *more):
        if number in places:
            raise ValueError("odd row")
        return await real(self, places, *more)

    monkeypatch.setattr(Outbox, "due", odd)
    with capture_logs() as logs:
        assert await stages.deliver() == 1
    assert [line["event"] for line in logs] == ["turn broken off"]
    first = await stages.place(number)
    assert first.failures == 1
    assert await stages.deliver() == 0  # it is left alone for a moment
    stages.clock.advance(seconds=3)
    with capture_logs() as logs:
        assert await stages.deliver() == 0
    assert [line["event"] for line in logs] == ["turn broken off"]
    assert (await stages.place(number)).failures == 2
    monkeypatch.setattr(Outbox, "due", real)
    stages.clock.advance(seconds=6)  # and each time for longer, though not as long as its lease
    assert await stages.deliver() == 1
    assert (await stages.place(number)).failures == 0
    assert len(stages.post.arrived["1"]) == len(stages.post.arrived["2"]) == 1


async def test_a_fault_outside_of_any_message_is_logged(stages, monkeypatch):
    await ada(stages)
    await stages.announce("Paper")
    monkeypatch.setattr(stages.post, "per_minute", lambda _kind: 1 / 0)
    with capture_logs() as logs:
        assert await stages.deliver() == 0
    assert [line["event"] for line in logs] == ["turn broken off"]


async def test_a_fault_that_cannot_be_written_down_leaves_the_place_to_its_lease(stages, monkeypatch):
    await ada(stages)
    await stages.announce("Paper")
    real = Outbox.defer

    async def odd(*_given, **_more):
        raise ValueError("odd row")

    monkeypatch.setattr(Outbox, "due", odd)
    monkeypatch.setattr(Outbox, "defer", odd)
    assert await stages.deliver() == 0
    monkeypatch.undo()
    assert real is Outbox.defer
    stages.clock.advance(seconds=60)
    assert await stages.deliver() == 0
    stages.clock.advance(seconds=61)
    assert await stages.deliver() == 1


async def test_a_person_deleted_while_a_message_is_under_way(stages):
    number = await ada(stages)
    await stages.subscribe("2", "paper")
    await stages.announce("Paper one", "Paper two")
    stages.post.slow["1"] = asyncio.Event()
    running = asyncio.create_task(stages.deliver())
    await until(lambda: stages.post.sending)
    async with stages.store.write() as unit:
        person = await unit.people.person_of(Actor(channel="telegram", user_id="1"))
        await unit.people.forget(person.number)
    stages.post.slow.pop("1").set()
    await running
    assert len(stages.post.arrived["1"]) == 1  # the one that was under way, and no more
    assert len(stages.post.arrived["2"]) == 2
    assert await stages.place(number) is None
    assert await stages.owed() == 0


async def test_a_place_paused_in_the_middle_of_a_turn_gets_no_more(stages):
    number = await ada(stages)
    await stages.announce("Paper one", "Paper two")
    stages.post.slow["1"] = asyncio.Event()
    running = asyncio.create_task(stages.deliver())
    await until(lambda: stages.post.sending)
    async with stages.store.write() as unit:
        await unit.places.pause(number, "by a person")
    stages.post.slow.pop("1").set()
    assert await running == 1
    assert await stages.owed() == 1
    async with stages.store.write() as unit:
        await unit.places.resume(number)
    assert await stages.deliver() == 1


async def test_a_lease_is_renewed_while_a_place_is_served(stages, monkeypatch):
    await ada(stages)
    await stages.announce("Paper one")
    monkeypatch.setattr(claim, "PLACE_LEASE", timedelta(seconds=0.3))
    renewed = failing(monkeypatch, "paperwire.pipeline.claim.PlaceLeases.renew", 2)
    stages.post.slow["1"] = asyncio.Event()
    with capture_logs() as logs:
        running = asyncio.create_task(stages.deliver())
        await until(lambda: not renewed[0])
        stages.post.slow.pop("1").set()
        assert await running == 1
    assert [line["event"] for line in logs] == ["leases not renewed"] * 2
