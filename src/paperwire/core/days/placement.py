"""On which day a paper stands where views differ: each is wrong about days in a way of its own.

A view that announces shows today's list or, if it is stale, an older one; a view that guesses days knows by the date of
a record that a paper was there before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TypeAlias

from paperwire.core.days.batch import NO_PAPERS, Batch, Listing, View
from paperwire.core.days.doubt import THIRD, agree

LAST_LIST = timedelta(days=5)
"""How many days old the list before today's may be, a weekend and a holiday in between."""


def older_list(listing: Listing, batches: Mapping[tuple[str, date], Batch], view: str) -> date | None:
    """The day whose list `view` shows in place of that of `listing.day`, as other views have most of it there."""
    for (part, day), batch in batches.items():
        if part == listing.part and day < listing.day and _may_be_of(batches, part, view, listing.day, day):
            others = (other.arrivals for name, other in batch.views.items() if name != view)
            if 2 * len(listing.arrivals & NO_PAPERS.union(*others)) > len(listing.arrivals):
                return day
    return None


Misplaced: TypeAlias = "Mapping[tuple[str, str, date, date], frozenset[str]]"
"""Papers that a view shows in a part under one day and that are of another one: by part, view, and the two days."""


def misplaced(
    listings: Iterable[Listing], batches: Mapping[tuple[str, date], Batch], view: str, changed: Mapping[str, date]
) -> Misplaced:
    """The papers in `listings` of `view`, which guesses days, that another view has later although they were there.

    `changed` says when the records of papers were last changed: what was there before a day was not announced on it.
    """
    wrong: defaultdict[tuple[str, str, date, date], frozenset[str]] = defaultdict(frozenset)
    shown = [
        (part, name, day, other.arrivals)
        for (part, day), batch in batches.items()
        for name, other in batch.views.items()
        if name not in {view, THIRD}
    ]
    for listing in listings:
        for part, name, day, arrivals in shown:
            if part == listing.part and day > listing.day and _may_be_of(batches, part, name, day, listing.day):
                older = {
                    paper_id
                    for paper_id in arrivals & listing.arrivals
                    if paper_id in changed and changed[paper_id] < day
                }
                wrong[part, name, day, listing.day] |= older
    return {place: ids for place, ids in wrong.items() if ids}


def redated(
    wrong: Misplaced, batches: Mapping[tuple[str, date], Batch], now: datetime, *, guessed: bool = False
) -> dict[tuple[str, date], Batch]:
    """The batches that change when papers go to the days they are of.

    A view that differs by many shows an older list in place of the day's, unless it only `guessed` the day.
    """
    after: dict[tuple[str, date], Batch] = {}
    for (part, name, day, older_day), ids in wrong.items():
        batch = after.get((part, day)) or batches[part, day]
        there = after.get((part, older_day)) or batches.get((part, older_day))
        there = there or Batch(source=batch.source, part=part, day=older_day)
        before = batch.views[name]
        stale = not guessed and (before.stale or not agree(before.arrivals, before.arrivals - ids))
        batch = batch.without(name, ids, now, stale=stale)
        new, crossed = before.new & ids, before.crossed & ids
        moved = Listing(part=part, day=older_day, new=new, crossed=crossed, whole=stale)
        after |= {(part, day): batch, (part, older_day): there.with_listing(name, moved, now)}
    return after


