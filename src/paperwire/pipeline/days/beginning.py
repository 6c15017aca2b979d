"""Since when the parts of a source are read: of the days before nothing is claimed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from paperwire.pipeline.days.calendar import Calendar
from paperwire.pipeline.days.first_look import shown_at
from paperwire.store.unit import Unit

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Beginning:
    """The last day that was out when a source was first read, and the same of each of its `parts`.

    Without `source` nothing was read yet. Without `parts` they all began with their source.
    """

    source: date | None = None
    parts: Mapping[str, date] | None = None

    def owes(self, day: date) -> bool:
        """Whether a day lies after the beginning of its source."""
        return self.source is not None and day > self.source

    def owes_part(self, part: str, day: date) -> bool:
        """Whether a day lies after the beginning of its part, which may have been added later."""
        return self.owes(day) and (self.parts is None or (part in self.parts and day > self.parts[part]))


async def beginning(unit: Unit, source: str) -> Beginning:
    since, parts = [await unit.settings.get(key) for key in (_key(source), _parts_key(source))]
    return Beginning(
        date.fromisoformat(since) if since else None,
        {part: date.fromisoformat(day) for part, day in json.loads(parts).items()} if parts else None,
    )


async def begin(unit: Unit, calendar: Calendar) -> Beginning:
    """The same, after what is followed for the first time begins now; what is no longer followed may begin again."""
    today = unit.now.date()
    slots = calendar.slots(today - _WEEK, today + _DAY)
    last = max((slot.day for slot in slots if shown_at(slot) <= unit.now), default=today)
    stored = await beginning(unit, calendar.source)
    source = stored.source or last
    followed = {part for slot in slots for part in slot.parts}
    before = dict.fromkeys(followed, source) if stored.parts is None else stored.parts
    parts = {part: before.get(part, last) for part in sorted(followed)}
    if stored.source is None:
        await unit.settings.put(_key(calendar.source), source.isoformat())
    if parts != stored.parts:
        days = {part: day.isoformat() for part, day in parts.items()}
        await unit.settings.put(_parts_key(calendar.source), json.dumps(days, separators=(",", ":")))
    return Beginning(source, parts)


def _key(source: str) -> str:
    return f"batches of {source} after"


def _parts_key(source: str) -> str:
    return f"batches of {source} by part after"
