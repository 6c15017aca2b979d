"""Third stage: claim places, send what they are owed with no transaction open, settle."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from paperwire import observe
from paperwire.core.deliveries.due import Due
from paperwire.core.messages.bundles import Bundle
from paperwire.core.messages.failures import may_be_sent
from paperwire.core.messages.message import Message
from paperwire.core.subscriptions.subscription import Destination
from paperwire.errors import SendError, StoreError, Unknown
from paperwire.pipeline import turns
from paperwire.pipeline.breaker import Breaker
from paperwire.pipeline.bundle_message import DigestFacts, bundle_message
from paperwire.pipeline.delivered import Delivered
from paperwire.pipeline.doubts import Doubts
from paperwire.pipeline.failure import Failures
from paperwire.pipeline.hold import Hold
from paperwire.pipeline.joined import JoinedAccounts
from paperwire.pipeline.notice import Leave, Notices
from paperwire.pipeline.sends import Sends
from paperwire.pipeline.turns import Turn, Turns, keys_of, until_written
from paperwire.ports.channels import Channel, Roomy
from paperwire.ports.options import Now
from paperwire.store.unit import Store

_log = structlog.get_logger(__name__)

PLACES_IN_PARALLEL = 100
"""How many places are served at the same time; one that waits delays no other."""
LAST_SENDS = 9.0
"""Seconds that are left for what is being sent when the process is asked to stop; a container is killed after 10."""
_WORTH_CLAIMING = PLACES_IN_PARALLEL // 4
_LOOK_AGAIN = 1.0
_SLOW = 20.0
"""Seconds after which a message on its way tells nothing soon of whether its channel works."""
_PROOF_AWAITED = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestWords:
    """Where the page of a digest is, by its place and slot, and why arXiv announced nothing between two instants."""

    page: Callable[[int, str], str] = lambda _place, _slot: ""
    silence: Callable[[datetime, datetime], str] = lambda _since, _until: ""


class Delivery:
    """Empties the outbox of one process's channels, unless an operator holds everything.

    `notices` tells the owners of places that turn out to be closed, and places that work again what was given up.
    `leave` gives each message to a place its way out; `sends` is told how each send ended. Papers can be voted for in
    shared places, with a `public_list` in all.
    """

    def __init__(  # noqa: PLR0913 -- what a delivery is made of, each named
        self,
        store: Store,
        channels: Mapping[str, Channel],
        *,
        owner: str,
        now: Now,
        hold: Hold,
        leave: Leave = lambda _place: None,
        words: DigestWords | None = None,
        public_list: bool = False,
        sends: Sends | None = None,
        account_url: str = "",
    ) -> None:
        self._store = store
        self._public_list = public_list
        self._words = words or DigestWords()
        self._channels = channels
        self._owner = owner
        self._now = now
        self._hold = hold
        self._leave = leave
        self._turns = Turns(store, owner=owner, hold=hold)
        self.notices = Notices(store, channels, leave=leave)
        self._joined = JoinedAccounts(store, account_url)
        self._breakers = {kind: Breaker() for kind in channels}
        self._sends = sends or Sends(now)
        self._doubts = Doubts(store)
        self._failures = Failures(
            store, owner, now, self._breakers, self.notices, self._go_on, self._sends, self._doubts
        )
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

        Raises StoreError if the database cannot be asked whose turn it is; a failure at one place ends its turn only.
        """
        await self.notices.look(kind)
        self._breakers[kind].doubted |= await self._doubts.of(kind)
        if self._channels[kind].naming == "verified":
            await self._joined.look(kind)
        serving: dict[asyncio.Task[None], Turn] = {}
        renewing = asyncio.create_task(self._renew(serving))
        sent, looked, more = 0, -_LOOK_AGAIN, True
        clock = asyncio.get_running_loop().time
        try:
            while True:
                free = PLACES_IN_PARALLEL - len(serving)
                if not serving or (more and free >= _WORTH_CLAIMING) or clock() - looked >= _LOOK_AGAIN:
                    looked = clock()
                    try:
                        places = await self._claim(kind, serving=serving.values())
                    except StoreError as error:
                        if not serving:
                            raise
                        places = []  # what is under way ends on its own; cancelled, it would keep its leases
                        _log.warning("no place claimed", channel=kind, problem=str(error))
                    more = len(places) == free  # fewer than there is room for are all
                    for place in places:
                        turn = Turn(place)
                        serving[asyncio.create_task(self._serve(kind, turn))] = turn
                if not serving:
                    return sent
                done, _ = await asyncio.wait(serving, timeout=_LOOK_AGAIN, return_when=asyncio.FIRST_COMPLETED)
                ended = [serving.pop(task) for task in done]
                sent += sum(turn.sent for turn in ended)
                more = more or any(turn.sent >= turn.most for turn in ended)  # whose next turn may have come
        finally:
            for task in (renewing, *serving):
                task.cancel()
            await asyncio.gather(renewing, *serving, return_exceptions=True)

    async def next_due(self, kind: str) -> datetime | None:
        """When a place of the channel has its next turn, or None while nothing is owed or all is on hold."""
        if await self._hold.is_on():
            return None
        async with self._store.read() as unit:
            due = await unit.outbox.next_due([kind])
        return max(due, self._breakers[kind].next_try_at(self._now())) if due else None

    def down_until(self, kind: str) -> datetime | None:
        """Until when nothing is sent over a channel because it does not work, None if it does."""
        breaker, now = self._breakers.get(kind), self._now()
        return breaker.next_try_at(now) if breaker is not None and breaker.is_open(now) else None

    async def begin(self) -> None:
        """Give back the places that an earlier process of the same name had leased when it died."""
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

    async def _claim(self, kind: str, *, serving: Collection[Turn]) -> list[Destination]:
        """Places whose turn has come and that are not being served; one alone while the channel is on trial."""
        breaker = self._breakers[kind]
        if breaker.is_open(self._now()) or await self._hold.is_on():
            return []
        if breaker.open_until is not None:
            async with self._store.read() as unit:
                due = await unit.outbox.next_due([kind])
            if due is None or due > self._now() or not await self._works(kind):
                return []
        limit = PLACES_IN_PARALLEL - len(serving)
        if breaker.half_open:
            recent = asyncio.get_running_loop().time() - _SLOW
            limit = min(limit, 1 - sum(turn.sending_since > recent for turn in serving))
        if limit <= 0:
            return []
        served = [turn.place.number for turn in serving if not turn.over]
        async with self._store.write() as unit:
            return await unit.outbox.claim(self._owner, [kind], turns.LEASE, limit, served=served)

    async def _works(self, kind: str) -> bool:
        """Whether the channel answers a call without effect; asked only where it failed since it last worked."""
        breaker = self._breakers[kind]
        async with self._probing[kind]:
            if breaker.is_open(self._now()):
                return False
            if not breaker.needs_probe:
                return True
            try:
                await self._channels[kind].probe()
            except SendError as error:
                self._failures.refused(kind, error)
                return False
            except Exception:  # noqa: BLE001 -- whatever a library raises, the channel did not answer
                _log.exception("probe failed", channel=kind)
                breaker.trip(self._now())
                return False
            breaker.answered()
            return True

    # --- one place ------------------------------------------------------------------------------------------------

    async def _renew(self, serving: Mapping[asyncio.Task[None], Turn]) -> None:
        """Keep the leases of all places that are being served."""
        while True:
            await asyncio.sleep(turns.LEASE.total_seconds() / 3)
            current = [turn for turn in serving.values() if not turn.over]
            try:
                if current:
                    await self._turns.renew(current)
            except StoreError as error:
                _log.warning("leases not renewed", places=len(current), problem=str(error))

    async def _serve(self, kind: str, turn: Turn) -> None:
        """One turn of one place: as many messages as it may get in a minute; the first failure ends the turn.

        Whatever goes wrong here stays here.
        """
        place = turn.place.number
        try:
            channel = self._channels[kind]
            turn.most, turn.size = channel.per_minute(turn.place.kind), channel.digest_size
            await self._go_on(turn)
            while turn.next is not None:
                if not await self._hand_over(channel, turn, turn.next):
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
            await self._failures.broken_off(turn)

    async def _hand_over(self, channel: Channel, turn: Turn, bundle: Bundle[Due]) -> bool:
        """Send one message and write down what came of it; False if the turn is over."""
        kind = channel.kind
        try:
            message = self._write(turn, bundle)
        except Exception:  # noqa: BLE001 -- a message that can never be made must not block its place
            _log.exception("message not made", channel=kind, place=turn.place.number)
            await self._failures.counted(
                turn, bundle, "Paperwire could not make or send this message; the log has the fault"
            )
            return False
        message = await self._joined.added(turn.place, message)
        try:
            await channel.wait_for_slot(turn.place.address)
            async with channel.room(turn.place.address) if isinstance(channel, Roomy) else self._in_flight[kind]:
                turn.sending_since = asyncio.get_running_loop().time()
                if not await self._turns.holds(turn) or not await self._may_send(kind, turn, bundle):
                    return False
                await self._finish(turn, self._send(channel, turn, bundle, message))
            await self._joined.sent(turn.place)
        except SendError as error:
            return await self._failures.failed(channel, turn, bundle, error)
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 -- whether it went out is unknown, and another message may do better
            _log.exception("message failed", channel=kind, place=turn.place.number)
            return await self._failures.failed(
                channel, turn, bundle, Unknown("Paperwire could not make or send this message; the log has the fault")
            )
        return True

    async def _may_send(self, kind: str, turn: Turn, bundle: Bundle[Due]) -> bool:
        """Whether no failure of the channel is known; ends the turn where the message has to wait for proof."""
        breaker, now = self._breakers[kind], self._now()
        if breaker.is_open(now) or (breaker.needs_probe and not await self._works(kind)):
            return False
        unknowns = max((one.unknowns for one in bundle.owed), default=0)
        failed_at = max((one.failed_at for one in bundle.owed if one.failed_at), default=None)
        # Where each place is a service of its own, what another one takes proves nothing.
        proved_at = breaker.got_through_at if self._channels[kind].shared_service else None
        if may_be_sent(unknowns, failed_at, proved_at, now):
            return True
        await self._failures.pause(turn, now + _PROOF_AWAITED)
        return False

    def _write(self, turn: Turn, bundle: Bundle[Due]) -> Message:
        """The message; it makes no sound if all of it was due when the place last heard one."""
        facts, digest = DigestFacts(), bundle.digest
        if digest is not None and bundle.part == bundle.parts:
            facts = DigestFacts(
                page=self._words.page(turn.place.number, digest.slot),
                silence=self._words.silence(digest.since, digest.due_at) if digest.since else "",
            )
        sounded = self._sounded.get(turn.place.number)
        silent = (
            bool(bundle.owed)
            and sounded is not None
            and sounded <= self._now()
            and all(one.due_at <= sounded for one in bundle.owed)
        )
        votable = turn.place.is_shared or self._public_list
        plain = self._channels[turn.place.channel].greets
        message = bundle_message(
            turn.place, bundle, self._now(), facts=facts, silent=silent, votable=votable, plain=plain
        )
        return replace(message, leave=self._leave(turn.place))

    async def _finish(self, turn: Turn, work: Coroutine[Any, Any, None]) -> None:
        """Do `work`, and go on with it when this process is asked to stop: what was sent half would be sent again."""
        sending = asyncio.create_task(work)
        self._sending.add(sending)
        sending.add_done_callback(self._sending.discard)
        try:
            await asyncio.shield(sending)
        except asyncio.CancelledError:
            turn.abandoned = True
            raise

    async def _send(self, channel: Channel, turn: Turn, bundle: Bundle[Due], message: Message) -> None:
        """From the send to its commit: what a crash finds in here is sent again."""
        place = turn.place
        try:
            receipt = await channel.send(place.address, message)
        except SendError as error:
            if not turn.abandoned:
                raise
            await self._failures.failed(channel, turn, bundle, error)  # the turn was stopped and can't
            return
        breaker = self._breakers[channel.kind]
        doubted = set(breaker.doubted)
        breaker.worked(self._now())
        breaker.own.discard(place.number)
        self._sends.worked(channel.kind)
        breaker.faulty.difference_update(keys_of(bundle))
        if turn.doubted is not None:  # it failed right before this one got through
            breaker.faulty.update(keys_of(turn.doubted))
            turn.doubted = None
        if not message.silent:
            self._sounded[place.number] = self._now()
        observe.SENT.labels(channel.kind, "sent").inc(len(bundle.owed))
        self._delivered[channel.kind].add(place.number, len(bundle.owed))
        await self._go_on(turn, message=receipt.message_id)
        if doubted:
            await until_written(lambda: self._doubts.forget(channel.kind, doubted), place.number)

    async def _go_on(self, turn: Turn, *, message: str | None = None) -> None:
        """Write down what went out and look what comes next, again and again for as long as the lease is surely ours.

        Raises StoreError if the database cannot do it in that time.
        """
        await until_written(lambda: self._turns.go_on(turn, message=message), turn.place.number)
