"""One process at work: the timetable sets events, and our own tasks do what is due."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from paperwire.errors import PaperwireError, SendError
from paperwire.pipeline.ingest import Collected

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence

    from paperwire.pipeline.deliver import Delivery
    from paperwire.pipeline.ingest import Collector
    from paperwire.pipeline.match import Matching
    from paperwire.pipeline.prune import Pruning
    from paperwire.ports import Channel, CommandSpec, Handler, Now
    from paperwire.store.unit import Store

_log = structlog.get_logger(__name__)
T = TypeVar("T")

ROLES = ("web", "collect", "match", "deliver", "telegram", "discord")
"""What `--only` can name; a role that is not named is left to other processes."""
FIRST_DAYS = timedelta(days=30)
"""How far a first run reads back."""
_LOOK_AGAIN = timedelta(seconds=5)
"""How often work that another process may have left is looked for."""
_LEASE = timedelta(seconds=60)
_NEW_YORK = ZoneInfo("America/New_York")
# arXiv's three clocks: the new lists, OAI-PMH, and the announcement feeds.
_ARXIV_CLOCKS = ((20, 5), (22, 35), (0, 5))


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a worker sets in motion; built by bootstrap."""

    store: Store
    collectors: Sequence[Collector]
    matching: Matching
    delivery: Delivery
    pruning: Pruning
    channels: Mapping[str, Channel]
    specs: Sequence[CommandSpec]
    handler: Handler
    serve: Callable[[], Coroutine[Any, Any, None]] | None
    roles: frozenset[str]
    owner: str
    now: Now


@dataclass
class Bells:
    """The events that ticks set and tasks wait for."""

    collect: dict[str, asyncio.Event] = field(default_factory=dict)
    match: asyncio.Event = field(default_factory=asyncio.Event)
    deliver: dict[str, asyncio.Event] = field(default_factory=dict)
    prune: asyncio.Event = field(default_factory=asyncio.Event)

    def ring_deliver(self) -> None:
        """Something may be due on any channel."""
        for bell in self.deliver.values():
            bell.set()


