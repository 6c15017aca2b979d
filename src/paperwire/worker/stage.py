"""One kind of work that goes on for as long as the process does: done, woken again, and tried again when it fails."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from datetime import timedelta

import structlog

from paperwire.core.health import StageHealth
from paperwire.errors import PaperwireError, StoreError
from paperwire.ports.options import Now
from paperwire.worker.timetable import Timetable

_log = structlog.get_logger(__name__)

LEAST_REST = 0.2
"""Seconds between two runs of a stage whatever it asks for: nothing ever spins."""
LONGEST_BACKOFF = 60.0
"""Seconds; a full disk or a lost database is looked at again at least this often."""


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
