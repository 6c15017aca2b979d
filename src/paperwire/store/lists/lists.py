"""The lists of shared places and the public one: submissions, votes, and the messages whose reactions are votes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Subquery, and_, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from paperwire.core.deliveries.due import Key
from paperwire.core.papers.lists import Cast, Submission, Submitted, Unannounced, Voted
from paperwire.errors import CloseReason
from paperwire.store.database.locks import count_change, lock_queries
from paperwire.store.database.part import Part, count_rows, paper_of, rows_among, value_of
from paperwire.store.database.statements import among, insert_new, number_list
from paperwire.store.database.tables.lists import CardRow, SubmissionRow, VoteRow
from paperwire.store.database.tables.papers import PaperRow
from paperwire.store.database.tables.people import DestinationRow
from paperwire.store.database.tables.subscriptions import QueryRow, RouteRow, SubscriptionRow
from paperwire.store.lists.communities import LIST, SUBMISSION_KEY, list_key, list_of, unmatch
from paperwire.store.owners import IS_SHARED

_WAITS = and_(col(SubmissionRow.announced_at).is_(None), col(SubmissionRow.removed_at).is_(None))


class Lists(Part):
    """Submissions and votes, inside one transaction; a list is `StoredPlace.list` of its places, or `PUBLIC`."""

    # --- submissions -------------------------------------------------------------------------------------------

    async def submit(  # noqa: PLR0913 -- all that a submission is made of
        self, of_list: int, paper: int, *, day: date, person: int | None, name: str = "", restore: bool = False
    ) -> Submitted:
        """Put a stored paper on a list; one that a manager removed comes back only with `restore`."""
        values = {"day": day, "person": person, "name": name, "at": self._now}
        new = insert_new(self._db, SubmissionRow).values(list=of_list, paper=paper, **values)
        made = new.on_conflict_do_nothing().returning(col(SubmissionRow.paper))
        if (await self._db.execute(made)).first() is None:
            this = _submission(of_list, paper)
            statement = select(col(SubmissionRow.removed_at), col(SubmissionRow.barred)).where(this).with_for_update()
            row = (await self._db.execute(statement)).one()
            if row.removed_at is None:
                return "known"
            if row.barred and not restore:
                return "removed"
            again = {"announced_at": None, "removed_at": None, "barred": False}
            await self._db.execute(update(SubmissionRow).where(this).values(**values, **again))
        await count_change(self._db)
        return "added"

    async def remove(self, of_list: int, paper: int, *, barred: bool) -> bool:
        """Take a paper off a list, so that it is sent to no more of its followers; False if it isn't there.

        Removed `barred`, it can't be submitted again without `restore`, nor voted for.
        """
        this = and_(_submission(of_list, paper), col(SubmissionRow.removed_at).is_(None))
        gone = update(SubmissionRow).where(this).values(removed_at=self._now, barred=barred)
        if (await self._db.execute(gone.returning(col(SubmissionRow.paper)))).first() is None:
            return False
        await unmatch(self._db, of_list, paper)
        await count_change(self._db)
        return True

    async def has_waiting(self) -> bool:
        """Whether there are submissions not yet owed."""
        return bool(await self._db.scalar(select(exists().where(_WAITS))))

    async def waiting(self, limit: int) -> list[Unannounced]:
        """The oldest submissions not yet owed; none of them is removed until commit."""
        query = col(QueryRow.key) == SUBMISSION_KEY
        queue: Any = (
            select(PaperRow, col(SubmissionRow.list), col(SubmissionRow.at), col(QueryRow.number).label("query"))
            .join_from(SubmissionRow, PaperRow)
            .join(QueryRow, query, isouter=True)
            .where(_WAITS)
            .order_by(col(SubmissionRow.at), col(SubmissionRow.list), col(SubmissionRow.paper))
            .limit(limit)
            .with_for_update(of=SubmissionRow)
        )
        return [value_of(Unannounced, row, paper=paper_of(row)) for row in await self._db.execute(queue)]

    async def announced(self, waiting: Sequence[Unannounced]) -> None:
        """Take submissions off the queue, those that were submitted again meanwhile left out."""
        for submission in waiting:
            this = and_(_submission(submission.list, submission.paper.number), col(SubmissionRow.at) == submission.at)
            await self._db.execute(update(SubmissionRow).where(this).values(announced_at=self._now))
        await count_change(self._db)

    async def names(self, of_list: int, papers: Sequence[int]) -> dict[int, str]:
        """The names of those who submitted papers to a list and show it, by the papers' numbers."""
        columns = (col(SubmissionRow.paper), col(SubmissionRow.name))
        shown = and_(col(SubmissionRow.list) == of_list, col(SubmissionRow.name) != "")
        rows = await self._db.execute(select(*columns).where(shown, col(SubmissionRow.paper).in_(papers)))
        return dict(rows.all())

    async def sign(self, of_list: int, paper: int, name: str) -> None:
        """Show the submitter's name next to a paper on a list."""
        await self._db.execute(update(SubmissionRow).where(_submission(of_list, paper)).values(name=name))
        await count_change(self._db)

    async def submission(self, of_list: int, paper: int) -> Submission | None:
        """A paper's submission to a list, or None if it isn't on it."""
        rows = await self._submissions(_submission(of_list, paper), 1)
        return rows[0] if rows else None

    async def where_theirs(self, paper: int, person: int) -> list[str]:
        """The titles of shared places on whose lists a paper is that a person submitted or votes for there."""
        voted = exists().where(
            col(VoteRow.list) == col(SubmissionRow.list), col(VoteRow.paper) == paper, col(VoteRow.person) == person
        )
        statement = (
            select(col(DestinationRow.title))
            .join_from(SubmissionRow, DestinationRow, col(SubmissionRow.list) == LIST)
            .where(IS_SHARED, col(SubmissionRow.paper) == paper, col(SubmissionRow.removed_at).is_(None))
            .where(or_(col(SubmissionRow.person) == person, voted), col(DestinationRow.title) != "")
            .order_by(col(DestinationRow.number))
        )
        return list(dict.fromkeys((await self._db.execute(statement)).scalars()))

    async def submissions(self, of_list: int, since: datetime, until: datetime, limit: int) -> list[Submission]:
        """What was submitted to a list after `since` and up to `until`, the latest first."""
        at = col(SubmissionRow.at)
        return await self._submissions(and_(col(SubmissionRow.list) == of_list, at > since, at <= until), limit)

    async def submitted(self, since: datetime, *, of_list: int | None = None, person: int | None = None) -> int:
        """How many submissions there were after `since`, to one list or by one person, those removed since too."""
        which = [col(SubmissionRow.at) > since]
        if of_list is not None:
            which.append(col(SubmissionRow.list) == of_list)
        if person is not None:
            which.append(col(SubmissionRow.person) == person)
        return await count_rows(self._db, SubmissionRow, *which)

    async def _submissions(self, which: Any, limit: int) -> list[Submission]:
        votes = (
            select(func.count())
            .where(col(VoteRow.list) == col(SubmissionRow.list), col(VoteRow.paper) == col(SubmissionRow.paper))
            .scalar_subquery()
        )
        about = [getattr(SubmissionRow, name) for name in ("list", "day", "person", "name", "at")]
        statement: Any = (
            select(PaperRow, *about, votes.label("votes"))
            .join_from(SubmissionRow, PaperRow)
            .where(which, col(SubmissionRow.removed_at).is_(None))
            .order_by(col(SubmissionRow.at).desc(), col(SubmissionRow.paper).desc())
            .limit(limit)
        )
        rows = await self._db.execute(statement)
        return [value_of(Submission, row, paper=paper_of(row), person=row.person or 0) for row in rows]

    async def was_followed(self, of_list: int) -> bool:
        """Whether any place follows a list, or ever did."""
        its = and_(col(SubscriptionRow.query) == QueryRow.number, col(QueryRow.key) == list_key(of_list))
        return bool(await self._db.scalar(select(exists().where(its))))

    async def followers(self, of_list: int) -> set[int]:
        """The places to which what is submitted to a list goes; none that is closed to us."""
        living = and_(col(SubscriptionRow.deleted_at).is_(None), col(SubscriptionRow.paused).is_(False))
        its = and_(living, col(QueryRow.key) == list_key(of_list), col(DestinationRow.paused).not_in(list(CloseReason)))
        goes = (
            select(col(RouteRow.destination))
            .join(SubscriptionRow, col(SubscriptionRow.number) == col(RouteRow.subscription))
            .join(QueryRow, col(QueryRow.number) == col(SubscriptionRow.query))
            .join(DestinationRow, col(DestinationRow.number) == col(RouteRow.destination))
        )
        return set((await self._db.execute(goes.where(its))).scalars())

    async def lock(self, place: int) -> int:
        """The number of the list of a shared place, which becomes no other before commit.

        A caller that may subscribe afterwards calls `lock_all` first, as locks are taken in one order.
        """
        return await list_of(self._db, place, lock=True)

    async def lock_all(self) -> None:
        """Let no list become one with another before commit."""
        await lock_queries(self._db)

    # --- messages ----------------------------------------------------------------------------------------------

    async def card(self, channel: str, address: str, message: str) -> tuple[int, int] | None:
        """The place and the paper of a message that was sent to an address or within it; None for any other."""
        within = col(DestinationRow.address).startswith(f"{address}/", autoescape=True)
        shown = (
            select(col(CardRow.destination), col(CardRow.paper))
            .join(DestinationRow, col(DestinationRow.number) == col(CardRow.destination))
            .where(col(DestinationRow.channel) == channel, or_(col(DestinationRow.address) == address, within))
            .where(col(CardRow.message) == message)
        )
        row = (await self._db.execute(shown)).first()
        return None if row is None else (row.destination, row.paper)

    # --- votes -------------------------------------------------------------------------------------------------

    async def vote(self, of_list: int, person: int, paper: int) -> Cast:
        """Let a person vote for a paper on a list; twice is once, and counts since the first time."""
        barred = and_(_submission(of_list, paper), col(SubmissionRow.barred).is_(True))
        if await self._db.scalar(select(exists().where(barred))):
            return "removed"
        new = insert_new(self._db, VoteRow).values(list=of_list, paper=paper, person=person, at=self._now)
        made = new.on_conflict_do_nothing().returning(col(VoteRow.paper))
        if (await self._db.execute(made)).first() is None:
            return "known"
        await count_change(self._db)
        return "counted"

    async def withdraw(self, of_list: int, person: int, paper: int) -> bool:
        """Take a person's vote back; False if there is none."""
        condition = and_(col(VoteRow.list) == of_list, col(VoteRow.paper) == paper, col(VoteRow.person) == person)
        gone = delete(VoteRow).where(condition).returning(col(VoteRow.paper))
        if (await self._db.execute(gone)).first() is None:
            return False
        await count_change(self._db)
        return True

    async def voted(self, person: int) -> int:
        """How many votes a person has on all lists."""
        return await count_rows(self._db, VoteRow, col(VoteRow.person) == person)

    async def voted_for(self, of_list: int, person: int, papers: Sequence[int]) -> set[int]:
        statement = select(col(VoteRow.paper)).where(col(VoteRow.list) == of_list, col(VoteRow.person) == person)
        return {row.paper for row in await rows_among(self._db, statement, col(VoteRow.paper), papers)}

    async def votes(self, of_list: int, papers: Sequence[int]) -> dict[int, int]:
        """The votes of papers on a list, by their numbers; those without any are left out."""
        counted = select(col(VoteRow.paper), func.count()).where(col(VoteRow.list) == of_list)
        return dict(await rows_among(self._db, counted.group_by(col(VoteRow.paper)), col(VoteRow.paper), papers))

    async def most_voted(self, of_list: int, since: datetime, until: datetime, limit: int) -> list[Voted]:
        """The papers that got most votes on a list after `since` and up to `until`; ties by the newest.

        Those that were removed from the list are left out.
        """
        votes = counted_votes(of_list, since, until)
        newest = (col(PaperRow.announced).desc(), col(PaperRow.number).desc())
        statement: Any = select(PaperRow, votes.c.votes).join(votes, votes.c.paper == col(PaperRow.number))
        rows = await self._db.execute(statement.order_by(votes.c.votes.desc(), *newest).limit(limit))
        return [value_of(Voted, row, paper=paper_of(row)) for row in rows]


