"""Whether a channel may be used at all: closed for a while after a general refusal or several failures in a row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

FAILURES = 5
"""So many failures in a row close a channel."""
OPENS_AGAIN = timedelta(seconds=30)
"""After this time one message tries whether the channel works."""


@dataclass
class Breaker:
    """The breaker of one channel."""

    closed_until: datetime | None = None
    failures: int = 0

    def opens(self, now: datetime) -> bool:
        """Whether the channel may be used now."""
        return self.closed_until is None or self.closed_until <= now

    def close(self, until: datetime) -> None:
        """The platform wants to be left alone by everybody until then."""
        self.closed_until = until

    def failed(self, now: datetime) -> None:
        """A place could not be served for a reason that may be everybody's."""
        self.failures += 1
        if self.failures >= FAILURES:
            self.closed_until = now + OPENS_AGAIN

    def worked(self) -> None:
        """A message went out; a wish to be left alone that came meanwhile still holds."""
        self.failures = 0
