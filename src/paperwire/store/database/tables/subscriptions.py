"""Queries, the subscriptions that use them, where those lead, and private feeds."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Boolean, Column, Double, Index, Integer, LargeBinary, false
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

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""A time before all others: what is renewed from time to time is then due."""


class QueryRow(Row, table=True):
    """A query, stored once for all texts that mean the same.

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


class MeaningRow(Row, table=True):
    """What a query with `like:` asks for in numbers: its vector by one version of an encoder, and its threshold.

    Both are empty until they are made. Of `like:ID`, `paper` is that paper. Of `like:saved`, `list_of` is whose list it
    is, which changed `list_changes` times; the vector was made after `made_after` of them. The threshold was taken from
    `papers` of `days` days, at `renewed_at`; there is none while no paper is like that.
    """

    __tablename__ = "meaning"
    __table_args__ = (
        partial_index("ix_meaning_changed", "query", where="list_changes <> made_after"),
        Index("ix_meaning_renewed_at", "renewed_at"),
        CLUSTERED,
    )

    query: int = key_column("query.number")
    renewed_at: datetime = time_column()
    list_of: int | None = link_column("person.number", nullable=True)
    encoder: str = Field(sa_type=PlainText)
    packed: bytes = Field(sa_type=LargeBinary)
    threshold: float | None = Field(default=None, sa_type=Double)
    papers: int = Field(default=0, sa_type=Integer)
    days: int = Field(default=0, sa_type=Integer)
    list_changes: int = Field(default=0, sa_type=Integer)
    made_after: int = Field(default=0, sa_type=Integer)
    paper: int | None = Field(default=None, sa_type=Integer)


class SubscriptionRow(Row, table=True):
    """A query as typed; `occasions` are `Want` bits, `cadence` empty for the place's default.

    It belongs to a `person` or to a shared `place`, the other is NULL; `added_by` is who added it to the place (NULL:
    anonymous). `ordinal` is the number that its owner sees, from 1, never given again. Until UNDO_TIME after
    `edited_at` the query as it was before, `former_query` with its `former_text`, can be restored with its beginning.
    `expected` are the matches a day that its answer named, or that its first month brought.
    """

    __tablename__ = "subscription"
    __table_args__ = (
        Index("uq_subscription_person_ordinal", "person", "ordinal", unique=True),
        Index("uq_subscription_place_ordinal", "place", "ordinal", unique=True),
        partial_index("uq_subscription_place_query", "place", "query", where="deleted_at IS NULL", unique=True),
        NEVER_REUSED,
    )

    number: int = number_column()
    person: int | None = link_column("person.number", nullable=True)
    place: int | None = link_column("destination.number", nullable=True, index=False)
    added_by: int | None = link_column("person.number", nullable=True, ondelete="SET NULL")
    ordinal: int = Field(sa_type=Integer)
    query: int = link_column("query.number")
    text: str = Field(sa_type=PlainText)
    name: str = Field(sa_type=PlainText)
    occasions: int = small_column(1)
    cadence: str = Field(sa_type=PlainText)
    mention: str = Field(default="", sa_type=PlainText)
    paused: bool = False
    silent: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    began_at: datetime = time_column()
    deleted_at: datetime | None = time_column(nullable=True)
    edited_at: datetime | None = time_column(nullable=True)
    former_text: str = Field(default="", sa_column=Column(PlainText, nullable=False, server_default=""))
    former_began_at: datetime | None = time_column(nullable=True)
    former_query: int | None = Field(default=None, sa_type=Integer)
    expected: float | None = Field(default=None, sa_type=Double)


class RouteRow(Row, table=True):
    """Where a subscription goes; `next_slot_at` is when its next digest there is due, NULL for instant.

    `query`, `began_at` and `wants` say again what a fan-out must know of the subscription, so that millions of routes
    are read in one go: `wants` has its `Want` bits and LIVE, or is 0. A change of a subscription calls `reroute`.
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
    """A private feed of a person or a shared place: of all its subscriptions (`subscription` NULL) or one.

    Only the token's hash is kept. A `former` one was given before its subscription went to a shared place or became one
    with another: it goes on showing what it showed (`FeedPartRow`), besides the one that its owner is given now.
    """

    __tablename__ = "feed"
    __table_args__ = (
        Index("uq_feed_token_hash", "token_hash", unique=True),
        partial_index("uq_feed_person", "person", where="subscription IS NULL AND NOT former", unique=True),
        partial_index("uq_feed_person_subscription", "person", "subscription", where="NOT former", unique=True),
        partial_index("uq_feed_place", "place", where="subscription IS NULL AND NOT former", unique=True),
        partial_index("uq_feed_place_subscription", "place", "subscription", where="NOT former", unique=True),
        NEVER_REUSED,
    )

    number: int = number_column()
    person: int | None = link_column("person.number", nullable=True)
    place: int | None = link_column("destination.number", nullable=True)
    subscription: int | None = link_column("subscription.number", nullable=True)
    former: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    generation: int = Field(default=1, sa_type=Integer)
    token_hash: str = Field(sa_type=PlainText)
    created_at: datetime = time_column()


class FeedPartRow(Row, table=True):
    """A subscription that a feed shows although it is another's, and what of it: since when, for which occasions."""

    __tablename__ = "feed_part"
    __table_args__ = (CLUSTERED,)

    feed: int = key_column("feed.number")
    subscription: int = key_column("subscription.number", index=True)
    began_at: datetime = time_column()
    occasions: int = small_column()


class RetiredTokenRow(Row, table=True):
    """The hash of a feed token that was reset, so that its readers get a last word."""

    __tablename__ = "retired_token"
    __table_args__ = (CLUSTERED,)

    token_hash: str = text_key()
    retired_at: datetime = time_column()
