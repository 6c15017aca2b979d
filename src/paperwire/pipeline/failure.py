"""What each way in which a message can fail means for it, for its place and for its channel."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from paperwire import observe
from paperwire.core.deliveries.due import Due, Key
from paperwire.core.messages.bundles import Bundle
from paperwire.core.messages.failures import (
    HOURLY,
    LONGEST_PUT_OFF,
    MOST_UNKNOWNS,
    STEPS_ASIDE,
    UNEXPLAINED_FAILURES,
    is_given_up,
    pause_after,
    steps_aside,
)
from paperwire.errors import ChannelRefused, Closed, Gone, Moved, Rejected, Retry, SendError, Unknown
from paperwire.pipeline.breaker import FAILURES, LONGEST_RETRY_AFTER, WITHOUT_ANSWER, Breaker
from paperwire.pipeline.doubts import Doubts
from paperwire.pipeline.notice import Notices
from paperwire.pipeline.sends import Sends
from paperwire.pipeline.turns import Turn, keys_of, reminders_of, until_written
from paperwire.ports.channels import Channel, Roomy
from paperwire.ports.options import Now
from paperwire.store.unit import Store, Unit

_log = structlog.get_logger(__name__)

LEAST_WAIT = 1.0
"""A platform that asks for no time at all gets this many seconds."""
_FIRST_PAUSE = timedelta(seconds=2)


@dataclass(frozen=True)
class Failures:
    """Writes down what failed; `go_on` looks what comes next in a turn that a failure does not end."""

    store: Store
    owner: str
    now: Now
    breakers: Mapping[str, Breaker]
    notices: Notices
    go_on: Callable[[Turn], Awaitable[None]]
    sends: Sends
    doubts: Doubts

    async def failed(self, channel: Channel, turn: Turn, bundle: Bundle[Due], error: SendError) -> bool:
        """What each way of failing means; True if the turn may go on."""
        kind, place = channel.kind, turn.place
        observe.SENT.labels(kind, type(error).__name__.lower()).inc(len(bundle.owed))
        self.sends.failed(kind, error)
        match error:
            case Rejected():
                await self._rejected(kind, turn, bundle, error)
                return True
            case Gone():
                _log.warning("place closed", channel=kind, place=place.number, problem=str(error))
                await self._gone(channel, turn, error)
            case Moved():
                await self._write_down(turn, lambda unit: unit.places.moved(place.number, error.to))
            case ChannelRefused():
                await self._refused(channel, turn, bundle, error)
            case Retry(everywhere=True):
                self.refused(kind, error)
                return False
            case Retry(patience=patience) if patience:
                await self._put_off(turn, bundle, error)
            case Retry(asked=True):
                wait = timedelta(seconds=max(error.after, LEAST_WAIT))
                await self.pause(turn, self.now() + wait, asked=True)
            case Unknown():
                await self._unanswered(channel, turn, bundle, error)
            case _ if await self._tries_another(kind, turn, bundle):
                return True
            case _:
                await self._broke_down(channel, turn, bundle, error)
        turn.over = True
        return False

    async def _refused(self, channel: Channel, turn: Turn, bundle: Bundle[Due], error: ChannelRefused) -> None:
        """Hold a channel whose service refuses us; where others get through, hold the place alone, or the message.

        The place has its next turn after the pause and after those that were due meanwhile.
        """
        breaker, place = self.breakers[channel.kind], turn.place.number
        if place in breaker.own and error.of_message:
            await self._broke_down(channel, turn, bundle, error)
        elif place in breaker.own:
            await self._put_off(turn, bundle, error)
        else:
            breaker.doubted.add(place)
            self.refused(channel.kind, error)
            until = breaker.next_try_at(self.now())

            async def write(unit: Unit) -> None:
                await unit.outbox.failed(place, keys_of(bundle), str(error), own=False)
                await unit.outbox.defer(place, self.owner, until)

            await self._write_down(turn, write)

    async def _gone(self, channel: Channel, turn: Turn, error: Gone) -> None:
        """Close a place; if it is the fifth in a row that took messages before, it is us who are refused.

        Then those that were closed are opened again, and the channel is held.
        """
        breaker, place = self.breakers[channel.kind], turn.place.number
        doubted = error.doubtful and place not in breaker.own and await self._has_delivered(turn)
        if doubted:
            breaker.doubted.add(place)
        if doubted and len(breaker.doubted) >= FAILURES:
            await self._reopen(channel, turn, error)
        else:
            await self._closed(turn, error, doubted=doubted)

    async def _has_delivered(self, turn: Turn) -> bool:
        has = False

        async def read() -> None:
            nonlocal has
            async with self.store.read() as unit:
                has = await unit.ledger.has_delivered(turn.place.number)

        await until_written(read, turn.place.number)
        return has

    async def _reopen(self, channel: Channel, turn: Turn, error: Gone) -> None:
        breaker = self.breakers[channel.kind]
        if isinstance(channel, Roomy):
            channel.doubt(str(error))
        self.refused(channel.kind, ChannelRefused(f"one place after another is refused: {error}", 0.0))
        until = breaker.next_try_at(self.now())
        wrongly = breaker.doubted - {turn.place.number}

        async def write() -> None:
            async with self.store.write() as unit:
                for number in sorted(wrongly):
                    place = await unit.places.destination(number)
                    if place is not None and place.paused == Closed.REFUSED:
                        await unit.places.resume(number)
                await unit.outbox.defer(turn.place.number, self.owner, until)
                await self.doubts.keep(unit, channel.kind, turn.place.number)

        await until_written(write, turn.place.number)
        self.notices.reopened(wrongly)

    async def _closed(self, turn: Turn, error: Gone, *, doubted: bool = False) -> None:
        """Pause a place, and notify its owner unless that was done by another who found it closed."""
        was_open, place = False, turn.place.number

        async def close() -> None:
            nonlocal was_open
            async with self.store.write() as unit:
                was_open = await unit.places.pause(place, error.why)
                await unit.outbox.release([place], self.owner)
                if doubted:
                    await self.doubts.keep(unit, turn.place.channel, place)

        await until_written(close, place)
        if was_open:
            self.notices.closed(turn.place, error.why)

    async def _put_off(self, turn: Turn, bundle: Bundle[Due], error: Retry) -> None:
        """Leave a place alone that takes nothing for now, each time longer; close it once its patience is over.

        Since when is read from the deliveries that waited longest, which survives a restart.
        """
        now, place = self.now(), turn.place
        if error.doubtful:
            self.breakers[place.channel].failed(place.number, now, most=WITHOUT_ANSWER)
        since = min((one.first_failed_at for one in bundle.owed if one.first_failed_at), default=now)
        if (now - since).total_seconds() >= error.patience:
            await self._closed(turn, Gone(f"since {since:%F}: {error}"))
            return
        wait = min(timedelta(seconds=error.after) * 2.0 ** min(place.failures, 12), LONGEST_PUT_OFF)

        async def write(unit: Unit) -> None:
            await unit.outbox.failed(place.number, keys_of(bundle), str(error), own=False)
            await unit.outbox.defer(place.number, self.owner, now + wait, failed=True, asked=True)

        await self._write_down(turn, write)

    async def _rejected(self, kind: str, turn: Turn, bundle: Bundle[Due], error: Rejected) -> None:
        """Give up what is permanently refused; of several deliveries in one message only the culprit."""
        if len(bundle.owed) > 1:
            turn.split()
        else:
            _log.error("message refused", channel=kind, place=turn.place.number, problem=str(error))

            async def give_up(unit: Unit) -> None:
                await unit.outbox.give_up(turn.place.number, keys_of(bundle), str(error))
                await unit.reminders.sent(reminders_of([bundle]))

            await self._write_down(turn, give_up)
            self.notices.gave_up(turn.place)
        turn.next = None
        await self.go_on(turn)

    async def _unanswered(self, channel: Channel, turn: Turn, bundle: Bundle[Due], error: Unknown) -> None:
        """Count a message that may have arrived, and leave its place alone for a while."""
        now, place = self.now(), turn.place.number
        if channel.shared_service:
            self.breakers[channel.kind].failed(place, now)
        until = now + timedelta(seconds=error.after) + _jittered(turn.place.failures)

        async def count(unit: Unit) -> None:
            await unit.outbox.unanswered(place, keys_of(bundle), str(error))
            if bundle.digest is not None and not bundle.owed:  # to hear twice of nothing is worse than not at all
                await unit.digests.sent({place: bundle.digest.slot})
            for reminder in reminders_of([bundle]):
                await unit.reminders.failed(reminder, MOST_UNKNOWNS)
            await unit.outbox.defer(place, self.owner, until, failed=True)

        await self._write_down(turn, count)
        _log.warning("no answer", channel=channel.kind, place=place, problem=str(error))

    async def _tries_another(self, kind: str, turn: Turn, bundle: Bundle[Due]) -> bool:
        """After so many failures without a known reason, try the next message to find out; True if there is one.

        Otherwise one that no place accepts would close its channel forever, and the only place of a channel.
        """
        breaker = self.breakers[kind]
        known = breaker.is_working or not breaker.faulty.isdisjoint(keys_of(bundle))
        if (
            known
            or turn.doubted
            or not turn.left
            or max(turn.place.failures + 1, breaker.pauses) < UNEXPLAINED_FAILURES
        ):
            return False
        turn.doubted, turn.next = bundle, None
        await self.go_on(turn)
        return True

    async def _broke_down(self, channel: Channel, turn: Turn, bundle: Bundle[Due], error: SendError) -> None:
        """Blame the message only while nearly all others of its channel get through."""
        breaker = self.breakers[channel.kind]
        own = not breaker.faulty.isdisjoint(keys_of(bundle))
        working = own or breaker.is_working
        if not own and channel.shared_service:
            breaker.failed(turn.place.number, self.now())
        if turn.doubted is not None:  # that one goes first again
            await self._write_down(turn, lambda unit: unit.outbox.not_begun(turn.place.number, keys_of(bundle)))
        if working:
            await self.counted(turn, bundle, str(error))
        else:
            await self.pause(turn, self.now() + _jittered(turn.place.failures), failed=True)
        _log.warning("not delivered", channel=channel.kind, place=turn.place.number, problem=str(error))

    async def counted(self, turn: Turn, bundle: Bundle[Due], reason: str) -> None:
        """Count a failure against these deliveries: after eight they step aside, after a week they are given up."""
        now, place = self.now(), turn.place.number
        fates: defaultdict[str, list[Key]] = defaultdict(list)
        for one in bundle.owed:
            failures = one.attempts + 1
            over = is_given_up(failures, one.first_failed_at or now, now)
            fates["over" if over else "aside" if steps_aside(failures) else "again"].append(one.key)
        moves_on = bool(bundle.owed) and not fates["again"]
        until = now if moves_on else now + _jittered(turn.place.failures)

        async def count(unit: Unit) -> None:
            await unit.outbox.failed(place, fates["again"], reason)
            await unit.outbox.failed(place, fates["aside"], reason, until=now + HOURLY)
            await unit.outbox.give_up(place, fates["over"], reason)
            for reminder in reminders_of([bundle]):
                await unit.reminders.failed(reminder, STEPS_ASIDE)
            await unit.outbox.defer(place, self.owner, until, failed=not moves_on)

        await self._write_down(turn, count)
        if fates["over"]:
            self.notices.gave_up(turn.place)
        turn.over = True

    async def pause(self, turn: Turn, until: datetime, *, failed: bool = False, asked: bool = False) -> None:
        """End a turn and leave its place alone until then."""
        place = turn.place.number
        await self._write_down(
            turn, lambda unit: unit.outbox.defer(place, self.owner, until, failed=failed, asked=asked)
        )
        turn.over = True

    async def broken_off(self, turn: Turn) -> None:
        """Leave a place alone for a while after a fault of ours; if that cannot be written down the lease does it."""
        with suppress(Exception):  # the fault is in the log already
            await self.pause(turn, self.now() + _jittered(turn.place.failures), failed=True)

    def refused(self, kind: str, error: SendError) -> None:
        """Open the breaker of a channel of which nothing works: until the time that it named, or for its next pause."""
        breaker, now = self.breakers[kind], self.now()
        self.sends.failed(kind, error)
        if isinstance(error, Retry) and error.asked:
            wait = timedelta(seconds=max(error.after, LEAST_WAIT))
            breaker.leave_alone(now + min(wait, LONGEST_RETRY_AFTER))  # what lies beyond is taken for a wrong clock's
        elif not breaker.is_open(now):
            breaker.trip(now)
            log = _log.error if isinstance(error, ChannelRefused) else _log.warning
            log("channel down", channel=kind, problem=str(error), until=f"{breaker.open_until:%FT%TZ}")

    async def _write_down(self, turn: Turn, what: Callable[[Unit], Awaitable[object]]) -> None:
        """Write down what came of a message, as `_go_on` does: or it would wait for the end of the lease."""

        async def write() -> None:
            async with self.store.write() as unit:
                await what(unit)

        await until_written(write, turn.place.number)


def _jittered(failures: int) -> timedelta:
    """The pause of a place after this number of failures, not in step with others."""
    return pause_after(failures + 1, _FIRST_PAUSE) * random.uniform(0.5, 1.0)  # noqa: S311 -- jitter keeps no secret
