"""Turns for places of which something changed that decides when they get what they are owed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import case, func, literal, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from paperwire.store.database.tables.base import UTCDateTime
from paperwire.store.database.tables.people import DestinationRow

SHORT_HOLD = timedelta(hours=1)
"""A pause that ends this soon is left as it is by `rouse`; a longer one is for quiet hours."""


async def rouse(db: AsyncConnection, now: datetime, numbers: Iterable[int]) -> None:
    """Give open places a turn: after a resume, new quiet hours or another cadence.

    Ends their pause, unless the platform asked for it, or it is a back-off that ends within the hour anyway. The
    turn finds out what is owed and sets the next; looking here could overlook what a fan-out is committing.
    """
    soon = col(DestinationRow.hold_until).between(now, now + SHORT_HOLD)
    condition = col(DestinationRow.asked_until) > now
    pause_end = case((condition, col(DestinationRow.asked_until)), (soon, col(DestinationRow.hold_until)), else_=None)
    for number in sorted(numbers):
        await db.execute(
            update(DestinationRow)
            .where(col(DestinationRow.number) == number, col(DestinationRow.paused) == "")
            .values(next_due_at=func.coalesce(pause_end, literal(now, UTCDateTime)), hold_until=pause_end)
        )
