"""People, their accounts, the places they are reached at, and what they keep, watch and mute."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, false, true
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


class PersonRow(Row, table=True):
    """Someone who uses the service.

    `locale` is the language that a platform or browser of theirs reported last, `language` the one they chose; empty
    for none.
    """

    __tablename__ = "person"
    __table_args__ = (NEVER_REUSED,)

    number: int = number_column()
    name: str = Field(sa_type=PlainText)
    locale: str = Field(sa_type=PlainText)
    zone: str = Field(sa_type=PlainText)
    created_at: datetime = time_column()
    language: str = Field(default="", sa_column=Column(PlainText, nullable=False, server_default=""))


class AccountRow(Row, table=True):
    """Who a person is on a channel; `unnamed` is read no more."""

    __tablename__ = "account"
    __table_args__ = (partial_index("ix_account_unnamed", "channel", where="unnamed"), CLUSTERED)

    channel: str = text_key()
    user_id: str = text_key()
    person: int = link_column("person.number")
    unnamed: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))


class DestinationRow(Row, table=True):
    """One place on one channel, and its turn in the outbox.

    A claim needs `next_due_at` past, and `leased_until` past or NULL. `next_due_at` is the earliest `due_at` it owes
    or `hold_until`, whichever is later; NULL when it owes nothing or is paused. `hold_until` is back-off, a rate limit
    or the end of quiet hours; `failures` counts attempts in a row that failed. Until `asked_until` the platform itself
    wants the place left alone, and no change of settings shortens that. `last_message` is the platform's id of
    the last message delivered there. A digest waits for `digest_min` papers, lists `digest_max` at most (0: all), and
    is sent without any if `digest_empty`; with `digest_sections` papers stand under their subscriptions. `community` is
    the address of what the place belongs to, empty for nothing that we know of; `list` is the number of the list of all
    its places, NULL while that is the place's own. `threads` is a word of `StoredPlace.threads`. Its subscriptions were
    looked at last at `checked_up_at` for the monthly note, which it gets unless `checkups_off`. `language` is the one
    chosen for a shared place, `server_locale` what its server reports; empty for none.
    """

    __tablename__ = "destination"
    __table_args__ = (
        Index("uq_destination_channel_address", "channel", "address", unique=True),
        Index("ix_destination_channel_community", "channel", "community"),
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
    asked_until: datetime | None = time_column(nullable=True)
    digest_min: int = small_column(1)
    digest_max: int = small_column()
    digest_empty: bool = False
    community: str = Field(default="", sa_column=Column(PlainText, nullable=False, server_default=""))
    list: int | None = Field(default=None, sa_type=Integer)
    threads: str = Field(default="", sa_column=Column(PlainText, nullable=False, server_default=""))
    digest_sections: bool = Field(default=True, sa_column=Column(Boolean, nullable=False, server_default=true()))
    checked_up_at: datetime | None = time_column(nullable=True)
    checkups_off: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    language: str = Field(default="", sa_column=Column(PlainText, nullable=False, server_default=""))
    server_locale: str = Field(default="", sa_column=Column(PlainText, nullable=False, server_default=""))


class MuteRow(Row, table=True):
    """What a place does not want to hear of: an author, a category or one subscription.

    `value` is folded, `shown` as it was written; empty in rows from before it was kept.
    """

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
    shown: str = Field(default="", sa_column=Column(PlainText, nullable=False, server_default=""))
    created_at: datetime = time_column()


class SavedRow(Row, table=True):
    """A paper a person keeps."""

    __tablename__ = "saved"
    __table_args__ = (CLUSTERED,)

    person: int = key_column("person.number")
    paper: int = key_column("paper.number", ondelete=None, index=True)
    saved_at: datetime = time_column()


class LibraryRow(Row, table=True):
    """A library of references that is read daily into a person's saved papers.

    `name` is its service's (`users/123`), `sealed` its key as `pipeline/libraries.py` encrypts it; empty once the
    service refused it, until the person was notified. `version` is how far it was read.
    """

    __tablename__ = "library"
    __table_args__ = (Index("ix_library_next_at", "next_at"), CLUSTERED)

    person: int = key_column("person.number")
    name: str = text_key()
    sealed: str = Field(sa_type=PlainText)
    version: int = Field(sa_type=BigInteger)
    failures: int = small_column()
    added_at: datetime = time_column()
    read_at: datetime | None = time_column(nullable=True)
    next_at: datetime = time_column()


class LookupRow(Row, table=True):
    """A paper of an imported library, by its id, that sources are still to be asked for; then it is the person's.

    It is deleted once they were asked. Until `next_at` it is left to the process that asks them now.
    """

    __tablename__ = "lookup"
    __table_args__ = (Index("ix_lookup_next_at", "next_at"), CLUSTERED)

    person: int = key_column("person.number")
    paper: str = text_key()
    added_at: datetime = time_column()
    next_at: datetime = time_column()


class WatchRow(Row, table=True):
    """A paper a place follows: its new versions, withdrawal, DOI and code; `person` asked for it (NULL: anonymous)."""

    __tablename__ = "watch"
    __table_args__ = (CLUSTERED,)

    paper: int = key_column("paper.number", ondelete=None)
    destination: int = key_column("destination.number", index=True)
    person: int | None = link_column("person.number", nullable=True, ondelete="SET NULL")
    since: datetime = time_column()


class DepartureRow(Row, table=True):
    """What a reader ended by the link in a message: a subscription's way to a place, or for 0 the place itself.

    `paused` is what the place itself was before. Kept for a week, so that it can be brought back.
    """

    __tablename__ = "departure"
    __table_args__ = (Index("ix_departure_left_at", "left_at"), CLUSTERED)

    destination: int = key_column("destination.number")
    subscription: int = key_column()
    left_at: datetime = time_column()
    paused: str = Field(default="", sa_type=PlainText)


class OptInRow(Row, table=True):
    """A request to send papers to an address, for its reader to confirm; kept for some days.

    `address` is empty where the query waits for a person to open a link into a chat. `client` is a digest of who asked,
    `person` whose account did (NULL: a visitor of the pages), `wanted` what for. Of someone who was forgotten
    `wanted` is empty: the request only counts.
    """

    __tablename__ = "opt_in"
    __table_args__ = (Index("ix_opt_in_created_at", "created_at"), NEVER_REUSED)

    number: int = number_column()
    channel: str = Field(sa_type=PlainText)
    address: str = Field(sa_type=PlainText)
    client: str = Field(sa_type=PlainText)
    person: int | None = link_column("person.number", nullable=True)
    locale: str = Field(sa_type=PlainText)
    wanted: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    created_at: datetime = time_column()
    used_at: datetime | None = time_column(nullable=True)


class SignInRow(Row, table=True):
    """A link that signs someone in, or a request for one that led to no one (`person` NULL); kept for a day.

    `token` is the SHA-256 of what stands in the link. `channel` and `user_id` are the account it was sent to (empty:
    no one's). `wanted_for` and `client` are digests of where it was to go and of who asked, for the limits.
    """

    __tablename__ = "sign_in"
    __table_args__ = (Index("ix_sign_in_created_at", "created_at"), CLUSTERED)

    token: str = text_key()
    person: int | None = link_column("person.number", nullable=True)
    channel: str = Field(sa_type=PlainText)
    user_id: str = Field(sa_type=PlainText)
    wanted_for: str = Field(sa_type=PlainText)
    client: str = Field(sa_type=PlainText)
    created_at: datetime = time_column()
    used_at: datetime | None = time_column(nullable=True)


class SessionRow(Row, table=True):
    """A browser in which someone is signed in; `token` is the SHA-256 of what its cookie holds.

    `channel` and `user_id` are the account whose link it signed in with.
    """

    __tablename__ = "session"
    __table_args__ = (CLUSTERED,)

    token: str = text_key()
    person: int = link_column("person.number")
    channel: str = Field(sa_type=PlainText)
    user_id: str = Field(sa_type=PlainText)
    created_at: datetime = time_column()
    expires_at: datetime = time_column()


class KeptTextRow(Row, table=True):
    """A text that a button has room only for the `key` of, and the account whose request made the button."""

    __tablename__ = "kept_text"
    __table_args__ = (CLUSTERED,)

    key: str = text_key()
    channel: str = text_key()
    user_id: str = text_key()
    text: str = Field(sa_type=PlainText)
    at: datetime = time_column()


class OpenQuestionRow(Row, table=True):
    """What a chat asked an account at an address, whose next message there answers it; one at a time."""

    __tablename__ = "open_question"
    __table_args__ = (CLUSTERED,)

    channel: str = text_key()
    user_id: str = text_key()
    address: str = text_key()
    question: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    at: datetime = time_column()
