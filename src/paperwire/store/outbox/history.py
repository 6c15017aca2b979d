"""Questions about the outbox: what waits, what was sent when, and what never will be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from sqlalchemy import and_, case, func, select

from paperwire.core.papers.paper import ARRIVAL, Occasion
from paperwire.store.part import Part
from paperwire.store.tables.base import ARRIVALS, Row, State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Table


_T = Row.metadata.tables
delivery, destination, failure = _T["delivery"], _T["destination"], _T["failure"]
event, match, route = _T["event"], _T["match"], _T["subscription_destination"]
_KEY = ("destination", "paper", "occasion")

Outcome: TypeAlias = Literal["owed", "sent", "given_up", "unknown", "dropped"]
_OUTCOMES: dict[int, Outcome] = {
    State.OWED: "owed",
    State.SENT: "sent",
    State.GIVEN_UP: "given_up",
    State.UNKNOWN: "unknown",
    State.DROPPED: "dropped",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxCounts:
    """The outbox in numbers.

    `owed` deliveries are not sent yet, `due` of them should have been by now (paused places left out), `oldest` of
    those since when. `places` have something to send, `held` of them wait (back-off, quiet hours), `claimed` are being
    served; `paused` places are closed. `given_up` deliveries were refused and will not be sent, `unknown` ones may have
    arrived and are not sent again.
    """

    owed: int
    due: int
    oldest: datetime | None
    places: int
    held: int
    claimed: int
    paused: int
    given_up: int
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What became of a paper at a place: owed and due at `due_at`, or else settled at `settled_at`.

    `held_until` and `paused` say what keeps an owed one back (None and empty if nothing does). `attempts` failed for
    reasons of its own and `unknowns` got no answer, the first at `failed_at`; `reason` is what the platform said last.
    """

    occasion: Occasion
    state: Outcome
    due_at: datetime
    settled_at: datetime | None
    attempts: int
    held_until: datetime | None
    paused: str
    unknowns: int
    failed_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedPlace:
    """A place that is owed something: how many deliveries, and when the first of them is due."""

    destination: int
    channel: str
    title: str
    paused: str
    count: int
    first_due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceCounts:
    """What a place is owed, from when the first of it can go out (None: nothing is owed), and when it got something."""

    owed: int
    next_at: datetime | None
    last_sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class FoundLate:
    """How many papers were found late, and how many deliveries that made."""

    papers: int
    deliveries: int


