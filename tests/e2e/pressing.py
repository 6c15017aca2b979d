"""A chat on either platform in which people type and press, and papers come; for tests over the wire of both."""

import re

from conversation_world import GROUP, PAPERS

from paperwire.core.subscriptions.cadence import Cadence
from paperwire.pipeline.deliver import Delivery
from paperwire.pipeline.hold import Hold
from paperwire.pipeline.match import Matching
from servers.discord_people import plain


def next_slot(cadence, zone, after):
    return Cadence.parse(cadence).next_slot(zone, after)


class OnTelegram:
    """The group, or with `private` someone's own chat."""

    kind = "telegram"

    def __init__(self, conversation, *, private=0):
        self.world, self.server = conversation, conversation.telegram
        self.chat, self.private = private or GROUP, private
        if private:
            self.server.chat(private, "private", "Ann")

    def messages(self):
        return self.server.messages(self.chat)

    async def ask(self, who, text):
        return await self.server.ask(who, text, None if self.private else self.chat)

    async def press(self, who, sent, label, *, says=""):
        """Press a button: the message that shows what came of it, and the short note over the chat.

        With `says` the answer, or note, is waited for that says so, as a note may come before its message.
        """
        noted, written = len(self.server.toasts), len(self.messages())
        self.server.press(who, sent, label)
        await self.server.until(lambda: len(self.server.toasts) > noted and self.server.confirmed())
        notes = self.server.toasts[noted:]
        await self.server.until(
            lambda: says in (self.messages()[written:] or [sent])[-1].text or says in (notes[0].get("text") or "")
        )
        new = self.messages()[written:]
        return (new[-1] if new else sent), notes[0].get("text") or ""

    @staticmethod
    def text(sent):
        return sent.text

    @staticmethod
    def labels(sent):
        return [key["text"] for row in sent.keyboard for key in row]


class OnDiscord:
    """The channel, or with `private` someone's own chat."""

    kind = "discord"

    def __init__(self, conversation, *, private=0):
        self.world, self.server = conversation, conversation.discord
        self.private = private
        self.chat = self.server.dm(private).id if private else PAPERS

    def messages(self):
        return self.server.messages(self.chat)

    async def ask(self, who, text):
        return await self.server.ask(who, text, None if self.private else self.chat)

    async def press(self, who, sent, label, *, says=""):
        made = await self.server.press(who, sent, label)
        await self.server.until(lambda: made.form is not None or (made.original and not made.original.thinking))
        if made.form is not None:
            return None, made.form["title"]
        answer = await self.server.answer(made)
        return answer, plain(answer.text)

    @staticmethod
    def text(sent):
        """Without markup; a command that can be pressed stands as its name."""
        return re.sub(r"<(/\w+):\d+>", r"\1", plain(sent.text).replace("**", "").replace("`", ""))

    @staticmethod
    def labels(sent):
        return [key["label"] for row in sent.rows for key in row]


CHATS = {"telegram": OnTelegram, "discord": OnDiscord}


async def announce(conversation, kind, *papers):
    """Let papers be announced and sent, as the worker does."""
    conversation.clock.advance(minutes=5)
    await conversation.record(*papers)
    await Matching(conversation.store, now=conversation.clock, next_slot=next_slot).run()
    await send_due(conversation, kind)


async def send_due(conversation, kind):
    """Send what is due by now."""
    about = {"owner": "test", "now": conversation.clock, "hold": Hold(conversation.store)}
    delivery = Delivery(conversation.store, conversation.context.channels, **about)
    await delivery.run(kind)
    await delivery.shut_down()
