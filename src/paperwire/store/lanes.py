"""Who asks the database: stages, commands and pages have connections of their own, and searches a bound.

A lane is set where a request comes in and goes along with its task. What is not a request is work of a stage.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from time import perf_counter
from typing import TypeVar
from weakref import WeakValueDictionary

from paperwire.errors import StoreBusy, StoreSlow

T = TypeVar("T")

SEARCH_WAIT = 5.0
"""Seconds that a search waits for its slot."""
SEARCH_TIME = 10.0
"""Seconds after which a search of a request is stopped."""
SLICE = 0.001
"""Seconds of a search's work in the event loop, after which it lets others go on."""
REST = 8
"""How many times as long it rests while stages or commands are at work."""
AT_WORK = 0.1
"""Seconds for which these count as at work after each of their transactions."""
RETRY_AFTER = 5
"""Seconds after which a request that found no room is worth another try."""


class Lane(StrEnum):
    """On whose behalf the database is asked; `API` are programs, feed readers among them."""

    STAGES = "stages"
    COMMANDS = "commands"
    PAGES = "pages"
    API = "api"


@dataclass(frozen=True, slots=True)
class Room:
    """What a lane has: connections on each kind of database, seconds to wait for one, and searches at a time.

    More connections than searches, so that what only looks something up never waits for a search.
    """

    sqlite: int
    postgres: int
    patience: float
    searches: int | None


ROOMS = {
    Lane.STAGES: Room(sqlite=3, postgres=10, patience=30.0, searches=None),
    Lane.COMMANDS: Room(sqlite=3, postgres=4, patience=5.0, searches=2),
    Lane.PAGES: Room(sqlite=3, postgres=4, patience=5.0, searches=1),
    Lane.API: Room(sqlite=2, postgres=2, patience=5.0, searches=1),
}

_FIRST = {Lane.STAGES, Lane.COMMANDS}

_lane = ContextVar("lane", default=Lane.STAGES)
_client = ContextVar("client", default="")
_slot: ContextVar[Searches | None] = ContextVar("slot", default=None)


def current_lane() -> Lane:
    return _lane.get()


@contextmanager
def using(lane: Lane, client: str = "") -> Iterator[None]:
    """Ask in this lane, for a client by its name; of one that is named a single search at a time waits or runs."""
    lane_before, client_before = _lane.set(lane), _client.set(client)
    try:
        yield
    finally:
        _client.reset(client_before)
        _lane.reset(lane_before)


async def filtered(pieces: Iterable[T], holds: Callable[[T], bool]) -> list[T]:
    """The pieces of which something holds, looked at in the event loop in slices, between which others go on.

    Of the searches of pages and programs one looks at a time, and rests long while stages or commands are at work.
    """
    searches = None if current_lane() in _FIRST else _slot.get()
    done, left = [], iter(pieces)
    while True:
        async with searches.looking if searches else nullcontext():
            began = perf_counter()
            for piece in left:
                if holds(piece):
                    done.append(piece)
                if perf_counter() - began >= SLICE:
                    break
            else:
                return done
            rests = searches is not None and perf_counter() < searches.rest_until
            await asyncio.sleep(REST * (perf_counter() - began) if rests else 0)


class Searches:
    """Bounds how many searches of each lane run at the same time, and for how long each does."""

    def __init__(self) -> None:
        self._slots = {
            lane: asyncio.Semaphore(room.searches) for lane, room in ROOMS.items() if room.searches is not None
        }
        self._clients: WeakValueDictionary[tuple[Lane, str], asyncio.Lock] = WeakValueDictionary()
        self.looking = asyncio.Lock()
        self.rest_until = 0.0

    def give_way(self) -> None:
        """Let searches rest for a while if the database is asked for a stage or a command."""
        if current_lane() in _FIRST:
            self.rest_until = perf_counter() + AT_WORK

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """One search of the lane that asks; a stage's is not bounded, and one within another is the same.

        Raises StoreBusy where no slot is free in time, and StoreSlow where the search takes too long.
        """
        slots = self._slots.get(current_lane())
        if slots is None or _slot.get() is not None:
            yield
            return
        async with AsyncExitStack() as held:
            try:
                async with asyncio.timeout(SEARCH_WAIT):
                    await held.enter_async_context(self._one_of_client())
                    await held.enter_async_context(slots)
            except TimeoutError:
                raise StoreBusy("too many searches are running", after=RETRY_AFTER) from None
            held.callback(_slot.reset, _slot.set(self))
            try:
                async with asyncio.timeout(SEARCH_TIME) as limit:
                    yield
            except TimeoutError:
                if not limit.expired():
                    raise
                raise StoreSlow(f"a search was stopped after {SEARCH_TIME:g} seconds", after=RETRY_AFTER) from None

    def _one_of_client(self) -> AbstractAsyncContextManager[object]:
        """A client's searches wait for each other before they wait among those of others, who come in between."""
        client = _client.get()
        return self._clients.setdefault((current_lane(), client), asyncio.Lock()) if client else nullcontext()
