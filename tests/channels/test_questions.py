"""Questions and answers that change later, over the fake platforms and in the terminal."""

import asyncio
import io
import os
import re
from dataclasses import replace
from functools import partial

import pytest

from paperwire.channels.console import ConsoleChannel
from paperwire.core.messages.message import Message, Span
from paperwire.errors import Rejected
from paperwire.ports.requests import CommandSpec, Question, Reply, Update
from servers.discord import DiscordServer
from servers.discord_listening import listening as listening_to_discord
from servers.loopback import PATIENCE
from servers.recorder import Recorder, text
from servers.telegram import TelegramServer
from servers.telegram_listening import SPECS
from servers.telegram_listening import listening as listening_to_telegram
from servers.telegram_people import BOT_ID

QUESTION = Question("subscribe", "What are you looking for?", "diffusion model", {"when": "daily 08:00"})
ASKING = Reply(message=text("What are you looking for?"), question=QUESTION)
MANAGER = 7


class Later:
    """What an answer becomes once `known` is set."""

    def __init__(self, shown="6 a week", line="Now known: 6 a week"):
        self.known = asyncio.Event()
        self.change = Update(Reply(message=text(shown)), text(line)) if shown else None

    async def __call__(self):
        await self.known.wait()
        if isinstance(self.change, Exception):
            raise self.change
        return self.change


@pytest.fixture
async def telegram():
    async with TelegramServer() as server:
        server.limits.burst = 100
        yield server


@pytest.fixture
async def discord():
    async with DiscordServer() as server:
        server.channel(2000, server.guild(1000, managers=(MANAGER,)))
        yield server


def reply_to(telegram, sent):
    bot = {"id": BOT_ID, "is_bot": True, "first_name": "Paperwire", "username": telegram.username}
    chat = telegram.chats[sent.chat].json()
    return {"reply_to_message": {"message_id": sent.id, "date": 1, "chat": chat, "from": bot, "text": sent.text}}


# --- Telegram ----------------------------------------------------------------------------------------------------


async def test_telegram_asks_for_a_reply_with_an_example_in_the_field(telegram):
    recorder = Recorder()
    recorder.replies["subscribe"] = ASKING
    async with listening_to_telegram(telegram, recorder):
        sent = await telegram.ask(100, "/subscribe")
        assert sent.raw["reply_markup"] == (
            '{"force_reply": true, "input_field_placeholder": "diffusion model", "selective": true}'
        )
        await telegram.ask(100, "graph neural networks")
    assert (recorder.requests[1].command, recorder.requests[1].args) == ("", "graph neural networks")


async def note(noted, message):
    noted.append(message)


async def test_in_a_group_replies_to_the_question_are_read_and_other_words_are_not(telegram):
    recorder = Recorder()
    recorder.replies["subscribe"] = ASKING
    telegram.chat(-100, admins={100})
    noted = []
    recorder.replies["subscribe"] = replace(ASKING, on_asked=partial(note, noted))
    async with listening_to_telegram(telegram, recorder):
        asked = await telegram.ask(100, "/subscribe", -100)
        alert = await telegram.ask(100, "/feed", -100)
        telegram.say(100, "lovely weather", -100)
        telegram.say(100, "what a paper", -100, **reply_to(telegram, alert))
        telegram.say(100, "graphs", -100, **reply_to(telegram, asked))
        await recorder.until(4)
    assert noted == [str(asked.id)]
    assert [(request.command, request.args, request.replied) for request in recorder.requests] == [
        ("subscribe", "", ""),
        ("feed", "", ""),
        ("", "what a paper", str(alert.id)),
        ("", "graphs", str(asked.id)),
    ]


