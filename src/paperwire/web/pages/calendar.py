"""Which days of which sources are complete, as a calendar, and what is late and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from paperwire.core.days.batch import PROVEN, BatchState
from paperwire.core.days.completeness import Day
from paperwire.texts import Texts
from paperwire.web.views import source_name
from paperwire.wording.days import day_counts, day_state

_NOTHING = frozenset({BatchState.HOLIDAY, BatchState.SILENT})
_LATE = frozenset({BatchState.EXPECTED, BatchState.UNCONFIRMED})


@dataclass(frozen=True, slots=True)
class DayCell:
    """One day of one source: a sign, its state in words, and its class in the style."""

    sign: str
    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class DayCalendar:
    """The days in order, for each source a row with a cell a day, and a sentence for each day that is late."""

    days: Sequence[date]
    rows: Sequence[tuple[str, Sequence[DayCell]]]
    late: Sequence[str]


def calendar(days: Sequence[Day], texts: Texts) -> DayCalendar:
    """The calendar of these days, which come by source."""
    columns = sorted({day.day for day in days})
    by_source: dict[str, dict[date, Day]] = {}
    for day in days:
        by_source.setdefault(day.source, {})[day.day] = day
    rows = [
        (source_name(source, texts), [_cell(own.get(column), texts) for column in columns])
        for source, own in by_source.items()
    ]
    late = [_sentence(day, texts) for day in days if day.state in _LATE]
    return DayCalendar(columns, rows, late)


def _cell(day: Day | None, texts: Texts) -> DayCell:
    if day is None:
        # Translators: in a calendar of days: a source had nothing to read on this day.
        return DayCell("", texts.gettext("not read"))
    text = texts.listed(filter(None, [day_state(day, texts), day_counts(day, texts)]))
    if day.state in PROVEN:
        return DayCell("✓", text, "good")
    if day.state in _NOTHING:
        return DayCell("–", text)
    return DayCell("!", text, "bad") if day.is_doubtful else DayCell("…", text)


def _sentence(day: Day, texts: Texts) -> str:
    # Translators: a day of a source that isn't known to be complete: "arXiv, 5 Jan 2026: expected, nothing seen yet".
    return texts.gettext(
        "%(source)s, %(day)s: %(state)s.",
        source=source_name(day.source, texts),
        day=texts.dated(day.day),
        state=day_state(day, texts),
    )
