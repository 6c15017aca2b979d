"""The digests of places, one row for each slot; deliveries join one by their `due_at`."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, delete, func, insert, select, tuple_, update

from paperwire.core.messages.digests import Digest
from paperwire.store.database.lists import among, messages, number_list, row_list
from paperwire.store.database.statements import insert_new
from paperwire.store.outbox.wants import IS_LIVE
from paperwire.store.part import Part
from paperwire.store.rows import paper_of
from paperwire.store.tables.base import LIVE, Row, State
from paperwire.store.tables.deliveries import DigestRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from paperwire.core.papers.paper import Occasion, Paper

_T = Row.metadata.tables
delivery, digest, match, paper = _T["delivery"], _T["digest"], _T["match"], _T["paper"]
route, subscription = _T["subscription_destination"], _T["subscription"]

_NAMED = messages("slots")
_IS_OPEN = and_(among(digest.c.destination, "places"), digest.c.closed_at.is_(None))
FIRST_DIGESTS = select(digest.c.destination, func.min(digest.c.due_at)).where(_IS_OPEN).group_by(digest.c.destination)
"""When the next digest of each of these places is due."""
_OPEN = select(digest).where(_IS_OPEN).order_by(digest.c.destination, digest.c.due_at)
_IS_NAMED = tuple_(digest.c.destination, digest.c.slot).in_(select(_NAMED.c.place, _NAMED.c.message))
_IS_PLANNED = and_(digest.c.closed_at.is_(None), digest.c.parts == 0)
_BEGUN = select(digest.c.destination).where(_IS_NAMED, ~_IS_PLANNED)
_PLANS_DROPPED = delete(digest).where(among(digest.c.destination, "places"), _IS_PLANNED)
_LATER_PLANS_DROPPED = _PLANS_DROPPED.where(digest.c.due_at > bindparam("at", type_=digest.c.due_at.type))
_EARLIER = (
    select(digest.c.due_at)
    .where(digest.c.destination == _NAMED.c.place, digest.c.slot < _NAMED.c.message, digest.c.sent > 0)
    .order_by(digest.c.slot.desc())
    .limit(1)
    .correlate(_NAMED)
)
_LAST = select(_NAMED.c.place, _EARLIER.scalar_subquery().label("due_at"))
_SENT = update(digest).where(_IS_NAMED).values(sent=digest.c.sent + 1)
_CLOSED = (
    update(digest)
    .where(_IS_NAMED, digest.c.closed_at.is_(None))
    .values(closed_at=bindparam("at", type_=digest.c.closed_at.type))
)
_DIGESTED = (
    select(match.c.paper)
    .join_from(route, subscription, subscription.c.number == route.c.subscription)
    .join(match, match.c.query == subscription.c.query)
    .where(
        route.c.destination == delivery.c.destination,
        route.c.next_slot_at.is_not(None),
        IS_LIVE,
        match.c.paper == delivery.c.paper,
        match.c.occasion == delivery.c.occasion,
    )
    .correlate(delivery)
)
_ALREADY_SENT = (
    select(digest.c.destination, func.count())
    .join_from(digest, delivery, delivery.c.destination == digest.c.destination)
    .where(
        among(digest.c.destination, "places"),
        digest.c.closed_at.is_(None),
        delivery.c.state == State.SENT,
        delivery.c.settled_at >= digest.c.since,
        delivery.c.due_at < digest.c.due_at,
        _DIGESTED.exists(),
    )
    .group_by(digest.c.destination)
)
_ASKED_FOR = (
    select(route.c.destination, subscription.c.cadence)
    .join_from(route, subscription, subscription.c.number == route.c.subscription)
    .where(among(route.c.destination, "places"), route.c.wants.bitwise_and(LIVE) != 0)
    .distinct()
)
_MOVED = (
    update(delivery)
    .where(
        delivery.c.destination == bindparam("place"),
        delivery.c.paper == bindparam("of_paper"),
        delivery.c.occasion == bindparam("on_occasion"),
        delivery.c.state == State.OWED,
    )
    .values(due_at=bindparam("until", type_=delivery.c.due_at.type))
)


class Digests(Part):
    """Digests of places that the caller has claimed, inside one transaction."""

    async def open_digests(self, places: Iterable[int]) -> dict[int, list[Digest]]:
        """The digests of each place that are planned or being sent, the earliest first."""
        found: defaultdict[int, list[Digest]] = defaultdict(list)
        for row in await self._db.execute(_OPEN, {"places": number_list(places)}):
            found[row.destination].append(_digest(row))
        return found

    async def begun_digests(self, slots: Mapping[int, str]) -> set[int]:
        """The places whose digest of that slot has begun already, or is sent."""
        return set((await self._db.execute(_BEGUN, {"slots": _listed(slots)})).scalars()) if slots else set()

    async def last_digests(self, slots: Mapping[int, str]) -> dict[int, datetime]:
        """When the last digest of each place before that slot was due; those that were never sent don't count."""
        if not slots:
            return {}
        return {place: at for place, at in await self._db.execute(_LAST, {"slots": _listed(slots)}) if at is not None}

    async def add_digests(self, added: Mapping[int, Digest], *, closed: bool = False) -> None:
        """Begin digests, or with `closed` write down that there is none of these slots; earlier plans go."""
        if not added:
            return
        await self._db.execute(_PLANS_DROPPED, {"places": number_list(added)})
        values = [
            {"destination": place, "closed_at": self._now if closed else None, **_values(one)}
            for place, one in sorted(added.items())
        ]
        await self._db.execute(insert(DigestRow), values)

    async def already_sent(self, places: Iterable[int]) -> dict[int, int]:
        """How many papers that the open digest of each place would have told were sent there at once since the last.

        Those that were due at its own slot, or later, come with the digest itself.
        """
        return dict((await self._db.execute(_ALREADY_SENT, {"places": number_list(places)})).all())

    async def digests_sent(self, slots: Mapping[int, str]) -> None:
        """Count one message more of each of these digests as sent."""
        if slots:
            await self._db.execute(_SENT, {"slots": _listed(slots)})

    async def close_digests(self, slots: Iterable[tuple[int, str]]) -> None:
        """Write down that these digests are sent in whole: nothing joins them any more."""
        if slots := list(slots):
            await self._db.execute(_CLOSED, {"slots": row_list(slots), "at": self._now})

    async def move_deliveries(self, moves: Iterable[tuple[int, int, Occasion, datetime]]) -> None:
        """Make owed deliveries (place, paper, occasion) due at another time: with a digest, or with the next one."""
        values = [
            {"place": place, "of_paper": number, "on_occasion": occasion.code, "until": until}
            for place, number, occasion, until in sorted(moves, key=lambda move: (*move[:2], move[2].code))
        ]
        if values:
            await self._db.execute(_MOVED, values)

    async def cadences(self, places: Iterable[int]) -> dict[int, set[str]]:
        """The cadences of the subscriptions that lead to each place, as text; empty for the place's own."""
        found: defaultdict[int, set[str]] = defaultdict(set)
        for place, cadence in await self._db.execute(_ASKED_FOR, {"places": number_list(places)}):
            found[place].add(cadence)
        return found

    async def plan_digests(self, planned: Mapping[int, Digest | None]) -> None:
        """Plan the next digests of places that want them even when empty; earlier plans for later go."""
        if not planned:
            return
        await self._db.execute(_LATER_PLANS_DROPPED, {"places": number_list(planned), "at": self._now})
        values = [{"destination": place, **_values(one)} for place, one in sorted(planned.items()) if one is not None]
        if values:
            await self._db.execute(insert_new(self._db, DigestRow).on_conflict_do_nothing(), values)

    async def digest(self, place: int, slot: str) -> Digest | None:
        """The digest of one slot, or None."""
        row = (
            await self._db.execute(select(digest).where(digest.c.destination == place, digest.c.slot == slot))
        ).first()
        return None if row is None else _digest(row)

    async def digest_papers(self, place: int, due_at: datetime) -> list[Paper]:
        """The papers of the digest of a place that was due then, the most upvoted first."""
        its = select(delivery.c.paper).where(
            delivery.c.destination == place, delivery.c.due_at == due_at, delivery.c.state != State.DROPPED
        )
        order = (paper.c.upvotes.desc().nulls_last(), paper.c.number)
        rows = await self._db.execute(select(paper).where(paper.c.number.in_(its)).order_by(*order))
        return [paper_of(row) for row in rows]


def _listed(slots: Mapping[int, str]) -> str:
    return row_list(sorted(slots.items()))


def _digest(row: Any) -> Digest:
    return Digest(slot=row.slot, due_at=row.due_at, since=row.since, papers=row.papers, parts=row.parts, sent=row.sent)


def _values(one: Digest) -> dict[str, Any]:
    return {name: getattr(one, name) for name in ("slot", "due_at", "since", "papers", "parts", "sent")}
