"""Third stage: claim a place, send what it is owed with no transaction open, settle."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from paperwire import observe
from paperwire.core.cadence import Quiet
from paperwire.core.parcels import Parcel, parcels
from paperwire.errors import Gone, Moved, Rejected, Retry, SendError, Unknown
from paperwire.pipeline.letter import letter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from paperwire.core.subscription import Destination
    from paperwire.ports import Channel, Now
    from paperwire.store.outbox import Key
    from paperwire.store.owed import Due
    from paperwire.store.unit import Store

_log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=120)
"""Three times the longest send: a channel's time-outs are 40 seconds at most."""
PLACES_AT_ONCE = 50
"""So many places are served beside each other; one that waits holds back no other."""
_LOADED = 200
_LONGEST_BACKOFF = timedelta(hours=1)
_UNKNOWN_AGAIN = timedelta(minutes=2)
_BREAKER_AFTER = 5
_BREAKER_OPEN = timedelta(seconds=30)


@dataclass
class _Breaker:
    """Whether a channel may be used: closed for a while after a general refusal or five failures in a row."""

    closed_until: datetime | None = None
    failures: int = 0

    def opens(self, now: datetime) -> bool:
        """Whether it may be used now."""
        return self.closed_until is None or self.closed_until <= now

    def failed(self, now: datetime) -> None:
        """Another place could not be served for a reason that may be everybody's."""
        self.failures += 1
        if self.failures >= _BREAKER_AFTER:
            self.closed_until = now + _BREAKER_OPEN

    def worked(self) -> None:
        """A message went out."""
        self.failures, self.closed_until = 0, None


