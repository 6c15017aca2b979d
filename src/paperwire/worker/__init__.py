"""One process at work: which stages it runs, what wakes them, and which of them it runs alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, MutableMapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog

from paperwire.core.health import StageHealth
from paperwire.errors import SendError, StoreError, StoreUnsupported
from paperwire.pipeline.details import DetailReader, read_briefly
from paperwire.pipeline.ingest import BACKFILL, FIRST_DAYS, Collected, Collector
from paperwire.ports.channels import Channel, Conversation, Kept
from paperwire.ports.options import Now
from paperwire.ports.requests import CommandSpec, Handler
from paperwire.ports.sources import Scheduled, TimeOfDay
from paperwire.worker.lease import Lease
from paperwire.worker.stage import StageLoop, Timetable

if TYPE_CHECKING:  # nothing here needs the library at run time
    from paperwire.pipeline.backups import Backups
    from paperwire.pipeline.checkups import CheckupNotes
    from paperwire.pipeline.clock import FutureTimes
    from paperwire.pipeline.deliver import Delivery
    from paperwire.pipeline.encode import Encoding
    from paperwire.pipeline.hold import SentMark
    from paperwire.pipeline.libraries import LibraryReading
    from paperwire.pipeline.match import Matching
    from paperwire.pipeline.prune import Pruning
    from paperwire.pipeline.reconcile import Reconciler
    from paperwire.pipeline.reports import ChannelReports
    from paperwire.store.unit import Store
    from paperwire.worker.watch import Watch

_log = structlog.get_logger(__name__)

STAGES = ("web", "collect", "match", "deliver")
"""The roles of a process besides listening on a channel; a role it doesn't have is left to other processes."""
PASS_ROLES = frozenset({"collect", "match", "deliver"})
"""The roles that a single pass has work for."""
_LOOK_AGAIN = timedelta(seconds=5)  # how often work that another process may have left is looked for
_MARK_INTERVAL = timedelta(minutes=1)  # how often what was sent is marked, while anything is
_A_DAY = timedelta(days=1)
_PRUNED_AT = TimeOfDay(3, 17, "America/New_York")
"""Hours after the night's feeds, hours before the evening's announcement."""
_LIBRARIES = timedelta(hours=1)
_LIBRARIES_AT = TimeOfDay(4, 41)
_CHECK_UP = timedelta(hours=1)
_STEADY = 60.0  # seconds after which a bot that fell over counts as one that had worked
_clock = time.monotonic
_LONGEST_PAUSE = 300.0


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a worker sets in motion; built by bootstrap. `troubles` is where failing stages are written down.

    `conversations` are the channels that this process listens on, `serve` serves the pages, `ops` what machines ask of
    any process; `reports` are the states of its channels, `watch` tells operators of trouble, `backups` copies the
    database, and `renewing` brings its index of words up to date. `outdated` fails once another process has migrated
    it to a schema that this one doesn't know.
    """

    store: Store
    collectors: Sequence[Collector]
    reconcilers: Sequence[Reconciler]
    details: Sequence[DetailReader] = ()
    matching: Matching
    encoding: Encoding | None = None
    delivery: Delivery
    libraries: LibraryReading | None
    pruning: Pruning
    checkups: CheckupNotes | None = None
    future_times: FutureTimes
    mark: SentMark
    channels: Mapping[str, Channel]
    conversations: Sequence[Conversation] = ()
    specs: Sequence[CommandSpec]
    handler: Handler
    serve: Callable[[], Coroutine[Any, Any, None]] | None = None
    ops: Callable[[], Coroutine[Any, Any, None]] | None = None
    watch: Watch | None = None
    backups: Backups | None = None
    outdated: Callable[[], Coroutine[Any, Any, None]] | None = None
    renewing: Callable[[], Awaitable[timedelta | None]] | None = None
    reports: ChannelReports
    roles: frozenset[str]
    owner: str
    now: Now
    troubles: MutableMapping[str, StageHealth] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass through the stages came to.

    `busy` are the channels that were left to another process, which delivers there.
    """

    collected: Collected
    busy: tuple[str, ...] = ()


