"""The conversations with a mail server: how many at once, how patient each is, and what a slow one may hold up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from paperwire.errors import Retry

MAILS_IN_PARALLEL, SLOW_IN_PARALLEL, OUTSIDE = 10, 3, 30
"""Conversations in all; those among them that may last longer than `SLOW`; and beyond these, those that wait for the
answer to a whole mail, which can't be broken off."""
SLOW = 20.0
"""Seconds after which a conversation is a slow one."""
_ROOM_WAIT = 60.0
"""Seconds until an address is tried again that had to make room for others."""
Wait: TypeAlias = Literal["connect", "sender", "recipient", "text"]
ANSWER_TIMEOUTS: dict[Wait, float] = {"connect": 300.0, "sender": 300.0, "recipient": 300.0, "text": 600.0}
"""Seconds for each answer, as RFC 5321 (4.5.3.2) wants it."""
HURRY: dict[Wait, float] = {"connect": 18.0, "sender": 18.0, "recipient": 18.0, "text": 20.0}
"""The same where a person waits for the outcome of a mail: all that comes before its text together, then the text."""


class Timer(Protocol):
    """What can be cancelled before it happens."""

    def cancel(self) -> None:
        """Let it not happen."""


Later: TypeAlias = Callable[[float, Callable[[], None]], Timer]
"""Calls something after some seconds."""


def _later(seconds: float, what: Callable[[], None]) -> Timer:
    return asyncio.get_running_loop().call_later(seconds, what)


@dataclass(eq=False)
class MailTransaction:
    """One conversation about a mail to an address; `is_cut` once it had to make room for others."""

    to: str
    patient: bool = True
    is_cut: bool = False
    wait: Wait = "connect"
    is_outside: bool = False
    began: float = field(default_factory=lambda: asyncio.get_running_loop().time())
    _timeout: asyncio.Timeout | None = None

    @asynccontextmanager
    async def waiting(self, wait: Wait) -> AsyncIterator[None]:
        """Wait for an answer no longer than is due to it; raises TimeoutError."""
        self.wait = wait
        try:
            async with asyncio.timeout_at(self._until(wait)) as self._timeout:
                yield
        finally:
            self._timeout = None

    def cut(self) -> None:
        """Break it off where it waits."""
        self.is_cut = True
        if self._timeout is not None:
            self._timeout.reschedule(asyncio.get_running_loop().time())

    def _until(self, wait: Wait) -> float:
        now = asyncio.get_running_loop().time()
        if self.is_cut and wait != "text":
            return now
        if self.patient:
            return now + ANSWER_TIMEOUTS[wait]
        return (now if wait == "text" else self.began) + HURRY[wait]


class Conversations:
    """Makes room for conversations, so that slow addresses hold up no others.

    After `SLOW` seconds a conversation keeps its room if fewer than `SLOW_IN_PARALLEL` do. Otherwise it is cut;
    one that waits for the answer to a whole mail goes on, as that may have arrived, and leaves its room. An address
    that was too slow begins as a slow one the next time.
    """

    def __init__(self, later: Later = _later) -> None:
        self._later = later
        self._rooms = asyncio.Semaphore(MAILS_IN_PARALLEL)
        self._transactions: dict[str, MailTransaction] = {}
        self._slow: set[MailTransaction] = set()
        self._outside = 0
        self._slow_before: set[str] = set()

    def about(self, to: str) -> MailTransaction:
        """The conversation for which there is room; or else one for which a person waits."""
        return self._transactions.pop(to, None) or MailTransaction(to, patient=False)

    @asynccontextmanager
    async def room(self, to: str) -> AsyncIterator[None]:
        """Room for a conversation about a mail to an address; raises Retry where too many slow ones go on."""
        if to in self._slow_before and len(self._slow) >= SLOW_IN_PARALLEL:
            raise no_room()
        transaction = MailTransaction(to)
        if to in self._slow_before:
            self._slow.add(transaction)
        try:
            await self._rooms.acquire()
        except asyncio.CancelledError:
            self._slow.discard(transaction)
            raise
        transaction.began = asyncio.get_running_loop().time()
        self._transactions[to] = transaction
        timer = self._later(SLOW, lambda: self._is_slow(transaction))
        try:
            yield
        finally:
            timer.cancel()
            self._end(transaction)

    def answered(self, to: str) -> None:
        """An address was answered for in time."""
        self._slow_before.discard(to)

    def timed_out(self, transaction: MailTransaction) -> Retry | None:
        """Note a wait that ended without an answer; the error to raise if it had to make room."""
        if transaction.wait == "recipient" and transaction.patient:
            self._slow_before.add(transaction.to)
        return no_room() if transaction.is_cut else None

    def _is_slow(self, transaction: MailTransaction) -> None:
        if transaction in self._slow:
            return
        if len(self._slow) < SLOW_IN_PARALLEL:
            self._slow.add(transaction)
        elif transaction.wait != "text":
            transaction.cut()
        elif self._outside < OUTSIDE:
            transaction.is_outside = True
            self._outside += 1
            self._rooms.release()

    def _end(self, transaction: MailTransaction) -> None:
        self._slow.discard(transaction)
        if self._transactions.get(transaction.to) is transaction:
            del self._transactions[transaction.to]
        if transaction.is_outside:
            self._outside -= 1
        else:
            self._rooms.release()


def no_room() -> Retry:
    """The error for a conversation that had to make room for others."""
    return Retry("the mail server takes long for this address; others go first", _ROOM_WAIT, requested=True)
