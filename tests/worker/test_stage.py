"""Stages: woken by the timetable or others, tried again ever later, and never in each other's way."""

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from paperwire.errors import StoreError
from paperwire.worker import stage
from paperwire.worker.stage import StageLoop, Timetable

HOURS = timedelta(hours=9)


@pytest.fixture
def naps(monkeypatch):
    """The seconds that stages sleep, without the sleeping."""
    slept = []
    real = asyncio.sleep

    async def nap(seconds):
        slept.append(seconds)
        await real(0)

    monkeypatch.setattr(stage.asyncio, "sleep", nap)
    return slept


@pytest.fixture
async def made(clock):
    """What makes a stage, and the timetable it is on."""

    def make(work, wake=None, troubles=None):
        return StageLoop(
            "match", work, wake or asyncio.Event(), make.table, {} if troubles is None else troubles, clock
        )

    make.table = Timetable(clock)
    make.table.start()
    yield make
    make.table.shutdown()


def answers(*some):
    """Work that gives, or raises, these in order, and then says that it is done."""
    left = [*some, None]

    async def work():
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return work, left


async def test_work_is_done_until_there_is_no_more(made):
    work, left = answers(timedelta(0), timedelta(0))
    await made(work).run()
    assert left == []


async def test_even_work_that_asks_for_no_rest_gets_one(made, naps):
    work, _ = answers(timedelta(0), timedelta(seconds=-5))
    await made(work).run()
    assert naps == [stage.LEAST_REST] * 2


@pytest.mark.parametrize("seconds", [0.7, 1.25, 3600])
async def test_the_timetable_wakes_a_stage_at_the_instant_it_asked_for(made, clock, naps, seconds):
    work, left = answers(timedelta(seconds=seconds))
    running = asyncio.create_task(made(work).run())
    while made.table.get_job("match") is None:  # noqa: ASYNC110 -- nothing tells when it is there
        await asyncio.sleep(0)
    clock.advance(seconds=seconds - 0.01)
    assert made.table._process_jobs() == pytest.approx(0.01)
    assert left == [None]
    clock.advance(seconds=0.01)
    made.table._process_jobs()
    await running
    assert left == []


async def test_others_wake_a_stage_before_its_time(made):
    wake = asyncio.Event()
    work, left = answers(HOURS)
    running = asyncio.create_task(made(work, wake).run())
    await asyncio.sleep(0.05)
    assert left == [None]
    wake.set()
    await running
    assert left == []


async def test_a_wake_up_during_the_work_is_not_lost(made):
    wake = asyncio.Event()
    rounds = []

    async def work():
        rounds.append(None)
        wake.set()
        return HOURS if len(rounds) < 3 else None

    await made(work, wake).run()
    assert len(rounds) == 3


async def test_failures_are_logged_and_tried_again_ever_later(made, naps):
    work, _ = answers(*[StoreError("disk full") for _ in range(12)])
    with capture_logs() as logs:
        await made(work).run()
    limits = [min(2.0**n, stage.LONGEST_BACKOFF) for n in range(12)]
    assert len(naps) == 12
    assert all(limit / 2 <= nap <= limit for nap, limit in zip(naps, limits, strict=True))
    failed = [line for line in logs if line["event"] == "stage failed"]
    assert [(line["stage"], line["problem"]) for line in failed] == [("match", "disk full")] * 12
    assert logs[-1] == {"event": "stage works again", "log_level": "info", "stage": "match", "after": 12}


async def test_a_fault_nobody_foresaw_is_logged_whole(made, naps):
    fault = KeyError("odd")
    troubles = {}
    told = []

    async def work():
        told.extend(troubles.values())
        if not told:
            raise fault

    with capture_logs() as logs:
        await made(work, troubles=troubles).run()
    assert [(one.reason, one.database) for one in told] == [("KeyError", False)]
    assert logs[0]["exc_info"] is fault
    assert len(naps) == 1


async def test_trouble_is_told_while_it_lasts(made, clock, naps):
    troubles = {}
    seen = []
    began = clock()

    async def work():
        seen.append(dict(troubles))
        if len(seen) <= 2:
            clock.advance(minutes=1)
            raise StoreError("disk full")

    await made(work, troubles=troubles).run()
    first, second = seen[1]["match"], seen[2]["match"]
    assert first.since == second.since == began + timedelta(minutes=1)
    assert (second.reason, second.database) == ("disk full", True)
    assert clock() < second.next_at <= clock() + timedelta(seconds=2)
    assert troubles == {}


async def test_a_wake_up_does_not_hurry_what_is_broken(made):
    wake = asyncio.Event()
    rounds = []

    async def work():
        rounds.append(None)
        wake.set()
        raise StoreError("disk full")

    with capture_logs():
        running = asyncio.create_task(made(work, wake).run())
        await asyncio.sleep(0.2)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert len(rounds) == 1
