"""The papers on the agendas of meetings: chosen by votes until they are fixed, and presented by one person each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import and_, exists, insert, select, update
from sqlmodel import col

from paperwire.core.subscriptions.meeting import USUAL_PAPERS, VOTES_COUNT_FOR, Meeting, Talk
from paperwire.store.lists.communities import list_of
from paperwire.store.lists.lists import Lists
from paperwire.store.part import Part, count_rows
from paperwire.store.rows import paper_of
from paperwire.store.tables.lists import SubmissionRow
from paperwire.store.tables.meetings import AgendaRow, MeetingRow, TalkRow
from paperwire.store.tables.papers import PaperRow
from paperwire.store.tables.people import PersonRow


class Talks(Part):
    """What is presented at meetings, inside one transaction; a change of it locks the meeting (`Meetings.lock`)."""

    async def with_talks(self, meeting: Meeting) -> Meeting:
        """A meeting with what is on its agenda: as it was fixed, or as votes would have it while it is to come."""
        talks: list[Talk] = []
        if meeting.is_frozen:
            talks = await self._fixed(meeting)
        elif not meeting.is_cancelled and meeting.ends_at > self._now:
            talks = await self.voted(meeting.place, meeting.number)
        return replace(meeting, talks=tuple(talks))

    async def freeze(self, meeting: Meeting) -> Meeting:
        """Fix what is on the agenda of a meeting that the caller locked, unless it is, or there is nothing."""
        shown = await self.with_talks(meeting)
        if meeting.is_frozen or not shown.talks:
            return shown
        await self._change(meeting.number, frozen_at=self._now)
        values = [
            {"meeting": meeting.number, "paper": talk.paper.number, "ordinal": ordinal, "votes": talk.votes}
            for ordinal, talk in enumerate(shown.talks, 1)
        ]
        await self._db.execute(insert(TalkRow), values)
        return replace(shown, is_frozen=True)

    async def claim(self, meeting: int, paper: int, person: int) -> bool:
        """Let a person present a paper that nobody presents; False if somebody does, or it is not on the agenda."""
        open_one = and_(_this(meeting, paper), col(TalkRow.presenter).is_(None))
        return await self._present(meeting, update(TalkRow).where(open_one).values(presenter=person))

    async def release(self, meeting: int, paper: int) -> bool:
        """Let somebody else present a paper; False if nobody did."""
        taken = and_(_this(meeting, paper), col(TalkRow.presenter).is_not(None))
        return await self._present(meeting, update(TalkRow).where(taken).values(presenter=None))

    async def presented_by(self, person: int) -> int:
        """How many papers a person presents, or presented."""
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
        presenter: Any = (col(TalkRow.presenter), col(PersonRow.name).label("presenter_name"))
        talks: Any = (
            select(PaperRow, col(TalkRow.votes), *presenter)
            .join_from(TalkRow, PaperRow)
            .join(PersonRow, col(PersonRow.number) == col(TalkRow.presenter), isouter=True)
            .where(col(TalkRow.meeting) == meeting.number, ~removed)
            .order_by(col(TalkRow.ordinal), col(TalkRow.paper))
        )
        return [
            Talk(paper=paper_of(row), votes=row.votes, presenter=row.presenter or 0, name=row.presenter_name or "")
            for row in await self._db.execute(talks)
        ]

    async def voted(self, place: int, meeting: int = 0) -> list[Talk]:
        """The most voted papers of the last week on a place's list, then those submitted: as many as its agenda takes.

        What somebody presents at a meeting other than `meeting` is left out.
        """
        papers = select(col(AgendaRow.papers)).where(col(AgendaRow.destination) == place)
        size = int(await self._db.scalar(papers) or USUAL_PAPERS)
        before = await self._presented(place, meeting)
        since, lists = self._now - VOTES_COUNT_FOR, Lists(self._db, self._now)
        enough = size + len(before)
        of_list = await list_of(self._db, place)
        voted = await lists.most_voted(of_list, since, self._now, enough)
        talks = {one.paper.number: Talk(paper=one.paper, votes=one.votes) for one in voted}
        for one in await lists.submissions(of_list, since, self._now, enough):
            talks.setdefault(one.paper.number, Talk(paper=one.paper, votes=one.votes))
        return [talk for number, talk in talks.items() if number not in before][:size]

    async def _presented(self, place: int, but: int) -> set[int]:
        """The papers that somebody presents, or presented, at a meeting of a place."""
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


def _this(meeting: int, paper: int) -> Any:
    return and_(col(TalkRow.meeting) == meeting, col(TalkRow.paper) == paper)
