"""Who may do what where, over the wire of both platforms: commands and buttons, by managers, members and others."""

from contextlib import asynccontextmanager
from functools import partial

import pytest
import sqlalchemy
from conversation_world import ANN, BOB, FORUM, GROUP, NEWS, PAPERS, POST, conversing, paper

from paperwire.commands.answer import presses
from paperwire.commands.table import COMMANDS, SPECS
from paperwire.store.database.tables.base import Row
from servers.discord_people import plain
from servers.discord_world import Sent as OnDiscord
from servers.telegram_world import Sent as OnTelegram

pytestmark = pytest.mark.whole

CHANGES = {
    "watch": "2601.00001",
    "digest": "daily 08:00 UTC",
    "quiet": "22:00-07:00",
    "style": "list",
    "language": "en",
    "subscribe": "qlora",
    "import": "qlora",
    "checkup": "off",
    "pause": "",
    "resume": "",
    "unsubscribe": "2",
    "agenda": "weekly fri 15:00 UTC",
}
"""Commands, and words for them, that only managers may use in a shared place."""
ANYONE = {
    "start": "",
    "help": "",
    "subscriptions": "",
    "preview": "lora",
    "why": "2601.00001",
    "search": "lora",
    "trending": "",
    "mutes": "",
    "feed": "",
    "email": "",
    "save": "2601.00001",
    "saved": "",
    "status": "",
    "export": "",
    "forget": "",
    "link": "",
    "me": "",
    "suggest": "2601.00001",
    "submit": "2601.00001",
    "unsubmit": "2601.00001",
    "agenda": "",
    "settings": "",
    "digest": "",
    "quiet": "",
    "style": "",
    "language": "",
    "watch": "",
}
"""The others; anyone sees what managers set, and takes back what they submitted."""
CHANGE_BUTTONS = {
    "add": "graph neural",
    "import": "graph neural",
    "unimport": "{subscription}",
    "checkups": "off",
    "widen": "{subscription}",
    "tidy": "daily:{subscription}",
    "style": "cards",
    "language": "en",
    "zone": "Europe/Berlin",
    "agendazone": "Europe/Berlin",
    "settings": "",
    "former": 'style:{{"style":["auto","list"]}}',
    "digest": "daily 08:00",
    "quiet": "22:00-07:00",
    "options": "{subscription}:max:10",
    "fewer": "{subscription}",
    "calm": "daily:{subscription}",
    "mutes": "{subscription}",
    "edit": "{subscription}",
    "when": "{subscription}:daily",
    "also": "{subscription}:versions",
    "drop": "{subscription}:versions",
    "off": "{subscription}",
    "on": "{subscription}",
    "hush": "{subscription}",
    "loud": "{subscription}",
    "revert": "{subscription}:1",
    "narrow": "{subscription}",
    "swap": "{subscription}:ti:lora",
    "mute": "{paper}",
    "muted": "{paper}:author:0",
    "less": "{paper}:{subscription}",
    "unlearn": "{subscription}",
    "lift": "1",
    "watch": "{paper}",
    "unwatch": "{paper}",
    "resume": "",
    "pause": "",
    "undo": "{subscription}",
    "back": '{subscription}:{{"name":["","x"]}}',
    "redo": "{subscription}",
    "del": "{subscription}",
    "unsubs": "0",
}
"""Buttons, and the rest of their action, that change a shared place or lead to what does."""
ANYONES_BUTTONS = {
    "help": "query",
    "run": "search lora",
    "try": "lora",
    "why": "{paper}",
    "find": "0:lora",
    "look": "lora",
    "week": "{subscription}:0",
    "open": "{paper}",
    "more": "{paper}",
    "whole": "{paper}",
    "sub": "{subscription}",
    "share": "{subscription}",
    "subs": "0:0",
    "save": "{paper}",
    "unsave": "{paper}",
    "saved": "0",
    "feed": "",
    "newfeed": "1",
    "join": "x",
    "unlink": "",
    "forget": "x",
    "vote": "{paper}",
    "unvote": "{paper}",
    "watched": "0",
    "sign": "{paper}",
    "unsubmit": "{paper}",
    "agenda": "calendar:1",
    "present": "1:{paper}",
    "release": "1:{paper}",
    "notes": "1",
    "private": "1",
    "publish": "",
}
"""The others; what they show belongs to who presses or is no secret."""
REFUSED = "Only managers"


def test_every_command_and_button_is_in_the_tables():
    assert CHANGES.keys() | ANYONE.keys() == {spec.name for spec in SPECS}
    assert CHANGES.keys() & ANYONE.keys() == {"agenda"} | {spec.name for spec in SPECS if spec.who == "viewer"}
    assert CHANGE_BUTTONS.keys() | ANYONES_BUTTONS.keys() == presses(COMMANDS).keys() - {
        "place"
    }  # a channel's own reports
    assert not CHANGE_BUTTONS.keys() & ANYONES_BUTTONS.keys()


