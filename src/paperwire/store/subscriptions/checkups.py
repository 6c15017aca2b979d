"""Which places to notify of subscriptions that need a change, and what their subscriptions brought."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, case, func, select, update
from sqlmodel import col

from paperwire.core.subscriptions.checkup import COUNTED, EVERY, Activity
from paperwire.store.database.part import Part, chunks, value_of
from paperwire.store.database.tables.base import LIVE
from paperwire.store.database.tables.deliveries import MatchRow
from paperwire.store.database.tables.people import DestinationRow
from paperwire.store.database.tables.subscriptions import RouteRow, SubscriptionRow


class Checkups(Part):
    """Check-ups inside one transaction."""

    async def due(self, channels: Collection[str], limit: int, after: int = 0) -> dict[int, datetime | None]:
        """The open places on these channels that are due and didn't say no, and when each was looked at last."""
        since = func.coalesce(col(DestinationRow.checked_up_at), col(DestinationRow.created_at))
        is_due = and_(
            col(DestinationRow.channel).in_(channels),
            col(DestinationRow.paused) == "",
            col(DestinationRow.checkups_off).is_(False),
            since <= self._now - EVERY,
            col(DestinationRow.number) > after,
        )
        statement = select(col(DestinationRow.number), col(DestinationRow.checked_up_at)).where(is_due)
        rows = await self._db.execute(statement.order_by(col(DestinationRow.number)).limit(limit))
        return {row.number: row.checked_up_at for row in rows}

    async def claim(self, place: int, before: datetime | None) -> bool:
        """Note that a place is looked at now, unless someone else did since `before`."""
        seen = col(DestinationRow.checked_up_at)
        same = seen.is_(None) if before is None else seen == before
        claimed = (
            update(DestinationRow).where(col(DestinationRow.number) == place, same).values(checked_up_at=self._now)
        )
        return (await self._db.execute(claimed.returning(col(DestinationRow.number)))).first() is not None

    async def put_back(self, place: int, before: datetime | None) -> None:
        """Let a place be due again that couldn't be notified."""
        await self._db.execute(
            update(DestinationRow).where(col(DestinationRow.number) == place).values(checked_up_at=before)
        )

    async def is_off(self, place: int) -> bool:
        statement = select(col(DestinationRow.checkups_off)).where(col(DestinationRow.number) == place)
        return bool((await self._db.execute(statement)).scalar_one_or_none())

    async def switch(self, place: int, *, off: bool) -> None:
        """Tell a place no more, or again."""
        condition = col(DestinationRow.number) == place
        await self._db.execute(update(DestinationRow).where(condition).values(checkups_off=off))

    async def activity(self, places: Collection[int]) -> dict[int, list[Activity]]:
        """What each living subscription brought that goes to one of these places and isn't paused, by place."""
        columns = [
            getattr(SubscriptionRow, name) for name in ("number", "ordinal", "text", "name", "began_at", "expected")
        ]
        activities: dict[int, list[Activity]] = {place: [] for place in places}
        for piece in chunks(places):
            live = and_(col(RouteRow.destination).in_(piece), col(RouteRow.wants).bitwise_and(LIVE) != 0)
            statement = (
                select(col(RouteRow.destination), col(RouteRow.query), *columns)
                .join_from(RouteRow, SubscriptionRow)
                .where(live)
                .order_by(col(RouteRow.destination), col(SubscriptionRow.ordinal))
            )
            rows = (await self._db.execute(statement)).all()
            matched = await self._matched({row.query for row in rows})
            for row in rows:
                last_at, recent = matched.get(row.query, (None, 0))
                activities[row.destination].append(value_of(Activity, row, last_at=last_at, recent=recent))
        return activities

    async def _matched(self, queries: Collection[int]) -> dict[int, tuple[datetime, int]]:
        """When each query matched last, and how many papers in the days that are counted."""
        recent = func.sum(case((col(MatchRow.seen_at) > self._now - COUNTED, 1), else_=0))
        statement = select(col(MatchRow.query), func.max(col(MatchRow.seen_at)), recent).group_by(col(MatchRow.query))
        return {
            row[0]: (row[1], row[2])
            for piece in chunks(queries)
            for row in await self._db.execute(statement.where(col(MatchRow.query).in_(piece)))
        }

    async def expect(self, subscription: int, a_day: float) -> None:
        """Keep how much was said that a subscription brings."""
        condition = col(SubscriptionRow.number) == subscription
        await self._db.execute(update(SubscriptionRow).where(condition).values(expected=a_day))
