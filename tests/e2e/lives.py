"""A person's own chat on each platform and in the terminal: what they type, press and read, over restarts too."""

import asyncio
import io
import os
import re
from dataclasses import dataclass, field, replace
from typing import Any

import pressing
from conversation_world import ANN, FORUM, PAPERS, SERVER

from paperwire.channels.console import ConsoleChannel
from paperwire.commands.answer import Commands
from paperwire.commands.memory import LongTexts
from paperwire.commands.table import SPECS
from servers.discord_world import FORUM as DISCORD_FORUM
from servers.loopback import PATIENCE
from servers.telegram_people import BOT_ID

TOPIC = 5
"""The topic of the forum that the lab talks in."""


def reply_to(telegram, sent):
    """What a message has that replies to one of the bot."""
    bot = {"id": BOT_ID, "is_bot": True, "first_name": "Paperwire", "username": telegram.username}
    chat = telegram.chats[sent.chat].json()
    return {"reply_to_message": {"message_id": sent.id, "date": 1, "chat": chat, "from": bot, "text": sent.text}}


@dataclass
class Shown:
    """What somebody sees after an act of theirs, and its `buttons` as the platform has them."""

    text: str
    labels: list[str] = field(default_factory=list)
    sent: Any = None


class OnTelegram(pressing.OnTelegram):
    """Somebody's chat on Telegram."""

    def __init__(self, world, _folder, user=ANN):
        super().__init__(world, private=user)
        self.user = user

    async def says(self, text, **more):
        before = len(self.messages())
        self.server.say(self.user, text, **more)
        return self.shown((await self.server.wait(self.chat, before + 1))[before])

    async def presses(self, shown, label, says=""):
        sent, note = await self.press(self.user, shown.sent, label, says=says)
        now = self.shown(sent)
        return replace(now, text=f"({note})") if note and sent is shown.sent and now.text == shown.text else now

    def shown(self, sent):
        return Shown(sent.text.replace("\u2060", ""), self.labels(sent), sent)

    def came(self):
        return [self.shown(sent) for sent in self.messages()]

    async def restarted(self):
        """Telegram and Discord are connected again by the world."""

    async def end(self):
        """Nothing is open."""


class OnDiscord(pressing.OnDiscord):
    """Somebody's chat on Discord; a form that is open takes the next words."""

    def __init__(self, world, _folder, user=ANN):
        super().__init__(world, private=user)
        self.user, self.form = user, None

    async def says(self, text, **more):
        if text.startswith("/") and not more and "start " not in text:
            return await self._answered(await self.server.command(self.user, text))
        if self.form is not None:
            form, self.form = self.form, None
            return await self._answered(await self.server.fill(self.user, form, text))
        before = len(self.messages())
        await self.server.say(self.user, text, **more)
        return self.shown((await self.server.wait(self.chat, before + 1))[before])

    async def presses(self, shown, label, _says=""):
        return await self._answered(await self.server.press(self.user, shown.sent, label))

    async def _answered(self, made):
        await self.server.until(lambda: made.form is not None or (made.original and not made.original.thinking))
        self.form = made if made.form is not None else None
        if self.form is not None:
            *texts, label = made.form["components"]
            words = [made.form["title"], *(each.get("content", "") for each in texts), label["label"]]
            return Shown("\n".join(words))
        return self.shown(await self.server.answer(made))

    def shown(self, sent):
        return Shown(self.text(sent), self.labels(sent), sent)

    def came(self):
        return [self.shown(sent) for sent in self.messages()]

    async def restarted(self):
        """See `OnTelegram`."""

    async def end(self):
        """See `OnTelegram`."""


class InTerminal:
    """Somebody at a terminal; buttons have numbers there."""

    kind = "console"

    def __init__(self, world, folder):
        self.world, self.folder, self.channel = world, folder, None
        self.out = io.StringIO()
        self.answered = asyncio.Event()

    async def restarted(self):
        """Begin, or begin again, as another process on the same terminal."""
        await self.end()
        self.read, self.write = os.pipe()
        self.channel = ConsoleChannel(self.read, self.out, folder=self.folder, name="Ann")
        self.channel.keep_in(self.folder)
        self.world.context.channels[self.kind] = self.channel
        commands = Commands(replace(self.world.context, long_texts=LongTexts()))

        async def handle(request):
            self.world.clock.advance(seconds=5)
            reply = await commands.handle(request)
            asyncio.get_running_loop().call_soon(self.answered.set)  # it is printed before this task yields
            return reply

        self.listening = asyncio.create_task(self.channel.listen(SPECS, handle))

    async def end(self):
        if self.channel is not None:
            os.close(self.write)
            await asyncio.wait_for(self.listening, PATIENCE)
            os.close(self.read)

    async def says(self, text):
        before = len(self.out.getvalue())
        self.answered.clear()
        os.write(self.write, f"{text}\n".encode())
        async with asyncio.timeout(PATIENCE):
            await self.answered.wait()
        return Shown(self.out.getvalue()[before:])

    async def presses(self, shown, label, _says=""):
        number = next(number for number, name in re.findall(r"\[(#\d+) (.*?)\](?=  |\n)", shown.text) if label == name)
        return await self.says(number)

    def came(self):
        return [Shown(self.out.getvalue())]


class TopicOnTelegram(OnTelegram):
    """A topic of the lab's group, where words without a command are read as replies to what the bot asked."""

    def __init__(self, world, folder, user=ANN):
        super().__init__(world, folder, user)
        self.chat, self.private = FORUM, 0

    def messages(self):
        return [sent for sent in super().messages() if sent.document is None]

    async def says(self, text, **more):
        if not text.startswith("/"):
            more |= reply_to(self.server, self.messages()[-1])
        before = len(self.messages())
        self.server.say(self.user, text, self.chat, TOPIC, **more)
        await self.server.until(lambda: len(self.messages()) > before)
        return self.shown(self.messages()[before])


class ChannelOnDiscord(OnDiscord):
    """A channel of the lab's server."""

    def __init__(self, world, folder, user=ANN):
        super().__init__(world, folder, user)
        self.chat, self.private = PAPERS, 0

    async def says(self, text, **more):
        if self.form is None:
            return await self._answered(await self.server.command(self.user, text, self.chat, **more))
        return await super().says(text, **more)


class PostOnDiscord(ChannelOnDiscord):
    """A post in a forum of the lab's server."""

    def __init__(self, world, folder, user=ANN):
        super().__init__(world, folder, user)
        forum = self.server.channel(2100, self.server.guilds[SERVER], "reading", DISCORD_FORUM)
        self.chat = self.server.thread(2101, forum, "Journal club").id


LIVES = {"telegram": OnTelegram, "discord": OnDiscord, "console": InTerminal}
SHARED = {"telegram": TopicOnTelegram, "discord": ChannelOnDiscord, "console": InTerminal}
