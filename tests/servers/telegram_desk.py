"""A Telegram channel listening to the fake Bot API, with a handler that remembers."""

import asyncio
from contextlib import asynccontextmanager

from paperwire.channels.telegram.channel import TelegramChannel
from paperwire.ports import CommandSpec
from servers.desk import NOW

SPECS = (CommandSpec("subscribe", "Tell me of new papers"), CommandSpec("feed", "Your private links", private=True))


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