class Delivery:
    """Empties the outbox of one process's channels."""

    def __init__(self, store: Store, channels: Mapping[str, Channel], *, owner: str, now: Now) -> None:
        self._store = store
        self._channels = channels
        self._owner = owner
        self._now = now
        self._breakers = {kind: _Breaker() for kind in channels}
        self._in_flight = {kind: asyncio.Semaphore(channel.in_flight) for kind, channel in channels.items()}

    async def run(self, kind: str) -> int:
        """Serve every place of a channel whose turn has come; how many messages went out."""
        total = 0
        while self._breakers[kind].opens(self._now()):
            async with self._store.write() as unit:
                places = await unit.outbox.claim(self._owner, [kind], LEASE, PLACES_AT_ONCE)
            if not places:
                break
            total += sum(await asyncio.gather(*(self._serve(kind, place) for place in places)))
        return total

    async def next_due(self, kind: str) -> datetime | None:
        """When a place of the channel has its next turn, or None while nothing is owed."""
        async with self._store.read() as unit:
            due = await unit.outbox.next_due([kind])
        closed_until = self._breakers[kind].closed_until
        return max(due, closed_until) if due and closed_until else due

    async def shut_down(self) -> None:
        """Give back the places this process holds, so that another may serve them at once."""
        async with self._store.write() as unit:
            await unit.outbox.release_all(self._owner)

    # --- one place ------------------------------------------------------------------------------------------------

    async def _serve(self, kind: str, place: Destination) -> int:
        """One turn of one place: as many messages as it may get in a minute, the first failure ends it."""
        channel = self._channels[kind]
        quiet_until = Quiet.parse(place.quiet).until(place.zone, self._now()) if place.quiet else None
        if quiet_until is not None:
            async with self._store.write() as unit:
                await unit.outbox.defer(place.number, self._owner, quiet_until, bump=False)
            return 0
        renewing = asyncio.create_task(self._keep(place))
        sent = 0
        try:
            for parcel in await self._parcels(channel, place):
                if sent >= channel.per_minute(place.kind) or not self._breakers[kind].opens(self._now()):
                    break
                if not await self._hand_over(channel, place, parcel):
                    return sent
                sent += 1
            async with self._store.write() as unit:
                await unit.outbox.release(place.number, self._owner)
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing
        return sent

    async def _keep(self, place: Destination) -> None:
        """Renew the lease while the place is served."""
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            async with self._store.write() as unit:
                await unit.outbox.renew(place.number, self._owner, LEASE)

    async def _parcels(self, channel: Channel, place: Destination) -> list[Parcel[Due]]:
        async with self._store.read() as unit:
            due = await unit.outbox.due(place.number, _LOADED)
        owed = [one for one in due if one.wanted]
        if len(owed) < len(due):
            unwanted = [one.key for one in due if not one.wanted]
            async with self._store.write() as unit:
                await unit.outbox.settle(place.number, self._owner, dropped=unwanted, keep=True)
        return self._packed(owed, place, channel.per_minute(place.kind))

    def _packed(self, owed: Sequence[Due], place: Destination, per_minute: int) -> list[Parcel[Due]]:
        """Messages that a crash interrupted first and as they were, then the rest."""
        again: defaultdict[datetime, list[Due]] = defaultdict(list)
        for one in owed:
            if one.begun_at is not None:
                again[one.begun_at].append(one)
        instant = [one for one in owed if one.begun_at is None and not one.slot]
        slotted = [one for one in owed if one.begun_at is None and one.slot]
        overdue = self._now() - instant[0].due_at if instant else timedelta(0)
        rest = parcels(instant, slotted, style=place.style, per_minute=per_minute, overdue=overdue)
        return [*(Parcel("list", tuple(again[begun])) for begun in sorted(again)), *rest]

    async def _hand_over(self, channel: Channel, place: Destination, parcel: Parcel[Due]) -> bool:
        """Send one message and write down what came of it; False if the turn is over."""
        try:
            await channel.turn(place.address)
            if len(parcel.owed) > 1 and parcel.owed[0].begun_at is None:
                async with self._store.write() as unit:
                    await unit.outbox.begin(place.number, _keys(parcel))
            # From the send to its commit: what a crash finds in here is sent again.
            async with self._in_flight[channel.kind]:
                receipt = await channel.send(place.address, letter(place, parcel, self._now()))
                async with self._store.write() as unit:
                    await unit.outbox.settle(
                        place.number, self._owner, sent=_keys(parcel), message=receipt.message_id, keep=True
                    )
        except SendError as error:
            observe.SENT.labels(channel.kind, type(error).__name__.lower()).inc(len(parcel.owed))
            return await self._failed(channel.kind, place, parcel, error)
        self._breakers[channel.kind].worked()
        observe.SENT.labels(channel.kind, "sent").inc(len(parcel.owed))
        return True

    async def _failed(self, kind: str, place: Destination, parcel: Parcel[Due], error: SendError) -> bool:
        """What each way of failing means; True if the turn may go on."""
        match error:
            case Rejected() if len(parcel.owed) > 1:
                # One of them is the culprit, and the others shall not die with it.
                for one in parcel.owed:
                    if not await self._hand_over(self._channels[kind], place, Parcel("single", (one,))):
                        return False
                return True
            case Rejected():
                _log.error("message refused for good", channel=kind, place=place.number, problem=str(error))
                async with self._store.write() as unit:
                    await unit.outbox.settle(place.number, self._owner, dead=_keys(parcel), keep=True)
                return True
            case Gone():
                _log.warning("place closed", channel=kind, place=place.number, problem=str(error))
                async with self._store.write() as unit:
                    await unit.outbox.pause(place.number, str(error))
            case Moved():
                async with self._store.write() as unit:
                    await unit.outbox.moved(place.number, error.to)
            case Retry(asked=True) | Retry(everywhere=True):
                await self._wait(kind, place, timedelta(seconds=error.after), everywhere=error.everywhere)
            case Retry() | Unknown():
                self._breakers[kind].failed(self._now())
                await self._try_again(kind, place, parcel, error)
        return False

    async def _wait(self, kind: str, place: Destination, wait: timedelta, *, everywhere: bool) -> None:
        """Hold a place, or the whole channel, for as long as its platform asks."""
        until = self._now() + wait
        if everywhere:
            self._breakers[kind].closed_until = until
        async with self._store.write() as unit:
            await unit.outbox.defer(place.number, self._owner, until, bump=False)

    async def _try_again(self, kind: str, place: Destination, parcel: Parcel[Due], error: SendError) -> None:
        """Count an attempt and back off; what may have arrived is tried late, as a copy annoys more than a delay."""
        attempts = max(one.attempts for one in parcel.owed)
        late = _UNKNOWN_AGAIN if isinstance(error, Unknown) else timedelta(0)
        until = self._now() + late + _backoff(attempts)
        async with self._store.write() as unit:
            died = await unit.outbox.settle(place.number, self._owner, tried=_keys(parcel), keep=True)
            await unit.outbox.defer(place.number, self._owner, until, bump=True)
        _log.warning("not delivered", channel=kind, place=place.number, problem=str(error), given_up=len(died))


def _keys(parcel: Parcel[Due]) -> list[Key]:
    return [one.key for one in parcel.owed]


def _backoff(attempts: int) -> timedelta:
    """Exponential with full jitter, at most an hour."""
    longest = min(timedelta(seconds=2.0 ** min(attempts + 1, 12)), _LONGEST_BACKOFF)
    return longest * random.random()  # noqa: S311  jitter keeps no secret
