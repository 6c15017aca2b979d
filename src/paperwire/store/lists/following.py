"""Who follows a list: subscriptions of its query, which no paper matches but those submitted to it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, cast, delete, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from paperwire.core.papers.paper import ARRIVAL
from paperwire.store.database.statements import insert_new
from paperwire.store.tables.base import PlainText
from paperwire.store.tables.deliveries import MatchRow
from paperwire.store.tables.lists import SubmissionRow
from paperwire.store.tables.subscriptions import QueryRow

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
