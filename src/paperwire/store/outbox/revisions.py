"""Which version of a paper a place got last, with its texts as they stood then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row as Found
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from paperwire.core.papers.paper import ARRIVAL, Occasion
from paperwire.core.papers.revision import Revision
from paperwire.store.rows import value_of
from paperwire.store.tables.base import State
from paperwire.store.tables.deliveries import DeliveryRow
from paperwire.store.tables.papers import RevisionRow

_LAST_VERSION = Occasion.version(1_000_000)


async def revisions_sent(db: AsyncConnection, place: int, papers: Sequence[int]) -> dict[int, Revision]:
    """The replaced version that each paper had when the place last heard of it; for a stranger to it the last one.

    Papers of which no older texts are kept, or that did not change since then, are left out.
    """
    if not papers:
        return {}
    versions: defaultdict[int, list[Found[Any]]] = defaultdict(list)
    texts = (
        select(RevisionRow)
        .where(col(RevisionRow.paper).in_(papers))
        .order_by(col(RevisionRow.paper), col(RevisionRow.version))
    )
    for row in await db.execute(texts):
        versions[row.paper].append(row)
    sent = await _last_sent(db, place, list(versions))
    revisions: dict[int, Revision] = {}
    for number, rows in versions.items():
        at = sent.get(number)
        # The first one that was replaced after the place heard of the paper is the one it knows.
        revision = rows[-1] if at is None else next((row for row in rows if row.until > at), None)
        if revision is not None:
            revisions[number] = value_of(Revision, revision, authors=tuple(revision.authors))
    return revisions


async def _last_sent(db: AsyncConnection, place: int, papers: Sequence[int]) -> dict[int, datetime]:
    """When the place was last notified of an arrival or a version of each paper."""
    sent = (
        select(col(DeliveryRow.paper), func.max(col(DeliveryRow.settled_at)))
        .where(
            col(DeliveryRow.destination) == place,
            col(DeliveryRow.paper).in_(papers),
            col(DeliveryRow.state) == State.SENT,
            col(DeliveryRow.occasion).between(ARRIVAL.code, _LAST_VERSION.code),
        )
        .group_by(col(DeliveryRow.paper))
    )
    return {number: at for number, at in await db.execute(sent) if at is not None}
