"""What made a sound at a place lately, as what was due by then makes no other."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from paperwire.core.deliveries.due import Due
from paperwire.core.messages.bundles import Bundle

_REMEMBERED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Burst:
    """What came to a place since a message made a sound, including that one: how many messages and papers."""

    began_at: datetime
    messages: int = 1
    papers: int = 0


@dataclass(frozen=True)
class Sounds:
    """The last burst of places, for a day: what was due when it began makes no other sound."""

    _bursts: dict[int, Burst] = field(default_factory=dict)

    def heard(self, place: int, now: datetime, papers: int = 0) -> None:
        """Keep that a place hears a message of `papers` now, and forget what is a day old."""
        self._bursts.pop(place, None)
        self._bursts[place] = Burst(now, papers=papers)  # the last heard stands last
        while abs(now - self._bursts[oldest := next(iter(self._bursts))].began_at) > _REMEMBERED:
            del self._bursts[oldest]

    def followed(self, place: int, papers: int) -> None:
        """Count a message of `papers` without a sound."""
        if (burst := self._bursts.get(place)) is not None:
            self._bursts[place] = replace(burst, messages=burst.messages + 1, papers=burst.papers + papers)

    def covering(self, bundle: Bundle[Due], place: int, now: datetime) -> Burst | None:
        """The burst that a message goes on with, as all of it was due when its place last heard one."""
        burst = self._bursts.get(place)
        covers = burst is not None and burst.began_at <= now and bool(bundle.owed)
        return burst if burst and covers and all(o.due_at <= burst.began_at for o in bundle.owed) else None
