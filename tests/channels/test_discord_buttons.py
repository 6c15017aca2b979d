"""Buttons on a fake Discord: after restarts, with the rights of now, edits, toasts and private answers."""

import asyncio

import pytest

from paperwire.core.messages.message import Button, Message
from paperwire.ports.requests import Reply
from servers.discord import DiscordServer
from servers.discord_listening import listening
from servers.recorder import Recorder, text

MANAGER, MEMBER = 7, 8


@pytest.fixture
async def discord():
    async with DiscordServer() as server:
        guild = server.guild(1000, managers=(MANAGER,))
        papers = server.channel(2000, guild)
        server.thread(2001, papers, "LoRA")
        yield server


@pytest.fixture
def quick(monkeypatch):
    """What is not answered at once is slow."""
    monkeypatch.setattr("paperwire.channels.discord.answer.DEFER_AFTER", 0.05)


def slow(reply):
    async def answer(request):
        await asyncio.sleep(0.15)
        return reply

    return answer


async def test_a_button_brings_its_action_and_the_rights_of_who_presses_it(discord):
    recorder = Recorder()
    recorder.replies["subscribe"] = Reply(message=text("Subscribed", Button("Undo", "undo:12")))
    async with listening(discord, recorder):
        sent = await discord.ask(MANAGER, "/subscribe x", 2000)
        answer = await discord.answer(await discord.press(MANAGER, sent, "Undo"))
        assert answer.text == "undo:12"
        discord.guilds[1000].members[MANAGER] = set()  # no longer a manager: the old button knows
        await discord.press(MANAGER, sent, "Undo")
        await recorder.until(3)
    assert [request.can_manage for request in recorder.requests] == [True, True, False]
    assert recorder.requests[1].action == "undo:12"
    assert recorder.requests[1].command == ""


async def test_a_button_works_after_a_restart(discord):
    recorder = Recorder()
    async with listening(discord, recorder) as channel:
        await channel.send("2000", text("A paper", Button("Save", "save:5"), key="k"))
    (sent,) = discord.messages(2000)
    async with listening(discord, recorder):
        answer = await discord.answer(await discord.press(MEMBER, sent, "Save"))
    assert answer.text == "save:5"


async def test_an_answer_may_take_the_place_of_the_message_with_the_button(discord):
    recorder = Recorder()
    recorder.replies["feed"] = Reply(message=text("Page 1", Button("Next", "page:2")))
    recorder.replies["page:2"] = Reply(message=text("Page 2"), edit=True)
    async with listening(discord, recorder):
        sent = await discord.ask(MEMBER, "/feed", 2000)
        await discord.press(MEMBER, sent, "Next")
        await discord.until(lambda: sent.edits)
    assert sent.text == "Page 2"
    assert sent.rows == []
    assert discord.messages(2000) == [sent]
    assert sent.body["allowed_mentions"] == {"parse": []}


async def test_a_slow_edit_still_edits(discord, quick):
    recorder = Recorder()
    recorder.replies["feed"] = Reply(message=text("Page 1", Button("Next", "page:2")))
    recorder.replies["page:2"] = slow(Reply(message=text("Page 2"), edit=True))
    async with listening(discord, recorder):
        sent = await discord.ask(MEMBER, "/feed", 2000)
        await discord.press(MEMBER, sent, "Next")
        await discord.until(lambda: sent.edits)
    assert sent.text == "Page 2"
    assert discord.messages(2000) == [sent]


@pytest.mark.parametrize("late", [False, True])
async def test_an_edit_of_a_message_that_is_gone_becomes_a_message(discord, quick, late):
    recorder = Recorder()
    reply = Reply(message=text("Page 2"), edit=True)
    recorder.replies["feed"] = Reply(message=text("Page 1", Button("Next", "page:2")))
    recorder.replies["page:2"] = slow(reply) if late else reply
    async with listening(discord, recorder):
        sent = await discord.ask(MEMBER, "/feed", 2000)
        discord.channels[2000].sent.remove(sent)
        await discord.press(MEMBER, sent, "Next")
        await discord.wait(2000)
    assert [message.text for message in discord.messages(2000)] == ["Page 2"]


@pytest.mark.parametrize("late", [False, True])
async def test_a_private_answer_to_a_button_is_seen_by_one(discord, quick, late):
    recorder = Recorder()
    reply = Reply(message=text("your link"), private=True)
    recorder.replies["subscribe"] = Reply(message=text("Subscribed", Button("Feed", "feed:1")))
    recorder.replies["feed:1"] = slow(reply) if late else reply
    async with listening(discord, recorder):
        sent = await discord.ask(MANAGER, "/subscribe x", 2000)
        await discord.press(MEMBER, sent, "Feed")
        await discord.wait(2000, 2, by=MEMBER)
    assert [message.text for message in discord.messages(2000)] == ["Subscribed"]
    assert [message.text for message in discord.messages(2000, MEMBER)] == ["Subscribed", "your link"]


@pytest.mark.parametrize("late", [False, True])
async def test_a_toast_is_for_one_and_nothing_is_nothing(discord, quick, late):
    recorder = Recorder()
    toast, nothing = Reply(message=Message(), toast="Saved."), Reply(message=Message())
    recorder.replies["feed"] = Reply(message=text("A paper", Button("Save", "save:1"), Button("Hide", "hide:1")))
    recorder.replies["save:1"] = slow(toast) if late else toast
    recorder.replies["hide:1"] = slow(nothing) if late else nothing
    async with listening(discord, recorder):
        sent = await discord.ask(MANAGER, "/feed", 2000)
        hidden = await discord.press(MEMBER, sent, "Hide")
        await discord.until(lambda: hidden.answered)
        await discord.press(MEMBER, sent, "Save")
        await discord.wait(2000, 2, by=MEMBER)
    assert [message.text for message in discord.messages(2000, MEMBER)] == ["A paper", "Saved."]
    assert len(discord.messages(2000)) == 1


async def test_what_channels_report_themselves_no_button_says(discord):
    recorder = Recorder()
    recorder.replies["feed"] = Reply(message=text("x", Button("Close", "place:closed"), Button("Ok", "ok:1")))
    async with listening(discord, recorder):
        sent = await discord.ask(MEMBER, "/feed", 2000)
        await discord.press(MEMBER, sent, "Close")
        await discord.answer(await discord.press(MEMBER, sent, "Ok"))
    assert [request.action for request in recorder.requests] == ["", "ok:1"]


async def test_an_edit_that_discord_refuses_is_lost_alone(discord):
    recorder = Recorder()
    recorder.replies["feed"] = Reply(message=text("Page 1", Button("Next", "page:2")))
    recorder.replies["page:2"] = Reply(message=text("Page 2"), edit=True)
    async with listening(discord, recorder):
        sent = await discord.ask(MEMBER, "/feed", 2000)
        discord.fail("unknown_webhook", route="callback")
        await discord.press(MEMBER, sent, "Next")
        await discord.until(lambda: not discord.faults)
        assert (await discord.ask(MEMBER, "/feed", 2000)).text == "Page 1"
    assert sent.text == "Page 1"
