"""What the service itself keeps: counters, leases, the pace of requests, states of channels, and settings."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer
from sqlmodel import Field

from paperwire.store.database.tables.base import CLUSTERED, PlainText, Row, text_key, time_column


class CounterRow(Row, table=True):
    """A number that grows; the transaction that raises it locks its row until commit.

    `query` counts changes of queries in use, and is locked by a change of subscriptions; `paper` counts recorded
    pages, and is locked by the recording of one, so that no two identify papers at once; `fan_out` is locked by what
    adds deliveries; `opt_in` by what adds a request to confirm an address; `place` counts places that became one
    with another; `content` counts what readers of feeds and pages may see change, `wanted` what may change what comes.
    For the order in which they are taken see `store/database/locks.py`.
    """

    __tablename__ = "counter"
    __table_args__ = (CLUSTERED,)

    name: str = text_key()
    value: int = Field(default=0, sa_type=Integer)


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


class ChannelStateRow(Row, table=True):
    """The state of a channel in one process, as that process reported it at `at`."""

    __tablename__ = "channel_state"
    __table_args__ = (CLUSTERED,)

    channel: str = text_key()
    owner: str = text_key()
    state: str = Field(sa_type=PlainText)
    at: datetime = time_column()


class SettingRow(Row, table=True):
    """What must outlive a restart and is no configuration: the feeds' authority, the first start."""

    __tablename__ = "setting"
    __table_args__ = (CLUSTERED,)

    key: str = text_key()
    value: str = Field(sa_type=PlainText)
