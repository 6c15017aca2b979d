"""Reads slash commands and buttons from the gateway, and connects again whenever it ends."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Sequence
from typing import Any

import discord
import structlog

from paperwire.channels._conversation import RETRY_LATER, ConnectionState
from paperwire.channels.discord.answer import Answerer
from paperwire.channels.discord.commands import SlashCommands
from paperwire.channels.discord.connect import Client, Gate, close_client, find_gateway
from paperwire.channels.discord.faults import TROUBLES, fault, token_refused
from paperwire.network import Network
from paperwire.ports.requests import CommandSpec, Handler

log = structlog.get_logger(__name__)

RECONNECT_TIMEOUT = 120.0
"""Seconds that the library has to restore a lost connection; its own pauses grow to a quarter of an hour."""

FIRST_PAUSE = 0.5
"""Seconds until the first new try; the next ones take longer."""

_LONGEST_PAUSE = 60.0
_CANCEL_AGAIN = 0.2


class Bot(Client):
    """A client that reports its connection and has commands and buttons answered."""

    def __init__(  # noqa: PLR0913, PLR0917 -- what a bot is made of
        self,
        api_url: str,
        gate: Gate,
        network: Network,
        state: ConnectionState,
        answerer: Answerer,
        specs: Sequence[CommandSpec],
    ) -> None:
        super().__init__(api_url, gate, network)
        self.answerer = answerer
        self.tree = SlashCommands(self, specs, answerer.ask, answerer.suggest)
        self._state = state
        self._changed = asyncio.Event()
        self.add_dynamic_items(Pressed)

    async def on_connect(self) -> None:
        self._up()

    async def on_resumed(self) -> None:
        self._up()

    async def on_disconnect(self) -> None:
        self._state.down("the gateway closed the connection")
        self._changed.set()

    async def on_guild_join(self, guild: discord.Guild) -> None:
        await self.answerer.greet(guild)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The library says so of a removal alone: a server in an outage is only unavailable."""
        await self.answerer.leave(guild)

    async def on_message(self, message: discord.Message) -> None:
        if isinstance(message.channel, discord.DMChannel) and not message.author.bot:
            await self.answerer.hear(message, message.channel)

    async def on_raw_message_edit(self, edit: discord.RawMessageUpdateEvent) -> None:
        channel = edit.message.channel
        if isinstance(channel, discord.DMChannel) and not edit.message.author.bot:
            await self.answerer.hear_again(edit.message, channel)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        if interaction.type is discord.InteractionType.modal_submit:
            await self.answerer.submit(interaction)

    async def on_raw_reaction_add(self, reaction: discord.RawReactionActionEvent) -> None:
        by_bot = reaction.member is not None and reaction.member.bot
        if not by_bot and reaction.message_author_id in {None, self.user.id if self.user else None}:
            await self.answerer.count(reaction, self)

    async def on_raw_reaction_remove(self, reaction: discord.RawReactionActionEvent) -> None:
        await self.answerer.count(reaction, self)

    async def on_error(self, event_method: str, /, *_args: Any, **_kwargs: Any) -> None:
        log.exception("discord event failed", happening=event_method)  # noqa: LOG004 -- called while it is being handled

    async def lost(self) -> None:
        """Return once the gateway has been away for longer than the library should be left to it."""
        while True:
            try:
                async with asyncio.timeout(None if self._state.is_up else RECONNECT_TIMEOUT):
                    await self._changed.wait()
            except TimeoutError:
                return
            self._changed.clear()

    def _up(self) -> None:
        self._state.up()
        self._changed.set()


class Pressed(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"(?P<action>[a-z]+:(?s:.*))"):
    """Any button of ours, under whichever message, of this process or one before: its id is the action."""

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: discord.ui.Item[Any], _match: re.Match[str], /
    ) -> Pressed:
        button: Any = item  # nothing else of ours has an action
        return cls(button)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        bot: Any = interaction.client  # the one that was given this kind of item
        await bot.answerer.press(interaction, self.custom_id)


class Listener:
    """Connects to the gateway, and again whenever that ends."""

    def __init__(  # noqa: PLR0913 -- what it connects with
        self, token: str, api_url: str, gate: Gate, network: Network, state: ConnectionState, *, timeout: float
    ) -> None:
        self._token = token
        self._api_url = api_url
        self._gate = gate
        self._network = network
        self._state = state
        self._timeout = timeout
        self._bot: Bot | None = None

    @property
    def servers(self) -> int:
        """How many servers the bot is in, by the gateway; 0 before it connected."""
        return len(self._bot.guilds) if self._bot is not None else 0

    async def listen(self, specs: Sequence[CommandSpec], handler: Handler) -> None:
        """Answer people until cancelled; while Discord is away or refuses the token, the state shows it."""
        answerer = Answerer(handler, self._gate, timeout=self._timeout)
        self._state.connecting()
        pause = FIRST_PAUSE
        try:
            while True:
                self._bot = bot = Bot(self._api_url, self._gate, self._network, self._state, answerer, specs)
                failure = await self._session(bot)
                was_up = bot.is_ready()
                await close_client(bot)
                refused = token_refused(failure)
                self._state.down(str(fault(failure)), token_refused=refused)
                pause = FIRST_PAUSE if was_up else min(pause * 2, _LONGEST_PAUSE)
                spread = pause * random.uniform(0.5, 1.0)  # noqa: S311 -- spreads tries, keeps no secret
                await asyncio.sleep(RETRY_LATER if refused else spread)
        finally:
            await answerer.stop()
            self._state.closed()

    async def _session(self, bot: Bot) -> Exception:
        """Log in and stay connected; returns what ended it."""
        try:
            await bot.login(self._token)
            await find_gateway(bot)
            await self._register(bot)
            await self._stay(bot)
        except TROUBLES as error:
            return error
        except asyncio.CancelledError:
            await close_client(bot)
            raise
        return ConnectionError("the gateway closed the connection")

    @staticmethod
    async def _register(bot: Bot) -> None:
        try:
            bot.answerer.commands = await bot.tree.register()
        except discord.HTTPException as error:
            log.warning("discord commands not set", reason=error.text)

    @staticmethod
    async def _stay(bot: Bot) -> None:
        """Be connected until the library gives up, or has tried for too long; raises one of `TROUBLES`."""
        connected = asyncio.create_task(bot.connect())
        lost = asyncio.create_task(bot.lost())
        try:
            await asyncio.wait({connected, lost}, return_when=asyncio.FIRST_COMPLETED)
            if connected.done():
                connected.result()
        finally:
            await _cancel({connected, lost})
            await asyncio.gather(connected, lost, return_exceptions=True)


async def _cancel(tasks: set[asyncio.Task[None]]) -> None:
    """Cancel tasks until they end: one that has just connected drops it, as `asyncio.wait_for` of Python 3.11 does."""
    running = tasks
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=_CANCEL_AGAIN)
