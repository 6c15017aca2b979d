"""Where subscriptions lead: their routes, when the next digest there is due, and what that means for what is owed."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    and_,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased
from sqlmodel import col

from paperwire.core.papers.paper import ACCEPTED, ARRIVAL, WITHDRAWN, Occasion
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.core.subscriptions.subscription import Subscription
from paperwire.store.database.locks import lock_queries_and_fan_out
from paperwire.store.database.part import Part
from paperwire.store.database.statements import insert_new
from paperwire.store.database.tables.base import LIVE, PlainText, State, UTCDateTime, Want
from paperwire.store.database.tables.deliveries import DeliveryRow, MatchRow, UndoRow, has_key
from paperwire.store.database.tables.people import DestinationRow, MuteRow, WatchRow
from paperwire.store.database.tables.subscriptions import RouteRow, SubscriptionRow
from paperwire.store.outbox.fanout import SLOTS
from paperwire.store.outbox.rousing import rouse
from paperwire.store.outbox.wants import IS_LIVE

_HIGHEST = 1_000_000  # more versions than any paper has

received = aliased(DeliveryRow)


class Routes(Part):
    """Where subscriptions lead, inside one transaction."""

    async def lead_all(self, person: int, place: int) -> int:
        """Let every living subscription of a person lead to a place, too; how many did not before."""
        return await self._lead(col(SubscriptionRow.person) == person, place)

    async def lead(self, subscription: int, place: int) -> int:
        """Let a living subscription lead to a place, too; 1 if it did not before."""
        return await self._lead(col(SubscriptionRow.number) == subscription, place)

    async def _lead(self, which: ColumnElement[bool], place: int) -> int:
        await lock_queries_and_fan_out(self._db)
        there = and_(col(RouteRow.subscription) == col(SubscriptionRow.number), col(RouteRow.destination) == place)
        missing = (
            select(
                literal(place),
                col(SubscriptionRow.number),
                col(SubscriptionRow.query),
                col(SubscriptionRow.began_at),
                literal(0),
            )
            .where(which, col(SubscriptionRow.deleted_at).is_(None))
            .where(~exists().where(there))
        )
        columns = ["destination", "subscription", "query", "began_at", "wants"]
        made = insert(RouteRow).from_select(columns, missing).returning(col(RouteRow.subscription))
        numbers = sorted((await self._db.execute(made)).scalars())
        for number in numbers:
            await reroute(self._db, number)
        if numbers:
            condition = and_(col(RouteRow.destination) == place, col(SubscriptionRow.number).in_(numbers))
            await reslot(self._db, self._now, condition)
        return len(numbers)

    async def end(self, subscription: int, place: int) -> None:
        """Let a subscription lead to a place no longer; what it was owed there is dropped at the place's next turn."""
        await lock_queries_and_fan_out(self._db)
        this = and_(col(RouteRow.subscription) == subscription, col(RouteRow.destination) == place)
        await self._db.execute(delete(RouteRow).where(this))


async def reroute(db: AsyncConnection, number: int) -> None:
    """Say again in a subscription's routes what a fan-out must know of it, after it changed."""
    values = {
        "query": col(SubscriptionRow.query),
        "began_at": col(SubscriptionRow.began_at),
        "wants": case((IS_LIVE, col(SubscriptionRow.occasions) + LIVE), else_=0),
    }
    its = and_(
        col(SubscriptionRow.number) == number,
        col(RouteRow.subscription) == col(SubscriptionRow.number),
    )
    await db.execute(update(RouteRow).where(its).values(values))


async def reslot(db: AsyncConnection, now: datetime, *which: ColumnElement[bool]) -> None:
    """Recalculate when the digests of some subscriptions at their places are due, after a cadence or zone changed.

    `which` are conditions on subscription, subscription_destination and destination. What is owed already and not
    sent follows, see `reschedule`.
    """
    routes = SLOTS.add_columns(col(DestinationRow.digest_empty)).where(*which)
    in_order = routes.order_by(col(RouteRow.destination), col(RouteRow.subscription))  # as in `FanOut.advance_slots`
    rows = (await db.execute(in_order)).all()
    for row in rows:
        slot = Cadence.parse(row.cadence).next_slot(row.zone, now)
        this = and_(col(RouteRow.subscription) == row.subscription, col(RouteRow.destination) == row.destination)
        await db.execute(update(RouteRow).where(this).values(next_slot_at=slot))
    await reschedule(db, now, *which)
    await rouse(db, now, {row.destination for row in rows if row.digest_empty})  # plans the next one again


