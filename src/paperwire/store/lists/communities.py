"""Whose a list is: a shared place's, which has it with all other places of its community; and who follows it.

Followers are subscriptions of its query, which no paper matches but those submitted to it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, cast, delete, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from paperwire.core.papers.lists import PUBLIC
from paperwire.core.papers.paper import ARRIVAL
from paperwire.core.query.language import Query
from paperwire.core.query.terms.on_list import PUBLIC_NAME
from paperwire.store.database.statements import fold_rows, insert_new, move_rows, point_to
from paperwire.store.database.tables.base import PlainText
from paperwire.store.database.tables.deliveries import MatchRow
from paperwire.store.database.tables.lists import SubmissionRow, VoteRow
from paperwire.store.database.tables.people import DestinationRow
from paperwire.store.database.tables.subscriptions import QueryRow, RouteRow, SubscriptionRow
from paperwire.store.queries import release_queries, reuse_query

SUBMISSION_KEY = literal("list:").concat(cast(col(SubmissionRow.list), PlainText))
"""The key of the query of a submission's list."""


def list_key(of_list: int) -> str:
    """The key of a list's query; those of all others are hashes."""
    return f"list:{of_list}"


async def list_query(db: AsyncConnection, of_list: int) -> int | None:
    """The number of a list's query, None if it was never followed."""
    number: int | None = await db.scalar(select(col(QueryRow.number)).where(col(QueryRow.key) == list_key(of_list)))
    return number


async def unmatch(db: AsyncConnection, of_list: int, paper: int) -> None:
    """Let a paper no longer match a list's query, so that it is no longer wanted for that."""
    query = select(col(QueryRow.number)).where(col(QueryRow.key) == list_key(of_list)).scalar_subquery()
    await db.execute(
        delete(MatchRow).where(
            col(MatchRow.query) == query, col(MatchRow.paper) == paper, col(MatchRow.occasion) == ARRIVAL.code
        )
    )


async def unmatch_removed(db: AsyncConnection, paper: int) -> None:
    """Let a paper match no query of a list that it was removed from, whatever it took over from another one."""
    removed = and_(col(SubmissionRow.paper) == paper, col(SubmissionRow.removed_at).is_not(None))
    queries = select(col(QueryRow.number)).join(SubmissionRow, col(QueryRow.key) == SUBMISSION_KEY).where(removed)
    its = and_(col(MatchRow.paper) == paper, col(MatchRow.occasion) == ARRIVAL.code)
    await db.execute(delete(MatchRow).where(col(MatchRow.query).in_(queries), its))


async def match_listed(db: AsyncConnection, query: int, of_list: int, since: datetime | None = None) -> None:
    """Match a list's query with what was submitted since then (None: ever), so that its feeds have it.

    What is being announced meanwhile is announced all the same.
    """
    fact = (literal(ARRIVAL.code), col(SubmissionRow.at), literal(value=True))
    condition = and_(col(SubmissionRow.list) == of_list, col(SubmissionRow.removed_at).is_(None))
    announced = and_(condition, col(SubmissionRow.announced_at).is_not(None))
    if since is not None:
        announced = and_(announced, col(SubmissionRow.at) >= since)
    listed = select(literal(query), col(SubmissionRow.paper), *fact).where(announced)
    new = insert_new(db, MatchRow).from_select(["query", "paper", "occasion", "seen_at", "quiet"], listed)
    await db.execute(new.on_conflict_do_nothing())


LIST: ColumnElement[int] = func.coalesce(col(DestinationRow.list), col(DestinationRow.number))
"""The number of a shared place's list."""


async def list_of(db: AsyncConnection, place: int, *, lock: bool = False) -> int:
    """The number of a shared place's list; with `lock` it becomes no other before commit."""
    statement = select(LIST).where(col(DestinationRow.number) == place)
    number: int | None = await db.scalar(statement.with_for_update(read=True) if lock else statement)
    return place if number is None else number


async def community_list(db: AsyncConnection, channel: str, address: str) -> int | None:
    """The number of the list of a community, None while no place of it is stored."""
    its = or_(col(DestinationRow.community) == address, col(DestinationRow.address) == address)
    # What is a place of the same address belongs to it, too, whether or not its channel said so.
    statement = select(LIST).where(col(DestinationRow.channel) == channel, its)
    number: int | None = await db.scalar(statement.order_by(col(DestinationRow.community).desc()).limit(1))
    return number


async def followed_list(db: AsyncConnection, query: Query, place: int | None) -> int:
    """The list that a query of this shared place follows; raises ValueError for `list:here` of a person's own."""
    if query.list == PUBLIC_NAME:
        return PUBLIC
    if not place:
        raise ValueError("a private chat has no list")
    return await list_of(db, place)


