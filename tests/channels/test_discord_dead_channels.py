"""Hundreds of channels at once that are closed to the bot: Discord bans who asks for them again and again."""

import asyncio
from datetime import UTC, datetime

import pytest

from paperwire.channels.discord.channel import DiscordChannel
from paperwire.core.messages.message import Message, Span
from paperwire.errors import Gone
from servers.direct import DIRECT
from servers.discord import DiscordServer
from servers.discord_world import VIEW
from servers.loopback import PATIENCE

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)


@pytest.mark.whole
async def test_five_hundred_dead_channels_cost_one_refusal_each(monkeypatch):
    for name in ("PER_SECOND", "ALERTS_PER_SECOND"):
        monkeypatch.setattr(f"paperwire.channels.discord.connect.{name}", 10_000)  # the pace has its own file
    message = Message(head=((Span("hi"),),), key="k")
    async with DiscordServer() as discord:
        guild = discord.guild(1000)
        channel = DiscordChannel(discord.token, network=DIRECT, api_url=discord.url, now=lambda: NOW, timeout=PATIENCE)
        discord.limits.per_second = 10_000
        discord.limits.most_invalid = 600
        for number in range(3000, 3500):
            discord.channel(number, guild, denied=VIEW)
        sends = (channel.send(str(number), message) for number in range(3000, 3500))
        outcomes = await asyncio.gather(*sends, return_exceptions=True)
        await channel.close()
    assert {type(outcome) for outcome in outcomes} == {Gone}
    assert len(discord.limits.invalid) == 500
    assert discord.violations == []
