"""Named leases: what one process at a time may do (poll Telegram, hold the Discord gateway, send for a bot).

A process that shares its database also keeps a heartbeat here: a lease of its own, renewed every few seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_, select, update
from sqlmodel import col

from paperwire.store.database.statements import insert_new
from paperwire.store.part import Part
from paperwire.store.tables.people import DestinationRow
from paperwire.store.tables.service import LeaseRow

_PROCESS = "process "
"""How the name of a process's own lease begins, its heartbeat; the owner follows."""
ROLE = "role "
"""How the name of the lease by which a process shows a role begins; the role and the owner follow."""


class Leases(Part):
    """Leases inside one transaction. A lease that ran out is free to take."""

    async def acquire(self, name: str, owner: str, for_: timedelta) -> bool:
        """Take or keep a lease; False while another process holds it."""
        taken = insert_new(self._db, LeaseRow).values(name=name, owner=owner, until=self._now + for_)
        free = or_(col(LeaseRow.until) <= self._now, col(LeaseRow.owner) == owner)
        taken = taken.on_conflict_do_update(
            index_elements=["name"], set_={"owner": taken.excluded.owner, "until": taken.excluded.until}, where=free
        )
        return (await self._db.execute(taken.execution_options(preserve_rowcount=True))).rowcount == 1

    async def renew(self, name: str, owner: str, for_: timedelta) -> bool:
        """Keep a lease that is still ours, even if it ran out unnoticed; False if it is another's or gone."""
        condition = and_(col(LeaseRow.name) == name, col(LeaseRow.owner) == owner)
        return (await self._db.execute(update(LeaseRow).where(condition).values(until=self._now + for_))).rowcount == 1

    async def release(self, name: str, owner: str) -> None:
        """Give a lease back; nothing happens if it is not ours."""
        await self._db.execute(delete(LeaseRow).where(col(LeaseRow.name) == name, col(LeaseRow.owner) == owner))

    async def release_all(self, owner: str) -> None:
        """Give back all leases of one owner."""
        await self._db.execute(delete(LeaseRow).where(col(LeaseRow.owner) == owner))

    async def owners(self) -> list[str]:
        """Who holds any lease or place."""
        places = select(col(DestinationRow.lease_owner)).where(col(DestinationRow.leased_until).is_not(None))
        owners = select(col(LeaseRow.owner)).union(places)
        return sorted(owner for owner in (await self._db.execute(owners)).scalars() if owner)

    # --- heartbeats -------------------------------------------------------------------------------------------------

    async def heartbeats(self) -> dict[str, datetime | None]:
        """The last heartbeat of each owner that holds anything or has one: when it runs out, None if there is none."""
        beats = select(col(LeaseRow.owner), col(LeaseRow.until)).where(
            col(LeaseRow.name) == _PROCESS + col(LeaseRow.owner)
        )
        return dict.fromkeys(await self.owners()) | {row.owner: row.until for row in await self._db.execute(beats)}

    async def alive(self) -> dict[str, list[str]]:
        """The roles of each process whose heartbeat is good."""
        leases = select(col(LeaseRow.owner), col(LeaseRow.name)).where(col(LeaseRow.until) > self._now)
        rows = (await self._db.execute(leases.order_by(col(LeaseRow.name)))).all()
        return {
            owner: [row.name.split(" ")[1] for row in rows if row.owner == owner and row.name.startswith(ROLE)]
            for owner in sorted(row.owner for row in rows if row.name == _PROCESS + row.owner)
        }

    async def start_heartbeat(self, owner: str, for_: timedelta) -> None:
        """Give a process its heartbeat, before it holds anything."""
        await self.acquire(_PROCESS + owner, owner, for_)

    async def beat(self, owner: str, for_: timedelta) -> bool:
        """Renew a process's heartbeat; False if it has none any more, as others took it for dead."""
        return await self.renew(_PROCESS + owner, owner, for_)

    async def release_dead(self, owner: str, heartbeat: datetime | None) -> bool:
        """Take away all leases of a process that is dead; False if its heartbeat is another than this by now."""
        name = _PROCESS + owner
        if heartbeat is None:
            until = await self._db.scalar(select(col(LeaseRow.until)).where(col(LeaseRow.name) == name))
            if until is not None:
                return False
        else:
            same = and_(col(LeaseRow.name) == name, col(LeaseRow.until) == heartbeat)
            if (await self._db.execute(delete(LeaseRow).where(same))).rowcount == 0:
                return False
        await self.release_all(owner)
        return True

    # --- roles ------------------------------------------------------------------------------------------------------

    async def show_roles(self, owner: str, roles: Iterable[str], for_: timedelta) -> None:
        """Let others see for a while which roles a process has; those that it showed before and lacks now are gone."""
        names = [f"{ROLE}{role} {owner}" for role in sorted(roles)]
        shown = and_(col(LeaseRow.owner) == owner, col(LeaseRow.name).startswith(ROLE))
        await self._db.execute(delete(LeaseRow).where(shown, col(LeaseRow.name).not_in(names)))
        for name in names:
            await self.acquire(name, owner, for_)

    async def processes(self) -> dict[str, int]:
        """How many processes show each role now.

        One that shows its roles in time looks after the others and takes away what dead ones showed: then whatever is
        there counts, also of a process whose clock is behind.
        """
        shown = select(col(LeaseRow.name), col(LeaseRow.until)).where(col(LeaseRow.name).startswith(ROLE))
        rows = (await self._db.execute(shown)).all()
        names = [row.name for row in rows] if any(row.until > self._now for row in rows) else []
        return dict(sorted(Counter(name.split(" ")[1] for name in names).items()))

    async def holder(self, name: str) -> str | None:
        """The owner of a lease now, or None."""
        owner = select(col(LeaseRow.owner)).where(col(LeaseRow.name) == name, col(LeaseRow.until) > self._now)
        return await self._db.scalar(owner)
