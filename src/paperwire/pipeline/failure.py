"""What each way in which a message can fail means for it, for its place and for its channel."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from paperwire import observe
from paperwire.core.deliveries.due import Key
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
from paperwire.errors import ChannelRefused, CloseReason, Gone, Moved, Rejected, Retry, SendError, Unknown
from paperwire.pipeline.breaker import FAILURES, WITHOUT_ANSWER, Breaker
from paperwire.pipeline.claim import until_written
from paperwire.pipeline.gate import LEAST_WAIT, ChannelGate, Doubts, Sends
from paperwire.pipeline.notice import Notices
from paperwire.pipeline.turn import Turn, reminders_of
from paperwire.ports.channels import Roomy
from paperwire.ports.options import Now
from paperwire.store.unit import Store, Unit

T = TypeVar("T")

_log = structlog.get_logger(__name__)

_FIRST_PAUSE = timedelta(seconds=2)


@dataclass(frozen=True)
class Failures:
    """Writes down what a failure means for a message, its place and its channel."""

    store: Store
    owner: str
    now: Now
    notices: Notices
    sends: Sends

    async def failed(self, gate: ChannelGate, turn: Turn, error: SendError) -> Turn:
        """The turn after its next message failed: it is over, or goes on without that message."""
        kind, place = gate.channel.kind, turn.place.number
        observe.SENT.labels(kind, type(error).__name__.lower()).inc(len(turn.keys))
        self.sends.failed(kind, error)
        match error:
            case Rejected():
                return await self._rejected(kind, turn, error)
            case Gone():
                _log.warning("place closed", channel=kind, place=place, problem=str(error))
                await self._gone(gate, turn, error)
            case Moved():
                await self._write(turn, lambda unit: unit.places.moved(place, error.to))
            case ChannelRefused():
                await self._refused(gate, turn, error)
            case Retry(everywhere=True):
                gate.refused(error)
                return await self.stop(turn)
            case Retry(patience=patience) if patience:
                await self._put_off(gate, turn, error)
            case Retry(requested=True):
                await self.pause(turn, self.now() + timedelta(seconds=max(error.after, LEAST_WAIT)), requested=True)
            case Unknown():
                await self._unanswered(gate, turn, error)
            case _ if _needs_comparison(gate.breaker, turn):
                return turn.passed_over()
            case _:
                await self._broke_down(gate, turn, error)
        return turn.ended()

    async def _refused(self, gate: ChannelGate, turn: Turn, error: ChannelRefused) -> None:
        """Pause a channel whose service refuses us; where others get through, pause the place alone, or the message.

        The place has its next turn after the pause and after those that were due meanwhile.
        """
        place = turn.place.number
        if place in gate.breaker.own and error.of_message:
            await self._broke_down(gate, turn, error)
        elif place in gate.breaker.own:
            await self._put_off(gate, turn, error)
        else:
            gate.breaker.doubted.add(place)
            gate.refused(error)
            await self.pause(turn, gate.next_try_at, reason=str(error))

    async def _gone(self, gate: ChannelGate, turn: Turn, error: Gone) -> None:
        """Close a place. After the fifth in a row that took messages before, it is us who are refused.

        Then those that were closed are opened again, and the channel is paused.
        """
        breaker, place = gate.breaker, turn.place.number
        doubted = error.doubtful and place not in breaker.own and await self._has_delivered(place)
        if doubted:
            breaker.doubted.add(place)
        if doubted and len(breaker.doubted) >= FAILURES:
            await self._reopen(gate, turn, error)
        else:
            await self.close(turn, error, doubted=doubted)

    async def _has_delivered(self, place: int) -> bool:
        async def read() -> bool:
            async with self.store.read() as unit:
                return await unit.ledger.has_delivered(place)

        return await until_written(read, place)

    async def _reopen(self, gate: ChannelGate, turn: Turn, error: Gone) -> None:
        if isinstance(gate.channel, Roomy):
            gate.channel.doubt(str(error))
        gate.refused(ChannelRefused(f"one place after another is refused: {error}", 0.0))
        until = gate.next_try_at
        wrongly = gate.breaker.doubted - {turn.place.number}

        async def write(unit: Unit) -> None:
            for number in sorted(wrongly):
                place = await unit.places.get(number)
                if place is not None and place.paused == CloseReason.REFUSED:
                    await unit.places.resume(number)
            await unit.outbox.defer(turn.place.number, self.owner, until)
            await Doubts(self.store).keep(unit, gate.channel.kind, turn.place.number)

        await self._write(turn, write)
        self.notices.reopened(wrongly)

    async def close(self, turn: Turn, error: Gone, *, doubted: bool = False) -> None:
        """Pause a place, and notify its owner unless that was done by another who found it closed."""
        place = turn.place.number

        async def write(unit: Unit) -> bool:
            was_open = await unit.places.pause(place, error.why)
            await unit.outbox.release([place], self.owner)
            if doubted:
                await Doubts(self.store).keep(unit, turn.place.channel, place)
            return was_open

        if await self._write(turn, write):
            self.notices.closed(turn.place, error.why)

    async def _put_off(self, gate: ChannelGate, turn: Turn, error: Retry) -> None:
        """Leave a place alone that takes nothing for now, each time longer; close it once its patience is over.

        It began with the delivery that failed first, as the database knows, so a restart changes nothing.
        """
        now, place, owed = self.now(), turn.place, turn.owed
        if error.doubtful:
            gate.breaker.failed(place.number, now, most=WITHOUT_ANSWER)
        since = min((delivery.first_failed_at for delivery in owed if delivery.first_failed_at), default=now)
        if (now - since).total_seconds() >= error.patience:
            await self.close(turn, Gone(f"since {since:%F}: {error}"))
            return
        wait = min(timedelta(seconds=error.after) * 2.0 ** min(place.failures, 12), LONGEST_PUT_OFF)
        await self.pause(turn, now + wait, failed=True, requested=True, reason=str(error))

    async def _rejected(self, kind: str, turn: Turn, error: Rejected) -> Turn:
        """Give up what is refused; of several deliveries in one message only the culprit."""
        if len(turn.owed) > 1:
            return turn.split()
        _log.error("message refused for good", channel=kind, place=turn.place.number, problem=str(error))

        async def write(unit: Unit) -> None:
            await unit.outbox.give_up(turn.place.number, turn.keys, str(error))
            await unit.reminders.sent(reminders_of([turn.next]))

        await self._write(turn, write)
        self.notices.gave_up(turn.place)
        return turn.settled()

    async def _unanswered(self, gate: ChannelGate, turn: Turn, error: Unknown) -> None:
        """Count a message that may have arrived, and leave its place alone for a while."""
        now, place, bundle = self.now(), turn.place.number, turn.next
        if gate.channel.shared_service:
            gate.breaker.failed(place, now)
        until = now + timedelta(seconds=error.after) + _jittered(turn.place.failures)

        async def write(unit: Unit) -> None:
            await unit.outbox.unanswered(place, turn.keys, str(error))
            if bundle is not None and bundle.digest is not None and not bundle.owed:
                await unit.digests.sent({place: bundle.digest.slot})  # an empty one twice is worse than none
            for reminder in reminders_of([bundle]):
                await unit.reminders.failed(reminder, MOST_UNKNOWNS)
            await unit.outbox.defer(place, self.owner, until, failed=True)

        await self._write(turn, write)
        _log.warning("no answer", channel=gate.channel.kind, place=place, problem=str(error))

    async def _broke_down(self, gate: ChannelGate, turn: Turn, error: SendError) -> None:
        """Blame the message only while nearly all others of its channel get through."""
        breaker, place = gate.breaker, turn.place.number
        own = not breaker.faulty.isdisjoint(turn.keys)
        working = own or breaker.is_working
        if not own and gate.channel.shared_service:
            breaker.failed(place, self.now())
        if turn.doubted is not None:  # that one goes first again
            await self._write(turn, lambda unit: unit.outbox.not_begun(place, turn.keys))
        if working:
            await self.count(turn, str(error))
        else:
            await self.pause(turn, self.now() + _jittered(turn.place.failures), failed=True)
        _log.warning("not delivered", channel=gate.channel.kind, place=place, problem=str(error))

    async def count(self, turn: Turn, reason: str) -> Turn:
        """Count a failure against the deliveries of a message: after eight they step aside, after a week they go."""
        now, place, owed = self.now(), turn.place.number, turn.owed
        fates: defaultdict[str, list[Key]] = defaultdict(list)
        for delivery in owed:
            failures = delivery.attempts + 1
            over = is_given_up(failures, delivery.first_failed_at or now, now)
            fates["over" if over else "aside" if steps_aside(failures) else "again"].append(delivery.key)
        moves_on = bool(owed) and not fates["again"]
        until = now if moves_on else now + _jittered(turn.place.failures)

        async def write(unit: Unit) -> None:
            await unit.outbox.failed(place, fates["again"], reason)
            await unit.outbox.failed(place, fates["aside"], reason, until=now + HOURLY)
            await unit.outbox.give_up(place, fates["over"], reason)
            for reminder in reminders_of([turn.next]):
                await unit.reminders.failed(reminder, STEPS_ASIDE)
            await unit.outbox.defer(place, self.owner, until, failed=not moves_on)

        await self._write(turn, write)
        if fates["over"]:
            self.notices.gave_up(turn.place)
        return turn.ended()

    async def pause(
        self, turn: Turn, until: datetime, *, failed: bool = False, requested: bool = False, reason: str | None = None
    ) -> Turn:
        """End a turn and leave its place alone until then; a `reason` is kept with what the message carries."""
        place = turn.place.number

        async def write(unit: Unit) -> None:
            if reason is not None:
                await unit.outbox.failed(place, turn.keys, reason, own=False)
            await unit.outbox.defer(place, self.owner, until, failed=failed, requested=requested)

        await self._write(turn, write)
        return turn.ended()

    async def stop(self, turn: Turn) -> Turn:
        """End a turn; its place has its next one when that is due."""
        await self._write(turn, lambda unit: unit.outbox.release([turn.place.number], self.owner))
        return turn.ended()

    async def break_off(self, turn: Turn) -> None:
        """Leave a place alone for a while after a fault of ours; if that cannot be written down the lease does it."""
        with suppress(Exception):  # the fault is in the log already
            await self.pause(turn, self.now() + _jittered(turn.place.failures), failed=True)

    async def _write(self, turn: Turn, what: Callable[[Unit], Awaitable[T]]) -> T:
        """Write down what a failure means while the lease is ours, or the place would wait for the lease to end."""

        async def write() -> T:
            async with self.store.write() as unit:
                return await what(unit)

        return await until_written(write, turn.place.number)


def _needs_comparison(breaker: Breaker, turn: Turn) -> bool:
    """Whether the next message has to show whose fault it is, after a number of failures without a known reason.

    Otherwise a message that no place accepts would close its channel forever, and the only place of a channel.
    """
    is_known = breaker.is_working or not breaker.faulty.isdisjoint(turn.keys)
    many = max(turn.place.failures + 1, breaker.pauses) >= UNEXPLAINED_FAILURES
    return many and not is_known and turn.doubted is None and bool(turn.left)


def _jittered(failures: int) -> timedelta:
    """The pause of a place after this number of failures, not in step with others."""
    return pause_after(failures + 1, _FIRST_PAUSE) * random.uniform(0.5, 1.0)  # noqa: S311 -- jitter keeps no secret
