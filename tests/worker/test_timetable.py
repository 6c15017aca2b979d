"""The timetable rings by the one clock, whatever the machine's says, and notices when that was set."""

import asyncio
from datetime import timedelta

import pytest
import time_machine

from paperwire.ports.sources import TimeOfDay
from paperwire.sources.arxiv import ArxivSource
from paperwire.worker import stage
from paperwire.worker.stage import Timetable

QUARTER = timedelta(minutes=15)


@pytest.fixture
async def table(clock):
    """A timetable that runs, years from the machine's clock."""
    table = Timetable(clock)
    table.start()
    await asyncio.sleep(0)
    yield table
    table.shutdown()
    await asyncio.sleep(0)


class Bell:
    """Takes down when it rang."""

    def __init__(self, clock):
        self.clock, self.times = clock, []

    def __call__(self):
        self.times.append(self.clock())


def written(bell):
    return [f"{at:%m-%d %H:%M}" for at in bell.times]


@pytest.fixture
def bell(clock):
    return Bell(clock)


def run(table, clock, **time):
    """Let so much time pass, sleeping as long as the timetable says; how long each sleep was, in seconds."""
    until, naps = clock() + timedelta(**time), []
    while clock() < until:
        naps.append(table._process_jobs())
        clock.advance(seconds=max(naps[-1], 0.001))
    table._process_jobs()
    return naps


def test_every_day_at_its_time(table, clock, bell):
    clock.set("2026-01-05T03:00:00Z")
    table.daily("prune", TimeOfDay(3, 17), bell)
    naps = run(table, clock, days=2, hours=1)
    assert written(bell) == ["01-05 03:17", "01-06 03:17", "01-07 03:17"]
    assert max(naps) == 20


def test_three_times_a_day_for_arxiv_in_new_york_summer_and_winter(table, clock, bell):
    for number, time in enumerate(ArxivSource.times(None)):
        table.daily(f"arxiv {number}", time, bell)
    clock.set("2026-01-05T12:00:00Z")
    run(table, clock, days=1)
    assert written(bell)[-3:] == ["01-06 01:05", "01-06 03:35", "01-06 05:05"]
    clock.set("2026-07-05T12:00:00Z")
    run(table, clock, minutes=1)
    bell.times.clear()
    run(table, clock, days=1)
    assert written(bell) == ["07-06 00:05", "07-06 02:35", "07-06 04:05"]


def test_at_an_interval_each_time_up_to_a_tenth_later(table, clock, bell):
    began = clock()
    table.every("collect", QUARTER, bell)
    run(table, clock, hours=5)
    gaps = [after - before for before, after in zip([began, *bell.times], bell.times, strict=False)]
    assert len(gaps) >= 5 * 60 / 16.5 - 1
    assert all(QUARTER <= gap <= QUARTER * 1.1 + timedelta(seconds=20) for gap in gaps)
    assert len(set(gaps)) > 1


def test_an_interval_is_cut_short_where_something_is_due_much_sooner(table, clock, bell):
    began = clock()
    table.every("collect", QUARTER, bell)
    table.no_later("collect", began + QUARTER, bell)  # at about that time it rings anyway
    table.no_later("collect", began + timedelta(seconds=30), bell)
    table.no_later("collect", began + timedelta(hours=1), bell)
    run(table, clock, minutes=17)
    assert bell.times[0] == began + timedelta(seconds=30)
    assert bell.times[1] - bell.times[0] >= QUARTER


def test_the_next_due_delivery_moves_its_job_forward(table, clock, bell):
    began = clock()
    table.no_later("deliver", began + timedelta(seconds=5), bell)
    table.no_later("deliver", began + timedelta(seconds=0.25), bell)
    table.no_later("deliver", began + timedelta(seconds=3), bell)
    run(table, clock, seconds=10)
    assert bell.times == [began + timedelta(seconds=0.25)]
    table.no_later("deliver", clock() + timedelta(seconds=3), bell)
    run(table, clock, seconds=10)
    assert len(bell.times) == 2


def test_what_was_missed_while_the_machine_slept_rings_once(table, clock, bell):
    clock.set("2026-01-05T03:00:00Z")
    table.daily("prune", TimeOfDay(3, 17), bell)
    table.every("collect", timedelta(seconds=1), bell)
    assert 0 < table._process_jobs() <= 20
    clock.advance(days=400)
    table._process_jobs()
    assert len(bell.times) == 2
    clock.advance(hours=1)
    table._process_jobs()
    assert written(bell)[2:] == ["02-09 04:00", "02-09 04:00"]


def test_after_a_clock_went_back_times_of_day_come_again_and_waits_end(table, clock):
    prune, collect, deliver = Bell(clock), Bell(clock), Bell(clock)
    clock.set("2026-01-06T03:00:00Z")
    table.daily("prune", TimeOfDay(3, 17), prune)
    table.every("collect", QUARTER, collect)
    table.no_later("deliver", clock() + timedelta(days=2), deliver)
    run(table, clock, minutes=18)
    assert (written(prune), len(collect.times), deliver.times) == (["01-06 03:17"], 1, [])
    clock.advance(days=-3)
    assert table._process_jobs() <= 20
    assert (len(prune.times), len(collect.times)) == (1, 1)
    assert written(deliver) == ["01-03 03:18"]  # what waited for an instant looks again
    run(table, clock, minutes=17)
    assert len(collect.times) == 2
    run(table, clock, days=1)
    assert written(prune) == ["01-06 03:17", "01-04 03:17"]


def test_without_jobs_it_still_looks_at_the_clock(table):
    assert table._process_jobs() == 20


async def test_it_looks_again_by_itself_as_soon_as_the_clock_was_set(clock, monkeypatch):
    monkeypatch.setattr(stage, "_LONGEST_NAP", 0.01)
    table, rung = Timetable(clock), asyncio.Event()
    table.start()
    table.daily("prune", TimeOfDay(3, 17), rung.set)
    await asyncio.sleep(0)
    clock.advance(days=1)
    await asyncio.wait_for(rung.wait(), 60)
    rung.clear()
    table.no_later("deliver", clock() + timedelta(days=1), rung.set)
    clock.advance(days=-2)
    await asyncio.wait_for(rung.wait(), 60)
    table.shutdown()
    await asyncio.sleep(0)


async def test_the_machine_s_clock_does_not_matter(clock):
    table, rung = Timetable(clock), asyncio.Event()
    with time_machine.travel("2031-05-05T00:00:00Z"):
        table.start()
        table.no_later("deliver", clock() + timedelta(seconds=10), rung.set)
        table._process_jobs()
        assert not rung.is_set()
        clock.advance(seconds=10)
        table._process_jobs()
        assert rung.is_set()
    table.shutdown()
    await asyncio.sleep(0)
