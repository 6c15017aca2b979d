"""Queries, stored once for everybody, and the sequence in which they come into use and go out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, insert, select, update

from paperwire.store.part import chunks
from paperwire.store.tables.base import Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from paperwire.core.query.language import Query

_T = Row.metadata.tables
query, subscription, counter = _T["query"], _T["subscription"], _T["counter"]
_CHANGES = counter.c.name == "query"


async def use_query(db: AsyncConnection, wanted: Query) -> tuple[int, bool]:
    """The number of the stored query, and whether it only now comes into use; needs `hold_queries`."""
    known = (await db.execute(select(query.c.number).where(query.c.key == wanted.key))).scalar()
    if known is not None:
        return known, await reuse_query(db, known)
    values = {
        "key": wanted.key,
        "text": str(wanted),
        "dumped": wanted.dump(),
        "upvotes": wanted.upvotes,
        "seq": await _next(db),
        "in_use": True,
    }
    made = await db.execute(insert(query).values(values).returning(query.c.number))
    return made.scalar_one(), True


async def reuse_query(db: AsyncConnection, number: int) -> bool:
    """Take a stored query into use again, and say whether it was out of it; needs `hold_queries`."""
    idle = and_(query.c.number == number, query.c.in_use.is_(False))
    if (await db.execute(select(query.c.number).where(idle))).first() is None:
        return False
    await db.execute(update(query).where(idle).values(in_use=True, seq=await _next(db)))
    return True


async def release_queries(db: AsyncConnection, numbers: Sequence[int]) -> None:
    """Take those of these queries out of use that no living subscription names; needs `hold_queries`."""
    living = exists().where(subscription.c.query == query.c.number, subscription.c.deleted_at.is_(None))
    for some in chunks(numbers):
        idle = select(query.c.number).where(query.c.number.in_(some), query.c.in_use.is_(True), ~living)
        for number in (await db.execute(idle.order_by(query.c.number))).scalars().all():
            await db.execute(update(query).where(query.c.number == number).values(in_use=False, seq=await _next(db)))


async def _next(db: AsyncConnection) -> int:
    raised = update(counter).where(_CHANGES).values(value=counter.c.value + 1)
    value: int = (await db.execute(raised.returning(counter.c.value))).scalar_one()
    return value
