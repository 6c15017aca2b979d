"""A new command is one file: each place where people talk to the service lists, completes and answers it."""

import asyncio
import io
import os
from dataclasses import replace

import pytest
from conversation_world import ANN, PAPERS, conversing
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from toy_command import COMMANDS as TOY

from paperwire.channels._editor import ScreenWords
from paperwire.channels.console import ConsoleChannel
from paperwire.commands.answer import Commands
from paperwire.commands.table import COMMANDS
from servers.loopback import PATIENCE


@pytest.fixture
async def conversation(store, clock):
    async with conversing(store, clock, (*COMMANDS, *TOY)) as made:
        yield made


async def test_telegram_lists_it_and_answers_it_and_its_button(conversation):
    telegram = conversation.telegram
    assert "echo" in {command["command"] for menu in telegram.menus.values() for command in menu}
    assert "/echo" in (await telegram.ask(ANN, "/help")).text
    said = await telegram.ask(ANN, "/echo hello")
    assert said.text == "You said hello."
    telegram.press(ANN, said, "Again")
    assert (await telegram.wait(ANN, 3))[2].text == "You said hello."


async def test_discord_lists_it_offers_its_choices_and_answers_it_and_its_button(conversation):
    discord = conversation.discord
    (listed,) = [command for command in discord.commands if command["name"] == "echo"]
    assert [choice["value"] for choice in listed["options"][0]["choices"]] == ["hello", "goodbye"]
    assert "/echo" in (await discord.ask(ANN, "/help", PAPERS)).text
    said = await discord.ask(ANN, "/echo hello", PAPERS)
    assert said.text == "You said hello."
    assert (await discord.answer(await discord.press(ANN, said, "Again"))).text == said.text
    assert list((await discord.complete(ANN, "help", "ec")).values()) == ["echo"]


async def test_the_terminal_completes_it_and_answers_it(conversation, tmp_path):
    read, write = os.pipe()
    out = io.StringIO()
    channel = ConsoleChannel(read, out, folder=tmp_path)
    listed = (*COMMANDS, *TOY)
    specs = tuple(command.spec for command in listed)
    commands = Commands(replace(conversation.context, specs=specs), listed)
    os.write(write, b"/help\n/echo hello\n")
    os.close(write)
    await asyncio.wait_for(channel.listen(specs, commands.handle), PATIENCE)
    os.close(read)
    assert "/echo" in out.getvalue()
    assert "You said hello." in out.getvalue()
    offered = ScreenWords(specs).get_completions(Document("/ec"), CompleteEvent())
    assert [one.text for one in offered] == ["echo"]
