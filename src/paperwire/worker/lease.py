"""What one process at a time may do, on any number of machines: the process with the lease does it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from paperwire.errors import StoreError
from paperwire.store.unit import Store

_log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
"""How long a lease lasts unless renewed; a process that dies is followed sooner (`presence`)."""


@dataclass(frozen=True, slots=True)
class Lease:
    """One lease of a database and who wants it: taken when it is free, renewed, given back."""

    store: Store
    name: str
    owner: str

    async def during(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do `work` while the lease is ours and wait while it is not; returns when `work` does, raises what it raises.

        Raises StoreError if the database cannot be asked for the lease.
        """
        while not await self.attempt(work):  # noqa: ASYNC110 -- nothing tells when another process gives it back
            await asyncio.sleep(LEASE.total_seconds() / 12)

    async def attempt(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Do `work` if the lease is free; whether it ended before the lease was lost.

        Raises what `work` raises, and StoreError if the database cannot be asked for the lease.
        """
        async with self.store.write() as unit:
            is_acquired = await unit.leases.acquire(self.name, self.owner, LEASE)
        return is_acquired and await self._done(work)

    async def _done(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Whether `work` came to its end before the lease was lost."""
        working = asyncio.ensure_future(work())
        try:
            while await self._keep(working):
                if working.done():
                    await working
                    return True
            _log.warning("lease lost", lease=self.name)
            return False
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
            await self._give_back()

    async def _keep(self, working: asyncio.Future[None]) -> bool:
        """Wait until it is time to renew, or the work is done; False if the lease is lost by then."""
        failing_since: float | None = None
        clock = asyncio.get_running_loop().time
        while True:
            await asyncio.wait({working}, timeout=LEASE.total_seconds() / (3 if failing_since is None else 12))
            if working.done():
                return True
            try:
                async with self.store.write() as unit:
                    return await unit.leases.renew(self.name, self.owner, LEASE)
            except StoreError as error:
                _log.warning("lease not renewed", lease=self.name, problem=str(error))
                failing_since = failing_since or clock()
                if clock() - failing_since > LEASE.total_seconds() / 2:
                    return False

    async def _give_back(self) -> None:
        try:
            async with self.store.write() as unit:
                await unit.leases.release(self.name, self.owner)
        except StoreError as error:
            _log.warning("lease not given back", lease=self.name, problem=str(error))


_LOOK_AGAIN = timedelta(seconds=30)


async def renew_words(store: Store, owner: str) -> timedelta | None:
    """Renew it if need be; None once it is, or after which time to look whether another process has done so."""
    return None if await Lease(store, "words", owner).attempt(store.renew_words) else _LOOK_AGAIN
