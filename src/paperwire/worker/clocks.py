"""The one clock, whatever is done to the machine's."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from paperwire.ports.options import Now

_LONGEST_LEAD = timedelta(days=1)  # a clock set back by more was wrong before; then it is believed


class SteadyClock:
    """A clock that never goes back: while the one it follows is behind, it goes on at half the speed until met.

    So what is due stays due and nothing happens before what came earlier, whatever is done to the machine's clock.
    """

    def __init__(self, clock: Now, elapsed: Callable[[], float] = time.monotonic) -> None:
        """Follow `clock`; `elapsed` is monotonic, in seconds."""
        self._clock = clock
        self._elapsed = elapsed
        self._last, self._at = clock(), elapsed()

    def __call__(self) -> datetime:
        at, shown = self._elapsed(), self._clock()
        least = self._last + timedelta(seconds=(at - self._at) / 2)
        self._last, self._at = max(shown, least) if least - shown <= _LONGEST_LEAD else shown, at
        return self._last

    def not_before(self, instant: datetime) -> None:
        """Go on from `instant`, which has passed already as others know, unless that is too far off to be true."""
        if timedelta(0) < instant - self() <= _LONGEST_LEAD:
            self._last = instant
