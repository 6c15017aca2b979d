"""What the parts of a unit of work share: the open transaction, its instant, and lists in pieces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar, TypeVarTuple

from sqlalchemy import ColumnElement, Row, Select, SQLColumnExpression, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

CHUNK = 1000
"""Values in one IN list: few statements, and far from SQLite's limit of 32,766."""


class Transaction(Protocol):
    """What a unit of work is to functions that need no part of it."""

    connection: AsyncConnection
    now: datetime


class Part:
    """A group of questions and orders to the database inside one transaction, which began at `now` (aware, UTC)."""

    def __init__(self, connection: AsyncConnection, now: datetime) -> None:
        self._db = connection
        self._now = now


def chunks(values: Iterable[T]) -> Iterator[Sequence[T]]:
    """The distinct values, in order of appearance, in pieces that fit an IN list."""
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), CHUNK):
        yield distinct[start : start + CHUNK]


async def rows_among(
    db: AsyncConnection, statement: Select[*Ts], column: SQLColumnExpression[Any], values: Iterable[Any]
) -> list[Row[*Ts]]:
    """The rows of a statement in which a column has one of these values, however many they are."""
    return [row for piece in chunks(values) for row in await db.execute(statement.where(column.in_(piece)))]


async def count_rows(db: AsyncConnection, table: type[SQLModel], *which: ColumnElement[bool]) -> int:
    """How many rows of a table meet these conditions."""
    return (await db.execute(select(func.count()).select_from(table).where(*which))).scalar_one()
