"""What is changed of discord.py, and that it still needs to be.

Where one of these fails, the library has changed: look whether the change in `connect.py` can go.
"""

import asyncio
import inspect
import logging

import discord
import pytest
from discord import http
from discord.gateway import DiscordWebSocket

from paperwire.channels.discord.connect import Client, Gate, RateLimit, find_gateway
from servers.direct import DIRECT
from servers.discord import DiscordServer


@pytest.fixture(autouse=True)
def process_wide(monkeypatch):
    """Put back what is set for the whole process."""
    monkeypatch.setattr(http.Route, "BASE", f"https://discord.com/api/v{http.INTERNAL_API_VERSION}")
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)


def test_every_request_goes_to_the_address_of_the_class_as_no_client_takes_one():
    assert list(inspect.signature(http.HTTPClient).parameters) == [
        "loop",
        "connector",
        "proxy",
        "proxy_auth",
        "unsync_clock",
        "http_trace",
        "max_ratelimit_timeout",
    ]
    assert http.Route("GET", "/gateway").url == "https://discord.com/api/v10/gateway"
    Client("http://127.0.0.1:1/api/v10/", Gate(), DIRECT)
    assert http.Route("GET", "/gateway").url == "http://127.0.0.1:1/api/v10/gateway"


async def test_the_gateway_is_that_of_the_class_as_no_client_takes_one():
    assert list(inspect.signature(discord.Client.connect).parameters) == ["self", "reconnect"]
    assert "gateway or cls.DEFAULT_GATEWAY" in inspect.getsource(DiscordWebSocket.from_client)
    async with DiscordServer() as server:
        client = Client(server.url, Gate(), DIRECT)
        await client.login(server.token)
        await find_gateway(client)
        await client.close()
        assert DiscordWebSocket.DEFAULT_GATEWAY.port == int(server.url.split(":")[2].partition("/")[0])


async def handed_over(limit):
    """Whether a request that used up the limit gets its answer before the limit is over."""
    await limit.acquire()
    limit.reset_after = 3600
    leaving = asyncio.create_task(limit.__aexit__(None, None, None))
    others = asyncio.all_tasks() - {leaving, asyncio.current_task()}
    for _ in range(5):
        await asyncio.sleep(0)
    done = leaving.done()
    for task in {leaving, *(asyncio.all_tasks() - others - {asyncio.current_task()})}:
        task.cancel()
    return done


async def test_a_limit_that_is_used_up_hands_over_the_answer_before_it_waits():
    assert not await handed_over(http.Ratelimit(None))
    assert await handed_over(RateLimit(None))


async def test_each_limit_of_a_client_is_of_our_kind_and_others_keep_theirs():
    ours, plain = Client("https://discord.com/api/v10", Gate(), DIRECT), discord.Client(intents=discord.Intents.none())
    assert type(ours.http.get_ratelimit("a")) is RateLimit
    assert ours.http.get_ratelimit("a") is ours.http.get_ratelimit("a")
    assert type(plain.http.get_ratelimit("a")) is http.Ratelimit


async def test_the_library_logs_that_there_is_no_voice_and_each_try_to_connect(monkeypatch, caplog):
    assert '_log.exception("Attempting a reconnect' in inspect.getsource(discord.Client.connect).replace("'", '"')
    for name in ("warn_nacl", "warn_dave"):
        monkeypatch.setattr(discord.VoiceClient, name, True)
    texts = []
    logger = logging.getLogger("discord.client")
    monkeypatch.setattr(logger, "filters", [lambda record: texts.append(record.msg) or True, *logger.filters])
    Client("https://discord.com/api/v10", Gate(), DIRECT)
    assert [text.split()[0] for text in texts] == ["PyNaCl", "davey"]
    assert caplog.text == ""
