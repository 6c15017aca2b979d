"""How far each source has been read, and what is known of each announcement day."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, case, delete, distinct, func, or_, select, update
from sqlmodel import col

from paperwire.core.days.batch import OPEN_STATES, Batch, BatchState
from paperwire.core.days.doubt import HARMLESS, Why, dump, load
from paperwire.core.days.proof import Tally
from paperwire.ports.sources import LONGEST_BURST, SourceState
from paperwire.store.database.part import Part, rows_among, value_of
from paperwire.store.database.statements import insert_new
from paperwire.store.database.tables.papers import BatchRow, SourceStateRow


class SourceStates(Part):
    """Cursors and batches, inside one transaction."""

    async def get(self, source: str, part: str) -> SourceState:
        """The state of a part; a fresh one if it was never read."""
        key = (col(SourceStateRow.source) == source, col(SourceStateRow.part) == part)
        row = (await self._db.execute(select(SourceStateRow).where(*key))).first()
        return SourceState(source=source, part=part) if row is None else value_of(SourceState, row)

    async def save(self, state: SourceState) -> None:
        """Store the state of a part instead of the one before; once its first reading is done, it stays so."""
        values = asdict(state)
        new = insert_new(self._db, SourceStateRow).values(values)
        done = col(SourceStateRow.first_done) | new.excluded.first_done
        await self._db.execute(
            new.on_conflict_do_update(index_elements=["source", "part"], set_=values | {"first_done": done})
        )

    async def retire(self, source: str, parts: Collection[str]) -> None:
        """Let every other part of a source neither fail nor be due, and forget it if it was never read."""
        others = and_(col(SourceStateRow.source) == source, col(SourceStateRow.part).not_in(parts))
        await self._db.execute(delete(SourceStateRow).where(others, ~col(SourceStateRow.first_done)))
        stale = or_(col(SourceStateRow.failures) > 0, col(SourceStateRow.next_at).is_not(None))
        await self._db.execute(
            update(SourceStateRow).where(others, stale).values(failures=0, error="", next_at=None, held_until=None)
        )

    async def postpone(self, source: str, part: str, until: datetime) -> None:
        """Let a part be read next at `until`, and leave the rest of its state alone."""
        new = insert_new(self._db, SourceStateRow).values(asdict(SourceState(source=source, part=part, next_at=until)))
        await self._db.execute(new.on_conflict_do_update(index_elements=["source", "part"], set_={"next_at": until}))

    async def all(self) -> list[SourceState]:
        """The states of all parts that were ever read, by source and part."""
        order = (col(SourceStateRow.source), col(SourceStateRow.part))
        return [value_of(SourceState, row) for row in await self._db.execute(select(SourceStateRow).order_by(*order))]

    async def delay(self, source: str, part: str) -> None:
        """Keep what this part brought from the matcher until `release`, and LONGEST_BURST at most.

        While a part of the source waits, all that the source brought waits, until the time that was set first.
        """
        waiting = select(col(SourceStateRow.source)).where(is_waiting(self._now))
        this = and_(col(SourceStateRow.source) == source, col(SourceStateRow.part) == part)
        free = update(SourceStateRow).where(this, col(SourceStateRow.source).not_in(waiting))
        await self._db.execute(free.values(held_until=self._now + LONGEST_BURST))

    async def release(self, source: str, parts: Sequence[str]) -> None:
        """Give what these parts brought to the matcher."""
        these = and_(col(SourceStateRow.source) == source, col(SourceStateRow.part).in_(parts))
        await self._db.execute(update(SourceStateRow).where(these).values(held_until=None))

    async def waits_until(self, source: str | None = None) -> datetime | None:
        """When this source, or the first of any, is done waiting; None if nothing waits."""
        soonest = select(func.min(col(SourceStateRow.held_until))).where(is_waiting(self._now))
        if source is not None:
            soonest = soonest.where(col(SourceStateRow.source) == source)
        return (await self._db.execute(soonest)).scalar_one()

    async def save_batches(self, batches: Sequence[Batch]) -> None:
        """Store what is known of these batches instead of what was known before."""
        if not batches:
            return
        new = insert_new(self._db, BatchRow)
        columns = ("state", "new", "crossed", "replaced", "ids_hash", "ids_known", "evidence", "changed_at", "doubts")
        fresh = new.on_conflict_do_update(
            index_elements=["source", "part", "day"], set_={name: new.excluded[name] for name in columns}
        )
        await self._db.execute(fresh, [self._values(batch) for batch in batches])

    def _values(self, batch: Batch) -> dict[str, Any]:
        same = ("source", "part", "day", "new", "crossed", "replaced", "ids_hash", "ids_known")
        return {name: getattr(batch, name) for name in same} | {
            "state": batch.state.value,
            "evidence": batch.evidence(),
            "changed_at": self._now,
            "doubts": dump(batch.doubts),
        }

    async def save_tallies(self, source: str, tallies: Sequence[Tally]) -> None:
        """Store the states of known batches and what is in doubt about them."""
        if not tallies:
            return
        key = [col(BatchRow.part) == bindparam("_part"), col(BatchRow.day) == bindparam("_day")]
        changed = update(BatchRow).where(col(BatchRow.source) == source, *key)
        rows = [
            {"_part": tally.part, "_day": tally.day, "state": tally.state.value, "doubts": dump(tally.doubts)}
            for tally in tallies
        ]
        await self._db.execute(changed.values(changed_at=self._now), rows)

    async def batches(self, since: date) -> list[Batch]:
        """The batches of the days from `since`, latest day first."""
        return await self._batches(select(BatchRow).where(col(BatchRow.day) >= since))

    async def batches_of(self, source: str, parts: Sequence[str], first: date, last: date) -> list[Batch]:
        """Those of some parts of a source and of the days from `first` to `last`, latest day first."""
        return await self._batches(
            select(BatchRow).where(
                col(BatchRow.source) == source,
                col(BatchRow.part).in_(parts),
                col(BatchRow.day).between(first, last),
            )
        )

    async def _batches(self, rows: Select[Any]) -> list[Batch]:
        order = (col(BatchRow.day).desc(), col(BatchRow.source), col(BatchRow.part))
        return [_batch(row) for row in await self._db.execute(rows.order_by(*order))]

    async def tallies(self, source: str, days: Iterable[date]) -> list[Tally]:
        """All batches of some days, without their evidence."""
        count = (col(BatchRow.new) + col(BatchRow.crossed)).label("count")
        rows = select(col(BatchRow.part), col(BatchRow.day), col(BatchRow.state), count, col(BatchRow.doubts))
        its = rows.where(col(BatchRow.source) == source)
        return [_tally(*row) for row in await rows_among(self._db, its, col(BatchRow.day), days)]

    async def batch_counts(self, source: str, since: date) -> dict[date, int]:
        """How many batches are known of each day from `since`, without those of before their first look."""
        its = and_(col(BatchRow.source) == source, col(BatchRow.day) >= since)
        rows = select(col(BatchRow.day), func.count()).where(its, col(BatchRow.state) != BatchState.BACKFILLED.value)
        return {row[0]: row[1] for row in await self._db.execute(rows.group_by(col(BatchRow.day)))}

    async def open_days(self, source: str, since: date) -> set[date]:
        its = and_(col(BatchRow.source) == source, col(BatchRow.day) >= since)
        rows = select(col(BatchRow.day)).distinct().where(its, col(BatchRow.state).in_(_OPEN))
        return set((await self._db.scalars(rows)).all())

    async def doubtful_days(self, since: date) -> list[tuple[str, int, int]]:
        """(source, days with a batch in doubt, days with unusually few papers) of the days from `since`."""
        harmful = or_(*(_has(why) for why in Why if why not in HARMLESS))
        doubtful, thin = (
            func.count(distinct(case((condition, col(BatchRow.day))))) for condition in (harmful, _has(Why.LOW))
        )
        rows = (
            select(col(BatchRow.source), doubtful, thin)
            .where(col(BatchRow.day) >= since)
            .group_by(col(BatchRow.source))
        )
        return [(row[0], row[1], row[2]) for row in await self._db.execute(rows)]

    async def forget_ids(self, before: date, limit: int) -> int:
        """Keep counts and hash alone of some batches of the days before `before`; says how many."""
        old = and_(col(BatchRow.day) < before, col(BatchRow.ids_known).is_(True))
        rows = select(BatchRow).where(old).order_by(col(BatchRow.day)).limit(limit)
        batches = [_batch(row).without_ids() for row in await self._db.execute(rows)]
        await self.save_batches(batches)
        return len(batches)


def is_waiting(now: datetime) -> ColumnElement[bool]:
    """Whether a part of a source waits; a time further off than any that is set means that the clock went back."""
    return and_(col(SourceStateRow.held_until) > now, col(SourceStateRow.held_until) <= now + LONGEST_BURST)


_OPEN = sorted(OPEN_STATES)
_STATES, _DOUBTS = {state.value: state for state in BatchState}, lru_cache(maxsize=10_000)(load)


def _has(why: Why) -> ColumnElement[bool]:
    return col(BatchRow.doubts).contains(f'"{why.value}"')


def _tally(part: str, day: date, state: str, count: int, doubts: str) -> Tally:
    return Tally(part=part, day=day, state=_STATES[state], count=count, doubts=_DOUBTS(doubts) if doubts else ())


def _batch(row: Row[Any]) -> Batch:
    batch = value_of(Batch, row, state=BatchState(row.state), doubts=load(row.doubts))
    return batch.with_evidence(row.evidence)
