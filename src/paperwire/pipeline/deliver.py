"""Third stage: claim a place, send what it is owed with no transaction open, settle."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog

from paperwire import observe
from paperwire.core.cadence import Quiet
from paperwire.core.parcels import Parcel, Waiting, parcels
from paperwire.errors import Gone, Moved, Rejected, Retry, SendError, StoreError, Unknown
from paperwire.pipeline.breaker import Breaker
from paperwire.pipeline.letter import letter
from paperwire.pipeline.notice import Notices
from paperwire.wording import pipeline as wording

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping, Sequence
    from datetime import datetime

    from paperwire.core.message import Message
    from paperwire.core.subscription import Destination
    from paperwire.pipeline.hold import Hold
    from paperwire.ports import Channel, Now
    from paperwire.store.outbox import Key
    from paperwire.store.owed import Due
    from paperwire.store.unit import Store, Unit

_log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=120)
"""Three times the longest send: a channel's time-outs are 40 seconds at most."""
PLACES_AT_ONCE = 50
"""So many places are served beside each other; one that waits holds back no other."""
LAST_SENDS = 9.0
"""When the process is asked to stop, so many seconds are left for what is being sent."""
TRUSTED = 10.0
"""Seconds for which a place is surely ours after the database said so; half of what others wait before they take it."""
LEAST_WAIT = 1.0
"""A platform that asks for no time at all gets this many seconds."""
_LOOK_AGAIN = 1.0
_LOADED = 200
_LONGEST_BACKOFF = timedelta(hours=1)
_UNKNOWN_AGAIN = timedelta(minutes=2)


