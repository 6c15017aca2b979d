"""What is news at the first look at a part: what was announced after that look was first tried."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from paperwire.core.days.batch import Slot
from paperwire.pipeline.days.calendar import Calendar
from paperwire.ports.sources import Page, SourceState
from paperwire.store.unit import Unit

PUNCTUAL = timedelta(hours=1)
"""What is seen so soon after its usual time is on time."""


def shown_at(slot: Slot) -> datetime:
    """When the first view shows a batch; a day without views fills up from its beginning."""
    return slot.usual_at if slot.views else slot.announced_at


async def take_down(unit: Unit, source: str, parts: Iterable[str]) -> None:
    """Keep that these parts are tried now, unless they were tried before."""
    for part in parts:
        await unit.settings.ensure(_key(source, part), unit.now.isoformat())


async def as_news(unit: Unit, calendar: Calendar, page: Page, state: SourceState) -> Page:
    """The page, no longer quiet if it is of a first look and its batch was shown after that was first tried.

    So an outage at the beginning, or after a category was added, costs no one a paper. A subscription that began after
    the batch was shown gets nothing of it, which `late` sees to.
    """
    day = max((event.day for event in page.events if event.day), default=None)
    slot = calendar.slot(day) if page.first_look and day else None
    tried_at = state.ok_at or await _tried_at(unit, state)
    if slot is None or tried_at is None or shown_at(slot) <= tried_at:
        return page
    late = unit.now - shown_at(slot) > PUNCTUAL
    return replace(page, quiet=False, events=tuple(replace(event, late=late) for event in page.events))


async def began_at(unit: Unit, source: str, parts: Iterable[str]) -> datetime:
    """When the first of these parts was first tried; now if none was."""
    times = [await unit.settings.get(_key(source, part)) for part in parts]
    return min((datetime.fromisoformat(at) for at in times if at), default=unit.now)


async def announced_since(unit: Unit, calendar: Calendar, page: Page) -> frozenset[str]:
    """The papers of a page that the first view lacks in each list that it has shown in whole: they came after it."""
    papers: set[str] = set()
    for day in {event.day for event in page.events if event.day is not None}:
        slot = calendar.slot(day)
        if slot is None or not slot.views:
            continue
        batches = await unit.sources.batches_of(calendar.source, slot.parts, day, day)
        shown = {
            batch.part: batch.views[slot.views[0]]
            for batch in batches
            if batch.ids_known and slot.views[0] in batch.views
        }
        for paper in (event.paper for event in page.events if event.day == day):
            lists = [shown.get(part) for part in paper.categories if part in slot.parts]
            if lists and all(view is not None and view.whole and paper.id not in view.arrivals for view in lists):
                papers.add(paper.id)
    return frozenset(papers)


def split_off(page: Page, news: frozenset[str]) -> list[Page]:
    """A quiet page of a first look's day without the papers that are news after all, and the page of those."""
    loud = tuple(event for event in page.events if event.paper.id in news)
    quiet = replace(page, events=tuple(event for event in page.events if event not in loud), first_look=False)
    shown = (replace(listing, new=listing.new & news, crossed=listing.crossed & news) for listing in page.listings)
    listings = tuple(listing for listing in shown if listing.arrivals)
    return [
        replace(quiet, listings=()),
        *([replace(page, events=loud, listings=listings, quiet=False)] if loud else ()),
    ]


async def _tried_at(unit: Unit, state: SourceState) -> datetime | None:
    tried_at = await unit.settings.get(_key(state.source, state.part))
    return datetime.fromisoformat(tried_at) if tried_at else None


def _key(source: str, part: str) -> str:
    return f"first look at {source} {part}"
