"""The process is killed (`kill -9`) at random moments, with a message to each place on its way.

Nothing is lost, Discord gets nothing twice, and a place on Telegram one message at most for each kill.
"""

import asyncio
import random

import pytest
from places_days import made_up, recorded
from places_replay import Hasty, replay


async def survives(folder, database, days, *, kills, seed=23):
    chance = random.Random(seed)
    async with replay(folder, database, days, product=Hasty) as world:
        await world.begin()
        world.telegram.lag = world.discord.lag = 0.3
        for _ in range(kills):
            if world.is_complete() and world.shown < len(days.feeds) - 1:
                world.show(world.shown + 1)
            await world.progress()
            await asyncio.sleep(chance.uniform(0, 1.5))
            await world.kill()
            await world.restart()
        world.telegram.lag = world.discord.lag = 0
        for number in range(world.shown, len(days.feeds)):
            world.show(number)
            await world.complete()
        world.print(f"{kills} kills at random moments")
        for spot in world.spots:
            assert list(dict.fromkeys(spot.told)) == world.expected(spot), spot.name
        assert world.repeated_messages("discord") == 0
        assert world.most_repeated_after_a_kill("telegram") <= 1
        # What was sent in the last minute dies with a process; the platform then says to wait, and is obeyed.
        assert len(world.telegram.violations) + len(world.discord.violations) <= kills
        await world.assert_feeds()


@pytest.mark.slow
async def test_made_up_days_survive_three_kills(tmp_path, database):
    await survives(tmp_path, database, made_up(2, 8), kills=3)


@pytest.mark.shared
@pytest.mark.slow
async def test_recorded_days_survive_thirty_kills(shared_data, tmp_path, database):
    await survives(tmp_path, database, recorded(shared_data, 7), kills=30)
