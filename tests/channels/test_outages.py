"""The fake platforms themselves: outages last, hit only what they name, and latency delays no other request."""

import asyncio
from collections import Counter

import aiohttp
import pytest

from servers.discord import DiscordServer
from servers.loopback import PATIENCE
from servers.outage import KINDS, Outage
from servers.telegram import TelegramServer

ANSWERED = {
    "server_error": 500,
    "unavailable": 503,
    "bad_gateway": 502,
    "no_body": 502,
    "flood": 429,
    "unauthorized": 401,
}


async def telegram_asks(session, telegram, method, patience=PATIENCE, **values):
    return await status(session.post(f"{telegram.url}/bot{telegram.token}/{method}", data=values), patience)


async def discord_asks(session, discord, method, path, patience=PATIENCE, **values):
    headers = {"Authorization": f"Bot {discord.token}"}
    return await status(session.request(method, discord.url + path, json=values, headers=headers), patience)


async def status(asked, patience):
    """The status of the answer with whether there was a body, `torn`, or `silent`."""
    try:
        async with asyncio.timeout(patience), asked as answer:
            return answer.status, bool(await answer.read())
    except TimeoutError:
        return "silent"
    except aiohttp.ClientError:
        return "torn"


def patience_for(kind):
    return 0.2 if kind.startswith("hang") else PATIENCE


def expected(kind):
    if kind.startswith("hang"):
        return "silent"
    return "torn" if kind.startswith("reset") else (ANSWERED.get(kind, 200), kind != "no_body")


@pytest.mark.parametrize("kind", KINDS)
async def test_an_outage_of_telegram_lasts_until_it_is_ended(kind):
    async with TelegramServer() as telegram, aiohttp.ClientSession() as session:
        telegram.chat(5, "private")
        patience = patience_for(kind)
        telegram.outage = Outage((kind,))
        sends = [await telegram_asks(session, telegram, "sendMessage", patience, chat_id=5, text="hi") for _ in "ab"]
        assert sends == [expected(kind)] * 2
        count = 2 if kind.endswith("_after") else 0
        assert len(await telegram.wait(5, count)) == count
        assert await telegram_asks(session, telegram, "getMe") == (200, True)
        assert telegram.outage.met == {("send", kind): 2}
        telegram.outage = Outage(probe=kind)
        assert await telegram_asks(session, telegram, "sendMessage", chat_id=5, text="hi") == (200, True)
        assert await telegram_asks(session, telegram, "getMe", patience) == expected(kind)
        telegram.outage = None
        assert await telegram_asks(session, telegram, "getMe") == (200, True)


@pytest.mark.parametrize("kind", KINDS)
async def test_an_outage_of_discord_lasts_until_it_is_ended(kind):
    async with DiscordServer() as discord, aiohttp.ClientSession() as session:
        discord.channel(5, discord.guild(1))
        discord.outage = Outage((kind,))
        patience, path = patience_for(kind), "/channels/5/messages"
        said = {"content": "hi", "allowed_mentions": {"parse": []}}
        sends = [await discord_asks(session, discord, "POST", path, patience, **said) for _ in "ab"]
        assert sends == [expected(kind)] * 2
        count = 2 if kind.endswith("_after") else 0
        await discord.until(lambda: len(discord.messages(5)) == count)
        assert await discord_asks(session, discord, "GET", "/users/@me") == (200, True)
        discord.outage = Outage(probe=kind, others=kind)
        assert await discord_asks(session, discord, "GET", "/users/@me", patience) == expected(kind)
        assert await discord_asks(session, discord, "GET", "/gateway", patience) == expected(kind)
        discord.outage = None
        assert await discord_asks(session, discord, "GET", "/users/@me") == (200, True)


def test_a_share_of_the_sends_fails_the_same_at_every_run():
    outages = [Outage(("reset", "no_body"), share=0.7, seed=3) for _ in range(2)]
    first, second = ([outage.kind("send") for _ in range(200)] for outage in outages)
    assert first == second
    assert 120 < 200 - Counter(first)[""] < 160


async def test_latency_holds_up_no_other_request():
    """Twenty requests of an hour each get there together: none waits for the others' answers."""
    async with TelegramServer(latency=3600) as telegram, aiohttp.ClientSession() as session:
        asking = [asyncio.create_task(telegram_asks(session, telegram, "getMe")) for _ in range(20)]
        await telegram.until(lambda: len(telegram.calls) == 20)
        assert not any(task.done() for task in asking)
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)


async def test_an_edit_in_a_group_counts_like_a_message():
    now = 0.0
    async with TelegramServer(clock=lambda: now) as telegram, aiohttp.ClientSession() as session:
        telegram.chat(-5)
        for number in range(19):
            now += 2
            assert await telegram_asks(session, telegram, "sendMessage", chat_id=-5, text=str(number)) == (200, True)
        edited = {"chat_id": -5, "message_id": telegram.messages(-5)[0].id}
        for number, wanted in enumerate((200, 429)):
            now += 2
            answer, _ = await telegram_asks(session, telegram, "editMessageText", text=f"new {number}", **edited)
            assert answer == wanted
        assert telegram.violations == ["over 20 a minute: chat -5"]
