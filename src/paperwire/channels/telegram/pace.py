"""How fast one chat may be written to: once a second, and twenty times a minute where people share it."""

from __future__ import annotations

import time
from bisect import insort
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PRIVATE_PER_MINUTE = 60
SHARED_PER_MINUTE = 20
SPACING = 1.05
"""Seconds between two messages to one chat; Telegram's figure is one second."""

_WINDOW = 60.5
_IDLE_CHATS = 1000


def per_minute(chat: int) -> int:
    """How many messages a minute a chat takes; ids of groups and channels are negative."""
    return PRIVATE_PER_MINUTE if chat > 0 else SHARED_PER_MINUTE


class Pacer:
    """Hands out the moments at which one chat may get its next message.

    A sliding window, as the library's leaky bucket lets forty messages through in its first minute. `clock` is
    monotonic, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._slots: dict[int, list[float]] = {}
        self._held: dict[int, float] = {}

    def reserve(self, chat: int, patience: float) -> tuple[float, float]:
        """Return in how many seconds the next message may go, and the moment that is kept for it.

        Where the wait is over `patience`, nothing is kept and the caller has to come back later.
        """
        now = self._clock()
        if len(self._slots) > _IDLE_CHATS:
            self._forget(now)
        slots = self._slots.setdefault(chat, [])
        at = max(now, self._held.get(chat, now))
        if slots:
            at = max(at, slots[-1] + SPACING)
        limit = per_minute(chat)
        if len(slots) >= limit:
            at = max(at, slots[-limit] + _WINDOW)
        wait = at - now
        if wait <= patience:
            slots.append(at)
            del slots[:-limit]
        return wait, at

    def done(self, chat: int, at: float) -> None:
        """Count the message of the moment `at` from now, as nobody knows when within the call it arrived."""
        slots = self._slots.get(chat, [])
        if at in slots:
            slots.remove(at)
            insort(slots, max(at, self._clock()))

    def hold(self, chat: int, seconds: float) -> None:
        """Let nothing go to `chat` for `seconds`, as Telegram asked."""
        self._held[chat] = self._clock() + seconds

    def _forget(self, now: float) -> None:
        self._slots = {chat: slots for chat, slots in self._slots.items() if slots and slots[-1] > now - _WINDOW}
        self._held = {chat: until for chat, until in self._held.items() if until > now}
