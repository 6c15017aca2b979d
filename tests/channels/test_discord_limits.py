"""Discord's limit of servers for one gateway connection, and what we set inside discord.py."""

from datetime import UTC, datetime

import discord
import pytest
from discord import http
from discord.gateway import DiscordWebSocket

from paperwire.bootstrap.serving import _limits
from paperwire.channels.discord import connect
from paperwire.channels.discord.channel import MANY_SERVERS, DiscordChannel
from servers.direct import DIRECT
from servers.discord import DiscordServer

HINT = "docs of the new version: https://discordpy.readthedocs.io/en/latest/whats_new.html"


@pytest.mark.parametrize(("servers", "is_near"), [(1, False), (MANY_SERVERS - 1, False), (MANY_SERVERS, True)])
async def test_a_bot_in_many_servers_is_near_the_limit(servers, is_near):
    async with DiscordServer() as discord_server:
        discord_server.guild_count = servers
        channel = DiscordChannel(
            discord_server.token, network=DIRECT, now=lambda: datetime.now(UTC), api_url=discord_server.url
        )
        assert channel.near_limit() == ""
        await channel.probe()
        text = channel.near_limit()
        await channel.close()
    assert ("is in 2,000 servers" in text) is is_near


def test_a_limit_is_a_trouble():
    class Near:
        def near_limit(self):
            return "many"

    assert _limits({"discord": Near(), "webhook": object()}) == {"limit of discord": "many"}


def test_servers_are_counted_by_the_gateway_too():
    channel = DiscordChannel("token", network=DIRECT, now=lambda: datetime.now(UTC))

    class Bot:
        guilds = range(MANY_SERVERS + 400)

    channel._listener._bot = Bot()
    assert "is in 2,400 servers" in channel.near_limit()


# --- what a newer version of the library may break ---------------------------------------------------------------


def test_the_library_is_the_version_whose_insides_we_set():
    assert discord.__version__.startswith("2.7."), f"try the tests below, then pin it in pyproject.toml; {HINT}"


def test_routes_begin_with_an_address_that_can_be_set(monkeypatch):
    monkeypatch.setattr(http.Route, "BASE", "http://127.0.0.1:1/api")
    assert http.Route("GET", "/gateway").url == "http://127.0.0.1:1/api/gateway", f"requests would go elsewhere; {HINT}"


def test_the_gateway_has_an_address_that_can_be_set():
    assert hasattr(DiscordWebSocket, "DEFAULT_GATEWAY"), f"the gateway would be another than the API names; {HINT}"


async def test_a_limit_of_a_channel_can_be_ours():
    client = connect.Client("http://127.0.0.1:1/api", connect.Gate(), DIRECT)
    limit = client.http.get_ratelimit("a channel")
    assert type(limit) is connect.RateLimit, f"a used-up limit would be waited for before its answer; {HINT}"
    assert client.http.get_ratelimit("a channel") is limit
    assert {"__aenter__", "__aexit__"} <= vars(http.Ratelimit).keys()
