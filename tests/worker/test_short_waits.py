"""Waits of less than a second are waits all the same: of a stage, and of the pace at a service."""

import asyncio
from datetime import timedelta

import pytest

from paperwire.store.service.pace import StorePace
from paperwire.worker.stage import LEAST_REST, Stage


async def test_a_stage_rests_for_the_parts_of_a_second_it_asked_for(clock, monkeypatch):
    asked = [timedelta(milliseconds=700), timedelta(seconds=1, milliseconds=250), None]
    rests = []

    async def work():
        return asked.pop(0)

    async def rest(_stage, seconds):
        rests.append(seconds)

    monkeypatch.setattr(Stage, "_rest", rest)
    await Stage("match", work, asyncio.Event(), {}, clock).run()
    assert rests == [pytest.approx(0.7 - LEAST_REST), pytest.approx(1.25 - LEAST_REST)]


async def test_a_request_waits_for_the_last_quarter_of_a_second(store, clock):
    naps = []

    async def sleep(seconds):
        naps.append(seconds)
        clock.advance(seconds=seconds)

    pace = StorePace(store.write, owner="me", sleep=sleep)
    async with pace.turn("arxiv", 3.0):
        pass
    clock.advance(seconds=2.75)
    async with pace.turn("arxiv", 3.0):
        pass
    assert naps == [0.25]