async def reschedule(db: AsyncConnection, now: datetime, *which: ColumnElement[bool], former: int = 0) -> None:
    """Make what is owed for some subscriptions due when the first of all that want it there wants it.

    `which` are conditions as for `reslot`, `former` is a query that they had before. What is no longer wanted is left
    to the place's turn, and what a message may be carrying just now to that message.
    """
    queries: defaultdict[int, set[int]] = defaultdict(lambda: {former})
    for row in await db.execute(SLOTS.add_columns(col(SubscriptionRow.query)).where(*which)):
        queries[row.destination].add(row.query)
    hurried = [place for place in sorted(queries) if await _reschedule_at(db, now, place, queries[place])]
    await rouse(db, now, hurried)


async def _reschedule_at(db: AsyncConnection, now: datetime, place: int, queries: set[int]) -> bool:
    """The same at one place, for what these queries match; whether something is due earlier than before."""
    # Who begins a message has the place first, and then locks its deliveries.
    await db.execute(
        select(col(DestinationRow.number)).where(col(DestinationRow.number) == place).with_for_update(key_share=True)
    )
    matches = select(col(MatchRow.paper), col(MatchRow.occasion)).where(col(MatchRow.query).in_(queries))
    owed = (
        select(
            col(DeliveryRow.paper), col(DeliveryRow.occasion), col(DeliveryRow.due_at), _soonest(now).label("soonest")
        )
        .where(
            col(DeliveryRow.destination) == place,
            col(DeliveryRow.state) == State.OWED,
            col(DeliveryRow.settled_at).is_(None),
            tuple_(col(DeliveryRow.paper), col(DeliveryRow.occasion)).in_(matches),
            ~_is_wanted_anyway(),
        )
        .order_by(col(DeliveryRow.paper), col(DeliveryRow.occasion))
        # A process that locks such a row is beginning a message with it, and may be waiting for the place.
        .with_for_update(of=DeliveryRow, skip_locked=True)
    )
    rows = [row for row in await db.execute(owed) if row.soonest not in {None, row.due_at}]
    moved = update(DeliveryRow).where(has_key(DeliveryRow, place, bindparam("of_paper"), bindparam("on_occasion")))
    if rows:
        values = [{"of_paper": row.paper, "on_occasion": row.occasion, "due_at": row.soonest} for row in rows]
        await db.execute(moved, values)
    return any(row.soonest < row.due_at for row in rows)


def _soonest(now: datetime) -> ScalarSelect[datetime]:
    """When the first subscription that wants a delivery at its place wants it; NULL if none does."""
    at = case(
        (col(RouteRow.next_slot_at).is_not(None), col(RouteRow.next_slot_at)),
        (col(DeliveryRow.due_at) < now, col(DeliveryRow.due_at)),
        else_=literal(now, UTCDateTime),
    )
    statement = case(
        (col(DeliveryRow.occasion) == ARRIVAL.code, int(Want.ARRIVAL)),
        (col(DeliveryRow.occasion) == WITHDRAWN.code, int(Want.WITHDRAWN)),
        (col(DeliveryRow.occasion) > Occasion.version(_HIGHEST).code, LIVE),
        (col(DeliveryRow.occasion) > ARRIVAL.code, int(Want.VERSIONS)),
        else_=int(Want.ARRIVAL),
    )
    muted = exists().where(
        col(MuteRow.destination) == col(RouteRow.destination),
        col(MuteRow.kind) == "subscription",
        col(MuteRow.value) == cast(col(RouteRow.subscription), PlainText),
    )
    matched = and_(
        col(MatchRow.query) == col(RouteRow.query),
        col(MatchRow.paper) == col(DeliveryRow.paper),
        col(MatchRow.occasion) == col(DeliveryRow.occasion),
    )
    return (
        select(func.min(at))
        .join_from(RouteRow, MatchRow, matched)
        .where(
            col(RouteRow.destination) == col(DeliveryRow.destination),
            col(RouteRow.wants).bitwise_and(statement) != 0,
            ~muted,
        )
        .correlate(DeliveryRow)
        .scalar_subquery()
    )


