"""Whether this process can do the work of its roles, and why not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

from paperwire.core.health import StageHealth
from paperwire.errors import StoreError
from paperwire.pipeline.ingest import Collector
from paperwire.store.lanes import Lane, using
from paperwire.store.unit import Store

OF_NO_ROLE = frozenset({"report", "watch"})
"""Stages that any process has; what they write is about the process, and no work waits for it."""
_KEY = "written at"
_DATABASE_TIMEOUT = 5.0  # seconds in which the database must answer
_CACHED_SECONDS = 2.0  # seconds for which an answer of the database counts, however often it is asked


class Readiness:
    """Tells what keeps this process from its work; a source that fails does not, once its first run is over."""

    def __init__(
        self,
        store: Store,
        collectors: Sequence[Collector],
        roles: frozenset[str],
        troubles: Mapping[str, StageHealth],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._collectors = collectors if "collect" in roles else ()
        self._writes = bool(roles - {"web"})
        self.troubles = troubles
        self._clock = clock
        self._asking = asyncio.Lock()
        self._asked_at: float | None = None
        self._problem = ""

    async def reasons(self) -> tuple[str, ...]:
        """Why this process is not ready; empty if it is."""
        problem = await self.database_problem()
        if problem:
            return (problem,)
        try:
            sources = [reason for collector in self._collectors if (reason := await _of_source(collector))]
        except StoreError as error:
            return (str(error),)
        failing = [
            f"{trouble.name} fails: {trouble.reason}"
            for _, trouble in sorted(self.troubles.items())
            if trouble.database and trouble.name not in OF_NO_ROLE
        ]
        return (*sources, *failing)

    async def database_problem(self) -> str:
        """Why the database cannot be written, or read where this process only reads; empty if it can."""
        async with self._asking:
            now = self._clock()
            if self._asked_at is None or now - self._asked_at >= _CACHED_SECONDS:
                with using(Lane.STAGES):  # the answer is about the work of this process
                    self._problem = await self._ask()
                self._asked_at = self._clock()
            return self._problem

    async def _ask(self) -> str:
        try:
            async with asyncio.timeout(_DATABASE_TIMEOUT):
                if self._writes:
                    async with self._store.write() as unit:
                        await unit.settings.put(_KEY, unit.now.isoformat())
                else:
                    async with self._store.read() as unit:
                        await unit.settings.get(_KEY)
        except StoreError as error:
            return str(error)
        except TimeoutError:
            return f"the database {self._store.where} did not answer in {_DATABASE_TIMEOUT:.0f} seconds"
        return ""


async def _of_source(collector: Collector) -> str:
    if not await collector.has_begun():
        return f"{collector.name}: the first run has not ended yet"
    tried_at = await collector.overdue_since()
    if tried_at is not None:
        return f"{collector.name}: overdue, not tried since {tried_at:%Y-%m-%dT%H:%M:%SZ}"
    return ""
