"""What trends: the upvotes that papers gained in a window, from the stored series of their scores and public votes.

A series has a row whenever a score changed. What a paper had when it was first looked at, it gained then or, if that is
earlier, at noon UTC of the day on which it was listed: when each of those upvotes came is not known. What it had when
its source was first looked at, or was read back, it gained in no window; it comes last there.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, cast, exists, false, func, literal, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased
from sqlmodel import col

from paperwire.core.papers.lists import PUBLIC, Trend
from paperwire.store.database.part import paper_of
from paperwire.store.database.tables.base import EventCode, UTCDateTime
from paperwire.store.database.tables.papers import EventRow, PaperRow, ScoreRow
from paperwire.store.lists.lists import counted_votes

_NOON = timedelta(hours=12)


async def trends(db: AsyncConnection, since: datetime, until: datetime, limit: int) -> list[Trend]:
    """The papers that gained most after `since` and up to `until`; ties by their total, then the newest first."""
    votes, all_votes = counted_votes(PUBLIC, since, until), counted_votes(PUBLIC, None, until)
    scored = select(col(ScoreRow.paper)).where(col(ScoreRow.at) > since)
    changed = scored.union(select(votes.c.paper)).subquery()
    number: ColumnElement[int] = changed.c.paper
    total, before = _score_at(number, until), _score_at(number, since)
    first_known = and_(_is_quiet(number), not_(_was_listed(number, since)))
    voted, ever = func.coalesce(votes.c.votes, 0), func.coalesce(all_votes.c.votes, 0)
    scores = (
        select(
            number.label("number"),
            (total + ever).label("total"),
            (total - before + voted).label("gained"),
            first_known.label("first_known"),
        )
        .join_from(changed, votes, votes.c.paper == number, isouter=True)
        .join(all_votes, all_votes.c.paper == number, isouter=True)
        .subquery()
    )
    order = (
        scores.c.gained.desc(),
        scores.c.total.desc(),
        col(PaperRow.announced).desc().nulls_last(),
        col(PaperRow.number).desc(),
    )
    statement: Any = select(PaperRow, scores.c.gained).join(scores, scores.c.number == col(PaperRow.number))
    has_risen = or_(scores.c.gained > 0, and_(scores.c.first_known, scores.c.total > 0))
    rows = await db.execute(statement.where(has_risen).order_by(*order).limit(limit))
    return [Trend(paper_of(row), max(row.gained, 0)) for row in rows]


def _score_at(number: ColumnElement[int], instant: datetime) -> ColumnElement[int]:
    """The score of a paper at an instant, 0 before it had any."""
    series = aliased(ScoreRow)
    its = select(col(series.upvotes)).where(col(series.paper) == number)
    last = its.where(col(series.at) <= literal(instant, UTCDateTime)).order_by(col(series.at).desc()).limit(1)
    first = its.order_by(col(series.at)).limit(1)
    counts_before = or_(_was_listed(number, instant), _is_quiet(number))
    at_first = case((counts_before, first.scalar_subquery()), else_=0)
    return cast(func.coalesce(last.scalar_subquery(), at_first), Integer)


def _was_listed(number: ColumnElement[int], instant: datetime) -> ColumnElement[bool]:
    listed = select(func.min(col(EventRow.day))).where(_listings(number)).scalar_subquery()
    return func.coalesce(listed <= (instant - _NOON).date(), false())


def _is_quiet(number: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether the paper was listed when its source was first looked at, or is one of the days that were read back."""
    return exists().where(_listings(number), col(EventRow.quiet))


def _listings(number: ColumnElement[int]) -> ColumnElement[bool]:
    return and_(col(EventRow.paper) == number, col(EventRow.kind) == EventCode.LISTED)
