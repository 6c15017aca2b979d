"""First stage: read sources and store what they say, one transaction a page, cursor and papers together."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from paperwire import observe
from paperwire.core.display import shown
from paperwire.errors import SourceBusy, SourceError, SourceRefused

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from paperwire.core.paper import Event
    from paperwire.ports import Now, Page, Source
    from paperwire.store.sources import SourceState
    from paperwire.store.unit import Store

_log = structlog.get_logger(__name__)

BACKFILL = "backfill"
"""The part under which a source's first thirty days and later gaps are read."""
_FIRST_RETRY = timedelta(seconds=30)
_LONGEST_RETRY = timedelta(hours=1)
_REFUSED_RETRY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Collected:
    """What one reading brought: papers stored for the first time, events stored, and parts that failed."""

    papers: int = 0
    events: int = 0
    failed: int = 0

    def __add__(self, other: Collected) -> Collected:
        return Collected(self.papers + other.papers, self.events + other.events, self.failed + other.failed)


class Collector:
    """Reads one source, part by part, each when it is due; a part that fails backs off alone."""

    def __init__(self, source: Source, store: Store, *, every: timedelta, now: Now) -> None:
        self.source = source
        self.every = every
        self._store = store
        self._now = now

    @property
    def name(self) -> str:
        """The source's name."""
        return self.source.name

    async def poll(self, *, early: bool = False) -> Collected:
        """Read every part that is due; with `early` also those that are not, unless they are backing off."""
        total = Collected()
        for part in self.source.parts():
            async with self._store.read() as unit:
                state = await unit.sources.get(self.name, part)
            # Ticks come with jitter: one that is a little early is meant for this part all the same.
            slack = timedelta(0) if state.failures else self.every / 4
            waiting = state.next_at is not None and state.next_at > self._now() + slack
            if waiting and not (early and state.failures == 0):
                continue
            total += await self._poll_part(part, state)
        return total

    async def _poll_part(self, part: str, state: SourceState) -> Collected:
        total = Collected()
        try:
            async for page in self.source.fetch(part, state.cursor):
                state = replace(state, cursor=page.cursor)
                total += await self._record(page, state)
        except SourceError as error:
            await self._failed(state, error)
            return replace(total, failed=1)
        observe.FETCHES.labels(self.name, "ok").inc()
        await self._succeeded(state)
        return total

    async def has_begun(self) -> bool:
        """Whether every part was read well at least once: the source's first run is over."""
        async with self._store.read() as unit:
            states = [await unit.sources.get(self.name, part) for part in self.source.parts()]
        return all(state.first_done for state in states)

    async def wait(self) -> timedelta:
        """How long until the earliest part that failed may be read again; half a minute if none is known."""
        async with self._store.read() as unit:
            states = [state for state in await unit.sources.all() if state.source == self.name]
        times = [state.next_at for state in states if state.failures and state.next_at is not None]
        return max(min(times) - self._now(), timedelta(seconds=1)) if times else _FIRST_RETRY

    async def read_back(self, days: timedelta) -> bool:
        """Read the first `days` once in this database's life; True when that is done."""
        async with self._store.read() as unit:
            done = (await unit.sources.get(self.name, BACKFILL)).first_done
        return done or (await self.backfill((self._now() - days).date())).failed == 0

    async def backfill(self, since: date, tell: Callable[[Collected], None] = lambda _so_far: None) -> Collected:
        """Read everything since `since` without owing anybody a delivery, resuming where an earlier run stopped.

        `tell` hears after each page what was brought so far.
        """
        async with self._store.read() as unit:
            state = await unit.sources.get(self.name, BACKFILL)
        total = Collected()
        try:
            async for page in self.source.backfill(since, state.cursor):
                state = replace(state, cursor=page.cursor)
                total += await self._record(replace(page, quiet=True), state)
                tell(total)
        except SourceError as error:
            await self._failed(state, error)
            return replace(total, failed=1)
        await self._succeeded(replace(state, cursor=""))
        return total

    async def _record(self, page: Page, state: SourceState) -> Collected:
        return await keep(self._store, page, state)

    async def _succeeded(self, state: SourceState) -> None:
        now = self._now()
        ready = replace(state, next_at=now + self.every, failures=0, ok_at=now, error="", first_done=True)
        async with self._store.write() as unit:
            await unit.sources.save(ready)

    async def _failed(self, state: SourceState, error: SourceError) -> None:
        failures = state.failures + 1
        next_at = self._now() + retry_after(error, failures)
        observe.FETCHES.labels(self.name, "failed").inc()
        _log.warning("source failed", source=self.name, part=state.part, problem=str(error), next_try=str(next_at))
        async with self._store.write() as unit:
            await unit.sources.save(replace(state, failures=failures, next_at=next_at, error=str(error)))


async def keep(store: Store, page: Page, state: SourceState) -> Collected:
    """Store one page and how far its part has been read, together or not at all."""
    events = [_readable(event) for event in page.events]
    async with store.write() as unit:
        recorded = await unit.papers.record(events, quiet=page.quiet)
        await unit.sources.save(state)
    observe.PAPERS.labels(state.source).inc(recorded.papers_new)
    for event in page.events:
        observe.EVENTS.labels(state.source, event.kind.value).inc()
    return Collected(recorded.papers_new, recorded.events_new)


def retry_after(error: SourceError, failures: int) -> timedelta:
    """How long to leave a source alone: what it asked for, an hour if it refused us, else exponential with jitter."""
    if isinstance(error, SourceBusy):
        return timedelta(seconds=error.after)
    if isinstance(error, SourceRefused):
        return _REFUSED_RETRY
    longest = min(_FIRST_RETRY * float(2 ** min(failures - 1, 10)), _LONGEST_RETRY)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311  jitter keeps no secret


def _readable(event: Event) -> Event:
    paper = event.paper
    ready = replace(paper, title_shown=shown(paper.title), abstract_shown=shown(paper.abstract))
    return replace(event, paper=ready)