async def test_a_caret_and_what_it_points_at_are_one_block(telegram):
    code = tuple((Span(line, "code"),) for line in ("lora (model", "     ^"))
    recorder = Recorder()
    recorder.replies["subscribe"] = Reply(message=Message(head=((Span("Wrong:"),), *code, (Span("Add a )."),))))
    async with listening_to_telegram(telegram, recorder):
        sent = await telegram.ask(100, "/subscribe x")
    assert sent.html == "Wrong:\n<pre>lora (model\n     ^</pre>\nAdd a )."


async def test_telegram_edits_an_answer_when_more_is_known(telegram):
    recorder, later = Recorder(), Later()
    recorder.replies["subscribe"] = Reply(message=text("being read"), update=later)
    async with listening_to_telegram(telegram, recorder):
        sent = await telegram.ask(100, "/subscribe x")
        later.known.set()
        await telegram.until(lambda: sent.edits == 1)
    assert sent.text == "6 a week"


async def test_telegram_sends_a_line_where_the_answer_is_gone(telegram):
    recorder, later = Recorder(), Later()
    recorder.replies["subscribe"] = Reply(message=text("being read"), update=later)
    async with listening_to_telegram(telegram, recorder):
        await telegram.ask(100, "/subscribe x")
        telegram.chats[100].sent.clear()
        later.known.set()
        await telegram.wait(100)
    assert telegram.messages(100)[-1].text == "Now known: 6 a week"


@pytest.mark.parametrize("change", [None, Rejected("too long"), ValueError("a fault of ours")])
async def test_an_answer_that_becomes_nothing_stays(telegram, change):
    recorder, later = Recorder(), Later()
    later.change = change
    recorder.replies["subscribe"] = Reply(message=text("being read"), update=later)
    async with listening_to_telegram(telegram, recorder):
        sent = await telegram.ask(100, "/subscribe x")
        later.known.set()
        await telegram.ask(100, "/feed")
    assert (sent.text, sent.edits) == ("being read", 0)


async def test_waiting_ends_with_the_channel(telegram):
    recorder, later = Recorder(), Later()
    recorder.replies["subscribe"] = Reply(message=text("being read"), update=later)
    async with listening_to_telegram(telegram, recorder):
        sent = await telegram.ask(100, "/subscribe x")
    later.known.set()
    await asyncio.sleep(0)
    assert sent.edits == 0


async def answered():
    """Return once the channel has dealt with what it was asked: a form is known to it a moment after it was shown."""
    if running := [task for task in asyncio.all_tasks() if "Tasks._logged" in repr(task.get_coro())]:
        await asyncio.wait(running)


# --- Discord -----------------------------------------------------------------------------------------------------


async def test_discord_asks_in_a_form(discord):
    recorder, noted = Recorder(), []
    recorder.replies["subscribe"] = replace(ASKING, on_asked=partial(note, noted))
    async with listening_to_discord(discord, recorder):
        made = await discord.command(MANAGER, "/subscribe x", 2000)
        await discord.until(lambda: made.form is not None)
        assert made.form["title"] == QUESTION.label
        assert made.form["components"][0]["component"]["placeholder"] == QUESTION.example
        recorder.replies.clear()
    async with listening_to_discord(discord, recorder):  # another process
        filled = await discord.fill(MANAGER, made, " graph neural networks ")
        answer = await discord.answer(filled)
    assert answer.text == "graph neural networks"
    request = recorder.requests[1]
    assert noted == [made.form["custom_id"]]
    assert (request.command, request.args, request.replied) == ("", "graph neural networks", noted[0])
    assert request.can_manage
    assert discord.invalid == []


async def test_discord_says_what_to_type_where_no_form_is_taken_any_more(discord, monkeypatch):
    monkeypatch.setattr("paperwire.channels.discord.answer.DEFER_AFTER", 0.01)
    recorder, deferred = Recorder(), asyncio.Event()

    async def slow(_request):
        await deferred.wait()
        return ASKING

    recorder.replies["subscribe"] = slow
    async with listening_to_discord(discord, recorder):
        made = await discord.command(MANAGER, "/subscribe x", 2000)
        await discord.until(lambda: made.original is not None)
        deferred.set()
        await discord.until(lambda: discord.messages(2000, MANAGER))
        assert re.search(r"</subscribe:\d+> diffusion model", discord.messages(2000, MANAGER)[-1].text)


