"""Durations as people write them in settings, and as HTTP servers write them in `Retry-After`."""

from __future__ import annotations

import email.utils
import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BeforeValidator

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd]?)", re.ASCII)
_LONGEST_DURATION = 366 * 86400.0
_NUMBER = re.compile(r"\d+(?:\.\d+)?", re.ASCII)


def seconds(value: object) -> float:
    """Read `15m`, `1.5h`, `30s`, `2d`, or a plain number of seconds.

    Raises:
        ValueError: the value is none of these, below zero or longer than a year.
    """
    seconds: float
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value
    else:
        parts = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
        if parts is None:
            raise ValueError("must be a duration such as 30s, 15m, 6h or 1d, or a number of seconds")
        seconds = float(parts[1]) * _UNITS[parts[2]]
    if not 0 <= seconds <= _LONGEST_DURATION:
        raise ValueError("must be a duration from 0 to 366 days")
    return float(seconds)


Seconds = Annotated[float, BeforeValidator(seconds)]
"""A settings field that takes `15m` or a number and holds seconds."""


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds to wait by the value of a `Retry-After` header, a number or an HTTP date; None if it is neither."""
    value = value.strip()
    if _NUMBER.fullmatch(value):
        return min(float(value), _LONGEST_DURATION)
    try:
        date = email.utils.parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    left = (date.replace(tzinfo=date.tzinfo or UTC) - now).total_seconds()
    return min(max(left, 0.0), _LONGEST_DURATION)
