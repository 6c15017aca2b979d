"""Pruning: deliveries that can never matter again go, in steps so short that nobody waits for them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, exists, func, literal, or_, select, update

from paperwire.core.papers.paper import ARRIVAL, Occasion
from paperwire.store.outbox.duplicates import is_stale
from paperwire.store.part import Part
from paperwire.store.tables.base import Row, State

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

KEPT = timedelta(days=90)
"""An arrival settled longer ago than this is forgotten: a paper that old never arrives again."""
KEPT_TEXTS = timedelta(days=400)
"""So long the texts of a replaced version are kept, for messages that say what changed."""
PLACES_AT_ONCE = 100
_HUGE = 1_000_000

_T = Row.metadata.tables
delivery, destination, failure, revision = _T["delivery"], _T["destination"], _T["failure"], _T["revision"]
later = delivery.alias("later")


class Prune(Part):
    """One step of pruning inside one transaction; a round visits all places in the order of their numbers."""

    async def some(self, after: int = 0) -> tuple[int, int | None]:
        """Prune the next places behind number `after`: how many rows went, and where to go on (None: the end).

        Also gives a turn to open places that owe something and have none, which no order of events should leave behind.
        """
        numbers = select(destination.c.number).where(destination.c.number > after)
        step = numbers.order_by(destination.c.number).limit(PLACES_AT_ONCE).subquery()
        last: int | None = await self._db.scalar(select(func.max(step.c.number)))
        here = _between(delivery.c.destination, after, last)
        if last is not None:
            await self._rouse(after, last)
        gone = await self._db.execute(delete(delivery).where(here, or_(self._is_old(), _is_surpassed(), _is_nobodys())))
        await self._db.execute(delete(failure).where(_between(failure.c.destination, after, last), is_stale()))
        return gone.rowcount, last

    async def texts(self, limit: int) -> int:
        """Forget some texts of versions that were replaced so long ago that nobody compares with them; how many."""
        old = select(revision.c.paper, revision.c.version).where(revision.c.until < self._now - KEPT_TEXTS).limit(limit)
        rows = (await self._db.execute(old)).all()
        for number, version in rows:
            await self._db.execute(delete(revision).where(revision.c.paper == number, revision.c.version == version))
        return len(rows)

    async def _rouse(self, after: int, last: int) -> None:
        owes = exists().where(delivery.c.destination == destination.c.number, delivery.c.state == State.OWED)
        asleep = and_(destination.c.paused == "", destination.c.next_due_at.is_(None), owes)
        places = destination.c.number.between(after + 1, last)
        turn = func.coalesce(destination.c.hold_until, literal(self._now, destination.c.hold_until.type))
        await self._db.execute(update(destination).where(places, asleep).values(next_due_at=turn))

    def _is_old(self) -> ColumnElement[bool]:
        """An arrival settled long ago."""
        settled = and_(delivery.c.state != State.OWED, delivery.c.settled_at < self._now - KEPT)
        return and_(delivery.c.occasion == ARRIVAL.code, settled)


def _between(number: ColumnElement[int], after: int, last: int | None) -> ColumnElement[bool]:
    return number > after if last is None else and_(number > after, number <= last)


def _is_surpassed() -> ColumnElement[bool]:
    """Settled, and a later version or a higher threshold of the same paper is settled there too."""
    highest_version = Occasion.version(_HUGE).code
    same_kind = or_(delivery.c.occasion > highest_version, later.c.occasion <= highest_version)
    surpassing = exists().where(
        later.c.destination == delivery.c.destination,
        later.c.paper == delivery.c.paper,
        later.c.occasion > delivery.c.occasion,
        same_kind,
        later.c.state != State.OWED,
    )
    return and_(delivery.c.occasion > ARRIVAL.code, delivery.c.state != State.OWED, surpassing)


def _is_nobodys() -> ColumnElement[bool]:
    """Owed to a place that was forgotten meanwhile."""
    return ~exists().where(destination.c.number == delivery.c.destination)
