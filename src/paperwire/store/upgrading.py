"""What an upgrade rewrites of whole tables: in pieces that are kept one by one, so that a stop loses none of them."""

from __future__ import annotations

import asyncio
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
from paperwire.store.database.tables.service import SettingRow
from paperwire.store.database.versions import QUERIES, WORDS
from paperwire.store.migrations import PENDING
from paperwire.store.search.word_renewal import begin_renewal, empty_some_old_words, renew_some_words
from paperwire.store.subscriptions.renewal import renew_some_queries

_SAID_EVERY = 10.0  # seconds between two lines about how far it has come
_log = structlog.get_logger(__name__)


async def is_rewritten(db: AsyncConnection) -> bool:
    """Whether all tables are as this version writes them, or becoming so while the service runs."""
    return await QUERIES.is_ours(db) and await WORDS.is_ours(db) and not await _has_pending(db)


async def refuse_other_versions(db: AsyncConnection) -> None:
    """Raise StoreUnsupported if another version has renewed what this one stores."""
    await QUERIES.last(db)
    await WORDS.last(db)


async def rewrite_tables(
    begin: Callable[[], AbstractAsyncContextManager[AsyncConnection]],
    now: Now,
    clock: Callable[[], float] = time.monotonic,
    *,
    words: bool = True,
    pause_factor: float = 0.0,
) -> None:
    """Rewrite what earlier versions wrote otherwise, each piece in a transaction of `begin`'s.

    Goes on where it was interrupted; several processes may do so at once. Without `words` the index of these is only
    prepared for its renewal, and the old one serves. `pause_factor` is how many times as long as a piece took comes
    before the next one.
    """
    began = reported_at = clock()
    pieces = 0
    while True:
        started = clock() if pause_factor else 0.0
        async with begin() as db:
            await lock_schema(db)
            piece = await _rewrite_some(db, now(), words=words)
        if piece is None:
            break
        pieces += 1
        if pause_factor:
            await asyncio.sleep(pause_factor * (clock() - started))
        if (at := clock()) - reported_at >= _SAID_EVERY:
            reported_at = at
            table, last = piece
            _log.info("rewriting for this version", table=table, up_to=last, seconds=round(at - began))
    if clock() - began >= _SAID_EVERY:
        _log.info("rewritten for this version", pieces=pieces, seconds=round(clock() - began))


async def _rewrite_some(db: AsyncConnection, now: datetime, *, words: bool) -> tuple[str, int] | None:
    """Rewrite one piece; what it was of and the number of its last row, or None if there was none left."""
    if await _has_pending(db):
        from paperwire.store.migrations import rewrite_some  # noqa: PLC0415 -- alembic is slow to import

        return await db.run_sync(rewrite_some)
    if (last := await renew_some_queries(db, now)) is not None:
        return "queries", last
    if not words:
        await begin_renewal(db, now)
        return None
    if (last := await renew_some_words(db, now)) is not None:
        return "index of words", last
    last = await empty_some_old_words(db)
    return None if last is None else ("old index of words", last)


async def _has_pending(db: AsyncConnection) -> bool:
    pending = select(col(SettingRow.key)).where(col(SettingRow.key).startswith(PENDING)).limit(1)
    return await db.scalar(pending) is not None
