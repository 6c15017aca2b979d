"""First stage: read sources and store what they say, one transaction a page, cursor and papers together."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from time import perf_counter

import structlog

from paperwire import observe
from paperwire.core.days.dates import checked, placed
from paperwire.core.health import is_overdue
from paperwire.core.papers.paper import ARRIVALS, Event
from paperwire.errors import SourceBusy, SourceError, SourceRefused, StoreError
from paperwire.pipeline.days import first_look
from paperwire.pipeline.days.calendar import Calendar
from paperwire.pipeline.days.entry import begin_entry, end_entry
from paperwire.ports.options import Now
from paperwire.ports.sources import LONGEST_BURST, Archive, Dated, Page, Reconciled, Source, SourceState
from paperwire.store.unit import Store

_log = structlog.get_logger(__name__)

BACKFILL = "backfill"
"""The part under which a source's first thirty days and later gaps are read."""
FIRST_DAYS = timedelta(days=30)
"""What is read back when a source is read for the first time."""
IMPORT = "import"
"""Where a source's name stands in the state of files imported by hand, which are not read again."""
_FIRST_RETRY = timedelta(seconds=30)
_LONGEST_RETRY = timedelta(hours=1)
_REFUSED_RETRY = timedelta(hours=1)
_LONGEST_WAIT = timedelta(days=1)
_LONGEST_ATTEMPT = timedelta(minutes=10)  # an attempt under way for longer hangs; requests time out much earlier
_NO_TIME = timedelta(0)
_REPORT_AGAIN = timedelta(hours=1)
_SLACK = 1.1  # intervals ahead of which a time is believed: the clocks of two machines differ a little


@dataclass(frozen=True, slots=True)
class Collected:
    """What one reading brought: papers stored for the first time, events stored, and parts that failed.

    For the log also how many papers were announced, and the last day that they were announced on.
    """

    papers: int = 0
    events: int = 0
    failed: int = 0
    announced: int = field(default=0, compare=False)
    day: date | None = field(default=None, compare=False)

    def __add__(self, other: Collected) -> Collected:
        return Collected(
            self.papers + other.papers,
            self.events + other.events,
            self.failed + other.failed,
            self.announced + other.announced,
            max(filter(None, (self.day, other.day)), default=None),
        )


