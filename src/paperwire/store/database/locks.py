"""Locks that one transaction at a time holds until commit, so that whoever reads and then writes is alone.

Whoever needs several takes them in this order, so that no two wait for each other: `paper` (`Papers.take_turn`),
`query`, `fan_out`; then rows of deliveries before those of places; last `content`. On SQLite writers queue anyway.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from paperwire.store.engine import insert_new
from paperwire.store.tables.base import Row
from paperwire.store.tables.service import CounterRow

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

counter = Row.metadata.tables["counter"]
_JOINED = "place"


async def hold_queries(db: AsyncConnection) -> None:
    """Be the only one who changes subscriptions until commit, so that changes become visible in order of `seq`."""
    await db.execute(select(counter.c.value).where(counter.c.name == "query").with_for_update())


async def hold_fan_out(db: AsyncConnection) -> None:
    """Be the only one who adds deliveries, or changes where and when they go, until commit."""
    await db.execute(update(counter).values(value=counter.c.value + 1).where(counter.c.name == "fan_out"))


async def count_joined_place(db: AsyncConnection) -> None:
    """Note that a place became one with another; needs `hold_fan_out`."""
    new = insert_new(db, CounterRow).values(name=_JOINED, value=1)
    await db.execute(new.on_conflict_do_update(index_elements=["name"], set_={"value": counter.c.value + 1}))


async def joined_places(db: AsyncConnection) -> int:
    """How many places became one with another so far."""
    return int(await db.scalar(select(counter.c.value).where(counter.c.name == _JOINED)) or 0)
