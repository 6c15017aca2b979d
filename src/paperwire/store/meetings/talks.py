"""The papers on the agendas of meetings: chosen by votes until they are fixed, and presented by one person each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import and_, delete, exists, func, select, update
from sqlmodel import col

from paperwire.core.subscriptions.meeting import MOST_PAPERS, USUAL_PAPERS, VOTES_COUNT_FOR, Meeting, Talk
from paperwire.store.database.statements import insert_new
from paperwire.store.lists.communities import list_of
from paperwire.store.lists.lists import Lists
from paperwire.store.part import Part, count_rows
from paperwire.store.rows import paper_of
from paperwire.store.tables.lists import SubmissionRow
from paperwire.store.tables.meetings import AgendaRow, MeetingRow, TalkRow
from paperwire.store.tables.papers import PaperRow
from paperwire.store.tables.people import AccountRow, DestinationRow, PersonRow


class Talks(Part):
    """What is presented at meetings, inside one transaction; a change of it locks the meeting (`Meetings.lock`)."""

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
        return await self._present(meeting, self._put(meeting, talk, presenter=person))

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
            return await self._present(meeting.number, update(TalkRow).where(taken).values(presenter=None))
        return await self._present(meeting.number, delete(TalkRow).where(taken))

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
        account = (
            select(func.min(col(AccountRow.user_id)))
            .join(DestinationRow, col(DestinationRow.channel) == col(AccountRow.channel))
            .where(col(DestinationRow.number) == meeting.place, col(AccountRow.person) == col(TalkRow.presenter))
            .scalar_subquery()
        )
        presenter: Any = (col(TalkRow.presenter), col(PersonRow.name).label("presenter_name"), account.label("account"))
        talks: Any = (
            select(PaperRow, col(TalkRow.votes), *presenter)
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


def _this(meeting: int, paper: int) -> Any:
    return and_(col(TalkRow.meeting) == meeting, col(TalkRow.paper) == paper)
