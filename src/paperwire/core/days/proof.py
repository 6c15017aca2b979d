"""What proves a day: views that agree, on a number that is plausible given those of the same weekdays before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from statistics import median

from paperwire.core.days.batch import PROVEN, BatchState, Slot
from paperwire.core.days.doubt import OF_VIEWS, Doubt, Why

COMPARED_DAYS, FEWEST_DAYS = 8, 4
"""How many days of the same weekday a number is compared with, and without how many it is not judged."""
FACTOR = 3
"""A number is plausible from a third of the median to three times as many."""
LARGE = 40
"""Categories and sources whose median is smaller vary too much to be judged by their number."""
_LATER_DAYS = 2  # proven days after a silent one: OAI-PMH has lacked one day for 31 hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """A batch without its evidence: how many papers came, where it stands, and what is in doubt."""

    part: str
    day: date
    state: BatchState
    count: int = 0
    doubts: tuple[Doubt, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.state in {BatchState.EXPECTED, BatchState.UNCONFIRMED}

    @property
    def is_unproven(self) -> bool:
        """Whether the second view must still be read from its day on; with only history missing it need not."""
        return self.is_open and any(doubt.why is not Why.HISTORY for doubt in self.doubts)


class History:
    """The numbers of a day's last same weekdays, of each category and of the whole source."""

    def __init__(self, tallies: Iterable[Tally], day: date) -> None:
        days: defaultdict[date, dict[str, Tally]] = defaultdict(dict)
        for tally in tallies:
            if tally.day < day and tally.day.weekday() == day.weekday():
                days[tally.day][tally.part] = tally
        last = [days[day] for day in sorted(days, reverse=True) if _counts(days[day].values())][:COMPARED_DAYS]
        if not any(tally.count for rows in last for tally in rows.values()):
            last = []  # days without any paper tell nothing of what is usual
        self._parts: defaultdict[str, list[int]] = defaultdict(list)
        for rows in last:
            for part, tally in rows.items():
                self._parts[part].append(tally.count)
        self._known = {part for part, counts in self._parts.items() if len(counts) >= FEWEST_DAYS}
        self._totals = [sum(rows[part].count for part in self._known if part in rows) for rows in last]

    def doubt_of_all(self, tallies: Iterable[Tally]) -> Doubt | None:
        """What is unusual about the number of the whole source, over the categories that have a history."""
        count = sum(tally.count for tally in tallies if tally.part in self._known)
        return _doubt(count, self._totals if self._known else [], whole=True)

    def doubt_of(self, tally: Tally) -> Doubt | None:
        """What is unusual about the number of a category."""
        return _doubt(tally.count, self._parts.get(tally.part, []), whole=False)


def _counts(rows: Iterable[Tally]) -> bool:
    """Whether a day tells what is usual: papers came, or it is proven that none did."""
    return any(row.count for row in rows) or all(row.state in PROVEN for row in rows)


def _doubt(count: int, history: Sequence[int], *, whole: bool) -> Doubt | None:
    if len(history) < FEWEST_DAYS:
        return Doubt(why=Why.HISTORY, whole=whole)
    usual = median(history)
    if usual < LARGE:
        is_silent = whole and not count and all(history)  # and silence proves nothing
        return Doubt(why=Why.LOW, usual=usual, whole=True) if is_silent else None
    if count * FACTOR < usual:
        return Doubt(why=Why.LOW, count=count, usual=usual, whole=whole)
    if count > usual * FACTOR:
        return Doubt(why=Why.HIGH, count=count, usual=usual, whole=whole)
    return None


