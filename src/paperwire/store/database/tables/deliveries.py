"""What matched, and what each place is owed of it.

The widest columns come first: PostgreSQL keeps the order and fills up before each.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Double, Integer, and_
from sqlmodel import Field, col

from paperwire.store.database.tables.base import (
    CLUSTERED,
    PlainText,
    Row,
    key_column,
    partial_index,
    small_column,
    text_key,
    time_column,
)


class MatchRow(Row, table=True):
    """Query x paper x occasion, a fact that never changes.

    `quiet` matches (backfill, import, those a new subscription finds in what is already stored) owe no delivery and
    count as old for feeds. Millions are added a day, so no index leads from a paper to its matches.
    """

    __tablename__ = "match"
    __table_args__ = (
        partial_index("ix_match_query_seen_at", "query", "seen_at", where="occasion <> 0"),
        CLUSTERED,
    )

    seen_at: datetime = time_column()
    query: int = key_column()
    paper: int = key_column()
    occasion: int = small_column(key=True)
    quiet: bool = False


class MatchScoreRow(Row, table=True):
    """Why a query with `like:` matched: the paper's score, and which threshold of which encoder it reached then.

    It never changes. Kept apart from the match, as few matches have one.
    """

    __tablename__ = "match_score"
    __table_args__ = (CLUSTERED,)

    query: int = key_column()
    paper: int = key_column()
    occasion: int = small_column(key=True)
    score: float = Field(sa_type=Double)
    threshold: float = Field(sa_type=Double)
    encoder: str = Field(sa_type=PlainText)


class DeliveryRow(Row, table=True):
    """Place x paper x occasion, owed or settled: no text, no surrogate id.

    `settled_at` of an owed one is when a message that carries several was begun, see `Outbox.begin`.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        partial_index("ix_delivery_owed", "destination", "due_at", where="state = 0"),
        partial_index("ix_delivery_given_up", "settled_at", where="state >= 2"),
        CLUSTERED,
    )

    due_at: datetime = time_column()
    settled_at: datetime | None = time_column(nullable=True)
    destination: int = key_column()
    paper: int = key_column()
    occasion: int = small_column(key=True)
    state: int = small_column()
    attempts: int = small_column()


class FailureRow(Row, table=True):
    """Why a delivery did not arrive at its first try; only the few that failed have one, until they are sent.

    `unknowns` counts sends without an answer, which may have arrived. `DeliveryRow.attempts` counts the failures that
    are the delivery's own. The first of any kind was at `first_at`, or before its place was last opened again;
    `reason` is the platform's text of the last one.
    `notified_at` is when its place was notified that it was given up.
    """

    __tablename__ = "failure"
    __table_args__ = (CLUSTERED,)

    first_at: datetime = time_column()
    last_at: datetime = time_column()
    notified_at: datetime | None = time_column(nullable=True)
    destination: int = key_column("destination.number")
    paper: int = key_column()
    occasion: int = small_column(key=True)
    unknowns: int = small_column()
    reason: str = Field(sa_type=PlainText)


def has_key(table: type[DeliveryRow | FailureRow], place: Any, paper: Any, occasion: Any) -> ColumnElement[bool]:
    """Whether a row is of this place, paper and code of an occasion: values, parameters or columns."""
    return and_(col(table.destination) == place, col(table.paper) == paper, col(table.occasion) == occasion)


DELIVERY = (col(DeliveryRow.destination), col(DeliveryRow.paper), col(DeliveryRow.occasion))
"""The key of a delivery."""
FAILURE = (col(FailureRow.destination), col(FailureRow.paper), col(FailureRow.occasion))
"""That of a failure."""
ITS_FAILURE = has_key(FailureRow, *DELIVERY)
"""Whether a failure is that of a delivery."""


class UndoRow(Row, table=True):
    """What was owed for a subscription when it was deleted, so that Undo brings it back."""

    __tablename__ = "undo"
    __table_args__ = (CLUSTERED,)

    due_at: datetime = time_column()
    subscription: int = key_column("subscription.number")
    destination: int = key_column("destination.number")
    paper: int = key_column()
    occasion: int = small_column(key=True)


class BounceRow(Row, table=True):
    """Messages to a place that came back, see `store/outbox/bounces.py`.

    `days` are the dates (UTC) that count, oldest first, with a space between; `reason` is why the place was paused,
    `probes` how many messages were tried since without success.
    """

    __tablename__ = "bounce"
    __table_args__ = (CLUSTERED,)

    destination: int = key_column("destination.number")
    days: str = Field(sa_type=PlainText)
    reason: str = Field(sa_type=PlainText)
    probe_at: datetime | None = time_column(nullable=True)
    probed_at: datetime | None = time_column(nullable=True)
    probes: int = small_column()


class DigestRow(Row, table=True):
    """What a place gets at one slot, a local date and time such as `2026-01-05T08:00`: there is one digest for each.

    Deliveries join it by its `due_at`. It tells of `papers` since the last digest before it, at `since`, in `parts`
    messages, of which `sent` went out. Nothing joins it once it is closed.
    """

    __tablename__ = "digest"
    __table_args__ = (
        partial_index("ix_digest_open", "destination", where="closed_at IS NULL"),
        CLUSTERED,
    )

    destination: int = key_column("destination.number")
    slot: str = text_key()
    due_at: datetime = time_column()
    since: datetime | None = time_column(nullable=True)
    closed_at: datetime | None = time_column(nullable=True)
    papers: int = Field(default=0, sa_type=Integer)
    parts: int = Field(default=0, sa_type=Integer)
    sent: int = Field(default=0, sa_type=Integer)
