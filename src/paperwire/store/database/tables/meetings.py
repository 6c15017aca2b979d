"""Meetings of shared places: when they are, which papers are on their agendas, who presents them, and reminders."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Column, Index, Integer, false
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
    time_column,
)


class AgendaRow(Row, table=True):
    """How often a place meets, by the clock of `zone`, for how many `minutes`, over how many `papers`.

    `cadence` is empty where no meeting follows the one that is set. `generation` is part of its calendar's address.
    """

    __tablename__ = "agenda"
    __table_args__ = (CLUSTERED,)

    destination: int = key_column("destination.number")
    cadence: str = Field(sa_type=PlainText)
    zone: str = Field(sa_type=PlainText)
    papers: int = small_column()
    minutes: int = small_column()
    generation: int = Field(default=1, sa_type=Integer)


class MeetingRow(Row, table=True):
    """One meeting of a place, which has one for each `slot_at`; moved to another time it keeps its slot.

    Its papers are fixed from `frozen_at` on, and `notes` are what its people keep of it. `uid` and `sequence` are a
    calendar's: each change raises the latter.
    """

    __tablename__ = "meeting"
    __table_args__ = (
        Index("uq_meeting_destination_slot_at", "destination", "slot_at", unique=True),
        NEVER_REUSED,
    )

    number: int = number_column()
    destination: int = link_column("destination.number", index=False)
    slot_at: datetime = time_column()
    begins_at: datetime = time_column()
    ends_at: datetime = time_column()
    zone: str = Field(sa_type=PlainText)
    uid: str = Field(sa_type=PlainText)
    sequence: int = Field(default=0, sa_type=Integer)
    changed_at: datetime = time_column()
    frozen_at: datetime | None = time_column(nullable=True)
    cancelled_at: datetime | None = time_column(nullable=True)
    notes: str = Field(default="", sa_column=Column(PlainText, nullable=False, server_default=""))


class TalkRow(Row, table=True):
    """A paper on the agenda of a meeting, the `ordinal`-th, with its votes then; `presenter` is NULL: no one yet.

    With `in_private` its presenter is also reminded in their private chat.
    """

    __tablename__ = "talk"
    __table_args__ = (CLUSTERED,)

    meeting: int = key_column("meeting.number")
    paper: int = key_column("paper.number", ondelete=None, index=True)
    ordinal: int = small_column()
    votes: int = Field(default=0, sa_type=Integer)
    presenter: int | None = link_column("person.number", nullable=True, ondelete="SET NULL")
    in_private: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))


class ReminderRow(Row, table=True):
    """What a place is due for a meeting: `kind` is a `core.meetings.meeting.ReminderKind`; settled, nothing more comes.

    `attempts` counts sends that failed by themselves or got no answer. `destination` is the place whose meeting it is,
    or the private chat of someone who presents there.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        partial_index("ix_reminder_open", "destination", "due_at", where="settled_at IS NULL"),
        CLUSTERED,
    )

    meeting: int = key_column("meeting.number")
    kind: int = small_column(key=True)
    destination: int = key_column("destination.number", index=True)
    due_at: datetime = time_column()
    settled_at: datetime | None = time_column(nullable=True)
    attempts: int = small_column()
