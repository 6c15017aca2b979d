"""Locks that one transaction at a time holds until commit, so that a transaction that reads and then writes is alone.

A transaction that needs several takes them in this order, so that no two wait for each other: `paper`, `query`,
`fan_out`; then rows of deliveries before those of places; last `content`, then `wanted`. On SQLite writers queue.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, event, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlmodel import col

from paperwire.store.database.statements import insert_new
from paperwire.store.database.tables.deliveries import DeliveryRow, FailureRow, MatchRow
from paperwire.store.database.tables.people import DestinationRow, MuteRow, PersonRow, WatchRow
from paperwire.store.database.tables.service import CounterRow
from paperwire.store.database.tables.subscriptions import RouteRow, SubscriptionRow

_JOINED = "place"


async def lock_papers(db: AsyncConnection) -> None:
    """Be the only one who records papers until commit: two at the same time might store the same paper twice."""
    await _count(db, "paper")


async def lock_queries(db: AsyncConnection) -> None:
    """Be the only one who changes subscriptions until commit, so that changes become visible in order of `seq`."""
    await db.execute(select(col(CounterRow.value)).where(col(CounterRow.name) == "query").with_for_update())


async def lock_fan_out(db: AsyncConnection) -> None:
    """Be the only one who adds deliveries, or changes where and when they go, until commit."""
    await _count(db, "fan_out")


async def lock_queries_and_fan_out(db: AsyncConnection) -> None:
    """Both of them, or a change of who is owed what and a fan-out might each overlook what the other is committing."""
    await lock_queries(db)
    await lock_fan_out(db)


async def lock_opt_ins(db: AsyncConnection) -> None:
    """Be the only one who counts and adds requests to confirm an address until commit; after `query` if at all."""
    await _count(db, "opt_in")


async def count_change(db: AsyncConnection) -> None:
    """Note that readers would see something else now (`Feeds.sequence`); the last order of a transaction."""
    await _count(db, "content")


async def count_wanted(db: AsyncConnection) -> None:
    """Note that who wants what, or what is owed, may have changed; a transaction's last order."""
    await _count(db, "wanted")


async def count_joined_place(db: AsyncConnection) -> None:
    """Note that a place became one with another; needs `lock_fan_out`."""
    await _count(db, _JOINED)


async def _count(db: AsyncConnection, name: str) -> None:
    new = insert_new(db, CounterRow).values(name=name, value=1)
    await db.execute(new.on_conflict_do_update(index_elements=["name"], set_={"value": col(CounterRow.value) + 1}))


async def joined_places(db: AsyncConnection) -> int:
    """How many places became one with another so far."""
    return int(await db.scalar(select(col(CounterRow.value)).where(col(CounterRow.name) == _JOINED)) or 0)


OWN = {"own_message": True}
"""Options of a statement by which a turn settles or begins its own message, which changes nothing that is to come."""
_LOOKED_UP = {
    row.__tablename__ for row in (DeliveryRow, FailureRow, MatchRow, MuteRow, RouteRow, SubscriptionRow, WatchRow)
}
_LEADING_THERE = {DestinationRow.__tablename__, PersonRow.__tablename__}  # rows of the others go with theirs
_CHANGED = "what is wanted changed"
CHANGES = select(col(CounterRow.value)).where(col(CounterRow.name) == "wanted")


def watch_changes(engine: AsyncEngine) -> None:
    """Take note in each transaction of `engine` that what is wanted changes in it, for `count_changes`.

    No writer has to think of it, and a turn need not look again before each message while nothing changed. Only what
    a turn writes about its own messages is left out (`OWN`).
    """
    event.listen(engine.sync_engine, "before_execute", _note)


def _note(connection: Connection, statement: Any, _many: Any, _one: Any, options: Mapping[str, Any]) -> None:
    if not statement.is_dml or options.get("own_message"):
        return
    name = statement.table.name
    if name in _LOOKED_UP or (statement.is_delete and name in _LEADING_THERE):
        connection.info[_CHANGED] = True


async def count_changes(db: AsyncConnection) -> None:
    """Count that this transaction changed what is wanted, if it did; its last order."""
    # What was undone may be counted with the next transaction of the connection, which costs one look.
    if (await db.get_raw_connection()).info.pop(_CHANGED, False):
        await count_wanted(db)
