"""Times ahead of the clock: what lies further ahead than anything sets it was written while the clock was wrong."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, case, exists, func, literal, or_, select, update
from sqlmodel import SQLModel, col

from paperwire.core.matching.news import Stretch
from paperwire.core.subscriptions.cadence import NextSlot
from paperwire.store.database.part import Part
from paperwire.store.database.tables.base import State, UTCDateTime
from paperwire.store.database.tables.deliveries import DeliveryRow, DigestRow, FailureRow
from paperwire.store.database.tables.papers import SourceStateRow
from paperwire.store.database.tables.people import DestinationRow
from paperwire.store.database.tables.service import LeaseRow, PaceRow
from paperwire.store.database.tables.subscriptions import FeedPartRow, RouteRow, SubscriptionRow
from paperwire.store.outbox.fanout import SLOTS, move_slots
from paperwire.store.outbox.recipients import next_places, within
from paperwire.store.outbox.rousing import rouse

A_LEASE = timedelta(hours=1)
LEFT_OF_A_LEASE = timedelta(minutes=2)
"""A lease that lies further ahead than A_LEASE has so much left: a live owner renews it meanwhile."""
A_WISH = timedelta(hours=25)
"""No hold lasts longer: quiet hours end within a day, and no platform is known to ask for more."""
A_DAY = timedelta(days=1)
A_DAILY_SLOT = timedelta(hours=49)
"""The next slot of a daily digest is nearer, whatever clocks do in its zone."""
CORRECTED_AT_ONCE = 1_000


class Times(Part):
    """Corrections inside one transaction."""

    async def correct_service(self) -> int:
        """Correct what belongs to no place: leases, requests to sources, subscriptions' beginnings; how many rows."""
        soon = self._now + LEFT_OF_A_LEASE
        rows = await self._bring_back(LeaseRow, "until", A_LEASE, soon)
        rows += await self._bring_back(PaceRow, "closed_until", A_WISH)
        rows += await self._bring_back(SourceStateRow, "ok_at", A_DAY)
        rows += await self._bring_back(FailureRow, "first_at", A_DAY)
        rows += await self._bring_back(FailureRow, "last_at", A_DAY)
        rows += await self._bring_back(SubscriptionRow, "began_at", A_DAY)
        rows += await self._bring_back(SubscriptionRow, "former_began_at", A_DAY)
        rows += await self._bring_back(FeedPartRow, "began_at", A_DAY)
        return rows + await self._bring_back(RouteRow, "began_at", A_DAY)

    async def correct_places(self, after: int, next_slot: NextSlot) -> tuple[int, int | None]:
        """Correct turns, digests and deliveries of the next places after number `after`.

        Says how many rows that were, and where to go on (None: the end).
        """
        stretch = await next_places(self._db, after, CORRECTED_AT_ONCE)
        if stretch.last is None:
            return 0, None
        rows = await self._slots(stretch, next_slot)
        owed = await self._deliveries(stretch)
        corrected = await self._places(stretch)
        await rouse(self._db, self._now, {*owed, *corrected, *await self._planned(stretch)})
        return rows + len(owed) + len(corrected), stretch.last

    async def _bring_back(self, table: type[SQLModel], name: str, most: timedelta, to: datetime | None = None) -> int:
        """Set what is further ahead than `most` to now, or `to`."""
        ahead = update(table).where(getattr(table, name) > self._now + most)
        return (await self._db.execute(ahead.values({name: to or self._now}))).rowcount

    async def _slots(self, stretch: Stretch, next_slot: NextSlot) -> int:
        """Recalculate when the next digests are due."""
        ahead = col(RouteRow.next_slot_at) > self._now + A_DAILY_SLOT
        rows = (await self._db.execute(SLOTS.where(within(stretch, col(RouteRow.destination)), ahead))).all()
        slots = {pair: next_slot(*pair, self._now) for pair in {(row.cadence, row.zone) for row in rows}}
        late = [row for row in rows if (slot := slots[row.cadence, row.zone]) is not None and slot < row.next_slot_at]
        await move_slots(self._db, late, slots)
        return len(late)

    async def _deliveries(self, stretch: Stretch) -> set[int]:
        """Let what is owed later than any digest of its place go into the next one, or at once; which places."""
        its = col(RouteRow.destination) == col(DeliveryRow.destination)
        explained = exists().where(its, col(RouteRow.next_slot_at) >= col(DeliveryRow.due_at))
        now = literal(self._now, UTCDateTime)
        soonest = select(func.min(func.coalesce(col(RouteRow.next_slot_at), now))).where(its).scalar_subquery()
        late = and_(
            within(stretch, col(DeliveryRow.destination)),
            col(DeliveryRow.state) == State.OWED,
            col(DeliveryRow.due_at) > self._now + A_DAY,
            ~explained,
        )
        moved = update(DeliveryRow).where(late).values(due_at=func.coalesce(soonest, now))
        return set((await self._db.execute(moved.returning(col(DeliveryRow.destination)))).scalars())

    async def _planned(self, stretch: Stretch) -> set[int]:
        """The places whose next digest is planned for long after now: their turn plans it again."""
        late = select(col(DigestRow.destination)).where(
            within(stretch, col(DigestRow.destination)),
            col(DigestRow.closed_at).is_(None),
            col(DigestRow.due_at) > self._now + A_DAILY_SLOT,
        )
        return set((await self._db.execute(late)).scalars())

    async def _places(self, stretch: Stretch) -> set[int]:
        """End holds and leases that nothing asked for; which places had a hold."""
        places = within(stretch, col(DestinationRow.number))
        leased = update(DestinationRow).where(places, col(DestinationRow.leased_until) > self._now + A_LEASE)
        await self._db.execute(leased.values(leased_until=self._now + LEFT_OF_A_LEASE))
        latest = self._now + A_WISH
        pause_end, asked_until = col(DestinationRow.hold_until), col(DestinationRow.asked_until)
        ended = {column: case((column > latest, None), else_=column) for column in (pause_end, asked_until)}
        late = or_(pause_end > latest, asked_until > latest)
        changed = update(DestinationRow).where(places, late).values(ended).returning(col(DestinationRow.number))
        return set((await self._db.execute(changed)).scalars())
