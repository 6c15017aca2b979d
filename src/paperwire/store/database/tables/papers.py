"""Papers, by which names they go, what sources said of them, and how far each source has been read."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, Index, Integer, LargeBinary, false, true
from sqlmodel import Field

from paperwire.store.database.tables.base import (
    CLUSTERED,
    NEVER_REUSED,
    PlainText,
    Row,
    key_column,
    link_column,
    number_column,
    partial_index,
    small_column,
    text_key,
    time_column,
)


class PaperRow(Row, table=True):
    """One work. `announced` is its day (docs/glossary.md), or `UNDATED`; authors and categories are JSON lists.

    `hub` has what Hugging Face says of it (`core/papers/hub.py`), null for nothing.

    While it is `unencoded`, a vector of its text is still to be made.
    """

    __tablename__ = "paper"
    __table_args__ = (
        Index("ix_paper_announced_number", "announced", "number"),
        partial_index("ix_paper_unencoded", "announced", "number", where="unencoded"),
        partial_index("ix_paper_scored", "announced", "upvotes", where="upvotes IS NOT NULL"),
        NEVER_REUSED,
    )

    number: int = number_column()
    id: str = Field(sa_column=Column(PlainText, nullable=False, unique=True))
    source: str = Field(sa_type=PlainText)
    title: str = Field(sa_type=PlainText)
    abstract: str = Field(sa_type=PlainText)
    authors: list[str] = Field(sa_column=Column(JSON, nullable=False))
    categories: list[str] = Field(sa_column=Column(JSON, nullable=False))
    published: datetime | None = time_column(nullable=True)
    updated: datetime | None = time_column(nullable=True)
    announced: date = Field(sa_type=Date)
    version: int = small_column(1)
    comment: str = Field(sa_type=PlainText)
    doi: str = Field(sa_type=PlainText)
    journal_ref: str = Field(sa_type=PlainText)
    url: str = Field(sa_type=PlainText)
    code_url: str = Field(sa_type=PlainText)
    licence: str = Field(sa_type=PlainText)
    withdrawn: bool = False
    seen_at: datetime = time_column()
    upvotes: int | None = Field(default=None, sa_type=Integer)
    summary: str = Field(default="", sa_column=Column(PlainText, nullable=False, server_default=""))
    feed: str = Field(default="", sa_column=Column(PlainText, nullable=False, server_default=""))
    report_number: str = Field(default="", sa_column=Column(PlainText, nullable=False, server_default=""))
    hub: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    notices: list[dict[str, Any]] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    unencoded: bool = Field(default=True, sa_column=Column(Boolean, nullable=False, server_default=true()))


class VectorRow(Row, table=True):
    """What a paper is about by one version of an encoder: int8 columns (core/meaning/vectors.py), made at `at`."""

    __tablename__ = "vector"
    __table_args__ = (Index("ix_vector_encoder_at", "encoder", "at"),)

    encoder: str = text_key()
    paper: int = key_column("paper.number", index=True)
    at: datetime = time_column()
    packed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class AliasRow(Row, table=True):
    """A name of a paper: `arxiv:` and `doi:` ones are identity, `title:` ones candidates (core/papers/identity.py).

    `number:N` leads from a record that was merged away to the one that lives.
    """

    __tablename__ = "alias"
    __table_args__ = (CLUSTERED,)

    alias: str = text_key()
    paper: int = key_column("paper.number", ondelete=None, index=True)


class EventRow(Row, table=True):
    """What was said of a paper; rows with `matched_at` NULL are the matcher's queue.

    `mark` makes an event one of its kind: the version for `replaced` and `withdrawn`, the number of categories for
    `cross`, the score for `score`, the second for `reworded`, otherwise 0; -1 and less for an arrival that is said
    with messages after a quiet record of it had used that. `score_from` and `score_to` are set for scores only,
    `told_at` for what was heard of after hours only; `late` says that a whole list had not shown it. What queries by
    words have been matched with is `awaits_meaning` until the paper has a vector, and queries by meaning have been
    matched as well. `before` is what a record said that `changed` since (`core.papers.revision.earlier_record`): one
    row a paper and source, which each change puts on the queue again.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("uq_event_paper_kind_source_mark", "paper", "kind", "source", "mark", unique=True),
        partial_index("ix_event_unmatched", "number", where="matched_at IS NULL"),
        Index("ix_event_source_day", "source", "day"),
        partial_index("ix_event_awaits_meaning", "number", where="awaits_meaning"),
        partial_index("ix_event_listed", "day", "paper", where="kind = 5"),
        NEVER_REUSED,
    )

    number: int = number_column()
    paper: int = link_column("paper.number", index=False)
    kind: int = small_column()
    source: str = Field(sa_type=PlainText)
    mark: int = Field(default=0, sa_type=Integer)
    version: int = small_column(1)
    day: date = Field(sa_type=Date)
    quiet: bool = False
    seen_at: datetime = time_column()
    score_from: int | None = Field(default=None, sa_type=Integer)
    score_to: int | None = Field(default=None, sa_type=Integer)
    told_at: datetime | None = time_column(nullable=True)
    late: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, default=False))
    matched_at: datetime | None = time_column(nullable=True)
    awaits_meaning: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    before: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))


