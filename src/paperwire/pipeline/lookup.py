"""What places get next, reminders of meetings included, looked up in one transaction for many of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from paperwire.core.deliveries.due import Due
from paperwire.core.messages.bundles import Bundle
from paperwire.core.papers.paper import Paper
from paperwire.core.subscriptions.meeting import Reminder, ReminderKind
from paperwire.core.subscriptions.subscription import StoredPlace
from paperwire.errors import CloseReason
from paperwire.pipeline.claim import PLACE_LEASE
from paperwire.pipeline.digests import load_digests, plan_digests, roll
from paperwire.pipeline.turn import Turn
from paperwire.pipeline.weekly_limit import Beyond, beyond_limit
from paperwire.store.unit import Unit

_LOADED = 200
_LOADED_FOR_DIGEST = 2_000  # no one reads a digest of more papers; what is left joins the next one
_PAPERS_KEPT = 2_000  # a day's papers go to many places; until one changes none is read twice


class LookUp:
    """Looks up what places of one owner get next; raises StoreError."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._papers: dict[int, Paper] = {}
        self._papers_as_of = -1

    async def next_of(self, unit: Unit, turns: Sequence[Turn]) -> dict[int, Turn]:
        """The turns by place, each with the message that comes next; those without have to wait, or nothing is left.

        Places that were lost or closed have none.
        """
        places = await unit.outbox.keep([turn.place.number for turn in turns], self._owner, PLACE_LEASE)
        awake, asleep = await self._by_quiet(unit, [(turn, places.get(turn.place.number)) for turn in turns])
        changes = await unit.outbox.changes()
        loaded = await self._load(unit, [turn for turn in awake if turn.loaded_as_of is None], as_of=changes)
        before = [turn for turn in awake if turn.loaded_as_of is not None]
        same = [turn.first() for turn in before if turn.loaded_as_of == changes]
        changed = await _look_again(unit, [turn for turn in before if turn.loaded_as_of != changes])
        return {turn.place.number: turn for turn in (*asleep, *loaded, *same, *changed)}

    async def _by_quiet(
        self, unit: Unit, turns: Iterable[tuple[Turn, StoredPlace | None]]
    ) -> tuple[list[Turn], list[Turn]]:
        """The turns at their places as these are now: those that go on, and those deferred by quiet hours."""
        awake: list[Turn] = []
        asleep: list[Turn] = []
        for turn, place in turns:
            if place is None:
                continue
            quiet = place.quiet_until(unit.now)
            if quiet is None:
                awake.append(turn.at(place))
            else:
                asleep.append(replace(turn, place=place))
                await unit.outbox.defer(place.number, self._owner, quiet)
        return awake, asleep

    async def _load(self, unit: Unit, turns: Sequence[Turn], *, as_of: int) -> list[Turn]:
        """The first message of turns that begin, or that begin again in another style."""
        if not turns:
            return []
        numbers = [turn.place.number for turn in turns]
        due, unloaded = await self._due(unit, numbers)
        wanted_due = {number: [delivery for delivery in its if delivery.is_wanted] for number, its in due.items()}
        places, sizes = (
            {turn.place.number: turn.place for turn in turns},
            {turn.place.number: turn.size for turn in turns},
        )
        beyond = await beyond_limit(unit, wanted_due)
        await unit.digests.move_deliveries(
            (number, *delivery.key, until) for number, over in beyond.items() for delivery, until in over.put_off
        )
        loaded = await load_digests(unit, places, sizes, _within(wanted_due, beyond))
        reminders = await load_reminders(unit, places)
        for number in numbers:
            if number not in due:
                await unit.outbox.forget_lost(number)
            if number in beyond:
                loaded[number].left_out = tuple(beyond[number].left_out)
        packed = [
            turn.packed(loaded[number], unloaded.get(number, 0), unit.now, reminder=reminders.get(number), as_of=as_of)
            for turn, number in zip(turns, numbers, strict=True)
        ]
        for turn in packed:
            left_out = loaded[turn.place.number].left_out
            if left_out and not any(bundle.left_out for bundle in (turn.next, *turn.left) if bundle):
                await roll(unit, turn.place, left_out)
        return packed

    async def _due(self, unit: Unit, numbers: Sequence[int]) -> tuple[dict[int, list[Due]], dict[int, int]]:
        """What is due at each place, and how much more is than was loaded."""
        sequence = await unit.feeds.sequence()
        if sequence != self._papers_as_of or len(self._papers) > _PAPERS_KEPT:
            self._papers, self._papers_as_of = {}, sequence
        due = await unit.outbox.due(numbers, _LOADED, self._papers)
        full = [number for number, its in due.items() if len(its) == _LOADED]
        backlog = await unit.outbox.backlog(full) if full else {}
        if timed := [number for number in full if any(delivery.slot for delivery in due[number])]:
            due |= await unit.outbox.due(timed, _LOADED_FOR_DIGEST, self._papers)
        await _drop_unwanted(unit, due)
        return due, {number: max(count - len(due[number]), 0) for number, count in backlog.items()}


