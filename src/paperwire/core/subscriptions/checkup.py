"""Which subscriptions need a change: they went quiet, never matched, or bring far more than was expected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

EVERY = timedelta(days=30)
"""A place is notified of its subscriptions once in that time at most, and the first time after it."""
QUIET_AFTER = timedelta(days=60)
NEVER_AFTER = timedelta(days=30)
COUNTED = timedelta(days=14)
"""The days over which the present rate is counted."""
_LOUD_A_DAY = 20
_TIMES_EXPECTED = 3


class SubscriptionTrouble(StrEnum):
    """What is wrong with a subscription."""

    QUIET = "quiet"
    NEVER = "never"
    LOUD = "loud"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What a subscription with its number and `ordinal` brought since `began_at`.

    `expected` are the matches a day that were said when it was made, None if that isn't known. `last_at` is when
    something matched last, None for never, and `recent` how much did in the last 14 days.
    """

    number: int
    ordinal: int
    text: str
    name: str
    began_at: datetime
    expected: float | None
    last_at: datetime | None
    recent: int

    @property
    def a_day(self) -> float:
        return self.recent / COUNTED.days

    def trouble(self, now: datetime) -> SubscriptionTrouble | None:
        """What is wrong with it, None for nothing.

        How much is too much follows from what was expected; where that isn't known nothing is.
        """
        if self.last_at is None:
            return SubscriptionTrouble.NEVER if now - self.began_at >= NEVER_AFTER else None
        if now - max(self.last_at, self.began_at) >= QUIET_AFTER:
            return SubscriptionTrouble.QUIET
        usual = self.a_day if self.expected is None else self.expected
        return SubscriptionTrouble.LOUD if self.a_day > max(_LOUD_A_DAY, _TIMES_EXPECTED * usual) else None
