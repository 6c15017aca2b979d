"""When a place wants its papers: cadences, quiet times, and the instants they mean through clock changes."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, TypeAlias

from paperwire.core.subscriptions.timetable import ANY_WEEK, WEEKDAYS, read_hours, read_timetable
from paperwire.core.subscriptions.wallclock import clock_of, first_instant, has_date
from paperwire.errors import TimeError, TimeMistake

NextSlot: TypeAlias = Callable[[str, str, datetime], datetime | None]
"""From a cadence as text, an IANA zone and an instant: the first slot after it, None for `instant`."""
_EVERY_DAY = tuple(range(7))
_WORKING_DAYS = tuple(range(5))
_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}
_SEARCH_DAYS = 70  # a monthly slot on a date that a zone skipped is followed by one a month later


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often a place wants papers: at once without `times`, otherwise in a digest at each of these wall times.

    They count on `weekdays` (0 is Monday), or on the day `monthday` of each month, the last one in shorter months. With
    `nth` only the first to fourth of these weekdays in a month count (-1: the last), with `weeks` those of every second
    to fourth week, counted from the week that begins on `since`, a Monday.
    """

    times: tuple[time, ...] = ()
    weekdays: tuple[int, ...] = _EVERY_DAY
    monthday: int | None = None
    nth: int | None = None
    weeks: int = 1
    since: date = ANY_WEEK

    @classmethod
    @lru_cache(maxsize=500)  # many places have the same few
    def parse(cls, text: str) -> Cadence:
        """Read a cadence as people type it (`daily 8am`, `weekdays 7:30`, `every monday`); raises TimeError."""
        cadence, remainder = cls.split(text)
        if remainder:
            raise TimeError(TimeMistake.UNKNOWN, typed=remainder)
        return cadence

    @classmethod
    def split(cls, text: str) -> tuple[Cadence, str]:
        """The cadence at the beginning of a text, and the words after it; raises TimeError."""
        values = read_timetable(text)._asdict()
        remainder: str = values.pop("rest")
        return cls(**values), remainder

    def beginning(self, day: date) -> Cadence:
        """The same with slots in the week of a day, where it has slots in some weeks only."""
        return self if self.weeks == 1 else replace(self, since=day - timedelta(days=day.weekday()))

    @property
    def kind(self) -> Literal["instant", "daily", "weekdays", "weekly", "weeks", "nth", "monthly"]:
        """Which days it names: `weeks` is every second to fourth week, `nth` a weekday of the month by its number."""
        if not self.times:
            return "instant"
        if self.weeks > 1:
            return "weeks"
        if self.nth is not None:
            return "nth"
        if self.monthday is not None:
            return "monthly"
        if self.weekdays == _EVERY_DAY:
            return "daily"
        return "weekdays" if self.weekdays == _WORKING_DAYS else "weekly"

    def __str__(self) -> str:
        days = [WEEKDAYS[day] for day in self.weekdays]
        match self.kind:
            case "weekly":
                words = ["weekly", *days]
            case "weeks":
                words = ["every", str(self.weeks), "weeks", *days]
            case "nth":
                words = ["monthly", _ORDINALS[self.nth or 1], *days]
            case "monthly":
                words = ["monthly", str(self.monthday)]
            case kind:
                words = [kind]
        words += [f"{at:%H:%M}" for at in self.times]
        return " ".join(words if self.since == ANY_WEEK else [*words, "from", self.since.isoformat()])

    def slots(self, zone: str, day: date) -> list[datetime]:
        """The instants (UTC) of the slots of the local date `day`, the earliest first; none if that date has none."""
        if not self._falls_on(day) or not has_date(zone, day):
            return []
        return sorted({first_instant(zone, datetime.combine(day, at)) for at in self.times})

    def next_slot(self, zone: str, after: datetime) -> datetime | None:
        """The first slot later than `after` (aware), in UTC; None for `instant`, which is due at once."""
        # A slot that a clock change pushes over midnight belongs to the day before, so begin there.
        start = after.astimezone(clock_of(zone)).date() - timedelta(days=1)
        for ahead in range(_SEARCH_DAYS if self.times else 0):
            for slot in self.slots(zone, start + timedelta(days=ahead)):
                if slot > after:
                    return slot
        return None

    def _falls_on(self, day: date) -> bool:
        if self.monthday is not None:
            return day.day == min(self.monthday, _days_of_month(day))
        if day.weekday() not in self.weekdays or (day - self.since).days // 7 % self.weeks:
            return False
        is_last = self.nth == -1 and day.day > _days_of_month(day) - 7
        return self.nth is None or is_last or self.nth == (day.day + 6) // 7


def _days_of_month(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def first_slot(cadences: Iterable[str], zone: str, after: datetime) -> datetime | None:
    """The first slot later than `after` of several cadences as text, None if none has one."""
    slots = (Cadence.parse(cadence).next_slot(zone, after) for cadence in cadences)
    return min((slot for slot in slots if slot is not None), default=None)


@dataclass(frozen=True, slots=True)
class Quiet:
    """A stretch of each day, by the wall clock, in which nothing is sent; `end` before `start` means overnight."""

    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> Quiet:
        """Read hours as people type them (`22:00-07:00`, `22-7`, `10pm to 7am`); raises TimeError."""
        quiet, remainder = cls.split(text)
        if remainder:
            raise TimeError(TimeMistake.UNKNOWN, typed=remainder)
        return quiet

    @classmethod
    def split(cls, text: str) -> tuple[Quiet, str]:
        """The hours at the beginning of a text, and the words after them; raises TimeError."""
        start, end, remainder = read_hours(text)
        if start == end:
            raise TimeError(TimeMistake.EQUAL_HOURS, typed=text)
        return cls(start, end), remainder

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"

    def until(self, zone: str, now: datetime) -> datetime | None:
        """When the quiet time that `now` (aware) lies in ends, in UTC; None outside of it."""
        today = now.astimezone(clock_of(zone)).date()
        overnight = timedelta(days=int(self.end < self.start))
        for day in (today - timedelta(days=1), today):
            begins = first_instant(zone, datetime.combine(day, self.start))
            ends = first_instant(zone, datetime.combine(day + overnight, self.end))
            if begins <= now < ends:
                return ends
        return None
