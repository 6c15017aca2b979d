"""Whose subscriptions are: a person's, or a shared place's, which owns what is subscribed there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, exists, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased
from sqlmodel import SQLModel, col

from paperwire.core.subscriptions.subscription import SHARED, Owner
from paperwire.store.database.statements import insert_new
from paperwire.store.database.tables.base import LIVE
from paperwire.store.database.tables.people import DestinationRow, MuteRow
from paperwire.store.database.tables.subscriptions import FeedPartRow, FeedRow, RouteRow, SubscriptionRow

IS_SHARED = col(DestinationRow.kind).in_(sorted(SHARED))


def owned_by(owner: Owner, table: type[SQLModel]) -> ColumnElement[bool]:
    """Whether a row of a table with `person` and `place` is the owner's."""
    row: Any = table
    same: ColumnElement[bool] = row.place == owner.place if owner.place is not None else row.person == owner.person
    return same


async def owner_of(db: AsyncConnection, person: int, places: Sequence[int]) -> Owner:
    """Who owns what a person subscribes to for these places; raises ValueError for a shared one among others."""
    shared = select(col(DestinationRow.number)).where(col(DestinationRow.number).in_(places), IS_SHARED)
    owners = list((await db.execute(shared)).scalars())
    if owners and len(set(places)) > 1:
        raise ValueError("a shared place owns its subscriptions; subscribe for each place apart")
    return Owner(place=owners[0]) if owners else Owner(person=person)


async def next_ordinal(db: AsyncConnection, owner: Owner) -> int:
    """The number that an owner's next subscription is shown with; needs `lock_queries`."""
    last = select(func.max(col(SubscriptionRow.ordinal))).where(owned_by(owner, SubscriptionRow))
    return int(await db.scalar(last) or 0) + 1


async def hand_over(db: AsyncConnection, old: Owner, new: Owner) -> None:
    """Let the subscriptions and feeds of one owner be another's; needs `lock_queries`.

    Where both places have a query, the new one's subscription stays, with the earlier beginning and the occasions of
    both. Feeds go on showing what they showed.
    """
    if old.place is not None and new.place is not None:
        await _join_twins(db, old.place, new.place)
    last = await next_ordinal(db, new) - 1
    moved: dict[str, Any] = {"person": new.person, "place": new.place}
    subscriptions = update(SubscriptionRow).where(owned_by(old, SubscriptionRow))
    await db.execute(subscriptions.values(**moved, ordinal=col(SubscriptionRow.ordinal) + last))
    other: Any = aliased(FeedRow)
    same = func.coalesce(other.subscription, 0) == func.coalesce(col(FeedRow.subscription), 0)
    doubled = exists().where(owned_by(new, other), other.former.is_(False), same)
    former = case((doubled, literal(value=True)), else_=col(FeedRow.former))
    await db.execute(update(FeedRow).where(owned_by(old, FeedRow)).values(**moved, former=former))


async def _join_twins(db: AsyncConnection, old: int, new: int) -> None:
    """Make one of each two living subscriptions of places that have the same query."""
    gone, kept_row = aliased(SubscriptionRow), aliased(SubscriptionRow)
    twins = (
        select(col(gone.number), col(kept_row.number))
        .join_from(gone, kept_row, col(gone.query) == col(kept_row.query))
        .where(col(gone.place) == old, col(kept_row.place) == new)
        .where(col(gone.deleted_at).is_(None), col(kept_row.deleted_at).is_(None))
    )
    for gone_number, kept_number in (await db.execute(twins)).all():
        await join_subscriptions(db, gone=gone_number, kept=kept_number)


async def join_subscriptions(db: AsyncConnection, *, gone: int, kept: int) -> None:
    """Let a living subscription do what another did, with the earlier beginning and the occasions of both."""
    columns = (col(SubscriptionRow.occasions), col(SubscriptionRow.paused), col(SubscriptionRow.began_at))
    both = select(*columns).where(col(SubscriptionRow.number).in_([gone, kept]))
    rows = (await db.execute(both)).all()
    occasions, paused = rows[0].occasions | rows[1].occasions, rows[0].paused and rows[1].paused
    values = {"began_at": min(row.began_at for row in rows)}
    subscription = update(SubscriptionRow).where(col(SubscriptionRow.number) == kept)
    await db.execute(subscription.values(**values, occasions=occasions, paused=paused))
    route = update(RouteRow).where(col(RouteRow.subscription) == kept)
    await db.execute(route.values(**values, wants=0 if paused else occasions | LIVE))
    await _hand_feeds(db, gone, kept)
    muted = and_(col(MuteRow.kind) == "subscription", col(MuteRow.value) == str(gone))
    await db.execute(delete(MuteRow).where(muted))
    await db.execute(delete(SubscriptionRow).where(col(SubscriptionRow.number) == gone))


async def _hand_feeds(db: AsyncConnection, gone: int, kept: int) -> None:
    """Let feeds that showed one subscription show of the other as much as they did."""
    columns = (col(FeedRow.number), literal(kept), col(SubscriptionRow.began_at), col(SubscriptionRow.occasions))
    its = col(SubscriptionRow.number) == col(FeedRow.subscription)
    shown = select(*columns).join_from(FeedRow, SubscriptionRow, its).where(col(FeedRow.subscription) == gone)
    parts = select(col(FeedPartRow.feed), literal(kept), col(FeedPartRow.began_at), col(FeedPartRow.occasions))
    for rows in (parts.where(col(FeedPartRow.subscription) == gone), shown):
        new = insert_new(db, FeedPartRow).from_select(["feed", "subscription", "began_at", "occasions"], rows)
        await db.execute(new.on_conflict_do_nothing())
    await db.execute(update(FeedRow).where(col(FeedRow.subscription) == gone).values(subscription=kept, former=True))
