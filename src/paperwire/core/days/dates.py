"""Dates that sources write: none lies more than a day ahead of the clock, or before there were journals."""

from __future__ import annotations

import email.utils
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from paperwire.core.days.batch import Listing
from paperwire.core.papers.paper import Event

_AHEAD = timedelta(days=1)  # clocks and time zones differ by this much at most
_EARLIEST, _LATEST = date(1600, 1, 1), date(9900, 1, 1)


def is_possible(value: date | datetime, now: datetime) -> bool:
    """Whether a source can mean this day or this aware time at `now`."""
    if isinstance(value, datetime):
        return value.date() >= _EARLIEST and value <= now + _AHEAD
    return _EARLIEST <= value <= now.date() + _AHEAD


def checked(event: Event, now: datetime) -> tuple[Event, list[date | datetime]]:
    """The event without dates that cannot be, and the dates that it lost; it is of today then.

    A paper whose dates are refused is dated by the store, when it is first seen.
    """
    paper, refused = event.paper, list[date | datetime]()
    for value in (event.day, event.at, paper.announced, paper.published, paper.updated):
        if value is not None and not is_possible(value, now) and value not in refused:
            refused.append(value)
    if not refused:
        return event, refused
    paper = replace(
        paper,
        announced=None if paper.announced in refused else paper.announced,
        published=None if paper.published in refused else paper.published,
        updated=None if paper.updated in refused else paper.updated,
    )
    day = now.date() if event.day in refused else event.day
    return replace(event, paper=paper, day=day, at=now if event.at in refused else event.at), refused


def placed(listings: Iterable[Listing], now: datetime) -> tuple[Listing, ...]:
    """The listings, with what is listed under an impossible day moved to today, which is not whole by that."""
    moved = []
    for listing in listings:
        if is_possible(listing.day, now):
            moved.append(listing)
        elif listing.arrivals or listing.replaced:
            moved.append(replace(listing, day=now.date(), whole=False, stale=False))
    return tuple(moved)


def instant(text: str) -> datetime | None:
    """A time in ISO 8601 or as in the head of a mail, in UTC (which it is in without a zone); None for any other.

    So are the first and last centuries, which no calendar can be asked about.
    """
    for read in (datetime.fromisoformat, email.utils.parsedate_to_datetime):
        try:
            at = read(text)
            at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
        return at if _EARLIEST <= at.date() < _LATEST else None
    return None


def day(text: str) -> date | None:
    """A day in ISO 8601; None for any other text, and for days of the first and last centuries."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _EARLIEST <= day < _LATEST else None
