"""Reads a source by its second view, judges its batches and looks up watched papers; runs next to the first stage."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog

from paperwire.core.days.doubt import Why
from paperwire.core.days.proof import Tally
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.errors import StoreError
from paperwire.pipeline.days import first_look
from paperwire.pipeline.days.audit import audit
from paperwire.pipeline.days.calendar import Calendar
from paperwire.pipeline.details import PART as DETAILS
from paperwire.pipeline.ingest import Collected, Collector, keep
from paperwire.pipeline.times import next_time
from paperwire.ports.options import Now
from paperwire.ports.sources import Page, Reconciled, SourceState
from paperwire.store.unit import Store, Unit

_log = structlog.get_logger(__name__)

PART, THIRD_PART, WATCHED = "reconcile", "third", "watched"
"""The parts under which the second and the third view and the watched papers are kept track of."""
EXTRA_PARTS = frozenset({PART, THIRD_PART, WATCHED, DETAILS})
"""Those parts, which are none of the source's own and may have nothing to read."""
OPEN_DAYS = timedelta(days=30)
"""How long an open batch is looked after."""
KEPT_IDS = timedelta(days=60)
"""Age after which a batch keeps its counts and its hash alone."""
_DAYS_PER_DELETION = 200
_PAPERS_PER_LOOKUP = 100
_LISTING_DELAY, _SECOND_VIEW_DELAY = timedelta(minutes=30), timedelta(hours=2)
_STUBBORN = timedelta(days=3)
_OVERLAP = timedelta(days=8)
"""How far back the second view is read again for what it has late: a week, and two usual readings after it."""
_MISSING_INTERVAL = timedelta(hours=1)
_LONGEST_PAUSE = timedelta(minutes=15)
_A_DAY = timedelta(days=1)
_LONGEST_REST = timedelta(days=4)
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

    async def run(self) -> Collected:
        """Read the second view and look up the watched papers if that is due, then judge the batches."""
        total = Collected()
        open_now = await self._judge()
        if isinstance(self._source, Reconciled):
            state = await self._collector.state(PART)
            if not self._is_later(state):
                total += await self._read_again(self._source, state, open_now)
                open_now = await self._judge()
                if not total.failed:
                    await self._set_next(self._source, open_now)
            total += await self._look_up(self._source)
            if await self._ask_third(self._source, open_now):
                await self._judge()
        await self._forget()
        return total

    async def rest(self) -> timedelta:
        """How long until there is something to do."""
        left = [_LONGEST_PAUSE]
        if isinstance(self._source, Reconciled):
            for part in (PART, WATCHED):
                state = await self._collector.state(part)
                left.append(state.next_at - self._now() if state.next_at else _NO_TIME)
        return max(min(left), _NO_TIME)

    async def _read_again(self, source: Reconciled, state: SourceState, open_now: Sequence[Tally]) -> Collected:
        # In between only for what may still come: the days before were read at the usual time.
        is_usual = state.ok_at is None or next_time(source.checks(), state.ok_at) <= self._now()
        is_wanted = self._is_worth_reading if is_usual else self._is_urgent
        unproven = min((tally.day for tally in open_now if is_wanted(tally)), default=None)
        pages = source.reconcile(state.cursor, unproven=unproven, stored=self._stored)
        return await self._collector.follow(state, self._split_off(pages))

    async def _split_off(self, pages: AsyncIterator[Page]) -> AsyncIterator[Page]:
        """The pages, with what was announced after the first look on the same day apart, as news."""
        async for page in pages:
            if not (page.quiet and page.first_look):
                yield page
                continue
            async with self._store.read() as unit:
                news = await first_look.announced_since(unit, self._calendar, page)
            for part in first_look.split_off(page, news):
                yield part

    async def _set_next(self, source: Reconciled, open_now: Sequence[Tally]) -> None:
        """What is still missing of a batch is asked for again before the usual time."""
        next_at = next_time(source.checks(), self._now())
        is_missing = any(self._is_urgent(tally) for tally in open_now)
        await self._collector.postpone(PART, min(next_at, self._now() + _MISSING_INTERVAL) if is_missing else next_at)

    async def _stored(self, ids: Sequence[str]) -> frozenset[str]:
        async with self._store.read() as unit:
            return await unit.papers.stored(ids)

    def _is_later(self, state: SourceState) -> bool:
        """Whether a part is due later; further ahead than it is ever set, it was set by a clock that was wrong."""
        return state.next_at is not None and timedelta(0) < state.next_at - self._now() <= _LONGEST_REST

    def _is_worth_reading(self, tally: Tally) -> bool:
        """Whether the second view may still add to a batch: not once only a feed lacks it that is long gone."""
        slot = self._calendar.slot(tally.day)
        if slot is None or not tally.is_unproven:
            return False
        is_over = self._now() >= slot.due_at + _OVERLAP
        return not is_over or any(not doubt.is_harmless and doubt.views != slot.views[:1] for doubt in tally.doubts)

    def _is_urgent(self, tally: Tally) -> bool:
        """Whether a batch is asked for again soon, which no longer helps where only a feed lacks it that is gone."""
        slot, now = self._calendar.slot(tally.day), self._now()
        if slot is None or not slot.usual_at + _SECOND_VIEW_DELAY <= now < slot.due_at + _STUBBORN:
            return False
        is_gone = now >= slot.due_at
        return any(not (doubt.is_harmless or (is_gone and doubt.views == slot.views[:1])) for doubt in tally.doubts)

    async def _ask_third(self, source: Reconciled, open_now: Sequence[Tally]) -> bool:
        """Ask the third view about categories whose other two disagree, each once an hour; whether it was asked.

        It often has no answer, which is no failure of the source. The category that it ended at comes last
        next time.
        """
        disputed = {tally.part for tally in open_now if self._is_disputed(tally)}
        if not disputed:
            return False
        async with self._store.write() as unit:
            due = await _take_due(unit, self.name, disputed)
        if not due:
            return False
        state = replace(await self._collector.state(THIRD_PART), tried_at=self._now())
        left = list(due)
        try:
            async for page in source.third_view(due):
                await keep(self._store, page, state, self._calendar)
                shown = {listing.part for listing in page.listings}
                left = [part for part in left if part not in shown]
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 -- the day is judged without it
            async with self._store.write() as unit:
                await _put_off(unit, self.name, (left or due)[0])
            _log.info("third view not read", source=self.name, categories=due, problem=str(error))
        return True

    def _is_disputed(self, tally: Tally) -> bool:
        """Whether a batch that a third view may still show is in dispute: one view has it, the other has not."""
        slot, now = self._calendar.slot(tally.day), self._now()
        if slot is None or not slot.usual_at + _LISTING_DELAY <= now < slot.due_at + _SECOND_VIEW_DELAY:
            return False
        whys = [doubt.why for doubt in tally.doubts]
        if Why.STALE in whys or Why.CUT in whys:
            return True
        return now >= slot.usual_at + _SECOND_VIEW_DELAY and (Why.DIFFER in whys or whys.count(Why.LACKS) == 1)

    async def _look_up(self, source: Reconciled) -> Collected:
        """Once a day, as papers of other categories and changes to a record's journal are in no list that is read."""
        state = await self._collector.state(WATCHED)
        if self._is_later(state):
            return Collected()
        looked_up = await self._collector.follow(state, self._watched(source))
        if not looked_up.failed:
            await self._collector.postpone(WATCHED, self._now() + _A_DAY)
        return looked_up

    async def _watched(self, source: Reconciled) -> AsyncIterator[Page]:
        async with self._store.read() as unit:
            stored = await unit.people.watched_papers()
        for start in range(0, len(stored), _PAPERS_PER_LOOKUP):
            chunk = stored[start : start + _PAPERS_PER_LOOKUP]
            papers = await source.lookup_many([paper.id for paper in chunk])
            events = tuple(
                event for paper in chunk if (record := papers.get(paper.id)) and (event := self._said(paper, record))
            )
            yield Page(part=WATCHED, events=events, cursor="", view=WATCHED)

    def _said(self, stored: Paper, record: Paper) -> Event:
        """What a paper's present record says compared with the stored one."""
        kind = EventKind.CHANGED
        if record.version > stored.version:
            kind = EventKind.WITHDRAWN if record.withdrawn else EventKind.REPLACED
        day = record.updated.date() if record.updated else self._now().date()
        return Event(kind=kind, paper=record, source=self.name, day=None if kind is EventKind.CHANGED else day)

    async def _judge(self) -> Sequence[Tally]:
        """Judge what is open; the batches that stay so."""
        today = self._now().date()
        async with self._store.write() as unit:
            states = [state for state in await unit.sources.all() if state.source == self.name]
            read_at = {state.part: state.ok_at for state in states if state.ok_at is not None}
            return await audit(unit, self._calendar, read_at, today - OPEN_DAYS, today + _A_DAY)

    async def _forget(self) -> None:
        async with self._store.write() as unit:
            await unit.papers.lock()  # a page entered meanwhile would be overwritten
            await unit.sources.forget_ids(self._now().date() - KEPT_IDS, _DAYS_PER_DELETION)


