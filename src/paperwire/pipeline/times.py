"""Times of day, by the wall clocks of their zones."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from apscheduler.triggers.cron import CronTrigger

from paperwire.ports.sources import TimeOfDay


def daily(time_of_day: TimeOfDay) -> CronTrigger:
    """The trigger of a job that runs at this time on every day."""
    return CronTrigger(hour=time_of_day.hour, minute=time_of_day.minute, timezone=time_of_day.zone)


def next_time(times: Iterable[TimeOfDay], after: datetime) -> datetime:
    """The first instant after `after` at which it is one of these times of day; in the zone of `after`."""
    just_after = after + timedelta(microseconds=1)  # the library counts the very instant in
    instants: list[datetime] = [daily(time_of_day).get_next_fire_time(None, just_after) for time_of_day in times]
    return min(instants).astimezone(after.tzinfo)
