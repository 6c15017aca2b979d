"""Days of papers reach ten places on Telegram and ten on Discord: each paper once per place, in order."""

import pytest
from places_days import made_up, recorded
from places_replay import replay


async def once_each(folder, database, days):
    async with replay(folder, database, days) as world:
        await world.begin()
        for number in range(1, len(days.feeds)):
            world.show(number)
            await world.complete()
        world.print("Ten places on each platform")
        world.assert_once_each()
        await world.assert_feeds()
        assert not world.telegram.violations
        assert not world.discord.violations


@pytest.mark.slow_on_postgresql
async def test_made_up_days_reach_every_place_once(tmp_path, database):
    await once_each(tmp_path, database, made_up(2, 6))


@pytest.mark.shared
@pytest.mark.slow
async def test_recorded_days_reach_every_place_once(shared_data, tmp_path, database):
    await once_each(tmp_path, database, recorded(shared_data, 11))
