"""Questions about the outbox: what waits, what was sent when, and what never will be."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, and_, func, or_, select
from sqlmodel import col

from paperwire.core.deliveries.ledger import (
    DeliveryOutcome,
    FoundLate,
    KnownPlace,
    OutboxCounts,
    OwedPlace,
    Past,
    PlaceCounts,
)
from paperwire.core.messages.closed import ASKED
from paperwire.core.papers.paper import ARRIVAL, Occasion
from paperwire.store.database.part import Part, count_rows, value_of
from paperwire.store.database.tables.base import ARRIVAL_CODES, State
from paperwire.store.database.tables.deliveries import ITS_FAILURE, DeliveryRow, FailureRow, MatchRow
from paperwire.store.database.tables.papers import EventRow
from paperwire.store.database.tables.people import DestinationRow, WatchRow
from paperwire.store.database.tables.subscriptions import RouteRow
from paperwire.store.outbox.keepers import KEEPERS

_HAS_ROUTES = select(col(RouteRow.subscription)).where(col(RouteRow.destination) == col(DestinationRow.number)).exists()
_IS_CLOSED = and_(col(DestinationRow.paused) != "", ~col(DestinationRow.paused).startswith(ASKED), _HAS_ROUTES)


class Ledger(Part):
    """Questions about all deliveries, inside one transaction."""

    async def found_late(self, since: datetime) -> FoundLate:
        """What was found late since then, once it is matched."""
        late = (
            select(col(EventRow.paper))
            .where(col(EventRow.seen_at) >= since, col(EventRow.late).is_(True), col(EventRow.quiet).is_(False))
            .where(col(EventRow.kind).in_(ARRIVAL_CODES))
            .distinct()
        )
        papers = await self._db.scalar(select(func.count()).select_from(late.subquery()))
        owed = and_(col(DeliveryRow.paper).in_(late), col(DeliveryRow.occasion) == ARRIVAL.code)
        return FoundLate(papers or 0, await count_rows(self._db, DeliveryRow, owed))

    async def known_places(self) -> list[KnownPlace]:
        """All places, the paused ones first, then by channel."""
        owed = (
            select(func.count())
            .where(col(DeliveryRow.destination) == col(DestinationRow.number), col(DeliveryRow.state) == State.OWED)
            .scalar_subquery()
            .label("owed")
        )
        columns = [getattr(DestinationRow, name) for name in ("number", "channel", "address", "paused")]
        order = (col(DestinationRow.paused) == "", col(DestinationRow.channel), col(DestinationRow.number))
        statement = select(*columns, _HAS_ROUTES.label("has_routes"), owed).order_by(*order)
        return [value_of(KnownPlace, row) for row in await self._db.execute(statement)]

    async def has_delivered(self, place: int) -> bool:
        """Whether anything has ever arrived at a place."""
        last = select(col(DestinationRow.last_message)).where(col(DestinationRow.number) == place)
        return bool(await self._db.scalar(last))

    async def counts(self) -> OutboxCounts:
        owed = col(DeliveryRow.state) == State.OWED
        is_open = col(DestinationRow.paused) == ""
        late = (
            select(func.count().filter(is_open), func.min(col(DeliveryRow.due_at)).filter(is_open), func.count())
            .join_from(DeliveryRow, DestinationRow, col(DestinationRow.number) == col(DeliveryRow.destination))
            .where(owed, col(DeliveryRow.due_at) <= self._now)
        )
        due, oldest, all_late = (await self._db.execute(late)).one()
        waiting = col(DestinationRow.next_due_at).is_not(None)
        return OutboxCounts(
            owed=await count_rows(self._db, DeliveryRow, owed),
            due=due,
            oldest=oldest,
            shut=all_late - due,
            places=await count_rows(self._db, DestinationRow, waiting),
            held=await count_rows(self._db, DestinationRow, and_(waiting, col(DestinationRow.hold_until) > self._now)),
            claimed=await count_rows(self._db, DestinationRow, col(DestinationRow.leased_until) > self._now),
            closed=await count_rows(self._db, DestinationRow, _IS_CLOSED),
            given_up=await count_rows(self._db, DeliveryRow, col(DeliveryRow.state) == State.GIVEN_UP),
            unknown=await count_rows(self._db, DeliveryRow, col(DeliveryRow.state) == State.UNKNOWN),
        )

    async def owed_places(self, limit: int) -> list[OwedPlace]:
        """The places that are owed most, the most first."""
        count, first = func.count().label("count"), func.min(col(DeliveryRow.due_at)).label("first_due")
        about = [getattr(DestinationRow, name) for name in ("channel", "title", "paused")]
        owed: Select[*tuple[Any, ...]] = (
            select(col(DestinationRow.number).label("destination"), *about, count, first)
            .join_from(DeliveryRow, DestinationRow, col(DestinationRow.number) == col(DeliveryRow.destination))
            .where(col(DeliveryRow.state) == State.OWED)
            .group_by(col(DestinationRow.number), *about)
            .order_by(count.desc(), col(DestinationRow.number))
            .limit(limit)
        )
        return [value_of(OwedPlace, row) for row in await self._db.execute(owed)]

    async def of_place(self, place: int) -> PlaceCounts:
        """What waits at a place, and when it got something last."""
        condition = col(DeliveryRow.destination) == place
        owed = select(func.count(), func.min(col(DeliveryRow.due_at))).where(
            condition, col(DeliveryRow.state) == State.OWED
        )
        count, first = (await self._db.execute(owed)).one()
        pause_end = await self._db.scalar(
            select(col(DestinationRow.hold_until)).where(col(DestinationRow.number) == place)
        )
        sent = select(func.max(col(DeliveryRow.settled_at))).where(condition, col(DeliveryRow.state) == State.SENT)
        next_at = None if first is None else max(first, pause_end or first)
        return PlaceCounts(owed=count, next_at=next_at, last_sent_at=await self._db.scalar(sent))

    async def sent_by_query(self, place: int, since: datetime) -> dict[int, int]:
        """How many papers a place got since then, by number of the query that matches them."""
        matched = and_(
            col(MatchRow.paper) == col(DeliveryRow.paper), col(MatchRow.occasion) == col(DeliveryRow.occasion)
        )
        sent = (
            select(col(RouteRow.query), func.count(col(DeliveryRow.paper).distinct()))
            .join_from(RouteRow, MatchRow, col(MatchRow.query) == col(RouteRow.query))
            .join(DeliveryRow, and_(matched, col(DeliveryRow.destination) == col(RouteRow.destination)))
            .where(
                col(RouteRow.destination) == place,
                col(DeliveryRow.state) == State.SENT,
                col(DeliveryRow.settled_at) >= since,
            )
            .group_by(col(RouteRow.query))
        )
        return dict((await self._db.execute(sent)).all())

    async def history(self, place: int, number: int) -> list[Past]:
        """What became of a paper at a place, occasion by occasion, the latest last."""
        statement = (
            select(DeliveryRow, col(DestinationRow.hold_until), col(DestinationRow.paused))
            .add_columns(col(FailureRow.unknowns), col(FailureRow.first_at), col(FailureRow.reason))
            .join_from(DeliveryRow, DestinationRow, col(DestinationRow.number) == col(DeliveryRow.destination))
            .outerjoin(FailureRow, ITS_FAILURE)
            .where(col(DeliveryRow.destination) == place, col(DeliveryRow.paper) == number)
        )
        past = [
            Past(
                occasion=Occasion(row.occasion),
                state=cast("DeliveryOutcome", State(row.state).name.lower()),
                due_at=row.due_at,
                settled_at=None if row.state == State.OWED else row.settled_at,
                attempts=row.attempts,
                hold_until=row.hold_until if row.state == State.OWED else None,
                paused=row.paused if row.state == State.OWED else "",
                unknowns=row.unknowns or 0,
                failed_at=row.first_at,
                reason=row.reason or "",
            )
            for row in await self._db.execute(statement)
        ]
        return sorted(past, key=lambda delivery: (delivery.settled_at or delivery.due_at, delivery.occasion))

    async def is_kept(self, place: int, number: int) -> bool:
        """Whether a paper is watched at a place, or its reader saved it or voted for it."""
        watched = select(col(WatchRow.destination)).where(
            col(WatchRow.destination) == place, col(WatchRow.paper) == number
        )
        saved = KEEPERS.where(KEEPERS.selected_columns.destination == place, KEEPERS.selected_columns.paper == number)
        return bool(await self._db.scalar(select(or_(watched.exists(), saved.exists()))))
