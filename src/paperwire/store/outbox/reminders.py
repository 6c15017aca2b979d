"""What is due for meetings: messages before one, there and to presenters in private, and the next one at its end."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, select, update
from sqlmodel import col

from paperwire.core.subscriptions.meeting import PRIVATE, Reminder, ReminderKind
from paperwire.store.database.part import Part
from paperwire.store.database.statements import among, insert_new, number_list
from paperwire.store.database.tables.meetings import ReminderRow

_IS_OPEN = and_(among(col(ReminderRow.destination), "places"), col(ReminderRow.settled_at).is_(None))
FIRST_REMINDERS = (
    select(col(ReminderRow.destination), func.min(col(ReminderRow.due_at)))
    .where(_IS_OPEN)
    .group_by(col(ReminderRow.destination))
)
"""When the next reminder of each of these places is due."""
_OPEN = (
    select(ReminderRow)
    .where(_IS_OPEN)
    .order_by(col(ReminderRow.destination), col(ReminderRow.due_at), col(ReminderRow.kind))
)


class Reminders(Part):
    """Reminders of meetings, inside one transaction; their sender has claimed their places."""

    async def due(self, places: Iterable[int]) -> dict[int, list[tuple[int, ReminderKind, datetime]]]:
        """What each place is due now: the meeting, what of it, and since when; in this order."""
        due: dict[int, list[tuple[int, ReminderKind, datetime]]] = {}
        for row in await self._db.execute(
            _OPEN.where(col(ReminderRow.due_at) <= self._now), {"places": number_list(places)}
        ):
            due.setdefault(row.destination, []).append((row.meeting, ReminderKind(row.kind), row.due_at))
        return due

    async def put(
        self, place: int, meeting: int, times: Mapping[ReminderKind, datetime], *, private: Collection[int] = ()
    ) -> None:
        """Let a place be due these for a meeting, less what is past; what was due at the same time stays as it is.

        Presenters' `private` chats are due what is for them of it. The caller rouses the places.
        """
        its = col(ReminderRow.meeting) == meeting
        for kind in ReminderKind:
            stays = col(ReminderRow.due_at) == times[kind] if kind in times else col(ReminderRow.due_at).is_(None)
            await self._db.execute(delete(ReminderRow).where(its, col(ReminderRow.kind) == int(kind), ~stays))
        await self._db.execute(delete(ReminderRow).where(its, col(ReminderRow.destination).not_in([place, *private])))
        values: list[dict[str, Any]] = [
            {"destination": there, "meeting": meeting, "kind": int(kind), "due_at": at, "attempts": 0}
            for kind, at in sorted(times.items())
            for there in ([place, *private] if kind in PRIVATE else [place])
            if at > self._now
        ]
        if values:
            await self._db.execute(insert_new(self._db, ReminderRow).on_conflict_do_nothing(), values)

    async def settle(self, place: int, meeting: int, kind: ReminderKind, due_at: datetime) -> None:
        """Write down that this was sent or done, or need not be any more."""
        which = _is(place, meeting, kind, due_at)
        await self._db.execute(update(ReminderRow).where(which).values(settled_at=self._now))

    async def sent(self, these: Iterable[Reminder]) -> None:
        """Write down that these reminders were sent."""
        for reminder in these:
            await self.settle(reminder.place, reminder.meeting.number, reminder.kind, reminder.due_at)

    async def failed(self, reminder: Reminder, most: int) -> None:
        """Count a send whose own message failed or got no answer; after `most` of them it is not sent again."""
        counted = (
            update(ReminderRow)
            .where(_is(reminder.place, reminder.meeting.number, reminder.kind, reminder.due_at))
            .values(attempts=col(ReminderRow.attempts) + 1)
        )
        attempts = (await self._db.execute(counted.returning(col(ReminderRow.attempts)))).scalar_one_or_none()
        if attempts is not None and attempts >= most:
            await self.sent([reminder])


def _is(place: int, meeting: int, kind: ReminderKind, due_at: datetime) -> Any:
    # One that was due at another time was of a meeting that has been moved since.
    return and_(
        col(ReminderRow.destination) == place,
        col(ReminderRow.meeting) == meeting,
        col(ReminderRow.kind) == int(kind),
        col(ReminderRow.due_at) == due_at,
    )
