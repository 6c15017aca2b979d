"""People who press what isn't theirs, come twice, late or at once, or send what no one can read: over both wires."""

import asyncio
import re
from copy import copy
from dataclasses import replace

import pytest
from conversation_world import ANN, BOB, FORUM, GROUP, NEWS, PAPERS, POST, SERVER, conversing, paper
from lives import LIVES
from test_help import LISTED, names
from test_rights import SHARED

from servers.discord_people import plain

EVE = 9
"""A second manager."""
BOTS = """<?xml version="1.0" encoding="utf-8"?>
<opml version="1.0"><head><title>Subscriptions of @TheFeedReaderBot</title></head><body>
<outline text="Papers" title="Papers"><outline text="Deep"><outline text="NLP" title="NLP" type="rss"
 xmlUrl="http://export.arxiv.org/rss/cs.CL" htmlUrl="https://arxiv.org/"/></outline></outline>
<outline text="Search" type="atom" xmlUrl="feed://export.arxiv.org/api/query?search_query=ti:%22graph+network%22&amp;sortBy=submittedDate"/>
<outline text="An author" xmlUrl="https://arxiv.org/a/liu_j_1.atom2"/>
<outline text="A channel" type="rss" xmlUrl="https://rsshub.example.org/telegram/channel/papers"/>
<outline text="Without an address"/>
</body></opml>"""
FILES = {
    "bots.opml": (BOTS.encode(), "3 will be subscribed."),
    "windows.txt": ("\ufefflora\r\n\r\nqlora\r\n".encode(), "2 will be subscribed.\n• lora\n• qlora\n"),
    "many.txt": (
        "\n".join(f"word{each}" for each in range(201)).encode(),
        "This list has 201 entries, and at most 200",
    ),
    "cut.opml": (BOTS[:-40].encode(), "This OPML file can't be read"),
    "page.xml": (b"<html><body>no</body></html>", "This isn't an OPML file."),
    "picture.png": (b"\x89PNG\r\n\x1a\n\x00\xff", "picture.png can't be read"),
    "noise.txt": (b"\xff\xfe\x00\xd8\x00", "can't be read"),
    "nothing.txt": (b" \n\n", "nothing.txt can't be read"),
}
MARKUP = str.maketrans("", "", "*`\u2060")


@pytest.fixture
async def world(store, clock):
    async with conversing(store, clock) as made:
        made.telegram.chats[GROUP].admins.add(EVE)
        made.telegram.person(EVE, "Eve")
        guild = made.discord.guilds[SERVER]
        guild.members[EVE] = set(guild.members[ANN])
        yield made


class Place:
    """The group on Telegram or the channel on Discord, where several people type and press."""

    def __init__(self, world, kind):
        self.kind, self.server = kind, getattr(world, kind)
        self.chat = {"telegram": GROUP, "discord": PAPERS}[kind]

    async def sends(self, who, name, content):
        """What is answered to a list in a file."""
        if self.kind == "discord":
            self.server.files[name] = content
            return await self.server.ask(who, "/import", self.chat, options={"file": name})
        before = len(self.server.messages(self.chat))
        self.server.send_file(who, name, content, "/import", self.chat)
        return (await self.server.wait(self.chat, before + 1))[before]

    async def presses(self, who, sent, label):
        """What they read then, in a message or over the chat."""
        if self.kind == "discord":
            return plain((await self.server.answer(await self.server.press(who, sent, label))).text)
        noted = len(self.server.toasts)
        self.server.press(who, sent, label)
        await self.server.until(lambda: len(self.server.toasts) > noted and self.server.confirmed())
        return f"{self.server.toasts[noted].get('text') or ''}\n{self.server.messages(self.chat)[-1].text}"


@pytest.fixture(params=["telegram", "discord"])
def place(request, world):
    return Place(world, request.param)


async def test_strangers_and_a_second_manager_at_an_import(world, place):
    preview = await place.sends(ANN, "list.txt", b"lora\nqlora")
    stale = copy(preview)
    assert "Only managers" in await place.presses(BOB, preview, "Subscribe to all 2")
    assert await world.queries() == []
    assert "Subscribed to 2." in await place.presses(EVE, preview, "Subscribe to all 2")
    assert "Already subscribed to all of these." in await place.presses(ANN, stale, "Subscribe to all 2")
    done = next(sent for sent in reversed(place.server.messages(place.chat)) if "Subscribed to 2." in plain(sent.text))
    assert "Only managers" in await place.presses(BOB, done, "Undo")
    assert await world.queries() == ["lora", "qlora"]
    assert "2 subscriptions taken back." in await place.presses(ANN, done, "Undo")
    assert await world.queries() == []


