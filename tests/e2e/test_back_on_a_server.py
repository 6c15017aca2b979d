"""The bot is back where it was removed: one press sends papers again in all chats there, over both platforms."""

import asyncio

import discord
import pytest
from conversation_world import ANN, BOB, FORUM, PAPERS, SERVER, conversing

from paperwire.channels.discord.listen import Bot
from paperwire.ports.callers import Place
from paperwire.services.places.places import report
from servers.discord_people import plain
from servers.loopback import PATIENCE

OTHER, QUIET = 2005, 2006
TOPICS = {5: "papers", 6: "talks", 7: "quiet"}


class OnTelegram:
    """A group with three topics."""

    kind, places = "telegram", [f"{FORUM}/{topic}" for topic in TOPICS]

    def __init__(self, world):
        self.world, self.server = world, world.telegram
        self.server.chats[FORUM].topics.update(TOPICS)

    def labels(self, sent):
        return [key["text"] for row in sent.keyboard for key in row]

    async def ask(self, who, text, number):
        return await self.server.ask(who, text, FORUM, [*TOPICS][number])

    async def press(self, who, sent, label):
        noted, written = len(self.server.toasts), len(self.server.messages(FORUM))
        self.server.press(who, sent, label)
        await self.server.until(lambda: len(self.server.toasts) > noted and self.server.confirmed())
        new = self.server.messages(FORUM)[written:]
        return new[-1].text if new else self.server.toasts[-1].get("text", "")

    async def removed_and_back(self):
        self.server.standing(ANN, FORUM, "kicked")
        await self.server.until(self.server.confirmed)
        before = len(self.server.messages(FORUM))
        self.server.standing(ANN, FORUM, "member")
        return (await self.server.wait(FORUM, before + 1))[before]


class OnDiscord:
    """A server with three channels; the welcome comes to the system channel."""

    kind, places = "discord", [str(PAPERS), str(OTHER), str(QUIET)]

    def __init__(self, world):
        self.world, self.server = world, world.discord
        for number, name in ((OTHER, "other"), (QUIET, "quiet")):
            self.server.channel(number, self.server.guilds[SERVER], name)

    def labels(self, sent):
        return [label for row in sent.labels for label in row]

    async def ask(self, who, text, number):
        return await self.server.ask(who, text, int(self.places[number]))

    async def press(self, who, sent, label):
        return plain((await self.server.answer(await self.server.press(who, sent, label))).text)

    async def removed_and_back(self):
        guild = self.server.guilds[SERVER]
        guild.system = PAPERS
        await asyncio.wait_for(self.world.ready.wait(), PATIENCE)
        await self.server.leave(guild)
        await asyncio.wait_for(self.world.closed.wait(), PATIENCE)
        self.server.guilds[SERVER] = guild
        before = len(self.server.messages(PAPERS))
        await self.server.join(guild)
        return (await self.server.wait(PAPERS, before + 1))[before]


PLATFORMS = {"telegram": OnTelegram, "discord": OnDiscord}


@pytest.fixture
async def conversation(store, clock, monkeypatch):
    """With `ready`, after which a server that Discord's library hears of counts as new, and `closed`."""
    ready, closed = asyncio.Event(), asyncio.Event()

    async def on_ready(_bot):
        ready.set()

    async def reported(context, caller, what, detail):
        answer = await report(context, caller, what, detail)
        if what == "closed":
            closed.set()
        return answer

    monkeypatch.setattr(Bot, "on_ready", on_ready, raising=False)
    monkeypatch.setattr("paperwire.commands.accounts.start.report", reported)
    async with conversing(store, clock) as made:
        made.ready, made.closed = ready, closed
        yield made


@pytest.fixture(params=PLATFORMS)
async def chats(conversation, request):
    made = PLATFORMS[request.param](conversation)
    for number in range(3):
        await made.ask(ANN, "/subscribe lora", number)
    await made.ask(ANN, "/pause", 2)
    return made


async def paused(chats):
    """Why each of the three is paused."""
    places = [Place(channel=chats.kind, address=address, kind="channel") for address in chats.places]
    async with chats.world.store.read() as unit:
        return [(await unit.places.at(place)).paused for place in places]


async def test_one_press_resumes_all_that_the_removal_closed_and_no_pause_of_a_person(chats):
    welcome = await chats.removed_and_back()
    assert "paused since the bot was removed." in plain(welcome.text)
    assert await paused(chats) == ["removed", "removed", "asked:Ann"]
    await chats.world.restart()
    assert "Only managers" in await chats.press(BOB, welcome, "Resume everywhere")
    assert await paused(chats) == ["removed", "removed", "asked:Ann"]
    assert (await chats.press(ANN, welcome, "Resume everywhere")).startswith("Resumed in 2 chats.")
    assert await paused(chats) == ["", "", "asked:Ann"]
    assert await chats.press(ANN, welcome, "Resume everywhere") == "No chat is paused since the bot was removed."


async def test_the_first_chat_where_a_manager_writes_offers_the_same(chats):
    await chats.removed_and_back()
    answer = await chats.ask(ANN, "/preview lora", 1)
    assert plain(answer.text).startswith("Back again. Papers that matched meanwhile were kept:")
    assert "\n1 other chat has been paused since the bot was removed." in plain(answer.text)
    assert chats.labels(answer)[:2] == ["Resume", "Resume everywhere"]
    assert "Back again" not in (await chats.ask(BOB, "/preview lora", 1)).text
    resumed = await chats.ask(ANN, "/resume", 1)
    assert "1 other chat has been paused" in resumed.text
    assert chats.labels(resumed) == ["Undo", "Resume everywhere"]
    assert await paused(chats) == ["removed", "", "asked:Ann"]
    assert "other chat" not in (await chats.ask(ANN, "/preview lora", 1)).text
    assert (await chats.press(ANN, resumed, "Resume everywhere")).startswith("Resumed in 1 chat.")
    assert (await chats.press(ANN, resumed, "Undo")).startswith("Paused.")
    assert await paused(chats) == ["", "asked:Ann", "asked:Ann"]


async def test_on_discord_a_channel_without_rights_stays_paused(conversation):
    chats = OnDiscord(conversation)
    for number in range(3):
        await chats.ask(ANN, "/subscribe lora", number)
    welcome = await chats.removed_and_back()
    conversation.discord.channels[OTHER].denied = discord.Permissions(send_messages=True).value
    managing = discord.Permissions(administrator=True, manage_guild=True, manage_channels=True)
    conversation.discord.channels[QUIET].denied_all = managing.value
    pressed = await chats.press(ANN, welcome, "Resume everywhere")
    assert pressed.startswith(
        "Resumed in 1 chat. Papers come there again, starting with those that were missed.\n2 chats"
    )
    assert "stay paused: you don't manage them, or the bot can't post there." in pressed
    assert await paused(chats) == ["", "removed", "removed"]