class Collector:
    """Reads one source, part by part, each when it is due; a part that fails backs off alone."""

    def __init__(self, source: Source, store: Store, *, every: timedelta, now: Now) -> None:
        self.source = source
        self.every = every
        self._store = store
        self._now = now
        self._calendar = Calendar(source)
        self._asked_at: datetime | None = None
        self._reported_at: datetime | None = None
        self._is_reported = True  # by the process before, if a part fails

    @property
    def name(self) -> str:
        return self.source.name

    async def poll(self, *, early: bool = False) -> Collected:
        """Read every part that is due; with `early` also those that are not, unless they are backing off.

        What several parts bring is matched together, see `SourceStates.delay`.
        """
        began, total = perf_counter(), Collected()
        parts = await self._parts_in_order()
        for part in parts:
            state = await self.state(part)
            if self._left(state) <= _NO_TIME or (early and state.failures == 0):
                total += await self._read(state)
        if self.is_announced_in_parts:
            if total.events:
                total += await self._read_along()
            await self.end_burst(parts)
        if total.announced:
            _log.info(
                "announcement collected",
                source=self.name,
                day=str(total.day or ""),
                papers=total.announced,
                new=total.papers,
                seconds=round(perf_counter() - began, 2),
            )
        return total

    async def _parts_in_order(self) -> list[str]:
        """The parts, the longest unread first: what closes the source to all after one of them starves none."""
        states = [await self.state(part) for part in self.source.parts()]
        if isinstance(self.source, Dated) and (fresh := [state.part for state in states if not state.first_done]):
            async with self._store.write() as unit:
                await first_look.take_down(unit, self.name, fresh)
        never = datetime.min.replace(tzinfo=UTC)
        return [state.part for state in sorted(states, key=lambda state: state.tried_at or state.ok_at or never)]

    @property
    def is_announced_in_parts(self) -> bool:
        """Whether what one part brings waits for the others."""
        return len(self.source.parts()) > 1

    async def end_burst(self, parts: Sequence[str]) -> None:
        """Give what these parts brought to the matcher, now that nothing is left to wait for."""
        if await self._waits_until() is not None:
            async with self._store.write() as unit:
                await unit.sources.release(self.name, parts)

    async def _read(self, state: SourceState) -> Collected:
        """Read one part; that it is tried is stored first, so that other processes see it while it lasts."""
        self._asked_at = self._now()
        try:
            async with self._store.write() as unit:
                await unit.sources.save(replace(state, tried_at=self._asked_at))
            pages = self.source.fetch(state.part, state.cursor)
            return await self.follow(state, pages, waits=self.is_announced_in_parts)
        finally:
            self._asked_at = None

    async def _read_along(self) -> Collected:
        """Read also what was last read before the burst began, and would be due before it has to end.

        A source with announcement days announces all its parts together: then all of them, due or not.
        """
        all_at_once = isinstance(self.source, Dated)
        total = Collected()
        until = await self._waits_until()
        if until is None:
            return total
        for part in await self._parts_in_order():
            state = await self.state(part)
            has_answered = state.failures or (state.ok_at is not None and state.ok_at >= until - LONGEST_BURST)
            if not has_answered and (all_at_once or self._left(state) <= LONGEST_BURST):
                total += await self._read(state)
        return total

    async def _waits_until(self) -> datetime | None:
        async with self._store.read() as unit:
            return await unit.sources.waits_until(self.name)

    async def follow(
        self,
        state: SourceState,
        pages: AsyncIterator[Page],
        *,
        tell: Callable[[Collected], None] = lambda _so_far: None,
        over: str | None = None,
        waits: bool = False,
    ) -> Collected:
        """Store `pages` one by one for the part of `state`, whose next time is `every` from now; it may fail alone.

        `tell` hears after each page what was brought so far; `over` is the cursor once there are no more, if not the
        last page's. Where it `waits`, what pages bring is not matched before `end_burst`.
        """
        total = Collected()
        try:
            async for page in pages:
                state = replace(state, cursor=page.cursor, tried_at=self._now())
                total += await keep(self._store, page, state, self._calendar, waits=waits)
                tell(total)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 -- whatever one part brings, the others are read
            await self._failed(state, error)
            return replace(total, failed=1)
        observe.FETCHES.labels(self.name, "ok").inc()
        await self._succeeded(state if over is None else replace(state, cursor=over))
        return total

    async def postpone(self, part: str, until: datetime) -> None:
        """Let a part be due at another time than usual."""
        async with self._store.write() as unit:
            await unit.sources.postpone(self.name, part, until)

    async def has_begun(self) -> bool:
        """Whether every part was read well at least once: the source's first run is over."""
        return all([(await self.state(part)).first_done for part in self.source.parts()])

    async def overdue_since(self) -> datetime | None:
        """The last attempt, if the source is overdue and not being read right now; else None."""
        now = self._now()
        if self._asked_at is not None and now - self._asked_at <= _LONGEST_ATTEMPT:
            return None
        async with self._store.read() as unit:
            states = [await unit.sources.get(self.name, part) for part in self.source.parts()]
        return overdue_since(states, self.every, now)

    async def rest(self) -> timedelta:
        """How long until the first of the parts is due."""
        left = [self._left(await self.state(part)) for part in self.source.parts()]
        return max(min(left, default=self.every), _NO_TIME)

    async def rest_of(self, part: str) -> timedelta:
        """How long until a part is due."""
        return max(self._left(await self.state(part)), _NO_TIME)

    async def read_back(self, days: timedelta) -> bool:
        """Read the first `days` once in this database's life, if that may be tried now; True when it is done.

        That it is tried is stored first, so that what is there meanwhile is not taken for the whole.
        """
        state = await self.state(BACKFILL)
        if state.first_done or self._left(state) > _NO_TIME:
            return state.first_done
        async with self._store.write() as unit:
            await unit.sources.save(replace(state, tried_at=self._now()))
            began_at = await first_look.began_at(unit, self.name, self.source.parts())
        since = (self._now() - days).date()
        if not isinstance(self.source, Reconciled):
            return not (await self.backfill(since)).failed
        pages = self.source.read_back(since, state.cursor, first_look=began_at)
        return not (await self.follow(state, pages, over="")).failed

    async def state(self, part: str) -> SourceState:
        """How far a part has been read, and its failures."""
        async with self._store.read() as unit:
            return await unit.sources.get(self.name, part)

    def _left(self, state: SourceState) -> timedelta:
        """How long until a part is due; a time further off than any that is set means that the clock went back."""
        left = state.next_at - self._now() if state.next_at is not None else _NO_TIME
        longest = _LONGEST_WAIT if state.failures else self.every * _SLACK
        return left if left <= longest else _NO_TIME

    async def backfill(
        self, since: date, tell: Callable[[Collected], None] = lambda _so_far: None, *, deliver: bool = False
    ) -> Collected:
        """Read everything since `since`, resuming where an earlier run stopped.

        No delivery is owed, unless `deliver` says that papers of these days count as found late. `tell` hears
        after each page what was brought so far.
        """
        state = await self.state(BACKFILL)
        pages = self._found_late(since, state.cursor) if deliver else self._quietly(since, state.cursor)
        return await self.follow(state, pages, tell=tell, over="")

    async def _archive(self, since: date, cursor: str) -> AsyncIterator[Page]:
        """The source's own pages, none if it can't be read back."""
        if isinstance(self.source, Archive):
            async for page in self.source.backfill(since, cursor):
                yield page

    async def _quietly(self, since: date, cursor: str) -> AsyncIterator[Page]:
        async for page in self._archive(since, cursor):
            yield replace(page, quiet=True)

    async def _found_late(self, since: date, cursor: str) -> AsyncIterator[Page]:
        """The pages, each with its arrivals since `since` apart and announced; the cursor moves with the rest."""
        async for page in self._archive(since, cursor):
            late = [_late(event) for event in page.events if _is_arrival_since(event, since)]
            others = tuple(event for event in page.events if not _is_arrival_since(event, since))
            yield replace(page, events=tuple(late), cursor=cursor, quiet=False)
            yield replace(page, events=others, quiet=True, listings=())
            cursor = page.cursor

    async def _succeeded(self, state: SourceState) -> None:
        now = self._now()
        if state.failures and self._is_reported:
            self._is_reported = False
            _log.info("source works again", source=self.name, part=state.part, after=state.failures)
        ready = replace(state, next_at=now + self.every, failures=0, ok_at=now, error="", first_done=True, tried_at=now)
        async with self._store.write() as unit:
            await unit.sources.save(ready)

    async def _failed(self, state: SourceState, error: Exception) -> None:
        failures = state.failures + 1
        now = self._now()
        next_at = now + pause_after(error, failures, self.every)
        observe.FETCHES.labels(self.name, "failed").inc()
        about = {"source": self.name, "part": state.part, "next_try": f"{next_at:%Y-%m-%dT%H:%M:%SZ}"}
        was_sent = not isinstance(error, SourceBusy) or error.sent
        if isinstance(error, SourceError):
            problem = str(error)
            is_news = was_sent and self._is_time_to_report(now)
            (_log.warning if is_news else _log.debug)("source failed", problem=problem, **about)
        else:
            problem = f"Paperwire could not read the answer ({type(error).__name__}); the log has the fault"
            _log.error("source failed", exc_info=error, **about)
        # A part that was not asked keeps its turn before those that were.
        state = replace(state, tried_at=now if was_sent else state.tried_at)
        async with self._store.write() as unit:
            await unit.sources.save(replace(state, failures=failures, next_at=next_at, error=problem))

    def _is_time_to_report(self, now: datetime) -> bool:
        """Whether an hour has passed since the last line about a failure; `status` has all parts that fail."""
        if self._reported_at is not None and now - self._reported_at < _REPORT_AGAIN:
            return False
        self._reported_at, self._is_reported = now, True
        return True