def judged(
    tallies: Sequence[Tally], slot: Slot, history: History, now: datetime, read_at: Mapping[str, datetime]
) -> list[Tally]:
    """All batches of one day of a source with the states that are proven at `now`.

    `read_at` says when each part was last read well: before that few papers mean nothing. What is complete stays so.
    """
    if slot.holiday and not is_seen(tallies):
        return [replace(tally, state=BatchState.HOLIDAY, doubts=()) if tally.is_open else tally for tally in tallies]
    of_all = history.doubt_of_all(tallies)
    if not slot.views:
        closed = [tally.part for tally in tallies if (at := read_at.get(tally.part)) and at >= slot.closes_at]
        of_all = of_all if len(closed) == len(tallies) else None
        return [_judged_alone(tally, slot, history, now, of_all, closed=tally.part in closed) for tally in tallies]
    was_read = any(at >= slot.usual_at for at in read_at.values())
    ripe = (was_read and now >= slot.shown_by) or not any(
        doubt.why in OF_VIEWS for tally in tallies for doubt in tally.doubts
    )
    if of_all is not None and of_all.why is Why.LOW and not ripe:
        of_all = Doubt(why=Why.REST)
    return [_judged(tally, slot, now, _numbers(of_all, history.doubt_of(tally)), ripe=ripe) for tally in tallies]


def silenced(tallies: Sequence[Tally], slot: Slot, now: datetime, later: Iterable[Sequence[Tally]]) -> list[Tally]:
    """The batches of one day, `silent` if nothing was announced: no view shows anything, and `later` days are proven.

    Of those only days with papers count, each with all its batches.
    """
    proven = sum(any(tally.count for tally in day) and all(map(_is_settled, day)) for day in later)
    if not slot.views or slot.holiday or is_shown(tallies) or now < slot.due_at or proven < _LATER_DAYS:
        return list(tallies)
    return [replace(tally, state=BatchState.SILENT, doubts=()) if tally.is_open else tally for tally in tallies]


def _is_settled(tally: Tally) -> bool:
    """Whether the views have shown a batch and agree on it; a new category may lack the history for a proof."""
    return tally.state in PROVEN or not tally.is_unproven


def is_shown(tallies: Iterable[Tally]) -> bool:
    """Whether any view shows a paper of that day."""
    return any(tally.count for tally in tallies)


def is_seen(tallies: Iterable[Tally]) -> bool:
    """Whether any view shows that something was announced that day."""
    return any(tally.count or tally.state is BatchState.UNCONFIRMED for tally in tallies)


def _numbers(of_all: Doubt | None, own: Doubt | None) -> list[Doubt]:
    """What is in doubt about the numbers, each said once."""
    if of_all is None or own is None:
        return [doubt for doubt in (of_all, own) if doubt is not None]
    if own.why is Why.HISTORY or replace(own, whole=True) == of_all:
        return [of_all]
    return [of_all, own]


def _judged(tally: Tally, slot: Slot, now: datetime, numbers: Sequence[Doubt], *, ripe: bool) -> Tally:
    if not tally.is_open:
        return tally
    of_views = [doubt for doubt in tally.doubts if doubt.why in OF_VIEWS]
    if of_views:  # then a number is only unusual if all of it should be there
        numbers = [doubt for doubt in numbers if ripe and not doubt.is_harmless]
    doubts = (*of_views, *numbers)
    if not doubts:
        return replace(tally, state=BatchState.COMPLETE, doubts=())
    return replace(tally, state=_state(tally, slot, now), doubts=doubts)


def _judged_alone(  # noqa: PLR0913 -- what a number is judged by
    tally: Tally, slot: Slot, history: History, now: datetime, of_all: Doubt | None, *, closed: bool
) -> Tally:
    """A batch of a source with one view, which nothing can confirm; its number may still be unusual."""
    if not tally.is_open:
        return tally
    if not closed:
        return replace(tally, state=_state(tally, slot, now), doubts=(Doubt(why=Why.OPEN),))
    unusual = [doubt for doubt in _numbers(of_all, history.doubt_of(tally)) if not doubt.is_harmless]
    return replace(tally, state=BatchState.UNCONFIRMED, doubts=(*unusual, Doubt(why=Why.ALONE)))


def _state(tally: Tally, slot: Slot, now: datetime) -> BatchState:
    is_due = tally.state is BatchState.UNCONFIRMED or now >= slot.shown_by
    return BatchState.UNCONFIRMED if is_due else BatchState.EXPECTED
