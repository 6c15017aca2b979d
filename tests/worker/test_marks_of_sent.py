"""What a process sent is marked: while it sends, and when it stops."""

import asyncio
from datetime import timedelta

import pytest
from worker_scene import Bot, Counted, Scene

from paperwire import worker
from paperwire.errors import StoreError


@pytest.mark.parametrize(("sent", "marks"), [(0, 0), (3, 1)])
async def test_what_was_sent_is_marked_when_a_process_stops(clock, sent, marks):
    scene = Scene(clock, channels={"webhook": Bot()}, delivery=Counted(sent))
    await scene.for_a_moment()
    assert scene.parts.mark.rounds == marks


async def test_what_is_sent_is_marked_again_and_again(clock, monkeypatch):
    monkeypatch.setattr(worker, "_MARK_INTERVAL", timedelta(0))
    scene = Scene(clock, channels={"webhook": Bot()}, delivery=Counted(2, 0))
    running = asyncio.create_task(scene.worker.run())
    await asyncio.sleep(0.5)
    assert scene.parts.mark.rounds == 1  # nothing was sent since
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert scene.parts.mark.rounds == 1


async def test_a_turn_that_goes_on_or_was_broken_off_counts_as_sending(clock, monkeypatch):
    class Endless(Counted):
        async def run(self, *_):
            await asyncio.Event().wait()

    monkeypatch.setattr(worker, "_MARK_INTERVAL", timedelta(0))
    scene = Scene(clock, channels={"webhook": Bot()}, delivery=Endless(0))
    await scene.for_a_moment(0.5)
    assert scene.parts.mark.rounds >= 2


async def test_a_mark_that_cannot_be_made_at_the_end_is_no_error(clock):
    scene = Scene(clock, channels={"webhook": Bot()}, delivery=Counted(3), mark=Counted(StoreError("gone away")))
    await scene.for_a_moment()
    assert scene.parts.mark.rounds == 1


async def test_a_pass_marks_what_it_sent(clock):
    scene = Scene(clock, channels={"webhook": Bot()}, delivery=Counted(3))
    await scene.worker.once()
    assert scene.parts.mark.rounds == 1