class Telegram:
    """A place on Telegram, and what people hear there."""

    def __init__(self, conversation, chat, thread=None):
        self.world, self.chat, self.thread = conversation, chat, thread

    async def ask(self, person, text):
        return (await self.world.telegram.ask(person, text, self.chat, self.thread)).text

    async def press(self, person, action):
        """What the button's presser sees: a short note, and what was written since."""
        telegram = self.world.telegram
        keyboard = [[{"text": "x", "callback_data": action}]]
        place = person if self.chat is None else self.chat
        noted, written = len(telegram.toasts), len(telegram.messages(place))
        telegram.press(person, OnTelegram(place, 1, "", "", [], self.thread, keyboard), "x")
        await telegram.until(lambda: len(telegram.toasts) > noted and telegram.confirmed())
        new = [sent.text for sent in telegram.messages(place)[written:]]
        return "\n".join([telegram.toasts[noted].get("text", ""), *new])


class Discord:
    """A place on Discord."""

    def __init__(self, conversation, channel):
        self.world, self.channel = conversation, channel

    async def ask(self, person, text):
        return plain((await self.world.discord.ask(person, text, self.channel)).text)

    async def press(self, person, action):
        discord = self.world.discord
        button = {"type": 2, "id": 2, "label": "x", "style": 2, "custom_id": action}
        row = {"type": 1, "id": 1, "components": [button]}
        place = self.channel or discord.dm(person).id
        shown = OnDiscord(place, 1, {"content": "x", "components": [row]})
        discord.channels[place].sent.append(shown)
        made = await discord.press(person, shown, "x")
        await discord.until(lambda: made.form is not None or (made.original and not made.original.thinking))
        return made.form["title"] if made.form else plain((await discord.answer(made)).text)


SHARED = {
    "telegram group": partial(Telegram, chat=GROUP),
    "telegram topic": partial(Telegram, chat=FORUM, thread=5),
    "discord channel": partial(Discord, channel=PAPERS),
    "discord thread": partial(Discord, channel=POST),
}
PRIVATE = {"telegram": partial(Telegram, chat=None), "discord": partial(Discord, channel=None)}


@asynccontextmanager
async def talking(store, clock, place):
    async with conversing(store, clock) as conversation:
        await conversation.record(paper(1, "LoRA"))
        yield conversation, place(conversation)


async def kept(store):
    """What is stored of places and subscriptions."""
    async with store.read() as unit:
        tables = [Row.metadata.tables[name] for name in ("subscription", "destination", "mute", "watch")]
        return [(await unit.connection.execute(sqlalchemy.select(table))).all() for table in tables]


@pytest.mark.parametrize("place", SHARED)
async def test_a_member_changes_nothing_in_a_shared_place_and_its_manager_everything(store, clock, place):
    async with talking(store, clock, SHARED[place]) as (_, here):
        assert REFUSED not in await here.ask(ANN, "/subscribe lora")
        before = await kept(store)
        for name, words in CHANGES.items():
            assert REFUSED in await here.ask(BOB, f"/{name} {words}".strip()), name
        assert await kept(store) == before
        for name, words in ANYONE.items():
            assert REFUSED not in await here.ask(BOB, f"/{name} {words}".strip()), name
        for name, words in CHANGES.items():
            assert REFUSED not in await here.ask(ANN, f"/{name} {words}".strip()), name
        assert await kept(store) != before


@pytest.mark.parametrize("place", PRIVATE)
async def test_in_private_everybody_manages(store, clock, place):
    async with talking(store, clock, PRIVATE[place]) as (_, here):
        for name, words in [*CHANGES.items(), *ANYONE.items()]:
            assert REFUSED not in await here.ask(BOB, f"/{name} {words}".strip()), name


async def test_an_anonymous_administrator_and_a_channels_post_manage(store, clock):
    async with conversing(store, clock) as conversation:
        telegram = conversation.telegram
        await conversation.record(paper(1, "LoRA"))
        for name, words in CHANGES.items():
            for chat, say in ((GROUP, telegram.say_as_group), (NEWS, telegram.post)):
                before = len(telegram.messages(chat))
                say(chat, f"/{name} {words}".strip())
                assert REFUSED not in (await telegram.wait(chat, before + 1))[before].text, name


@pytest.mark.parametrize("place", SHARED)
async def test_buttons_in_a_shared_place_obey_its_managers(store, clock, place):
    async with talking(store, clock, SHARED[place]) as (conversation, here):
        await here.ask(ANN, "/subscribe lora")
        (subscription,) = await conversation.subscriptions()
        async with store.read() as unit:
            stored = await unit.papers.get("2601.00001")

        def action(verb, part):
            return f"{verb}:{part.format(subscription=subscription.number, paper=stored.number)}"

        before = await kept(store)
        for verb, part in CHANGE_BUTTONS.items():
            assert REFUSED in await here.press(BOB, action(verb, part)), verb
        assert await kept(store) == before
        for verb, part in ANYONES_BUTTONS.items():
            assert REFUSED not in await here.press(BOB, action(verb, part)), verb
        for verb, part in CHANGE_BUTTONS.items():
            assert REFUSED not in await here.press(ANN, action(verb, part)), verb
