"""What people make of papers: which they submit to a list, and which they vote for."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, Index, Integer
from sqlmodel import Field

from paperwire.store.database.tables.base import (
    CLUSTERED,
    PlainText,
    Row,
    key_column,
    link_column,
    partial_index,
    text_key,
    time_column,
)


class SubmissionRow(Row, table=True):
    """A paper on a list, since `day` there; `name` is the submitter's where they want it shown, otherwise empty.

    `announced_at` is when its followers were owed it, NULL until then. Once removed, at `removed_at`, it may be
    submitted again unless it is `barred`, as a manager did that.
    """

    __tablename__ = "submission"
    __table_args__ = (
        Index("ix_submission_list_at", "list", "at"),
        partial_index("ix_submission_unannounced", "at", where="announced_at IS NULL AND removed_at IS NULL"),
        CLUSTERED,
    )

    list: int = key_column()
    paper: int = key_column("paper.number", ondelete=None, index=True)
    at: datetime = time_column()
    announced_at: datetime | None = time_column(nullable=True)
    removed_at: datetime | None = time_column(nullable=True)
    person: int | None = link_column("person.number", nullable=True, ondelete="SET NULL")
    day: date = Field(sa_type=Date)
    name: str = Field(default="", sa_type=PlainText)
    barred: bool = False


class VoteRow(Row, table=True):
    """That a person votes for a paper on a list; a vote that is withdrawn has no row."""

    __tablename__ = "vote"
    __table_args__ = (Index("ix_vote_list_at", "list", "at"), CLUSTERED)

    list: int = key_column()
    paper: int = key_column("paper.number", ondelete=None, index=True)
    person: int = key_column("person.number", index=True)
    at: datetime = time_column()


class CardRow(Row, table=True):
    """Which paper a message in a shared place shows alone, by the platform's id, so that reactions to it are votes."""

    __tablename__ = "card"
    __table_args__ = (CLUSTERED,)

    destination: int = key_column("destination.number")
    message: str = text_key()
    at: datetime = time_column()
    paper: int = Field(sa_type=Integer)