async def keep(
    store: Store, page: Page, state: SourceState, calendar: Calendar | None = None, *, waits: bool = False
) -> Collected:
    """Store one page, what it shows of batches and how far its part has been read, together or not at all.

    The news of a page that `waits` wait for those of the source's other parts.
    """
    async with store.write() as unit:
        page = _dated(page, state.source, unit.now)
        if calendar is None:
            recorded = await unit.papers.record(page.events, quiet=page.quiet)
        else:
            page = await first_look.as_news(unit, calendar, page, state)
            entry = await begin_entry(unit, calendar, page, state.ok_at)
            recorded = await unit.papers.record(entry.labelled(), quiet=page.quiet)
            await end_entry(unit, entry, recorded)
        await unit.sources.save(state)
        if waits and recorded.events_new and not page.quiet:
            await unit.sources.delay(state.source, state.part)
    observe.PAPERS.labels(state.source).inc(recorded.papers_new)
    for event in page.events:
        observe.EVENTS.labels(state.source, event.kind.value).inc()
    day = max((event.day for event in page.events if event.day), default=None)
    return Collected(recorded.papers_new, recorded.events_new, announced=len(recorded.arrived), day=day)


def overdue_since(states: Sequence[SourceState], every: timedelta, now: datetime) -> datetime | None:
    """The last attempt at a source with these parts, if it is overdue; None if not, or if it was never tried."""
    tried_at = max((tried for state in states if (tried := state.tried_at or state.ok_at)), default=None)
    if tried_at is None:
        return None
    due_at = min((state.next_at for state in states if state.next_at), default=tried_at)
    return tried_at if is_overdue(tried_at, due_at, every, now) else None