async def join_community(db: AsyncConnection, place: int, community: str) -> None:
    """Let a place, and what lies within the community's address, be of a community, with one list for all of it.

    Needs `lock_queries` and `lock_fan_out`.
    """
    channel = select(col(DestinationRow.channel)).where(col(DestinationRow.number) == place).scalar_subquery()
    address = col(DestinationRow.address)
    within = or_(address == community, address.startswith(f"{community}/", autoescape=True))
    its = or_(col(DestinationRow.number) == place, col(DestinationRow.community) == community, within)
    places = select(col(DestinationRow.number), col(DestinationRow.community), LIST.label("list"))
    # A vote or submission under way there commits first, as it locks the place (`list_of`).
    of_community = places.where(col(DestinationRow.channel) == channel, its).order_by(col(DestinationRow.number))
    rows = (await db.execute(of_community.with_for_update())).all()
    lists = [row.list for row in rows if row.community == community]
    kept_list = min(lists or [row.list for row in rows])
    for gone in sorted({row.list for row in rows} - {kept_list}):
        await join_lists(db, gone, kept_list)
    joined = update(DestinationRow).where(col(DestinationRow.number).in_([row.number for row in rows]))
    await db.execute(joined.values(community=community, list=kept_list))


async def move_community(db: AsyncConnection, place: int, old: str, new: str) -> None:
    """Let what belongs to a place that had the address `old` belong to it at its new one; needs the same."""
    channel = select(col(DestinationRow.channel)).where(col(DestinationRow.number) == place).scalar_subquery()
    its = and_(col(DestinationRow.channel) == channel, col(DestinationRow.community) == old)
    await db.execute(update(DestinationRow).where(its).values(community=new))
    await join_community(db, place, new)


async def join_lists(db: AsyncConnection, gone: int, kept: int) -> None:
    """Let list `kept` have what `gone` has: submissions, votes, followers and places; needs `lock_queries`."""
    if gone == kept:
        return
    of_gone = col(SubmissionRow.list) == gone
    key = ("list", "paper")
    await fold_rows(db, SubmissionRow, key, of_gone, {"list": kept}, _as_other, better=_counts_for_more)
    await move_rows(db, VoteRow, "list", ("paper", "person"), gone=gone, kept=kept)
    own = and_(col(DestinationRow.number) == gone, col(DestinationRow.list).is_(None))
    its = or_(col(DestinationRow.list) == gone, own)
    await db.execute(update(DestinationRow).where(its).values(list=kept))
    old, new = await list_query(db, gone), await list_query(db, kept)
    if old is not None and new is None:
        await db.execute(update(QueryRow).where(col(QueryRow.number) == old).values(key=list_key(kept)))
        new = old
    elif old is not None and new is not None:
        await _join_followers(db, old, new)
    if new is not None:
        await _match_again(db, new, kept)
        await match_listed(db, new, kept)


def _as_other(other: Any) -> dict[str, Any]:
    return {name: other[name] for name in SubmissionRow.model_fields if name not in {"list", "paper"}}


def _counts_for_more(other: Any) -> ColumnElement[bool]:
    """Of two submissions of a paper the one stays that counts for more, then the older.

    What is on either list stays on it, first what its followers are still to be owed; a manager's removal counts for
    more than one's own.
    """
    weight, its = _weight(SubmissionRow), _weight(other)
    return or_(its > weight, and_(its == weight, other.at < col(SubmissionRow.at)))


def _weight(row: Any) -> ColumnElement[int]:
    living = row.removed_at.is_(None)
    return case((and_(living, row.announced_at.is_(None)), 3), (living, 2), (row.barred, 1), else_=0)


async def _match_again(db: AsyncConnection, query: int, of_list: int) -> None:
    """Let what waits on a list be news to its followers, though some had it from their own: see `FanOut.owe`."""
    on_list = and_(col(SubmissionRow.list) == of_list, col(SubmissionRow.removed_at).is_(None))
    waiting = and_(on_list, col(SubmissionRow.announced_at).is_(None))
    at = select(col(SubmissionRow.at)).where(waiting, col(SubmissionRow.paper) == col(MatchRow.paper)).scalar_subquery()
    its = and_(col(MatchRow.query) == query, col(MatchRow.occasion) == ARRIVAL.code)
    condition = and_(its, col(MatchRow.paper).in_(select(col(SubmissionRow.paper)).where(waiting)))
    await db.execute(update(MatchRow).where(condition).values(seen_at=at, quiet=False))


async def _join_followers(db: AsyncConnection, old: int, new: int) -> None:
    """Let those who follow a list by query `old` follow it by `new`."""
    await move_rows(db, MatchRow, "query", ("paper", "occasion"), gone=old, kept=new)
    followers = ((SubscriptionRow, "query"), (SubscriptionRow, "former_query"), (RouteRow, "query"))
    await point_to(db, followers, gone=old, kept=new)
    await reuse_query(db, new)
    await release_queries(db, [old, new])
