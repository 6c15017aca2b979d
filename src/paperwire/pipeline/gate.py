"""Whether a channel takes messages: its circuit breaker, its probe, how many may be on their way, how sends ended."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from paperwire import observe
from paperwire.core.health import is_up
from paperwire.core.messages.failures import may_be_sent
from paperwire.core.text.clean import clean
from paperwire.errors import ChannelRefused, Moved, Retry, SendError
from paperwire.pipeline.breaker import LONGEST_RETRY_AFTER, Breaker
from paperwire.pipeline.claim import ClaimedPlace, until_written
from paperwire.pipeline.turn import Turn
from paperwire.ports.channels import Channel, Roomy
from paperwire.ports.options import Now
from paperwire.store.unit import Store, Unit

REFUSALS_IN_A_ROW = 5
"""Sends in a row that fail before a channel isn't called working; one is enough where it concerns all places."""
LONGEST_REQUESTED_PAUSE = timedelta(minutes=10)
"""How long a platform may ask us to wait, from the first time on, before that is a failure, too."""
_LONGEST_REASON = 200


@dataclass
class _Failing:
    since: datetime
    count: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Sends:
    """The sends of this process since one got through, by kind of channel."""

    now: Now
    _failing: dict[str, _Failing] = field(default_factory=dict)

    def failed(self, kind: str, error: SendError) -> None:
        """Take note of a send or probe that failed; to slow down for a while or to find a new address is no failure."""
        if isinstance(error, Moved):
            return
        failing = self._failing.setdefault(kind, _Failing(self.now()))
        pause = timedelta(seconds=error.after) if isinstance(error, Retry) and error.requested else None
        if pause is not None and self.now() + pause < failing.since + LONGEST_REQUESTED_PAUSE:
            return
        everywhere = isinstance(error, Retry) and error.everywhere
        failing.count = max(failing.count + 1, REFUSALS_IN_A_ROW if everywhere else 0)
        failing.reason = clean(str(error), _LONGEST_REASON)

    def worked(self, kind: str) -> None:
        """Take note of a message that got through."""
        self._failing.pop(kind, None)

    def state(self, channel: Channel) -> str:
        """The state of a channel in its own words, unless it calls itself working and nothing gets through."""
        state, failing = channel.state(), self._failing.get(channel.kind)
        if failing is None or failing.count < REFUSALS_IN_A_ROW or not is_up(state):
            return state
        return f"nothing sent since {failing.since:%Y-%m-%d %H:%M} UTC: {failing.reason}"


_log = structlog.get_logger(__name__)

LEAST_WAIT = 1.0
"""Seconds that a platform gets which asks for no time at all."""
_SLOW = 20.0  # seconds after which a message on its way shows nothing soon of whether its channel works


