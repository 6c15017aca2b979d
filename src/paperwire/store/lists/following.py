"""Who follows a list: subscriptions of its query, which no paper matches but those submitted to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, cast, delete, literal, select, update
from sqlmodel import SQLModel, col

from paperwire.core.papers.paper import ARRIVAL
from paperwire.store.database.statements import insert_new, move_rows
from paperwire.store.tables.columns import PlainText
from paperwire.store.tables.deliveries import MatchRow
from paperwire.store.tables.lists import SubmissionRow, VoteRow
from paperwire.store.tables.subscriptions import QueryRow, RouteRow, SubscriptionRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection


SUBMISSION_KEY = literal("list:").concat(cast(col(SubmissionRow.list), PlainText))
"""The key of the query of a submission's list."""


def list_key(of_list: int) -> str:
    """The key of a list's query; those of all others are hashes."""
    return f"list:{of_list}"


async def list_query(db: AsyncConnection, of_list: int) -> int | None:
    """The number of a list's query, None if nobody ever followed it."""
    number: int | None = await db.scalar(select(col(QueryRow.number)).where(col(QueryRow.key) == list_key(of_list)))
    return number


async def unmatch(db: AsyncConnection, of_list: int, paper: int) -> None:
    """Let a paper match a list's query no longer, so that nobody wants it for that any more."""
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


async def match_listed(db: AsyncConnection, query: int, of_list: int, since: datetime) -> None:
    """Match a list's query that comes into use with what was submitted since then, so that its feeds don't begin empty.

    What is being announced meanwhile is announced all the same.
    """
    fact = (literal(ARRIVAL.code), col(SubmissionRow.at), literal(value=True))
    here = and_(col(SubmissionRow.list) == of_list, col(SubmissionRow.removed_at).is_(None))
    told = and_(col(SubmissionRow.announced_at).is_not(None), col(SubmissionRow.at) >= since)
    listed = select(literal(query), col(SubmissionRow.paper), *fact).where(here, told)
    new = insert_new(db, MatchRow).from_select(["query", "paper", "occasion", "seen_at", "quiet"], listed)
    await db.execute(new.on_conflict_do_nothing())


async def hand_over_list(db: AsyncConnection, old: int, new: int) -> None:
    """Let the list of place `new` have what that of `old` has, and its followers too; needs `hold_queries`."""
    await move_rows(db, SubmissionRow, "list", ("paper",), gone=old, kept=new)
    await move_rows(db, VoteRow, "list", ("paper", "person"), gone=old, kept=new)
    gone, kept = await list_query(db, old), await list_query(db, new)
    if gone is None:
        return
    if kept is None:
        await db.execute(update(QueryRow).where(col(QueryRow.number) == gone).values(key=list_key(new)))
        return
    await move_rows(db, MatchRow, "query", ("paper", "occasion"), gone=gone, kept=kept)
    followers: tuple[type[SQLModel], ...] = (SubscriptionRow, RouteRow)
    for table in followers:
        row: Any = table
        await db.execute(update(table).where(row.query == gone).values(query=kept))
