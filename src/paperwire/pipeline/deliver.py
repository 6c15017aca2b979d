"""Third stage: claim places, send what they are owed with no transaction open, settle."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog

from paperwire import observe
from paperwire.core.failures import HOURLY, is_given_up, may_be_sent, pause_after, steps_aside
from paperwire.errors import Gone, Moved, Rejected, Retry, SendError, StoreError, Unknown
from paperwire.pipeline import turns
from paperwire.pipeline.breaker import Breaker
from paperwire.pipeline.delivered import Delivered
from paperwire.pipeline.letter import letter
from paperwire.pipeline.notice import Notices
from paperwire.pipeline.turns import Turn, Turns
from paperwire.wording import pipeline as wording

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping, Sequence
    from datetime import datetime

    from paperwire.core.message import Message
    from paperwire.core.parcels import Parcel
    from paperwire.core.subscription import Destination
    from paperwire.pipeline.hold import Hold
    from paperwire.ports import Channel, Now
    from paperwire.store.owed import Due, Key
    from paperwire.store.unit import Store

_log = structlog.get_logger(__name__)

PLACES_AT_ONCE = 100
"""How many places are served beside each other; one that waits holds back no other."""
LAST_SENDS = 9.0
"""Seconds that are left for what is being sent when the process is asked to stop; a container is killed after 10."""
LEAST_WAIT = 1.0
"""A platform that asks for no time at all gets this many seconds."""
_WORTH_CLAIMING = PLACES_AT_ONCE // 4
_LOOK_AGAIN = 1.0
_FIRST_PAUSE = timedelta(seconds=2)
_PROOF_AWAITED = timedelta(minutes=1)


class Delivery:
    """Empties the outbox of one process's channels, unless an operator holds everything.

    `notices` tells the owners of places that turn out to be closed, and places that work again what was given up.
    """

    def __init__(self, store: Store, channels: Mapping[str, Channel], *, owner: str, now: Now, hold: Hold) -> None:
        self._store = store
        self._channels = channels
        self._owner = owner
        self._now = now
        self._hold = hold
        self._turns = Turns(store, owner=owner, hold=hold)
        self.notices = Notices(store, channels)
        self._breakers = {kind: Breaker() for kind in channels}
        self._probing = {kind: asyncio.Lock() for kind in channels}
        self._in_flight = {kind: asyncio.Semaphore(channel.in_flight) for kind, channel in channels.items()}
        self._sending: set[asyncio.Task[None]] = set()
        self._sounded: dict[int, datetime] = {}
        self._delivered: defaultdict[str, Delivered] = defaultdict(Delivered)

    def delivered(self, kind: str) -> Delivered:
        """What went out by a channel since this was last asked."""
        return self._delivered.pop(kind, Delivered())

    async def run(self, kind: str) -> int:
        """Serve each place of a channel whose turn has come or comes meanwhile; how many messages went out.

        Raises StoreError if the database cannot be asked whose turn it is; what befalls one place ends its turn alone.
        """
        await self.notices.look(kind)
        serving: dict[asyncio.Task[None], Turn] = {}
        renewing = asyncio.create_task(self._renew(serving))
        sent, looked = 0, -_LOOK_AGAIN
        clock = asyncio.get_running_loop().time
        try:
            while True:
                if PLACES_AT_ONCE - len(serving) >= _WORTH_CLAIMING or clock() - looked >= _LOOK_AGAIN:
                    looked = clock()
                    for place in await self._claim(kind, serving=len(serving)):
                        turn = Turn(place)
                        serving[asyncio.create_task(self._serve(kind, turn))] = turn
                if not serving:
                    return sent
                done, _ = await asyncio.wait(serving, timeout=_LOOK_AGAIN, return_when=asyncio.FIRST_COMPLETED)
                sent += sum(serving.pop(task).sent for task in done)
        finally:
            for task in (renewing, *serving):
                task.cancel()
            await asyncio.gather(renewing, *serving, return_exceptions=True)

    async def next_due(self, kind: str) -> datetime | None:
        """When a place of the channel has its next turn, or None while nothing is owed or all is held."""
        if await self._hold.is_on():
            return None
        async with self._store.read() as unit:
            due = await unit.outbox.next_due([kind])
        return max(due, self._breakers[kind].reopens_at(self._now())) if due else None

    def closed_until(self, kind: str) -> datetime | None:
        """Until when nothing is sent over a channel because it does not work, None if it does."""
        breaker, now = self._breakers.get(kind), self._now()
        return breaker.reopens_at(now) if breaker is not None and breaker.is_closed(now) else None

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

    # --- whether a channel works ----------------------------------------------------------------------------------

    async def _claim(self, kind: str, *, serving: int) -> list[Destination]:
        """Places whose turn has come; one alone while the channel is on trial."""
        breaker = self._breakers[kind]
        if breaker.is_closed(self._now()) or await self._hold.is_on():
            return []
        if breaker.closed_until is not None:
            async with self._store.read() as unit:
                due = await unit.outbox.next_due([kind])
            if due is None or due > self._now() or not await self._works(kind):
                return []
        limit = 1 - serving if breaker.on_trial else PLACES_AT_ONCE - serving
        if limit <= 0:
            return []
        async with self._store.write() as unit:
            return await unit.outbox.claim(self._owner, [kind], turns.LEASE, limit)

    async def _works(self, kind: str) -> bool:
        """Whether the channel answers a call without effect; asked only where it failed since it last worked."""
        breaker = self._breakers[kind]
        async with self._probing[kind]:
            if breaker.is_closed(self._now()):
                return False
            if not breaker.needs_probe:
                return True
            try:
                await self._channels[kind].probe()
            except SendError as error:
                self._refused(kind, error)
                return False
            except Exception:  # noqa: BLE001 -- whatever a library raises, the channel did not answer
                _log.exception("probe failed", channel=kind)
                breaker.down(self._now())
                return False
            breaker.answered()
            return True

    def _refused(self, kind: str, error: SendError) -> None:
        """Close a channel of which nothing works: until the time that it named, or for its next pause."""
        breaker, now = self._breakers[kind], self._now()
        if isinstance(error, Retry) and error.asked:
            breaker.leave_alone(now + timedelta(seconds=max(error.after, LEAST_WAIT)))
        elif not breaker.is_closed(now):
            breaker.down(now)
            _log.warning("channel closed", channel=kind, problem=str(error), until=f"{breaker.closed_until:%FT%TZ}")

    # --- one place ------------------------------------------------------------------------------------------------

    async def _renew(self, serving: Mapping[asyncio.Task[None], Turn]) -> None:
        """Keep the leases of all places that are being served."""
        while True:
            await asyncio.sleep(turns.LEASE.total_seconds() / 3)
            held = [turn for turn in serving.values() if not turn.over]
            try:
                if held:
                    await self._turns.renew(held)
            except StoreError as error:
                _log.warning("leases not renewed", places=len(held), problem=str(error))

    async def _serve(self, kind: str, turn: Turn) -> None:
        """One turn of one place: as many messages as it may get in a minute; the first failure ends the turn.

        Whatever goes wrong here stays here.
        """
        place = turn.place.number
        try:
            turn.most = self._channels[kind].per_minute(turn.place.kind)
            await self._go_on(turn)
            while turn.next is not None:
                if not await self._hand_over(self._channels[kind], turn, turn.next):
                    break
            else:
                if turn.sent:
                    await self.notices.works_again(turn.place)
            if not turn.over:
                async with self._store.write() as unit:
                    await unit.outbox.release([place], self._owner)
        except StoreError as error:  # the lease runs out and the place has its next turn
            _log.error("turn broken off", channel=kind, place=place, problem=str(error))
        except Exception:  # noqa: BLE001 -- a fault in what one place is owed must not stop the others'
            _log.exception("turn broken off", channel=kind, place=place)

    async def _hand_over(self, channel: Channel, turn: Turn, parcel: Parcel[Due]) -> bool:
        """Send one message and write down what came of it; False if the turn is over."""
        kind = channel.kind
        try:
            message = await self._write(turn, parcel)
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 -- a message that can never be made must not block its place
            _log.exception("message not made", channel=kind, place=turn.place.number)
            await self._counted(turn, parcel, wording.FAULT)
            return False
        try:
            await channel.turn(turn.place.address)
            async with self._in_flight[kind]:
                if not await self._turns.holds(turn) or not await self._may_send(kind, turn, parcel):
                    return False
                await self._finish(self._send(channel, turn, parcel, message))
        except SendError as error:
            return await self._failed(channel, turn, parcel, error)
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 -- nobody knows whether it went out, and another message may do better
            _log.exception("message failed", channel=kind, place=turn.place.number)
            return await self._failed(channel, turn, parcel, Unknown(wording.FAULT))
        return True

    async def _may_send(self, kind: str, turn: Turn, parcel: Parcel[Due]) -> bool:
        """Whether the channel works as far as is known; ends the turn where the message has to wait for proof."""
        breaker, now = self._breakers[kind], self._now()
        if breaker.is_closed(now) or (breaker.needs_probe and not await self._works(kind)):
            return False
        unknowns = max(one.unknowns for one in parcel.owed)
        failed_at = max((one.failed_at for one in parcel.owed if one.failed_at), default=None)
        if may_be_sent(unknowns, failed_at, breaker.got_through_at, now):
            return True
        await self._pause(turn, now + _PROOF_AWAITED)
        return False

    async def _write(self, turn: Turn, parcel: Parcel[Due]) -> Message:
        """The message; it makes no sound if all of it was due when the place last heard one."""
        already = 0
        if parcel.closes and turn.digest_since is not None:
            async with self._store.read() as unit:
                already = await unit.outbox.already_sent(turn.place.number, turn.digest_since)
        sounded = self._sounded.get(turn.place.number)
        silent = sounded is not None and sounded <= self._now() and all(one.due_at <= sounded for one in parcel.owed)
        return letter(turn.place, parcel, self._now(), already=already, silent=silent)

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
        self._breakers[channel.kind].worked(self._now())
        if not message.silent:
            self._sounded[place.number] = self._now()
        observe.SENT.labels(channel.kind, "sent").inc(len(parcel.owed))
        self._delivered[channel.kind].add(place.number, len(parcel.owed))
        await self._go_on(turn, message=receipt.message_id)

    async def _go_on(self, turn: Turn, *, message: str | None = None) -> None:
        """Write down what went out and look what comes next, again and again for as long as the lease is surely ours.

        Raises StoreError if the database cannot do it in that time.
        """
        wait = 0.2
        while True:
            try:
                await self._turns.go_on(turn, message=message)
            except StoreError as error:
                if wait > turns.LEASE.total_seconds() / 3:
                    raise
                _log.warning("turn not yet written down", place=turn.place.number, problem=str(error))
                await asyncio.sleep(wait)
                wait *= 2
            else:
                return

    # --- failures -------------------------------------------------------------------------------------------------

    async def _failed(self, channel: Channel, turn: Turn, parcel: Parcel[Due], error: SendError) -> bool:
        """What each way of failing means; True if the turn may go on."""
        kind, place = channel.kind, turn.place
        observe.SENT.labels(kind, type(error).__name__.lower()).inc(len(parcel.owed))
        match error:
            case Rejected():
                await self._rejected(kind, turn, parcel, error)
                return True
            case Gone():
                _log.warning("place closed", channel=kind, place=place.number, problem=str(error))
                async with self._store.write() as unit:
                    await unit.outbox.pause(place.number, str(error))
                self.notices.closed(place, str(error))
            case Moved():
                async with self._store.write() as unit:
                    await unit.outbox.moved(place.number, error.to)
            case Retry(everywhere=True):
                self._refused(kind, error)
                return False
            case Retry(asked=True):
                wait = timedelta(seconds=max(error.after, LEAST_WAIT))
                await self._pause(turn, self._now() + wait, asked=True)
            case Unknown():
                await self._unanswered(channel, turn, parcel, error)
            case _:
                await self._broke_down(channel, turn, parcel, error)
        turn.over = True
        return False

    async def _rejected(self, kind: str, turn: Turn, parcel: Parcel[Due], error: Rejected) -> None:
        """Give up what is refused for good; of several deliveries in one message only the culprit."""
        if len(parcel.owed) > 1:
            turn.split()
        else:
            _log.error("message refused for good", channel=kind, place=turn.place.number, problem=str(error))
            async with self._store.write() as unit:
                await unit.outbox.give_up(turn.place.number, _keys(parcel.owed), str(error))
            self.notices.gave_up(turn.place)
        turn.next = None
        await self._go_on(turn)

    async def _unanswered(self, channel: Channel, turn: Turn, parcel: Parcel[Due], error: Unknown) -> None:
        """Count a message that may have arrived, and leave its place alone for a while."""
        now, place = self._now(), turn.place.number
        if channel.shared_service:
            self._breakers[channel.kind].failed(place, now)
        until = now + timedelta(seconds=error.after) + _jittered(turn.place.failures)
        async with self._store.write() as unit:
            await unit.outbox.unanswered(place, _keys(parcel.owed), str(error))
            await unit.outbox.defer(place, self._owner, until, failed=True)
        _log.warning("no answer", channel=channel.kind, place=place, problem=str(error))

    async def _broke_down(self, channel: Channel, turn: Turn, parcel: Parcel[Due], error: SendError) -> None:
        """Blame the message only while nearly all others of its channel get through."""
        breaker = self._breakers[channel.kind]
        working = breaker.is_working
        if channel.shared_service:
            breaker.failed(turn.place.number, self._now())
        if working:
            await self._counted(turn, parcel, str(error))
        else:
            await self._pause(turn, self._now() + _jittered(turn.place.failures), failed=True)
        _log.warning("not delivered", channel=channel.kind, place=turn.place.number, problem=str(error))

    async def _counted(self, turn: Turn, parcel: Parcel[Due], reason: str) -> None:
        """Count a failure against these deliveries: after eight they step aside, after a week they are given up."""
        now, place = self._now(), turn.place.number
        fates: defaultdict[str, list[Key]] = defaultdict(list)
        for one in parcel.owed:
            failures = one.attempts + 1
            over = is_given_up(failures, one.first_failed_at or now, now)
            fates["over" if over else "aside" if steps_aside(failures) else "again"].append(one.key)
        moves_on = not fates["again"]
        async with self._store.write() as unit:
            await unit.outbox.failed(place, fates["again"], reason)
            await unit.outbox.failed(place, fates["aside"], reason, until=now + HOURLY)
            await unit.outbox.give_up(place, fates["over"], reason)
            until = now if moves_on else now + _jittered(turn.place.failures)
            await unit.outbox.defer(place, self._owner, until, failed=not moves_on)
        if fates["over"]:
            self.notices.gave_up(turn.place)
        turn.over = True

    async def _pause(self, turn: Turn, until: datetime, *, failed: bool = False, asked: bool = False) -> None:
        """End a turn and leave its place alone until then."""
        async with self._store.write() as unit:
            await unit.outbox.defer(turn.place.number, self._owner, until, failed=failed, asked=asked)
        turn.over = True


def _keys(owed: Sequence[Due]) -> list[Key]:
    return [one.key for one in owed]


def _jittered(failures: int) -> timedelta:
    """The pause of a place that failed so many times before, not in step with others."""
    return pause_after(failures + 1, _FIRST_PAUSE) * random.uniform(0.5, 1.0)  # noqa: S311 -- jitter keeps no secret
