"""One process at work: which stages it runs, what wakes them, and which of them it runs alone."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog

from paperwire.errors import SendError
from paperwire.pipeline.ingest import Collected
from paperwire.worker.clocks import Alarm, arxiv_alarms, at, ring_on_time
from paperwire.worker.lease import Lease
from paperwire.worker.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping, MutableMapping, Sequence

    from paperwire.core.health import StageHealth
    from paperwire.pipeline.deliver import Delivery
    from paperwire.pipeline.ingest import Collector
    from paperwire.pipeline.match import Matching
    from paperwire.pipeline.prune import Pruning
    from paperwire.pipeline.reconcile import Reconciler
    from paperwire.pipeline.reports import ChannelReports
    from paperwire.ports import Channel, CommandSpec, Handler, Now
    from paperwire.store.unit import Store

_log = structlog.get_logger(__name__)

ROLES = ("web", "collect", "match", "deliver", "telegram", "discord")
"""What `--only` can name; a role that is not named is left to other processes."""
FIRST_DAYS = timedelta(days=30)
"""How far a first run reads back."""
_LOOK_AGAIN = timedelta(seconds=5)
"""How often work that another process may have left is looked for."""
_A_DAY = timedelta(days=1)
_STEADY = 60.0
"""Seconds after which a bot that fell over counts as one that had worked."""
_clock = time.monotonic
_LONGEST_PAUSE = 300.0


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a worker sets in motion; built by bootstrap. `troubles` is where failing stages are written down.

    `serve` serves the pages, `ops` what machines ask of any process; `reports` are the states of its channels.
    """

    store: Store
    collectors: Sequence[Collector]
    reconcilers: Sequence[Reconciler]
    matching: Matching
    delivery: Delivery
    pruning: Pruning
    channels: Mapping[str, Channel]
    specs: Sequence[CommandSpec]
    handler: Handler
    serve: Callable[[], Coroutine[Any, Any, None]] | None
    ops: Callable[[], Coroutine[Any, Any, None]] | None
    reports: ChannelReports
    roles: frozenset[str]
    owner: str
    now: Now
    troubles: MutableMapping[str, StageHealth]


@dataclass
class Bells:
    """What wakes a stage before its time."""

    collect: dict[str, asyncio.Event] = field(default_factory=dict)
    match: asyncio.Event = field(default_factory=asyncio.Event)
    deliver: dict[str, asyncio.Event] = field(default_factory=dict)
    prune: asyncio.Event = field(default_factory=asyncio.Event)


