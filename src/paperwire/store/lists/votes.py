"""The votes of a window of time, counted by paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, func, select
from sqlmodel import col

from paperwire.store.tables.lists import SubmissionRow, VoteRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Subquery


def counted_votes(of_list: int, since: datetime | None, until: datetime) -> Subquery:
    """Each `paper` with its `votes` on a list after `since` and up to `until`, without what managers removed there."""
    at = col(VoteRow.at)
    barred = exists().where(
        col(SubmissionRow.list) == of_list,
        col(SubmissionRow.paper) == col(VoteRow.paper),
        col(SubmissionRow.barred).is_(True),
    )
    window = at <= until if since is None else and_(at > since, at <= until)
    votes = select(col(VoteRow.paper), func.count().label("votes")).where(col(VoteRow.list) == of_list, window)
    return votes.where(~barred).group_by(col(VoteRow.paper)).subquery()
