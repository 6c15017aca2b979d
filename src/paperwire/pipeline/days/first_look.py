"""What is news at the first look at a part: what was announced after that look was first tried."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paperwire.core.days.batch import Slot
    from paperwire.pipeline.days.calendar import Calendar
    from paperwire.ports.sources import Page
    from paperwire.store.papers.sources import SourceState
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


async def aloud(unit: Unit, calendar: Calendar, page: Page, state: SourceState) -> Page:
    """The page, no longer quiet if it is of a first look and its batch was shown after that was first tried.

    So an outage at the beginning, or after a category was added, costs nobody a paper. A subscription that began after
    the batch was shown gets nothing of it, which `late` sees to.
    """
    day = max((event.day for event in page.events if event.day), default=None)
    slot = calendar.slot(day) if page.first_look and day else None
    tried_at = state.ok_at or await _tried_at(unit, state)
    if slot is None or tried_at is None or shown_at(slot) <= tried_at:
        return page
    late = unit.now - shown_at(slot) > PUNCTUAL
    return replace(page, quiet=False, events=tuple(replace(event, late=late) for event in page.events))


async def _tried_at(unit: Unit, state: SourceState) -> datetime | None:
    kept = await unit.settings.get(_key(state.source, state.part))
    return datetime.fromisoformat(kept) if kept else None


def _key(source: str, part: str) -> str:
    return f"first look at {source} {part}"
