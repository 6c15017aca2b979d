"""What readers ended by the link in their messages, kept for a week so that the same link brings it back."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Row, and_, delete, exists, insert, or_, select
from sqlmodel import col

from paperwire.core.subscriptions.subscription import UNDO_LASTS, Departure
from paperwire.store.database.locks import lock_queries_and_fan_out
from paperwire.store.database.part import Part
from paperwire.store.database.tables.people import DepartureRow
from paperwire.store.database.tables.subscriptions import RouteRow, SubscriptionRow

_PLACE = 0
_COLUMNS: tuple[Any, ...] = (
    col(DepartureRow.subscription),
    col(DepartureRow.left_at),
    col(DepartureRow.paused),
    col(SubscriptionRow.name),
    col(SubscriptionRow.text),
    col(SubscriptionRow.deleted_at),
)
_ITS_SUBSCRIPTION = col(SubscriptionRow.number) == col(DepartureRow.subscription)
_IS_DIVERTED = and_(
    col(SubscriptionRow.deleted_at).is_(None),
    or_(col(SubscriptionRow.edited_at).is_(None), col(SubscriptionRow.edited_at) <= col(DepartureRow.left_at)),
    ~exists().where(
        col(RouteRow.subscription) == col(DepartureRow.subscription),
        col(RouteRow.destination) == col(DepartureRow.destination),
    ),
)


class Departures(Part):
    """Departures inside one transaction."""

    async def lock(self) -> None:
        """Be the only one who leaves or comes back until commit: a program and its reader may press at once."""
        await lock_queries_and_fan_out(self._db)

    async def add(self, place: int, subscriptions: list[int], *, closed: bool, paused: str) -> None:
        """Write down what is ended now at a place; `paused` is what the place was when it was `closed`."""
        await self.forget_old()
        numbers = [*subscriptions, *([_PLACE] if closed else [])]
        values = {"destination": place, "left_at": self._now, "paused": paused}
        if numbers:
            its = and_(col(DepartureRow.destination) == place, col(DepartureRow.subscription).in_(numbers))
            await self._db.execute(delete(DepartureRow).where(its))
            await self._db.execute(insert(DepartureRow), [values | {"subscription": number} for number in numbers])

    async def of_place(self, place: int) -> list[Departure]:
        """What was ended at a place in the last week and is still ended, the latest first.

        What its owner changed, deleted or brought back since is not among it.
        """
        is_restorable = or_(
            col(DepartureRow.subscription) == _PLACE,
            col(SubscriptionRow.deleted_at) == col(DepartureRow.left_at),
            _IS_DIVERTED,
        )
        rows = (
            select(*_COLUMNS)
            .join_from(DepartureRow, SubscriptionRow, _ITS_SUBSCRIPTION, isouter=True)
            .where(
                col(DepartureRow.destination) == place,
                col(DepartureRow.left_at) > self._now - UNDO_LASTS,
                is_restorable,
            )
            .order_by(col(DepartureRow.left_at).desc(), col(DepartureRow.subscription))
        )
        grouped = groupby((await self._db.execute(rows)).all(), key=lambda row: row.left_at)
        return [_departure(left_at, list(group)) for left_at, group in grouped]

    async def forget(self, place: int, departure: Departure) -> None:
        """Forget what was brought back."""
        its = and_(col(DepartureRow.destination) == place, col(DepartureRow.left_at) == departure.left_at)
        await self._db.execute(delete(DepartureRow).where(its))

    async def forget_old(self) -> None:
        """Forget what can't be brought back any more."""
        await self._db.execute(delete(DepartureRow).where(col(DepartureRow.left_at) <= self._now - UNDO_LASTS))


def _departure(left_at: datetime, rows: list[Row[Any]]) -> Departure:
    ended = [row for row in rows if row.subscription != _PLACE]
    of_place = [row for row in rows if row.subscription == _PLACE]
    return Departure(
        left_at=left_at,
        names=tuple(row.name or row.text for row in ended),
        deleted=tuple(row.subscription for row in ended if row.deleted_at is not None),
        diverted=tuple(row.subscription for row in ended if row.deleted_at is None),
        closed=bool(of_place),
        paused=of_place[0].paused if of_place else "",
    )
