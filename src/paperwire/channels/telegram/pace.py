"""Paces messages to Telegram: each chat by its own limit, all chats by theirs, and answers to people before alerts."""

from __future__ import annotations

import asyncio
import time
from bisect import insort
from collections.abc import Awaitable, Callable

from paperwire.channels._pace import Budget
from paperwire.errors import Retry

PER_SECOND = 30
ALERTS_PER_SECOND = 27
"""All chats together, by Telegram's figure; what alerts leave of it is for answers."""

PRIVATE_PER_MINUTE = 57
SHARED_PER_MINUTE = 20
SHARED_ALERTS_PER_MINUTE = 15
"""In a chat that people share; what alerts leave of it is for a command's answer and four turns of its pages."""

SPACING = 1.05
"""Seconds between two alerts in one chat; Telegram's figure is one second."""

BURST = 3
"""Answers that one chat may get at once, before they too are spaced."""

_WINDOW = 60.5
_BURST = 5  # alerts in a shared chat that are a second apart; from there on they are spread evenly over the minute

_REMEMBERED = 1000  # chats after which those that are idle are forgotten

_HAD_ITS_SHARE = "Telegram's limit for this chat is used up for now"


class Pacer:
    """Waits until a chat may get its next message, and counts what was sent to it.

    A sliding window of the moments of each chat's last messages. Alerts leave room for answers, and nothing that waits
    is counted before it goes, so that no answer waits for an alert. `clock` is monotonic, in seconds, and `sleep`
    waits on it.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._budget = Budget(whole=PER_SECOND, alerts=ALERTS_PER_SECOND, clock=clock, sleep=sleep)
        self._sent: dict[int, list[float]] = {}
        self._held_back: dict[int, float] = {}
        self._forget_at = _REMEMBERED

    async def wait(self, chat: int, patience: float, *, answer: bool = False) -> None:
        """Return when the chat may get its next message; raises Retry where that takes longer than `patience` seconds.

        Nothing is counted: the first to ask then sends first.
        """
        until = self._clock() + patience
        while (wait := self.until_next(chat, answer=answer)) > 0:
            if self._clock() + wait > until:
                raise Retry(_HAD_ITS_SHARE, wait, requested=True)
            await self._sleep(wait)

    async def take(self, chat: int, patience: float, *, answer: bool = False) -> float:
        """Wait as `wait` does, then for the turn among all chats; returns the moment that the message is counted at.

        The message is on its way until `done` is called with that moment.
        """
        await self.wait(chat, patience, answer=answer)
        at = self._clock()
        if len(self._sent) >= self._forget_at:
            self._forget(at)
        sent = self._sent.setdefault(chat, [])
        insort(sent, at)
        del sent[:-SHARED_PER_MINUTE]
        await (self._budget.answer() if answer else self._budget.alert())
        if (wait := self._held_back.get(chat, 0.0) - self._clock()) > 0:
            self._budget.done()
            raise Retry(_HAD_ITS_SHARE, wait, requested=True)
        return at

    def done(self, chat: int, at: float) -> None:
        """Count the message of the moment `at` from now, as it may have arrived at any moment of the call."""
        self._budget.done()
        sent = self._sent.get(chat, [])
        if at in sent:
            sent.remove(at)
            insort(sent, max(at, self._clock()))

    def pause(self, chat: int, seconds: float) -> None:
        """Let nothing go to `chat` for `seconds`, as Telegram asked."""
        self._held_back[chat] = self._clock() + seconds

    def until_next(self, chat: int, *, answer: bool = False) -> float:
        """Seconds until the chat may get its next message; 0 or less if that is now."""
        now = self._clock()
        sent = self._sent.get(chat, [])
        moments = [self._held_back.get(chat, now)]
        moments += [at + (rank - BURST + 1) * SPACING for rank, at in enumerate(reversed(sent), 1) if rank >= BURST]
        if chat < 0:  # ids of chats that people share are negative
            moments += _nth_last(sent, SHARED_PER_MINUTE if answer else SHARED_ALERTS_PER_MINUTE, _WINDOW)
        if not answer:
            busy = chat < 0 and len(sent) >= _BURST and sent[-_BURST] > now - _WINDOW
            moments += _nth_last(sent, 1, _WINDOW / SHARED_ALERTS_PER_MINUTE if busy else SPACING)
        return max(moments) - now

    def _forget(self, now: float) -> None:
        self._sent = {chat: sent for chat, sent in self._sent.items() if sent and sent[-1] > now - _WINDOW}
        self._held_back = {chat: until for chat, until in self._held_back.items() if until > now}
        self._forget_at = max(_REMEMBERED, 2 * len(self._sent))  # so that it costs little a message


def _nth_last(sent: list[float], rank: int, pause: float) -> list[float]:
    """The moment `pause` seconds after the `rank`-th last message; empty if there are fewer."""
    return [sent[-rank] + pause] if len(sent) >= rank else []
