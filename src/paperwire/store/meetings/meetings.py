"""When shared places meet: setting, moving and cancelling meetings, with their reminders, and the papers on agendas.

Papers are chosen by votes until they are fixed, and presented by one person each.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from paperwire.core.subscriptions.meeting import (
    MOST_PAPERS,
    USUAL_PAPERS,
    VOTES_COUNT_FOR,
    Agenda,
    Meeting,
    Talk,
    next_meeting,
    reminder_times,
)
from paperwire.store.database.part import Part, count_rows, paper_of, value_of
from paperwire.store.database.statements import insert_new
from paperwire.store.database.tables.lists import SubmissionRow
from paperwire.store.database.tables.meetings import AgendaRow, MeetingRow, TalkRow
from paperwire.store.database.tables.papers import PaperRow
from paperwire.store.database.tables.people import AccountRow, DestinationRow, PersonRow
from paperwire.store.lists.communities import list_of
from paperwire.store.lists.lists import Lists
from paperwire.store.outbox.reminders import Reminders
from paperwire.store.outbox.rousing import rouse


class Meetings(Part):
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
        await self._rouse(agenda.place)
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
        await Reminders(self._db, self._now).put(agenda.place, number, times, private=await self._private(_is(number)))
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
        await self._rouse(meeting.place)
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

    # --- reminders in private -----------------------------------------------------------------------------------

    async def remind_in_private(self, meeting: Meeting, person: int, chat: int) -> bool:
        """Remind a person in their private chat too of what they present; False if that is nothing any more."""
        await rouse(self._db, self._now, [meeting.place, chat])
        locked = await self.lock(meeting.number, person=person)
        if locked is None or locked.is_cancelled or not await self._want_private(meeting.number, person, wanted=True):
            return False
        times = reminder_times(locked.begins_at, locked.ends_at, locked.zone)
        chats = await self._private(_is(locked.number))
        await Reminders(self._db, self._now).put(locked.place, locked.number, times, private=chats)
        return True

    async def stop_private(self, meeting: int, person: int) -> bool:
        """Remind a person of a meeting only there; False if they present nothing at it."""
        return await self._want_private(meeting, person, wanted=False)

    async def presented_in(self, channel: str, address: str, person: int) -> list[tuple[int, int]]:
        """Meetings and papers that a person is to present at the place with this address, or in a topic of it."""
        places = or_(
            col(DestinationRow.address) == address,
            col(DestinationRow.address).startswith(f"{address}/", autoescape=True),
        )
        living = and_(col(MeetingRow.cancelled_at).is_(None), col(MeetingRow.ends_at) > self._now)
        talks = (
            select(col(TalkRow.meeting), col(TalkRow.paper))
            .join(MeetingRow, and_(col(MeetingRow.number) == col(TalkRow.meeting), living))
            .join(DestinationRow, col(DestinationRow.number) == col(MeetingRow.destination))
            .where(col(DestinationRow.channel) == channel, places, col(TalkRow.presenter) == person)
            .order_by(col(TalkRow.meeting), col(TalkRow.paper))
        )
        return [(meeting, paper) for meeting, paper in await self._db.execute(talks)]

    async def _want_private(self, meeting: int, person: int, *, wanted: bool) -> bool:
        presented = and_(col(TalkRow.meeting) == meeting, col(TalkRow.presenter) == person)
        change = update(TalkRow).where(presented).values(in_private=wanted).returning(col(TalkRow.paper))
        return (await self._db.execute(change)).first() is not None

    async def _private(self, meetings: ColumnElement[bool]) -> set[int]:
        """The private chats, on the platform of meetings, of those who present there and are reminded in private."""
        club = aliased(DestinationRow)
        chats = (
            select(func.min(col(DestinationRow.number)))
            .join(TalkRow, and_(col(TalkRow.presenter) == col(DestinationRow.owner), col(TalkRow.in_private)))
            .join(MeetingRow, col(MeetingRow.number) == col(TalkRow.meeting))
            .join(club, col(club.number) == col(MeetingRow.destination))
            .where(meetings, col(DestinationRow.kind) == "private", col(DestinationRow.channel) == col(club.channel))
            .group_by(col(TalkRow.presenter))
        )
        return set((await self._db.execute(chats)).scalars())

    async def _rouse(self, place: int) -> None:
        """Rouse, in the order of locks, a place and the private chats that are reminded of its meetings to come."""
        to_come = and_(col(MeetingRow.destination) == place, col(MeetingRow.begins_at) > self._now)
        await rouse(self._db, self._now, {place, *await self._private(to_come)})

    # --- talks --------------------------------------------------------------------------------------------------

    async def with_talks(self, meeting: Meeting) -> Meeting:
        """A meeting with its agenda: as it was fixed, or what has a presenter and what votes would add to it now."""
        talks = await self._fixed(meeting)
        if not meeting.is_frozen:
            talks = [talk for talk in talks if talk.presenter]
        if not meeting.is_frozen and not meeting.is_cancelled and meeting.ends_at > self._now:
            talks = _filled(talks, await self.voted(meeting.place, meeting.number), await self._size(meeting.place))
        return replace(meeting, talks=tuple(talks))

    async def freeze(self, meeting: Meeting) -> Meeting:
        """Fix what is on the agenda of a meeting that the caller locked, unless it is, or there is nothing."""
        shown = await self.with_talks(meeting)
        if meeting.is_frozen or not shown.talks:
            return shown
        await self._change(meeting.number, frozen_at=self._now)
        for ordinal, talk in enumerate(shown.talks, 1):
            await self._db.execute(self._put(meeting.number, talk, ordinal=ordinal, votes=talk.votes))
        return replace(shown, is_frozen=True)

    async def thaw(self, meeting: int) -> None:
        """Let the agenda of a meeting follow the votes again, except for papers with a presenter."""
        changed = {"frozen_at": None, "sequence": col(MeetingRow.sequence) + 1, "changed_at": self._now}
        frozen = and_(col(MeetingRow.number) == meeting, col(MeetingRow.frozen_at).is_not(None))
        await self._db.execute(update(MeetingRow).where(frozen).values(**changed))
        without = and_(col(TalkRow.meeting) == meeting, col(TalkRow.presenter).is_(None))
        await self._db.execute(delete(TalkRow).where(without))

    async def claim(self, meeting: int, talk: Talk, person: int) -> bool:
        """Let a person present a paper that has no presenter, which stays on the agenda; False if it has one."""
        return await self._present(meeting, self._put(meeting, talk, presenter=person, in_private=False))

    def _put(self, meeting: int, talk: Talk, **values: int) -> Any:
        """Keep a paper on an agenda with these values, unless it has a presenter and another one is given."""
        first = {"meeting": meeting, "paper": talk.paper.number, "ordinal": MOST_PAPERS, "votes": talk.votes}
        statement = insert_new(self._db, TalkRow).values(first | values)
        is_free = col(TalkRow.presenter).is_(None) if "presenter" in values else None
        return statement.on_conflict_do_update(index_elements=["meeting", "paper"], set_=values, where=is_free)

    async def release(self, meeting: Meeting, paper: int) -> bool:
        """Let another person present a paper, which follows the votes until the agenda is fixed; False if none did."""
        taken = and_(_this(meeting.number, paper), col(TalkRow.presenter).is_not(None))
        if meeting.is_frozen:
            free = update(TalkRow).where(taken).values(presenter=None, in_private=False)
            return await self._present(meeting.number, free)
        return await self._present(meeting.number, delete(TalkRow).where(taken))

    async def presented_by(self, person: int) -> int:
        return await count_rows(self._db, TalkRow, col(TalkRow.presenter) == person)

    async def _present(self, meeting: int, change: Any) -> bool:
        if (await self._db.execute(change.returning(col(TalkRow.paper)))).first() is None:
            return False
        await self._change(meeting)
        return True

    async def _change(self, meeting: int, **values: Any) -> None:
        """Change a meeting, so that calendars take it for newer."""
        values |= {"sequence": col(MeetingRow.sequence) + 1, "changed_at": self._now}
        await self._db.execute(update(MeetingRow).where(col(MeetingRow.number) == meeting).values(**values))

    async def _fixed(self, meeting: Meeting) -> list[Talk]:
        """What was fixed, less what managers have removed from the list of the place since."""
        removed = exists().where(
            col(SubmissionRow.list) == await list_of(self._db, meeting.place),
            col(SubmissionRow.paper) == col(TalkRow.paper),
            col(SubmissionRow.removed_at).is_not(None),
        )
        account = (
            select(func.min(col(AccountRow.user_id)))
            .join(DestinationRow, col(DestinationRow.channel) == col(AccountRow.channel))
            .where(col(DestinationRow.number) == meeting.place, col(AccountRow.person) == col(TalkRow.presenter))
            .scalar_subquery()
        )
        presenter: Any = (col(TalkRow.presenter), col(PersonRow.name).label("presenter_name"), account.label("account"))
        talks: Any = (
            select(PaperRow, col(TalkRow.votes), col(TalkRow.in_private), *presenter)
            .join_from(TalkRow, PaperRow)
            .join(PersonRow, col(PersonRow.number) == col(TalkRow.presenter), isouter=True)
            .where(col(TalkRow.meeting) == meeting.number, ~removed)
            .order_by(col(TalkRow.ordinal), col(TalkRow.paper))
        )
        return [
            Talk(
                paper=paper_of(row),
                votes=row.votes,
                presenter=row.presenter or 0,
                name=row.presenter_name or "",
                user_id=row.account or "",
                in_private=row.in_private,
            )
            for row in await self._db.execute(talks)
        ]

    async def voted(self, place: int, meeting: int = 0) -> list[Talk]:
        """The most voted papers of the last week on a place's list, then those submitted: as many as its agenda takes.

        What is presented at a meeting other than `meeting` is left out.
        """
        size = await self._size(place)
        before = await self._presented(place, meeting)
        since, lists = self._now - VOTES_COUNT_FOR, Lists(self._db, self._now)
        enough = size + len(before)
        of_list = await list_of(self._db, place)
        voted = await lists.most_voted(of_list, since, self._now, enough)
        talks = {submission.paper.number: Talk(paper=submission.paper, votes=submission.votes) for submission in voted}
        for submission in await lists.submissions(of_list, since, self._now, enough):
            talks.setdefault(submission.paper.number, Talk(paper=submission.paper, votes=submission.votes))
        return [talk for number, talk in talks.items() if number not in before][:size]

    async def _size(self, place: int) -> int:
        papers = select(col(AgendaRow.papers)).where(col(AgendaRow.destination) == place)
        return int(await self._db.scalar(papers) or USUAL_PAPERS)

    async def _presented(self, place: int, but: int) -> set[int]:
        """The papers that have, or had, a presenter at a meeting of a place."""
        elsewhere = (
            select(col(TalkRow.paper))
            .join_from(TalkRow, MeetingRow)
            .where(
                col(MeetingRow.destination) == place,
                col(MeetingRow.number) != but,
                col(MeetingRow.cancelled_at).is_(None),
                col(TalkRow.presenter).is_not(None),
            )
        )
        return set((await self._db.execute(elsewhere)).scalars())


def _times(agenda: Agenda, at: datetime) -> dict[str, Any]:
    return {"begins_at": at, "ends_at": agenda.ends(at), "zone": agenda.zone}


def _filled(presented: list[Talk], voted: list[Talk], size: int) -> list[Talk]:
    """The voted papers in their order, with their presenters; presented ones without votes lately come last."""
    presenters = {talk.paper.number: talk for talk in presented}
    free = size - len(presented)
    shown: list[Talk] = []
    for talk in voted:
        presenter = presenters.pop(talk.paper.number, None)
        if presenter is not None:
            shown.append(replace(presenter, votes=talk.votes))
        elif free > 0:
            shown.append(talk)
            free -= 1
    return [*shown, *presenters.values()]


def _is(meeting: int) -> ColumnElement[bool]:
    return col(MeetingRow.number) == meeting


def _this(meeting: int, paper: int) -> Any:
    return and_(col(TalkRow.meeting) == meeting, col(TalkRow.paper) == paper)
