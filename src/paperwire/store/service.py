"""What processes share: named leases, the states of channels as each reports its own, and settings.

A lease is for what one process at a time may do: poll Telegram, hold the Discord gateway, send for a bot.

A process that shares its database also keeps a heartbeat here: a lease of its own, renewed every few seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, or_, select, update
from sqlmodel import col

from paperwire.ports.channels import ReportedState
from paperwire.store.database.part import Part
from paperwire.store.database.statements import insert_new
from paperwire.store.database.tables.papers import SourceStateRow
from paperwire.store.database.tables.people import DestinationRow
from paperwire.store.database.tables.service import ChannelStateRow, LeaseRow, SettingRow
from paperwire.store.database.tables.subscriptions import SubscriptionRow

_PROCESS = "process "  # how the name of a process's own lease begins, its heartbeat; the owner follows
ROLE_LEASE = "role "
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
            owner: [row.name.split(" ")[1] for row in rows if row.owner == owner and row.name.startswith(ROLE_LEASE)]
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
        names = [f"{ROLE_LEASE}{role} {owner}" for role in sorted(roles)]
        shown = and_(col(LeaseRow.owner) == owner, col(LeaseRow.name).startswith(ROLE_LEASE))
        await self._db.execute(delete(LeaseRow).where(shown, col(LeaseRow.name).not_in(names)))
        for name in names:
            await self.acquire(name, owner, for_)

    async def processes(self) -> dict[str, int]:
        """How many processes show each role now.

        One that shows its roles in time looks after the others and takes away what dead ones showed: then whatever is
        there counts, also of a process whose clock is behind.
        """
        shown = select(col(LeaseRow.name), col(LeaseRow.until)).where(col(LeaseRow.name).startswith(ROLE_LEASE))
        rows = (await self._db.execute(shown)).all()
        names = [row.name for row in rows] if any(row.until > self._now for row in rows) else []
        return dict(sorted(Counter(name.split(" ")[1] for name in names).items()))

    async def last_shown(self) -> datetime | None:
        """When the last of the roles that processes show runs out, or has run out; None if none is shown."""
        until = select(func.max(col(LeaseRow.until))).where(col(LeaseRow.name).startswith(ROLE_LEASE))
        return await self._db.scalar(until)

    async def holder(self, name: str) -> str | None:
        owner = select(col(LeaseRow.owner)).where(col(LeaseRow.name) == name, col(LeaseRow.until) > self._now)
        return await self._db.scalar(owner)


class ChannelStates(Part):
    """Reported states, inside one transaction."""

    async def report(self, owner: str, states: Mapping[str, str], *, forget_before: datetime) -> None:
        """Store the states of one process's channels by kind, and forget those of channels that it has no more.

        Forget reports older than `forget_before`, too, of processes that hold nothing.
        """
        condition, holding = col(ChannelStateRow.owner) == owner, select(col(LeaseRow.owner))
        is_old = and_(col(ChannelStateRow.at) < forget_before, col(ChannelStateRow.owner).not_in(holding))
        gone = or_(and_(condition, col(ChannelStateRow.channel).not_in(list(states))), is_old)
        await self._db.execute(delete(ChannelStateRow).where(gone))
        for channel, state in sorted(states.items()):
            new = insert_new(self._db, ChannelStateRow).values(channel=channel, owner=owner, state=state, at=self._now)
            changed = {"state": new.excluded.state, "at": new.excluded.at}
            await self._db.execute(new.on_conflict_do_update(index_elements=["channel", "owner"], set_=changed))

    async def withdraw(self, owner: str) -> None:
        """Forget what one process reported, as it runs no channel any more."""
        await self._db.execute(delete(ChannelStateRow).where(col(ChannelStateRow.owner) == owner))

    async def since(self, instant: datetime) -> list[ReportedState]:
        """The states reported since `instant`, by channel, the latest first.

        What a process reported that shows roles counts with them, see `Leases.processes`.
        """
        showing = select(col(LeaseRow.owner)).where(col(LeaseRow.name).startswith(ROLE_LEASE))
        is_shown = and_(
            col(ChannelStateRow.owner).in_(showing), showing.where(col(LeaseRow.until) > self._now).exists()
        )
        columns = (col(ChannelStateRow.channel), col(ChannelStateRow.owner), col(ChannelStateRow.state))
        order = (col(ChannelStateRow.channel), col(ChannelStateRow.at).desc(), col(ChannelStateRow.owner))
        fresh = select(*columns).where(or_(col(ChannelStateRow.at) >= instant, is_shown)).order_by(*order)
        return [ReportedState(*row) for row in await self._db.execute(fresh)]


class ServiceSettings(Part):
    """Texts under keys, inside one transaction."""

    async def get(self, key: str) -> str | None:
        return (await self._db.execute(select(col(SettingRow.value)).where(col(SettingRow.key) == key))).scalar()

    async def put(self, key: str, value: str) -> None:
        """Store the text under a key instead of the one before."""
        new = insert_new(self._db, SettingRow).values(key=key, value=value)
        await self._db.execute(new.on_conflict_do_update(index_elements=["key"], set_={"value": value}))

    async def beginning(self, start: str) -> dict[str, str]:
        """The texts under all keys that begin so, by what follows."""
        keys = select(col(SettingRow.key), col(SettingRow.value)).where(col(SettingRow.key).startswith(start))
        return {row.key.removeprefix(start): row.value for row in await self._db.execute(keys.order_by(SettingRow.key))}

    async def remove(self, key: str) -> bool:
        """Forget the text under a key; whether there was one."""
        return (await self._db.execute(delete(SettingRow).where(col(SettingRow.key) == key))).rowcount == 1

    async def ensure(self, key: str, value: str) -> str:
        """The text under a key, which is `value` from now on if there was none; the first to say it wins."""
        new = insert_new(self._db, SettingRow).values(key=key, value=value)
        await self._db.execute(new.on_conflict_do_nothing())
        return (await self._db.execute(select(col(SettingRow.value)).where(col(SettingRow.key) == key))).scalar_one()

    async def ensure_locked(self, key: str, value: str) -> str:
        """The same, and no one else changes it before this transaction ends."""
        await self.ensure(key, value)
        statement = select(col(SettingRow.value)).where(col(SettingRow.key) == key)
        return (await self._db.execute(statement.with_for_update())).scalar_one()

    async def last_instant(self) -> datetime | None:
        """The latest instant of which the database knows that it has passed; None if it knows of none."""
        columns = (col(SourceStateRow.ok_at), col(SubscriptionRow.began_at))
        latest = [(await self._db.execute(select(func.max(instant)))).scalar() for instant in columns]
        return max((instant for instant in latest if instant is not None), default=None)
