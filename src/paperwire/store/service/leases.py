"""Named leases: what one process at a time may do (poll Telegram, hold the Discord gateway, send for a bot).

A process that shares its database also keeps a heartbeat here: a lease of its own, renewed every few seconds.
"""

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
_PROCESS = "process "


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

    # --- heartbeats -------------------------------------------------------------------------------------------------

    async def heartbeats(self) -> dict[str, datetime | None]:
        """The last heartbeat of everybody who holds anything or has one: when it runs out, None if there is none."""
        beats = select(lease.c.owner, lease.c.until).where(lease.c.name == _PROCESS + lease.c.owner)
        return dict.fromkeys(await self.owners()) | {row.owner: row.until for row in await self._db.execute(beats)}

    async def start_heartbeat(self, owner: str, for_: timedelta) -> None:
        """Give a process its heartbeat, before it holds anything."""
        await self.acquire(_heartbeat(owner), owner, for_)

    async def beat(self, owner: str, for_: timedelta) -> bool:
        """Renew a process's heartbeat; False if it has none any more, as others took it for dead."""
        return await self.renew(_heartbeat(owner), owner, for_)

    async def release_dead(self, owner: str, heartbeat: datetime | None) -> bool:
        """Take away all leases of a process that is dead; False if its heartbeat is another than this by now."""
        name = _heartbeat(owner)
        if heartbeat is None:
            found = await self._db.scalar(select(lease.c.until).where(lease.c.name == name))
            if found is not None:
                return False
        else:
            same = and_(lease.c.name == name, lease.c.until == heartbeat)
            if (await self._db.execute(delete(lease).where(same))).rowcount == 0:
                return False
        await self.release_all(owner)
        return True

    async def holder(self, name: str) -> Holder | None:
        """Who holds a lease now, or None."""
        held = select(lease.c.owner, lease.c.until).where(lease.c.name == name, lease.c.until > self._now)
        row = (await self._db.execute(held)).first()
        return None if row is None else Holder(row.owner, row.until)


def _heartbeat(owner: str) -> str:
    """The name of a process's own lease."""
    return _PROCESS + owner
