"""Both bots at the same time, with pages, feeds and collectors in one process: none of them stops another."""

import pytest
from places_days import made_up
from places_replay import replay


@pytest.fixture
def days():
    return made_up(1, 8)


@pytest.mark.slow_on_postgresql
@pytest.mark.parametrize(("bad", "good"), [("telegram", "discord"), ("discord", "telegram")])
async def test_a_bad_token_stops_neither_the_other_bot_nor_the_feeds(bad, good, tmp_path, database, days):
    async with replay(tmp_path, database, days, **{f"channels__{bad}__token": "1:wrong"}) as world:
        await world.begin(only=good)
        world.show(1)
        await world.complete()
        world.assert_once_each()
        await world.assert_feeds()
        assert "token refused" in (await world.product.get("/status")).text


@pytest.mark.slow
async def test_a_stop_under_load_is_quick_and_repeats_nothing(tmp_path, database, days):
    async with replay(tmp_path, database, days) as world:
        await world.begin()
        world.telegram.lag = world.discord.lag = 0.5
        world.show(1)
        for arrived in (1, 20, 40):

            async def is_under_way(arrived=arrived):
                return world.arrived() >= arrived

            await world.product.until(is_under_way)
            assert await world.product.stop() == 0
            await world.restart()
        await world.complete()
        world.assert_once_each()


@pytest.mark.slow
async def test_while_discord_is_down_the_rest_goes_on_and_says_so(tmp_path, database, days):
    async with replay(tmp_path, database, days) as world:
        await world.begin()
        port = int(world.discord.url.split(":")[2].split("/")[0])
        await world.discord.drop(None)
        await world.discord.stop()
        world.show(1)
        on_discord = [spot for spot in world.spots if spot.platform == "discord"]
        await world.complete(but=on_discord)
        assert not any(spot.alerts for spot in on_discord)

        async def is_said():
            return "reconnecting since" in (await world.product.get("/status")).text

        await world.product.until(is_said)
        await world.discord.start(port)
        await world.complete()
        world.assert_once_each()


@pytest.mark.slow
async def test_one_chat_that_must_wait_holds_back_no_other(tmp_path, database, days):
    async with replay(tmp_path, database, days) as world:
        await world.begin()
        waiting = [world.spot("private chat", "telegram"), world.spot("channel next to it", "discord")]
        asked = [world.requests_to(spot) for spot in waiting]
        world.telegram.fail("flood", waiting[0].lane[1], value=43_838)
        world.discord.fail("flood", waiting[1].lane[1], value=43_838)
        world.show(1)
        await world.complete(but=waiting)
        world.assert_once_each(but=waiting)
        assert [world.requests_to(spot) for spot in waiting] == [before + 1 for before in asked]
        assert all(world.expected(spot) and not spot.alerts for spot in waiting)
