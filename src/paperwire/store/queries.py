"""Queries, stored once for everyone, and the sequence in which they come into use and go out of it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, bindparam, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from paperwire.core.query.language import Query
from paperwire.store.database.part import chunks
from paperwire.store.database.tables.service import CounterRow
from paperwire.store.database.tables.subscriptions import QueryRow, SubscriptionRow
from paperwire.store.database.versions import QUERIES

_CHANGES = col(CounterRow.name) == "query"


async def use_query(db: AsyncConnection, query: Query, key: str) -> tuple[int, bool]:
    """The number of the query stored under this key, and whether it only now comes into use; needs `lock_queries`.

    Raises StoreUnsupported if another version has renewed the keys.
    """
    await QUERIES.last(db)
    number = (await db.execute(select(col(QueryRow.number)).where(col(QueryRow.key) == key))).scalar()
    if number is not None:
        return number, await reuse_query(db, number)
    values = {
        "key": key,
        "text": str(query),
        "dumped": query.dump(),
        "upvotes": query.upvotes,
        "seq": await _next(db),
        "in_use": True,
    }
    made = await db.execute(insert(QueryRow).values(values).returning(col(QueryRow.number)))
    return made.scalar_one(), True


async def reuse_query(db: AsyncConnection, number: int) -> bool:
    """Take a stored query into use again, and say whether it was out of it; needs `lock_queries`."""
    idle = and_(col(QueryRow.number) == number, col(QueryRow.in_use).is_(False))
    if (await db.execute(select(col(QueryRow.number)).where(idle))).first() is None:
        return False
    await db.execute(update(QueryRow).where(idle).values(in_use=True, seq=await _next(db)))
    return True


async def release_queries(db: AsyncConnection, numbers: Sequence[int]) -> None:
    """Take those of these queries out of use that no living subscription names; needs `lock_queries`."""
    living = exists().where(
        col(SubscriptionRow.query) == col(QueryRow.number), col(SubscriptionRow.deleted_at).is_(None)
    )
    for piece in chunks(numbers):
        idle = select(col(QueryRow.number)).where(
            col(QueryRow.number).in_(piece), col(QueryRow.in_use).is_(True), ~living
        )
        for number in (await db.execute(idle.order_by(col(QueryRow.number)))).scalars().all():
            await db.execute(
                update(QueryRow).where(col(QueryRow.number) == number).values(in_use=False, seq=await _next(db))
            )


async def move_queries(db: AsyncConnection, numbers: Sequence[int]) -> None:
    """Let matchers load those of these queries that are in use again; needs `lock_queries`."""
    if not numbers:
        return
    last = await _next(db, len(numbers))
    moved = update(QueryRow).where(col(QueryRow.number) == bindparam("of"), col(QueryRow.in_use).is_(True))
    places = [{"of": number, "place": last - len(numbers) + at} for at, number in enumerate(numbers, 1)]
    await db.execute(moved.values(seq=bindparam("place")), places)


async def _next(db: AsyncConnection, places: int = 1) -> int:
    """The last of this number of new places in the sequence of changes."""
    raised = update(CounterRow).where(_CHANGES).values(value=col(CounterRow.value) + places)
    value: int = (await db.execute(raised.returning(col(CounterRow.value)))).scalar_one()
    return value
