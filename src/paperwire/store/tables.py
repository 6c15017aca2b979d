"""The tables, lean and with integer keys; rows of these classes never leave the store.

Times are `UTCDateTime` (microseconds). Codes are small integers: `EventCode`, `State`, `core.paper.Occasion.code`,
`Want` bits of a subscription's occasions.
"""

from __future__ import annotations

from datetime import date, datetime  # noqa: TC003 -- SQLModel reads the annotations when the class is made
from enum import IntEnum, IntFlag
from typing import Any, ClassVar

from sqlalchemy import JSON, Boolean, Column, Date, Index, Integer, LargeBinary, MetaData
from sqlmodel import Field, SQLModel

from paperwire.store.columns import (
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
from paperwire.store.engine import PlainText


class EventCode(IntEnum):
    """What a source said, as stored; the last two are what the store itself saw change in a paper's record."""

    NEW = 1
    CROSS = 2
    REPLACED = 3
    WITHDRAWN = 4
    LISTED = 5
    SCORE = 6
    PUBLISHED = 7
    CODE = 8


class State(IntEnum):
    """Where a delivery stands: owed, or settled in one of the other ways."""

    OWED = 0
    SENT = 1
    DEAD = 2


class Want(IntFlag):
    """Which occasions a subscription asks for, as bits."""

    ARRIVAL = 1
    VERSIONS = 2
    WITHDRAWN = 4


LIVE = 8
"""The bit of a route's `wants` that says that its subscription is neither paused nor deleted."""


class Row(SQLModel):
    """Base of all tables: one catalogue with fixed constraint names."""

    metadata: ClassVar[MetaData] = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


# --- papers ------------------------------------------------------------------------------------------------------


class PaperRow(Row, table=True):
    """One work. `announced` is its day (docs/glossary.md), never empty; authors and categories are JSON lists."""

    __tablename__ = "paper"
    __table_args__ = (
        Index("ix_paper_announced_number", "announced", "number"),
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
    title_shown: str = Field(sa_type=PlainText)
    abstract_shown: str = Field(sa_type=PlainText)


class AliasRow(Row, table=True):
    """A name of a paper: `arxiv:` and `doi:` ones are identity, `title:` ones only candidates (core/identity.py).

    `number:N` leads from a record that was merged away to the one that lives.
    """

    __tablename__ = "alias"
    __table_args__ = (CLUSTERED,)

    alias: str = text_key()
    paper: int = key_column("paper.number", ondelete=None, index=True)


class EventRow(Row, table=True):
    """What was said of a paper; rows with `matched_at` NULL are the matcher's queue.

    `mark` makes an event one of its kind: the version for `replaced` and `withdrawn`, the count of classes for
    `cross`, the score for `score`, otherwise 0; -1 and less for an arrival that is said aloud after a quiet record of
    it had used that. `score_from` and `score_to` are set for scores only, `told_at` for what
    was heard of after hours only; `late` says that a whole list had not shown it.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("uq_event_paper_kind_source_mark", "paper", "kind", "source", "mark", unique=True),
        partial_index("ix_event_unmatched", "number", where="matched_at IS NULL"),
        Index("ix_event_source_day", "source", "day"),
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
    __table_args__ = (CLUSTERED,)

    paper: int = key_column("paper.number")
    at: datetime = time_column(key=True)
    upvotes: int = Field(sa_type=Integer)


class SourceStateRow(Row, table=True):
    """How far a part of a source has been read, and how it fares."""

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


class BatchRow(Row, table=True):
    """One announcement day of one part of a source: its state, its counts and the evidence for them."""

    __tablename__ = "batch"
    __table_args__ = (Index("ix_batch_day", "day"), CLUSTERED)

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


# --- people ------------------------------------------------------------------------------------------------------


class PersonRow(Row, table=True):
    """Somebody who uses the service."""

    __tablename__ = "person"
    __table_args__ = (NEVER_REUSED,)

    number: int = number_column()
    name: str = Field(sa_type=PlainText)
    locale: str = Field(sa_type=PlainText)
    zone: str = Field(sa_type=PlainText)
    created_at: datetime = time_column()


class AccountRow(Row, table=True):
    """Who a person is on a channel."""

    __tablename__ = "account"
    __table_args__ = (CLUSTERED,)

    channel: str = text_key()
    user_id: str = text_key()
    person: int = link_column("person.number")


class DestinationRow(Row, table=True):
    """One place on one channel, and its turn in the outbox.

    A claim needs `next_due_at` past, and `leased_until` past or NULL. `next_due_at` is the earliest `due_at` it owes
    or `hold_until`, whichever is later; NULL when it owes nothing or is paused. `hold_until` is back-off, a rate limit
    or the end of quiet hours; `failures` counts attempts in a row that failed. `last_message` is the platform's id of
    the last message delivered there.
    """

    __tablename__ = "destination"
    __table_args__ = (
        Index("uq_destination_channel_address", "channel", "address", unique=True),
        partial_index("ix_destination_channel_next_due_at", "channel", "next_due_at", where="next_due_at IS NOT NULL"),
        partial_index("ix_destination_leased_until", "leased_until", where="leased_until IS NOT NULL"),
        NEVER_REUSED,
    )

    number: int = number_column()
    channel: str = Field(sa_type=PlainText)
    address: str = Field(sa_type=PlainText)
    kind: str = Field(sa_type=PlainText)
    title: str = Field(sa_type=PlainText)
    owner: int | None = link_column("person.number", nullable=True, ondelete="SET NULL")
    cadence: str = Field(sa_type=PlainText)
    zone: str = Field(sa_type=PlainText)
    quiet: str = Field(sa_type=PlainText)
    style: str = Field(sa_type=PlainText)
    paused: str = Field(sa_type=PlainText)
    created_at: datetime = time_column()
    next_due_at: datetime | None = time_column(nullable=True)
    leased_until: datetime | None = time_column(nullable=True)
    lease_owner: str | None = Field(default=None, sa_type=PlainText)
    hold_until: datetime | None = time_column(nullable=True)
    failures: int = small_column()
    last_message: str = Field(default="", sa_column=Column(PlainText, nullable=False, default=""))


class MuteRow(Row, table=True):
    """What a place does not want to hear of: an author, a category or one subscription, `value` folded."""

    __tablename__ = "mute"
    __table_args__ = (
        Index("uq_mute_destination_kind_value", "destination", "kind", "value", unique=True),
        Index("ix_mute_value", "value"),
        NEVER_REUSED,
    )

    number: int = number_column()
    destination: int = link_column("destination.number", index=False)
    kind: str = Field(sa_type=PlainText)
    value: str = Field(sa_type=PlainText)
    created_at: datetime = time_column()


class SavedRow(Row, table=True):
    """A paper a person keeps."""

    __tablename__ = "saved"
    __table_args__ = (CLUSTERED,)

    person: int = key_column("person.number")
    paper: int = key_column("paper.number", ondelete=None, index=True)
    saved_at: datetime = time_column()


class WatchRow(Row, table=True):
    """A paper a place follows: its new versions, withdrawal, DOI and code."""

    __tablename__ = "watch"
    __table_args__ = (CLUSTERED,)

    paper: int = key_column("paper.number", ondelete=None)
    destination: int = key_column("destination.number", index=True)
    person: int = link_column("person.number")
    since: datetime = time_column()


# --- subscriptions -----------------------------------------------------------------------------------------------


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


class CounterRow(Row, table=True):
    """A number that grows; whoever raises it holds its row until commit.

    `query` counts changes of queries in use, and is held by whoever changes subscriptions; `paper` counts recorded
    pages, and is held by whoever records one, so that no two tell papers apart at once; `fan_out` is held by whoever
    adds deliveries; `content` counts what readers of feeds and pages may see change.
    """

    __tablename__ = "counter"
    __table_args__ = (CLUSTERED,)

    name: str = text_key()
    value: int = Field(default=0, sa_type=Integer)


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


# --- matches and deliveries --------------------------------------------------------------------------------------


class MatchRow(Row, table=True):
    """Query x paper x occasion, a fact that never changes.

    `quiet` matches (backfill, import, those a new subscription finds in what is already held) owe no delivery and
    count as old for feeds. Every `query` is above 0: only who says so is shown the index by paper, which would lead a
    fan-out astray.
    """

    __tablename__ = "match"
    __table_args__ = (
        partial_index("ix_match_paper", "paper", where="query > 0"),
        partial_index("ix_match_query_seen_at", "query", "seen_at", where="occasion <> 0"),
        CLUSTERED,
    )

    query: int = key_column()
    paper: int = key_column()
    occasion: int = small_column(key=True)
    seen_at: datetime = time_column()
    quiet: bool = False


class DeliveryRow(Row, table=True):
    """Destination x paper x occasion, owed or settled: no text, no surrogate id.

    `settled_at` of an owed one is when a message that carries several was begun, see `Outbox.begin`.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        partial_index("ix_delivery_owed", "destination", "due_at", where="state = 0"),
        partial_index("ix_delivery_dead", "settled_at", where="state = 2"),
        CLUSTERED,
    )

    destination: int = key_column()
    paper: int = key_column()
    occasion: int = small_column(key=True)
    due_at: datetime = time_column()
    state: int = small_column()
    attempts: int = small_column()
    settled_at: datetime | None = time_column(nullable=True)


# --- the service -------------------------------------------------------------------------------------------------


class LeaseRow(Row, table=True):
    """Who holds a singleton, and until when."""

    __tablename__ = "lease"
    __table_args__ = (CLUSTERED,)

    name: str = text_key()
    owner: str = Field(sa_type=PlainText)
    until: datetime = time_column()


class PaceRow(Row, table=True):
    """When the next request to an outside service may go out, and until when it wants to be left alone."""

    __tablename__ = "pace"
    __table_args__ = (CLUSTERED,)

    service: str = text_key()
    next_at: datetime = time_column()
    closed_until: datetime | None = time_column(nullable=True)


class SettingRow(Row, table=True):
    """What must outlive a restart and is no configuration: the feeds' authority, the first start."""

    __tablename__ = "setting"
    __table_args__ = (CLUSTERED,)

    key: str = text_key()
    value: str = Field(sa_type=PlainText)
