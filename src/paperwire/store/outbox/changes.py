"""Counts changes to what places get, which saves looking again before each message.

No writer has to think of it: the store looks at each statement, and counts what it changed as the transaction's last
order. Only what a turn writes about its own messages is left out (`OWN`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, event, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlmodel import col

from paperwire.store.database.locks import count_wanted
from paperwire.store.database.tables.deliveries import DeliveryRow, FailureRow, MatchRow
from paperwire.store.database.tables.people import DestinationRow, MuteRow, PersonRow, WatchRow
from paperwire.store.database.tables.service import CounterRow
from paperwire.store.database.tables.subscriptions import RouteRow, SubscriptionRow

OWN = {"own_message": True}
"""Options of a statement by which a turn settles or begins its own message, which changes nothing that is to come."""
_LOOKED_UP = {
    row.__tablename__ for row in (DeliveryRow, FailureRow, MatchRow, MuteRow, RouteRow, SubscriptionRow, WatchRow)
}
_LEADING_THERE = {DestinationRow.__tablename__, PersonRow.__tablename__}  # rows of the others go with theirs
_CHANGED = "what is wanted changed"
CHANGES = select(col(CounterRow.value)).where(col(CounterRow.name) == "wanted")


def watch_changes(engine: AsyncEngine) -> None:
    """Take note in each transaction of `engine` that what is wanted changes in it, for `count_changes`."""
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
