"""The channel: one bot that sends, listens and looks up chats, each in a module of its own."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Sequence

from telegram import Bot, Update

from paperwire.channels._conversation import BotIdentity, ConnectionState
from paperwire.channels.telegram.address import KIND, ChatAddress
from paperwire.channels.telegram.faults import TROUBLES
from paperwire.channels.telegram.listen import Listener
from paperwire.channels.telegram.pace import PRIVATE_PER_MINUTE, SHARED_ALERTS_PER_MINUTE, Pacer
from paperwire.channels.telegram.rights import Rights
from paperwire.channels.telegram.send import Sender
from paperwire.channels.telegram.transport import Transport, readable
from paperwire.core.messages.message import Message
from paperwire.errors import Gone
from paperwire.network import Network
from paperwire.ports.callers import Actor, Place
from paperwire.ports.channels import ChatInvitation, Conversation, Hook, Naming, Receipt, channel_label
from paperwire.ports.options import Now
from paperwire.ports.requests import CommandSpec, Handler
from paperwire.texts import Texts

CONNECTIONS = 64
"""Connections at once: twice as many as alerts take, so that no answer to a person waits for one."""

WEBHOOK_PATH = "/hooks/telegram"
"""Where Telegram posts updates in webhook mode, below the public address."""

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 -- the name of a header
"""The header with the secret that `setWebhook` was given."""

_PERSON = re.compile(r"[1-9]\d{0,15}", re.ASCII)


class TelegramChannel(Conversation):
    """Implements `ports.Conversation` and `ports.Inviting` for one bot token.

    Sending needs no polling: another process may listen. Addresses are `<chat id>` or `<chat id>/<topic id>`.
    With `webhook_url` (https, reachable by Telegram) updates are not polled: the server of that address hands
    to `feed_update` those whose secret the channel `knows`; it is made from the token. `timeout` is how long an answer
    of the Bot API may take, in seconds. `pacer` is for tests that have a clock of their own.
    """

    kind = KIND
    label = channel_label(KIND)
    singleton = True
    in_flight = 32
    naming: Naming = "managed"
    threaded = frozenset({"group", "topic"})

    def __init__(  # noqa: PLR0913 -- what a bot is made of
        self,
        token: str,
        *,
        network: Network,
        now: Now,
        api_url: str = "https://api.telegram.org",
        timeout: float = 15.0,
        webhook_url: str = "",
        pacer: Pacer | None = None,
    ) -> None:
        token = token.strip()
        self._requests = [Transport(network, now, connections=count, timeout=timeout) for count in (CONNECTIONS, 2)]
        api, (request, polling) = api_url.rstrip("/"), self._requests
        bot = Bot(token, f"{api}/bot", f"{api}/file/bot", request=request, get_updates_request=polling)
        self._state = ConnectionState(KIND, now)
        self._sender = Sender(bot, pacer or Pacer(), self._state, timeout=timeout)
        self._rights = Rights(bot, now)
        self._username = BotIdentity(self._sender.username, TROUBLES, now)
        self._listener = Listener(bot, self._sender, self._rights, self._state)
        self._webhook_url = webhook_url
        self._webhook_secret = hashlib.sha256(f"webhook of {token}".encode()).hexdigest()

    def __repr__(self) -> str:
        """Say what it is, and never the token."""
        return f"{type(self).__name__}({self.state()!r})"

    def per_minute(self, kind: str) -> int:
        """See `ports.Channel`: what alerts may take of Telegram's sixty in a private chat and twenty in any other."""
        return PRIVATE_PER_MINUTE if kind == "private" else SHARED_ALERTS_PER_MINUTE

    async def wait_for_slot(self, to: str) -> None:
        await self._sender.wait_for_slot(ChatAddress.of(to).chat)

    async def send(self, to: str, message: Message) -> Receipt:
        """See `ports.Channel`. The receipt is the message's number in its chat."""
        address = ChatAddress.of(to)
        number = await self._sender.send(address, message)
        no_topic = await self._sender.open_topic(address, number, message.thread) if message.thread else ""
        return Receipt(str(number), no_topic)

    async def probe(self) -> None:
        await self._sender.probe()

    def advice(self) -> Sequence[str]:
        """See `ports.Advising`."""
        if not self._webhook_url or self._webhook_url.startswith("https://"):
            return []
        return ["webhook needs a public_url with https: Telegram calls no other address, so no command arrives"]

    async def listen(self, specs: Sequence[CommandSpec], handler: Handler) -> None:
        """See `ports.Channel`. Never gives up: while Telegram is away or refuses the token, `state` shows it.

        Besides commands and buttons, `handler` gets words typed in a private chat (`args` alone), and the actions
        `place:closed:<why>`, `place:open` and `place:moved:<address>` when the bot's standing in a place changes.
        """
        if self._webhook_url:
            await self._listener.serve(specs, handler, self._webhook_url, self._webhook_secret)
        else:
            await self._listener.poll(specs, handler)

    async def catch_up(self, specs: Sequence[CommandSpec], handler: Handler) -> None:
        """See `ports.Kept`: Telegram keeps updates for a day. In webhook mode it posts them instead."""
        if not self._webhook_url:
            await self._listener.catch_up(specs, handler)

    def hook(self) -> Hook | None:
        """See `ports.Called`: set in webhook mode."""
        return Hook(WEBHOOK_PATH, SECRET_HEADER, self.knows, self.feed_update) if self._webhook_url else None

    def knows(self, secret: str) -> bool:
        """Whether a request's header `X-Telegram-Bot-Api-Secret-Token` says that it is Telegram's."""
        return hmac.compare_digest(secret.encode(), self._webhook_secret.encode())

    async def feed_update(self, raw: bytes) -> bool:
        """Take the body that Telegram posted; returns when it is dealt with.

        False means refuse the request: the body is no update, or the bot isn't listening yet.
        """
        try:
            update = json.loads(raw)
        except (ValueError, RecursionError):
            return False
        if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
            return False
        return await self._listener.feed(Update.de_json(readable(update)))

    async def inspect(self, address: str, actor: Actor) -> tuple[Place, bool]:
        """See `ports.Channel`. Takes an address, `@name`, or a `t.me` link to a chat or topic."""
        return await self._rights.inspect(address, actor)

    async def private_address(self, actor: Actor) -> str:
        """See `ports.Conversation`: Telegram's number of a person is that of the chat with them."""
        if not _PERSON.fullmatch(actor.user_id):
            raise Gone("only a person has a private chat")
        return actor.user_id

    async def invitation(self, texts: Texts) -> ChatInvitation | None:  # noqa: ARG002 -- it is all names
        """See `ports.Inviting`: a link to the bot by its name, as `getMe` tells it."""
        name = await self._username.get()
        url = f"https://t.me/{name}"
        if not name:
            return None
        return ChatInvitation(name=self.label, url=url, start_url=f"{url}?start=", group_url=f"{url}?startgroup=")

    def state(self) -> str:
        return self._state.words

    async def close(self) -> None:
        for request in self._requests:
            await request.shutdown()
