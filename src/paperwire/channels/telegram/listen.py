"""Reads updates by long polling or webhook, and has each one answered once, in order within a chat."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar
from weakref import WeakValueDictionary

import structlog
from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    Update,
)
from telegram.error import InvalidToken

from paperwire.channels._conversation import ConnectionState, Edits, Tasks
from paperwire.channels.telegram.address import KIND
from paperwire.channels.telegram.answer import Answerer
from paperwire.channels.telegram.faults import TROUBLES, fault
from paperwire.channels.telegram.rights import Rights
from paperwire.channels.telegram.send import Sender
from paperwire.channels.telegram.updates import ALLOWED, Incoming, read
from paperwire.errors import Retry, Unknown
from paperwire.languages import translated
from paperwire.ports.requests import CommandSpec, Handler
from paperwire.texts import texts_in

T = TypeVar("T")

log = structlog.get_logger(__name__)

POLL_SECONDS = 25
BATCH_TIMEOUT = 2.0
"""Seconds a batch of updates may take until the next is asked for, which confirms it to Telegram.

Short, because all chats wait while one answer waits for its chat's pace; long enough for any command.
"""

QUEUE = 30
"""Maximum unanswered updates of a chat; those beyond are passed over."""

MOST_BATCHES = 50
"""How often a run that ends asks for updates, though people go on writing. There are up to 100 in each answer."""

_LONGEST_PAUSE = 60.0
_REMEMBERED = 1000


class Listener:
    """Reads updates until cancelled, and has each one answered.

    The library's `Updater` confirms updates before they are handled, and so would lose them in a crash.
    """

    def __init__(self, bot: Bot, sender: Sender, rights: Rights, state: ConnectionState) -> None:
        self._bot = bot
        self._rights = rights
        self._sender = sender
        self._state = state
        self._serving: Answerer | None = None
        self._answerer: Answerer | None = None
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._tasks = Tasks(KIND)
        self._queued: Counter[int] = Counter()
        self._edits = Edits()

    async def poll(self, specs: Sequence[CommandSpec], handler: Handler) -> None:
        """Log in and read updates until cancelled."""
        offset: int | None = None

        async def get_updates() -> Sequence[Update]:
            return await self._bot.get_updates(offset, timeout=POLL_SECONDS, read_timeout=10, allowed_updates=ALLOWED)

        try:
            answerer = await self._log_in(specs, handler)
            await self._persist(self._bot.delete_webhook)
            while True:
                updates = await self._persist(get_updates)
                await self._work_off(answerer, updates)
                if updates:
                    offset = updates[-1].update_id + 1
        finally:
            await self._stop()

    async def catch_up(self, specs: Sequence[CommandSpec], handler: Handler) -> None:
        """Answer the updates that wait, confirm them, and stop; raises SendError.

        https://core.telegram.org/bots/api#getupdates: they are kept for 24 hours, and confirmed by the next question.
        """
        offset: int | None = None
        try:
            await self._bot.delete_webhook()
            answerer = await self._logged_in(specs, handler, (await self._bot.get_me()).username)
            for left in reversed(range(MOST_BATCHES)):
                updates = await self._bot.get_updates(offset, timeout=0, allowed_updates=ALLOWED)
                if not updates or not left:
                    break
                await self._work_off(answerer, updates, patience=None)
                offset = updates[-1].update_id + 1
        except TROUBLES as error:
            raise fault(error) from None
        finally:
            await self._stop()

    async def serve(self, specs: Sequence[CommandSpec], handler: Handler, url: str, secret: str) -> None:
        """Log in, have updates posted to `url`, and stay until cancelled; they come in through `feed`."""
        try:
            self._serving = await self._log_in(specs, handler)
            await self._persist(
                partial(self._bot.set_webhook, url, secret_token=secret, allowed_updates=ALLOWED, max_connections=20)
            )
            await asyncio.Event().wait()
        finally:
            self._serving = None
            await self._stop()

    async def feed(self, update: Update) -> bool:
        """Take an update that was posted to us; False while the bot isn't listening, so Telegram posts it again."""
        if self._serving is None:
            return False
        await self._work_off(self._serving, [update])
        return update.update_id in self._seen

    async def _log_in(self, specs: Sequence[CommandSpec], handler: Handler) -> Answerer:
        self._state.connecting()
        me = await self._persist(self._bot.get_me)
        return await self._logged_in(specs, handler, me.username)

    async def _logged_in(self, specs: Sequence[CommandSpec], handler: Handler, username: str | None) -> Answerer:
        """What answers, once the commands are set that Telegram offers."""
        try:
            await self._set_commands(specs)
        except TROUBLES as error:
            log.warning("telegram commands not set", reason=str(fault(error)))
        names = frozenset(spec.name for spec in specs)
        self._answerer = Answerer(
            self._sender, self._bot, self._rights, handler, commands=names, username=username or ""
        )
        return self._answerer

    async def _set_commands(self, specs: Sequence[CommandSpec]) -> None:
        """Set the commands that Telegram offers while people type, unless it has them already.

        In a group each person is offered those that they may use and that are answered there.
        """
        alone = [spec for spec in specs if spec.is_listed("private")]
        shared = [spec for spec in specs if spec.is_listed("group")]
        menus: list[tuple[BotCommandScope, Sequence[CommandSpec]]] = [
            (BotCommandScopeAllPrivateChats(), alone),
            (BotCommandScopeAllGroupChats(), [spec for spec in shared if spec.who != "manager"]),
            (BotCommandScopeAllChatAdministrators(), shared),
        ]
        languages = ("", *translated())
        requests = (self._set_commands_in(language, menus) for language in languages)
        for error in await asyncio.gather(*requests, return_exceptions=True):
            if error is not None:
                raise error

    async def _set_commands_in(
        self, language: str, menus: Sequence[tuple[BotCommandScope, Sequence[CommandSpec]]]
    ) -> None:
        """The menus in one language, or of everyone whose language has none."""
        texts, code = texts_in(language), language.partition("_")[0] or None  # two letters, as in ISO 639-1
        for scope, offered in menus:
            commands = tuple(
                BotCommand(spec.name, texts.gettext(spec.help)[: BotCommand.MAX_DESCRIPTION]) for spec in offered
            )
            if await self._bot.get_my_commands(scope, code) != commands:
                await self._bot.set_my_commands(commands, scope, code)

    async def _persist(self, request: Callable[[], Awaitable[T]]) -> T:
        """Call until it succeeds, with growing pauses, and keep the state up to date."""
        pause = 0.25
        while True:
            try:
                answer = await request()
            except TROUBLES as error:
                self._state.down(str(fault(error)), token_refused=isinstance(error, InvalidToken))
                pause = min(pause * 2, _LONGEST_PAUSE)
                await asyncio.sleep(_pause(error, pause))
            else:
                self._state.up()
                return answer

    async def _work_off(
        self, answerer: Answerer, updates: Sequence[Update], patience: float | None = BATCH_TIMEOUT
    ) -> None:
        """Start on each update, and wait until they are handled, though not for longer than `patience` seconds."""
        started: set[asyncio.Task[None]] = set()
        for update in updates:
            number = update.update_id
            if number in self._seen:
                continue
            self._seen[number] = None
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
            task = self._tasks.start(self._answer(answerer, update))
            task.add_done_callback(partial(self._ended, number))
            started.add(task)
        if started:
            await asyncio.wait(started, timeout=patience)

    def _ended(self, number: int, task: asyncio.Task[None]) -> None:
        if task.cancelled():
            self._seen.pop(number, None)  # Telegram will hand it out again

    async def _answer(self, answerer: Answerer, update: Update) -> None:
        try:
            incoming = read(update, answerer.username)
        except (AttributeError, TypeError) as error:  # the library checks no types
            log.warning("telegram update unreadable", error=type(error).__name__)
            return
        if incoming is None:
            return
        if incoming.inline:
            await answerer.offer(incoming)
        elif incoming.edited is None or self._edits.is_read(incoming.address.chat, incoming.message, *incoming.edited):
            await self._in_order(answerer, incoming)

    async def _in_order(self, answerer: Answerer, incoming: Incoming) -> None:
        chat = incoming.address.chat
        if self._queued[chat] >= QUEUE:
            log.warning("telegram chat too fast", kind=incoming.request.place.kind)
            return
        turn = self._turns.setdefault(chat, asyncio.Lock())
        self._queued[chat] += 1
        try:
            async with turn:
                await answerer.answer(incoming)
        finally:
            self._queued[chat] -= 1
            if not self._queued[chat]:
                del self._queued[chat]

    async def _stop(self) -> None:
        self._state.closed()
        await self._tasks.stop()
        if self._answerer is not None:
            await self._answerer.updates.stop()


def _pause(error: Exception, pause: float) -> float:
    """Seconds until the next try: as asked, long for a refused token, otherwise growing and not in step with others."""
    match fault(error):
        case Retry(after=after, requested=is_requested) if is_requested or isinstance(error, InvalidToken):
            return after
        case Unknown():
            return min(pause, 5.0)
        case _:
            return pause * random.uniform(0.5, 1.0)  # noqa: S311 -- spreads tries, keeps no secret
