"""The turns of places: what each gets next, looked up before every message, many places in one transaction.

A message is written down as begun before it goes out, and what came of it together with what comes next. Turns that
wait for the database at the same time share a transaction, so that a message costs a fraction of one.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

import structlog

from paperwire.core.deliveries.due import Due, Key
from paperwire.core.messages.bundles import Backlog, Bundle, digest_bundles, make_bundles
from paperwire.core.messages.digests import Digest
from paperwire.core.messages.failures import steps_aside
from paperwire.core.papers.paper import Paper
from paperwire.core.subscriptions.cadence import Quiet
from paperwire.core.subscriptions.meeting import Reminder
from paperwire.core.subscriptions.subscription import Destination
from paperwire.errors import StoreError
from paperwire.pipeline.digests import Loaded, load_digests, plan_digests, section_of
from paperwire.pipeline.hold import Hold
from paperwire.pipeline.meetings import load_reminders
from paperwire.store.unit import Store, Unit

_log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=120)
"""How long a place is ours unless that is renewed, as it is every 40 seconds while a message is on its way."""
TRUSTED = 10.0
"""Seconds for which a place is surely ours after the database said so; half of what others wait before they take it."""
_LOADED = 200
_LOADED_FOR_DIGEST = 2_000
"""No one reads a digest of more papers; what is left joins the next one."""
_PAPERS_KEPT = 2_000  # a day's papers go to many places; until one changes none is read twice
_ROUNDS = 20  # of the loop, in which turns that are about to wait come along: a third fewer transactions


async def until_written(write: Callable[[], Awaitable[None]], place: int) -> None:
    """Do `write` for a place, again and again for as long as its lease is surely ours.

    Raises StoreError if the database cannot do it in that time.
    """
    wait = 0.2
    while True:
        try:
            await write()
        except StoreError as error:
            if wait > LEASE.total_seconds() / 3:
                raise
            _log.warning("turn not yet written down", place=place, problem=str(error))
            await asyncio.sleep(wait)
            wait *= 2
        else:
            return


def awake() -> float:
    """Seconds of a monotonic clock, and that goes on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass
class Turn:
    """One place being served: the message that comes `next`, those `left` after it, and how many were `sent`.

    It may get `most` messages of at most `size` papers, while it is `leased` by us, as the database said at
    `confirmed_at`. `over` says that the turn has ended in the database too. `digest` is the one of a slot that is being
    sent. `doubted` is the message that failed before the `next` one, which tells whether that was its own fault.
    `loaded_as_of` is the number of changes (`Outbox.changes`) before its messages were looked up. `sending_since` is a
    time of the loop, and `abandoned` tells that only the message on its way is left of a turn that was stopped.
    """

    place: Destination
    most: int = 0
    size: int = 0
    next: Bundle[Due] | None = None
    left: deque[Bundle[Due]] = field(default_factory=deque)
    loaded: bool = False
    sent: int = 0
    leased: bool = True
    over: bool = False
    digest: Digest | None = None
    doubted: Bundle[Due] | None = None
    loaded_as_of: int = -1
    confirmed_at: float = field(default_factory=awake)
    sending_since: float = field(default_factory=lambda: asyncio.get_running_loop().time())
    abandoned: bool = False

    def split(self) -> None:
        """Take the message that comes next apart, each delivery a message of its own, to find the one refused."""
        if self.next is not None:
            self.left.extendleft(Bundle("single", (due,)) for due in reversed(self.next.owed))
            self.next = None


@dataclass(frozen=True, slots=True)
class Step:
    """A turn that goes on: `message` is the platform's id of the message that just went out, None at its beginning."""

    turn: Turn
    message: str | None
    done: asyncio.Future[None]


