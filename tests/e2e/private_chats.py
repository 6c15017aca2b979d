"""A person's private chat with the bot on either platform, over the wire: what they type, press and read."""

import re

from conversation_world import ANN

from servers.discord_people import plain

_COMMAND = re.compile(r"<(/[a-z]+):\d+>")


class OnTelegram:
    """Ann's chat on Telegram."""

    def __init__(self, conversation):
        self.server = conversation.telegram

    async def says(self, text, **more):
        """The answer to what she types; commands too are typed."""
        before = len(self.server.messages(ANN))
        self.server.say(ANN, text, **more)
        return (await self.server.wait(ANN, before + 1))[before]

    async def presses(self, label, sent):
        """The message that a press writes; one that it edits is read from `messages`."""
        before = len(self.server.messages(ANN))
        self.server.press(ANN, sent, label)
        return (await self.server.wait(ANN, before + 1))[before]

    @staticmethod
    def text(sent):
        return sent.text.replace("\u2060", "")

    @staticmethod
    def labels(sent):
        return [button["text"] for row in sent.keyboard for button in row]


class OnDiscord:
    """Ann's chat on Discord."""

    def __init__(self, conversation):
        self.server = conversation.discord
        self.chat = self.server.dm(ANN).id

    async def says(self, text, **more):
        before = len(self.server.messages(self.chat))
        await self.server.say(ANN, text, **more)
        return (await self.server.wait(self.chat, before + 1))[before]

    async def presses(self, label, sent):
        return await self.server.answer(await self.server.press(ANN, sent, label))

    @staticmethod
    def text(sent):
        return _COMMAND.sub(r"\1", plain(sent.text).replace("**", "").replace("`", ""))

    @staticmethod
    def labels(sent):
        return [label for row in sent.labels for label in row]


PLATFORMS = {"telegram": OnTelegram, "discord": OnDiscord}
