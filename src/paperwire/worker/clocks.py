"""The times of day at which something is looked at, by the wall clocks that matter to it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from apscheduler.triggers.cron import CronTrigger

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from paperwire.ports import Now, TimeOfDay

_LONGEST_NAP = 20.0
"""Seconds; a clock that is set forward, or a machine that slept, is noticed after this time at most."""
_LONGEST_LEAD = timedelta(days=1)
"""A clock set back by more was wrong before; then it is believed."""


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
        """The time."""
        at, told = self._elapsed(), self._clock()
        least = self._last + timedelta(seconds=(at - self._at) / 2)
        self._last, self._at = max(told, least) if least - told <= _LONGEST_LEAD else told, at
        return self._last

    def not_before(self, instant: datetime) -> None:
        """Go on from `instant`, which has passed already as others know, unless that is too far off to be true."""
        if timedelta(0) < instant - self() <= _LONGEST_LEAD:
            self._last = instant


@dataclass(frozen=True, slots=True)
class Alarm:
    """What to ring at a time of day."""

    trigger: CronTrigger
    ring: Callable[[], None]


def at(time_of_day: TimeOfDay, ring: Callable[[], None]) -> Alarm:
    """An alarm on every day."""
    hour, minute, zone = time_of_day.hour, time_of_day.minute, time_of_day.zone
    return Alarm(CronTrigger(hour=hour, minute=minute, timezone=zone), ring)


async def ring_on_time(alarms: Sequence[Alarm], now: Now) -> None:
    """Ring each alarm at its times until cancelled; several that were missed ring once."""
    seen = now()
    while alarms:
        await asyncio.sleep(min(max((_next(alarms, seen) - now()).total_seconds(), 0.0), _LONGEST_NAP))
        present = now()
        for alarm in alarms:
            if _next([alarm], seen) <= present:
                alarm.ring()
        seen = present  # a clock that went back begins anew there


def _next(alarms: Sequence[Alarm], after: datetime) -> datetime:
    just_after = after + timedelta(microseconds=1)  # the library counts the very instant in
    times: list[datetime] = [alarm.trigger.get_next_fire_time(None, just_after) for alarm in alarms]
    return min(times)
