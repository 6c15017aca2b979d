"""A fake Bot API, and a handler that keeps what it is asked."""

import pytest

from servers.recorder import Recorder
from servers.telegram import TelegramServer


@pytest.fixture
async def telegram():
    async with TelegramServer() as server:
        server.limits.burst = 100
        yield server


@pytest.fixture
def recorder():
    return Recorder()