class Worker:
    """Runs the stages of one process until cancelled, or once through."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._timetable = Timetable(parts.now)
        self._match_now, self._encode_now = asyncio.Event(), asyncio.Event()
        self._deliver_now = {kind: asyncio.Event() for kind in parts.channels}
        self._runs: set[str] = set()
        self._has_sent = False

    async def once(self) -> Pass:
        """Answer what people wrote since the last pass, then collect, match and deliver all that is due.

        Each is done if it is a role of this process.
        """
        parts, roles = self._parts, self._parts.roles
        busy = list[str]()
        await parts.future_times.correct()
        for channel in parts.conversations:
            if isinstance(channel, Kept):
                await self._attempt(channel, _listening(channel), partial(self._catch_up, channel))
        collected = await self._collect_once() if "collect" in roles else Collected()
        if "match" in roles:
            await self._match_once()
        if "deliver" in roles:
            busy = [kind for kind, channel in parts.channels.items() if not await self._deliver_once(channel)]
        for part in (parts.libraries, parts.checkups) if "deliver" in roles else ():
            if part is not None:
                await part.run()
        if "collect" in roles:
            await parts.pruning.daily()
        if parts.backups is not None:
            await parts.backups.run()
        if "collect" in roles:
            await read_briefly(parts.details)  # last, as nothing waits for them
        return Pass(collected, tuple(busy))

    async def _match_once(self) -> None:
        await self._parts.matching.run()
        if self._parts.encoding is not None:
            await self._parts.encoding.run()
            await self._parts.matching.run()  # what waited for vectors

    async def _collect_once(self) -> Collected:
        """What the sources brought; a second view that fails is in the log and asked again in its time."""
        collected = Collected()
        for collector in self._parts.collectors:
            collected += await collector.poll(early=True)
        for reconciler in self._parts.reconcilers:
            collected += replace(await reconciler.run(), failed=0)
        return collected

    async def _catch_up(self, channel: Kept) -> None:
        """What can't be answered now waits for the next pass."""
        try:
            await channel.catch_up(self._parts.specs, self._parts.handler)
        except SendError as error:
            _log.warning("not answered what people said", problem=str(error))

    async def _deliver_once(self, channel: Channel) -> bool:
        """Send what a channel owes; False if another process does."""
        try:
            return await self._attempt(channel, _sending(channel), partial(self._send, channel.kind))
        finally:
            await self._mark_sent()

    async def _attempt(self, channel: Channel, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        """`work`, for a channel that one process at a time may use under a lease; False if another process has that."""
        if channel.singleton:
            return await Lease(self._parts.store, name, self._parts.owner).attempt(work)
        await work()
        return True

    async def run(self) -> None:
        """Work until cancelled; raises StoreUnsupported if the database is a newer version's by then."""
        self._timetable.start()
        try:
            async with asyncio.TaskGroup() as group:
                for work in self._work():
                    group.create_task(work)
        except* StoreUnsupported as group:
            raise group.exceptions[0] from None
        finally:
            self._timetable.shutdown()
            with suppress(StoreError):  # the mark of a minute ago still stands
                await self._mark_sent()

    def _work(self) -> list[Coroutine[Any, Any, None]]:
        """The endless tasks of this process's roles; none of them fails but `outdated`."""
        parts, roles = self._parts, self._parts.roles
        tasks: list[Coroutine[Any, Any, None]] = []
        if "collect" in roles:
            tasks += [self._collecting(collector) for collector in parts.collectors]
            tasks += [self._reading_back(collector) for collector in parts.collectors]
            tasks += [self._reading(f"reconcile {reconciler.name}", reconciler) for reconciler in parts.reconcilers]
            tasks += [self._reading(f"details {reader.name}", reader) for reader in parts.details]
            tasks.append(self._daily("prune", parts.pruning.daily, _PRUNED_AT, _A_DAY))
        if "match" in roles:
            tasks.append(self._stage("match", self._match, self._match_now))
            tasks += [self._encoding(parts.encoding)] if parts.encoding else []
        if "deliver" in roles:
            tasks.append(self._stage("mark", self._mark_sent))
            if parts.libraries:
                # sooner where one failed or was added while another process died over it
                tasks.append(self._daily("read libraries", parts.libraries.run, _LIBRARIES_AT, _LIBRARIES))
            tasks += [self._stage("check up", partial(self._check_up, parts.checkups))] if parts.checkups else []
            tasks += [self._delivering(channel) for channel in parts.channels.values()]
        if roles & {"collect", "deliver"}:
            tasks.append(self._stage("clock", self._correct_times))
        tasks += [
            self._alone(channel, _listening(channel), partial(self._listen, channel)) for channel in parts.conversations
        ]
        if "web" in roles and parts.serve is not None:
            tasks.append(parts.serve())
        return tasks + self._work_of_any_role()

    def _work_of_any_role(self) -> list[Coroutine[Any, Any, None]]:
        parts = self._parts
        tasks = [self._stage("report", parts.reports.run)]
        tasks += [self._stage("renew words", parts.renewing)] if parts.renewing else []
        tasks += [begin() for begin in (parts.ops, parts.outdated) if begin is not None]
        tasks += [self._stage("watch", parts.watch.run)] if parts.watch else []
        tasks += [self._stage("copy", parts.backups.run)] if parts.backups else []
        return tasks

    def _stage(
        self, name: str, work: Callable[[], Awaitable[timedelta | None]], wake: asyncio.Event | None = None
    ) -> Coroutine[Any, Any, None]:
        wake, parts = wake or asyncio.Event(), self._parts
        return StageLoop(name, work, wake, self._timetable, parts.troubles, parts.now).run()

    # --- collect ----------------------------------------------------------------------------------------------------

    def _collecting(self, collector: Collector) -> Coroutine[Any, Any, None]:
        """A source at its interval and at its times of day; sooner where a part is due sooner, after a failure."""
        name, wake, early = f"collect {collector.name}", asyncio.Event(), asyncio.Event()

        def look_early() -> None:
            early.set()
            wake.set()

        async def work() -> timedelta:
            is_early = early.is_set()
            early.clear()
            if (await collector.poll(early=is_early)).events:
                self._match_now.set()
            return await collector.rest()

        self._timetable.every(name, collector.every, wake.set)
        if isinstance(collector.source, Scheduled):
            for number, time_of_day in enumerate(collector.source.times(), 1):
                self._timetable.daily(f"{name} early {number}", time_of_day, look_early)
        return self._stage(name, work, wake)

    def _reading_back(self, collector: Collector) -> Coroutine[Any, Any, None]:
        """The first thirty days, once, in the background and without deliveries."""

        async def work() -> timedelta | None:
            if await collector.read_back(FIRST_DAYS):
                self._match_now.set()
                return None
            return await collector.rest_of(BACKFILL)

        return self._stage(f"read back {collector.name}", work)

    def _reading(self, name: str, reader: Reconciler | DetailReader) -> Coroutine[Any, Any, None]:
        """What a source is asked for besides its lists, at times of its own."""

        async def work() -> timedelta:
            if (await reader.run()).events:
                self._match_now.set()
            return await reader.rest()

        return self._stage(name, work)

    def _daily(
        self, name: str, run: Callable[[], Awaitable[object]], at: TimeOfDay, pause: timedelta
    ) -> Coroutine[Any, Any, None]:
        """What is done at a time of day, and after `pause` at the latest."""
        wake = asyncio.Event()

        async def work() -> timedelta:
            await run()
            return pause

        self._timetable.daily(f"{name} daily", at, wake.set)
        return self._stage(name, work, wake)

    # --- match and deliver ------------------------------------------------------------------------------------------

    async def _match(self) -> timedelta:
        if await self._parts.matching.run():
            for wake in (*self._deliver_now.values(), self._encode_now):
                wake.set()
        pause = await self._parts.matching.rest()
        return _LOOK_AGAIN if pause is None else min(pause, _LOOK_AGAIN)

    def _encoding(self, encoding: Encoding) -> Coroutine[Any, Any, None]:
        async def work() -> timedelta:
            if await encoding.run():
                self._match_now.set()
            return _LOOK_AGAIN

        return self._stage("encode", work, self._encode_now)

    def _delivering(self, channel: Channel) -> Coroutine[Any, Any, None]:
        """Libraries keep a platform's limits for one process, so the messages of a bot go out through one."""

        async def work() -> timedelta:
            await self._send(channel.kind)
            due = await self._parts.delivery.next_due(channel.kind)
            return min(due - self._parts.now(), _LOOK_AGAIN) if due is not None else _LOOK_AGAIN

        wake = self._deliver_now[channel.kind]
        return self._alone(channel, _sending(channel), lambda: self._stage(_sending(channel), work, wake))

    async def _send(self, kind: str) -> None:
        """Deliver what is due, and log a burst in one line."""
        began = _clock()
        self._runs.add(kind)
        self._has_sent = await self._parts.delivery.run(kind) > 0 or self._has_sent
        self._runs.discard(kind)  # not if it was broken off, as it may have sent something by then
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

    async def _mark_sent(self) -> timedelta:
        """Let the mark go forward if anything was sent since it last did, or may have been."""
        if self._has_sent or self._runs:
            await self._parts.mark.advance()
            self._has_sent = False
        return _MARK_INTERVAL

    async def _check_up(self, checkups: CheckupNotes) -> timedelta:
        """Tell places whose month is over of their subscriptions; hourly, as some of them are in quiet hours."""
        await checkups.run()
        return _CHECK_UP

    async def _correct_times(self) -> timedelta:
        """Correct what was stored for too late: at first, once a day, and whenever the clock went back."""
        await self._parts.future_times.correct()
        return _A_DAY

    # --- listen -----------------------------------------------------------------------------------------------------

    def _alone(
        self, channel: Channel, name: str, work: Callable[[], Coroutine[Any, Any, None]]
    ) -> Coroutine[Any, Any, None]:
        """`work`; for a channel that one process at a time may use, under a lease."""
        if not channel.singleton:
            return work()

        lease = Lease(self._parts.store, name, self._parts.owner)
        return self._stage(f"lease to {name}", partial(lease.during, work))

    async def _listen(self, channel: Conversation) -> None:
        """Listen, and begin again after a fault: a bot that cannot log in stops neither the other nor the feeds."""
        pause = 1.0
        while True:
            began = _clock()
            try:
                await channel.listen(self._parts.specs, self._parts.handler)
                return
            except SendError as error:
                _log.error("channel is not listening", channel=channel.kind, problem=str(error))
            except Exception:  # noqa: BLE001 -- whatever a library raises, the other parts go on
                _log.exception("channel fell over", channel=channel.kind)
            pause = 1.0 if _clock() - began > _STEADY else min(pause * 2, _LONGEST_PAUSE)
            await asyncio.sleep(pause)


def _listening(channel: Channel) -> str:
    """What listening on a channel is called, as a stage and as a lease."""
    return f"listen {channel.kind}"


def _sending(channel: Channel) -> str:
    """What sending on a channel is called, as a stage and as a lease."""
    return f"deliver {channel.kind}"
