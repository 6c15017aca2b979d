"""Heartbeats of the processes that share a database; others take over from one that falls silent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import structlog

from paperwire.errors import StoreError, StoreUnsupported
from paperwire.store.unit import Store, Unit
from paperwire.worker import owner as owners

_log = structlog.get_logger(__name__)

BEAT = 4.0
"""Seconds between two heartbeats of a process, each of which looks after the others' as well."""
DEAD_AFTER = 20.0
"""Seconds without a heartbeat after which a process is dead; it is succeeded within 28 s, whatever its machine."""
HEARTBEAT = timedelta(seconds=30)
"""How long a heartbeat is good for a process that has only just begun to look."""


class Presence:
    """The heartbeat of one process, and its eye on those of the others.

    Silence is measured by this process's own monotonic clock from one look to the next, so that clocks may differ
    between machines, be set, or stand still.
    """

    def __init__(self, store: Store, owner: str, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._owner = owner
        self._elapsed = elapsed
        self._looked_at = elapsed()
        self._unchanged: dict[str, tuple[datetime | None, float]] = {}

    async def begin(self, unit: Unit) -> bool:
        """Be alive from now on, as part of a transaction; whether any other process is."""
        await unit.leases.start_heartbeat(self._owner, HEARTBEAT)
        beats = await unit.leases.heartbeats()
        return any(
            beat is not None and beat > unit.now and owner != self._owner and not owners.is_dead(owner)
            for owner, beat in beats.items()
        )

    @asynccontextmanager
    async def beating(self) -> AsyncIterator[None]:
        """Keep the heartbeat and look after the others' while the block goes on; then no lease is left."""
        await self.look()
        beating = asyncio.create_task(self._go_on())
        try:
            yield
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)
            await self._end()

    async def look(self) -> None:
        """Renew the heartbeat, give back what dead processes had leased, and forget what they reported."""
        async with self._store.write() as unit:
            if not await unit.leases.beat(self._owner, HEARTBEAT):
                _log.warning("taken for dead after a long silence", owner=self._owner)
                await unit.leases.start_heartbeat(self._owner, HEARTBEAT)
            beats = await unit.leases.heartbeats()
        del beats[self._owner]
        for owner in self._dead(beats):
            async with self._store.write() as unit:
                if await unit.leases.release_dead(owner, beats[owner]):
                    await unit.outbox.release_all(owner)
                    await unit.channels.withdraw(owner)
                    _log.info("took over from a process that died", owner=owner)

    def _dead(self, beats: dict[str, datetime | None]) -> list[str]:
        """Whose process is known to be gone, or has shown the same heartbeat for too long."""
        now = self._elapsed()
        if now - self._looked_at > DEAD_AFTER / 2:  # it was this process that stood still, or the database
            self._unchanged.clear()
        self._looked_at = now
        seen = {owner: self._unchanged.get(owner) for owner in beats}
        self._unchanged = {
            owner: before if before is not None and before[0] == beats[owner] else (beats[owner], now)
            for owner, before in seen.items()
        }
        silent = (owner for owner, (_, since) in self._unchanged.items() if now - since >= DEAD_AFTER)
        return sorted({*silent, *filter(owners.is_dead, beats)})

    async def _go_on(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 -- whatever it is, the next heartbeat may succeed
                _log.warning("no heartbeat", problem=str(error))

    async def _end(self) -> None:
        try:
            async with self._store.write() as unit:
                await unit.leases.release_all(self._owner)
        except StoreError as error:
            _log.warning("leases were not given back", problem=str(error))


async def until_outdated(store: Store) -> None:
    """Go on until another version has changed the database (`Store.check_version`); then raise StoreUnsupported."""
    while True:
        await asyncio.sleep(BEAT)
        try:
            await store.check_version()
        except StoreUnsupported:
            raise
        except StoreError as error:
            _log.debug("schema not looked at", problem=str(error))
