"""A Telegram channel listening to the fake Bot API, with a handler that remembers."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from paperwire.channels.telegram.channel import TelegramChannel
from paperwire.core.message import Message, Span
from paperwire.ports import CommandSpec, Reply
from servers.loopback import PATIENCE

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
SPECS = (CommandSpec("subscribe", "Tell me of new papers"), CommandSpec("feed", "Your private links", private=True))


def text(words, *buttons):
    return Message(head=((Span(words),),), buttons=(buttons,) if buttons else ())


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
async def listening(telegram, desk, specs=SPECS, now=lambda: NOW, **settings):
    """Listen without the chats' pace, as tests of it have their own file."""
    channel = TelegramChannel(telegram.token, api_url=telegram.url, now=now, timeout=0.5, **settings)
    channel._sender._pacer.reserve = lambda chat, patience: (0.0, 0.0)
    task = asyncio.create_task(channel.listen(specs, desk))
    try:
        yield channel
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await channel.close()
