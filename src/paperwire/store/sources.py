"""How far each source has been read, and what is known of each announcement day."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlmodel import col

from paperwire.store.engine import insert_new
from paperwire.store.part import Part
from paperwire.store.tables import BatchRow, SourceStateRow

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """One part of a source: its cursor (the source's own text), when it is read next, and how it fares.

    `failures` counts readings in a row that failed, `error` says why the last did; `first_done` tells that one
    reading has succeeded.
    """

    source: str
    part: str
    cursor: str = ""
    next_at: datetime | None = None
    failures: int = 0
    ok_at: datetime | None = None
    error: str = ""
    first_done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One announcement day of one part (class) of a source.

    `state` is `expected`, `partial`, `complete`, `holiday`, `late` or `failed`; `ids_hash` tells two sets of ids apart
    and `evidence` is what the state rests on, as JSON.
    """

    source: str
    part: str
    day: date
    state: str
    new: int = 0
    crossed: int = 0
    replaced: int = 0
    ids_hash: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)


class SourceStates(Part):
    """Cursors and batches, inside one transaction."""

    async def get(self, source: str, part: str) -> SourceState:
        """The state of a part; a fresh one if it was never read."""
        key = (col(SourceStateRow.source) == source, col(SourceStateRow.part) == part)
        row = (await self._db.execute(select(SourceStateRow).where(*key))).first()
        return SourceState(source=source, part=part) if row is None else _state(row)

    async def save(self, state: SourceState) -> None:
        """Store the state of a part instead of the one before."""
        values = asdict(state)
        new = insert_new(self._db, SourceStateRow).values(values)
        await self._db.execute(new.on_conflict_do_update(index_elements=["source", "part"], set_=values))

    async def all(self) -> list[SourceState]:
        """The states of all parts that were ever read, by source and part."""
        order = (col(SourceStateRow.source), col(SourceStateRow.part))
        return [_state(row) for row in await self._db.execute(select(SourceStateRow).order_by(*order))]

    async def save_batch(self, batch: Batch) -> None:
        """Store what is known of a batch instead of what was known before."""
        values = asdict(batch) | {"changed_at": self._now}
        new = insert_new(self._db, BatchRow).values(values)
        await self._db.execute(new.on_conflict_do_update(index_elements=["source", "part", "day"], set_=values))

    async def batches(self, since: date) -> list[Batch]:
        """The batches of the days from `since`, latest day first."""
        rows = select(BatchRow).where(col(BatchRow.day) >= since)
        order = (col(BatchRow.day).desc(), col(BatchRow.source), col(BatchRow.part))
        return [_batch(row) for row in await self._db.execute(rows.order_by(*order))]


def _state(row: Row[Any]) -> SourceState:
    return SourceState(**dict(row._mapping))  # noqa: SLF001 -- SQLAlchemy's public name for a row as a mapping


def _batch(row: Row[Any]) -> Batch:
    columns = dict(row._mapping)  # noqa: SLF001 -- the same
    del columns["changed_at"]
    return Batch(**columns)
