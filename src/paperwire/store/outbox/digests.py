"""The digests of places, one row for each slot; deliveries join one by their `due_at`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, insert, select, tuple_, update
from sqlmodel import col

from paperwire.core.messages.digests import Digest
from paperwire.core.papers.paper import Occasion, Paper
from paperwire.store.database.part import Part, paper_of, value_of
from paperwire.store.database.statements import among, insert_new, messages, number_list, row_list
from paperwire.store.database.tables.base import LIVE, State, UTCDateTime
from paperwire.store.database.tables.deliveries import DeliveryRow, DigestRow, MatchRow, has_key
from paperwire.store.database.tables.papers import PaperRow
from paperwire.store.database.tables.subscriptions import RouteRow, SubscriptionRow
from paperwire.store.outbox.wants import IS_LIVE

_NAMED = messages("slots")
_AT = bindparam("at", type_=UTCDateTime)
_IS_OPEN = and_(among(col(DigestRow.destination), "places"), col(DigestRow.closed_at).is_(None))
FIRST_DIGESTS = (
    select(col(DigestRow.destination), func.min(col(DigestRow.due_at)))
    .where(_IS_OPEN)
    .group_by(col(DigestRow.destination))
)
"""When the next digest of each of these places is due."""
_OPEN = select(DigestRow).where(_IS_OPEN).order_by(col(DigestRow.destination), col(DigestRow.due_at))
_IS_NAMED = tuple_(col(DigestRow.destination), col(DigestRow.slot)).in_(select(_NAMED.c.place, _NAMED.c.message))
_IS_PLANNED = and_(col(DigestRow.closed_at).is_(None), col(DigestRow.parts) == 0)
_BEGUN = select(col(DigestRow.destination)).where(_IS_NAMED, ~_IS_PLANNED)
_PLANS_DROPPED = delete(DigestRow).where(among(col(DigestRow.destination), "places"), _IS_PLANNED)
_LATER_PLANS_DROPPED = _PLANS_DROPPED.where(col(DigestRow.due_at) > _AT)
_EARLIER = (
    select(col(DigestRow.due_at))
    .where(
        col(DigestRow.destination) == _NAMED.c.place, col(DigestRow.slot) < _NAMED.c.message, col(DigestRow.sent) > 0
    )
    .order_by(col(DigestRow.slot).desc())
    .limit(1)
    .correlate(_NAMED)
)
_LAST = select(_NAMED.c.place, _EARLIER.scalar_subquery().label("due_at"))
_SENT = update(DigestRow).where(_IS_NAMED).values(sent=col(DigestRow.sent) + 1)
_CLOSED = update(DigestRow).where(_IS_NAMED, col(DigestRow.closed_at).is_(None)).values(closed_at=_AT)
_DIGESTED = (
    select(col(MatchRow.paper))
    .join_from(RouteRow, SubscriptionRow)
    .join(MatchRow, col(MatchRow.query) == col(SubscriptionRow.query))
    .where(
        col(RouteRow.destination) == col(DeliveryRow.destination),
        col(RouteRow.next_slot_at).is_not(None),
        IS_LIVE,
        col(MatchRow.paper) == col(DeliveryRow.paper),
        col(MatchRow.occasion) == col(DeliveryRow.occasion),
    )
    .correlate(DeliveryRow)
)
_ALREADY_SENT = (
    select(col(DigestRow.destination), func.count())
    .join_from(DigestRow, DeliveryRow, col(DeliveryRow.destination) == col(DigestRow.destination))
    .where(
        among(col(DigestRow.destination), "places"),
        col(DigestRow.closed_at).is_(None),
        col(DeliveryRow.state) == State.SENT,
        col(DeliveryRow.settled_at) >= col(DigestRow.since),
        col(DeliveryRow.due_at) < col(DigestRow.due_at),
        _DIGESTED.exists(),
    )
    .group_by(col(DigestRow.destination))
)
_ASKED_FOR = (
    select(col(RouteRow.destination), col(SubscriptionRow.cadence))
    .join_from(RouteRow, SubscriptionRow)
    .where(among(col(RouteRow.destination), "places"), col(RouteRow.wants).bitwise_and(LIVE) != 0)
    .distinct()
)
_MOVED = (
    update(DeliveryRow)
    .where(has_key(DeliveryRow, bindparam("place"), bindparam("of_paper"), bindparam("on_occasion")))
    .where(col(DeliveryRow.state) == State.OWED)
    .values(due_at=bindparam("until", type_=UTCDateTime))
)


class Digests(Part):
    """Digests of places that the caller has claimed, inside one transaction."""

    async def open(self, places: Iterable[int]) -> dict[int, list[Digest]]:
        """The digests of each place that are planned or being sent, the earliest first."""
        digests: defaultdict[int, list[Digest]] = defaultdict(list)
        for row in await self._db.execute(_OPEN, {"places": number_list(places)}):
            digests[row.destination].append(value_of(Digest, row))
        return digests

    async def begun(self, slots: Mapping[int, str]) -> set[int]:
        """The places whose digest of that slot has begun already, or is sent."""
        return set((await self._db.execute(_BEGUN, {"slots": _listed(slots)})).scalars()) if slots else set()

    async def last(self, slots: Mapping[int, str]) -> dict[int, datetime]:
        """When the last digest of each place before that slot was due; those that were never sent don't count."""
        if not slots:
            return {}
        return {place: at for place, at in await self._db.execute(_LAST, {"slots": _listed(slots)}) if at is not None}

    async def add(self, added: Mapping[int, Digest], *, closed: bool = False) -> None:
        """Begin digests, or with `closed` write down that there is none of these slots; earlier plans go."""
        if not added:
            return
        await self._db.execute(_PLANS_DROPPED, {"places": number_list(added)})
        values = [
            {"destination": place, "closed_at": self._now if closed else None, **_values(digest)}
            for place, digest in sorted(added.items())
        ]
        await self._db.execute(insert(DigestRow), values)

    async def already_sent(self, places: Iterable[int]) -> dict[int, int]:
        """How many papers that the open digest of each place would have listed were sent there at once since the last.

        Those that were due at its own slot, or later, come with the digest itself.
        """
        return dict((await self._db.execute(_ALREADY_SENT, {"places": number_list(places)})).all())

    async def sent(self, slots: Mapping[int, str]) -> None:
        """Count one message more of each of these digests as sent."""
        if slots:
            await self._db.execute(_SENT, {"slots": _listed(slots)})

    async def close(self, slots: Iterable[tuple[int, str]]) -> None:
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
        cadences: defaultdict[int, set[str]] = defaultdict(set)
        for place, cadence in await self._db.execute(_ASKED_FOR, {"places": number_list(places)}):
            cadences[place].add(cadence)
        return cadences

    async def plan(self, planned: Mapping[int, Digest | None]) -> None:
        """Plan the next digests of places that want them even when empty; earlier plans for later go."""
        if not planned:
            return
        await self._db.execute(_LATER_PLANS_DROPPED, {"places": number_list(planned), "at": self._now})
        values = [
            {"destination": place, **_values(digest)} for place, digest in sorted(planned.items()) if digest is not None
        ]
        if values:
            await self._db.execute(insert_new(self._db, DigestRow).on_conflict_do_nothing(), values)

    async def get(self, place: int, slot: str) -> Digest | None:
        row = (
            await self._db.execute(
                select(DigestRow).where(col(DigestRow.destination) == place, col(DigestRow.slot) == slot)
            )
        ).first()
        return None if row is None else value_of(Digest, row)

    async def occasions_of(self, place: int, due_at: datetime) -> list[list[Occasion]]:
        """What is news of each paper of the digest of a place that was due then, sent or not."""
        of_digest = select(col(DeliveryRow.paper), col(DeliveryRow.occasion)).where(*_is_of_digest(place, due_at))
        occasions: defaultdict[int, list[Occasion]] = defaultdict(list)
        for paper, code in await self._db.execute(of_digest):
            occasions[paper].append(Occasion(code))
        return list(occasions.values())

    async def papers_of(self, place: int, due_at: datetime) -> list[Paper]:
        """The papers of the digest of a place that was due then, the most upvoted first."""
        its = select(col(DeliveryRow.paper)).where(*_is_of_digest(place, due_at))
        order = (col(PaperRow.upvotes).desc().nulls_last(), col(PaperRow.number))
        rows = await self._db.execute(select(PaperRow).where(col(PaperRow.number).in_(its)).order_by(*order))
        return [paper_of(row) for row in rows]


def _is_of_digest(place: int, due_at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(DeliveryRow.destination) == place,
        col(DeliveryRow.due_at) == due_at,
        col(DeliveryRow.state) != State.DROPPED,
    )


def _listed(slots: Mapping[int, str]) -> str:
    return row_list(sorted(slots.items()))


def _values(digest: Digest) -> dict[str, Any]:
    return {name: getattr(digest, name) for name in ("slot", "due_at", "since", "papers", "parts", "sent")}
