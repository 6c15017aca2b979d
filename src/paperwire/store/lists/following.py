"""Who follows a list: subscriptions of its query, which no paper matches but those submitted to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlmodel import col

from paperwire.core.papers.paper import ARRIVAL
from paperwire.store.tables.deliveries import MatchRow
from paperwire.store.tables.subscriptions import QueryRow

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


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
