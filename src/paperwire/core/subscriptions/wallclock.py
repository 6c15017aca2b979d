"""Wall clocks of time zones: which instant a clock's time means, through gaps and repeated hours."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

UNASKED = "UTC"
"""The zone of a place where no one was asked for it yet."""
CHOSEN_UTC = "Etc/UTC"
"""UTC where someone chose it, or was asked and chose nothing."""


def known_zone(name: str) -> ZoneInfo | None:
    """The IANA zone of that name, or None where the time zone data have none: names vanish with their updates."""
    try:
        return _zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # no such name, no name at all, the name of a folder
        return None


@lru_cache(maxsize=1_000)  # there are 600; the library keeps the last eight, and reads others from their files again
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def clock_of(zone: str) -> tzinfo:
    """The clock of an IANA zone; that of UTC where the zone is not known any more, so that nothing stops for it."""
    return known_zone(zone) or UTC


def zone_name(zone: str) -> str:
    """The name of the clock that times of `zone` are shown in."""
    zone_info = known_zone(zone)
    return "UTC" if zone_info is None or zone == CHOSEN_UTC else zone


def first_instant(zone: str, wall: datetime) -> datetime:
    """The instant (UTC) at which clocks in `zone` first show `wall` (naive) or, in a gap, anything after it.

    A wall time that occurs twice means its first occurrence; one that a clock change skips means the first instant
    after the change (Berlin 2026-03-29 02:30 is 01:00Z, not 01:30Z).
    """
    clock = clock_of(zone)
    before, after = _offset(clock, wall, fold=0), _offset(clock, wall, fold=1)
    instant = wall.replace(tzinfo=UTC) - before
    if before >= after:
        return instant
    # In a gap, `wall` minus the one offset lies before the change and minus the other after it.
    early = wall.replace(tzinfo=UTC) - after
    seconds = range(int((after - before).total_seconds()))
    return early + timedelta(seconds=bisect_left(seconds, True, key=lambda s: _moved(clock, early, s, before)))  # noqa: FBT003 -- what is looked for


def has_date(zone: str, day: date) -> bool:
    """Whether a zone's calendar has that date: Samoa's had no 30 December 2011."""
    # The first instant after the midnight of a missing date is on another one.
    return first_instant(zone, datetime.combine(day, time())).astimezone(clock_of(zone)).date() == day


def _moved(clock: tzinfo, early: datetime, seconds: int, before: timedelta) -> bool:
    return (early + timedelta(seconds=seconds)).astimezone(clock).utcoffset() != before


def _offset(clock: tzinfo, wall: datetime, *, fold: int) -> timedelta:
    offset = wall.replace(tzinfo=clock, fold=fold).utcoffset()
    assert offset is not None  # noqa: S101 -- a zone always answers for a full datetime
    return offset
