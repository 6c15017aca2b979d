"""Listening: updates by long polling or webhook, each answered once, in order within a chat."""

from __future__ import annotations

import asyncio
import random
from collections import OrderedDict
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
    from paperwire.ports import CommandSpec, Handler

log = structlog.get_logger(__name__)

POLL_SECONDS = 25
GRACE = 15.0
"""Seconds a batch of updates may take until the next is asked for, which tells Telegram that it was dealt with."""

_LONGEST_PAUSE = 60.0
_AT_ONCE = 32
_REMEMBERED = 1000


class Listener:
    """Reads updates for as long as it is let, and has each one answered."""

    def __init__(self, bot: Bot, sender: Sender, rights: Rights, line: Line) -> None:
        self._bot = bot
        self._rights = rights
        self._sender = sender
        self._line = line
        self._answerer: Answerer | None = None
        self._ready = asyncio.Event()
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._running: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def poll(self, specs: Sequence[CommandSpec], handler: Handler) -> None:
        """Log in and read updates until cancelled."""
        await self._log_in(specs, handler)
        await self._persist(lambda: self._bot.delete_webhook(drop_pending_updates=False))
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
            while True:
                updates = await self._persist(ask)
                await self._work_off(updates)
                if updates:
                    offset = 1 + max(update["update_id"] for update in updates)
        finally:
            await self._stop()

    async def serve(self, specs: Sequence[CommandSpec], handler: Handler, url: str, secret: str) -> None:
        """Log in, have updates posted to `url`, and stay until cancelled; they come in through `feed`."""
        await self._log_in(specs, handler)
        self._ready.set()
        try:
            await self._persist(
                lambda: self._bot.set_webhook(
                    url, secret_token=secret, allowed_updates=list(ALLOWED), max_connections=20
                )
            )
            await asyncio.Event().wait()
        finally:
            self._ready.clear()
            await self._stop()

    async def feed(self, update: dict[str, Any]) -> bool:
        """Take an update that was posted to us; False while nobody listens, so that Telegram posts it again."""
        if not self._ready.is_set():
            return False
        await self._work_off([update])
        return update["update_id"] in self._seen

    async def _log_in(self, specs: Sequence[CommandSpec], handler: Handler) -> None:
        self._line.connecting()
        me = await self._persist(lambda: self._bot.ask("getMe"))
        username = str(me.get("username", ""))
        names = frozenset(spec.name for spec in specs)
        self._answerer = Answerer(self._sender, self._bot, self._rights, handler, commands=names, username=username)
        try:
            await self._name_commands(specs)
        except TelegramError as error:
            log.warning("telegram_commands_not_set", reason=error.message)

    async def _name_commands(self, specs: Sequence[CommandSpec]) -> None:
        """Tell Telegram the commands it offers while people type, unless it has them already."""
        wanted = [BotCommand(spec.name, spec.help[:256]) for spec in specs]
        if list(await self._bot.get_my_commands()) != wanted:
            await self._bot.set_my_commands(wanted)

    async def _persist(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """Call until it succeeds, with growing pauses, and keep the state up to date."""
        pause = 0.5
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

    async def _work_off(self, updates: Sequence[dict[str, Any]]) -> None:
        """Start on each update, and wait until they are dealt with, though not for ever."""
        for update in updates:
            number: int = update["update_id"]
            if number in self._seen:
                continue
            self._seen[number] = None
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
            task = asyncio.create_task(self._answer(update))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        if updates and self._running:
            await asyncio.wait(self._running, timeout=GRACE)

    async def _answer(self, update: dict[str, Any]) -> None:
        if self._answerer is None:
            return
        try:
            incoming = read(update, self._answerer.username)
            if incoming is None:
                return
            turn = self._turns.setdefault(incoming.spot.chat, asyncio.Lock())
            async with turn, self._room:
                await self._answerer.answer(incoming)
        except asyncio.CancelledError:
            self._seen.pop(update["update_id"], None)  # Telegram will hand it out again
            raise
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            log.warning("telegram_update_unreadable", error=type(error).__name__)

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
