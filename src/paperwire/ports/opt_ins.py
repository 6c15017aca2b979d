"""Requests for mail that wait for a confirmation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

REMEMBERED = timedelta(days=7)
"""How long a request is remembered: longer than its link works, so that a late click gets an explanation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptIn:
    """One request: `person` is 0 if a visitor of the pages asked; `used_at` is when it was confirmed, if it was."""

    number: int
    channel: str
    address: str
    person: int
    locale: str
    wanted: dict[str, Any]
    created_at: datetime
    used_at: datetime | None