class Turns:
    """Moves turns on, as many together as wait for it; raises what the database raises, each turn for itself."""

    def __init__(self, store: Store, *, owner: str, hold: Hold) -> None:
        self._store = store
        self._owner = owner
        self._hold = hold
        self._waiting: list[Step] = []
        self._working: asyncio.Task[None] | None = None
        self._papers: dict[int, Paper] = {}
        self._papers_as_of = -1

    async def go_on(self, turn: Turn, *, message: str | None = None) -> None:
        """Settle what just went out as `message`, and set `turn.next`; None there means that the turn is over.

        Raises StoreError; it may be asked again.
        """
        step = Step(turn, message, asyncio.get_running_loop().create_future())
        self._waiting.append(step)
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        await step.done

    async def renew(self, turns: Sequence[Turn]) -> None:
        """Keep the places of these turns; those that are lost or closed get no further message."""
        numbers = [turn.place.number for turn in turns]
        async with self._store.write() as unit:
            kept = await unit.outbox.keep(numbers, self._owner, LEASE)
        for turn in turns:
            turn.leased = turn.place.number in kept
            turn.confirmed_at = awake()

    async def holds(self, turn: Turn) -> bool:
        """Whether the place is ours; asks again after a while, as a process that stood still may be taken for dead."""
        if turn.leased and awake() - turn.confirmed_at > TRUSTED:
            await self.renew([turn])
        return turn.leased

    async def _work(self) -> None:
        while self._waiting:
            for _ in range(_ROUNDS):
                await asyncio.sleep(0)
            steps, self._waiting = self._waiting, []
            try:
                await self._commit(steps)
            except StoreError as error:
                _fail(steps, error)
            except Exception:  # noqa: BLE001 -- what one place's rows provoke is its own turn's alone
                await self._one_by_one(steps)

    async def _one_by_one(self, steps: Sequence[Step]) -> None:
        for step in steps:
            try:
                await self._commit([step])
            except Exception as error:  # noqa: BLE001 -- handed on to the turn
                with suppress(StoreError):  # the turn ends anyway
                    await self._settle_alone(step)
                _fail([step], error)

    async def _settle_alone(self, step: Step) -> None:
        """Write down what went out, whatever is the matter with what comes next: or it would be sent again."""
        if step.message is not None and step.turn.next is not None:
            place = step.turn.place.number
            async with self._store.write() as unit:
                await unit.outbox.sent({place: keys_of(step.turn.next)}, {place: step.message})
                await unit.reminders.sent(reminders_of([step.turn.next]))

    async def _commit(self, steps: Sequence[Step]) -> None:
        async with self._store.write() as unit:
            drafts = await self._draft(unit, steps)
        for step in steps:
            draft = drafts[step.turn.place.number]
            turn = step.turn
            turn.place, turn.next, turn.left, turn.loaded = draft.place, draft.next, draft.left, True
            turn.sent += step.message is not None
            turn.over = draft.next is None
            turn.digest = draft.digest
            turn.loaded_as_of = draft.loaded_as_of
            turn.confirmed_at = awake()
            if not step.done.done():  # the task that waited may have been cancelled
                step.done.set_result(None)

    async def _draft(self, unit: Unit, steps: Sequence[Step]) -> dict[int, Draft]:
        """Settle, look what comes next, begin it, and end the turns that have nothing more to send."""
        arrived: dict[int, Bundle[Due]] = {}
        messages: dict[int, str] = {}
        for step in steps:
            if step.message is not None and step.turn.next is not None:
                arrived[step.turn.place.number] = step.turn.next
                messages[step.turn.place.number] = step.message
        places = [step.turn.place.number for step in steps]
        await unit.outbox.sent({place: keys_of(bundle) for place, bundle in arrived.items()}, messages, others=places)
        await unit.digests.sent(
            {place: bundle.digest.slot for place, bundle in arrived.items() if bundle.digest is not None}
        )
        await unit.reminders.sent(reminders_of(arrived.values()))
        drafts = {step.turn.place.number: Draft.of(step) for step in steps}
        waiting = [draft for draft in drafts.values() if draft.goes_on]
        if waiting and not await self._hold.stops(unit):
            await self._continue(unit, waiting)
        await self._end_digests(unit, drafts.values())
        going = {number: draft.next for number, draft in drafts.items() if draft.next is not None}
        await unit.outbox.begin({number: keys_of(bundle) for number, bundle in going.items()})
        await unit.outbox.release([number for number in drafts if number not in going], self._owner)
        return drafts

    async def _end_digests(self, unit: Unit, drafts: Collection[Draft]) -> None:
        """Close the digests of which nothing is left, and draft the next ones of places whose turn ends."""
        over: list[tuple[int, str]] = []
        for draft in drafts:
            left = [draft.next, *draft.left] if draft.next is not None else draft.left
            if draft.digest is not None and all(bundle.digest != draft.digest for bundle in left):
                over.append((draft.place.number, draft.digest.slot))
                draft.digest = None
        await unit.digests.close(over)
        await plan_digests(unit, [draft.place for draft in drafts if draft.next is None and draft.loaded])

    async def _continue(self, unit: Unit, waiting: Sequence[Draft]) -> None:
        kept = await unit.outbox.keep([draft.place.number for draft in waiting], self._owner, LEASE)
        still = []
        for draft in waiting:
            if draft.place.number not in kept:  # lost, closed or gone
                continue
            restyled = kept[draft.place.number].style != draft.place.style
            draft.place = kept[draft.place.number]
            quiet = Quiet.parse(draft.place.quiet).until(draft.place.zone, unit.now) if draft.place.quiet else None
            if quiet is not None:
                await unit.outbox.defer(draft.place.number, self._owner, quiet)
                continue
            if restyled:
                draft.left.clear()
                draft.loaded = False
            still.append(draft)
        changes = await unit.outbox.changes()
        for draft in still:
            if not draft.loaded:
                draft.loaded_as_of = changes
            elif draft.left and draft.loaded_as_of == changes:
                draft.next = draft.left.popleft()
        await self._load(unit, [draft for draft in still if not draft.loaded])
        while still := [draft for draft in still if draft.next is None and draft.left]:
            await self._look_again(unit, still)

    async def _load(self, unit: Unit, drafts: Sequence[Draft]) -> None:
        """Find the messages of turns that begin or start over."""
        if not drafts:
            return
        sequence = await unit.feeds.sequence()
        if sequence != self._papers_as_of or len(self._papers) > _PAPERS_KEPT:
            self._papers, self._papers_as_of = {}, sequence
        numbers = [draft.place.number for draft in drafts]
        due = await unit.outbox.due(numbers, _LOADED, self._papers)
        full = [number for number, its in due.items() if len(its) == _LOADED]
        backlog = await unit.outbox.backlog(full) if full else {}
        if timed := [number for number in full if any(one.slot for one in due[number])]:
            due |= await unit.outbox.due(timed, _LOADED_FOR_DIGEST, self._papers)
        await _drop_unwanted(unit, due)
        wanted = {number: [one for one in its if one.wanted] for number, its in due.items()}
        places, sizes = {draft.place.number: draft.place for draft in drafts}, {p.place.number: p.size for p in drafts}
        loaded = await load_digests(unit, places, sizes, wanted)
        reminders = await load_reminders(unit, numbers)
        for draft in drafts:
            number = draft.place.number
            unloaded = max(backlog.get(number, 0) - len(due.get(number, ())), 0)
            draft.pack(loaded[number], unloaded, unit.now)
            if number in reminders:
                draft.left.appendleft(reminders[number])
            if number not in due:
                await unit.outbox.forget_lost(number)
            if draft.left:
                draft.next = draft.left.popleft()

    async def _look_again(self, unit: Unit, drafts: Sequence[Draft]) -> None:
        """Take the first message of each turn as it is now: a person may have changed what it carries since."""
        candidates = {draft.place.number: draft.left.popleft() for draft in drafts}
        due = await unit.outbox.still_due({number: bundle.owed for number, bundle in candidates.items()})
        await _drop_unwanted(unit, due)
        for draft in drafts:
            wanted = {one.key: one for one in due.get(draft.place.number, ()) if one.wanted}
            bundle = candidates[draft.place.number]
            if wanted or not bundle.owed:
                draft.next = replace(bundle, owed=tuple(wanted[one.key] for one in bundle.owed if one.key in wanted))


