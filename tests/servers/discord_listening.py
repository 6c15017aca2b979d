"""A Discord channel listening to the fake Discord, with a handler that remembers."""

import asyncio
from contextlib import asynccontextmanager

from paperwire.channels.discord.channel import DiscordChannel
from paperwire.ports.requests import Argument, CommandSpec
from servers.direct import DIRECT
from servers.loopback import PATIENCE
from servers.recorder import NOW

SPECS = (
    CommandSpec(
        "subscribe",
        "Tell me of new papers",
        (Argument("query", "What to look for"),),
        (Argument("to", "Where", required=False), Argument("when", "How often", required=False)),
        who="manager",
    ),
    CommandSpec("feed", "Your private links", (Argument("query", "reset", required=False),), private=True),
    CommandSpec("style", "How", (Argument("query", "Which", required=False, choices=("cards", "list")),)),
)


@asynccontextmanager
async def listening(discord, recorder, specs=SPECS, now=lambda: NOW, *, ready=True, **settings):
    """Listen until the block ends; with `ready` the block begins once the gateway is connected."""
    channel = DiscordChannel(
        discord.token, network=DIRECT, api_url=discord.url, now=now, **({"timeout": PATIENCE} | settings)
    )
    task = asyncio.create_task(channel.listen(specs, recorder))
    try:
        if ready:
            await discord.until(lambda: discord.connected)
        yield channel
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await channel.close()
