"""Who asks the database: stages, commands and pages have connections of their own, and searches a bound.

A lane is set where a request comes in and goes along with its task. What is not a request is work of a stage.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from paperwire.errors import StoreBusy, StoreSlow

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

SEARCH_WAIT = 5.0
"""Seconds that a search waits for its turn."""
SEARCH_TIME = 10.0
"""Seconds after which a search of a request is stopped."""
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
    Lane.PAGES: Room(sqlite=3, postgres=4, patience=5.0, searches=2),
    Lane.API: Room(sqlite=2, postgres=2, patience=5.0, searches=1),
}

_lane = ContextVar("lane", default=Lane.STAGES)


def current_lane() -> Lane:
    """The lane of the task that asks."""
    return _lane.get()


@contextmanager
def using(lane: Lane) -> Iterator[None]:
    """Ask in this lane."""
    token = _lane.set(lane)
    try:
        yield
    finally:
        _lane.reset(token)


class Searches:
    """Bounds how many searches of each lane run at the same time, and for how long each does."""

    def __init__(self) -> None:
        self._turns = {
            lane: asyncio.Semaphore(room.searches) for lane, room in ROOMS.items() if room.searches is not None
        }

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One search of the lane that asks; a stage's is not bounded.

        Raises StoreBusy where no turn comes in time, and StoreSlow where the search takes too long.
        """
        turns = self._turns.get(current_lane())
        if turns is None:
            yield
            return
        try:
            async with asyncio.timeout(SEARCH_WAIT):
                await turns.acquire()
        except TimeoutError:
            raise StoreBusy("too many searches are running", after=RETRY_AFTER) from None
        try:
            async with asyncio.timeout(SEARCH_TIME) as limit:
                yield
        except TimeoutError:
            if not limit.expired():
                raise
            raise StoreSlow(f"a search was stopped after {SEARCH_TIME:g} seconds", after=RETRY_AFTER) from None
        finally:
            turns.release()
