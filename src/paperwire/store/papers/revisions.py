"""What papers said before they changed: the texts of each replaced version, and when what is shown of them changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from paperwire.core.papers.paper import Paper
from paperwire.core.papers.revision import is_shown_otherwise
from paperwire.store.database.statements import insert_new
from paperwire.store.rows import small
from paperwire.store.tables.base import EventCode
from paperwire.store.tables.papers import EventRow, RevisionRow


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
