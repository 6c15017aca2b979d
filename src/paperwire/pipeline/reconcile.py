"""Beside the first stage: a source is read by its second view, its batches are judged, and watched papers looked up."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from paperwire.core.paper import Event, EventKind
from paperwire.pipeline.batches import Calendar, audit
from paperwire.pipeline.ingest import Collected
from paperwire.ports import Dated, Page, Reconciled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import date

    from paperwire.core.batch import Batch
    from paperwire.core.paper import Paper
    from paperwire.pipeline.ingest import Collector
    from paperwire.ports import Now
    from paperwire.store.unit import Store

PART = "reconcile"
WATCHED = "watched"
"""The parts under which the second view and the watched papers are kept track of."""
OPEN_DAYS = timedelta(days=30)
"""So long an open batch is looked after."""
KEPT_IDS = timedelta(days=60)
"""After so long a batch keeps its counts and its hash alone."""
_AT_ONCE = 200
_LOOKED_UP_AT_ONCE = 100
_PATIENCE = timedelta(hours=2)
_STUBBORN = timedelta(days=3)
_SOON = timedelta(hours=1)
_OFTEN = timedelta(minutes=15)
_A_DAY = timedelta(days=1)
_NO_TIME = timedelta(0)


class Reconciler:
    """Keeps the ledger of one source's batches, and repairs what its first view missed."""

    def __init__(self, collector: Collector, store: Store, *, now: Now) -> None:
        self.name = collector.name
        self._collector = collector
        self._source = collector.source
        self._store = store
        self._now = now
        self._calendar = Calendar(collector.source)

    @staticmethod
    def is_for(collector: Collector) -> bool:
        """Whether there is a ledger to keep for a source."""
        return isinstance(collector.source, Dated)

    async def run(self) -> Collected:
        """Read the second view and look up the watched papers if that is due, then judge the batches."""
        total = Collected()
        if isinstance(self._source, Reconciled):
            total += await self._read_again(self._source)
            total += await self._look_up(self._source)
        await self._judge()
        await self._forget()
        return total

    async def rest(self) -> timedelta:
        """How long until there is something to do."""
        left = [_OFTEN]
        if isinstance(self._source, Reconciled):
            for part in (PART, WATCHED):
                state = await self._collector.state(part)
                left.append(state.next_at - self._now() if state.next_at else _NO_TIME)
        return max(min(left), _NO_TIME)

    async def _read_again(self, source: Reconciled) -> Collected:
        state = await self._collector.state(PART)
        if state.next_at is not None and state.next_at > self._now():
            return Collected()
        held = self._collector.is_announced_in_parts
        found = await self._collector.follow(state, source.reconcile(state.cursor), held=held)
        await self._collector.end_burst([PART])
        if not found.failed:
            # What is still missing of a batch is asked for again before the usual time.
            missing = [batch for batch in await self._judge() if self._is_urgent(batch)]
            next_at = source.next_check(self._now())
            await self._collector.postpone(PART, min(next_at, self._now() + _SOON) if missing else next_at)
        return found

    def _is_urgent(self, batch: Batch) -> bool:
        slot = self._calendar.slot(batch.day)
        return slot is not None and slot.usual_at + _PATIENCE <= self._now() < slot.due_at + _STUBBORN

    async def _look_up(self, source: Reconciled) -> Collected:
        """Once a day, as papers of other classes and changes to a record's journal are in no list that is read."""
        state = await self._collector.state(WATCHED)
        if state.next_at is not None and state.next_at > self._now():
            return Collected()
        found = await self._collector.follow(state, self._watched(source))
        if not found.failed:
            await self._collector.postpone(WATCHED, self._now() + _A_DAY)
        return found

    async def _watched(self, source: Reconciled) -> AsyncIterator[Page]:
        async with self._store.read() as unit:
            stored = await unit.people.watched_papers()
        for start in range(0, len(stored), _LOOKED_UP_AT_ONCE):
            some = stored[start : start + _LOOKED_UP_AT_ONCE]
            papers = await source.lookup_many([paper.id for paper in some])
            events = tuple(
                said for paper in some if (found := papers.get(paper.id)) and (said := self._said(paper, found))
            )
            yield Page(part=WATCHED, events=events, cursor="", view=WATCHED)

    def _said(self, stored: Paper, found: Paper) -> Event:
        """What a paper's present record says beside the stored one."""
        kind = EventKind.CHANGED
        if found.version > stored.version:
            kind = EventKind.WITHDRAWN if found.withdrawn else EventKind.REPLACED
        day = found.updated.date() if found.updated else self._now().date()
        return Event(kind=kind, paper=found, source=self.name, day=None if kind is EventKind.CHANGED else day)

    async def _judge(self) -> Sequence[Batch]:
        """Judge what is open; the batches that stay so."""
        first, last = self._window()
        async with self._store.write() as unit:
            states = [state for state in await unit.sources.all() if state.source == self.name]
            read_at = {state.part: state.ok_at for state in states if state.ok_at is not None}
            return await audit(unit, self._calendar, read_at, first, last)

    def _window(self) -> tuple[date, date]:
        today = self._now().date()
        return today - OPEN_DAYS, today + _A_DAY

    async def _forget(self) -> None:
        async with self._store.write() as unit:
            await unit.papers.take_turn()  # a page entered meanwhile would be overwritten
            await unit.sources.forget_ids(self._now().date() - KEPT_IDS, _AT_ONCE)
