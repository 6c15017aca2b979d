"""The ledger of batches: each page is entered in it, and what it brings late is separated from what is on time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import structlog

from paperwire.core.days.batch import PROVEN, Batch, BatchState, Listing, Slot
from paperwire.core.days.doubt import OF_VIEWS, Doubt, Why
from paperwire.core.days.placement import (
    LAST_LIST,
    confirmed,
    crossed_over,
    misplaced,
    older_list,
    redated,
    restated,
    settled_in_place,
)
from paperwire.core.days.proof import History, Tally, is_seen, is_shown, judged, silenced
from paperwire.core.papers.paper import ARRIVALS, Event
from paperwire.core.papers.recorded import Recorded
from paperwire.pipeline.days.beginning import Beginning, begin, beginning
from paperwire.pipeline.days.calendar import Calendar
from paperwire.pipeline.days.first_look import PUNCTUAL
from paperwire.ports.sources import Page
from paperwire.store.unit import Unit

_log = structlog.get_logger(__name__)

_WEEK = timedelta(days=7)
_MISPLACED = timedelta(days=15)
"""A view that guesses days is wrong by at most the time that arXiv holds papers back."""
_LATER = 14
"""Days after a silent one among which those are looked for that prove its silence."""
_WITHOUT_PAPERS = {BatchState.HOLIDAY, BatchState.SILENT}
_WEEKS = 10
"""How far back the last eight days of a weekday are looked for, holidays between them included."""


class Entry:
    """One page on its way into the store, inside the transaction that records it."""

    def __init__(  # noqa: PLR0913 -- what is known of a page
        self,
        unit: Unit,
        calendar: Calendar,
        page: Page,
        *,
        read_before: datetime | None,
        batches: Iterable[Batch] = (),
        began: Beginning | None = None,
    ) -> None:
        self._unit = unit
        self._read_before = read_before
        self._began = began or Beginning()
        self._calendar = calendar
        self._page = page
        self._batches = {(batch.part, batch.day): batch for batch in batches}
        self._listings = page.listings
        self._redated: dict[tuple[str, date], Batch] = {}
        self._moved: dict[str, date] = {}
        self._unreported: frozenset[str] = frozenset()

    @classmethod
    async def begin(cls, unit: Unit, calendar: Calendar, page: Page, read_before: datetime | None) -> Entry:
        """Read what is known of the batches that a page shows, locked until commit.

        `read_before` is when the page's part was last read well before now.
        """
        touched = _touched(calendar, page)
        if not (page.listings or touched):
            return cls(unit, calendar, page, read_before=read_before)
        await unit.papers.lock()
        days = [*(listing.day for listing in page.listings), *(day for *_, day in touched)]
        guesses = any(_guesses(calendar, page, day) for day in set(days))
        parts = {listing.part for listing in page.listings}.union(*(of_paper for _, of_paper, _ in touched))
        announces = any((slot := calendar.slot(day)) and slot.views[:1] == (page.view,) for day in set(days))
        before, after = (_MISPLACED, _MISPLACED) if guesses else (LAST_LIST * announces, timedelta(0))
        batches = await unit.sources.batches_of(calendar.source, sorted(parts), min(days) - before, max(days) + after)
        began = await beginning(unit, calendar.source)
        entry = cls(unit, calendar, page, read_before=read_before, batches=batches, began=began)
        if guesses:
            await entry._place_guesses(touched)
        else:
            if announces:
                entry._place_older_lists()
            await entry._place_stated()
        entry._unreported = await unit.papers.quiet(entry._overdue_again())
        return entry

    def _overdue_again(self) -> set[str]:
        """What is known of an overdue batch and announced now, perhaps for the first time."""
        if self._page.quiet:
            return set()
        return {
            paper_id
            for listing in self._listings
            if (slot := self._calendar.slot(listing.day)) is not None and self._judged_at(slot) >= slot.due_at
            for paper_id in listing.arrivals & self._batch(listing).arrivals
        }

    async def _place_guesses(self, touched: Sequence[tuple[str, frozenset[str], date]]) -> None:
        """Put what a view without announcement days shows on the days on which the others do, where those are right.

        Where they are wrong, the papers go to the older day, here and in the store.
        """
        view, changed = self._page.view, {paper_id: day for paper_id, _, day in touched}
        wrong = misplaced(self._page.listings, self._batches, view, changed)
        for (_, _, day, older), ids in wrong.items():
            await self._unit.papers.redate(ids, self._calendar.source, day, older)
        self._redated = redated(wrong, self._batches, self._unit.now)
        self._batches |= self._redated
        placed = settled_in_place(self._page.listings, self._batches.values(), view)
        self._listings = (*placed, *confirmed(touched, self._batches, view))
        guesses = {event.paper.id: event.day for event in self._page.events if event.kind in ARRIVALS}
        self._moved = {one: shown.day for shown in placed for one in shown.arrivals if guesses.get(one) != shown.day}

    async def _place_stated(self) -> None:
        """Put papers that the view shows as new on its day, if they stand on one that was only worked out."""
        day_of = {one: listing.day for listing in self._listings for one in listing.new}
        stored = await self._unit.papers.days_of(day_of, self._calendar.source)
        stated = {one: (day, day_of[one]) for one, day in stored.items() if day != day_of[one]}
        slots = [slot for day in set(day_of.values()) if (slot := self._calendar.slot(day)) and slot.views]
        if not (stated and slots):
            return
        parts = sorted({part for slot in slots for part in slot.parts})
        for day in {day for day, _ in stated.values()}:
            batches = await self._unit.sources.batches_of(self._calendar.source, parts, day, day)
            self._batches = {(batch.part, batch.day): batch for batch in batches} | self._batches
        moved, wrong = restated(self._batches, stated, slots[0].views[1:])
        for days in {stated[one] for one in moved}:
            ids = [one for one in moved if stated[one] == days]
            await self._unit.papers.redate(ids, self._calendar.source, *days)
        self._redated |= redated(wrong, self._batches, self._unit.now, guessed=True)
        self._batches |= self._redated

    def _place_older_lists(self) -> None:
        """Put a list that is still the one before on its own day."""
        placed: list[Listing] = []
        for listing in self._page.listings:
            day = older_list(listing, self._batches, self._page.view)
            if day is None:
                placed.append(listing)
                continue
            placed += [replace(listing, day=day), Listing(part=listing.part, day=listing.day, stale=True)]
            self._moved |= dict.fromkeys(listing.arrivals, day)
        self._listings = tuple(placed)

    def labelled(self, events: Iterable[Event]) -> list[Event]:
        """The page's events with when they became public, and which of them are late."""
        events = [self._of_its_day(event) for event in events]
        events = [replace(event, guessed=self._is_guessed(event)) for event in events]
        if self._page.quiet:
            return events
        late = self._missed()
        return [self._labelled(event, late) for event in events]

    def _of_its_day(self, event: Event) -> Event:
        day = self._moved.get(event.paper.id) if event.kind in ARRIVALS else None
        return event if day is None else replace(event, day=day, paper=replace(event.paper, announced=day))

    def _labelled(self, event: Event, late: set[str]) -> Event:
        slot = self._calendar.slot(event.day) if event.day else None
        if slot is None:
            return event
        now = self._unit.now
        could_know = slot.usual_at
        if self._read_before is not None and self._announces(slot):
            could_know = max(could_know, self._read_before)
        is_news_by_guess = event.guessed and self._page.first_look
        told_at = could_know if now - could_know > PUNCTUAL and not is_news_by_guess else None
        overdue = self._judged_at(slot) >= slot.due_at
        is_late = event.paper.id in late if event.kind in ARRIVALS else overdue
        is_late = is_late or event.late
        owed = self._began.owes(slot.day) or self._is_after_first_look(event, slot)
        return replace(event, told_at=told_at, late=is_late, owed=owed)

    def _is_after_first_look(self, event: Event, slot: Slot) -> bool:
        """Whether a paper of the day of the first look was announced after it."""
        is_fresh = self._page.first_look or (self._announces(slot) and slot.day == self._began.source)
        return is_fresh and event.paper.id not in self._moved

    def _is_guessed(self, event: Event) -> bool:
        return event.day is not None and _guesses(self._calendar, self._page, event.day)

    def _announces(self, slot: Slot) -> bool:
        """Whether the page is of the view that announces: what it did not show last time was announced since."""
        return slot.views[:1] == (self._page.view,)

    def _judged_at(self, slot: Slot) -> datetime:
        """The time by which to tell whether something is overdue: what was announced between two looks is not."""
        now = self._unit.now
        looked = self._read_before is not None and now - self._read_before <= PUNCTUAL
        return slot.announced_at if looked and self._announces(slot) else now

    def _missed(self) -> set[str]:
        """The papers of the page that should have been seen before."""
        return {
            paper_id
            for listing in self._listings
            if (slot := self._calendar.slot(listing.day)) is not None
            for batch in (self._batch(listing),)
            for paper_id in listing.arrivals
            if batch.has_missed(slot, paper_id, self._page.view, self._judged_at(slot), unreported=self._unreported)
        }

    async def finish(self, recorded: Recorded) -> None:
        """Enter what the page shows; what is `recorded` as new to us and should have been seen before is late."""
        now, view = self._unit.now, self._page.view
        changed: dict[tuple[str, date], Batch] = {}
        for (part, day), batch in self._redated.items():
            if (slot := self._calendar.slot(day)) is not None:
                changed[part, day] = batch.weighed(slot, now, owed=self._began.owes_part(part, day))
        await self._load_crossed(recorded)
        for listing in crossed_over(self._listings, recorded.crossed):
            slot = self._calendar.slot(listing.day)
            if slot is None or listing.part not in slot.parts:
                continue
            key = listing.part, listing.day
            if slot.holiday and not listing.arrivals and key not in self._batches:
                continue  # nothing is announced that day, and that is all this says
            before = changed.get(key) or self._batch(listing)
            fresh = () if self._page.quiet else _news(listing, recorded)
            judged_at, unreported = self._judged_at(slot), self._unreported
            late = [one for one in fresh if before.has_missed(slot, one, view, judged_at, unreported=unreported)]
            after = before.with_listing(view, listing, now).with_late(late)
            after = after.weighed(slot, now, owed=self._began.owes_part(listing.part, listing.day))
            if after != self._batches.get(key):
                changed[key] = after
        await self._unit.sources.save_batches(list(changed.values()))

    async def _load_crossed(self, recorded: Recorded) -> None:
        """Read the batches that papers came to by a cross-list, which the page does not name."""
        for parts, day in set(recorded.crossed.values()):
            wanted = [part for part in parts if (part, day) not in self._batches]
            for batch in await self._unit.sources.batches_of(self._calendar.source, wanted, day, day):
                self._batches[batch.part, batch.day] = batch

    def _batch(self, listing: Listing) -> Batch:
        known = self._batches.get((listing.part, listing.day))
        return known or Batch(source=self._calendar.source, part=listing.part, day=listing.day)