def restated(
    batches: Mapping[tuple[str, date], Batch], stated: Mapping[str, tuple[date, date]], guessing: Collection[str]
) -> tuple[frozenset[str], Misplaced]:
    """The papers that stand on a day which was only guessed, and by which views they are shown there.

    `stated` has for each the day on which it stands, and the one on which another view than those that are `guessing`
    shows it as new. What such a view showed on the first day as well, or may have shown there, stays.
    """
    shown: defaultdict[date, set[str]] = defaultdict(set)
    unknown = {day for (_, day), batch in batches.items() if not batch.ids_known}
    wrong: defaultdict[tuple[str, str, date, date], frozenset[str]] = defaultdict(frozenset)
    for (_, day), batch in batches.items():
        shown[day].update(*(view.arrivals for name, view in batch.views.items() if name not in guessing))
    moved = frozenset(
        paper_id for paper_id, (day, _) in stated.items() if day not in unknown and paper_id not in shown[day]
    )
    for (part, day), batch in batches.items():
        for name in batch.views.keys() & guessing:
            for paper_id in batch.views[name].arrivals & moved:
                if stated[paper_id][0] == day:
                    wrong[part, name, day, stated[paper_id][1]] |= {paper_id}
    return moved, wrong


def _may_be_of(batches: Mapping[tuple[str, date], Batch], part: str, view: str, day: date, older: date) -> bool:
    """Whether `view` can show the list of an older day: not if it has shown that in its time."""

    def shown(on: date) -> View:
        batch = batches.get((part, on))
        return batch.views.get(view, View()) if batch else View()

    return not shown(older).whole or shown(day).stale


def settled_in_place(listings: Iterable[Listing], batches: Iterable[Batch], view: str) -> tuple[Listing, ...]:
    """`listings` of a view that guesses days, with every arrival on the day on which another view shows it.

    What no other view shows stays where this one showed it first.
    """
    shown: dict[tuple[str, str], date] = {}
    rows = sorted(batches, key=lambda batch: batch.day, reverse=True)
    for is_own_view in (True, False):
        for batch in rows:
            for name, other in batch.views.items():
                if (name == view) is is_own_view:
                    shown.update(((batch.part, paper_id), batch.day) for paper_id in other.arrivals)
    placed: list[Listing] = []
    for listing in listings:
        moved: dict[date, dict[str, set[str]]] = {}
        for heading, ids in (("new", listing.new), ("crossed", listing.crossed)):
            for paper_id in ids:
                day = shown.get((listing.part, paper_id), listing.day)
                moved.setdefault(day, {"new": set(), "crossed": set()})[heading].add(paper_id)
        headings = moved.pop(listing.day, {"new": set(), "crossed": set()})
        placed.append(replace(listing, new=frozenset(headings["new"]), crossed=frozenset(headings["crossed"])))
        placed += [
            Listing(part=listing.part, day=day, new=frozenset(ids["new"]), crossed=frozenset(ids["crossed"]))
            for day, ids in moved.items()
        ]
    return tuple(placed)


def confirmed(
    touched: Iterable[tuple[str, Iterable[str], date]], batches: Mapping[tuple[str, date], Batch], view: str
) -> tuple[Listing, ...]:
    """What a view that guesses days tells of cross-lists: that the record of a paper in a part was `touched` that day.

    That alone is no arrival, but where another view shows a cross-list that day it is the same.
    """
    return tuple(
        Listing(part=part, day=day, crossed=frozenset({paper_id}))
        for paper_id, parts, day in touched
        for part in parts
        if (batch := batches.get((part, day))) is not None
        and any(paper_id in other.crossed for name, other in batch.views.items() if name != view)
    )


def crossed_over(
    listings: Iterable[Listing], crossed: Mapping[str, tuple[frozenset[str], date]]
) -> tuple[Listing, ...]:
    """`listings` with the papers that came to a part later than to others on the day when they did.

    `crossed` says of such papers to which parts they came, and when.
    """
    placed: list[Listing] = []
    for listing in listings:
        moved = {paper_id for paper_id in listing.arrivals & crossed.keys() if listing.part in crossed[paper_id][0]}
        placed.append(replace(listing, new=listing.new - moved, crossed=listing.crossed - moved) if moved else listing)
    return (
        *placed,
        *(
            Listing(part=part, day=day, crossed=frozenset({paper_id}))
            for paper_id, (parts, day) in crossed.items()
            for part in sorted(parts)
        ),
    )