class Ledger(Part):
    """Questions about all deliveries, inside one transaction."""

    async def found_late(self, since: datetime) -> FoundLate:
        """What was found late since then, once it is matched."""
        late = (
            select(event.c.paper)
            .where(event.c.seen_at >= since, event.c.late.is_(True), event.c.quiet.is_(False))
            .where(event.c.kind.in_(ARRIVALS))
            .distinct()
        )
        papers = await self._db.scalar(select(func.count()).select_from(late.subquery()))
        owed = and_(delivery.c.paper.in_(late), delivery.c.occasion == ARRIVAL.code)
        made = await self._db.scalar(select(func.count()).select_from(delivery).where(owed))
        return FoundLate(papers or 0, made or 0)

    async def next_due(self, channels: Sequence[str]) -> datetime | None:
        """When `claim` may next find something on these channels: perhaps at once, None if nothing is owed."""
        instants: list[datetime] = []
        for channel in channels:
            waiting = and_(destination.c.channel == channel, destination.c.next_due_at.is_not(None))
            soonest = (
                select(destination.c.next_due_at)
                .where(waiting, destination.c.leased_until.is_(None))
                .order_by(destination.c.next_due_at)
                .limit(1)
            )
            ended = destination.c.leased_until
            later = case((destination.c.next_due_at > ended, destination.c.next_due_at), else_=ended)
            served = select(func.min(later)).where(waiting, ended.is_not(None))
            instants += filter(None, [await self._db.scalar(soonest), await self._db.scalar(served)])
        return min(instants, default=None)

    async def counts(self) -> OutboxCounts:
        """The outbox in numbers."""
        owed = delivery.c.state == State.OWED
        late = and_(owed, delivery.c.due_at <= self._now)
        open_late = (
            select(func.count(), func.min(delivery.c.due_at))
            .join_from(delivery, destination, destination.c.number == delivery.c.destination)
            .where(late, destination.c.paused == "")
        )
        due, oldest = (await self._db.execute(open_late)).one()
        waiting = destination.c.next_due_at.is_not(None)
        return OutboxCounts(
            owed=await self._count(delivery, owed),
            due=due,
            oldest=oldest,
            places=await self._count(destination, waiting),
            held=await self._count(destination, and_(waiting, destination.c.hold_until > self._now)),
            claimed=await self._count(destination, destination.c.leased_until > self._now),
            paused=await self._count(destination, destination.c.paused != ""),
            given_up=await self._count(delivery, delivery.c.state == State.GIVEN_UP),
            unknown=await self._count(delivery, delivery.c.state == State.UNKNOWN),
        )

    async def owed_places(self, limit: int) -> list[OwedPlace]:
        """The places that are owed most, the most first."""
        count, first = func.count().label("papers"), func.min(delivery.c.due_at).label("first_due")
        about = (destination.c.number, destination.c.channel, destination.c.title, destination.c.paused)
        owed = (
            select(*about, count, first)
            .join_from(delivery, destination, destination.c.number == delivery.c.destination)
            .where(delivery.c.state == State.OWED)
            .group_by(*about)
            .order_by(count.desc(), destination.c.number)
            .limit(limit)
        )
        return [
            OwedPlace(
                destination=row.number,
                channel=row.channel,
                title=row.title,
                paused=row.paused,
                count=row.papers,
                first_due=row.first_due,
            )
            for row in await self._db.execute(owed)
        ]

    async def of_place(self, place: int) -> PlaceCounts:
        """What waits at a place, and when it got something last."""
        here = delivery.c.destination == place
        owed = select(func.count(), func.min(delivery.c.due_at)).where(here, delivery.c.state == State.OWED)
        count, first = (await self._db.execute(owed)).one()
        hold = await self._db.scalar(select(destination.c.hold_until).where(destination.c.number == place))
        sent = select(func.max(delivery.c.settled_at)).where(here, delivery.c.state == State.SENT)
        next_at = None if first is None else max(first, hold or first)
        return PlaceCounts(owed=count, next_at=next_at, last_sent_at=await self._db.scalar(sent))

    async def sent_by_query(self, place: int, since: datetime) -> dict[int, int]:
        """How many papers a place got since then, by number of the query that matches them."""
        matched = and_(match.c.paper == delivery.c.paper, match.c.occasion == delivery.c.occasion)
        sent = (
            select(route.c.query, func.count(delivery.c.paper.distinct()))
            .join_from(route, match, match.c.query == route.c.query)
            .join(delivery, and_(matched, delivery.c.destination == route.c.destination))
            .where(route.c.destination == place, delivery.c.state == State.SENT, delivery.c.settled_at >= since)
            .group_by(route.c.query)
        )
        return dict((await self._db.execute(sent)).all())

    async def history(self, place: int, number: int) -> list[Past]:
        """What became of a paper at a place, occasion by occasion, the latest last."""
        told = (
            select(delivery, destination.c.hold_until, destination.c.paused)
            .add_columns(failure.c.unknowns, failure.c.first_at, failure.c.reason)
            .join_from(delivery, destination, destination.c.number == delivery.c.destination)
            .outerjoin(failure, and_(*(failure.c[name] == delivery.c[name] for name in _KEY)))
            .where(delivery.c.destination == place, delivery.c.paper == number)
        )
        past = [
            Past(
                occasion=Occasion(row.occasion),
                state=_OUTCOMES[row.state],
                due_at=row.due_at,
                settled_at=None if row.state == State.OWED else row.settled_at,
                attempts=row.attempts,
                held_until=row.hold_until if row.state == State.OWED else None,
                paused=row.paused if row.state == State.OWED else "",
                unknowns=row.unknowns or 0,
                failed_at=row.first_at,
                reason=row.reason or "",
            )
            for row in await self._db.execute(told)
        ]
        return sorted(past, key=lambda one: (one.settled_at or one.due_at, one.occasion))

    async def _count(self, table: Table, condition: ColumnElement[bool]) -> int:
        return (await self._db.execute(select(func.count()).select_from(table).where(condition))).scalar_one()
