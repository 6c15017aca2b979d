"""Votes on the fake platforms: 👍 and its like to a message are reported, and a pressed button says the new count."""

import asyncio

import pytest

from paperwire.core.messages.message import Button
from paperwire.ports.requests import Reply
from servers.discord import DiscordServer
from servers.discord_listening import listening as on_discord
from servers.recorder import Recorder, text
from servers.telegram import TelegramServer
from servers.telegram_listening import listening as on_telegram

MEMBER = 8


@pytest.fixture
async def discord():
    async with DiscordServer() as server:
        server.channel(2000, server.guild(1000))
        yield server


@pytest.fixture
async def telegram():
    async with TelegramServer() as server:
        server.limits.burst = 100
        yield server


def counted(label="👍 1"):
    """A recorder that answers the button under a card with another count."""
    recorder = Recorder()
    card = text("A paper", Button("👍 Upvote", "vote:5"), Button("Save", "save:5"))
    recorder.replies["feed"] = Reply(message=card)
    keys = {"vote:5": (Button(label, "vote:5"),)}
    recorder.replies["vote:5"] = Reply(message=text(""), toast="You voted for it. 1 vote", keys=keys)
    return recorder


def slowly(reply):
    async def answer(_request):
        await asyncio.sleep(0.15)
        return reply

    return answer


def reported(recorder):
    return [(one.action, one.actor.user_id, one.place.address, one.can_manage) for one in recorder.requests[1:]]


async def test_reactions_on_telegram_are_reported_where_the_bot_is_an_administrator(telegram):
    recorder = counted()
    telegram.chat(-100, bot="administrator", forum=True, topics={7: "LoRA"})
    async with on_telegram(telegram, recorder):
        sent = await telegram.ask(MEMBER, "/feed", -100, 7)
        telegram.react(MEMBER, sent, "👎")
        telegram.react(MEMBER, sent, "👍", "🔥", before=("👎",))
        telegram.react(MEMBER, sent, "🔥", before=("👍", "🔥"))
        telegram.react(MEMBER, sent, "🤔", before=("🔥",))
        telegram.react(MEMBER, sent, "❤", as_chat=True)
        await recorder.until(4)
    up, down = f"place:upvoted:{sent.id}", f"place:unvoted:{sent.id}"
    assert reported(recorder) == [(up, "8", "-100", False), (down, "8", "-100", False), (up, "-100", "-100", False)]
    assert telegram.messages(-100) == [sent]


async def test_reactions_on_discord_are_reported(discord):
    recorder = counted()
    async with on_discord(discord, recorder):
        sent = await discord.ask(MEMBER, "/feed", 2000)
        await discord.react(MEMBER, sent, "👎")
        await discord.react(MEMBER, sent)
        await discord.react(9, sent, bot=True)
        await discord.react(MEMBER, sent, "❤️")
        await discord.react(MEMBER, sent, "👍", back=True)
        await discord.until(lambda: discord.looked_up[-1:] == ["❤️"])
        await discord.react(MEMBER, sent, "👎", back=True)
        await discord.react(7, sent, "⬆️", back=True)  # who added it before we were told
        await recorder.until(4)
        await discord.react(MEMBER, sent, "❤️", back=True)
        await recorder.until(5)
    up, down = f"place:upvoted:{sent.id}", f"place:unvoted:{sent.id}"
    expected = [(up, "8"), (up, "8"), (down, "7"), (down, "8")]
    assert reported(recorder) == [(action, who, "2000", False) for action, who in expected]
    assert discord.messages(2000) == [sent]


async def test_a_pressed_button_says_the_new_count_on_telegram(telegram):
    recorder = counted()
    telegram.chat(-100)
    async with on_telegram(telegram, recorder):
        sent = await telegram.ask(MEMBER, "/feed", -100)
        telegram.press(MEMBER, sent, "👍 Upvote")
        await telegram.until(lambda: sent.edits)
        assert [key["text"] for row in sent.keyboard for key in row] == ["👍 1", "Save"]
        assert sent.text == "A paper"
        telegram.press(MEMBER, sent, "👍 1")
        await telegram.until(lambda: len(telegram.toasts) == 2)
        telegram.chats[-100].sent.clear()  # deleted meanwhile
        telegram.press(MEMBER, sent, "👍 1")
        await telegram.until(lambda: len(telegram.toasts) == 3)
        await telegram.ask(MEMBER, "/subscribe x", -100)
    assert [toast["text"] for toast in telegram.toasts] == ["You voted for it. 1 vote"] * 3


async def test_a_pressed_button_says_the_new_count_on_discord(discord, monkeypatch):
    recorder = counted()
    async with on_discord(discord, recorder):
        sent = await discord.ask(MEMBER, "/feed", 2000)
        await discord.press(MEMBER, sent, "👍 Upvote")
        await discord.until(lambda: sent.edits)
        assert sent.button("👍 1")["custom_id"] == "vote:5"
        assert sent.button("Save")["custom_id"] == "save:5"
        assert sent.text == "A paper"
        assert discord.messages(2000, MEMBER) == [sent]
        monkeypatch.setattr("paperwire.channels.discord.answer.DEFER_AFTER", 0.05)
        recorder.replies["vote:5"] = slowly(recorder.replies["vote:5"])
        await discord.press(MEMBER, sent, "👍 1")
        await discord.until(lambda: len(discord.messages(2000, MEMBER)) == 2)
    assert discord.messages(2000, MEMBER)[1].text == "You voted for it. 1 vote"


async def test_another_process_knows_which_reactions_on_discord_are_left(discord):
    first, second = counted(), counted()
    async with on_discord(discord, first):
        sent = await discord.ask(MEMBER, "/feed", 2000)
        for who, emoji in ((MEMBER, "👍"), (MEMBER, "🔥"), (7, "👍")):
            await discord.react(who, sent, emoji)
        await first.until(4)
    async with on_discord(discord, second):
        await discord.react(MEMBER, sent, "🔥", back=True)
        await discord.until(lambda: discord.looked_up == ["👍"])
        await discord.react(7, sent, "👍", back=True)
        await second.until(1)
        await discord.react(MEMBER, sent, "👍", back=True)
        await second.until(2)
    down = f"place:unvoted:{sent.id}"
    assert [(request.action, request.actor.user_id) for request in second.requests] == [(down, "7"), (down, "8")]


async def test_a_reaction_ends_as_a_vote_where_discord_does_not_say_what_is_left(discord):
    recorder = counted()
    async with on_discord(discord, recorder):
        sent = await discord.ask(MEMBER, "/feed", 2000)
        await discord.react(MEMBER, sent)
        discord.channels[2000].sent.remove(sent)  # deleted
        await discord.react(MEMBER, sent, back=True)
        await recorder.until(3)
    assert reported(recorder)[-1][:2] == (f"place:unvoted:{sent.id}", "8")
