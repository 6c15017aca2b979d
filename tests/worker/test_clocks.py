"""Alarms ring at their times of day, by the clock that counts for them."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from paperwire.ports import TimeOfDay
from paperwire.sources.arxiv import ArxivSource
from paperwire.worker import clocks


@pytest.fixture
def naps(clock, monkeypatch):
    """Sleeping moves the clock; after so many naps the alarm clock is switched off."""
    slept = []

    async def nap(seconds):
        slept.append(seconds)
        clock.advance(seconds=seconds)
        if len(slept) > 20000:
            raise asyncio.CancelledError

    monkeypatch.setattr(clocks.asyncio, "sleep", nap)
    return slept


class Rung(Exception):
    """Enough alarms rang."""


def recorder(clock, count):
    rung = []

    def ring():
        rung.append(clock())
        if len(rung) == count:
            raise Rung

    return ring, rung


async def times(clock, alarms, rung):
    with pytest.raises(Rung):
        await clocks.ring_on_time(alarms, clock)
    return [f"{at:%m-%d %H:%M}" for at in rung]


async def test_every_day_at_its_time(clock, naps):
    ring, rung = recorder(clock, 3)
    clock.set("2026-01-05T03:00:00Z")
    found = await times(clock, [clocks.at(TimeOfDay(3, 17), ring)], rung)
    assert found == ["01-05 03:17", "01-06 03:17", "01-07 03:17"]
    assert max(naps) <= 20


async def test_three_times_a_day_for_arxiv_in_new_york_summer_and_winter(clock, naps):
    arxiv = ArxivSource.times(None)
    ring, rung = recorder(clock, 4)
    clock.set("2026-01-05T12:00:00Z")
    assert await times(clock, [clocks.at(time, ring) for time in arxiv], rung) == [
        "01-06 01:05",
        "01-06 03:35",
        "01-06 05:05",
        "01-07 01:05",
    ]
    ring, rung = recorder(clock, 2)
    clock.set("2026-07-05T12:00:00Z")
    assert await times(clock, [clocks.at(time, ring) for time in arxiv], rung) == ["07-06 00:05", "07-06 02:35"]


async def test_what_was_missed_while_the_machine_slept_rings_once(clock, monkeypatch):
    ring, rung = recorder(clock, 2)
    jumps = [timedelta(days=3), timedelta(hours=1), *[timedelta(hours=5)] * 9]

    async def nap(_seconds):
        clock.at += jumps.pop(0)

    monkeypatch.setattr(clocks.asyncio, "sleep", nap)
    clock.set("2026-01-05T03:00:00Z")
    with pytest.raises(Rung):
        await clocks.ring_on_time([clocks.at(TimeOfDay(3, 17), ring)], clock)
    assert rung == [datetime(2026, 1, 8, 3, tzinfo=UTC), datetime(2026, 1, 8, 4, tzinfo=UTC)]


async def test_a_clock_that_goes_back_rings_again_at_its_next_time(clock, monkeypatch):
    ring, rung = recorder(clock, 2)
    jumps = [timedelta(minutes=20), timedelta(days=-1), timedelta(minutes=5), timedelta(days=1)]

    async def nap(_seconds):
        clock.at += jumps.pop(0)

    monkeypatch.setattr(clocks.asyncio, "sleep", nap)
    clock.set("2026-01-05T03:00:00Z")
    with pytest.raises(Rung):
        await clocks.ring_on_time([clocks.at(TimeOfDay(3, 17), ring)], clock)
    assert [f"{at:%d %H:%M}" for at in rung] == ["05 03:20", "05 03:25"]


async def test_without_alarms_there_is_nothing_to_wait_for(clock):
    await clocks.ring_on_time([], clock)


async def test_at_the_very_instant_it_rings_once(clock, monkeypatch):
    rung = []
    naps = []

    async def nap(seconds):
        naps.append(seconds)
        if len(naps) > 1:
            raise asyncio.CancelledError
        clock.set("2026-01-05T03:17:00Z")

    monkeypatch.setattr(clocks.asyncio, "sleep", nap)
    clock.set("2026-01-05T03:16:59Z")
    with pytest.raises(asyncio.CancelledError):
        await clocks.ring_on_time([clocks.at(TimeOfDay(3, 17), lambda: rung.append(clock()))], clock)
    assert len(rung) == 1
    assert naps == [1.0, 20.0]


class Machine:
    """A machine's two clocks."""

    def __init__(self):
        self.wall, self.monotonic = datetime(2026, 1, 5, 12, tzinfo=UTC), 0.0

    def run(self, **time):
        self.wall += timedelta(**time)
        self.monotonic += timedelta(**time).total_seconds()

    def steady(self):
        return clocks.SteadyClock(lambda: self.wall, lambda: self.monotonic)


def test_a_clock_that_is_set_back_goes_on_slowly_until_it_is_met():
    machine = Machine()
    steady = machine.steady()
    machine.run(minutes=10)
    before = steady()
    assert before == machine.wall
    machine.wall -= timedelta(hours=1)
    assert steady() == before
    machine.run(minutes=30)
    assert steady() == before + timedelta(minutes=15)
    machine.run(minutes=90)
    assert steady() == machine.wall == before + timedelta(hours=1)


def test_a_clock_that_was_far_ahead_is_not_followed_any_more():
    machine = Machine()
    steady = machine.steady()
    machine.wall -= timedelta(days=1, seconds=1)
    assert steady() == machine.wall


def test_a_clock_set_forward_is_believed():
    machine = Machine()
    steady = machine.steady()
    machine.wall += timedelta(days=400)
    assert steady() == machine.wall


@pytest.mark.parametrize(("ahead", "begins"), [(-5, 0), (0, 0), (90, 90), (25 * 3600, 0)])
def test_a_clock_begins_where_others_have_been(ahead, begins):
    machine = Machine()
    steady = machine.steady()
    steady.not_before(machine.wall + timedelta(seconds=ahead))
    assert steady() == machine.wall + timedelta(seconds=begins)