def pause_after(error: Exception, failures: int, every: timedelta) -> timedelta:
    """How long to leave a source alone: what it asked for, an hour if it refused us, else exponential with jitter.

    A source that is read more often than every half minute is not left alone longer than that at first. One that asks
    for patience and names no time gets more with each failure, up to its interval.
    """
    if isinstance(error, SourceBusy):
        after = timedelta(seconds=error.after)
        grown = after if error.named or not error.sent else min(after * 2 ** min(failures - 1, 10), max(every, after))
        return min(grown, _LONGEST_WAIT)
    if isinstance(error, SourceRefused):
        return _REFUSED_RETRY
    longest = min(min(_FIRST_RETRY, every) * float(2 ** min(failures - 1, 10)), _LONGEST_RETRY)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 -- jitter keeps no secret


def _is_arrival_since(event: Event, since: date) -> bool:
    return event.kind in ARRIVALS and event.day is not None and event.day >= since


def _late(event: Event) -> Event:
    """An arrival found late; without a calendar of its source it was announced when its day began."""
    day = event.day or date.min
    return replace(event, late=True, told_at=datetime.combine(day, time(), UTC))


def _dated(page: Page, source: str, now: datetime) -> Page:
    """The page without the dates that its source cannot mean, all of which are one line in the log."""
    pairs = [checked(event, now) for event in page.events]
    refused = [value for _, values in pairs for value in values]
    listings = placed(page.listings, now)
    if refused or listings != page.listings:
        example = str(refused[0]) if refused else ""
        _log.warning("impossible dates refused", source=source, part=page.part, dates=len(refused), example=example)
    return replace(page, events=tuple(event for event, _ in pairs), listings=listings)
