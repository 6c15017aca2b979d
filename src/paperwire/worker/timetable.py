"""When a process looks at what: APScheduler by the one clock. A job only sets a wake-up event."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from paperwire.pipeline.times import daily
from paperwire.ports.options import Now
from paperwire.ports.sources import TimeOfDay

_LONGEST_NAP = 20.0
"""Seconds; a clock that was set, or a machine that slept, is noticed after this time at most."""
_JITTER = 0.1
"""Share of an interval, so that two processes that start together don't keep asking together."""


class Timetable(AsyncIOScheduler):  # type: ignore[misc]  # the library has no types
    """The jobs of one process, by their names; begins with `start` and ends with `shutdown`.

    The library compares jobs with the machine's clock, in `_process_jobs` alone, and walks through every run that was
    missed; here the clock is `now`, and what was missed runs once.
    """

    def __init__(self, now: Now) -> None:
        super().__init__(timezone=UTC)
        self._now, self._seen = now, datetime.min.replace(tzinfo=UTC)

    def every(self, name: str, interval: timedelta, ring: Callable[[], object]) -> None:
        """Call `ring` at an interval, from one interval after now on, each time up to a tenth later."""
        start, seconds = self._now() + interval, interval.total_seconds()
        self._add(name, IntervalTrigger(seconds=seconds, jitter=seconds * _JITTER, start_date=start), ring)

    def daily(self, name: str, time_of_day: TimeOfDay, ring: Callable[[], object]) -> None:
        """Call `ring` every day at that time."""
        self._add(name, daily(time_of_day), ring)

    def no_later(self, name: str, at: datetime, ring: Callable[[], object]) -> None:
        """Call `ring` at `at`, unless the job of that name comes before, or at about that time by its jitter."""
        job = self.get_job(name)
        if job is None:
            self._add(name, DateTrigger(at), ring)
        elif at + timedelta(seconds=getattr(job.trigger, "jitter", 0)) < job.next_run_time:
            job.modify(next_run_time=at)

    def _add(self, name: str, trigger: BaseTrigger, ring: Callable[[], object]) -> None:
        self.add_job(ring, trigger, id=name, next_run_time=trigger.get_next_fire_time(None, self._now()))

    def _process_jobs(self) -> float:
        """Run what is due; seconds until the next look. If the clock went back, each job starts over from there."""
        now = self._now()
        went_back, self._seen = now < self._seen, now
        for job in self.get_jobs():
            if not went_back and now < job.next_run_time:
                continue
            following = job.trigger.get_next_fire_time(now, now)
            if following is None:
                job.remove()
            else:
                job.modify(next_run_time=following)
            if following is None or not went_back:
                job.func()
        left: list[float] = [(job.next_run_time - now).total_seconds() for job in self.get_jobs()]
        return min([_LONGEST_NAP, *left])
