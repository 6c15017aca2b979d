"""Reminders of meetings in the turns of their places: what is due now, and the next meeting once one is over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from paperwire.core.deliveries.due import Due
from paperwire.core.messages.bundles import Bundle
from paperwire.core.subscriptions.meeting import Reminder, ReminderKind
from paperwire.store.unit import Unit

_NOTES_WITHIN = timedelta(days=1)


async def load_reminders(unit: Unit, places: Iterable[int]) -> dict[int, Bundle[Due]]:
    """The message about a meeting that each place gets first in its turn; the agenda is fixed by it.

    What comes too late is settled without a message. Once a meeting is over, the next one is set.
    """
    first: dict[int, Reminder] = {}
    for place, due in (await unit.reminders.due(places)).items():
        for number, kind, due_at in due:
            if kind is ReminderKind.OVER:
                await unit.meetings.follow(place)
                reminder = await _afterwards(unit, number, due_at)
            else:
                reminder = await _reminder(unit, number, kind, due_at)
            if reminder is not None:
                before = first.setdefault(place, reminder)
                if before is not reminder and before.meeting.number == number:  # an outage lasted for both
                    await unit.reminders.sent([before])
                    first[place] = reminder
    return {place: Bundle("single", (), reminder=reminder) for place, reminder in first.items()}


async def _reminder(unit: Unit, number: int, kind: ReminderKind, due_at: datetime) -> Reminder | None:
    """A reminder with the agenda as it is fixed now; None once the meeting has begun."""
    meeting = await unit.meetings.lock(number)
    if meeting is None or meeting.begins_at <= unit.now:
        await unit.reminders.settle(number, kind, due_at)
        return None
    return Reminder(kind, await unit.meetings.freeze(meeting), due_at)


async def _afterwards(unit: Unit, number: int, due_at: datetime) -> Reminder | None:
    """The question for notes of a meeting that is over; None if nothing was presented, or a day has passed."""
    meeting = await unit.meetings.get(number)
    meeting = meeting and await unit.meetings.with_talks(meeting)
    if meeting is None or unit.now - due_at > _NOTES_WITHIN or not any(talk.presenter for talk in meeting.talks):
        await unit.reminders.settle(number, ReminderKind.OVER, due_at)
        return None
    return Reminder(ReminderKind.OVER, meeting, due_at)
