"""Where subscriptions lead, changed for one place: all of a person's lead there, or one does no longer."""

from __future__ import annotations

from sqlalchemy import and_, delete, exists, insert, literal, select
from sqlmodel import col

from paperwire.store.database.locks import hold_queries_and_fan_out
from paperwire.store.part import Part
from paperwire.store.subscriptions.slots import reroute, reslot
from paperwire.store.tables.subscriptions import RouteRow, SubscriptionRow


class Routes(Part):
    """Where subscriptions lead, inside one transaction."""

    async def lead_all(self, person: int, place: int) -> int:
        """Let every living subscription of a person lead to a place, too; how many did not before."""
        await hold_queries_and_fan_out(self._db)
        there = and_(col(RouteRow.subscription) == col(SubscriptionRow.number), col(RouteRow.destination) == place)
        missing = (
            select(
                literal(place),
                col(SubscriptionRow.number),
                col(SubscriptionRow.query),
                col(SubscriptionRow.began_at),
                literal(0),
            )
            .where(col(SubscriptionRow.person) == person, col(SubscriptionRow.deleted_at).is_(None))
            .where(~exists().where(there))
        )
        columns = ["destination", "subscription", "query", "began_at", "wants"]
        made = insert(RouteRow).from_select(columns, missing).returning(col(RouteRow.subscription))
        numbers = sorted((await self._db.execute(made)).scalars())
        for number in numbers:
            await reroute(self._db, number)
        if numbers:
            here = and_(col(RouteRow.destination) == place, col(SubscriptionRow.number).in_(numbers))
            await reslot(self._db, self._now, here)
        return len(numbers)

    async def end(self, subscription: int, place: int) -> None:
        """Let a subscription lead to a place no longer; what it was owed there is dropped at the place's next turn."""
        await hold_queries_and_fan_out(self._db)
        this = and_(col(RouteRow.subscription) == subscription, col(RouteRow.destination) == place)
        await self._db.execute(delete(RouteRow).where(this))
