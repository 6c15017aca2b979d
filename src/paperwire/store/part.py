"""What every part of a unit of work shares: the open transaction, its instant, and lists in bearable pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import update
from sqlmodel import col

from paperwire.store.tables.service import CounterRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")

CHUNK = 1000
"""So many values go into one IN list: few statements, and far from SQLite's limit of 32,766."""


class Part:
    """A group of questions and orders to the database inside one transaction, which began at `now` (aware, UTC)."""

    def __init__(self, connection: AsyncConnection, now: datetime) -> None:
        self._db = connection
        self._now = now

    async def _changed(self) -> None:
        """Note that readers would see something else now (`Feeds.sequence`); the last order of a transaction."""
        counter = update(CounterRow).where(col(CounterRow.name) == "content")
        await self._db.execute(counter.values(value=col(CounterRow.value) + 1))


def chunks(values: Iterable[T]) -> Iterator[Sequence[T]]:
    """The distinct values, in order of appearance, in pieces that fit an IN list."""
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), CHUNK):
        yield distinct[start : start + CHUNK]