def counted_votes(of_list: int, since: datetime | None, until: datetime) -> Subquery:
    """Each `paper` with its `votes` on a list after `since` and up to `until`, without what managers removed there."""
    at = col(VoteRow.at)
    barred = exists().where(
        col(SubmissionRow.list) == of_list,
        col(SubmissionRow.paper) == col(VoteRow.paper),
        col(SubmissionRow.barred).is_(True),
    )
    window = at <= until if since is None else and_(at > since, at <= until)
    votes = select(col(VoteRow.paper), func.count().label("votes")).where(col(VoteRow.list) == of_list, window)
    return votes.where(~barred).group_by(col(VoteRow.paper)).subquery()


def _submission(of_list: int, paper: int) -> Any:
    return and_(col(SubmissionRow.list) == of_list, col(SubmissionRow.paper) == paper)


async def keep_cards(
    db: AsyncConnection, now: datetime, keys: Mapping[int, Iterable[Key]], ids: Mapping[int, str]
) -> None:
    """Note which paper a message to a shared place shows alone, so that a reaction to it is a vote."""
    papers = {place: [number for number, _ in its] for place, its in keys.items()}
    alone = [(place, its[0], ids[place]) for place, its in papers.items() if len(its) == 1 and ids.get(place)]
    if not alone:
        return
    about = {place: (paper, message) for place, paper, message in alone}
    shared = select(col(DestinationRow.number)).where(among(col(DestinationRow.number), "places"), IS_SHARED)
    places = await db.scalars(shared, {"places": number_list(sorted(about))})
    row = {"at": now}
    rows = [row | {"destination": at, "paper": about[at][0], "message": about[at][1]} for at in places]
    if rows:
        await db.execute(insert_new(db, CardRow).on_conflict_do_nothing(), rows)