def _guesses(calendar: Calendar, page: Page, day: date) -> bool:
    """Whether a page's view has no announcement days of its own."""
    slot = calendar.slot(day)
    return slot is not None and page.view in slot.views[1:]


def _touched(calendar: Calendar, page: Page) -> list[tuple[str, frozenset[str], date]]:
    """Which records of which parts a view that guesses days says to have changed, and when."""
    touched = []
    for event in page.events:
        day = event.at.date() if event.at else None
        if day is not None and _guesses(calendar, page, day) and (slot := calendar.slot(day)):
            touched.append((event.paper.id, frozenset(event.paper.categories).intersection(slot.parts), day))
    return touched


def _news(listing: Listing, recorded: Recorded) -> set[str]:
    """The papers of which it is new to us that they came to the listing's part."""
    return {
        paper_id
        for paper_id in listing.arrivals & recorded.arrived
        if paper_id not in recorded.crossed or listing.part in recorded.crossed[paper_id][0]
    }


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
        history = History((one for number in range(1, _WEEKS + 1) for one in by_day.get(day - number * _WEEK, ())), day)
        still_open += await _audit_day(unit, calendar, by_day[day], history, read_at)
    return still_open


async def _expect(unit: Unit, calendar: Calendar, began: Beginning, first: date, last: date) -> None:
    """Enter the batches that are announced and of which nothing is known."""
    counts = await unit.sources.batch_counts(calendar.source, first)
    for slot in calendar.slots(first, last):
        owed = [part for part in slot.parts if began.owes_part(part, slot.day)]
        if slot.announced_at <= unit.now and counts.get(slot.day, 0) < len(owed):
            known = {tally.part for tally in await unit.sources.tallies(calendar.source, [slot.day])}
            fresh = [Batch(source=calendar.source, part=part, day=slot.day) for part in owed if part not in known]
            await unit.sources.save_batches([batch.weighed(slot, unit.now, owed=True) for batch in fresh])


