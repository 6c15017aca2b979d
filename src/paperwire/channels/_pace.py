"""What a platform lets one bot send in a second: an even stream of alerts, and a share kept for answers to people."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable

_SECOND = 1.0
_GUARDED_SECOND = 1.05
"""The whole is counted over a little more than a second, as messages arrive less evenly than they leave."""

_CATCH_UP = 0.1  # seconds of its schedule that a delayed process may catch up on

_LOOK_AGAIN = 0.05


class Budget:
    """A platform's `whole` requests a second, of which alerts get at most `alerts`.

    Alerts leave one after another in an even stream. Answers leave at once while the whole allows it, and never queue
    after alerts. What is on its way may arrive at any moment until `done`, and much of it together: alerts count it as
    if it did. `clock` is monotonic, in seconds, and `sleep` waits on it.
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
        self._whole = whole
        self._on_their_way = 0
        self._arrived: deque[float] = deque()
        self._next_alert = clock()

    async def alert(self) -> None:
        """Return when the next alert may leave, and count it."""
        async with self._queue:
            while (wait := self._until_alert()) > 0:
                await self._sleep(wait)
            now = self._clock()
            self._next_alert = max(self._next_alert, now - _CATCH_UP) + _SECOND / self._alerts
            self._count(now)

    async def answer(self) -> None:
        """Return when an answer may leave, and count it."""
        while (wait := self._until_answer()) > 0:
            await self._sleep(wait)
        self._count(self._clock())

    def done(self) -> None:
        """Take note that a request has been answered, or never will be."""
        self._on_their_way -= 1
        self._arrived.append(self._clock())

    def _count(self, now: float) -> None:
        self._sent.append(now)
        self._on_their_way += 1

    def _until_alert(self) -> float:
        now = self._clock()
        while self._arrived and self._arrived[0] + _SECOND <= now:
            self._arrived.popleft()
        moments = [self._next_alert]
        if len(self._sent) >= self._alerts:
            moments.append(self._sent[-self._alerts] + _SECOND)
        if self._on_their_way + len(self._arrived) >= self._whole:
            moments.append(self._arrived[0] + _SECOND if self._arrived else now + _LOOK_AGAIN)
        return max(moments) - now

    def _until_answer(self) -> float:
        full = len(self._sent) == self._sent.maxlen
        return self._sent[0] + _GUARDED_SECOND - self._clock() if full else 0.0
