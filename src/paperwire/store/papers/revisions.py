"""Which version of a paper a place got last, with its texts as they stood then."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from paperwire.core.papers.paper import ARRIVAL, Occasion
from paperwire.core.papers.revision import Revision
from paperwire.store.tables.base import Row, State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Row as Found
    from sqlalchemy.ext.asyncio import AsyncConnection

_T = Row.metadata.tables
delivery, revision = _T["delivery"], _T["revision"]
_LAST_VERSION = Occasion.version(1_000_000)


async def revisions_sent(db: AsyncConnection, place: int, papers: Sequence[int]) -> dict[int, Revision]:
    """The replaced version that each paper had when the place last heard of it; for a stranger to it the last one.

    Papers of which no older texts are kept, or that did not change since then, are left out.
    """
    if not papers:
        return {}
    kept: defaultdict[int, list[Found[Any]]] = defaultdict(list)
    texts = select(revision).where(revision.c.paper.in_(papers)).order_by(revision.c.paper, revision.c.version)
    for row in await db.execute(texts):
        kept[row.paper].append(row)
    sent = await _last_sent(db, place, list(kept))
    found: dict[int, Revision] = {}
    for number, rows in kept.items():
        at = sent.get(number)
        # The first one that was replaced after the place heard of the paper is the one it knows.
        known = rows[-1] if at is None else next((row for row in rows if row.until > at), None)
        if known is not None:
            found[number] = _revision(known)
    return found


async def _last_sent(db: AsyncConnection, place: int, papers: Sequence[int]) -> dict[int, datetime]:
    """When the place was last told an arrival or a version of each paper."""
    told = (
        select(delivery.c.paper, func.max(delivery.c.settled_at))
        .where(
            delivery.c.destination == place,
            delivery.c.paper.in_(papers),
            delivery.c.state == State.SENT,
            delivery.c.occasion.between(ARRIVAL.code, _LAST_VERSION.code),
        )
        .group_by(delivery.c.paper)
    )
    return {number: at for number, at in await db.execute(told) if at is not None}


def _revision(row: Found[Any]) -> Revision:
    return Revision(
        version=row.version,
        title=row.title,
        abstract=row.abstract,
        authors=tuple(row.authors),
        comment=row.comment,
    )
