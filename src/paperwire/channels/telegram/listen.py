"""Listening: updates by long polling or webhook, each answered once, in order within a chat."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, OrderedDict
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import structlog
from telegram import BotCommand
from telegram.error import TelegramError

from paperwire.channels.telegram.answer import Answerer
from paperwire.channels.telegram.faults import LATER
from paperwire.channels.telegram.transport import ApiError, NoAnswer
from paperwire.channels.telegram.updates import ALLOWED, read

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from paperwire.channels.telegram.rights import Rights
    from paperwire.channels.telegram.send import Sender
    from paperwire.channels.telegram.state import Line
    from paperwire.channels.telegram.transport import Bot
    from paperwire.channels.telegram.updates import Incoming
    from paperwire.ports import CommandSpec, Handler

log = structlog.get_logger(__name__)

POLL_SECONDS = 25
GRACE = 2.0
"""Seconds a batch of updates may take until the next is asked for, which tells Telegram that it was dealt with.

Short, because everybody waits while one answer waits for its chat's pace; long enough for any command.
"""

QUEUE = 30
"""How many unanswered things a chat may have said; what is said beyond is passed over."""

_LONGEST_PAUSE = 60.0
_REMEMBERED = 1000


class Listener:
    """Reads updates for as long as it is let, and has each one answered."""

    def __init__(self, bot: Bot, sender: Sender, rights: Rights, line: Line) -> None:
        self._bot = bot
        self._rights = rights
        self._sender = sender
        self._line = line
        self._serving: Answerer | None = None
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._running: set[asyncio.Task[None]] = set()
        self._queued: Counter[int] = Counter()

    async def poll(self, specs: Sequence[CommandSpec], handler: Handler) -> None:
        """Log in and read updates until cancelled."""
        offset = 0

        async def ask() -> list[dict[str, Any]]:
            updates = await self._bot.ask(
                "getUpdates",
                offset=offset or None,
                timeout=POLL_SECONDS,
                allowed_updates=list(ALLOWED),
                read_timeout=POLL_SECONDS + 10,
            )
            return [update for update in updates if isinstance(update.get("update_id"), int)]

        try:
            answerer = await self._log_in(specs, handler)
            await self._persist(lambda: self._bot.delete_webhook(drop_pending_updates=False))
            while True:
                updates = await self._persist(ask)
                await self._work_off(answerer, updates)
                if updates:
                    offset = 1 + max(update["update_id"] for update in updates)
        finally:
            await self._stop()

    async def serve(self, specs: Sequence[CommandSpec], handler: Handler, url: str, secret: str) -> None:
        """Log in, have updates posted to `url`, and stay until cancelled; they come in through `feed`."""
        try:
            self._serving = await self._log_in(specs, handler)
            await self._persist(
                lambda: self._bot.set_webhook(
                    url, secret_token=secret, allowed_updates=list(ALLOWED), max_connections=20
                )
            )
            await asyncio.Event().wait()
        finally:
            self._serving = None
            await self._stop()

    async def feed(self, update: dict[str, Any]) -> bool:
        """Take an update that was posted to us; False while nobody listens, so that Telegram posts it again."""
        if self._serving is None:
            return False
        await self._work_off(self._serving, [update])
        return update["update_id"] in self._seen

    async def _log_in(self, specs: Sequence[CommandSpec], handler: Handler) -> Answerer:
        self._line.connecting()
        me = await self._persist(lambda: self._bot.ask("getMe"))
        try:
            await self._name_commands(specs)
        except TelegramError as error:
            log.warning("telegram_commands_not_set", reason=error.message)
        names = frozenset(spec.name for spec in specs)
        username = str(me.get("username", ""))
        return Answerer(self._sender, self._bot, self._rights, handler, commands=names, username=username)

    async def _name_commands(self, specs: Sequence[CommandSpec]) -> None:
        """Tell Telegram the commands it offers while people type, unless it has them already."""
        wanted = [BotCommand(spec.name, spec.help[:256]) for spec in specs]
        if list(await self._bot.get_my_commands()) != wanted:
            await self._bot.set_my_commands(wanted)

    async def _persist(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """Call until it succeeds, with growing pauses, and keep the state up to date."""
        pause = 0.25
        while True:
            try:
                answer = await ask()
            except TelegramError as error:
                self._line.down(error)
                pause = min(pause * 2, _LONGEST_PAUSE)
                await asyncio.sleep(_pause(error, pause))
            else:
                self._line.up()
                return answer

    async def _work_off(self, answerer: Answerer, updates: Sequence[dict[str, Any]]) -> None:
        """Start on each update, and wait until they are dealt with, though not for ever."""
        started: set[asyncio.Task[None]] = set()
        for update in updates:
            number: int = update["update_id"]
            if number in self._seen:
                continue
            self._seen[number] = None
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
            task = asyncio.create_task(self._answer(answerer, update))
            task.add_done_callback(partial(self._ended, number))
            started.add(task)
            self._running.add(task)
        if started:
            await asyncio.wait(started, timeout=GRACE)

    def _ended(self, number: int, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if task.cancelled():
            self._seen.pop(number, None)  # Telegram will hand it out again

    async def _answer(self, answerer: Answerer, update: dict[str, Any]) -> None:
        try:
            incoming = read(update, answerer.username)
            if incoming is not None:
                await self._in_turn(answerer, incoming)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            log.warning("telegram_update_unreadable", error=type(error).__name__)

    async def _in_turn(self, answerer: Answerer, incoming: Incoming) -> None:
        chat = incoming.spot.chat
        if self._queued[chat] >= QUEUE:
            log.warning("telegram_chat_too_fast", kind=incoming.place.kind)
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
        running = list(self._running)
        for task in running:
            task.cancel()
        self._line.closed()
        await asyncio.gather(*running, return_exceptions=True)


def _pause(error: TelegramError, pause: float) -> float:
    """Seconds until the next try: as told, long for a refused token, otherwise growing and not in step with others."""
    if isinstance(error, ApiError) and error.retry_after:
        return error.retry_after
    if isinstance(error, ApiError) and error.code in {401, 404}:
        return LATER
    if isinstance(error, NoAnswer):
        return min(pause, 5.0)
    return pause * random.uniform(0.5, 1.0)  # noqa: S311 - spreads tries, keeps no secret
