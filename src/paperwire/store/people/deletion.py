"""Deleting a person: what is theirs alone goes, what others use stays, and no trace of their words remains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, and_, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from paperwire.store.database.locks import lock_queries_and_fan_out
from paperwire.store.database.part import chunks
from paperwire.store.database.tables.deliveries import DeliveryRow, MatchRow, MatchScoreRow
from paperwire.store.database.tables.lists import SubmissionRow, VoteRow
from paperwire.store.database.tables.meetings import AgendaRow, MeetingRow, TalkRow
from paperwire.store.database.tables.people import DestinationRow, OptInRow, PersonRow, WatchRow
from paperwire.store.database.tables.subscriptions import MeaningRow, QueryRow, RouteRow, SubscriptionRow
from paperwire.store.lists.communities import LIST
from paperwire.store.owners import IS_SHARED
from paperwire.store.people.opt_ins import for_their_address
from paperwire.store.queries import release_queries


async def forget_person(db: AsyncConnection, number: int) -> None:
    """Delete a person, their subscriptions, feeds, saved papers, votes, and the places no one else uses.

    What they added to a shared place or submitted to a list stays there, without their name.
    """
    await lock_queries_and_fan_out(db)  # one that began earlier could still add deliveries to a place that goes
    queries = await _numbers_of(db, select(col(SubscriptionRow.query)).where(col(SubscriptionRow.person) == number))
    used = select(col(RouteRow.destination)).join(
        SubscriptionRow, col(SubscriptionRow.number) == col(RouteRow.subscription)
    )
    places = await _numbers_of(
        db,
        select(col(DestinationRow.number)).where(
            or_(
                col(DestinationRow.owner) == number,
                col(DestinationRow.number).in_(used.where(col(SubscriptionRow.person) == number)),
            )
        ),
    )
    await _forget_requests(db, number)
    await _give_talks_back(db, number)
    own = exists().where(col(DestinationRow.number) == col(WatchRow.destination), ~IS_SHARED)
    await db.execute(delete(WatchRow).where(col(WatchRow.person) == number, own))
    await db.execute(update(SubmissionRow).where(col(SubmissionRow.person) == number).values(name=""))
    await db.execute(
        delete(PersonRow).where(col(PersonRow.number) == number)
    )  # subscriptions, feeds and the rest follow
    queries += await _leave_places(db, places)
    await release_queries(db, queries)
    await _unname_queries(db, queries)


async def _forget_requests(db: AsyncConnection, number: int) -> None:
    """Delete what was asked for a person's addresses, and of what they asked for others' all but that it counts.

    Otherwise repeating `/forget` would let a person have mails sent to strangers without end.
    """
    await db.execute(delete(OptInRow).where(for_their_address(number)))
    others = update(OptInRow).where(col(OptInRow.person) == number)
    await db.execute(others.values(person=None, wanted={}, locale=""))


async def _give_talks_back(db: AsyncConnection, number: int) -> None:
    """Let calendars take the meetings at which a person would present for newer: without them the talks are open.

    Rows are locked as in turns of places and by a claim of a talk: places (not their keys, as what is noted of
    a delivery names its place), the person, meetings.
    """
    talks = select(col(TalkRow.meeting)).where(col(TalkRow.presenter) == number)
    condition = col(MeetingRow.number).in_(talks)
    owned = col(DestinationRow.owner) == number
    places = or_(owned, col(DestinationRow.number).in_(select(col(MeetingRow.destination)).where(condition)))
    turns = select(col(DestinationRow.number)).where(places).order_by(col(DestinationRow.number))
    await db.execute(turns.with_for_update(key_share=True))
    await db.execute(select(col(PersonRow.number)).where(col(PersonRow.number) == number).with_for_update())
    await db.execute(update(MeetingRow).where(condition).values(sequence=col(MeetingRow.sequence) + 1))
    await db.execute(update(TalkRow).where(col(TalkRow.presenter) == number).values(in_private=False))


async def _numbers_of(db: AsyncConnection, statement: Select[Any]) -> list[int]:
    return sorted(set((await db.execute(statement)).scalars().all()))


async def _leave_places(db: AsyncConnection, places: Sequence[int]) -> list[int]:
    """Give places without an owner to a person who uses them; delete the unused ones.

    Returns the queries of subscriptions that such places had once.
    """
    queries: list[int] = []
    users = (
        select(func.min(func.coalesce(col(SubscriptionRow.person), col(SubscriptionRow.added_by))))
        .join(RouteRow, col(RouteRow.subscription) == col(SubscriptionRow.number))
        .where(col(RouteRow.destination) == col(DestinationRow.number))
    )
    unowned = col(DestinationRow.owner).is_(None)
    for piece in chunks(places):
        condition = and_(col(DestinationRow.number).in_(piece), unowned)
        await db.execute(update(DestinationRow).where(condition).values(owner=users.scalar_subquery()))
        watched = exists().where(col(WatchRow.destination) == col(DestinationRow.number))
        living = and_(
            col(SubscriptionRow.place) == col(DestinationRow.number), col(SubscriptionRow.deleted_at).is_(None)
        )
        meets = and_(IS_SHARED, exists().where(col(AgendaRow.destination) == col(DestinationRow.number)))
        unused = (~watched, ~meets, ~exists().where(living))
        alone = await _numbers_of(db, select(col(DestinationRow.number)).where(condition, *unused))
        queries += await _numbers_of(
            db, select(col(SubscriptionRow.query)).where(col(SubscriptionRow.place).in_(alone))
        )
        await db.execute(delete(DeliveryRow).where(col(DeliveryRow.destination).in_(alone)))
        is_alone = col(DestinationRow.number).in_(alone)
        lists = await _numbers_of(db, select(LIST).where(is_alone))
        await db.execute(delete(DestinationRow).where(is_alone))
        lists_in_use = await _numbers_of(db, select(LIST).where(LIST.in_(lists)))
        for table in (SubmissionRow, VoteRow):
            await db.execute(delete(table).where(col(table.list).in_(set(lists) - set(lists_in_use))))
    return queries


async def _unname_queries(db: AsyncConnection, queries: Sequence[int]) -> None:
    """Remove the text and the matches of queries that no subscription names any more.

    Their rows stay, so that every matcher learns from their `seq` that they are out of use.
    """
    named = exists().where(col(SubscriptionRow.query) == col(QueryRow.number))
    for piece in chunks(queries):
        unused = await _numbers_of(db, select(col(QueryRow.number)).where(col(QueryRow.number).in_(piece), ~named))
        for table in (MatchRow, MatchScoreRow, MeaningRow):
            row: Any = table
            await db.execute(delete(table).where(row.query.in_(unused)))
        for number in unused:
            values = {"key": f"forgotten:{number}", "text": "", "dumped": b"", "upvotes": None}
            await db.execute(update(QueryRow).where(col(QueryRow.number) == number).values(values))
