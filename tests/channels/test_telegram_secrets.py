"""The token stays out of logs, errors and reprs, whatever goes wrong and however much is logged."""

import asyncio
import io
import logging
import traceback

import pytest

from paperwire import observe
from paperwire.channels.telegram.channel import TelegramChannel
from paperwire.core.messages.message import Message, Span
from paperwire.errors import SendError
from plain_logs import log_plainly
from servers.direct import DIRECT
from servers.loopback import PATIENCE
from servers.recorder import NOW, Recorder
from servers.telegram import TelegramServer
from servers.telegram_listening import listening

HI = Message(head=((Span("hi"),),))
CANARY = "AAcanary-token-of-the-bot"


@pytest.fixture
async def telegram():
    async with TelegramServer(token=f"42:{CANARY}") as server:
        server.say(100, "hello")
        server.limits.burst = 100
        yield server


@pytest.fixture
def logged():
    """All that is logged at DEBUG by any library, as `run` writes it."""
    root = logging.getLogger()
    loggers = [root, *(logging.getLogger(name) for name in ("httpx", "httpcore", "telegram"))]
    levels, handlers = [logger.level for logger in loggers], root.handlers
    stream = io.StringIO()
    observe.set_up([f"42:{CANARY}"], level="DEBUG", stream=stream)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    yield stream.getvalue
    root.handlers = handlers
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)
    log_plainly()


async def test_a_conversation_logs_no_token(telegram, logged, capfd):
    async with listening(telegram, Recorder()) as channel:
        await telegram.wait(100)
        for fault in ("server_error", "unauthorized", "garbage", "flood"):
            telegram.fail(fault)
            with pytest.raises(SendError):
                await channel.send("100", HI)
    assert "HTTP Request" in logged()  # httpx did log its addresses
    assert CANARY not in logged() + "".join(capfd.readouterr())


@pytest.mark.parametrize(
    "fault", ["server_error", "reset", "hang", "garbage", "unauthorized", "bad_gateway", "blocked"]
)
async def test_an_error_tells_no_token(telegram, fault):
    timeout = 0.3 if fault == "hang" else PATIENCE
    channel = TelegramChannel(telegram.token, api_url=telegram.url, network=DIRECT, now=lambda: NOW, timeout=timeout)
    telegram.fail(fault)
    with pytest.raises(SendError) as caught:
        await channel.send("100", HI)
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert CANARY not in told + repr(channel) + str(vars(caught.value))
    await channel.close()


async def test_nobody_there_tells_no_token(telegram, logged):
    await telegram.stop()
    channel = TelegramChannel(telegram.token, api_url=telegram.url, network=DIRECT, now=lambda: NOW)
    with pytest.raises(SendError) as caught:
        await channel.send("100", HI)
    assert CANARY not in "".join(traceback.format_exception(caught.value)) + logged() + channel.state()
    task = asyncio.create_task(channel.listen((), Recorder()))
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert CANARY not in logged()
    await channel.close()
