"""The states of channels, which live in the processes that run them, as those report them to the others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import and_, delete, or_, select
from sqlmodel import col

from paperwire.ports.channels import ReportedState
from paperwire.store.database.statements import insert_new
from paperwire.store.part import Part
from paperwire.store.service.leases import ROLE
from paperwire.store.tables.service import ChannelStateRow, LeaseRow


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
        showing = select(col(LeaseRow.owner)).where(col(LeaseRow.name).startswith(ROLE))
        is_shown = and_(
            col(ChannelStateRow.owner).in_(showing), showing.where(col(LeaseRow.until) > self._now).exists()
        )
        columns = (col(ChannelStateRow.channel), col(ChannelStateRow.owner), col(ChannelStateRow.state))
        order = (col(ChannelStateRow.channel), col(ChannelStateRow.at).desc(), col(ChannelStateRow.owner))
        fresh = select(*columns).where(or_(col(ChannelStateRow.at) >= instant, is_shown)).order_by(*order)
        return [ReportedState(*row) for row in await self._db.execute(fresh)]