class ChannelGate:
    """Lets messages to one channel through while it works; what is known of that is in its `breaker` and `sends`."""

    def __init__(self, store: Store, channel: Channel, now: Now, sends: Sends) -> None:
        self.channel = channel
        self._store = store
        self._doubts = Doubts(store)
        self.breaker = Breaker()
        self._now = now
        self._sends = sends
        self._delivered = Delivered()
        self._probing = asyncio.Lock()
        self._in_flight = asyncio.Semaphore(channel.in_flight)

    async def look(self) -> None:
        """Load which places are doubted; raises StoreError."""
        self.breaker.doubted |= await self._doubts.of(self.channel.kind)

    async def next_due(self) -> datetime | None:
        """When a place of the channel has its next turn, None while nothing is owed."""
        async with self._store.read() as unit:
            return await unit.outbox.next_due([self.channel.kind])

    @property
    def is_open(self) -> bool:
        """Whether nothing may be asked of the channel now: the state of its breaker."""
        return self.breaker.is_open(self._now())

    @property
    def next_try_at(self) -> datetime:
        """When the channel may be asked something again, perhaps only a probe; at the earliest now."""
        return self.breaker.next_try_at(self._now())

    def room(self, address: str) -> AbstractAsyncContextManager[None]:
        """Room for a message to an address while it is on its way."""
        return self.channel.room(address) if isinstance(self.channel, Roomy) else self._in_flight

    async def limit(self, free: int, serving: Collection[ClaimedPlace]) -> int:
        """How many of `free` places more may be served; one at a time while the breaker is half open.

        An open breaker is probed once its pause is over and something is due; raises StoreError.
        """
        if self.breaker.open_until is not None:
            due_at = await self.next_due()
            if due_at is None or due_at > self._now() or not await self.works():
                return 0
        if not self.breaker.half_open:
            return free
        recent = asyncio.get_running_loop().time() - _SLOW
        return min(free, 1 - sum(claimed.sending_since > recent for claimed in serving))

    async def works(self) -> bool:
        """Whether no failure of the channel is known; probes it if it failed since it last worked."""
        if self.is_open or not self.breaker.needs_probe:
            return not self.is_open
        async with self._probing:
            if self.is_open or not self.breaker.needs_probe:  # another one asked meanwhile
                return not self.is_open
            try:
                await self.channel.probe()
            except SendError as error:
                self.refused(error)
                return False
            except Exception:  # noqa: BLE001 -- whatever a library raises, the channel did not answer
                _log.exception("probe failed", channel=self.channel.kind)
                self.breaker.trip(self._now())
                return False
            self.breaker.answered()
            return True

    def may_repeat(self, turn: Turn) -> bool:
        """Whether a message that perhaps arrived before may go out now, or has to wait for proof of its channel."""
        unknowns = max((delivery.unknowns for delivery in turn.owed), default=0)
        failed_at = max((delivery.failed_at for delivery in turn.owed if delivery.failed_at), default=None)
        # Where each place is a service of its own, what another one takes proves nothing.
        proved_at = self.breaker.got_through_at if self.channel.shared_service else None
        return may_be_sent(unknowns, failed_at, proved_at, self._now())

    def got_through(self, turn: Turn) -> set[int]:
        """Count the next message of a turn as arrived; returns the places that were doubted until now."""
        kind, place = self.channel.kind, turn.place.number
        observe.SENT.labels(kind, "sent").inc(len(turn.owed))
        for due in turn.owed:
            if due.label == "new" and not due.slot and due.paper.seen_at is not None:
                observe.LATENCY.labels(kind).observe((self._now() - due.paper.seen_at).total_seconds())
        self._delivered.add(place, len(turn.owed))
        self._sends.worked(kind)
        doubted = set(self.breaker.doubted)
        self.breaker.worked(self._now())
        self.breaker.own.discard(place)
        self.breaker.faulty.difference_update(turn.keys)
        if turn.doubted is not None:  # it failed right before this one got through
            self.breaker.faulty.update(delivery.key for delivery in turn.doubted.owed)
        return doubted

    async def forget(self, doubted: Collection[int], place: int) -> None:
        """Write down that these places are no longer doubted, while the lease of `place` is sure."""
        if doubted:
            await until_written(lambda: self._doubts.forget(self.channel.kind, doubted), place)

    def take_delivered(self) -> Delivered:
        """What went out since this was last asked."""
        delivered, self._delivered = self._delivered, Delivered()
        return delivered

    def refused(self, error: SendError) -> None:
        """Open the breaker, as nothing works: until the time that the channel named, or for its next pause."""
        now = self._now()
        self._sends.failed(self.channel.kind, error)
        if isinstance(error, Retry) and error.requested:
            # A longer one is a wrong clock's.
            self.breaker.leave_alone(now + min(timedelta(seconds=max(error.after, LEAST_WAIT)), LONGEST_RETRY_AFTER))
        elif not self.is_open:
            self.breaker.trip(now)
            log = _log.error if isinstance(error, ChannelRefused) else _log.warning
            until = f"{self.breaker.open_until:%FT%TZ}"
            log("channel down", channel=self.channel.kind, problem=str(error), until=until)


@dataclass(slots=True)
class Delivered:
    """Messages that were sent, the papers in them, and the places they went to."""

    messages: int = 0
    papers: int = 0
    places: set[int] = field(default_factory=set)

    def add(self, place: int, papers: int) -> None:
        """Count one message to a place."""
        self.messages += 1
        self.papers += papers
        self.places.add(place)


@dataclass(frozen=True)
class Doubts:
    """Keeps which places of a channel were closed since a message got through, over restarts; raises StoreError.

    It may be us who are refused.
    """

    store: Store

    async def of(self, kind: str) -> set[int]:
        async with self.store.read() as unit:
            return {int(number) for number in await unit.settings.beginning(_key(kind))}

    async def keep(self, unit: Unit, kind: str, place: int) -> None:
        """Keep a place together with what closes it."""
        await unit.settings.put(_key(kind, place), "")

    async def forget(self, kind: str, places: Iterable[int]) -> None:
        """Forget these places, as a message got through."""
        async with self.store.write() as unit:
            for place in sorted(places):
                await unit.settings.remove(_key(kind, place))


def _key(kind: str, place: int | str = "") -> str:
    return f"doubted {kind} {place}"
