"""What was given up or may have arrived: listed, owed again or dropped by an operator, and told to its place once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import and_, delete, func, select, true, tuple_, update

from paperwire.core.papers.paper import Occasion
from paperwire.store.outbox.outbox import Outbox
from paperwire.store.part import Part, chunks
from paperwire.store.rows import paper_of
from paperwire.store.tables.base import Row, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from paperwire.core.papers.paper import Paper
    from paperwire.store.outbox.due import Key

_T = Row.metadata.tables
delivery, destination, failure, paper = _T["delivery"], _T["destination"], _T["failure"], _T["paper"]

_KEY = (delivery.c.destination, delivery.c.paper, delivery.c.occasion)
_OF_FAILURE = (failure.c.destination, failure.c.paper, failure.c.occasion)
_ITS_FAILURE = and_(*(left == right for left, right in zip(_OF_FAILURE, _KEY, strict=True)))
_GIVEN_UP = delivery.c.state.in_([State.GIVEN_UP, State.UNKNOWN])
_UNTOLD = and_(delivery.c.state == State.GIVEN_UP, failure.c.notified_at.is_(None))

_Row: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Choice:
    """Which deliveries are meant: those of a place, of a paper, or of both; all if neither is named."""

    place: int | None = None
    paper: int | None = None

    @property
    def rows(self) -> ColumnElement[bool]:
        """The condition on `delivery`."""
        place = true() if self.place is None else delivery.c.destination == self.place
        return and_(place, true() if self.paper is None else delivery.c.paper == self.paper)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUpDelivery:
    """A delivery that is not sent any more.

    `attempts` failed for reasons of its own, `unknowns` got no answer. `reason` is what the platform said last, empty
    if that was not kept.
    """

    destination: int
    channel: str
    title: str
    paper: Paper
    occasion: Occasion
    attempts: int
    unknowns: int
    settled_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Untold:
    """A delivery that was given up and of which its place was not told."""

    paper: Paper
    occasion: Occasion
    reason: str

    @property
    def key(self) -> Key:
        """Which delivery of the place."""
        return self.paper.number, self.occasion


class GivenUp(Part):
    """Deliveries that were given up, inside one transaction."""

    async def listed(self, limit: int, *, unknown: bool = False) -> list[GivenUpDelivery]:
        """What was given up, or with `unknown` what may have arrived, the latest first."""
        about = (delivery.c.destination, delivery.c.occasion, delivery.c.attempts, delivery.c.settled_at)
        wanted = (
            select(paper, *about, destination.c.channel, destination.c.title.label("place"))
            .add_columns(func.coalesce(failure.c.unknowns, 0).label("unknowns"))
            .add_columns(func.coalesce(failure.c.reason, "").label("reason"))
            .join_from(delivery, destination, destination.c.number == delivery.c.destination)
            .join(paper, paper.c.number == delivery.c.paper)
            .outerjoin(failure, _ITS_FAILURE)
            .where(delivery.c.state == (State.UNKNOWN if unknown else State.GIVEN_UP))
            .order_by(delivery.c.settled_at.desc(), *_KEY)
            .limit(limit)
        )
        return [
            GivenUpDelivery(
                destination=row.destination,
                channel=row.channel,
                title=row.place,
                paper=paper_of(row),
                occasion=Occasion(row.occasion),
                attempts=row.attempts,
                unknowns=row.unknowns,
                settled_at=row.settled_at,
                reason=row.reason,
            )
            for row in await self._db.execute(wanted)
        ]

    async def retry(self, which: Choice) -> int:
        """Owe what was given up or may have arrived again, as if it had never been tried; how many that were.

        Places get their turn at once, unless they are paused.
        """
        rows = await self._change(
            and_(_GIVEN_UP, which.rows),
            {"state": int(State.OWED), "attempts": 0, "due_at": self._now, "settled_at": None},
        )
        await Outbox(self._db, self._now).rouse({place for place, _, _ in rows})
        return len(rows)

    async def drop(self, which: Choice, *, owed: bool = False) -> int:
        """Neither list nor send it any more; with `owed` what is not sent yet instead. How many that were.

        A message that is on its way arrives.
        """
        state = delivery.c.state == State.OWED if owed else _GIVEN_UP
        return len(await self._change(and_(state, which.rows), {"state": int(State.DROPPED), "settled_at": self._now}))

    # --- what a place is told ----------------------------------------------------------------------------------------

    async def untold_places(self, channel: str) -> set[int]:
        """The places of a channel that were not told of everything that was given up there."""
        wanted = (
            select(failure.c.destination)
            .distinct()
            .join_from(failure, delivery, _ITS_FAILURE)
            .join(destination, destination.c.number == failure.c.destination)
            .where(_UNTOLD, destination.c.channel == channel)
        )
        return set((await self._db.execute(wanted)).scalars().all())

    async def untold(self, place: int) -> list[Untold]:
        """What was given up at a place and not told there, the oldest first."""
        wanted = (
            select(paper, delivery.c.occasion, failure.c.reason)
            .join_from(failure, delivery, _ITS_FAILURE)
            .join(paper, paper.c.number == delivery.c.paper)
            .where(_UNTOLD, failure.c.destination == place)
            .order_by(delivery.c.settled_at, delivery.c.paper, delivery.c.occasion)
        )
        return [Untold(paper_of(row), Occasion(row.occasion), row.reason) for row in await self._db.execute(wanted)]

    async def told(self, place: int, keys: Iterable[Key]) -> None:
        """Note that a place was told of these."""
        for number, occasion in keys:
            its = and_(failure.c.destination == place, failure.c.paper == number, failure.c.occasion == occasion.code)
            await self._db.execute(update(failure).where(its).values(notified_at=self._now))

    # --- helpers -----------------------------------------------------------------------------------------------------

    async def _change(self, which: ColumnElement[bool], values: dict[str, Any]) -> Sequence[_Row]:
        """Change deliveries and forget why they failed; which ones. They are locked in the order that all keep to."""
        chosen = (
            select(*_KEY)
            .where(which)
            .order_by(*_KEY)
            .with_for_update()
            .cte("chosen")
            .prefix_with("MATERIALIZED")  # or PostgreSQL may look twice and take other rows
        )
        changed = update(delivery).where(tuple_(*_KEY).in_(select(chosen))).values(**values).returning(*_KEY)
        rows = [(place, number, code) for place, number, code in await self._db.execute(changed)]
        await self._forget_failures(rows)
        return rows

    async def _forget_failures(self, rows: Sequence[_Row]) -> None:
        by_place: defaultdict[int, set[_Row]] = defaultdict(set)
        for row in rows:
            by_place[row[0]].add(row)
        for places in chunks(sorted(by_place)):
            failed = await self._db.execute(select(*_OF_FAILURE).where(failure.c.destination.in_(places)))
            for place, number, code in failed.all():
                if (place, number, code) in by_place[place]:
                    its = and_(failure.c.destination == place, failure.c.paper == number, failure.c.occasion == code)
                    await self._db.execute(delete(failure).where(its))