class Worker:
    """Runs the stages of one process until cancelled, or once through."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._bells = Bells(
            collect={collector.name: asyncio.Event() for collector in parts.collectors},
            deliver={kind: asyncio.Event() for kind in parts.channels},
        )
        self._early: set[str] = set()

    async def once(self) -> Collected:
        """Collect, match and deliver all that is due, then return what collecting brought."""
        parts = self._parts
        found = Collected()
        for collector in parts.collectors:
            found += await collector.poll(early=True)
        for reconciler in parts.reconcilers:  # a second view that fails is in the log and asked again in its time
            found += replace(await reconciler.run(), failed=0)
        await parts.matching.run()
        for kind in parts.channels:
            await self._deliver(kind)
        await parts.pruning.daily()
        return found

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            for work in self._work():
                group.create_task(work)

    def _work(self) -> list[Coroutine[Any, Any, None]]:
        """The endless tasks of this process's roles; none of them ever fails."""
        parts, roles = self._parts, self._parts.roles
        tasks: list[Coroutine[Any, Any, None]] = []
        if "collect" in roles:
            tasks += [self._collecting(collector) for collector in parts.collectors]
            tasks += [self._reading_back(collector) for collector in parts.collectors]
            tasks += [self._reconciling(reconciler) for reconciler in parts.reconcilers]
            tasks += [self._stage("prune", self._prune, self._bells.prune)]
            tasks += [ring_on_time(self._alarms(), parts.now)]
        if "match" in roles:
            tasks.append(self._stage("match", self._match, self._bells.match))
        for kind, channel in parts.channels.items():
            if "deliver" in roles:
                tasks.append(self._delivering(channel))
            if kind in roles or kind not in ROLES:
                tasks.append(self._listening(channel))
        if "web" in roles and parts.serve is not None:
            tasks.append(parts.serve())
        if parts.ops is not None:
            tasks.append(parts.ops())
        tasks.append(self._stage("report", parts.reports.run))
        return tasks

    def _alarms(self) -> list[Alarm]:
        alarms = [at(3, 17, self._bells.prune.set)]
        if "arxiv" in self._bells.collect:
            alarms += arxiv_alarms(self._look_at_arxiv)
        return alarms

    def _look_at_arxiv(self) -> None:
        self._early.add("arxiv")
        self._bells.collect["arxiv"].set()

    def _stage(
        self, name: str, work: Callable[[], Awaitable[timedelta | None]], bell: asyncio.Event | None = None
    ) -> Coroutine[Any, Any, None]:
        return Stage(name, work, bell or asyncio.Event(), self._parts.troubles, self._parts.now).run()

    # --- collect ----------------------------------------------------------------------------------------------------

    def _collecting(self, collector: Collector) -> Coroutine[Any, Any, None]:
        async def work() -> timedelta:
            early = collector.name in self._early
            self._early.discard(collector.name)
            if (await collector.poll(early=early)).events:
                self._bells.match.set()
            return await collector.rest()

        return self._stage(f"collect {collector.name}", work, self._bells.collect[collector.name])

    def _reading_back(self, collector: Collector) -> Coroutine[Any, Any, None]:
        """The first thirty days, once, in the background and without deliveries."""

        async def work() -> timedelta | None:
            if await collector.read_back(FIRST_DAYS):
                self._bells.match.set()
                return None
            return await collector.rest_back()

        return self._stage(f"read back {collector.name}", work)

    def _reconciling(self, reconciler: Reconciler) -> Coroutine[Any, Any, None]:
        """The second view of a source, at its own times, and the state of its days."""

        async def work() -> timedelta:
            if (await reconciler.run()).events:
                self._bells.match.set()
            return await reconciler.rest()

        return self._stage(f"reconcile {reconciler.name}", work)

    async def _prune(self) -> timedelta:
        await self._parts.pruning.daily()
        return _A_DAY

    # --- match and deliver ------------------------------------------------------------------------------------------

    async def _match(self) -> timedelta:
        if await self._parts.matching.run():
            for bell in self._bells.deliver.values():
                bell.set()
        held = await self._parts.matching.rest()
        return _LOOK_AGAIN if held is None else min(held, _LOOK_AGAIN)

    def _delivering(self, channel: Channel) -> Coroutine[Any, Any, None]:
        """Libraries keep a platform's limits for one process, so the messages of a bot go out through one."""

        async def work() -> timedelta:
            await self._deliver(channel.kind)
            due = await self._parts.delivery.next_due(channel.kind)
            return min(due - self._parts.now(), _LOOK_AGAIN) if due is not None else _LOOK_AGAIN

        bell = self._bells.deliver[channel.kind]
        return self._alone(
            channel, f"deliver {channel.kind}", lambda: self._stage("deliver " + channel.kind, work, bell)
        )

    async def _deliver(self, kind: str) -> None:
        """Deliver what is due, and log a burst in one line."""
        began = _clock()
        await self._parts.delivery.run(kind)
        sent = self._parts.delivery.delivered(kind)
        if sent.messages:
            _log.info(
                "delivered",
                channel=kind,
                messages=sent.messages,
                papers=sent.papers,
                places=len(sent.places),
                seconds=round(_clock() - began, 2),
            )

    # --- listen -----------------------------------------------------------------------------------------------------

    def _listening(self, channel: Channel) -> Coroutine[Any, Any, None]:
        return self._alone(channel, f"listen {channel.kind}", lambda: self._listen(channel))

    def _alone(
        self, channel: Channel, name: str, work: Callable[[], Coroutine[Any, Any, None]]
    ) -> Coroutine[Any, Any, None]:
        """`work`; for a channel that one process at a time may use, under a lease."""
        if not channel.singleton:
            return work()

        async def under_lease() -> None:
            await Lease(self._parts.store, name, self._parts.owner).during(work)

        return self._stage(f"lease to {name}", under_lease)

    async def _listen(self, channel: Channel) -> None:
        """Listen, and begin again after a fault: a bot that cannot log in stops neither the other nor the feeds."""
        pause = 1.0
        while True:
            began = _clock()
            try:
                await channel.listen(self._parts.specs, self._parts.handler)
                return
            except SendError as error:
                _log.error("channel is not listening", channel=channel.kind, problem=str(error))
            except Exception:  # noqa: BLE001  whatever a library raises, the other parts go on
                _log.exception("channel fell over", channel=channel.kind)
            pause = 1.0 if _clock() - began > _STEADY else min(pause * 2, _LONGEST_PAUSE)
            await asyncio.sleep(pause)
