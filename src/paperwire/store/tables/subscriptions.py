"""Queries, the subscriptions that use them, where those lead, and private feeds."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 -- SQLModel reads the annotations when the class is made

from sqlalchemy import Column, Index, Integer, LargeBinary
from sqlmodel import Field

from paperwire.store.engine import PlainText
from paperwire.store.tables.base import Row
from paperwire.store.tables.columns import (
    CLUSTERED,
    NEVER_REUSED,
    key_column,
    link_column,
    number_column,
    partial_index,
    small_column,
    text_key,
    time_column,
)


class QueryRow(Row, table=True):
    """A query, once for everybody whose text means the same.

    `text` is as the first of them typed it, `dumped` what `core.query.Query.load` reads without parsing.
    `seq` is its place in the sequence of changes: it moves whenever `in_use` does, under the lock of the
    `counter` row `query`, so that changes become visible in the order of `seq`.
    """

    __tablename__ = "query"
    __table_args__ = (
        Index("uq_query_key", "key", unique=True),
        Index("ix_query_seq", "seq"),
        NEVER_REUSED,
    )

    number: int = number_column()
    key: str = Field(sa_type=PlainText)
    text: str = Field(sa_type=PlainText)
    dumped: bytes = Field(sa_type=LargeBinary)
    upvotes: int | None = Field(default=None, sa_type=Integer)
    seq: int = Field(sa_type=Integer)
    in_use: bool = True


class SubscriptionRow(Row, table=True):
    """A person's query as typed; `occasions` are `Want` bits, `cadence` empty for the place's default."""

    __tablename__ = "subscription"
    __table_args__ = (NEVER_REUSED,)

    number: int = number_column()
    person: int = link_column("person.number")
    query: int = link_column("query.number")
    text: str = Field(sa_type=PlainText)
    name: str = Field(sa_type=PlainText)
    occasions: int = small_column(1)
    cadence: str = Field(sa_type=PlainText)
    mention: str = Field(default="", sa_type=PlainText)
    paused: bool = False
    began_at: datetime = time_column()
    deleted_at: datetime | None = time_column(nullable=True)


class SubscriptionDestinationRow(Row, table=True):
    """Where a subscription goes; `next_slot_at` is when its next digest there is due, NULL for instant.

    `query`, `began_at` and `wants` say again what a fan-out must know of the subscription, so that millions of routes
    are read in one go: `wants` has its `Want` bits and LIVE, or is 0. Whoever changes a subscription calls `reroute`.
    """

    __tablename__ = "subscription_destination"
    __table_args__ = (
        partial_index("ix_subscription_destination_next_slot_at", "next_slot_at", where="next_slot_at IS NOT NULL"),
        CLUSTERED,
    )

    destination: int = key_column("destination.number")
    subscription: int = key_column("subscription.number", index=True)
    query: int = Field(sa_column=Column(Integer, nullable=False, index=True))
    began_at: datetime = time_column()
    wants: int = small_column()
    next_slot_at: datetime | None = time_column(nullable=True)


class FeedRow(Row, table=True):
    """A private feed: all of a person's subscriptions (`subscription` NULL) or one; only the token's hash is kept."""

    __tablename__ = "feed"
    __table_args__ = (
        Index("uq_feed_token_hash", "token_hash", unique=True),
        partial_index("uq_feed_person", "person", where="subscription IS NULL", unique=True),
        Index("uq_feed_person_subscription", "person", "subscription", unique=True),
        NEVER_REUSED,
    )

    number: int = number_column()
    person: int = link_column("person.number", index=False)
    subscription: int | None = link_column("subscription.number", nullable=True)
    generation: int = Field(default=1, sa_type=Integer)
    token_hash: str = Field(sa_type=PlainText)
    created_at: datetime = time_column()


class RetiredTokenRow(Row, table=True):
    """The hash of a feed token that was reset, so that its readers get a last word."""

    __tablename__ = "retired_token"
    __table_args__ = (CLUSTERED,)

    token_hash: str = text_key()
    retired_at: datetime = time_column()