_APART = timedelta(hours=1)
_CATEGORIES_PER_LOOK = 20  # in one go: at 15 s each that is five minutes
_SET_BACK = timedelta(minutes=1)
_NEVER = datetime.min.replace(tzinfo=UTC)


async def _take_due(unit: Unit, source: str, categories: Iterable[str]) -> list[str]:
    """Those of these categories that may be asked about now, the longest unasked first, and are asked about now."""
    times_asked = await _asked(unit, source)
    # A time further ahead than any that is set means that the clock went back.
    due = [name for name in categories if abs(unit.now - times_asked.get(name, _NEVER)) >= _APART]
    due = sorted(due, key=lambda name: (times_asked.get(name, _NEVER), name))[:_CATEGORIES_PER_LOOK]
    if due:
        recent = {name: at for name, at in times_asked.items() if abs(unit.now - at) < 2 * _APART}
        await _keep(unit, source, recent | dict.fromkeys(due, unit.now))
    return due


async def _put_off(unit: Unit, source: str, category: str) -> None:
    """Let a category come after the others next time, as its list could not be read and may keep them waiting."""
    await _keep(unit, source, await _asked(unit, source) | {category: unit.now + _SET_BACK})


async def _asked(unit: Unit, source: str) -> dict[str, datetime]:
    """When each category was last asked about, locked until commit."""
    stored = await unit.settings.ensure_locked(_key(source), "{}")
    return {name: datetime.fromisoformat(at) for name, at in json.loads(stored).items()}


async def _keep(unit: Unit, source: str, times_asked: Mapping[str, datetime]) -> None:
    times = {name: at.isoformat() for name, at in times_asked.items()}
    await unit.settings.put(_key(source), json.dumps(times, separators=(",", ":")))


def _key(source: str) -> str:
    return f"lists of {source} asked for"
