"""The first five minutes in each kind of chat, as people read them: docs/first-minutes.md is made of them.

`WRITE_DOCS=1 python -m pytest tests/e2e/test_first_minutes.py` writes the page and its pictures again.
"""

import asyncio
import io
import os
from pathlib import Path

import pytest
from conversation_world import ANN, BOB, GROUP, PAPERS, conversing, paper
from moving import moving
from transcript import Transcript

from paperwire.channels.console import ConsoleChannel
from paperwire.commands.answer import Commands
from paperwire.commands.table import SPECS
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.pipeline.deliver import Delivery
from paperwire.pipeline.hold import Hold
from paperwire.pipeline.match import Matching
from servers.loopback import PATIENCE

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "first-minutes.md"


@pytest.fixture
async def conversation(store, clock, monkeypatch):
    for limit in ("SUGGEST_WITHIN", "DEFER_AFTER"):  # whatever the machine does besides
        monkeypatch.setattr(f"paperwire.channels.discord.answer.{limit}", PATIENCE)
    async with conversing(store, clock) as made:
        await made.record(paper(1, "LoRA for small diffusion models"), paper(2, "Diffusion for weather"))
        yield made


def next_slot(cadence, zone, after):
    return Cadence.parse(cadence).next_slot(zone, after)


async def announced(conversation, *papers):
    """Let papers be announced and sent."""
    conversation.clock.advance(minutes=5)
    await conversation.record(*papers)
    await deliver(conversation)


async def deliver(conversation):
    """Match what is news and send it."""
    await Matching(conversation.store, now=conversation.clock, next_slot=next_slot).run()
    channels = conversation.context.channels
    delivery = Delivery(
        conversation.store, channels, owner="test", now=conversation.clock, hold=Hold(conversation.store)
    )
    for kind in channels:
        await delivery.run(kind)
    await delivery.shut_down()


async def telegram_chat(conversation):
    told, telegram = Transcript("Telegram"), conversation.telegram
    for text in ("/start", "/subscribe diffusion", "/digest daily 8am"):
        told.does("Ann", text)
        answer = await telegram.ask(ANN, text)
        told.telegram(answer)
    told.does("Ann", "(presses Europe/Berlin)")
    telegram.press(ANN, answer, "Europe/Berlin")
    await telegram.until(lambda: "Time zone" in telegram.messages(ANN)[-1].text)
    told.telegram(telegram.messages(ANN)[-1])
    told.does("Ann", "/digest instant")
    told.telegram(await telegram.ask(ANN, "/digest instant"))
    before = len(telegram.messages(ANN))
    await announced(conversation, paper(3, "Diffusion models that plan"))
    told.telegram((await telegram.wait(ANN, before + 1))[-1])
    told.does("Ann", "/why 2601.00002")
    told.telegram(await telegram.ask(ANN, "/why 2601.00002"))
    return told


async def group_chat(conversation):
    told, telegram = Transcript("A group"), conversation.telegram
    telegram.chats[GROUP].bot = "left"
    telegram.standing(ANN, GROUP, "member")
    (greeting,) = await telegram.wait(GROUP)
    told.does("Ann", "(adds Paperwire to the group)")
    told.telegram(greeting)
    for number, name, text in ((BOB, "Bob, no manager", "/subscribe lora"), (ANN, "Ann, a manager", "/subscribe lora")):
        told.does(name, text)
        told.telegram(await telegram.ask(number, text, GROUP))
    return told


async def discord_chat(conversation):
    told, discord = Transcript("Discord"), conversation.discord
    for text in ("/subscribe diffusoin", "/preview diffusion", "/subscribe diffusion"):
        told.does("Ann", text)
        told.discord(await discord.ask(ANN, text, PAPERS))
    before = len(discord.messages(PAPERS))
    await announced(conversation, paper(4, "Diffusion on graphs"))
    told.discord((await discord.wait(PAPERS, before + 1))[-1])
    return told


async def terminal_chat(conversation, folder):
    told = Transcript("The terminal")
    read, write = os.pipe()
    out = io.StringIO()
    channel = ConsoleChannel(read, out, folder=folder)
    conversation.context.channels[channel.kind] = channel
    commands, shown = Commands(conversation.context), 0
    listening = asyncio.create_task(channel.listen(SPECS, commands.handle))
    for text in ("", "/subscribe lora", "/search weather", "/status"):
        if text:
            told.does("Ann", text)
            os.write(write, f"{text}\n".encode())
        async with asyncio.timeout(PATIENCE):
            while not out.getvalue()[shown:].endswith("\n\n" if text else "\n"):  # noqa: ASYNC110 -- a stream has no event
                await asyncio.sleep(0.01)
        told.terminal(out.getvalue()[shown:])
        shown = len(out.getvalue())
    os.close(write)
    await asyncio.wait_for(listening, PATIENCE)
    os.close(read)
    return told


async def test_the_page_shows_what_people_read(conversation, tmp_path):
    chats = [await telegram_chat(conversation), await group_chat(conversation), await discord_chat(conversation)]
    chats.append(await terminal_chat(conversation, tmp_path))
    page = "\n".join([HEAD, *(chat.markdown() for chat in chats)])
    drawn = {chat.picture: chat.svg() for chat in chats}
    drawn |= {f"images/moving-{chat.title.lower()}.svg": moving(chat.title, shown(chat)) for chat in chats[::2]}
    if os.environ.get("WRITE_DOCS"):
        PAGE.write_text(page)
        for name, picture in drawn.items():
            (DOCS / name).write_text(picture)
    assert PAGE.read_text() == page
    for name, picture in drawn.items():
        assert (DOCS / name).read_text() == picture


def shown(chat):
    """What the first page shows of a chat: a subscription, the alert that it brings, and what is asked about it."""
    begun = chat.said.index(("Ann", "/subscribe diffusion"))
    alert = next(number for number, (_, what) in enumerate(chat.said) if what.startswith("Diffusion "))
    return [*chat.said[begun : begun + 2], *chat.said[alert:]]


HEAD = """# The first five minutes

What Paperwire says in each kind of chat, from a real run of the commands (a test keeps this page true).
"""
