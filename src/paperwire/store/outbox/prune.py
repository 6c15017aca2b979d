"""Pruning: deliveries that can never matter again go, in steps so short that nothing waits for them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, func, literal, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from paperwire.core.matching.news import Stretch
from paperwire.core.papers.paper import ARRIVAL, Occasion
from paperwire.store.database.part import Part
from paperwire.store.database.tables.base import State, UTCDateTime
from paperwire.store.database.tables.deliveries import DeliveryRow, DigestRow, FailureRow
from paperwire.store.database.tables.lists import CardRow
from paperwire.store.database.tables.papers import RevisionRow
from paperwire.store.database.tables.people import DestinationRow
from paperwire.store.outbox.duplicates import is_stale
from paperwire.store.outbox.recipients import RETENTION, next_places, within

KEPT_TEXTS = timedelta(days=400)
"""How long the texts of a replaced version are kept, for messages that say what changed."""
PLACES_PER_TRANSACTION = 100
_HUGE = 1_000_000

later = aliased(DeliveryRow)


class Prune(Part):
    """One step of pruning inside one transaction; a round visits all places in the order of their numbers."""

    async def step(self, after: int = 0) -> tuple[int, int | None]:
        """Prune the next places after number `after`: how many rows went, and where to go on (None: the end).

        Also gives a turn to open places that owe something and have none, which no order of events should cause.
        """
        stretch = await next_places(self._db, after, PLACES_PER_TRANSACTION)
        if stretch.last is not None:
            await self._rouse(stretch)
        done = or_(self._is_old(), _is_surpassed(), _is_orphaned())
        gone = await self._db.execute(delete(DeliveryRow).where(within(stretch, col(DeliveryRow.destination)), done))
        for at, row in ((col(DigestRow.closed_at), DigestRow), (col(CardRow.at), CardRow)):
            await self._db.execute(delete(row).where(within(stretch, col(row.destination)), at < self._now - RETENTION))
        await self._db.execute(delete(FailureRow).where(within(stretch, col(FailureRow.destination)), is_stale()))
        return gone.rowcount, stretch.last

    async def texts(self, limit: int) -> int:
        """Forget some texts of versions that were replaced so long ago that no one compares with them; how many."""
        old = (
            select(col(RevisionRow.paper), col(RevisionRow.version))
            .where(col(RevisionRow.until) < self._now - KEPT_TEXTS)
            .limit(limit)
        )
        rows = (await self._db.execute(old)).all()
        for number, version in rows:
            await self._db.execute(
                delete(RevisionRow).where(col(RevisionRow.paper) == number, col(RevisionRow.version) == version)
            )
        return len(rows)

    async def _rouse(self, stretch: Stretch) -> None:
        owes = exists().where(
            col(DeliveryRow.destination) == col(DestinationRow.number), col(DeliveryRow.state) == State.OWED
        )
        asleep = and_(col(DestinationRow.paused) == "", col(DestinationRow.next_due_at).is_(None), owes)
        places = within(stretch, col(DestinationRow.number))
        turn = func.coalesce(col(DestinationRow.hold_until), literal(self._now, UTCDateTime))
        await self._db.execute(update(DestinationRow).where(places, asleep).values(next_due_at=turn))

    def _is_old(self) -> ColumnElement[bool]:
        """An arrival settled long ago."""
        settled = and_(col(DeliveryRow.state) != State.OWED, col(DeliveryRow.settled_at) < self._now - RETENTION)
        return and_(col(DeliveryRow.occasion) == ARRIVAL.code, settled)


def _is_surpassed() -> ColumnElement[bool]:
    """Settled, and a later version or a higher threshold of the same paper is settled there too."""
    highest_version = Occasion.version(_HUGE).code
    same_kind = or_(col(DeliveryRow.occasion) > highest_version, col(later.occasion) <= highest_version)
    surpassing = exists().where(
        col(later.destination) == col(DeliveryRow.destination),
        col(later.paper) == col(DeliveryRow.paper),
        col(later.occasion) > col(DeliveryRow.occasion),
        same_kind,
        col(later.state) != State.OWED,
    )
    return and_(col(DeliveryRow.occasion) > ARRIVAL.code, col(DeliveryRow.state) != State.OWED, surpassing)


def _is_orphaned() -> ColumnElement[bool]:
    """Owed to a place that was forgotten meanwhile."""
    return ~exists().where(col(DestinationRow.number) == col(DeliveryRow.destination))
