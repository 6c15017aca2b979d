"""What is said about arXiv's next announcement."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def moment(at: datetime) -> str:
    """A time in New York as arXiv speaks of it: `Sunday 20:00 ET`."""
    return f"{_DAYS[at.weekday()]} {at:%H:%M} ET"


def outlook(*, tonight: bool, holiday: str, next_at: datetime) -> str:
    """One line for `/status`: when the next papers come, and why there are none tonight; `next_at` in New York."""
    if tonight:
        return f"next arXiv batch {moment(next_at)}"
    why = f"US holiday, {holiday}" if holiday else "arXiv announces nothing on Friday and Saturday"
    return f"no papers tonight: {why}; next batch {moment(next_at)}"
