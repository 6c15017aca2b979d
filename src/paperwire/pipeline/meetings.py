"""Reminders of meetings in the turns of their places: what is due now, and the next meeting once one is over."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from paperwire.core.messages.bundles import Bundle
from paperwire.core.subscriptions.meeting import Reminder, ReminderKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from paperwire.store.outbox.due import Due
    from paperwire.store.unit import Unit


async def load_reminders(unit: Unit, places: Iterable[int]) -> dict[int, list[Bundle[Due]]]:
    """The messages about meetings that each place is due, at most one of each; their agendas are fixed by it.

    What comes too late is settled without a message, and so is a meeting that is over: the next one is set.
    """
    bundles: dict[int, list[Bundle[Due]]] = {}
    for place, due in (await unit.outbox.due_reminders(places)).items():
        latest: dict[int, Reminder] = {}
        for number, kind, due_at in due:
            if kind is ReminderKind.OVER:
                await unit.outbox.settle_reminder(number, kind, due_at)
                await unit.meetings.follow(place)
            elif (reminder := await _reminder(unit, number, kind, due_at)) is not None:
                if number in latest:  # an outage lasted from one to the other
                    await unit.outbox.reminded([latest[number]])
                latest[number] = reminder
        bundles[place] = [Bundle("single", (), reminder=reminder) for reminder in latest.values()]
    return bundles


async def _reminder(unit: Unit, number: int, kind: ReminderKind, due_at: datetime) -> Reminder | None:
    """A reminder with the agenda as it is fixed now; None once the meeting has begun."""
    meeting = await unit.meetings.hold(number)
    if meeting is None or meeting.begins_at <= unit.now:
        await unit.outbox.settle_reminder(number, kind, due_at)
        return None
    return Reminder(kind, await unit.meetings.freeze(meeting), due_at)


async def still_due(unit: Unit, bundle: Bundle[Due], reminder: Reminder) -> Bundle[Due] | None:
    """The message as it is now; None if its meeting was moved or cancelled, or has begun."""
    if not await unit.outbox.is_due(reminder):
        return None
    now = await _reminder(unit, reminder.meeting.number, reminder.kind, reminder.due_at)
    return None if now is None else replace(bundle, reminder=now)
