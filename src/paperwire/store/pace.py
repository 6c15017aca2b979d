"""One pace for all processes: turns at outside services are reserved in the database and waited for outside of it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, case, literal, type_coerce, update

from paperwire.store.engine import insert_new
from paperwire.store.tables import PaceRow, Row

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime

    from paperwire.store.unit import Unit

_MOST_AHEAD = 20
"""A turn further ahead than so many intervals was not reserved by anybody: the clock went back."""

pace = Row.metadata.tables["pace"]


class StorePace:
    """The `ports.Pace` of a database. In one process callers wait in line, so each reserves only its next turn."""

    def __init__(
        self,
        write: Callable[[], AbstractAsyncContextManager[Unit]],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._write = write
        self._sleep = sleep
        self._line: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def wait(self, service: str, interval: float) -> None:
        """Return when this caller may send its next request to `service`; `interval` is in seconds."""
        async with self._line[service]:
            async with self._write() as unit:
                turn = await _reserve(unit, service, timedelta(seconds=interval))
                seconds = (turn - unit.now).total_seconds()
            if seconds > 0:
                await self._sleep(seconds)


async def _reserve(unit: Unit, service: str, interval: timedelta) -> datetime:
    """Move the service's next turn on by one interval, in one statement; returns the turn that is ours."""
    await unit.connection.execute(
        insert_new(unit.connection, PaceRow).values(service=service, next_at=unit.now).on_conflict_do_nothing()
    )
    instant = pace.c.next_at.type
    now = literal(unit.now, instant)
    far = literal(unit.now + _MOST_AHEAD * interval, instant)
    ours = case((pace.c.next_at <= now, now), (pace.c.next_at > far, now), else_=pace.c.next_at)
    following = type_coerce(ours, BigInteger) + interval // timedelta(microseconds=1)
    taken = (
        update(pace)
        .where(pace.c.service == service)
        .values(next_at=type_coerce(following, instant))
        .returning(pace.c.next_at)
    )
    following_at: datetime = (await unit.connection.execute(taken)).scalar_one()
    return following_at - interval
