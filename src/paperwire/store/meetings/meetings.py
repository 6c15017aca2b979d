"""When shared places meet: setting, moving and cancelling meetings, each with its reminders."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, delete, select
from sqlmodel import col

from paperwire.core.subscriptions.meeting import Agenda, Meeting, next_meeting, reminder_times
from paperwire.store.database.statements import insert_new
from paperwire.store.meetings.talks import Talks
from paperwire.store.outbox.reminders import Reminders
from paperwire.store.outbox.rousing import rouse
from paperwire.store.rows import value_of
from paperwire.store.tables.meetings import AgendaRow, MeetingRow
from paperwire.store.tables.people import PersonRow


class Meetings(Talks):
    """Agendas, meetings and talks, inside one transaction.

    Rows are locked in the order place, person, meeting, talk: setting or cancelling a meeting rouses its place first.
    """

    async def agenda(self, place: int) -> Agenda | None:
        """How often a place meets, None where it never did."""
        row = (await self._db.execute(select(AgendaRow).where(col(AgendaRow.destination) == place))).first()
        return None if row is None else value_of(Agenda, row, place=place)

    async def put_agenda(self, agenda: Agenda) -> None:
        """Keep how often a place meets; changes no meeting."""
        values = asdict(agenda)
        new = insert_new(self._db, AgendaRow).values(destination=values.pop("place"), **values)
        await self._db.execute(new.on_conflict_do_update(index_elements=["destination"], set_=values))

    async def coming(self, place: int) -> Meeting | None:
        """The meeting of a place that comes next, or is going on."""
        living = and_(col(MeetingRow.cancelled_at).is_(None), col(MeetingRow.ends_at) > self._now)
        rows = await self._meetings(and_(col(MeetingRow.destination) == place, living))
        return rows[0] if rows else None

    async def get(self, number: int) -> Meeting | None:
        """A meeting by its number, or None if it is gone."""
        rows = await self._meetings(col(MeetingRow.number) == number)
        return rows[0] if rows else None

    async def lock(self, number: int, *, person: int = 0) -> Meeting | None:
        """The same, locked against changes until commit; nor is a `person` forgotten who is to present there."""
        present = col(PersonRow.number) == person
        await self._db.execute(select(col(PersonRow.number)).where(present).with_for_update(read=True, key_share=True))
        this = col(MeetingRow.number) == number
        await self._db.execute(select(col(MeetingRow.number)).where(this).with_for_update())
        return await self.get(number)

    async def ended_after(self, place: int, since: datetime) -> list[Meeting]:
        """The meetings of a place that end after an instant, cancelled ones too, the earliest first."""
        return await self._meetings(and_(col(MeetingRow.destination) == place, col(MeetingRow.ends_at) > since))

    async def last(self, place: int, since: datetime) -> Meeting | None:
        """The meeting of a place that was over last, if that was after an instant."""
        over = and_(col(MeetingRow.ends_at) > since, col(MeetingRow.ends_at) <= self._now)
        meetings = await self._meetings(and_(col(MeetingRow.destination) == place, over))
        return next((meeting for meeting in reversed(meetings) if not meeting.is_cancelled), None)

    async def keep_notes(self, meeting: int, notes: str) -> None:
        """Keep notes of a meeting in place of earlier ones."""
        await self._change(meeting, notes=notes)

    async def put(self, agenda: Agenda, at: datetime, *, once: bool = False) -> Meeting:
        """Let a place meet next at an instant: the meeting that has not begun is moved, otherwise one is added.

        With `once` a moved one still stands for its time of the cadence, which has no other.
        """
        await rouse(self._db, self._now, [agenda.place])
        coming = await self.coming(agenda.place)
        if coming is None or coming.begins_at <= self._now:
            number = await self._add(agenda, at)
        else:
            number = coming.number
            await self._move(coming, agenda, at, slot={} if once else {"slot_at": at})
        if coming is None or coming.begins_at != at:
            await self.thaw(number)  # until its reminder a day before
        meeting = await self.get(number)
        assert meeting is not None  # noqa: S101 -- it was written just now
        times = reminder_times(meeting.begins_at, meeting.ends_at, meeting.zone)
        await Reminders(self._db, self._now).put(agenda.place, number, times)
        return meeting

    async def follow(self, place: int) -> Meeting | None:
        """The coming meeting of a place; where there is none, the next one by its cadence is set."""
        coming, agenda = await self.coming(place), await self.agenda(place)
        if coming is not None or agenda is None:
            return coming
        await rouse(self._db, self._now, [place])  # another process may just have set it
        if (coming := await self.coming(place)) is not None:
            return coming
        slots = select(col(MeetingRow.slot_at)).where(col(MeetingRow.destination) == place)
        last = await self._db.scalar(slots.order_by(col(MeetingRow.slot_at).desc()).limit(1))
        at = next_meeting(agenda.cadence, agenda.zone, max(last or self._now, self._now))
        return None if at is None else await self.put(agenda, at)

    async def cancel(self, meeting: Meeting) -> None:
        """Let a meeting not take place; nothing more is sent of it."""
        await rouse(self._db, self._now, [meeting.place])
        await self._change(meeting.number, cancelled_at=self._now)
        await Reminders(self._db, self._now).put(meeting.place, meeting.number, {})

    async def _add(self, agenda: Agenda, at: datetime) -> int:
        times = _times(agenda, at)
        values = {"destination": agenda.place, "slot_at": at, "uid": str(uuid4()), "sequence": 0}
        new = insert_new(self._db, MeetingRow).values(**values, **times, changed_at=self._now)
        # One that was cancelled takes place again; another process may have set the same just now.
        again = {"cancelled_at": None, "sequence": col(MeetingRow.sequence) + 1, "changed_at": self._now, **times}
        made = new.on_conflict_do_update(index_elements=["destination", "slot_at"], set_=again)
        return int((await self._db.execute(made.returning(col(MeetingRow.number)))).scalar_one())

    async def _move(self, meeting: Meeting, agenda: Agenda, at: datetime, *, slot: dict[str, datetime]) -> None:
        cancelled = and_(col(MeetingRow.destination) == meeting.place, col(MeetingRow.number) != meeting.number)
        for slot_at in slot.values():  # what was cancelled there gives way
            await self._db.execute(delete(MeetingRow).where(cancelled, col(MeetingRow.slot_at) == slot_at))
        await self._change(meeting.number, **_times(agenda, at), **slot)

    async def _meetings(self, which: ColumnElement[bool]) -> list[Meeting]:
        rows = await self._db.execute(select(MeetingRow).where(which).order_by(col(MeetingRow.begins_at)))
        return [
            value_of(
                Meeting,
                row,
                place=row.destination,
                is_frozen=row.frozen_at is not None,
                is_cancelled=row.cancelled_at is not None,
            )
            for row in rows
        ]


def _times(agenda: Agenda, at: datetime) -> dict[str, Any]:
    return {"begins_at": at, "ends_at": agenda.ends(at), "zone": agenda.zone}
