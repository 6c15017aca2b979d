"""The ledger of batches is judged: which days are complete, which stay open, and which were silent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import structlog

from paperwire.core.days.batch import PROVEN, Batch, BatchState, Slot
from paperwire.core.days.doubt import OF_VIEWS, Doubt, Why
from paperwire.core.days.proof import History, Tally, is_seen, is_shown, judged, silenced
from paperwire.pipeline.days.beginning import Beginning, begin
from paperwire.pipeline.days.calendar import Calendar
from paperwire.store.unit import Unit

_log = structlog.get_logger(__name__)

_WEEK = timedelta(days=7)
_DAYS_AFTER = 14  # days after a silent one among which those are looked for that prove its silence
_WITHOUT_PAPERS = {BatchState.HOLIDAY, BatchState.SILENT}
_WEEKS = 10  # how far back the last eight days of a weekday are looked for, holidays between them included


async def audit(
    unit: Unit, calendar: Calendar, read_at: Mapping[str, datetime], first: date, last: date
) -> list[Tally]:
    """Judge the batches of the days from `first` to `last` that are open, and those not seen yet.

    `read_at` is when each part was last read well. Returns those that stay open.
    """
    await unit.papers.lock()  # or a page entered meanwhile would be overwritten
    await _expect(unit, calendar, await begin(unit, calendar), first, last)
    days = await unit.sources.open_days(calendar.source, first)
    before = [day - number * _WEEK for day in days for number in range(1, _WEEKS + 1)]
    by_day: dict[date, list[Tally]] = {}
    for tally in await unit.sources.tallies(calendar.source, {*days, *before}):
        by_day.setdefault(tally.day, []).append(tally)
    still_open: list[Tally] = []
    for day in sorted(days):
        history = History(
            (tally for number in range(1, _WEEKS + 1) for tally in by_day.get(day - number * _WEEK, ())), day
        )
        still_open += await _audit_day(unit, calendar, by_day[day], history, read_at)
    return still_open


async def _expect(unit: Unit, calendar: Calendar, began: Beginning, first: date, last: date) -> None:
    """Enter the batches that are announced and of which nothing is known."""
    counts = await unit.sources.batch_counts(calendar.source, first)
    for slot in calendar.slots(first, last):
        owed = [part for part in slot.parts if began.owes_part(part, slot.day)]
        if slot.announced_at <= unit.now and counts.get(slot.day, 0) < len(owed):
            known_parts = {tally.part for tally in await unit.sources.tallies(calendar.source, [slot.day])}
            fresh = [Batch(source=calendar.source, part=part, day=slot.day) for part in owed if part not in known_parts]
            await unit.sources.save_batches([batch.weighed(slot, unit.now, owed=True) for batch in fresh])


async def _audit_day(
    unit: Unit, calendar: Calendar, tallies: Sequence[Tally], history: History, read_at: Mapping[str, datetime]
) -> list[Tally]:
    """Judge one day; those of its batches that stay open."""
    slot = calendar.slot(tallies[0].day)
    if slot is None:
        return []
    before = await _weighed(unit, calendar, slot, tallies)
    after = judged(before, slot, history, unit.now, read_at)
    batches = await _newly_proven(unit, calendar, slot, before, after)
    weighed = {batch.part: batch.weighed(slot, unit.now, owed=True) for batch in batches}
    if any(not OF_VIEWS.isdisjoint(doubt.why for doubt in batch.doubts) for batch in weighed.values()):
        before = [_with_doubts(tally, weighed.get(tally.part)) for tally in before]
        after = judged(before, slot, history, unit.now, read_at)
    after = await _silenced(unit, calendar.source, slot, after)
    late = {batch.part for batch in batches if batch.late}
    after = [
        replace(tally, state=BatchState.LATE) if tally.part in late and tally.state is BatchState.COMPLETE else tally
        for tally in after
    ]
    was = {tally.part: tally for tally in tallies}
    await unit.sources.save_tallies(calendar.source, [tally for tally in after if tally != was[tally.part]])
    _warn_of_few(calendar.source, slot.day, before, after)
    return [tally for tally in after if tally.is_open]


async def _newly_proven(
    unit: Unit, calendar: Calendar, slot: Slot, before: Iterable[Tally], after: Iterable[Tally]
) -> Sequence[Batch]:
    """The batches that were judged complete just now, with the evidence to hold that against."""
    proven = {tally.part for tally in after if tally.state is BatchState.COMPLETE}
    proven -= {tally.part for tally in before if tally.state in PROVEN}
    return await unit.sources.batches_of(calendar.source, sorted(proven), slot.day, slot.day) if proven else []


def _with_doubts(tally: Tally, weighed: Batch | None) -> Tally:
    return tally if weighed is None else replace(tally, state=weighed.state, doubts=weighed.doubts)


async def _weighed(unit: Unit, calendar: Calendar, slot: Slot, tallies: Sequence[Tally]) -> Sequence[Tally]:
    """The tallies with what their views leave in doubt, read from the evidence where it isn't given or time changed it.

    Those are batches of an older version, those weighed before any view had to show them, and those of a day on which
    something was announced after all.
    """
    seen = is_seen(tallies)
    parts = [
        tally.part
        for tally in tallies
        if (tally.is_open and (not tally.doubts or _is_no_longer_early(tally, slot, unit.now)))
        or (tally.state in _WITHOUT_PAPERS and seen)
    ]
    if not parts:
        return tallies
    workday = replace(slot, holiday="") if seen else slot
    weighed = {
        batch.part: replace(batch, state=BatchState.EXPECTED).weighed(workday, unit.now, owed=True)
        for batch in await unit.sources.batches_of(calendar.source, parts, slot.day, slot.day)
    }
    return [_with_doubts(tally, weighed.get(tally.part)) for tally in tallies]


async def _silenced(unit: Unit, source: str, slot: Slot, tallies: list[Tally]) -> list[Tally]:
    """The tallies of a day, silent where what came later proves that nothing was announced."""
    if is_shown(tallies) or unit.now < slot.due_at or not any(tally.is_open for tally in tallies):
        return tallies
    after = [slot.day + timedelta(days=number) for number in range(1, _DAYS_AFTER + 1)]
    by_day: dict[date, list[Tally]] = {}
    for tally in await unit.sources.tallies(source, after):
        by_day.setdefault(tally.day, []).append(tally)
    return silenced(tallies, slot, unit.now, by_day.values())


def _is_no_longer_early(tally: Tally, slot: Slot, now: datetime) -> bool:
    return now >= slot.usual_at and any(doubt.why is Why.EARLY for doubt in tally.doubts)


def _warn_of_few(source: str, day: date, before: Iterable[Tally], after: Iterable[Tally]) -> None:
    """One line in the log when a day turns out to have unusually few papers."""
    few_before = {tally.part for tally in before if _few(tally)}
    few_now = {tally.part: few for tally in after if tally.part not in few_before and (few := _few(tally))}
    if not few_now:
        return
    few = next((few for few in few_now.values() if few.whole), None)
    about = {"papers": few.count, "usual": few.usual} if few else {"categories": sorted(few_now)}
    _log.warning("unusually few papers", source=source, day=str(day), **about)


def _few(tally: Tally) -> Doubt | None:
    return next((doubt for doubt in tally.doubts if doubt.why is Why.LOW), None)
