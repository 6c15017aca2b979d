"""The channel: one bot that sends, listens and looks up channels, each in a module of its own."""

from __future__ import annotations

from collections.abc import Sequence

from paperwire.channels._conversation import BotIdentity, ConnectionState
from paperwire.channels.discord.connect import Gate, Rest
from paperwire.channels.discord.faults import TROUBLES
from paperwire.channels.discord.listen import Listener
from paperwire.channels.discord.rights import KIND, Rights
from paperwire.channels.discord.send import Sender
from paperwire.core.messages.message import Message
from paperwire.network import Network
from paperwire.ports.callers import Actor, Place
from paperwire.ports.channels import ChatInvitation, Conversation, Naming, Receipt, channel_label
from paperwire.ports.options import Now
from paperwire.ports.requests import CommandSpec, Handler
from paperwire.texts import Texts

PER_MINUTE = 60
"""A channel takes about five messages in five seconds."""
MOST_SERVERS = 2_500
"""Servers of one gateway connection: https://discord.com/developers/docs/events/gateway#sharding."""
MANY_SERVERS = 2_000


class DiscordChannel(Conversation):
    """Implements `ports.Conversation`, `ports.Inviting` and `ports.Limited` for one bot token.

    Sending needs no gateway: another process may listen, and papers go out while the gateway is down. Addresses are
    ids of channels, threads, forum posts and private chats. `timeout` is how long one message, or a change of one, may
    take, in seconds.
    """

    kind = KIND
    label = channel_label(KIND)
    singleton = True
    in_flight = 50
    naming: Naming = "managed"
    has_roles = True
    threaded = frozenset({"channel"})

    def __init__(
        self,
        token: str,
        *,
        network: Network,
        now: Now,
        api_url: str = "https://discord.com/api/v10",
        timeout: float = 40.0,
    ) -> None:
        token = token.strip()
        gate = Gate()
        self._state = ConnectionState(KIND, now)
        self._rest = Rest(token, api_url, gate, network, timeout=timeout)
        self._sender = Sender(self._rest, gate, self._state, timeout=timeout)
        self._rights = Rights(self._rest, gate)
        self._application = BotIdentity(self._application_id, TROUBLES, now)
        self._listener = Listener(token, api_url, gate, network, self._state, timeout=timeout)

    def __repr__(self) -> str:
        """Say what it is, and never the token."""
        return f"{type(self).__name__}({self.state()!r})"

    def per_minute(self, kind: str) -> int:  # noqa: ARG002 -- the same for all kinds
        return PER_MINUTE

    async def send(self, to: str, message: Message) -> Receipt:
        """See `ports.Channel`. The receipt is the message's id."""
        number = await self._sender.send(to, message)
        opens = bool(number and message.thread)
        return Receipt(number, await self._sender.open_thread(to, number, message.thread) if opens else "")

    async def probe(self) -> None:
        await self._sender.probe()

    async def listen(self, specs: Sequence[CommandSpec], handler: Handler) -> None:
        """See `ports.Channel`. Never gives up: while Discord is away or refuses the token, `state` shows it."""
        await self._listener.listen(specs, handler)

    async def inspect(self, address: str, actor: Actor) -> tuple[Place, bool]:
        """See `ports.Channel`. Takes an id, `<#id>` as Discord writes it, or a link to a channel or message."""
        return await self._rights.inspect(address, actor)

    async def private_address(self, actor: Actor) -> str:
        return await self._rights.private_address(actor)

    async def invitation(self, texts: Texts) -> ChatInvitation | None:  # noqa: ARG002 -- it is all names
        """See `ports.Inviting`: the link that adds the application to a server, or to the account that opens it."""
        number = await self._application.get()
        url = f"https://discord.com/oauth2/authorize?client_id={number}"
        return ChatInvitation(name=self.label, url=url) if number else None

    async def _application_id(self) -> str:
        client = await self._rest.client()
        return str(client.application_id or "")

    def near_limit(self) -> str:
        servers = max(self._rest.servers, self._listener.servers)
        if servers < MANY_SERVERS:
            return ""
        return (
            f"the bot is in {servers:,} servers, and Discord doesn't connect one in more than {MOST_SERVERS:,}: "
            "start another instance with a bot of its own (docs/discord.md)"
        )

    def state(self) -> str:
        return self._state.words

    async def close(self) -> None:
        await self._rest.close()