def _within(due: Mapping[int, Sequence[Due]], beyond: Mapping[int, Beyond]) -> dict[int, Sequence[Due]]:
    """What is due without what goes beyond the limit."""
    within = dict(due)
    for number, over in beyond.items():
        keys = {delivery.key for delivery in (*over.left_out, *(delivery for delivery, _ in over.put_off))}
        within[number] = [delivery for delivery in due[number] if delivery.key not in keys]
    return within


async def _look_again(unit: Unit, turns: Sequence[Turn]) -> list[Turn]:
    """The first message of each turn as it is now: a person may have changed what it carries since."""
    after: list[Turn] = []
    while turns:
        turns = [turn.first() for turn in turns]
        due = await unit.outbox.still_due({turn.place.number: turn.next.owed for turn in turns if turn.next})
        await _drop_unwanted(unit, due)
        turns = [
            turn.carrying(delivery for delivery in due.get(turn.place.number, ()) if delivery.is_wanted)
            for turn in turns
        ]
        after += [turn for turn in turns if turn.next or not turn.left]
        turns = [turn for turn in turns if not turn.next and turn.left]
    return after


async def _drop_unwanted(unit: Unit, due: Mapping[int, Sequence[Due]]) -> None:
    await unit.outbox.drop(
        {number: [delivery.key for delivery in its if not delivery.is_wanted] for number, its in due.items()}
    )


async def end_digests(unit: Unit, turns: Mapping[int, Turn]) -> dict[int, Turn]:
    """Close the digests of which nothing is left, and plan the next ones of places whose turn ends."""
    over = {number: turn.digest for number, turn in turns.items() if turn.digest and turn.has_sent_digest}
    await unit.digests.close([(number, digest.slot) for number, digest in over.items()])
    ending = [turn for turn in turns.values() if turn.next is None and turn.loaded_as_of is not None]
    await plan_digests(unit, [turn.place for turn in ending])
    return {number: replace(turn, digest=None) if number in over else turn for number, turn in turns.items()}


_NOTES_WITHIN = timedelta(days=1)
_CLOSED = frozenset(CloseReason)


async def load_reminders(unit: Unit, places: Mapping[int, StoredPlace]) -> dict[int, Bundle[Due]]:
    """The message about a meeting that each place gets first in its turn; the agenda is fixed by it.

    What comes too late is settled without a message. Once a meeting is over, the next one is set.
    """
    first: dict[int, Reminder] = {}
    for place, due in (await unit.reminders.due(places)).items():
        for number, kind, due_at in due:
            if kind is ReminderKind.OVER:
                await unit.meetings.follow(place)
                reminder = await _afterwards(unit, place, number, due_at)
            else:
                reminder = await _reminder(unit, places[place], number, kind, due_at)
            if reminder is not None:
                before = first.setdefault(place, reminder)
                if before is not reminder and before.meeting.number == number:  # an outage lasted for both
                    await unit.reminders.sent([before])
                    first[place] = reminder
    return {place: Bundle("single", (), reminder=reminder) for place, reminder in first.items()}


async def _reminder(
    unit: Unit, place: StoredPlace, number: int, kind: ReminderKind, due_at: datetime
) -> Reminder | None:
    """A reminder with the agenda as it is fixed now; None once the meeting has begun.

    In a private chat it has what its owner presents; None if that is nothing, or the club is closed to us.
    """
    meeting = await unit.meetings.lock(number)
    if meeting is None or meeting.begins_at <= unit.now:
        await unit.reminders.settle(place.number, number, kind, due_at)
        return None
    meeting = await unit.meetings.freeze(meeting)
    if meeting.place == place.number:
        return Reminder(kind, meeting, due_at, place.number)
    talks = tuple(talk for talk in meeting.talks_of(place.owner) if talk.in_private)
    club = await unit.places.get(meeting.place)
    if not talks or club is None or club.paused in _CLOSED:
        await unit.reminders.settle(place.number, number, kind, due_at)
        return None
    return Reminder(kind, replace(meeting, talks=talks), due_at, place.number, club=club.title or club.kind)


async def _afterwards(unit: Unit, place: int, number: int, due_at: datetime) -> Reminder | None:
    """The question for notes of a meeting that is over; None if nothing was presented, or a day has passed."""
    meeting = await unit.meetings.get(number)
    meeting = meeting and await unit.meetings.with_talks(meeting)
    if meeting is None or unit.now - due_at > _NOTES_WITHIN or not any(talk.presenter for talk in meeting.talks):
        await unit.reminders.settle(place, number, ReminderKind.OVER, due_at)
        return None
    return Reminder(ReminderKind.OVER, meeting, due_at, place)
