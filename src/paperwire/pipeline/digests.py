"""The digests of places whose turn has come: which slot is due, what joins it, and what waits for the next one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from typing import TypeAlias

from paperwire.core.deliveries.due import Due, Entry, by_paper
from paperwire.core.messages.digests import Digest, Rank, chosen, relevance, slot_name
from paperwire.core.messages.facts import facts_of
from paperwire.core.messages.failures import steps_aside
from paperwire.core.query.matched import doc_of, matched_terms
from paperwire.core.subscriptions.cadence import first_slot
from paperwire.core.subscriptions.subscription import StoredPlace
from paperwire.store.unit import Unit

Near: TypeAlias = "Mapping[tuple[int, int], float]"
"""How near papers are to what `like:` asks for, by the numbers of a subscription and a paper."""


@dataclass
class Loaded:
    """What a place has due: what is sent as it is, and the digest of a slot with what its messages are to list.

    What is `left_out`, the last of these messages counts; `facts` are what is news of the papers of the digest.
    """

    instant: list[Due] = field(default_factory=list)
    digest: Digest | None = None
    members: list[Due] = field(default_factory=list)
    left_out: tuple[Due, ...] = ()
    facts: Counter[str] = field(default_factory=Counter)


@dataclass
class _Slot:
    """A slot that is due at a place: the deliveries that wait for it, and whether quiet hours delayed some of them."""

    due_at: datetime
    waiting: list[Due]
    delayed_by_quiet: bool


async def load_digests(
    unit: Unit, places: Mapping[int, StoredPlace], sizes: Mapping[int, int], due: Mapping[int, Sequence[Due]]
) -> dict[int, Loaded]:
    """Part what each place has due; begins the digest of the last slot that is due, unless one is being sent.

    `sizes` are the papers that a message carries. What comes too late for its slot, or is less than the place wants in
    a digest, moves to the next slot.
    """
    loaded = {number: Loaded() for number in places}
    near = await _nearness(unit, due)
    open_digests = await unit.digests.open(places)
    slots: dict[int, _Slot] = {}
    for number, place in places.items():
        its, load = due.get(number, ()), loaded[number]
        begun = next((digest for digest in open_digests.get(number, ()) if digest.parts), None)
        if begun is not None:
            await _resume(unit, place, begun, its, load, near, size=sizes[number])
            continue
        planned = [digest.due_at for digest in open_digests.get(number, ()) if digest.due_at <= unit.now]
        slot = _slot(place, its, planned, unit.now)
        if slot is not None:
            slots[number] = slot
        load.instant = _others(its, [] if slot is None else slot.waiting)
    await _begin(unit, places, sizes, slots, loaded, near)
    digested = [number for number, load in loaded.items() if load.digest is not None]
    for number, count in (await unit.digests.already_sent(digested) if digested else {}).items():
        if (digest := loaded[number].digest) is not None:
            loaded[number].digest = replace(digest, already=count)
    return loaded


def _slot(place: StoredPlace, its: Sequence[Due], planned: Sequence[datetime], now: datetime) -> _Slot | None:
    """The last slot that is due at a place, None if no digest is."""
    timed = [
        delivery
        for delivery in its
        if delivery.slot and delivery.begun_at is None and not steps_aside(delivery.attempts)
    ]
    delayed: dict[datetime, list[Due]] = {}
    for delivery in its:
        ends = None if delivery.slot or delivery.begun_at else place.quiet_until(delivery.due_at)
        if ends is not None and ends <= now:
            delayed.setdefault(ends, []).append(delivery)
    after_quiet = [delivery for group in delayed.values() for delivery in group]
    if not timed and not planned and len(after_quiet) < 2:
        return None
    due_at = max([*(delivery.due_at for delivery in timed), *delayed, *planned])
    return _Slot(due_at, [*timed, *after_quiet], bool(after_quiet))


async def _resume(  # noqa: PLR0913, PLR0917 -- a digest with all it depends on
    unit: Unit, place: StoredPlace, digest: Digest, its: Sequence[Due], load: Loaded, near: Near, *, size: int
) -> None:
    """Go on with a digest that was begun: as many papers as it had, and those of later slots wait until it is over."""
    load.digest = digest
    members = [delivery for delivery in its if delivery.due_at == digest.due_at and not steps_aside(delivery.attempts)]
    begun = [delivery for delivery in members if delivery.begun_at is not None]
    left = max(digest.listed(place.digest_max) - digest.sent * size - len(by_paper(begun)), 0)
    unbegun = [delivery for delivery in members if delivery.begun_at is None]
    fresh = _ranked(unbegun, near, most=0, sectioned=place.digest_sections)
    load.members = [*begun, *chain(*fresh[:left])]
    load.instant = _others(its, members)
    load.facts = facts_of(await unit.digests.occasions_of(place.number, digest.due_at))
    await roll(unit, place, [delivery for delivery in chain(*fresh[left:]) if delivery.slot])


async def _begin(  # noqa: PLR0913, PLR0917 -- digests with all they depend on
    unit: Unit,
    places: Mapping[int, StoredPlace],
    sizes: Mapping[int, int],
    slots: Mapping[int, _Slot],
    loaded: Mapping[int, Loaded],
    near: Near,
) -> None:
    names = {number: slot_name(places[number].zone, slot.due_at) for number, slot in slots.items()}
    over = await unit.digests.begun(names)
    since = await unit.digests.last(names)
    begun: dict[int, Digest] = {}
    none: dict[int, Digest] = {}
    moves, counted = [], {}
    for number, slot in slots.items():
        place, load, count = places[number], loaded[number], len(by_paper(slot.waiting))
        if number in over:
            load.instant += [delivery for delivery in slot.waiting if not delivery.slot]
            await roll(unit, place, [delivery for delivery in slot.waiting if delivery.slot])
            continue
        seen = min((delivery.paper.seen_at for delivery in slot.waiting if delivery.paper.seen_at), default=None)
        digest = Digest(slot=names[number], due_at=slot.due_at, since=since.get(number, seen))
        if 0 < count < place.digest_min and not slot.delayed_by_quiet:
            none[number] = digest
            await roll(unit, place, slot.waiting)
            continue
        if not count and not place.digest_empty:
            none[number] = digest
            continue
        listed = _ranked(slot.waiting, near, most=place.digest_max, sectioned=place.digest_sections)
        parts = max(-(-len(listed) // sizes[number]), 1)
        load.digest = begun[number] = replace(digest, papers=count, parts=parts)
        load.members, load.facts = [*chain(*listed)], news_of(by_paper(slot.waiting))
        moves += [(number, *delivery.key, slot.due_at) for delivery in slot.waiting if delivery.due_at != slot.due_at]
        in_messages = {delivery.key for delivery in load.members}
        counted[number] = [delivery.key for delivery in slot.waiting if delivery.key not in in_messages]
    await unit.digests.add(none, closed=True)
    await unit.digests.add(begun)
    await unit.digests.move_deliveries(moves)
    await unit.outbox.mark_counted(counted)


def _others(its: Sequence[Due], digested: Sequence[Due]) -> list[Due]:
    """What is due besides a digest: at once, or again after its message was begun or failed."""
    keys = {delivery.key for delivery in digested}
    return [
        delivery
        for delivery in its
        if delivery.key not in keys
        and (not delivery.slot or delivery.begun_at is not None or steps_aside(delivery.attempts))
    ]


async def roll(unit: Unit, place: StoredPlace, late: Collection[Due]) -> None:
    """Let deliveries wait for the next slot of the subscriptions that want them."""
    moves = []
    for delivery in late:
        cadences = {interest.cadence or place.cadence for interest in delivery.subscriptions}
        until = first_slot(sorted(cadences), place.zone, unit.now)
        if until is not None:
            moves.append((place.number, *delivery.key, until))
    await unit.digests.move_deliveries(moves)


async def plan_digests(unit: Unit, places: Sequence[StoredPlace]) -> None:
    """Plan the next slots of those places that want a digest even if there is nothing to tell."""
    wanting = {place.number: place for place in places if place.digest_empty}
    if not wanting:
        return
    cadences = await unit.digests.cadences(wanting)
    planned: dict[int, Digest | None] = {}
    for number, place in wanting.items():
        chosen_ones = {cadence or place.cadence for cadence in cadences.get(number, ())}
        slot = first_slot(sorted(chosen_ones), place.zone, unit.now)
        planned[number] = None if slot is None else Digest(slot=slot_name(place.zone, slot), due_at=slot)
    await unit.digests.plan(planned)


# --- order --------------------------------------------------------------------------------------------------------


def _ranked(owed: Sequence[Due], near: Near, *, most: int, sectioned: bool) -> list[Entry]:
    """The best `most` papers (0: all), where `sectioned` by subscription, then score, then relevance, then age."""

    def rank(entry: Entry) -> Rank:
        return min(_rank(delivery, near) for delivery in entry)

    def section(entry: Entry) -> int:
        return min(map(section_of, entry)) if sectioned else 0

    return chosen(by_paper(owed), most, rank=rank, section=section)


async def _nearness(unit: Unit, due: Mapping[int, Sequence[Due]]) -> Near:
    """How near what is due is to the subscriptions with `like:` that want it."""
    pairs = {
        (interest.number, delivery.paper.number)
        for its in due.values()
        for delivery in its
        for interest in delivery.subscriptions
        if "like:" in interest.text.casefold()
    }
    return await unit.meanings.nearness(pairs) if pairs else {}


def news_of(entries: Iterable[Entry]) -> Counter[str]:
    """Of how many papers it is news that they changed, by kind."""
    return facts_of([delivery.occasion for delivery in entry] for entry in entries)


def section_of(delivery: Due) -> int:
    """The subscription under which a digest lists a paper: the oldest that wants it."""
    return min((interest.number for interest in delivery.subscriptions), default=0)


def _rank(delivery: Due, near: Near) -> Rank:
    """By meaning a paper is as relevant as one with a term that fits, the nearer the more."""
    doc, number = doc_of(delivery.paper), delivery.paper.number
    best = max(
        (
            1 + near[interest.number, number]
            if (interest.number, number) in near
            else relevance(delivery.paper.title, matched_terms(interest.text, doc))
            for interest in delivery.subscriptions
        ),
        default=0,
    )
    return -(delivery.paper.upvotes or 0), -best, delivery.paper.number
