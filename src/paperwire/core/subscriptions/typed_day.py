"""A single day as people type it: `2026-12-04`, `tomorrow`, `next friday`, `4 December`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from paperwire.core.subscriptions.timetable import WEEKDAYS

_AHEAD = {"today": 0, "tonight": 0, "tomorrow": 1}
_LEAP_YEAR = 2024
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"({'|'.join(_MONTHS)})[a-z]*\.?"
_DAY = r"([12][0-9]|3[01]|0?[1-9])(?:st|nd|rd|th|\.)?"
_YEAR = "(?: (20[0-9]{2}))?"
_END = "(?![0-9:a-z])"
_FORMS = re.compile(
    rf"(?P<time>(?:at )?[0-9]{{1,2}}(?:[:.h][0-9]{{2}})?(?: ?[ap]\.?m\b\.?)? )?(?:on )?(?:the )?(?:"
    rf"(?P<iso>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})(?:t(?=[0-9])|{_END})"
    rf"|(?P<ahead>{'|'.join(_AHEAD)}){_END}"
    rf"|(?:next|this|coming) (?P<weekday>{'|'.join(WEEKDAYS)})[a-z]*{_END}"
    rf"|(?P<day_first>{_DAY} (?:of )?{_MONTH}{_YEAR}){_END}"
    rf"|(?P<month_first>{_MONTH} {_DAY}{_YEAR}){_END})",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedDay:
    """One day: `ahead` days from today, the next such `weekday` (0 is Monday), or a date, of any year where it is 0."""

    ahead: int | None = None
    weekday: int | None = None
    year: int = 0
    month: int = 1
    day: int = 1

    def on(self, today: date) -> date | None:
        """The date that is meant, seen from `today`; None for one that no calendar has, such as 30 February."""
        if self.ahead is not None:
            return today + timedelta(days=self.ahead)
        if self.weekday is not None:
            return today + timedelta(days=(self.weekday - today.weekday() - 1) % 7 + 1)
        if self.year:
            return _date(self.year, self.month, self.day)
        this_year = _date(today.year, self.month, self.day)
        return this_year if this_year and this_year >= today else _date(today.year + 1, self.month, self.day)


def read_day(text: str) -> tuple[TypedDay, str] | None:
    """The day that a text begins with or names after a time, and the text without it; None if there is none."""
    plain = " ".join(text.replace(",", " ").split())
    form = _FORMS.match(plain)
    if form is None:
        return None
    typed = _typed_day(form)
    if _date(typed.year or _LEAP_YEAR, typed.month, typed.day) is None:
        return None
    return typed, f"{form['time'] or ''}{plain[form.end() :]}".strip()


def _typed_day(form: re.Match[str]) -> TypedDay:
    if form["ahead"]:
        return TypedDay(ahead=_AHEAD[form["ahead"].casefold()])
    if form["weekday"]:
        return TypedDay(weekday=WEEKDAYS.index(form["weekday"].casefold()))
    if form["iso"]:
        year, month, day = form["iso"].split("-")
        return TypedDay(year=int(year), month=int(month), day=int(day))
    day, month, year = form.group(6, 7, 8) if form["day_first"] else form.group(11, 10, 12)
    return TypedDay(year=int(year or 0), month=_MONTHS.index(month.casefold()) + 1, day=int(day))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