class Worker:
    """Runs the stages of one process until cancelled, or once through."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._bells = Bells()
        self._scheduler = AsyncIOScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1})

    async def once(self) -> Collected:
        """Collect, match and deliver all that is due, then return what collecting brought."""
        parts = self._parts
        found = Collected()
        for collector in parts.collectors:
            found += await collector.poll(early=True)
        await parts.matching.run()
        for kind in parts.channels:
            await parts.delivery.run(kind)
        await parts.pruning.run()
        return found

    async def run(self) -> None:
        """Work until cancelled; a task that fails for good takes no other down with it."""
        self._plan()
        self._scheduler.start()
        try:
            async with asyncio.TaskGroup() as group:
                for work in self._tasks():
                    group.create_task(work)
        finally:
            self._scheduler.shutdown(wait=False)

    def _tasks(self) -> list[Coroutine[Any, Any, None]]:
        parts, roles = self._parts, self._parts.roles
        tasks: list[Coroutine[Any, Any, None]] = []
        if "collect" in roles:
            tasks += [self._collect(collector) for collector in parts.collectors]
            tasks += [self._read_back(collector) for collector in parts.collectors]
            tasks.append(self._prune())
        if "match" in roles:
            tasks.append(self._match())
        for kind, channel in parts.channels.items():
            if "deliver" in roles:
                tasks.append(self._deliver(kind))
            if kind in roles or kind not in ROLES:
                tasks.append(self._listen(channel))
        if "web" in roles and parts.serve is not None:
            tasks.append(parts.serve())
        return tasks

    # --- the timetable: ticks only ring bells ---------------------------------------------------------------------

    def _plan(self) -> None:
        for collector in self._parts.collectors:
            bell = self._bells.collect[collector.name] = asyncio.Event()
            every = collector.every.total_seconds()
            self._scheduler.add_job(bell.set, IntervalTrigger(seconds=every, jitter=min(every / 10, 60)))
            if collector.name == "arxiv":
                for hour, minute in _ARXIV_CLOCKS:
                    self._scheduler.add_job(bell.set, CronTrigger(hour=hour, minute=minute, timezone=_NEW_YORK))
        for kind in self._parts.channels:
            self._bells.deliver[kind] = asyncio.Event()
        again = IntervalTrigger(seconds=_LOOK_AGAIN.total_seconds())
        self._scheduler.add_job(self._bells.match.set, again)
        self._scheduler.add_job(self._bells.ring_deliver, again)
        self._scheduler.add_job(self._bells.prune.set, CronTrigger(hour=3, minute=17, timezone="UTC"))

    def _ring_at(self, name: str, bell: Callable[[], None], wait: timedelta) -> None:
        """Move the one job `name` to `wait` from now."""
        when = DateTrigger(self._wall_clock(wait), timezone="UTC")
        self._scheduler.add_job(bell, when, id=name, replace_existing=True, misfire_grace_time=None)

    @staticmethod
    def _wall_clock(wait: timedelta) -> datetime:
        # The scheduler reads the machine's clock, which PAPERWIRE_NOW does not move.
        return datetime.now(UTC) + max(wait, timedelta(0))

    # --- the tasks --------------------------------------------------------------------------------------------------

    async def _collect(self, collector: Collector) -> None:
        bell = self._bells.collect[collector.name]
        while True:
            bell.clear()
            brought = await self._guarded(f"collect {collector.name}", collector.poll())
            if brought is not None and brought.events:
                self._bells.match.set()
            if brought is None or brought.failed:
                self._ring_at(f"retry {collector.name}", bell.set, await collector.wait())
            await bell.wait()

    async def _read_back(self, collector: Collector) -> None:
        """The first thirty days, once, in the background and without deliveries."""
        done = None
        while not done:
            done = await self._guarded(f"read back {collector.name}", collector.read_back(FIRST_DAYS))
            if not done:
                await asyncio.sleep((await collector.wait()).total_seconds())
        self._bells.match.set()

    async def _match(self) -> None:
        while True:
            self._bells.match.clear()
            if await self._guarded("match", self._parts.matching.run()):
                self._bells.ring_deliver()
            await self._bells.match.wait()

    async def _deliver(self, kind: str) -> None:
        bell = self._bells.deliver[kind]
        while True:
            bell.clear()
            await self._guarded(f"deliver {kind}", self._parts.delivery.run(kind))
            next_due = await self._parts.delivery.next_due(kind)
            if next_due is not None:
                self._ring_at(f"due {kind}", bell.set, next_due - self._parts.now())
            await bell.wait()

    async def _listen(self, channel: Channel) -> None:
        """Answer people; a channel that may only be read by one process is read by whoever holds its lease."""
        parts = self._parts
        if not channel.singleton:
            await self._kept_up(channel)
            return
        name = f"listen {channel.kind}"
        while True:
            async with parts.store.write() as unit:
                ours = await unit.leases.acquire(name, parts.owner, _LEASE)
            if ours:
                await self._while_leased(name, channel)
            await asyncio.sleep(_LEASE.total_seconds() / 6)

    async def _while_leased(self, name: str, channel: Channel) -> None:
        listening = asyncio.create_task(self._kept_up(channel))
        try:
            while not listening.done():
                await asyncio.wait({listening}, timeout=_LEASE.total_seconds() / 3)
                async with self._parts.store.write() as unit:
                    if not await unit.leases.renew(name, self._parts.owner, _LEASE):
                        _log.warning("lost the lease", lease=name)
                        break
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
            async with self._parts.store.write() as unit:
                await unit.leases.release(name, self._parts.owner)

    async def _kept_up(self, channel: Channel) -> None:
        """Listen, and start again after a fault: a bot that cannot log in stops neither the other nor the feeds."""
        wait = 1.0
        while True:
            try:
                await channel.listen(self._parts.specs, self._parts.handler)
                return
            except SendError as error:
                _log.error("channel is not listening", channel=channel.kind, problem=str(error))
            except Exception:  # noqa: BLE001  whatever a library raises, the other parts go on
                _log.exception("channel fell over", channel=channel.kind)
            await asyncio.sleep(wait)
            wait = min(wait * 2, 300.0)

    async def _prune(self) -> None:
        while True:
            await self._bells.prune.wait()
            self._bells.prune.clear()
            await self._guarded("prune", self._parts.pruning.run())

    async def _guarded(self, what: str, work: Awaitable[T]) -> T | None:
        """The result of `work`, or None if it failed: a full disk or a lost database is logged and tried again."""
        try:
            return await work
        except PaperwireError as error:
            _log.error("stage failed", stage=what, problem=str(error))
        except Exception:  # noqa: BLE001  whatever it is, the other stages go on and this one tries again
            _log.exception("stage failed", stage=what)
        await asyncio.sleep(1)
        return None
