"""The lease of a place that is being served: how sure it is, and how it is kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

import structlog

from paperwire.errors import StoreError
from paperwire.pipeline.turn import Turn
from paperwire.store.unit import Store

T = TypeVar("T")

_log = structlog.get_logger(__name__)

PLACE_LEASE = timedelta(seconds=120)
"""How long a place is ours unless that is renewed, as it is every 40 seconds while a message is on its way."""
TRUSTED = 10.0
"""Seconds for which a place is surely ours after the database said so; half of what others wait before they take it."""


def awake() -> float:
    """Seconds of a monotonic clock that goes on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass
class ClaimedPlace:
    """A place that this process serves: its `turn`, which each step replaces, and how sure its lease is.

    It `is_ours` as the database said at `confirmed_at`. `sending_since` is a time of the loop. `abandoned` says that
    only the message on its way is left of a turn that was stopped.
    """

    turn: Turn
    is_ours: bool = True
    confirmed_at: float = field(default_factory=awake)
    sending_since: float = field(default_factory=lambda: asyncio.get_running_loop().time())
    abandoned: bool = False

    @property
    def number(self) -> int:
        return self.turn.place.number


@dataclass(frozen=True)
class PlaceLeases:
    """Keeps the leases of the places that `owner` serves."""

    store: Store
    owner: str

    async def keep(self, places: Callable[[], Collection[ClaimedPlace]]) -> None:
        """Renew the leases of what `places` gives each time, until cancelled."""
        while True:
            await asyncio.sleep(PLACE_LEASE.total_seconds() / 3)
            current = [claimed for claimed in places() if not claimed.turn.over]
            try:
                if current:
                    await self.renew(current)
            except StoreError as error:
                _log.warning("leases not renewed", places=len(current), problem=str(error))

    async def renew(self, places: Sequence[ClaimedPlace]) -> None:
        """Keep these places; those that are lost or closed get no further message."""
        async with self.store.write() as unit:
            places_kept = await unit.outbox.keep([claimed.number for claimed in places], self.owner, PLACE_LEASE)
        for claimed in places:
            claimed.is_ours, claimed.confirmed_at = claimed.number in places_kept, awake()

    async def holds(self, claimed: ClaimedPlace) -> bool:
        """Whether a place is ours; asks again after a while, as others take over from a process that stood still."""
        if claimed.is_ours and awake() - claimed.confirmed_at > TRUSTED:
            await self.renew([claimed])
        return claimed.is_ours


async def until_written(write: Callable[[], Awaitable[T]], place: int) -> T:
    """Do `write` for a place, again and again while its lease is surely ours.

    Raises StoreError if the database cannot do it in that time.
    """
    wait = 0.2
    while True:
        try:
            return await write()
        except StoreError as error:
            if wait > PLACE_LEASE.total_seconds() / 3:
                raise
            _log.warning("turn not yet written down", place=place, problem=str(error))
            await asyncio.sleep(wait)
            wait *= 2
