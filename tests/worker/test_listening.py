"""A process listens on its channels, alone where that has to be, and again after a fault."""

import asyncio

from structlog.testing import capture_logs
from worker_scene import Bot, Scene

from paperwire import worker
from paperwire.errors import Retry


async def test_a_bot_that_falls_over_is_started_again_ever_later(clock, monkeypatch):
    naps = []
    real = asyncio.sleep

    async def nap(seconds):
        naps.append(seconds)
        await real(0)

    bot = Bot(ends=[Retry("token refused", 1), KeyError("odd"), *[Retry("x", 1)] * 9, "end"])
    scene = Scene(clock)
    monkeypatch.setattr(worker.asyncio, "sleep", nap)
    with capture_logs() as logs:
        await scene.worker._listen(bot)
    assert naps == [2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 300.0, 300.0, 300.0]
    assert [line["event"] for line in logs[:2]] == ["channel is not listening", "channel fell over"]
    assert logs[0]["problem"] == "token refused"


async def test_a_bot_that_worked_for_long_is_started_again_soon(clock, monkeypatch):
    naps, times = [], iter([0.0, 1.0, 1.0, 100.0, 100.0, 101.0, 200.0])

    async def nap(seconds):
        naps.append(seconds)

    monkeypatch.setattr(worker.asyncio, "sleep", nap)
    monkeypatch.setattr(worker, "_clock", lambda: next(times))
    bot = Bot(ends=[Retry("x", 1), Retry("x", 1), Retry("x", 1), "end"])
    with capture_logs():
        await Scene(clock).worker._listen(bot)
    assert naps == [2.0, 1.0, 2.0]


async def test_of_two_processes_one_listens(store, clock):
    bots = [Bot(kind="telegram", singleton=True), Bot(kind="telegram", singleton=True)]
    scenes = [
        Scene(clock, store=store, conversations=(bot,), owner=owner, roles=frozenset({"telegram"}))
        for owner, bot in zip("ab", bots, strict=True)
    ]
    running = [asyncio.create_task(scene.worker.run()) for scene in scenes]
    waiting = [asyncio.create_task(bot.began.wait()) for bot in bots]
    await asyncio.wait(waiting, timeout=60, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.sleep(0.5)
    assert sorted(bot.listening for bot in bots) == [0, 1]
    for task in (*running, *waiting):
        task.cancel()
    await asyncio.gather(*running, *waiting, return_exceptions=True)


async def test_a_process_listens_on_its_own_conversations_alone(clock):
    discord, telegram = Bot(kind="discord"), Bot(kind="telegram")
    bots = {"discord": discord, "telegram": telegram}
    await Scene(clock, channels=bots, conversations=(discord,), roles=frozenset({"discord"})).for_a_moment()
    assert (discord.listening, telegram.listening) == (1, 0)
