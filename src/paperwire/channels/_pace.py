"""What a platform lets one bot send in a second: an even stream of alerts, and a share kept for answers to people."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_SECOND = 1.0
_GUARDED_SECOND = 1.05
"""The whole is counted over a little more than a second, as messages arrive less evenly than they leave."""

_CATCH_UP = 0.1
"""Seconds of its schedule that a process which was held up may make up for."""


class Budget:
    """A platform's `whole` requests a second, of which alerts get at most `alerts`.

    Alerts leave one after another in an even stream. Answers leave at once while the whole allows it, and never queue
    behind alerts. `clock` is monotonic, in seconds, and `sleep` waits on it.
    """

    def __init__(
        self,
        *,
        whole: int,
        alerts: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._alerts = alerts
        self._clock = clock
        self._sleep = sleep
        self._queue = asyncio.Lock()
        self._sent: deque[float] = deque(maxlen=whole)
        self._next_alert = clock()

    async def alert(self) -> None:
        """Return when the next alert may leave, and count it."""
        async with self._queue:
            while (wait := self._until_alert()) > 0:
                await self._sleep(wait)
            now = self._clock()
            self._next_alert = max(self._next_alert, now - _CATCH_UP) + _SECOND / self._alerts
            self._sent.append(now)

    async def answer(self) -> None:
        """Return when an answer may leave, and count it."""
        while (wait := self._until_answer()) > 0:
            await self._sleep(wait)
        self._sent.append(self._clock())

    def _until_alert(self) -> float:
        full = len(self._sent) >= self._alerts
        room = self._sent[-self._alerts] + _SECOND if full else self._next_alert
        return max(self._next_alert, room) - self._clock()

    def _until_answer(self) -> float:
        full = len(self._sent) == self._sent.maxlen
        return self._sent[0] + _GUARDED_SECOND - self._clock() if full else 0.0
