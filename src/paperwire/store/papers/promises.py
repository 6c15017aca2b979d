"""Code that papers promise in a repository: since when, and when that was last asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from paperwire.core.papers.code_status import ASKED_FOR, NO_ACCOUNT, Promise, RepositoryLook, promised_repository
from paperwire.core.papers.paper import Paper
from paperwire.store.database.part import Part, value_of
from paperwire.store.database.statements import insert_new
from paperwire.store.database.tables.base import storable
from paperwire.store.database.tables.papers import PromiseRow

_REMEMBERED = ("repository", "since", "etag", "owner")
_INTERVAL = timedelta(hours=23, minutes=55)  # a day, less what a round may take longer than the one before


async def write_promises(
    db: AsyncConnection,
    now: datetime,
    new: Sequence[tuple[int, Paper]],
    changed: Sequence[tuple[Paper, Paper]],
) -> None:
    """Write down what new papers (by their numbers) promise, and changed ones (before and after) that did not before.

    A new paper promises since its day, so that one that was read back has as long as if it had been read in time.
    """
    rows = [_row(number, its, _begin(paper, now)) for number, paper in new if (its := promised_repository(paper))]
    for before, after in changed:
        repository = promised_repository(after)
        if repository == promised_repository(before):
            continue
        await db.execute(delete(PromiseRow).where(col(PromiseRow.paper) == after.number))
        rows += [_row(after.number, repository, now)] if repository else []
    if rows:
        await db.execute(insert_new(db, PromiseRow).on_conflict_do_nothing(), rows)


def _begin(paper: Paper, now: datetime) -> datetime:
    return min(datetime.combine(paper.announced, time(), UTC), now) if paper.announced else now


def _row(number: int, repository: str, since: datetime) -> dict[str, Any]:
    fresh = {"asked_at": None, "etag": "", "owner": ""}
    return {"paper": number, "repository": storable(repository), "since": since} | fresh


class Promises(Part):
    """Promised code, inside one transaction."""

    async def due(self, limit: int) -> list[Promise]:
        """Those that were not asked for today, the one asked longest ago first.

        None after `ASKED_FOR`, and none at an account that came after the promise.
        """
        asked_at = col(PromiseRow.asked_at)
        promises = (
            select(col(PromiseRow.paper).label("number"), *(getattr(PromiseRow, name) for name in _REMEMBERED))
            .where(col(PromiseRow.since) > self._now - ASKED_FOR)
            .where(or_(asked_at.is_(None), asked_at <= self._now - _INTERVAL))
            .where(col(PromiseRow.owner) != NO_ACCOUNT)
            .order_by(asked_at.is_not(None), asked_at, col(PromiseRow.paper))
            .limit(limit)
        )
        return [value_of(Promise, row) for row in await self._db.execute(promises)]

    async def note_look(self, promise: Promise, look: RepositoryLook) -> None:
        """Keep that a promise was asked for now, and what to remember; one that has changed meanwhile is left."""
        its = (col(PromiseRow.paper) == promise.number, col(PromiseRow.repository) == promise.repository)
        values = {"asked_at": self._now, "etag": storable(look.etag), "owner": look.owner}
        await self._db.execute(update(PromiseRow).where(*its).values(values))
