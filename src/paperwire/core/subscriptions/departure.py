"""What is ended at a place at one instant, and for how long it can be brought back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

LASTS = timedelta(days=7)
"""How long what was ended can be brought back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """What was ended at a place at one instant and can be restored as it was.

    `deleted` are numbers of subscriptions that went nowhere else, `diverted` those that go on elsewhere, and `names`
    what both are called. `closed` says that the place was closed, and `paused` why it took nothing before.
    """

    left_at: datetime
    names: tuple[str, ...]
    deleted: tuple[int, ...]
    diverted: tuple[int, ...]
    closed: bool
    paused: str

    @property
    def second(self) -> int:
        """The instant as a form names it."""
        return int(self.left_at.timestamp())
