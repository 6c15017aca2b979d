"""The circuit breaker of one channel: closed after failures that may be everybody's, probed, and opened again."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from paperwire.core.deliveries.due import Key
from paperwire.core.messages.failures import pause_after

FAILURES = 5
"""Places in a row whose failures close a channel."""
WITHOUT_ANSWER = 3
"""The same for places that keep a service waiting."""
FIRST_PAUSE = timedelta(seconds=5)
"""The pause of a channel that has just been closed; it doubles up to five minutes until a message gets through."""
LONGEST_WISH = timedelta(hours=25)
"""No platform is known to ask for more; what lies further ahead was set while the clock was wrong."""
_SENDS = 50
"""The last sends by which a channel is judged."""
_LEAST_SENDS = 10
_WORKING = 0.9


@dataclass
class Breaker:
    """Keeps how the last sends of a channel ended.

    While it is closed nothing is sent. Once `closed_until` has passed, a probe decides; after a good probe it is on
    trial: one message at a time goes out until one gets through. Until `asked_until` the platform itself wants to be
    left alone. `got_through_at` is when a message arrived last, `pauses` is how often the channel was closed since.
    `faulty` are the deliveries that failed at a place where another one got through right afterwards. `doubted` are the
    places that were refused since anything got through, which may be us who are refused; `own` those that were before,
    so that it is their own.
    """

    closed_until: datetime | None = None
    asked_until: datetime | None = None
    on_trial: bool = False
    got_through_at: datetime | None = None
    faulty: set[Key] = field(default_factory=set)
    pauses: int = 0
    doubted: set[int] = field(default_factory=set)
    own: set[int] = field(default_factory=set)
    _doubted: bool = False
    _ends: deque[bool] = field(default_factory=lambda: deque(maxlen=_SENDS))
    _failing: set[int] = field(default_factory=set)

    def reopens_at(self, now: datetime) -> datetime:
        """When the channel may be asked something again, perhaps only a probe; `now` if that is at once."""
        times = (self.closed_until, self.asked_until)
        return max([now, *(at for at in times if at is not None and at - now <= LONGEST_WISH)])

    def is_closed(self, now: datetime) -> bool:
        """Whether nothing may be asked of the channel now, not even a probe."""
        return self.reopens_at(now) > now

    @property
    def needs_probe(self) -> bool:
        """Whether the last thing known of the channel is that it failed."""
        return self.closed_until is not None or self._doubted

    @property
    def is_working(self) -> bool:
        """Whether nine in ten of the last sends got through, so that a failure is the message's own."""
        return len(self._ends) >= _LEAST_SENDS and self._ends.count(True) >= _WORKING * len(self._ends)

    def leave_alone(self, until: datetime) -> None:
        """Keep the channel closed until then, as its platform asks."""
        self.asked_until = until

    def answered(self) -> None:
        """Take note of a good probe."""
        self.on_trial = self.on_trial or self.closed_until is not None
        self.closed_until = None
        self._doubted = False

    def down(self, now: datetime) -> None:
        """Close the channel for the next pause: a probe failed, or nothing of it works."""
        self.pauses += 1
        self.on_trial = False
        self.closed_until = now + pause_after(self.pauses, FIRST_PAUSE)

    def failed(self, place: int, now: datetime, *, most: int = FAILURES) -> None:
        """Take note of a send that failed for a reason that may be everybody's; not while the channel is closed.

        A place that fails again before anything got through says nothing new about the channel. `most` places in a row
        close it.
        """
        self._doubted = True
        if self.is_closed(now):
            return
        if place not in self._failing:
            self._failing.add(place)
            self._ends.append(False)
        if self.on_trial or len(self._failing) >= most:
            self.down(now)

    def worked(self, now: datetime) -> None:
        """Take note of a message that got through; what the platform asked for meanwhile still holds."""
        self.closed_until = None
        self.on_trial = self._doubted = False
        self.pauses = 0
        self.got_through_at = now
        self._failing.clear()
        self.own |= self.doubted
        self.doubted.clear()
        self._ends.append(True)
