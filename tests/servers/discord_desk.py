"""A Discord channel listening to the fake Discord, with a handler that remembers."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from paperwire.channels.discord.channel import DiscordChannel
from paperwire.core.message import Message, Span
from paperwire.ports import Argument, CommandSpec, Reply
from servers.loopback import PATIENCE

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
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


def text(words, *buttons, **rest):
    return Message(head=((Span(words),),), buttons=(buttons,) if buttons else (), **rest)


class Desk:
    """A handler that keeps what it is asked and answers what `replies` says for a command or action."""

    def __init__(self):
        self.requests = []
        self.replies = {}
        self.arrived = asyncio.Event()

    async def __call__(self, request):
        self.requests.append(request)
        self.arrived.set()
        reply = self.replies.get(request.command or request.action)
        if callable(reply):
            reply = await reply(request)
        return reply or Reply(message=text(f"{request.command}{request.action} {request.args}".strip()))

    async def until(self, count):
        async with asyncio.timeout(PATIENCE):
            while len(self.requests) < count:
                self.arrived.clear()
                await self.arrived.wait()
        return self.requests


@asynccontextmanager
async def listening(discord, desk, specs=SPECS, now=lambda: NOW, *, ready=True, **settings):
    """Listen until the block ends; with `ready` the block begins once the gateway is connected."""
    channel = DiscordChannel(discord.token, api_url=discord.url, now=now, **({"timeout": 5.0} | settings))
    task = asyncio.create_task(channel.listen(specs, desk))
    try:
        if ready:
            await discord.until(lambda: discord.connected)
        yield channel
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await channel.close()
