"""Asking how a fake Discord is: the probe, the login that stands for it, and what the state says then."""

import asyncio
from datetime import UTC, datetime

import pytest

from paperwire.channels.discord.channel import DiscordChannel
from paperwire.core.messages.message import Message, Span
from paperwire.errors import SendError
from servers.direct import DIRECT
from servers.discord import DiscordServer
from servers.loopback import PATIENCE

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
HI = Message(head=((Span("hi"),),), key="k")


@pytest.fixture
async def discord():
    async with DiscordServer() as server:
        server.channel(2000, server.guild(1000))
        yield server


@pytest.fixture
async def channel(discord):
    channel = DiscordChannel(discord.token, network=DIRECT, api_url=discord.url, now=lambda: NOW, timeout=PATIENCE)
    yield channel
    await channel.close()


DOWN = "reconnecting since 2026-01-05 08:00 UTC"
PROBES = [
    ("server_error", 5, False, f"{DOWN}: Discord returned a server error (HTTP 500)"),
    ("hang", 120, None, f"{DOWN}: Discord did not answer in time"),
    ("reset", 120, None, f"{DOWN}: the connection to Discord broke before it answered"),
    ("garbage", 120, None, f"{DOWN}: Discord's answer can't be read"),
    ("flood", 30, True, f"{DOWN}: Discord asked to wait 30 s (HTTP 429)"),
    ("unauthorized", 300, False, "token refused since 2026-01-05 08:00 UTC: check channels.discord.token"),
]


@pytest.mark.parametrize("logged_in", [True, False])
@pytest.mark.parametrize(("kind", "after", "asked", "state"), PROBES)
async def test_a_probe_says_how_discord_is(discord, channel, monkeypatch, logged_in, kind, after, asked, state):
    monkeypatch.setattr("paperwire.channels.discord.send.PROBE_TIMEOUT", PATIENCE)
    if logged_in:
        await channel.probe()
        assert len(discord.calls) == 2  # the login was the question
    monkeypatch.setattr("paperwire.channels.discord.send.PROBE_TIMEOUT", 0.3 if kind == "hang" else PATIENCE)
    discord.fail(kind, route="login", left=2 if kind == "reset" else 1, value=30)
    with pytest.raises(SendError) as caught:
        await channel.probe()
    assert getattr(caught.value, "everywhere", True)
    if logged_in or asked is not None:
        assert (caught.value.after, getattr(caught.value, "requested", None)) == (after, asked)
    assert channel.state() == state
    monkeypatch.setattr("paperwire.channels.discord.send.PROBE_TIMEOUT", PATIENCE)
    discord.faults.clear()
    if kind == "hang" and not logged_in:
        channel._rest._logging_in.cancel()  # would be waited for
        await asyncio.gather(channel._rest._logging_in, return_exceptions=True)
    await channel.probe()
    assert channel.state() == "sending only"
    assert discord.messages(2000) == []


async def test_a_login_that_nobody_waits_for_any_more_fails_quietly(discord, channel):
    discord.fail("hang", route="login")
    sending = asyncio.create_task(channel.send("2000", HI))
    await discord.until(lambda: discord.calls)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    await discord.stop()
    await asyncio.gather(channel._rest._logging_in, return_exceptions=True)


async def test_closing_ends_a_login(discord, channel):
    discord.fail("hang", route="login")
    sending = asyncio.create_task(channel.send("2000", HI))
    await discord.until(lambda: discord.calls)
    await channel.close()
    with pytest.raises(asyncio.CancelledError):
        await sending
