"""On which days the papers of a page stand, decided once: from what it says and from what is known of the batches."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeAlias

from paperwire.core.days.batch import Batch, Listing, Slot
from paperwire.core.days.placement import confirmed, misplaced, older_list, redated, restated, settled_in_place
from paperwire.core.papers.paper import ARRIVALS
from paperwire.pipeline.days.calendar import Calendar
from paperwire.ports.sources import Page

Batches: TypeAlias = "Mapping[tuple[str, date], Batch]"
"""Batches by part and day."""
Move: TypeAlias = "tuple[Collection[str], date, date]"
"""Stored papers, the day on which they stand, and the one that they are of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """The days of a page's papers.

    `listings` are what the page shows, each on the day it is of, and `moved` the papers whose events name another day.
    `stored` are papers that go to another day in the store, and `redated` the batches that change with them.
    """

    listings: tuple[Listing, ...]
    moved: Mapping[str, date] = field(default_factory=dict)
    stored: Sequence[Move] = ()
    redated: Batches = field(default_factory=dict)


Touched: TypeAlias = "Sequence[tuple[str, frozenset[str], date]]"
"""Records that a view which guesses days says to have changed: of which paper, in which parts, and when."""


def assign_days(
    page: Page, batches: Batches, calendar: Calendar, *, stored_on: Mapping[str, date], now: datetime
) -> Assignment:
    """Decide the day of each paper of a page.

    A view without announcement days follows the views that have them, where those are right. A list that is still the
    one before goes to its own day. A paper shown as new goes to that day, if the one it was `stored_on` was a guess.
    """
    if guesses_days(calendar, page):
        return _guessed(page, batches, touched(calendar, page), now)
    listings, moved = placed_lists(calendar, page, batches)
    stated, slots = stated_elsewhere(listings, stored_on), viewed_slots(calendar, listings)
    if not (stated and slots):
        return Assignment(listings=listings, moved=moved)
    papers, wrong = restated(batches, stated, slots[0].views[1:])
    moves = {stated[paper_id] for paper_id in papers}
    return Assignment(
        listings=listings,
        moved=moved,
        stored=[([paper_id for paper_id in papers if stated[paper_id] == move], *move) for move in moves],
        redated=redated(wrong, batches, now, guessed=True),
    )


def _guessed(page: Page, batches: Batches, changes: Touched, now: datetime) -> Assignment:
    wrong = misplaced(page.listings, batches, page.view, {paper_id: day for paper_id, _, day in changes})
    changed = redated(wrong, batches, now)
    after = {**batches, **changed}
    placed = settled_in_place(page.listings, after.values(), page.view)
    guesses = {event.paper.id: event.day for event in page.events if event.kind in ARRIVALS}
    return Assignment(
        listings=(*placed, *confirmed(changes, after, page.view)),
        moved={
            paper_id: shown.day for shown in placed for paper_id in shown.arrivals if guesses.get(paper_id) != shown.day
        },
        stored=[(ids, day, older) for (_, _, day, older), ids in wrong.items()],
        redated=changed,
    )


def guesses_days(calendar: Calendar, page: Page) -> bool:
    """Whether a page is of a view without announcement days."""
    return bool(touched(calendar, page)) or any(calendar.guesses(page.view, listing.day) for listing in page.listings)


def touched(calendar: Calendar, page: Page) -> Touched:
    """The records that a page of a view which guesses days says to have changed."""
    changes = []
    for event in page.events:
        day = event.at.date() if event.at else None
        if day is not None and calendar.guesses(page.view, day) and (slot := calendar.slot(day)):
            changes.append((event.paper.id, frozenset(event.paper.categories).intersection(slot.parts), day))
    return changes


def placed_lists(calendar: Calendar, page: Page, batches: Batches) -> tuple[tuple[Listing, ...], dict[str, date]]:
    """The lists of a page on their days, and the papers that this moves: a stale list is that of a day before."""
    placed: list[Listing] = []
    moved: dict[str, date] = {}
    announces = any(calendar.announces(page.view, listing.day) for listing in page.listings)
    for listing in page.listings:
        day = older_list(listing, batches, page.view) if announces else None
        if day is None:
            placed.append(listing)
        else:
            placed += [replace(listing, day=day), Listing(part=listing.part, day=listing.day, stale=True)]
            moved |= dict.fromkeys(listing.arrivals, day)
    return tuple(placed), moved


def stated_elsewhere(listings: Iterable[Listing], stored_on: Mapping[str, date]) -> dict[str, tuple[date, date]]:
    """The papers that lists show as new on another day than they were stored on: both days of each."""
    day_of = {paper_id: listing.day for listing in listings for paper_id in listing.new}
    return {paper_id: (day, day_of[paper_id]) for paper_id, day in stored_on.items() if day != day_of[paper_id]}


def viewed_slots(calendar: Calendar, listings: Iterable[Listing]) -> list[Slot]:
    """The batches of the days on which lists show new papers, where several views show them."""
    slots = (calendar.slot(day) for day in {listing.day for listing in listings if listing.new})
    return [slot for slot in slots if slot is not None and slot.views]