_IS_FOLLOWED = or_(
    col(DeliveryRow.occasion).between(ACCEPTED.code, WITHDRAWN.code),
    col(DeliveryRow.occasion).between(ARRIVAL.code + 1, Occasion.version(_HIGHEST).code),
)
"""`core.papers.paper.FOLLOWED` as stored."""


def _is_wanted_anyway() -> ColumnElement[bool]:
    """Whether a delivery is due at once whatever subscriptions say: someone follows the paper, or got it."""
    condition = and_(
        col(WatchRow.destination) == col(DeliveryRow.destination), col(WatchRow.paper) == col(DeliveryRow.paper)
    )
    got = and_(
        col(received.destination) == col(DeliveryRow.destination),
        col(received.paper) == col(DeliveryRow.paper),
        col(received.state) == State.SENT,
    )
    return or_(
        and_(_IS_FOLLOWED, exists().where(condition)),
        and_(col(DeliveryRow.occasion) == WITHDRAWN.code, exists().where(got)),
    )


UNDO_TIME = timedelta(days=1)
"""How long after a change what a subscription was owed comes back with it."""
_OWED = ("destination", "paper", "occasion", "due_at")


async def keep_owed(db: AsyncConnection, now: datetime, before: Subscription) -> None:
    """Write down what a subscription is owed, as the turns of its places drop what no one wants."""
    await forget_owed(db, now)
    await db.execute(delete(UndoRow).where(col(UndoRow.subscription) == before.number))
    owed = (
        select(literal(before.number), *(getattr(DeliveryRow, name) for name in _OWED))
        .join(
            MatchRow,
            and_(col(MatchRow.paper) == col(DeliveryRow.paper), col(MatchRow.occasion) == col(DeliveryRow.occasion)),
        )
        .where(
            col(MatchRow.query) == before.query,
            col(DeliveryRow.destination).in_(before.destinations),
            col(DeliveryRow.state) == State.OWED,
        )
    )
    statement = insert_new(db, UndoRow).from_select(["subscription", *_OWED], owed)
    await db.execute(statement.on_conflict_do_nothing())


async def forget_owed(db: AsyncConnection, now: datetime) -> None:
    """Forget it of subscriptions that were changed long ago."""
    changed_at = func.coalesce(col(SubscriptionRow.deleted_at), col(SubscriptionRow.edited_at))
    old = select(col(SubscriptionRow.number)).where(changed_at < now - UNDO_TIME)
    await db.execute(delete(UndoRow).where(col(UndoRow.subscription).in_(old)))


async def owe_again(db: AsyncConnection, now: datetime, number: int) -> None:
    """Owe what was dropped since the change."""
    state = [literal(int(State.OWED)), literal(0)]
    owed = select(*(getattr(UndoRow, name) for name in _OWED), *state).where(col(UndoRow.subscription) == number)
    again = insert_new(db, DeliveryRow).from_select([*_OWED, "state", "attempts"], owed)
    await db.execute(again.on_conflict_do_nothing())
    gone = delete(UndoRow).where(col(UndoRow.subscription) == number).returning(col(UndoRow.destination))
    await rouse(db, now, set((await db.execute(gone)).scalars()))


async def take_over(db: AsyncConnection, now: datetime, number: int, deleted: Subscription) -> None:
    """Let a living subscription of the same owner and query send what a deleted one did, too, and to the same places.

    It goes on if it is paused and the deleted one was not. Needs `lock_queries_and_fan_out`.
    """
    this = col(SubscriptionRow.number) == number
    former = select(col(SubscriptionRow.occasions)).where(col(SubscriptionRow.number) == deleted.number)
    values = {"occasions": col(SubscriptionRow.occasions).bitwise_or(former.scalar_subquery())}
    await db.execute(update(SubscriptionRow).where(this).values(values))
    if not deleted.paused:
        await db.execute(update(SubscriptionRow).where(this).values(paused=False))
    for place in deleted.destinations:
        await Routes(db, now).lead(number, place)
    await reroute(db, number)
    await owe_again(db, now, deleted.number)
    await reslot(db, now, this)
