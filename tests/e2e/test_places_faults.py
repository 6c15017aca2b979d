"""A third of all requests to both platforms fail in every way they can: nothing is lost, and little comes twice."""

import pytest
from places_days import made_up, recorded
from places_replay import Impatient, replay

SHARE = 1 / 3


async def through_trouble(folder, database, days):
    async with replay(folder, database, days, product=Impatient) as world:
        await world.begin()
        world.telegram.share = world.discord.share = SHARE
        for number in range(1, len(days.feeds)):
            world.show(number)
            await world.complete()
        world.telegram.share = world.discord.share = 0
        world.print("A third of all requests in trouble")
        for spot in world.spots:
            told = spot.told
            assert list(dict.fromkeys(told)) == world.expected(spot), spot.name
            for paper in set(told):
                assert told.count(paper) - 1 <= world.not_confirmed(spot, paper), (spot.name, paper)
        assert not world.telegram.violations
        assert not world.discord.violations
        await world.assert_feeds()
        assert world.telegram.met.total() > world.telegram.asked / 5
        assert world.discord.met.total() > world.discord.asked / 5


@pytest.mark.slow
async def test_made_up_days_come_through(tmp_path, database):
    await through_trouble(tmp_path, database, made_up(1, 10))


@pytest.mark.shared
@pytest.mark.slow
async def test_recorded_days_come_through(shared_data, tmp_path, database):
    await through_trouble(tmp_path, database, recorded(shared_data, 5))
