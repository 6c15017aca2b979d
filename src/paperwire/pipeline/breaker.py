"""The circuit breaker of one channel: it opens after failures that may concern all places, and a probe closes it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from paperwire.core.deliveries.due import Key
from paperwire.core.messages.failures import pause_after

FAILURES = 5
"""Places in a row whose failures open a breaker."""
WITHOUT_ANSWER = 3
"""The same for places that keep a service waiting."""
FIRST_PAUSE = timedelta(seconds=5)
"""The first pause of an open breaker; it doubles up to five minutes until a message gets through."""
LONGEST_RETRY_AFTER = timedelta(hours=25)
"""No platform is known to ask for more; what lies further ahead was set while the clock was wrong."""
_SENDS = 50  # the last sends by which a channel is judged
_LEAST_SENDS = 10
_WORKING = 0.9


@dataclass
class Breaker:
    """Whether a channel may be sent to, by how its last sends ended.

    While it is open nothing is sent. Once `open_until` has passed, a probe decides; after a good one it is `half_open`:
    one message at a time goes out until one gets through, which closes it. Until `asked_until` the platform itself
    wants to be left alone. `got_through_at` is when a message arrived last, `pauses` how often it opened since.
    `faulty` are the deliveries that failed at a place where another one got through right afterwards. `doubted` are the
    places that were refused since anything got through, when the refusal may concern us. `own` are those that were
    refused before, so that it concerns them alone.
    """

    open_until: datetime | None = None
    asked_until: datetime | None = None
    half_open: bool = False
    got_through_at: datetime | None = None
    faulty: set[Key] = field(default_factory=set)
    pauses: int = 0
    doubted: set[int] = field(default_factory=set)
    own: set[int] = field(default_factory=set)
    _has_failed: bool = False
    _ends: deque[bool] = field(default_factory=lambda: deque(maxlen=_SENDS))
    _failing: set[int] = field(default_factory=set)

    def next_try_at(self, now: datetime) -> datetime:
        """When the channel may be asked something again, perhaps only a probe; at the earliest `now`."""
        times = (self.open_until, self.asked_until)
        return max([now, *(at for at in times if at is not None and at - now <= LONGEST_RETRY_AFTER)])

    def is_open(self, now: datetime) -> bool:
        """Whether nothing may be asked of the channel now, not even a probe."""
        return self.next_try_at(now) > now

    @property
    def needs_probe(self) -> bool:
        """Whether the last thing known of the channel is that it failed."""
        return self.open_until is not None or self._has_failed

    @property
    def is_working(self) -> bool:
        """Whether nine in ten of the last sends got through, so that a failure is the message's own."""
        return len(self._ends) >= _LEAST_SENDS and self._ends.count(True) >= _WORKING * len(self._ends)

    def leave_alone(self, until: datetime) -> None:
        """Stay open until then, as the platform asks."""
        self.asked_until = until

    def answered(self) -> None:
        """Take note of a good probe: an open breaker is half open."""
        self.half_open = self.half_open or self.open_until is not None
        self.open_until = None
        self._has_failed = False

    def trip(self, now: datetime) -> None:
        """Open for the next pause: a probe failed, or nothing gets through."""
        self.pauses += 1
        self.half_open = False
        self.open_until = now + pause_after(self.pauses, FIRST_PAUSE)

    def failed(self, place: int, now: datetime, *, most: int = FAILURES) -> None:
        """Count a send that failed for a reason that may concern all places, unless the breaker is open.

        A place that fails again before anything got through says nothing new about the channel. `most` places in a row
        open it.
        """
        self._has_failed = True
        if self.is_open(now):
            return
        if place not in self._failing:
            self._failing.add(place)
            self._ends.append(False)
        if self.half_open or len(self._failing) >= most:
            self.trip(now)

    def worked(self, now: datetime) -> None:
        """Close, as a message got through; what the platform asked for meanwhile still holds."""
        self.open_until = None
        self.half_open = self._has_failed = False
        self.pauses = 0
        self.got_through_at = now
        self._failing.clear()
        self.own |= self.doubted
        self.doubted.clear()
        self._ends.append(True)
