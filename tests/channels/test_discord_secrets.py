"""The token stays out of logs, errors and reprs, whatever goes wrong and however much is logged."""

import asyncio
import logging
import traceback

import pytest

from paperwire.channels.discord import Options, build
from paperwire.channels.discord.channel import DiscordChannel
from paperwire.core.messages.message import Message, Span
from paperwire.errors import SendError
from servers.direct import DIRECT
from servers.discord import DiscordServer
from servers.discord_listening import listening
from servers.loopback import PATIENCE
from servers.recorder import NOW, Recorder

HI = Message(head=((Span("hi"),),), key="k")
CANARY = "canary-token-of-the-bot"


@pytest.fixture
async def discord():
    async with DiscordServer(token=CANARY) as server:
        server.channel(2000, server.guild(1000))
        yield server


@pytest.fixture
def everything(caplog):
    """All that is logged at DEBUG by anybody, tracebacks included."""
    caplog.set_level(logging.DEBUG)
    levels = {name: logging.getLogger(name).level for name in ("discord", "aiohttp", "asyncio")}
    for name in levels:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield caplog
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


async def test_a_conversation_logs_no_token(discord, everything, capfd):
    async with listening(discord, Recorder()) as channel:
        await discord.ask(8, "/feed", 2000)
        for fault in ("unavailable", "unauthorized", "garbage", "reset", "ban"):
            discord.fail(fault)
            with pytest.raises(SendError):
                await channel.send("2000", HI)
        await discord.drop()
        await discord.until(lambda: discord.resumes)
    assert "has returned 200" in everything.text  # discord.py did log its requests
    assert CANARY not in everything.text + "".join(capfd.readouterr())


@pytest.mark.parametrize("fault", ["unavailable", "reset", "hang", "garbage", "unauthorized", "ban", "missing_access"])
@pytest.mark.parametrize("route", ["message", "login"])
async def test_an_error_tells_no_token(discord, fault, route):
    timeout = 0.3 if fault == "hang" else PATIENCE
    channel = DiscordChannel(discord.token, network=DIRECT, api_url=discord.url, now=lambda: NOW, timeout=timeout)
    discord.fail(fault, route=route, left=2)
    with pytest.raises(SendError) as caught:
        await channel.send("2000", HI)
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert CANARY not in told + repr(channel) + str(vars(caught.value))
    await channel.close()


async def test_nobody_there_tells_no_token(discord, everything):
    await discord.stop()
    channel = DiscordChannel(discord.token, network=DIRECT, api_url=discord.url, now=lambda: NOW)
    task = asyncio.create_task(channel.listen((), Recorder()))
    with pytest.raises(SendError):
        await channel.send("2000", HI)
    async with asyncio.timeout(PATIENCE):
        while "reconnecting" not in channel.state():  # noqa: ASYNC110 -- a state rings no bell
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await channel.close()
    assert CANARY not in everything.text + channel.state()


async def test_settings_name_what_is_missing_and_hide_the_token():
    assert Options().missing() == "token"
    assert Options(token="  ").missing() == "token"
    options = Options(token=CANARY)
    assert options.missing() == ""
    assert CANARY not in repr(options)
    channel = build(options, network=DIRECT, now=lambda: NOW, public_url="http://127.0.0.1:8000")
    assert channel.state() == "sending only"
    await channel.close()
