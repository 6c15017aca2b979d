"""One kind of work that goes on for as long as the process does, and the timetable of when it is looked at.

Work is done, woken again, and tried again when it fails. APScheduler rings by the one clock: a job only sets an event.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from paperwire.core.health import StageHealth
from paperwire.errors import PaperwireError, StoreError
from paperwire.pipeline.times import daily
from paperwire.ports.options import Now
from paperwire.ports.sources import TimeOfDay

_LONGEST_NAP = 20.0  # seconds; a clock that was set, or a machine that slept, is noticed after this time at most
_JITTER = 0.1  # share of an interval, so that two processes that start together don't keep asking together
_log = structlog.get_logger(__name__)
LEAST_REST = 0.2
"""Seconds between two runs of a stage whatever it asks for: nothing ever spins."""
LONGEST_BACKOFF = 60.0
"""Seconds; a full disk or a lost database is looked at again at least this often."""


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


@dataclass(frozen=True, slots=True)
class StageLoop:
    """What to do and how to call it.

    `work` does what there is to do and says after which time it is wanted again, or None when there will never be any
    more; the job of its name in `timetable` sets `wake` by then, and others may earlier. While it fails, `troubles`
    says so under its name; whatever it raises, other stages go on.
    """

    name: str
    work: Callable[[], Awaitable[timedelta | None]]
    wake: asyncio.Event
    timetable: Timetable
    troubles: MutableMapping[str, StageHealth]
    now: Now

    async def run(self) -> None:
        """Go on until cancelled, or until there is no work left to do."""
        failures = 0
        while True:
            self.wake.clear()
            try:
                pause = await self.work()
            except Exception as error:  # noqa: BLE001 -- whatever it is, the other stages go on and this one tries again
                failures += 1
                await asyncio.sleep(self._failed(error, failures))
                continue
            if failures:
                _log.info("stage works again", stage=self.name, after=failures)
                failures = 0
                del self.troubles[self.name]
            if pause is None:
                return
            self.timetable.no_later(self.name, self.now() + pause, self.wake.set)
            await asyncio.sleep(LEAST_REST)
            await self.wake.wait()

    def _failed(self, error: Exception, failures: int) -> float:
        """Log a failure, exponentially seldomer; how many seconds to wait."""
        wait = min(2.0 ** min(failures - 1, 10), LONGEST_BACKOFF) * random.uniform(0.5, 1.0)  # noqa: S311 -- jitter
        about = {"problem": str(error)} if isinstance(error, PaperwireError) else {"exc_info": error}
        _log.error("stage failed", stage=self.name, next_try_in=round(wait, 1), **about)
        now = self.now()
        before = self.troubles.get(self.name)
        self.troubles[self.name] = StageHealth(
            name=self.name,
            since=before.since if before else now,
            next_at=now + timedelta(seconds=wait),
            reason=str(error) if isinstance(error, PaperwireError) else type(error).__name__,
            database=isinstance(error, StoreError),
        )
        return wait
