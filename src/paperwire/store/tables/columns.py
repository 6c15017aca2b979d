"""The kinds of columns and indices that tables are made of."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Integer, SmallInteger, text
from sqlmodel import Field

from paperwire.store.engine import PlainText, UTCDateTime

CLUSTERED = {"sqlite_with_rowid": False}
NEVER_REUSED = {"sqlite_autoincrement": True}  # links, buttons and work in flight may still hold a deleted number


def number_column() -> Any:
    """The number of a row, given by the database."""
    return Field(default=None, sa_type=Integer, primary_key=True)


def text_key() -> Any:
    """A part of a clustered key that is text."""
    return Field(sa_column=Column(PlainText, primary_key=True, nullable=False))


def key_column(target: str = "", *, ondelete: str | None = "CASCADE", index: bool = False) -> Any:
    """A part of a clustered integer key; with `target`, deleted along with what it points to."""
    links = [ForeignKey(target, ondelete=ondelete)] if target else []
    return Field(sa_column=Column(Integer, *links, primary_key=True, autoincrement=False, nullable=False, index=index))


def link_column(target: str, *, nullable: bool = False, index: bool = True, ondelete: str = "CASCADE") -> Any:
    """A foreign key whose rows go when their target goes."""
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
