"""One pace for all processes: turns at outside services are taken in the database and waited for outside of it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from paperwire.errors import SourceBusy
from paperwire.store.engine import insert_new
from paperwire.store.tables.base import Row
from paperwire.store.tables.service import PaceRow
from paperwire.wording import sources as wording

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime

    from sqlalchemy import Update

    from paperwire.store.unit import Unit

LONGEST = timedelta(seconds=200)
"""A turn that is not given back after so long is free again, if nobody finds out before that its process died."""

pace = Row.metadata.tables["pace"]


class StorePace:
    """The `ports.Pace` of a database: one request at a time over all processes, `interval` seconds between them."""

    def __init__(
        self,
        write: Callable[[], AbstractAsyncContextManager[Unit]],
        *,
        owner: str,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._write = write
        self._owner = owner
        self._sleep = sleep
        self._line: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @asynccontextmanager
    async def turn(self, service: str, interval: float) -> AsyncIterator[None]:
        """The turn for one request to `service`, entered when it may go out.

        The next turn is free `interval` seconds after this one has ended. Raises SourceBusy while the service wants to
        be left alone, in whichever process it said so.
        """
        between = timedelta(seconds=interval)
        async with self._line[service]:
            while (wait := await self._take(service, between)) > timedelta(0):
                await self._sleep(wait.total_seconds())
            try:
                yield
            finally:
                if between:
                    await self._give_back(service, between)

    async def rest(self, service: str, until: datetime) -> None:
        """Let no process ask `service` before `until`."""
        async with self._write() as unit:
            new = insert_new(unit.connection, PaceRow).values(service=service, next_at=unit.now, closed_until=until)
            await unit.connection.execute(
                new.on_conflict_do_update(index_elements=["service"], set_={"closed_until": until})
            )

    async def _take(self, service: str, interval: timedelta) -> timedelta:
        """Take the turn, or say when to ask again: how long another process takes nobody knows."""
        async with self._write() as unit:
            new = insert_new(unit.connection, PaceRow).values(service=service, next_at=unit.now)
            await unit.connection.execute(new.on_conflict_do_nothing())
            mine = select(pace.c.next_at, pace.c.closed_until).where(pace.c.service == service).with_for_update()
            next_at, closed_until = (await unit.connection.execute(mine)).one()
            if closed_until is not None and closed_until > unit.now:
                left = (closed_until - unit.now).total_seconds()
                raise SourceBusy(wording.still_busy(service, left), left)
            wait: timedelta = next_at - unit.now
            # A turn further ahead than the next one can be was taken by nobody: the clock went back.
            if timedelta(0) < wait <= interval:
                return wait
            if interval:
                if not await unit.leases.acquire(_turn(service), self._owner, LONGEST):
                    return interval
                await unit.connection.execute(_moved(service, unit.now + interval))
            return timedelta(0)

    async def _give_back(self, service: str, interval: timedelta) -> None:
        async with self._write() as unit:
            await unit.connection.execute(_moved(service, unit.now + interval))  # locked first, as in `_take`
            await unit.leases.release(_turn(service), self._owner)


def _turn(service: str) -> str:
    """The lease of whoever is asking a service."""
    return f"turn:{service}"


def _moved(service: str, next_at: datetime) -> Update:
    return update(pace).where(pace.c.service == service).values(next_at=next_at)
