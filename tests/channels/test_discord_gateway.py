"""The gateway comes and goes: what was said meanwhile is answered, the state tells, and nothing else stops."""

import asyncio

import pytest

from paperwire.channels.discord.listen import Bot
from paperwire.core.messages.message import Message, Span
from servers.discord import DiscordServer
from servers.discord_listening import listening
from servers.loopback import PATIENCE
from servers.recorder import Recorder

MEMBER = 8


@pytest.fixture
async def discord():
    async with DiscordServer() as server:
        server.channel(2000, server.guild(1000))
        yield server


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """No waiting for the five seconds between two sessions, nor for ours between two tries."""

    async def hook(self, shard_id, *, initial=False):
        pass

    monkeypatch.setattr(Bot, "before_identify_hook", hook)
    monkeypatch.setattr("paperwire.channels.discord.listen.FIRST_PAUSE", 0.01)


async def said(channel, words):
    async with asyncio.timeout(PATIENCE):
        while not channel.state().startswith(words):  # noqa: ASYNC110 -- a state rings no bell
            await asyncio.sleep(0.01)


def hi(key="k"):
    return Message(head=((Span("hi"),),), key=key)


async def test_the_state_tells_of_the_whole_way(discord):
    discord.down = True
    async with listening(discord, Recorder(), ready=False) as channel:
        await said(channel, "reconnecting since 2026-01-05 08:00 UTC")
        await channel.send("2000", hi())  # papers go out all the same
        discord.down = False
        await said(channel, "connected")
    assert channel.state() == "sending only"
    assert repr(channel) == "DiscordChannel('sending only')"


@pytest.mark.parametrize("code", [4000, 1000, 1001, None])
async def test_a_lost_connection_is_resumed_and_what_was_said_meanwhile_is_answered(discord, code):
    recorder = Recorder()
    async with listening(discord, recorder) as channel:
        await said(channel, "connected")
        await discord.drop(code)
        made = await discord.command(MEMBER, "/feed", 2000)
        assert (await discord.answer(made)).text == "feed"
        await said(channel, "connected")
        await channel.send("2000", hi())
    assert (discord.identifies, discord.resumes) == (1, 1)
    assert len(recorder.requests) == 1


async def test_a_reconnect_that_discord_asks_for_is_a_resume(discord):
    async with listening(discord, Recorder()):
        await discord.ask_reconnect()
        await discord.until(lambda: discord.resumes)
        assert (await discord.ask(MEMBER, "/feed", 2000)).text == "feed"
    assert discord.identifies == 1


@pytest.mark.parametrize("resumable", [True, False])
async def test_a_session_that_ended_starts_over(discord, resumable):
    async with listening(discord, Recorder()):
        await discord.invalidate(resumable=resumable)
        await discord.until(lambda: discord.resumes if resumable else discord.identifies == 2)
        await discord.until(lambda: discord.connected)
        assert (await discord.ask(MEMBER, "/feed", 2000)).text == "feed"


async def test_a_resume_that_is_refused_begins_a_new_session(discord):
    discord.refuse_resume = True
    async with listening(discord, Recorder()):
        await discord.drop()
        await discord.until(lambda: discord.identifies == 2)
        assert (await discord.ask(MEMBER, "/feed", 2000)).text == "feed"


async def test_a_token_that_is_refused_is_said_once_and_tried_slowly(discord, capsys):
    discord.token = "another"
    async with listening(discord, Recorder(), ready=False) as channel:
        channel._listener._token = "discord-test-token"
        await said(channel, "token refused since 2026-01-05 08:00 UTC")
        asked = len(discord.calls)
        await asyncio.sleep(0.1)
        assert len(discord.calls) == asked
    assert capsys.readouterr().out.count("channel disconnected") == 1


async def test_a_token_that_the_gateway_alone_refuses_is_said_too(discord):
    async with listening(discord, Recorder()) as channel:
        await said(channel, "connected")
        await discord.drop(4004)
        await said(channel, "token refused")
        await channel.send("2000", hi())


async def test_an_api_that_is_away_is_asked_again(discord):
    for route in ("login", "application", "gateway"):
        discord.fail("unavailable", route=route)
        discord.fail("garbage", route=route)
    async with listening(discord, Recorder(), ready=False) as channel:
        await said(channel, "connected")
        assert (await discord.ask(MEMBER, "/feed", 2000)).text == "feed"


async def test_a_library_that_tries_too_seldom_is_started_afresh(discord, monkeypatch):
    monkeypatch.setattr("paperwire.channels.discord.listen.RECONNECT_TIMEOUT", 0.05)
    async with listening(discord, Recorder()) as channel:
        await said(channel, "connected")
        discord.down = True
        await discord.drop()
        await said(channel, "reconnecting")
        monkeypatch.setattr("discord.backoff.ExponentialBackoff.delay", lambda _: 3600)
        await asyncio.sleep(0.2)
        discord.down = False
        await said(channel, "connected")
        assert (await discord.ask(MEMBER, "/feed", 2000)).text == "feed"


async def test_a_gateway_that_never_answers_is_left(discord, monkeypatch):
    monkeypatch.setattr("paperwire.channels.discord.listen.RECONNECT_TIMEOUT", 0.1)
    discord.mute = True
    async with listening(discord, Recorder(), ready=False) as channel:
        await said(channel, "reconnecting")
        discord.mute = False
        await said(channel, "connected")


async def test_the_gateway_is_the_one_that_the_api_names(discord):
    async with listening(discord, Recorder()):
        pass
    assert any(path.endswith("/gateway") for _, path, _ in discord.calls)


async def test_a_fault_in_an_event_is_logged_and_ends_nothing(discord, monkeypatch, capsys):
    async def fall_over(self):
        raise RuntimeError("oops")

    monkeypatch.setattr(Bot, "on_ready", fall_over, raising=False)
    async with listening(discord, Recorder()):
        out = ""
        async with asyncio.timeout(PATIENCE):
            while "discord event failed" not in out:
                await discord.ask(MEMBER, "/feed", 2000)
                out += capsys.readouterr().out
    assert "oops" in out


async def test_listening_again_on_the_same_channel(discord):
    async with listening(discord, Recorder()) as channel:
        await said(channel, "connected")
    again = asyncio.create_task(channel.listen((), Recorder()))
    await said(channel, "connected")
    again.cancel()
    await asyncio.gather(again, return_exceptions=True)
    await channel.close()


async def test_a_stop_that_the_library_drops_is_repeated(discord, monkeypatch):
    """`asyncio.wait_for` of Python 3.11 drops a cancellation at the moment when the connection is made."""
    connect, dropped = Bot.connect, asyncio.Event()

    async def connect_until_the_end(bot):
        try:
            await connect(bot)
        except asyncio.CancelledError:
            dropped.set()
            await asyncio.Event().wait()

    monkeypatch.setattr(Bot, "connect", connect_until_the_end)
    async with asyncio.timeout(PATIENCE), listening(discord, Recorder()) as channel:
        await said(channel, "connected")
    assert dropped.is_set()
    assert channel.state() == "sending only"


async def test_a_closed_client_runs_no_event(discord, monkeypatch):
    """It has no loop then: the library would leave the event's coroutine without anything that awaits it."""
    bots, told = [], Bot.on_connect

    async def on_connect(bot):
        bots.append(bot)
        await told(bot)

    monkeypatch.setattr(Bot, "on_connect", on_connect)
    async with listening(discord, Recorder()) as channel:
        await said(channel, "connected")
    (bot,) = bots
    bot.dispatch("disconnect")
    assert channel.state() == "sending only"
