"""Serves places: claim, look up what each gets next, send it with no transaction open, settle.

A message is written down as begun before it goes out, and as sent together with what comes next. Turns that wait for
the database at the same time share a transaction, so that a message costs a fraction of one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta

import structlog

from paperwire.core.deliveries.due import Due
from paperwire.core.messages.bundles import Bundle
from paperwire.core.messages.message import Message
from paperwire.errors import SendError, StoreError, Unknown
from paperwire.pipeline import claim
from paperwire.pipeline.bundle_message import Writer
from paperwire.pipeline.claim import ClaimedPlace, PlaceLeases, until_written
from paperwire.pipeline.failure import Failures
from paperwire.pipeline.gate import ChannelGate
from paperwire.pipeline.hold import Hold
from paperwire.pipeline.lookup import LookUp, end_digests
from paperwire.pipeline.together import Together
from paperwire.pipeline.turn import Turn, reminders_of
from paperwire.ports.options import Now
from paperwire.store.unit import Store, Unit

_log = structlog.get_logger(__name__)

PLACES_IN_PARALLEL = 100
"""How many places are served in parallel; one that waits holds up no other."""
LAST_SENDS = 9.0
"""Seconds that are left for what is being sent when the process is asked to stop; a container is killed after 10."""
_WORTH_CLAIMING = PLACES_IN_PARALLEL // 4
_LOOK_AGAIN = 1.0
_PROOF_AWAITED = timedelta(minutes=1)
_FAULT = "Paperwire could not make or send this message; the log has the fault"


class Turns:
    """Serves places whose turn has come, many in parallel, each one message after another."""

    def __init__(  # noqa: PLR0913, PLR0917 -- what a turn needs
        self,
        store: Store,
        owner: str,
        now: Now,
        hold: Hold,
        failures: Failures,
        writer: Writer,
    ) -> None:
        self._store = store
        self._owner = owner
        self._now = now
        self._hold = hold
        self._failures = failures
        self._writer = writer
        self._leases = PlaceLeases(store, owner)
        self._lookup = LookUp(owner)
        self._together = Together(self._move_on, rescue=self._settle_alone)
        self._sending: set[asyncio.Task[None]] = set()

    async def serve_all(self, gate: ChannelGate) -> int:
        """Serve each place of a channel whose turn has come or comes meanwhile; how many messages went out.

        Raises StoreError if the database cannot be asked whose turn it is; a failure at one place ends its turn only.
        """
        serving: dict[asyncio.Task[None], ClaimedPlace] = {}
        renewing = asyncio.create_task(self._leases.keep(serving.values))
        sent, looked, more = 0, -_LOOK_AGAIN, True
        clock = asyncio.get_running_loop().time
        try:
            while True:
                free = PLACES_IN_PARALLEL - len(serving)
                if not serving or (more and free >= _WORTH_CLAIMING) or clock() - looked >= _LOOK_AGAIN:
                    looked = clock()
                    places = await self._claim(gate, free, serving.values())
                    more = len(places) == free  # fewer than there is room for are all
                    serving |= {asyncio.create_task(self._serve(gate, claimed)): claimed for claimed in places}
                if not serving:
                    return sent
                done, _ = await asyncio.wait(serving, timeout=_LOOK_AGAIN, return_when=asyncio.FIRST_COMPLETED)
                ended = [serving.pop(task).turn for task in done]
                sent += sum(turn.sent for turn in ended)
                more = more or any(turn.sent >= turn.most for turn in ended)  # whose next turn may have come
        finally:
            for task in (renewing, *serving):
                task.cancel()
            await asyncio.gather(renewing, *serving, return_exceptions=True)

    async def finish(self) -> None:
        """Wait briefly for sends in flight."""
        if self._sending:
            await asyncio.wait(self._sending, timeout=LAST_SENDS)
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)

    # --- claim ----------------------------------------------------------------------------------------------------

    async def _claim(self, gate: ChannelGate, free: int, serving: Collection[ClaimedPlace]) -> list[ClaimedPlace]:
        """Places whose turn has come and that are not being served: as many as are `free`, and the channel allows."""
        channel = gate.channel
        try:
            if gate.is_open or await self._hold.is_on():
                return []
            limit = await gate.limit(free, serving)
            if limit <= 0:
                return []
            served = [claimed.number for claimed in serving if not claimed.turn.over]
            async with self._store.write() as unit:
                places = await unit.outbox.claim(self._owner, [channel.kind], claim.PLACE_LEASE, limit, served=served)
        except StoreError as error:
            if not serving:
                raise
            # What is under way ends on its own; cancelled, it would keep its leases.
            _log.warning("no place claimed", channel=channel.kind, problem=str(error))
            return []
        return [ClaimedPlace(Turn(place)) for place in places]

    async def _serve(self, gate: ChannelGate, claimed: ClaimedPlace) -> None:
        """One turn of one place: as many messages as it may get in a minute, until one fails; raises nothing."""
        kind, place = gate.channel.kind, claimed.turn.place
        try:
            most, size = gate.channel.per_minute(place.kind), gate.channel.digest_size
            claimed.turn = replace(claimed.turn, most=most, size=size)
            await self._look_up(claimed)
            while (bundle := claimed.turn.next) is not None and not claimed.turn.over:
                await self._send_next(gate, claimed, bundle)
            if bundle is None and claimed.turn.sent:
                await self._failures.notices.works_again(claimed.turn.place)
        except StoreError as error:  # the lease runs out and the place has its next turn
            _log.error("turn broken off", channel=kind, place=claimed.number, problem=str(error))
        except Exception:  # noqa: BLE001 -- a fault in what one place is owed must not stop the others'
            _log.exception("turn broken off", channel=kind, place=claimed.number)
            await self._failures.break_off(claimed.turn)

    # --- send -----------------------------------------------------------------------------------------------------

    async def _send_next(self, gate: ChannelGate, claimed: ClaimedPlace, bundle: Bundle[Due]) -> None:
        """Send the next message of a turn and settle it, or write down why it failed."""
        turn, channel = claimed.turn, gate.channel
        try:
            message = self._writer.message(turn.place, bundle, self._now(), plain=channel.greets)
        except Exception:  # noqa: BLE001 -- a message that can never be made must not block its place
            _log.exception("message not made", channel=channel.kind, place=claimed.number)
            claimed.turn = await self._failures.count(turn, _FAULT)
            return
        try:
            await channel.wait_for_slot(turn.place.address)
            async with gate.room(turn.place.address):
                claimed.sending_since = asyncio.get_running_loop().time()
                if not await self._leases.holds(claimed) or not await gate.works():
                    claimed.turn = await self._failures.stop(turn)
                elif not gate.may_repeat(turn):
                    claimed.turn = await self._failures.pause(turn, self._now() + _PROOF_AWAITED)
                else:
                    await self._finish(gate, claimed, message)
        except SendError as error:
            await self._fail(gate, claimed, turn, error)
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 -- whether it went out is unknown, and another message may do better
            _log.exception("message failed", channel=channel.kind, place=claimed.number)
            await self._fail(gate, claimed, turn, Unknown(_FAULT))

    async def _fail(self, gate: ChannelGate, claimed: ClaimedPlace, turn: Turn, error: SendError) -> None:
        claimed.turn = await self._failures.failed(gate, turn, error)
        if not claimed.turn.over:
            await self._look_up(claimed)

    async def _finish(self, gate: ChannelGate, claimed: ClaimedPlace, message: Message) -> None:
        """Send, and go on with it when this process is asked to stop: what was sent half would be sent again."""
        sending = asyncio.create_task(self._send(gate, claimed, message))
        self._sending.add(sending)
        sending.add_done_callback(self._sending.discard)
        try:
            await asyncio.shield(sending)
        except asyncio.CancelledError:
            claimed.abandoned = True
            raise

    async def _send(self, gate: ChannelGate, claimed: ClaimedPlace, message: Message) -> None:
        """Send and settle; a crash in between repeats the message."""
        turn = claimed.turn
        try:
            receipt = await gate.channel.send(turn.place.address, message)
        except SendError as error:
            if not claimed.abandoned:
                raise
            await self._failures.failed(gate, turn, error)  # the turn was stopped and can't
            return
        doubted = gate.got_through(turn)
        self._writer.sent(turn.place, message, self._now())
        claimed.turn = turn.arrived(receipt.message_id)
        await self._look_up(claimed)
        await gate.forget(doubted, claimed.number)
        if receipt.no_thread:
            await self._failures.notices.no_threads(turn.place, receipt.no_thread)

    # --- settle, and look up what comes next ------------------------------------------------------------------------

    async def _look_up(self, claimed: ClaimedPlace) -> None:
        """Settle what went out and look up what comes next; raises StoreError once the lease is no longer sure."""
        await until_written(lambda: self._together.do(claimed), claimed.number)

    async def _move_on(self, places: Sequence[ClaimedPlace]) -> None:
        async with self._store.write() as unit:
            turns = await self._next_turns(unit, [claimed.turn for claimed in places])
        for claimed in places:
            claimed.turn, claimed.confirmed_at = turns[claimed.number], claim.awake()

    async def _next_turns(self, unit: Unit, turns: Sequence[Turn]) -> dict[int, Turn]:
        """Settle, look up what comes next, begin it, and end the turns that have nothing more to send; by place."""
        await _settle(unit, turns)
        after = {turn.place.number: turn.settled() for turn in turns}
        waiting = [turn for turn in after.values() if turn.goes_on]
        if waiting and not await self._hold.stops(unit):
            after |= await self._lookup.next_of(unit, waiting)
        after = await end_digests(unit, after)
        await unit.outbox.begin({number: turn.keys for number, turn in after.items() if turn.next is not None})
        ended = {number: turn.ended() for number, turn in after.items() if turn.next is None}
        await unit.outbox.release(list(ended), self._owner)
        return after | ended

    async def _settle_alone(self, claimed: ClaimedPlace) -> None:
        """Write down what went out, whatever is wrong with what comes next: or it would be sent again."""
        if (message := claimed.turn.message) is not None:
            async with self._store.write() as unit:
                await unit.outbox.sent({claimed.number: claimed.turn.keys}, {claimed.number: message})
                await unit.reminders.sent(reminders_of([claimed.turn.next]))


async def _settle(unit: Unit, turns: Sequence[Turn]) -> None:
    """Write down the messages that went out."""
    sent = {turn.place.number: turn for turn in turns if turn.message is not None}
    messages = {number: turn.message or "" for number, turn in sent.items()}
    others = [turn.place.number for turn in turns]
    await unit.outbox.sent({number: turn.keys for number, turn in sent.items()}, messages, others=others)
    bundles = {number: turn.next for number, turn in sent.items() if turn.next is not None}
    await unit.outbox.mark_counted({number: [due.key for due in bundle.left_out] for number, bundle in bundles.items()})
    await unit.digests.sent({number: bundle.digest.slot for number, bundle in bundles.items() if bundle.digest})
    await unit.reminders.sent(reminders_of(bundles.values()))