def _awake() -> float:
    """Seconds of a clock that nobody sets, and that goes on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass
class Turn:
    """One place being served: the messages `left` for it, of which it may get `most`, and how many were `sent`.

    `held` says that it is still ours and open, `over` that the turn has ended. `digest_since` is when the first paper
    of its digest was seen, if one is due.
    """

    place: Destination
    most: int = 0
    left: deque[Parcel[Due]] = field(default_factory=deque)
    sent: int = 0
    held: bool = True
    over: bool = False
    confirmed_at: float = field(default_factory=_awake)
    digest_since: datetime | None = None

    @property
    def goes_on(self) -> bool:
        """Whether the place may get another message."""
        return bool(self.left) and self.sent < self.most


class Delivery:
    """Empties the outbox of one process's channels, unless an operator holds everything.

    `notices` tells the owners of places that turn out to be closed.
    """

    def __init__(self, store: Store, channels: Mapping[str, Channel], *, owner: str, now: Now, hold: Hold) -> None:
        self._store = store
        self._channels = channels
        self._owner = owner
        self._now = now
        self._hold = hold
        self.notices = Notices(store, channels)
        self._breakers = {kind: Breaker() for kind in channels}
        self._in_flight = {kind: asyncio.Semaphore(channel.in_flight) for kind, channel in channels.items()}
        self._sending: set[asyncio.Task[None]] = set()

    async def run(self, kind: str) -> int:
        """Serve each place of a channel whose turn has come or comes meanwhile; how many messages went out.

        Raises StoreError if the database cannot be asked whose turn it is; what befalls one place ends its turn alone.
        """
        serving: set[asyncio.Task[int]] = set()
        total = 0
        try:
            while True:
                for place in await self._claim(kind, PLACES_AT_ONCE - len(serving)):
                    serving.add(asyncio.create_task(self._serve(kind, place)))
                if not serving:
                    return total
                done, serving = await asyncio.wait(serving, timeout=_LOOK_AGAIN, return_when=asyncio.FIRST_COMPLETED)
                total += sum(task.result() for task in done)
        finally:
            for task in serving:
                task.cancel()
            await asyncio.gather(*serving, return_exceptions=True)

    async def next_due(self, kind: str) -> datetime | None:
        """When a place of the channel has its next turn, or None while nothing is owed or all is held."""
        if await self._hold.is_on():
            return None
        async with self._store.read() as unit:
            due = await unit.outbox.next_due([kind])
        closed_until = self._breakers[kind].closed_until
        return max(due, closed_until) if due and closed_until else due

    async def begin(self) -> None:
        """Give back the places that an earlier process of the same name held when it died."""
        async with self._store.write() as unit:
            await unit.outbox.release_all(self._owner)

    async def shut_down(self) -> None:
        """Let what is being sent come to its end, though not for long, and give back the places this process holds."""
        telling = asyncio.create_task(self.notices.shut_down())
        if self._sending:
            await asyncio.wait(self._sending, timeout=LAST_SENDS)
        for task in self._sending:
            task.cancel()
        await asyncio.gather(telling, *self._sending, return_exceptions=True)
        try:
            await self.begin()
        except StoreError as error:
            _log.warning("places were not given back", problem=str(error))

    async def _claim(self, kind: str, limit: int) -> list[Destination]:
        if limit <= 0 or not self._breakers[kind].opens(self._now()) or await self._hold.is_on():
            return []
        async with self._store.write() as unit:
            return await unit.outbox.claim(self._owner, [kind], LEASE, limit)

    # --- one place ------------------------------------------------------------------------------------------------

    async def _serve(self, kind: str, place: Destination) -> int:
        """One turn of one place; how many messages went out. Whatever goes wrong here stays here."""
        turn = Turn(place)
        renewing = asyncio.create_task(self._keep(turn))
        try:
            await self._take_turn(kind, turn)
        except StoreError as error:  # the lease runs out and the place has its next turn
            _log.error("turn broken off", channel=kind, place=place.number, problem=str(error))
        except Exception:  # noqa: BLE001  a fault in one place's mail must not stop the others'
            _log.exception("turn broken off", channel=kind, place=place.number)
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)
        return turn.sent

    async def _take_turn(self, kind: str, turn: Turn) -> None:
        """As many messages as the place may get in a minute; the first failure ends the turn."""
        channel, place = self._channels[kind], turn.place
        quiet_until = Quiet.parse(place.quiet).until(place.zone, self._now()) if place.quiet else None
        if quiet_until is not None:
            async with self._store.write() as unit:
                await unit.outbox.defer(place.number, self._owner, quiet_until, bump=False)
            return
        turn.most = channel.per_minute(place.kind)
        await self._load(turn)
        while turn.held and turn.goes_on:
            if not await self._hand_over(channel, turn, turn.left.popleft()):
                return
        if not turn.over:
            await self._release(place)

    async def _release(self, place: Destination) -> None:
        async with self._store.write() as unit:
            await unit.outbox.release(place.number, self._owner)

    async def _keep(self, turn: Turn) -> None:
        """Renew the lease while the place is served, and say so if it was lost."""
        while turn.held:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            try:
                async with self._store.write() as unit:
                    turn.held = await unit.outbox.renew(turn.place.number, self._owner, LEASE)
            except StoreError as error:
                _log.warning("lease not renewed", place=turn.place.number, problem=str(error))

    async def _load(self, turn: Turn) -> None:
        """Find the messages for the turn, and write down which comes first."""
        place = turn.place
        async with self._store.read() as unit:
            due = await unit.outbox.due(place.number, _LOADED)
            backlog = await unit.outbox.backlog(place.number)
        owed = [one for one in due if one.wanted]
        turn.left.extend(self._parcels(turn, owed, backlog))
        if due:
            async with self._store.write() as unit:
                await unit.outbox.settle(place.number, dropped=[one.key for one in due if not one.wanted])
                await _begin_next(unit, turn)

    def _parcels(self, turn: Turn, owed: Sequence[Due], count: int) -> list[Parcel[Due]]:
        fresh = [one for one in owed if one.begun_at is None]
        instant, slotted = [one for one in fresh if not one.slot], [one for one in fresh if one.slot]
        turn.digest_since = min((one.paper.seen_at for one in slotted if one.paper.seen_at), default=None)
        waiting = Waiting(
            count=max(len(instant), count - len(slotted)),
            overdue=self._now() - instant[0].due_at if instant else timedelta(0),
        )
        packed = parcels(instant, slotted, style=turn.place.style, per_minute=turn.most, waiting=waiting)
        return [*_interrupted(owed), *packed]

    async def _hand_over(self, channel: Channel, turn: Turn, parcel: Parcel[Due]) -> bool:
        """Send one message and write down what came of it; False if the turn is over."""
        place = turn.place
        try:
            await channel.turn(place.address)
            message = await self._write(turn, parcel)
            async with self._in_flight[channel.kind]:
                if not self._breakers[channel.kind].opens(self._now()):  # another place's message has just closed it
                    await self._release(place)
                    return False
                if not await self._still_ours(turn):
                    return False
                await self._finish(self._send(channel, turn, parcel, message))
        except SendError as error:
            return await self._failed(channel.kind, turn, parcel, error)
        except StoreError:
            raise
        except Exception:  # noqa: BLE001  whatever it is: a message that can never be made must not block its place
            _log.exception("message failed", channel=channel.kind, place=place.number)
            return await self._failed(channel.kind, turn, parcel, Unknown(wording.FAULT))
        return True

    async def _still_ours(self, turn: Turn) -> bool:
        """Whether the place is ours, as a process that stood still for a while may have been taken for dead."""
        if _awake() - turn.confirmed_at > TRUSTED:
            async with self._store.write() as unit:
                turn.held = await unit.outbox.renew(turn.place.number, self._owner, LEASE)
            turn.confirmed_at = _awake()
        return turn.held

    async def _write(self, turn: Turn, parcel: Parcel[Due]) -> Message:
        already = 0
        if parcel.closes and turn.digest_since is not None:
            async with self._store.read() as unit:
                already = await unit.outbox.already_sent(turn.place.number, turn.digest_since)
        return letter(turn.place, parcel, self._now(), already=already)

    async def _finish(self, work: Coroutine[Any, Any, None]) -> None:
        """Do `work`, and go on with it when this process is asked to stop: what was sent half would be sent again."""
        sending = asyncio.create_task(work)
        self._sending.add(sending)
        sending.add_done_callback(self._sending.discard)
        await asyncio.shield(sending)

    async def _send(self, channel: Channel, turn: Turn, parcel: Parcel[Due], message: Message) -> None:
        """From the send to its commit: what a crash finds in here is sent again."""
        place = turn.place
        receipt = await channel.send(place.address, message)
        turn.sent += 1
        self._breakers[channel.kind].worked()
        observe.SENT.labels(channel.kind, "sent").inc(len(parcel.owed))
        wait = 0.2
        while True:
            try:
                await self._settle(turn, parcel, receipt.message_id)
            except StoreError as error:
                if wait > LEASE.total_seconds() / 3:
                    raise
                _log.warning("sent and not yet written down", place=place.number, problem=str(error))
                await asyncio.sleep(wait)
                wait *= 2
            else:
                return

    async def _settle(self, turn: Turn, parcel: Parcel[Due], message: str) -> None:
        """Write down that a message went out, and which one is next or that the turn is over."""
        number = turn.place.number
        async with self._store.write() as unit:
            await unit.outbox.settle(number, sent=_keys(parcel))
            await _begin_next(unit, turn)
            if turn.goes_on:
                turn.held = await unit.outbox.renew(number, self._owner, LEASE, message=message)
                turn.confirmed_at = _awake()
            else:
                await unit.outbox.release(number, self._owner, message=message)
        turn.over = not turn.goes_on

    async def _failed(self, kind: str, turn: Turn, parcel: Parcel[Due], error: SendError) -> bool:
        """What each way of failing means; True if the turn may go on."""
        place = turn.place
        observe.SENT.labels(kind, type(error).__name__.lower()).inc(len(parcel.owed))
        match error:
            case Rejected() if len(parcel.owed) > 1:
                # One of them is the culprit, and the others shall not die with it.
                turn.left.extendleft(Parcel("single", (one,)) for one in reversed(parcel.owed))
                async with self._store.write() as unit:
                    await _begin_next(unit, turn)
                return True
            case Rejected():
                _log.error("message refused for good", channel=kind, place=place.number, problem=str(error))
                async with self._store.write() as unit:
                    await unit.outbox.settle(place.number, dead=_keys(parcel))
                    await _begin_next(unit, turn)
                return True
            case Gone():
                _log.warning("place closed", channel=kind, place=place.number, problem=str(error))
                async with self._store.write() as unit:
                    await unit.outbox.pause(place.number, str(error))
                self.notices.closed(place, str(error))
            case Moved():
                async with self._store.write() as unit:
                    await unit.outbox.moved(place.number, error.to)
            case Retry(asked=True) | Retry(everywhere=True):
                await self._wait(
                    kind, place, timedelta(seconds=max(error.after, LEAST_WAIT)), everywhere=error.everywhere
                )
            case Retry() | Unknown():
                self._breakers[kind].failed(self._now())
                await self._try_again(kind, place, parcel, error)
        return False

    async def _wait(self, kind: str, place: Destination, wait: timedelta, *, everywhere: bool) -> None:
        """Hold a place, or the whole channel, for as long as its platform asks."""
        until = self._now() + wait
        if everywhere:
            self._breakers[kind].close(until)
        async with self._store.write() as unit:
            await unit.outbox.defer(place.number, self._owner, until, bump=False)

    async def _try_again(self, kind: str, place: Destination, parcel: Parcel[Due], error: SendError) -> None:
        """Count an attempt and back off; what may have arrived is tried late, as a copy annoys more than a delay."""
        attempts = max(one.attempts for one in parcel.owed)
        late = _UNKNOWN_AGAIN if isinstance(error, Unknown) else timedelta(0)
        until = self._now() + late + _backoff(attempts)
        async with self._store.write() as unit:
            died = await unit.outbox.settle(place.number, tried=_keys(parcel))
            await unit.outbox.defer(place.number, self._owner, until, bump=True)
        _log.warning("not delivered", channel=kind, place=place.number, problem=str(error), given_up=len(died))


async def _begin_next(unit: Unit, turn: Turn) -> None:
    """Write down the next message, so that after a crash it is the same again whatever has fallen due since."""
    if turn.goes_on and turn.left[0].owed[0].begun_at is None:
        await unit.outbox.begin(turn.place.number, _keys(turn.left[0]))


def _interrupted(owed: Sequence[Due]) -> list[Parcel[Due]]:
    """The messages that a crash broke off, as they were."""
    again: defaultdict[datetime, list[Due]] = defaultdict(list)
    for one in owed:
        if one.begun_at is not None:
            again[one.begun_at].append(one)
    groups = [tuple(again[begun]) for begun in sorted(again)]
    return [Parcel("list" if len(group) > 1 else "single", group) for group in groups]


def _keys(parcel: Parcel[Due]) -> list[Key]:
    return [one.key for one in parcel.owed]


def _backoff(attempts: int) -> timedelta:
    """Exponential with full jitter, at most an hour."""
    longest = min(timedelta(seconds=2.0 ** min(attempts + 1, 12)), _LONGEST_BACKOFF)
    return longest * random.random()  # noqa: S311  jitter keeps no secret
