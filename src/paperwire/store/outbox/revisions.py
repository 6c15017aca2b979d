"""What papers said before they changed: the texts of each replaced version, and which one a place got last."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row as Found
from sqlalchemy import func, select
from sqlmodel import col

from paperwire.core.papers.paper import ARRIVAL, Occasion, Paper
from paperwire.core.papers.revision import Revision, is_shown_otherwise
from paperwire.store.database.statements import insert_new
from paperwire.store.rows import small, value_of
from paperwire.store.tables.base import EventCode, State
from paperwire.store.tables.deliveries import DeliveryRow
from paperwire.store.tables.papers import EventRow, RevisionRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection


_LAST_VERSION = Occasion.version(1_000_000)


async def keep_revisions(db: AsyncConnection, now: datetime, pairs: Sequence[tuple[Paper, Paper]]) -> None:
    """Keep of papers, each as it was and as it is now, the texts of versions that are replaced.

    And that it changed now, if that is shown: by these dates feeds date their entries.
    """
    replaced = [_texts(before, now) for before, after in pairs if before.version < after.version]
    if replaced:
        await db.execute(insert_new(db, RevisionRow).on_conflict_do_nothing(), replaced)
    reworded = [_reworded(after, now) for before, after in pairs if is_shown_otherwise(before, after)]
    if reworded:
        await db.execute(insert_new(db, EventRow).on_conflict_do_nothing(), reworded)


def _texts(paper: Paper, now: datetime) -> dict[str, Any]:
    return {
        "paper": paper.number,
        "version": small(paper.version),
        "until": now,
        "title": paper.title,
        "abstract": paper.abstract,
        "authors": list(paper.authors),
        "comment": paper.comment,
    }


def _reworded(paper: Paper, now: datetime) -> dict[str, Any]:
    return {
        "paper": paper.number,
        "kind": EventCode.REWORDED,
        "source": paper.source,
        "mark": int(now.timestamp()),
        "version": small(paper.version),
        "day": now.date(),
        "quiet": True,
        "seen_at": now,
        "matched_at": now,
    }


async def revisions_sent(db: AsyncConnection, place: int, papers: Sequence[int]) -> dict[int, Revision]:
    """The replaced version that each paper had when the place last heard of it; for a stranger to it the last one.

    Papers of which no older texts are kept, or that did not change since then, are left out.
    """
    if not papers:
        return {}
    kept: defaultdict[int, list[Found[Any]]] = defaultdict(list)
    texts = (
        select(RevisionRow)
        .where(col(RevisionRow.paper).in_(papers))
        .order_by(col(RevisionRow.paper), col(RevisionRow.version))
    )
    for row in await db.execute(texts):
        kept[row.paper].append(row)
    sent = await _last_sent(db, place, list(kept))
    revisions: dict[int, Revision] = {}
    for number, rows in kept.items():
        at = sent.get(number)
        # The first one that was replaced after the place heard of the paper is the one it knows.
        known = rows[-1] if at is None else next((row for row in rows if row.until > at), None)
        if known is not None:
            revisions[number] = value_of(Revision, known, authors=tuple(known.authors))
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
