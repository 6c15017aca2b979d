"""Times ahead of the clock: what lies further ahead than anything sets it was written while the clock was wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, case, exists, func, literal, or_, select, update

from paperwire.store.outbox.outbox import Outbox
from paperwire.store.part import Part
from paperwire.store.tables.base import Row, State

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Column

    from paperwire.store.outbox.fanout import NextSlot

A_LEASE = timedelta(hours=1)
LEFT_OF_A_LEASE = timedelta(minutes=2)
"""A lease that lies further ahead than A_LEASE has so much left: whoever is alive renews it meanwhile."""
A_WISH = timedelta(hours=25)
"""No hold lasts longer: quiet hours end within a day, and no platform is known to ask for more."""
A_DAY = timedelta(days=1)
A_DAILY_SLOT = timedelta(hours=49)
"""The next slot of a daily digest is nearer, whatever clocks do in its zone."""
PLACES_AT_ONCE = 1_000

_T = Row.metadata.tables
lease, pace, source, failure = _T["lease"], _T["pace"], _T["source_state"], _T["failure"]
subscription, route, destination = _T["subscription"], _T["subscription_destination"], _T["destination"]
delivery = _T["delivery"]


class Times(Part):
    """Corrections inside one transaction."""

    async def correct_service(self) -> int:
        """Correct what belongs to no place: leases, requests to sources, subscriptions' beginnings; how many rows."""
        soon = self._now + LEFT_OF_A_LEASE
        rows = await self._bring_back(lease.c.until, A_LEASE, soon)
        rows += await self._bring_back(pace.c.closed_until, A_WISH)
        rows += await self._bring_back(source.c.ok_at, A_DAY)
        rows += await self._bring_back(failure.c.first_at, A_DAY)
        rows += await self._bring_back(failure.c.last_at, A_DAY)
        rows += await self._bring_back(subscription.c.began_at, A_DAY)
        return rows + await self._bring_back(route.c.began_at, A_DAY)

    async def correct_places(self, after: int, next_slot: NextSlot) -> tuple[int, int | None]:
        """Correct turns, digests and deliveries of the next places behind number `after`.

        Says how many rows that were, and where to go on (None: the end).
        """
        step = select(destination.c.number).where(destination.c.number > after)
        numbers = step.order_by(destination.c.number).limit(PLACES_AT_ONCE).subquery()
        last: int | None = await self._db.scalar(select(func.max(numbers.c.number)))
        if last is None:
            return 0, None
        rows = await self._slots(after, last, next_slot)
        owed = await self._deliveries(after, last)
        held = await self._places(after, last)
        await Outbox(self._db, self._now).rouse({*owed, *held})
        return rows + len(owed) + len(held), last

    async def _bring_back(self, column: Column[Any], most: timedelta, to: datetime | None = None) -> int:
        """Set what is further ahead than `most` to now, or `to`."""
        ahead = update(column.table).where(column > self._now + most)
        return (await self._db.execute(ahead.values({column.name: to or self._now}))).rowcount

    async def _slots(self, after: int, last: int, next_slot: NextSlot) -> int:
        """When the next digests are due, worked out anew."""
        cadence = case((subscription.c.cadence != "", subscription.c.cadence), else_=destination.c.cadence)
        late = (
            select(*route.primary_key, route.c.next_slot_at, cadence.label("cadence"), destination.c.zone)
            .join_from(route, subscription, subscription.c.number == route.c.subscription)
            .join(destination, destination.c.number == route.c.destination)
            .where(route.c.destination.between(after + 1, last), route.c.next_slot_at > self._now + A_DAILY_SLOT)
        )
        rows = (await self._db.execute(late)).all()
        slots = {pair: next_slot(*pair, self._now) for pair in {(row.cadence, row.zone) for row in rows}}
        moved = 0
        for row in rows:
            slot = slots[row.cadence, row.zone]
            if slot is not None and slot < row.next_slot_at:
                this = and_(route.c.destination == row.destination, route.c.subscription == row.subscription)
                as_read = route.c.next_slot_at == row.next_slot_at  # a change of cadence that comes between stands
                await self._db.execute(update(route).where(this, as_read).values(next_slot_at=slot))
                moved += 1
        return moved

    async def _deliveries(self, after: int, last: int) -> set[int]:
        """Let what is owed later than any digest of its place go into the next one, or at once; which places."""
        here = route.c.destination == delivery.c.destination
        explained = exists().where(here, route.c.next_slot_at >= delivery.c.due_at)
        now = literal(self._now, delivery.c.due_at.type)
        soonest = select(func.min(func.coalesce(route.c.next_slot_at, now))).where(here).scalar_subquery()
        late = and_(
            delivery.c.destination.between(after + 1, last),
            delivery.c.state == State.OWED,
            delivery.c.due_at > self._now + A_DAY,
            ~explained,
        )
        moved = update(delivery).where(late).values(due_at=func.coalesce(soonest, now))
        return set((await self._db.execute(moved.returning(delivery.c.destination))).scalars())

    async def _places(self, after: int, last: int) -> set[int]:
        """End holds and leases that nothing asked for; which places had a hold."""
        here = destination.c.number.between(after + 1, last)
        soon = {"leased_until": self._now + LEFT_OF_A_LEASE}
        await self._db.execute(
            update(destination).where(here, destination.c.leased_until > self._now + A_LEASE).values(soon)
        )
        latest = self._now + A_WISH
        columns = (destination.c.hold_until, destination.c.asked_until)
        ended = {column.name: case((column > latest, None), else_=column) for column in columns}
        late = or_(*(column > latest for column in columns))
        changed = update(destination).where(here, late).values(ended).returning(destination.c.number)
        return set((await self._db.execute(changed)).scalars())
