"""What all tables share: their catalogue, the types of their columns and indexes, and the codes that stand in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import IntEnum, IntFlag
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Dialect, ForeignKey, Index, Integer, MetaData, SmallInteger, Text, text
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from paperwire.core.papers.paper import BECOMES_KNOWN


class EventCode(IntEnum):
    """What a source said, as stored; from `PUBLISHED` on what the store itself saw change in a paper's record.

    `CHANGED` is on the matcher's queue alone, `REWORDED` in feeds: neither is reported as such.
    """

    NEW = 1
    CROSS = 2
    REPLACED = 3
    WITHDRAWN = 4
    LISTED = 5
    SCORE = 6
    PUBLISHED = 7
    CODE = 8
    REWORDED = 9
    ACCEPTED = 10
    CHANGED = 11
    RETRACTED = 20
    CORRECTED = 21


ARRIVAL_CODES = (EventCode.NEW, EventCode.CROSS, EventCode.LISTED)
"""`core.papers.paper.ARRIVALS` as stored."""


class State(IntEnum):
    """Where a delivery stands: owed, or settled in one of the other ways.

    `GIVEN_UP` was refused, `UNKNOWN` was sent several times without an answer and may have arrived, `DROPPED` is what
    an operator took away, `COUNTED` is only in the number of a line (`pipeline/weekly_limit.py`).
    """

    OWED = 0
    SENT = 1
    GIVEN_UP = 2
    UNKNOWN = 3
    DROPPED = 4
    COUNTED = 5


class Want(IntFlag):
    """Which occasions a subscription asks for, as bits."""

    ARRIVAL = 1
    VERSIONS = 2
    WITHDRAWN = 4


WANTED = {
    "version": Want.VERSIONS,
    "withdrawn": Want.WITHDRAWN,
    **dict.fromkeys(("arrival", *BECOMES_KNOWN), Want.ARRIVAL),
}
"""Which bit of a subscription's occasions asks for an occasion; a trending query asks for its own by being one."""

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


CLUSTERED = {"sqlite_with_rowid": False}
NEVER_REUSED = {"sqlite_autoincrement": True}  # links, buttons and work in flight may still hold a deleted number

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class UTCDateTime(TypeDecorator[datetime]):
    """An aware instant, kept as whole microseconds since 1970 UTC in both databases (8 bytes, ordered, exact).

    Refuses naive values with ValueError and always gives aware UTC back.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 -- SQLAlchemy's signature
        """Turn an aware instant into microseconds; raises ValueError for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- the same
        """Turn microseconds into an aware UTC instant."""
        return None if value is None else _EPOCH + value * _MICROSECOND


def microseconds(at: datetime | None) -> int | None:
    """An aware instant as a column of UTCDateTime keeps it."""
    return None if at is None else (at - _EPOCH) // _MICROSECOND


class PlainText(TypeDecorator[str]):
    """Text that both databases take: NUL characters are dropped, lone surrogates become question marks."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 -- the same
        """Clean the text if it needs it."""
        return value if value is None or (value.isascii() and "\0" not in value) else storable(value)


def storable(value: str) -> str:
    """The text without what PostgreSQL (NUL) or UTF-8 (lone surrogates) refuse."""
    return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def number_column() -> Any:
    """The number of a row, given by the database."""
    return Field(default=None, sa_type=Integer, primary_key=True)


def text_key() -> Any:
    return Field(sa_column=Column(PlainText, primary_key=True, nullable=False))


def key_column(target: str = "", *, ondelete: str | None = "CASCADE", index: bool = False) -> Any:
    """A part of a clustered integer key; with `target`, deleted along with what it points to."""
    links = [ForeignKey(target, ondelete=ondelete)] if target else []
    return Field(sa_column=Column(Integer, *links, primary_key=True, autoincrement=False, nullable=False, index=index))


def link_column(target: str, *, nullable: bool = False, index: bool = True, ondelete: str = "CASCADE") -> Any:
    """A foreign key; unless `ondelete` says otherwise its rows go when their target goes."""
    link = ForeignKey(target, ondelete=ondelete)
    return Field(default=None, sa_column=Column(Integer, link, nullable=nullable, index=index))


def time_column(*, nullable: bool = False, key: bool = False) -> Any:
    """An instant; with `key` a part of the key."""
    return Field(default=None, sa_column=Column(UTCDateTime, nullable=nullable, primary_key=key))


def small_column(default: int = 0, *, key: bool = False) -> Any:
    """A small integer; with `key` a part of the key."""
    column = Column(
        SmallInteger, nullable=False, primary_key=key, autoincrement=False, default=None if key else default
    )
    return Field(default=default, sa_column=column)


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index of the rows for which `where` holds, alike on both databases."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))
