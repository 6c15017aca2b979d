"""Which batches a source should have, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from paperwire.core.days.batch import Slot
from paperwire.ports.sources import Dated, Source

_WEEK = timedelta(days=7)


class Calendar:
    """The batches that a source should have, day by day; none for a source without days."""

    def __init__(self, source: Source) -> None:
        self.source = source.name
        self._dated = source if isinstance(source, Dated) else None
        self._days: dict[date, Slot | None] = {}

    def slot(self, day: date) -> Slot | None:
        """The batches of a day; what is announced on a day that is not expected has one as well."""
        if day not in self._days:
            self._days[day] = self._slot(day)
        return self._days[day]

    def _slot(self, day: date) -> Slot | None:
        near = self.slots(day - _WEEK, day)
        if not near:
            return None
        last = near[-1]
        later = day - last.day
        if not later:
            return last
        return replace(
            last,
            day=day,
            holiday=f"{day:%A}",
            announced_at=last.announced_at + later,
            usual_at=last.usual_at + later,
            closes_at=last.closes_at + later,
            due_at=last.due_at + later,
        )

    def announces(self, view: str, day: date) -> bool:
        """Whether a view announces a day: what it did not show last time was announced since."""
        slot = self.slot(day)
        return slot is not None and slot.views[:1] == (view,)

    def guesses(self, view: str, day: date) -> bool:
        """Whether a view has no announcement days of its own."""
        slot = self.slot(day)
        return slot is not None and view in slot.views[1:]

    def slots(self, first: date, last: date) -> Sequence[Slot]:
        """Those that are expected of the days from `first` to `last`, holidays included."""
        return self._dated.slots(first, last) if self._dated else ()
