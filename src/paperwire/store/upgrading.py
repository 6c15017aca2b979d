"""What an upgrade rewrites of whole tables: in pieces that are kept one by one, so that a stop loses none of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from paperwire.ports.options import Now
from paperwire.store.database.engine import lock_schema
from paperwire.store.migrations import PENDING
from paperwire.store.search.word_index import has_old_words, renew_some_words
from paperwire.store.subscriptions.renewal import has_old_queries, renew_some_queries
from paperwire.store.tables.service import SettingRow

_SAID_EVERY = 10.0
"""Seconds between two lines about how far it has come."""
_log = structlog.get_logger(__name__)


async def is_rewritten(db: AsyncConnection) -> bool:
    """Whether all tables are as this version writes them."""
    return not (await _has_pending(db) or await has_old_queries(db) or await has_old_words(db))


async def rewrite_tables(
    begin: Callable[[], AbstractAsyncContextManager[AsyncConnection]],
    now: Now,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Rewrite what earlier versions wrote otherwise, each piece in a transaction of `begin`'s.

    Goes on where it was interrupted; several processes may do so at once. Papers found by none of their words meanwhile
    are found again at its end.
    """
    began = reported_at = clock()
    pieces = 0
    while True:
        async with begin() as db:
            await lock_schema(db)
            piece = await _rewrite_some(db, now())
        if piece is None:
            break
        pieces += 1
        if (at := clock()) - reported_at >= _SAID_EVERY:
            reported_at = at
            table, last = piece
            _log.info("rewriting for this version", table=table, up_to=last, seconds=round(at - began))
    if clock() - began >= _SAID_EVERY:
        _log.info("rewritten for this version", pieces=pieces, seconds=round(clock() - began))


async def _rewrite_some(db: AsyncConnection, now: datetime) -> tuple[str, int] | None:
    """Rewrite one piece; what it was of and the number of its last row, or None if there was none left."""
    if await _has_pending(db):
        from paperwire.store.migrations import rewrite_some  # noqa: PLC0415 -- alembic is slow to import

        return await db.run_sync(rewrite_some)
    if (last := await renew_some_queries(db, now)) is not None:
        return "queries", last
    last = await renew_some_words(db)
    return None if last is None else ("index of words", last)


async def _has_pending(db: AsyncConnection) -> bool:
    pending = select(col(SettingRow.key)).where(col(SettingRow.key).startswith(PENDING)).limit(1)
    return await db.scalar(pending) is not None