@dataclass
class Draft:
    """What one turn is about to become, kept apart from it until the transaction is kept."""

    place: Destination
    most: int
    size: int
    sent: int
    left: deque[Bundle[Due]]
    loaded: bool
    digest: Digest | None
    loaded_as_of: int
    next: Bundle[Due] | None = None

    @classmethod
    def of(cls, step: Step) -> Draft:
        """The draft of a step, before anything was looked up."""
        turn = step.turn
        sent = turn.sent + (step.message is not None)
        left = deque(turn.left)
        return cls(turn.place, turn.most, turn.size, sent, left, turn.loaded, turn.digest, turn.loaded_as_of)

    @property
    def goes_on(self) -> bool:
        """Whether the place may get another message in this turn."""
        return self.sent < self.most and (bool(self.left) or not self.loaded)

    def pack(self, loaded: Loaded, unloaded: int, now: datetime) -> None:
        """Make messages of what is owed, `unloaded` left out; what a crash broke off comes first."""
        # Of what failed together only one may be at fault.
        aside = [one for one in loaded.instant if steps_aside(one.attempts)]
        owed = [one for one in loaded.instant if not steps_aside(one.attempts)]
        instant = [one for one in owed if one.begun_at is None]
        # What a break-down caught on its way has waited longest, unless that message itself fails.
        waited = [one.due_at for one in owed if not one.attempts]
        backlog = Backlog(count=len(owed) + unloaded, unloaded=unloaded, overdue=now - min(waited, default=now))
        bundles = make_bundles(instant, style=self.place.style, per_minute=self.most, size=self.size, backlog=backlog)
        self.digest = loaded.digest
        again = [*self._interrupted(owed, backlog), *self._digest(loaded)]
        self.left = deque([*again, *bundles, *(Bundle("single", (one,)) for one in aside)])
        self.loaded = True

    def _digest(self, loaded: Loaded) -> list[Bundle[Due]]:
        """The messages that are left of the digest that is due."""
        digest = loaded.digest
        if digest is None or (not loaded.members and (digest.papers or digest.sent)):
            return []
        fresh = [one for one in loaded.members if one.begun_at is None]
        sectioned = len({section_of(one) for one in loaded.members}) > 1
        return digest_bundles(_as_begun(loaded.members), fresh, digest, size=self.size, sectioned=sectioned)

    def _interrupted(self, owed: Sequence[Due], backlog: Backlog) -> list[Bundle[Due]]:
        """The messages that failed or that a crash broke off, as they were."""
        several: Literal["digest", "list"] = "digest" if backlog.is_flood(self.most) else "list"
        return [
            Bundle(several if len(group) > 1 or self.place.style == "list" else "single", group, whole=len(group))
            for group in _as_begun(owed)
        ]


def _as_begun(owed: Sequence[Due]) -> list[tuple[Due, ...]]:
    """What was begun together, the first first."""
    again: defaultdict[datetime, list[Due]] = defaultdict(list)
    for one in owed:
        if one.begun_at is not None:
            again[one.begun_at].append(one)
    return [tuple(again[begun]) for begun in sorted(again)]


async def _drop_unwanted(unit: Unit, due: Mapping[int, Sequence[Due]]) -> None:
    await unit.outbox.drop({number: [one.key for one in its if not one.wanted] for number, its in due.items()})


def keys_of(bundle: Bundle[Due]) -> list[Key]:
    """The deliveries that a message carries."""
    return [one.key for one in bundle.owed]


def reminders_of(bundles: Iterable[Bundle[Due]]) -> list[Reminder]:
    """The reminders among messages."""
    return [bundle.reminder for bundle in bundles if bundle.reminder is not None]


def _fail(steps: Sequence[Step], error: Exception) -> None:
    for step in steps:
        if not step.done.done():
            step.done.set_exception(error)