async def _audit_day(
    unit: Unit, calendar: Calendar, known: Sequence[Tally], history: History, read_at: Mapping[str, datetime]
) -> list[Tally]:
    """Judge one day; those of its batches that stay open."""
    slot = calendar.slot(known[0].day)
    if slot is None:
        return []
    before = await _weighed(unit, calendar, slot, known)
    after = judged(before, slot, history, unit.now, read_at)
    batches = await _newly_proven(unit, calendar, slot, before, after)
    weighed = {batch.part: batch.weighed(slot, unit.now, owed=True) for batch in batches}
    if any(not OF_VIEWS.isdisjoint(doubt.why for doubt in batch.doubts) for batch in weighed.values()):
        before = [_with_doubts(tally, weighed.get(tally.part)) for tally in before]
        after = judged(before, slot, history, unit.now, read_at)
    after = await _silenced(unit, calendar.source, slot, after)
    late = {batch.part for batch in batches if batch.late}
    after = [
        replace(one, state=BatchState.LATE) if one.part in late and one.state is BatchState.COMPLETE else one
        for one in after
    ]
    was = {one.part: one for one in known}
    await unit.sources.save_tallies(calendar.source, [one for one in after if one != was[one.part]])
    _warn_of_few(calendar.source, slot.day, before, after)
    return [one for one in after if one.is_open]


