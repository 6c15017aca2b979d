"""Named leases: what one process at a time may do (poll Telegram, hold the Discord gateway, send for a bot)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, or_, select, update

from paperwire.store.engine import insert_new
from paperwire.store.part import Part
from paperwire.store.tables.base import Row
from paperwire.store.tables.service import LeaseRow

if TYPE_CHECKING:
    from datetime import datetime, timedelta

lease, destination = Row.metadata.tables["lease"], Row.metadata.tables["destination"]


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lease, and until when unless renewed."""

    owner: str
    until: datetime


class Leases(Part):
    """Leases inside one transaction. A lease that ran out is anybody's."""

    async def acquire(self, name: str, owner: str, for_: timedelta) -> bool:
        """Take or keep a lease; False while somebody else holds it."""
        taken = insert_new(self._db, LeaseRow).values(name=name, owner=owner, until=self._now + for_)
        free = or_(lease.c.until <= self._now, lease.c.owner == owner)
        taken = taken.on_conflict_do_update(
            index_elements=["name"], set_={"owner": taken.excluded.owner, "until": taken.excluded.until}, where=free
        )
        return (await self._db.execute(taken.execution_options(preserve_rowcount=True))).rowcount == 1

    async def renew(self, name: str, owner: str, for_: timedelta) -> bool:
        """Keep a lease that is still ours, even if it ran out unnoticed; False if it is somebody else's or gone."""
        mine = and_(lease.c.name == name, lease.c.owner == owner)
        return (await self._db.execute(update(lease).where(mine).values(until=self._now + for_))).rowcount == 1

    async def release(self, name: str, owner: str) -> None:
        """Give a lease back; nothing happens if it is not ours."""
        await self._db.execute(delete(lease).where(lease.c.name == name, lease.c.owner == owner))

    async def release_all(self, owner: str) -> None:
        """Give back all leases of one owner."""
        await self._db.execute(delete(lease).where(lease.c.owner == owner))

    async def owners(self) -> list[str]:
        """Who holds any lease or place."""
        places = select(destination.c.lease_owner).where(destination.c.leased_until.is_not(None))
        held = select(lease.c.owner).union(places)
        return sorted(owner for owner in (await self._db.execute(held)).scalars() if owner)

    async def holder(self, name: str) -> Holder | None:
        """Who holds a lease now, or None."""
        held = select(lease.c.owner, lease.c.until).where(lease.c.name == name, lease.c.until > self._now)
        row = (await self._db.execute(held)).first()
        return None if row is None else Holder(row.owner, row.until)