@pytest.mark.parametrize("name", FILES)
async def test_files_that_people_send(place, name):
    content, answer = FILES[name]
    assert answer in plain((await place.sends(ANN, name, content)).text).translate(MARKUP)


@pytest.mark.parametrize("kind", ["telegram", "discord"])
async def test_a_friend_takes_a_link_over_twice(world, kind):
    ann, bob = LIVES[kind](world, None), LIVES[kind](world, None, BOB)
    await ann.says("/subscribe lora")
    shared = (await ann.presses(await ann.says("/subscriptions 1"), "Share")).sent
    code = re.search(r"start=([\w-]+)", " ".join([shared.text, *shared.links]))[1]
    preview = await bob.says(f"/start {code}")
    stale = replace(preview, sent=copy(preview.sent))
    assert "Subscribed: lora (#1)" in (await bob.presses(preview, "Subscribe")).text
    assert "lready" in (await bob.presses(stale, "Subscribe")).text
    await world.restart()
    again = await bob.says(f"/start {code}")
    assert "lready" in (await bob.presses(again, "Subscribe")).text
    assert await world.queries() == ["lora", "lora"]
    await ann.says("/unsubscribe 1")
    assert "lora" in (await bob.says("/subscriptions")).text


async def test_help_in_every_other_kind_of_chat(world):
    telegram, discord = world.telegram, world.discord
    telegram.post(NEWS, "/help")
    topic = await telegram.ask(BOB, "/help", FORUM, 5)
    channel = (await telegram.wait(NEWS))[0]
    thread = await discord.ask(BOB, "/help", POST)
    assert names(topic) == names(channel) == LISTED["telegram group"]
    assert names(thread) == LISTED["discord channel"]


ASKED = (
    *("/subscribe lora", "/subscribe qlora", "/subscriptions", "/subscriptions lora", "/settings", "/quiet", "/style"),
    *("/digest weekly mon 09:00", "/mutes", "/watch 2601.00001 2601.00002", "/watch", "/agenda", "/search lora"),
    *("/preview lora", "/submit 2601.00002", "/status", "/unsubscribe qlora", "/start", "/help", "/unsubscribe lora"),
)
"""What a manager asks among others."""
WRONG = "Something went wrong"


def actions_of(sent):
    """What the buttons under an answer do."""
    rows = sent.rows if hasattr(sent, "rows") else sent.keyboard
    actions = (key.get("callback_data") or key.get("custom_id") for row in rows for key in row)
    return [action for action in actions if action]


@pytest.mark.whole
@pytest.mark.parametrize(("kind", "chat"), [("telegram", "telegram group"), ("discord", "discord channel")])
async def test_each_button_is_pressed_by_others_twice_and_after_a_month(world, kind, chat):
    place, here = Place(world, kind), SHARED[chat](world)
    await world.record(paper(1, "LoRA"), paper(2, "LoRA for graphs"))
    pressed = []
    for typed in ASKED:
        actions = actions_of(await place.server.ask(ANN, typed, place.chat))
        for who in (BOB, EVE, ANN):
            for action in actions:
                assert WRONG not in await here.press(who, action), (typed, action, who)
        pressed += actions
    for ended in ("/unsubscribe lora", "/unsubscribe qlora", "/agenda off"):
        await place.server.ask(ANN, ended, place.chat)
    world.clock.advance(days=32)
    async with world.store.write() as unit:
        await unit.chat_memory.forget_old()
    await world.restart()
    assert len(pressed) > 30
    for action in dict.fromkeys(pressed):
        assert WRONG not in await here.press(ANN, action), action


SETTINGS = {"daily 08:00 UTC": "every day at 08:00", "weekly mon 09:00 UTC": "every Monday at 09:00"}


@pytest.mark.parametrize("kind", ["telegram", "discord"])
async def test_of_two_managers_who_set_the_same_at_once_the_later_may_undo(world, kind):
    place = Place(world, kind)
    server = place.server
    if kind == "discord":
        typed = zip((ANN, EVE), SETTINGS, strict=True)
        answers = await asyncio.gather(*(server.ask(who, f"/digest {each}", place.chat) for who, each in typed))
    else:
        for who, each in zip((ANN, EVE), SETTINGS, strict=True):
            server.say(who, f"/digest {each}", place.chat)
        answers = await server.wait(place.chat, 2)
    shown = plain((await server.ask(BOB, "/digest", place.chat)).text)
    later, earlier = sorted(
        answers, key=lambda sent: not any(words in shown and words in plain(sent.text) for words in SETTINGS.values())
    )
    for sent, answer in ((earlier, "Nothing to undo: this has been changed since."), (later, "Changed back.")):
        heard = await place.presses(ANN, sent, "Undo")
        assert answer in f"{heard}\n{plain(sent.text)}"