async def _newly_proven(
    unit: Unit, calendar: Calendar, slot: Slot, before: Iterable[Tally], after: Iterable[Tally]
) -> Sequence[Batch]:
    """The batches that were judged complete just now, with the evidence to hold that against."""
    proven = {one.part for one in after if one.state is BatchState.COMPLETE}
    proven -= {one.part for one in before if one.state in PROVEN}
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
        one.part
        for one in tallies
        if (one.is_open and (not one.doubts or _is_no_longer_early(one, slot, unit.now)))
        or (one.state in _WITHOUT_PAPERS and seen)
    ]
    if not parts:
        return tallies
    workday = replace(slot, holiday="") if seen else slot
    weighed = {
        batch.part: replace(batch, state=BatchState.EXPECTED).weighed(workday, unit.now, owed=True)
        for batch in await unit.sources.batches_of(calendar.source, parts, slot.day, slot.day)
    }
    return [_with_doubts(one, weighed.get(one.part)) for one in tallies]


async def _silenced(unit: Unit, source: str, slot: Slot, tallies: list[Tally]) -> list[Tally]:
    """The tallies of a day, silent where what came later proves that nothing was announced."""
    if is_shown(tallies) or unit.now < slot.due_at or not any(tally.is_open for tally in tallies):
        return tallies
    after = [slot.day + timedelta(days=number) for number in range(1, _LATER + 1)]
    by_day: dict[date, list[Tally]] = {}
    for tally in await unit.sources.tallies(source, after):
        by_day.setdefault(tally.day, []).append(tally)
    return silenced(tallies, slot, unit.now, by_day.values())


def _is_no_longer_early(tally: Tally, slot: Slot, now: datetime) -> bool:
    return now >= slot.usual_at and any(doubt.why is Why.EARLY for doubt in tally.doubts)


def _warn_of_few(source: str, day: date, before: Iterable[Tally], after: Iterable[Tally]) -> None:
    """One line in the log when a day turns out to have unusually few papers."""
    known = {one.part for one in before if _few(one)}
    found = {one.part: few for one in after if one.part not in known and (few := _few(one))}
    if not found:
        return
    few = next((few for few in found.values() if few.whole), None)
    about = {"papers": few.count, "usual": few.usual} if few else {"categories": sorted(found)}
    _log.warning("unusually few papers", source=source, day=str(day), **about)


def _few(tally: Tally) -> Doubt | None:
    return next((doubt for doubt in tally.doubts if doubt.why is Why.LOW), None)