async def test_discord_reports_a_form_that_it_does_not_take(discord):
    recorder = Recorder()

    async def late(_request):
        discord.answer_within = -1.0
        return ASKING

    recorder.replies["subscribe"] = late
    async with listening_to_discord(discord, recorder):
        await discord.command(MANAGER, "/subscribe x", 2000)
        await recorder.until(1)
        discord.answer_within = 3.0
        await discord.ask(MANAGER, "/feed", 2000)
    assert [request.command for request in recorder.requests] == ["subscribe", "feed"]


async def test_discord_edits_an_answer_when_more_is_known(discord):
    recorder, later = Recorder(), Later()
    recorder.replies["subscribe"] = Reply(message=text("being read"), update=later)
    async with listening_to_discord(discord, recorder):
        sent = await discord.ask(MANAGER, "/subscribe x", 2000)
        later.known.set()
        await discord.until(lambda: sent.edits == 1)
    assert sent.text == "6 a week"


async def test_discord_sends_a_line_where_no_edit_is_taken_any_more(discord):
    recorder, later = Recorder(), Later()
    recorder.replies["subscribe"] = Reply(message=text("being read"), update=later)
    async with listening_to_discord(discord, recorder):
        sent = await discord.ask(MANAGER, "/subscribe x", 2000)
        discord.interactions.clear()
        later.known.set()
        await discord.wait(2000, 2)
    assert sent.edits == 0
    assert discord.messages(2000)[-1].text == "Now known: 6 a week"


async def test_discord_gives_up_where_neither_is_taken(discord):
    recorder, later = Recorder(), Later()
    recorder.replies["subscribe"] = Reply(message=text("being read"), update=later)
    async with listening_to_discord(discord, recorder):
        await discord.ask(MANAGER, "/subscribe x", 2000)
        discord.interactions.clear()
        discord.channels[2000].deleted = True
        later.known.set()
        answer = await discord.ask(MANAGER, "/feed")
    assert answer.text == "feed"


# --- the terminal ------------------------------------------------------------------------------------------------


async def test_in_the_terminal_the_next_line_is_the_answer_unless_it_is_a_command(tmp_path):
    read, write = os.pipe()
    channel = ConsoleChannel(read, io.StringIO(), folder=tmp_path)
    asked = []

    async def handler(request):
        asked.append((request.command, request.args))
        return ASKING if request.command == "subscribe" else Reply(message=text("done"))

    os.write(write, b"/subscribe\n\ngraph neural networks\nhelp\n/subscribe\n/help\n")
    os.close(write)
    await asyncio.wait_for(channel.listen((*SPECS, CommandSpec("help", "All commands")), handler), PATIENCE)
    os.close(read)
    assert asked == [("subscribe", ""), ("", "graph neural networks"), ("", "help"), ("subscribe", ""), ("help", "")]


async def test_in_the_terminal_the_line_alone_follows(tmp_path):
    read, write = os.pipe()
    out, later = io.StringIO(), Later()
    channel = ConsoleChannel(read, out, folder=tmp_path)
    printed = asyncio.Event()

    async def handler(request):
        if request.command == "subscribe":
            later.known.set()
            return Reply(message=text("being read"), update=replace_when_shown)
        printed.set()
        return Reply(message=text("done"))

    async def replace_when_shown():
        change = await later()
        os.write(write, b"help\n")
        return replace(change)

    listening = asyncio.ensure_future(channel.listen((), handler))
    os.write(write, b"/subscribe x\n")
    await asyncio.wait_for(printed.wait(), 10)
    os.close(write)
    await asyncio.wait_for(listening, 10)
    os.close(read)
    assert out.getvalue().index("being read") < out.getvalue().index("Now known: 6 a week")
