"""Stored queries when words fold otherwise: new keys and plans, and one query of two that have become the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased
from sqlmodel import col

from paperwire.core.query.language import Query
from paperwire.store.database.locks import count_change, count_wanted, lock_queries_and_fan_out
from paperwire.store.database.statements import move_rows, point_to
from paperwire.store.database.tables.deliveries import MatchRow, MatchScoreRow
from paperwire.store.database.tables.subscriptions import LONG_AGO, MeaningRow, QueryRow, RouteRow, SubscriptionRow
from paperwire.store.database.versions import QUERIES
from paperwire.store.owners import join_subscriptions
from paperwire.store.queries import move_queries, release_queries, reuse_query
from paperwire.store.subscriptions.routes import Routes, reslot

_RENEWED_AT_ONCE = 500


async def renew_some_queries(db: AsyncConnection, now: datetime) -> int | None:
    """Give the next queries their keys and plans of this version; joins those that have become one.

    Returns the number of the last one, None once all are renewed. How far it has come is part of the transaction.
    """
    if await QUERIES.is_whole(db):
        return None
    following = col(QueryRow.number) > ((await QUERIES.last(db) or 0) if await QUERIES.is_ours(db) else 0)
    if await db.scalar(select(exists().where(following))):  # a new database has none, and its counters stay at 0
        await lock_queries_and_fan_out(db)
    columns = (col(QueryRow.number), col(QueryRow.key), col(QueryRow.dumped))
    batch = select(*columns).where(following).order_by(col(QueryRow.number)).limit(_RENEWED_AT_ONCE)
    rows = (await db.execute(batch)).all()
    changed = [row.number for row in rows if await _renew(db, now, row.number, row.key, row.dumped)]
    if changed:
        await move_queries(db, changed)
        await count_change(db)
        await count_wanted(db)
    last = rows[-1].number if rows else None
    await QUERIES.note(db, last)
    return last


async def _renew(db: AsyncConnection, now: datetime, number: int, key: str, dumped: bytes) -> bool:
    """Renew one query; whether other papers match it from now on."""
    stored = Query.load(dumped)
    query = Query(stored.text, stored.root, stored.modifiers)
    renewed = key if query.list else query.key
    if renewed == key:
        if query.dump() != dumped:
            await db.execute(update(QueryRow).where(col(QueryRow.number) == number).values(dumped=query.dump()))
        return False
    same = await db.scalar(select(col(QueryRow.number)).where(col(QueryRow.key) == renewed))
    if same is None:
        values = {"key": renewed, "dumped": query.dump()}
        await db.execute(update(QueryRow).where(col(QueryRow.number) == number).values(values))
    else:
        await _join(db, now, gone=number, kept=same)
    staying = number if same is None else same
    # What it brings is counted again: how many a day, and the threshold of one by meaning.
    await db.execute(update(SubscriptionRow).where(col(SubscriptionRow.query) == staying).values(expected=None))
    await db.execute(update(MeaningRow).where(col(MeaningRow.query) == staying).values(renewed_at=LONG_AGO))
    return True


async def _join(db: AsyncConnection, now: datetime, *, gone: int, kept: int) -> None:
    """Let all that belongs to one query be the other's; at each place one subscription of it stays, the earlier one.

    What was matched and sent stays so: no delivery is added.
    """
    for matched in (MatchRow, MatchScoreRow):
        await move_rows(db, matched, "query", ("paper", "occasion"), gone=gone, kept=kept)
    await move_rows(db, MeaningRow, "query", (), gone=gone, kept=kept)
    joined: dict[int, int] = {}
    for pair in await _twins(db, gone, kept):
        living = sorted({_survivor(joined, number) for number in pair})
        if len(living) == 2:  # three or more may become one
            joined[living[1]] = living[0]
            await _join_twins(db, now, gone=living[1], kept=living[0])
    used = select(exists().where(col(SubscriptionRow.query) == gone, col(SubscriptionRow.deleted_at).is_(None)))
    is_used = await db.scalar(used)
    pointers = ((SubscriptionRow, "query"), (SubscriptionRow, "former_query"), (RouteRow, "query"))
    await point_to(db, pointers, gone=gone, kept=kept)
    if is_used:
        await reuse_query(db, kept)
    await release_queries(db, [gone])


async def _twins(db: AsyncConnection, gone: int, kept: int) -> list[tuple[int, int]]:
    """Living subscriptions of the two queries that one owner has for the same place."""
    first, second = aliased(SubscriptionRow), aliased(SubscriptionRow)
    its, other = aliased(RouteRow), aliased(RouteRow)
    same_owner = or_(col(first.person) == col(second.person), col(first.place) == col(second.place))
    twins = (
        select(col(first.number), col(second.number))
        .join_from(first, its, col(its.subscription) == col(first.number))
        .join(other, col(other.destination) == col(its.destination))
        .join(second, and_(col(second.number) == col(other.subscription), same_owner))
        .where(col(first.query) == gone, col(second.query) == kept)
        .where(col(first.deleted_at).is_(None), col(second.deleted_at).is_(None))
        .order_by(col(first.number), col(second.number))
        .distinct()
    )
    return [(row[0], row[1]) for row in await db.execute(twins)]


def _survivor(joined: Mapping[int, int], number: int) -> int:
    while number in joined:
        number = joined[number]
    return number


async def _join_twins(db: AsyncConnection, now: datetime, *, gone: int, kept: int) -> None:
    led = select(col(RouteRow.destination)).where(col(RouteRow.subscription) == gone)
    for place in (await db.execute(led.order_by(col(RouteRow.destination)))).scalars().all():
        await Routes(db, now).lead(kept, place)
    await join_subscriptions(db, gone=gone, kept=kept)
    await reslot(db, now, col(SubscriptionRow.number) == kept)
