"""Parting accounts, and giving private places to the person who reads there, with the subscriptions that go there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, exists, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from paperwire.core.subscriptions.subscription import Owner
from paperwire.ports.callers import Actor
from paperwire.store.database.locks import lock_queries_and_fan_out
from paperwire.store.database.tables.people import (
    AccountRow,
    DepartureRow,
    DestinationRow,
    MuteRow,
    PersonRow,
    WatchRow,
)
from paperwire.store.database.tables.subscriptions import FeedRow, MeaningRow, RouteRow, SubscriptionRow
from paperwire.store.owners import IS_SHARED, next_ordinal
from paperwire.store.subscriptions.feeds import retire_feeds

_OWN = frozenset({"number", "person", "ordinal", "edited_at", "former_text", "former_began_at", "former_query"})
"""What a copy of a subscription has of its own."""


async def unlink_account(
    db: AsyncConnection, now: datetime, number: int, actor: Actor, private_address: str
) -> int | None:
    """Make an account of a person who has another one a person of its own; None if it isn't theirs, or all they have.

    Its private chat or mailbox goes with it, see `give_places`. `private_address` is that of its chat where the person
    has several accounts on its channel; if it is the only one there, so do the shared places that they added there.
    """
    await lock_queries_and_fan_out(db)
    # Places before the person, as in `deletion.py`; of two accounts unlinked at once one stays.
    condition = and_(col(DestinationRow.channel) == actor.channel, col(DestinationRow.owner) == number)
    turns = select(col(DestinationRow.number), col(DestinationRow.address)).where(condition, ~IS_SHARED)
    places = (await db.execute(turns.order_by(col(DestinationRow.number)).with_for_update(key_share=True))).all()
    settings = select(col(PersonRow.locale), col(PersonRow.language), col(PersonRow.zone)).where(
        col(PersonRow.number) == number
    )
    person = (await db.execute(settings.with_for_update())).mappings().first()
    accounts = select(col(AccountRow.channel), col(AccountRow.user_id)).where(col(AccountRow.person) == number)
    accounts_before = {(channel, user_id) for channel, user_id in await db.execute(accounts)}
    accounts_left = accounts_before - {(actor.channel, actor.user_id)}
    if person is None or not accounts_left or accounts_left == accounts_before:
        return None
    values = {**person, "name": actor.name, "created_at": now}
    new = insert(PersonRow).values(values).returning(col(PersonRow.number))
    alone: int = (await db.execute(new)).scalar_one()
    this = and_(col(AccountRow.channel) == actor.channel, col(AccountRow.user_id) == actor.user_id)
    await db.execute(update(AccountRow).where(this).values(person=alone))
    is_only = all(channel != actor.channel for channel, _ in accounts_left)
    addresses = {actor.user_id, private_address}
    await give_places(db, now, [place.number for place in places if is_only or place.address in addresses], alone)
    if is_only:
        await _give_shared(db, condition, number, alone)
    return alone


async def _give_shared(db: AsyncConnection, condition: ColumnElement[bool], former: int, person: int) -> None:
    """Let shared places, and what was added there, be of another person, who alone can manage them."""
    there = select(col(DestinationRow.number)).where(condition, IS_SHARED)
    added = and_(col(SubscriptionRow.added_by) == former, col(SubscriptionRow.place).in_(there))
    await db.execute(update(SubscriptionRow).where(added).values(added_by=person))
    await db.execute(update(DestinationRow).where(condition, IS_SHARED).values(owner=person))


async def give_places(db: AsyncConnection, now: datetime, places: Collection[int], person: int) -> None:
    """Let private places be a person's, with what others send there; needs `lock_queries_and_fan_out`.

    A subscription that goes nowhere else becomes the person's, and its feed ends; of one that goes elsewhere, too, they
    get a copy. What depends on its owner's saved papers goes there no longer.
    """
    await db.execute(update(DestinationRow).where(col(DestinationRow.number).in_(places)).values(owner=person))
    await db.execute(update(WatchRow).where(col(WatchRow.destination).in_(places)).values(person=person))
    for row in await _foreign(db, places, person):
        there = and_(col(RouteRow.subscription) == row.number, col(RouteRow.destination).in_(places))
        if row.is_saved or (row.goes_elsewhere and row.deleted_at is not None):
            await db.execute(delete(RouteRow).where(there))
        elif row.goes_elsewhere:
            await copy_subscription(db, row.number, there, person)
        else:
            ordinal = await next_ordinal(db, Owner(person=person))
            this = update(SubscriptionRow).where(col(SubscriptionRow.number) == row.number)
            await db.execute(this.values(person=person, ordinal=ordinal))
            await retire_feeds(db, now, col(FeedRow.subscription) == row.number)
    await _forget_departures(db, places, person)


async def _foreign(db: AsyncConnection, places: Collection[int], person: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """The subscriptions of others that lead to these places."""
    its = col(RouteRow.subscription) == col(SubscriptionRow.number)
    statement: Select[*tuple[Any, ...]] = (
        select(
            col(SubscriptionRow.number),
            col(SubscriptionRow.deleted_at),
            exists().where(its, col(RouteRow.destination).not_in(places)).label("goes_elsewhere"),
            exists()
            .where(col(MeaningRow.query) == col(SubscriptionRow.query), col(MeaningRow.list_of).is_not(None))
            .label("is_saved"),
        )
        .where(col(SubscriptionRow.person) != person, exists().where(its, col(RouteRow.destination).in_(places)))
        .order_by(col(SubscriptionRow.number))
    )
    return (await db.execute(statement)).all()


async def copy_subscription(db: AsyncConnection, number: int, there: ColumnElement[bool], person: int) -> None:
    """Give a person a subscription of their own in place of another's, with the routes that match `there`."""
    copied = [name for name in SubscriptionRow.model_fields if name not in _OWN]
    ordinal = await next_ordinal(db, Owner(person=person))
    values = select(
        *(getattr(SubscriptionRow, name) for name in copied), literal(person), literal(ordinal), literal("")
    )
    new = insert(SubscriptionRow).from_select(
        [*copied, "person", "ordinal", "former_text"], values.where(col(SubscriptionRow.number) == number)
    )
    copy: int = (await db.execute(new.returning(col(SubscriptionRow.number)))).scalar_one()
    muted = and_(col(MuteRow.kind) == "subscription", col(MuteRow.value) == str(number))
    places = select(col(RouteRow.destination)).where(there)
    muted_there = update(MuteRow).where(muted, col(MuteRow.destination).in_(places))
    await db.execute(muted_there.values(value=str(copy)))
    await db.execute(update(RouteRow).where(there).values(subscription=copy))


async def _forget_departures(db: AsyncConnection, places: Collection[int], person: int) -> None:
    """Forget what readers ended of subscriptions that aren't theirs: undoing that would bring another's papers."""
    own = select(col(SubscriptionRow.number)).where(col(SubscriptionRow.person) == person)
    foreign = and_(col(DepartureRow.subscription) != 0, col(DepartureRow.subscription).not_in(own))
    await db.execute(delete(DepartureRow).where(col(DepartureRow.destination).in_(places), foreign))
