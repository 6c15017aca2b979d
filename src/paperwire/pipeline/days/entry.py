"""A page enters the ledger of batches: what it brings late is told apart from what is on time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from paperwire.core.days.batch import Batch, Listing, Slot
from paperwire.core.days.placement import LAST_LIST, crossed_over
from paperwire.core.papers.decision import Recorded
from paperwire.core.papers.paper import ARRIVALS, Event
from paperwire.pipeline.days.assignment import (
    Assignment,
    Batches,
    assign_days,
    guesses_days,
    placed_lists,
    stated_elsewhere,
    touched,
    viewed_slots,
)
from paperwire.pipeline.days.beginning import Beginning, beginning
from paperwire.pipeline.days.calendar import Calendar
from paperwire.pipeline.days.first_look import PUNCTUAL
from paperwire.ports.sources import Page
from paperwire.store.unit import Unit

_MISPLACED = timedelta(days=15)  # a view that guesses days is wrong by at most the time that arXiv holds papers back


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A page and what was known before it: decides, without reading or writing, what its events and batches become.

    `read_before` is when the page's part was last read well before `now`. Of the papers that it shows, those
    `unreported` are known, and no one was notified of them.
    """

    page: Page
    calendar: Calendar
    now: datetime
    read_before: datetime | None
    days: Assignment
    batches: Batches = field(default_factory=dict)
    began: Beginning = field(default_factory=Beginning)
    unreported: frozenset[str] = frozenset()

    def overdue_again(self) -> set[str]:
        """What is known of an overdue batch and announced now, perhaps for the first time."""
        if self.page.quiet:
            return set()
        return {
            paper_id
            for listing in self.days.listings
            if (slot := self.calendar.slot(listing.day)) is not None and self._judged_at(slot) >= slot.due_at
            for paper_id in listing.arrivals & self._batch(listing).arrivals
        }

    def labelled(self) -> list[Event]:
        """The page's events with when they became public, and which of them are late."""
        events = [self._on_its_day(event) for event in self.page.events]
        if self.page.quiet:
            return events
        late = self._missed()
        return [self._labelled(event, late) for event in events]

    def _on_its_day(self, event: Event) -> Event:
        day = self.days.moved.get(event.paper.id) if event.kind in ARRIVALS else None
        if day is not None:
            event = replace(event, day=day, paper=replace(event.paper, announced=day))
        return replace(event, guessed=event.day is not None and self.calendar.guesses(self.page.view, event.day))

    def _labelled(self, event: Event, late: set[str]) -> Event:
        slot = self.calendar.slot(event.day) if event.day else None
        if slot is None:
            return event
        could_know = slot.usual_at
        if self.read_before is not None and self._announces(slot):
            could_know = max(could_know, self.read_before)
        is_news_by_guess = event.guessed and self.page.first_look
        told_at = could_know if self.now - could_know > PUNCTUAL and not is_news_by_guess else None
        overdue = self._judged_at(slot) >= slot.due_at
        is_late = event.paper.id in late if event.kind in ARRIVALS else overdue
        owed = self.began.owes(slot.day) or self._is_after_first_look(event, slot)
        return replace(event, told_at=told_at, late=is_late or event.late, owed=owed)

    def _is_after_first_look(self, event: Event, slot: Slot) -> bool:
        """Whether a paper of the day of the first look was announced after it."""
        is_fresh = self.page.first_look or (self._announces(slot) and slot.day == self.began.source)
        return is_fresh and event.paper.id not in self.days.moved

    def _announces(self, slot: Slot) -> bool:
        return self.calendar.announces(self.page.view, slot.day)

    def _judged_at(self, slot: Slot) -> datetime:
        """The time by which to tell whether something is overdue: what was announced between two looks is not."""
        looked = self.read_before is not None and self.now - self.read_before <= PUNCTUAL
        return slot.announced_at if looked and self._announces(slot) else self.now

    def _missed(self) -> set[str]:
        """The papers of the page that should have been seen before."""
        return {
            paper_id
            for listing in self.days.listings
            if (slot := self.calendar.slot(listing.day)) is not None
            for paper_id in self._late(self._batch(listing), slot, listing.arrivals)
        }

    def _late(self, batch: Batch, slot: Slot, papers: Iterable[str]) -> list[str]:
        """Those of a batch's papers that should have been seen before."""
        view, judged_at = self.page.view, self._judged_at(slot)
        return [
            paper_id
            for paper_id in papers
            if batch.has_missed(slot, paper_id, view, judged_at, unreported=self.unreported)
        ]

    def changed(self, recorded: Recorded, crossed: Iterable[Batch]) -> list[Batch]:
        """The batches that the page changes: what is `recorded` as new and should have been seen before is late.

        `crossed` are those known of which the page doesn't name, and to which papers came by a cross-list.
        """
        batches = {**self.batches, **{(batch.part, batch.day): batch for batch in crossed}}
        changed = {
            (part, day): batch.weighed(slot, self.now, owed=self.began.owes_part(part, day))
            for (part, day), batch in self.days.redated.items()
            if (slot := self.calendar.slot(day)) is not None
        }
        for listing in crossed_over(self.days.listings, recorded.crossed):
            slot, key = self.calendar.slot(listing.day), (listing.part, listing.day)
            if slot is None or listing.part not in slot.parts:
                continue
            if slot.holiday and not listing.arrivals and key not in batches:
                continue  # nothing is announced that day, and that is all this says
            before = changed.get(key) or batches.get(key) or self._batch(listing)
            news = () if self.page.quiet else _news(listing, recorded)
            after = before.with_listing(self.page.view, listing, self.now).with_late(self._late(before, slot, news))
            after = after.weighed(slot, self.now, owed=self.began.owes_part(listing.part, listing.day))
            if after != batches.get(key):
                changed[key] = after
        return list(changed.values())

    def _batch(self, listing: Listing) -> Batch:
        batch = self.batches.get((listing.part, listing.day))
        return batch or Batch(source=self.calendar.source, part=listing.part, day=listing.day)


