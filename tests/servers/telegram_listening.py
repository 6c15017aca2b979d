"""A Telegram channel listening to the fake Bot API, with a handler that remembers."""

import asyncio
from contextlib import asynccontextmanager
from unittest.mock import patch

from paperwire.channels.telegram.channel import TelegramChannel
from paperwire.channels.telegram.pace import Pacer
from paperwire.ports.requests import CommandSpec
from servers.direct import DIRECT
from servers.loopback import PATIENCE
from servers.recorder import NOW

SPECS = (CommandSpec("subscribe", "Tell me of new papers"), CommandSpec("feed", "Your private links", private=True))


class Unpaced(Pacer):
    """Lets everything go at once, as tests of the pace have their own file."""

    def until_next(self, chat, *, answer=False):
        return 0.0

    def pause(self, chat, seconds):
        pass


@asynccontextmanager
async def listening(telegram, recorder, specs=SPECS, now=lambda: NOW, *, menus=(), **settings):
    """Listen without the chats' pace; `menus` are the languages that have some, besides the one of everyone else.

    Those of all languages take fifty requests at each start.
    """
    settings = {"timeout": PATIENCE, "pacer": Unpaced()} | settings
    channel = TelegramChannel(telegram.token, api_url=telegram.url, network=DIRECT, now=now, **settings)
    with patch("paperwire.channels.telegram.listen.translated", return_value=menus):
        task = asyncio.create_task(channel.listen(specs, recorder))
        try:
            yield channel
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await channel.close()