class RevisionRow(Row, table=True):
    """The texts of a version that another one replaced, at `until`, so that a message can say what changed."""

    __tablename__ = "revision"
    __table_args__ = (Index("ix_revision_until", "until"), CLUSTERED)

    paper: int = key_column("paper.number")
    version: int = small_column(key=True)
    until: datetime = time_column()
    title: str = Field(sa_type=PlainText)
    abstract: str = Field(sa_type=PlainText)
    authors: list[str] = Field(sa_column=Column(JSON, nullable=False))
    comment: str = Field(sa_type=PlainText)


class ScoreRow(Row, table=True):
    """A paper's upvotes at an instant; one row whenever they changed."""

    __tablename__ = "score"
    __table_args__ = (Index("ix_score_at", "at"), CLUSTERED)

    paper: int = key_column("paper.number")
    at: datetime = time_column(key=True)
    upvotes: int = Field(sa_type=Integer)


class PromiseRow(Row, table=True):
    """Code that a paper promises in `repository` (`owner/name` on GitHub), `since` then, and the last look at that.

    `etag` and `owner`, the number of the account there, are of the last answer that had them.
    """

    __tablename__ = "promise"
    __table_args__ = (Index("ix_promise_asked_at", "asked_at"), CLUSTERED)

    paper: int = key_column("paper.number")
    repository: str = Field(sa_type=PlainText)
    since: datetime = time_column()
    asked_at: datetime | None = time_column(nullable=True)
    etag: str = Field(default="", sa_type=PlainText)
    owner: str = Field(default="", sa_type=PlainText)


class SourceStateRow(Row, table=True):
    """How far a part of a source has been read, and its failures.

    Until `held_until` what it brought waits for the other parts of the source, see `SourceStates.delay`.
    """

    __tablename__ = "source_state"
    __table_args__ = (CLUSTERED,)

    source: str = text_key()
    part: str = text_key()
    cursor: str = Field(sa_type=PlainText)
    next_at: datetime | None = time_column(nullable=True)
    failures: int = small_column()
    ok_at: datetime | None = time_column(nullable=True)
    error: str = Field(sa_type=PlainText)
    first_done: bool = False
    held_until: datetime | None = time_column(nullable=True)
    tried_at: datetime | None = time_column(nullable=True)


class BatchRow(Row, table=True):
    """One announcement day of one part of a source: its state, its counts and the evidence for them.

    `doubts` say what is missing for a proof (`core.doubt.dump`); all states are judged without reading `evidence`.
    """

    __tablename__ = "batch"
    __table_args__ = (
        Index("ix_batch_day", "day"),
        Index("ix_batch_source_day_state", "source", "day", "state"),  # which days are open, past their evidence
        CLUSTERED,
    )

    source: str = text_key()
    part: str = text_key()
    day: date = Field(sa_column=Column(Date, primary_key=True, nullable=False))
    state: str = Field(sa_type=PlainText)
    new: int = Field(default=0, sa_type=Integer)
    crossed: int = Field(default=0, sa_type=Integer)
    replaced: int = Field(default=0, sa_type=Integer)
    ids_hash: str = Field(sa_type=PlainText)
    ids_known: bool = True
    evidence: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    changed_at: datetime = time_column()
    doubts: str = Field(default="", sa_column=Column(PlainText, nullable=False, server_default=""))