def _news(listing: Listing, recorded: Recorded) -> set[str]:
    """The papers of which it is new to us that they came to the listing's part."""
    return {
        paper_id
        for paper_id in listing.arrivals & recorded.arrived
        if paper_id not in recorded.crossed or listing.part in recorded.crossed[paper_id][0]
    }


async def begin_entry(unit: Unit, calendar: Calendar, page: Page, read_before: datetime | None) -> Entry:
    """Read what is known of the batches that a page shows, locked until commit, and put its papers on their days."""
    entry = Entry(
        page=page,
        calendar=calendar,
        now=unit.now,
        read_before=read_before,
        days=Assignment(listings=page.listings),
    )
    if not (page.listings or touched(calendar, page)):
        return entry
    await unit.papers.lock()
    batches = await _batches_around(unit, calendar, page)
    began = await beginning(unit, calendar.source)
    stored_on: Mapping[str, date] = {}
    if not guesses_days(calendar, page):
        listings, _ = placed_lists(calendar, page, batches)
        stored_on = await unit.papers.days_of({paper_id for each in listings for paper_id in each.new}, calendar.source)
        batches = await _batches_stated(unit, calendar, listings, stored_on) | batches
    days = assign_days(page, batches, calendar, stored_on=stored_on, now=unit.now)
    for papers, day, right_day in days.stored:
        await unit.papers.redate(papers, calendar.source, day, right_day)
    entry = replace(entry, days=days, batches={**batches, **days.redated}, began=began)
    return replace(entry, unreported=await unit.papers.quiet(entry.overdue_again()))


async def _batches_around(unit: Unit, calendar: Calendar, page: Page) -> dict[tuple[str, date], Batch]:
    """The batches that a page shows, and those near them of which its papers may be."""
    changes = touched(calendar, page)
    days = [*(listing.day for listing in page.listings), *(day for *_, day in changes)]
    parts = {listing.part for listing in page.listings}.union(*(of_paper for _, of_paper, _ in changes))
    if guesses_days(calendar, page):
        return await _batches(unit, calendar, parts, min(days) - _MISPLACED, max(days) + _MISPLACED)
    announces = any(calendar.announces(page.view, day) for day in days)
    return await _batches(unit, calendar, parts, min(days) - LAST_LIST * announces, max(days))


async def _batches_stated(
    unit: Unit, calendar: Calendar, listings: Iterable[Listing], stored_on: Mapping[str, date]
) -> dict[tuple[str, date], Batch]:
    """The batches of the days on which papers stand that lists show as new on another one."""
    parts = {part for slot in viewed_slots(calendar, listings) for part in slot.parts}
    batches: dict[tuple[str, date], Batch] = {}
    for day in {day for day, _ in stated_elsewhere(listings, stored_on).values()} if parts else ():
        batches |= await _batches(unit, calendar, parts, day, day)
    return batches


async def _batches(
    unit: Unit, calendar: Calendar, parts: Iterable[str], first: date, last: date
) -> dict[tuple[str, date], Batch]:
    batches = await unit.sources.batches_of(calendar.source, sorted(parts), first, last)
    return {(batch.part, batch.day): batch for batch in batches}


async def end_entry(unit: Unit, entry: Entry, recorded: Recorded) -> None:
    """Write down what a page shows of batches, once its events are recorded."""
    crossed: list[Batch] = []
    for parts, day in set(recorded.crossed.values()):
        unknown = [part for part in parts if (part, day) not in entry.batches]
        crossed += await unit.sources.batches_of(entry.calendar.source, unknown, day, day)
    await unit.sources.save_batches(entry.changed(recorded, crossed))
