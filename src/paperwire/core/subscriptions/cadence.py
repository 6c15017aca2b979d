"""When a place wants its papers: cadences, quiet times, and the instants they mean through clock changes."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DEFAULT_TIME = time(8)
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
_QUIET = re.compile(r"\s*([0-9:]+)\s*(?:-|–|—|to)\s*([0-9:]+)\s*", re.ASCII)
_SEARCH_DAYS = 16  # a weekly slot on a date that a zone skipped is followed by one a week later


def first_instant(zone: str, wall: datetime) -> datetime:
    """The instant (UTC) at which clocks in `zone` first show `wall` (naive) or, in a gap, anything after it.

    A wall time that occurs twice means its first occurrence; one that a clock change skips means the first instant
    after the change (Berlin 2026-03-29 02:30 is 01:00Z, not 01:30Z). Raises ZoneInfoNotFoundError.
    """
    info = ZoneInfo(zone)
    before = _offset(info, wall, fold=0)
    after = _offset(info, wall, fold=1)
    instant = wall.replace(tzinfo=UTC) - before
    if before >= after:
        return instant
    # In a gap, `wall` minus the one offset lies before the change and minus the other behind it.
    early = wall.replace(tzinfo=UTC) - after
    seconds = range(int((after - before).total_seconds()))
    return early + timedelta(seconds=bisect_left(seconds, True, key=lambda s: _moved(info, early, s, before)))  # noqa: FBT003 - what is looked for


def _moved(info: ZoneInfo, early: datetime, seconds: int, before: timedelta) -> bool:
    return (early + timedelta(seconds=seconds)).astimezone(info).utcoffset() != before


def _offset(info: ZoneInfo, wall: datetime, *, fold: int) -> timedelta:
    offset = wall.replace(tzinfo=info, fold=fold).utcoffset()
    assert offset is not None  # noqa: S101 - a ZoneInfo always answers for a full datetime
    return offset


def _exists(zone: str, day: date) -> bool:
    # Samoa had no 30 December 2011: the first instant after its midnight is on another date.
    return first_instant(zone, datetime.combine(day, time())).astimezone(ZoneInfo(zone)).date() == day


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often a place wants papers: `instant`, `daily` at a wall time, or `weekly` on a weekday (0 is Monday)."""

    kind: Literal["instant", "daily", "weekly"] = "instant"
    at: time = _DEFAULT_TIME
    weekday: int = 0

    @classmethod
    def parse(cls, text: str) -> Cadence:
        """Read `instant`, `daily [HH:MM]` or `weekly [DAY] [HH:MM]`, in any case; 08:00 and Monday when left out.

        Raises ValueError that says what to type.
        """
        kind, *words = text.casefold().split() or [""]
        if kind == "instant" and not words:
            return cls()
        if kind == "daily" and len(words) <= 1:
            return cls("daily", _clock(words[0]) if words else _DEFAULT_TIME)
        if kind == "weekly" and len(words) <= 2:
            weekday = 0
            if words and not words[0][0].isdigit():
                weekday = _weekday(words.pop(0))
            if len(words) <= 1:
                return cls("weekly", _clock(words[0]) if words else _DEFAULT_TIME, weekday)
        raise ValueError("Say instant, daily HH:MM or weekly DAY HH:MM, for example: weekly mon 08:00.")

    def __str__(self) -> str:
        if self.kind == "instant":
            return "instant"
        if self.kind == "daily":
            return f"daily {self.at:%H:%M}"
        return f"weekly {WEEKDAYS[self.weekday]} {self.at:%H:%M}"

    def slot(self, zone: str, day: date) -> datetime | None:
        """The instant (UTC) of this cadence's slot of the local date `day`, or None if that date has none."""
        if self.kind == "instant" or (self.kind == "weekly" and day.weekday() != self.weekday):
            return None
        return first_instant(zone, datetime.combine(day, self.at)) if _exists(zone, day) else None

    def next_slot(self, zone: str, after: datetime) -> datetime | None:
        """The first slot later than `after` (aware), in UTC; None for `instant`, which is due at once.

        `zone` is an IANA name; raises ZoneInfoNotFoundError for one that is not.
        """
        # A slot that a clock change pushes over midnight belongs to the day before, so begin there.
        start = after.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)
        for ahead in range(_SEARCH_DAYS):
            slot = self.slot(zone, start + timedelta(days=ahead))
            if slot is not None and slot > after:
                return slot
        return None


@dataclass(frozen=True, slots=True)
class Quiet:
    """A stretch of each day, by the wall clock, in which nothing is sent; `end` before `start` means overnight."""

    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> Quiet:
        """Read `HH:MM-HH:MM`; raises ValueError that says what to type."""
        found = _QUIET.fullmatch(text.casefold())
        if found is None:
            raise ValueError("Say two times, for example: 22:00-07:00.")
        start, end = _clock(found[1]), _clock(found[2])
        if start == end:
            raise ValueError("The quiet time would have no end: the two times must differ.")
        return cls(start, end)

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"

    def until(self, zone: str, now: datetime) -> datetime | None:
        """When the quiet time that `now` (aware) lies in ends, in UTC; None outside of it."""
        today = now.astimezone(ZoneInfo(zone)).date()
        overnight = timedelta(days=int(self.end < self.start))
        for day in (today - timedelta(days=1), today):
            begins = first_instant(zone, datetime.combine(day, self.start))
            ends = first_instant(zone, datetime.combine(day + overnight, self.end))
            if begins <= now < ends:
                return ends
        return None


def _clock(text: str) -> time:
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise ValueError(f"{text[:20]!r} is no time of day: say HH:MM, for example 08:00.")
    return time(int(found[1]), int(found[2]))


def _weekday(text: str) -> int:
    for number, name in enumerate(WEEKDAYS):
        if text[:3] == name and _FULL_NAMES[number].startswith(text):
            return number
    raise ValueError(f"{text[:20]!r} is no day of the week: say one of {', '.join(WEEKDAYS)}.")


_FULL_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
