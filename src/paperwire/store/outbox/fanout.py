"""From matches to deliveries: who is owed what, and when, worked out inside the database."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import replace
from itertools import chain, pairwise
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import Integer, and_, bindparam, case, func, literal, literal_column, or_, select, true, update
from sqlalchemy import cast as sql_cast
from sqlalchemy.exc import IntegrityError

from paperwire.store.database.locks import hold_fan_out, joined_places
from paperwire.store.engine import insert_new, listed, look_up_row_by_row
from paperwire.store.outbox.recipients import EVERYWHERE, Reach, pairs_of, parted
from paperwire.store.part import Part
from paperwire.store.tables.base import Row, State
from paperwire.store.tables.deliveries import DeliveryRow, MatchRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime

    from sqlalchemy import ColumnElement, Insert

    from paperwire.core.papers.paper import Occasion
    from paperwire.store.outbox.recipients import Matched, Stretch, Wave
    from paperwire.store.unit import Unit

ROWS_AT_ONCE = 30_000
"""How many rows one transaction should add, so that nobody waits for it."""
_ROUTES_AT_FIRST, _ROUTES_AT_MOST = 100, 20_000
_NEWS_AT_ONCE = 500
_SAMPLED = 32
"""One in so many matches tells where to part them."""

_T = Row.metadata.tables
match, subscription, route = _T["match"], _T["subscription"], _T["subscription_destination"]
destination, delivery = _T["destination"], _T["delivery"]

_MOVED = (
    update(route)
    .where(
        route.c.subscription == bindparam("of"),
        route.c.destination == bindparam("at"),
        route.c.next_slot_at == bindparam("past"),
    )
    .values(next_slot_at=bindparam("slot"))
)
# Whoever ends turns locks their places in this order too; an update of many would lock them in any.
_LEASED = (
    select(destination.c.number)
    .where(destination.c.leased_until.is_not(None))
    .order_by(destination.c.number)
    .with_for_update(key_share=True)
)

Write: TypeAlias = "Callable[[], AbstractAsyncContextManager[Unit]]"
"""Begins a transaction: `Store.write`."""
NextSlot: TypeAlias = "Callable[[str, str, datetime], datetime | None]"
"""From a cadence as text, an IANA zone and an instant: the first slot after it, None for `instant`."""


class FanOut(Part):
    """What a matched batch does to the database; every order may be given twice."""

    async def record_matches(self, news: Sequence[Matched], *, unknown: bool = False) -> int:
        """Keep query x paper x occasion, and say how many were not known.

        `unknown` ones are not looked for before they are inserted, which costs far less; raises IntegrityError when
        one of them is there all the same.

        A query that came into use after the paper was seen has found it among those held: it is news to it all the
        same, if whoever fans out looked at the queries again. So it is if the paper was held before it was announced.
        """
        groups: defaultdict[tuple[Occasion, datetime, bool, bool], list[Matched]] = defaultdict(list)
        for item in news:
            if item.queries:
                groups[item.occasion, item.seen_at, item.quiet, item.after_quiet].append(item)
        names = ["query", "paper", "occasion", "seen_at", "quiet"]
        added = 0
        for (occasion, seen_at, quiet, after_quiet), some in groups.items():
            of_query, paper = parted(listed(self._db, pairs_of(some)))
            found = select(
                sql_cast(of_query, Integer),
                paper,
                literal(occasion.code),
                literal(seen_at, match.c.seen_at.type),
                literal(quiet),
            ).where(true())  # SQLite would take what follows for the condition of a join
            insert = insert_new(self._db, MatchRow).from_select(names, found)
            if unknown:
                added += await self._rows(insert)
                continue
            held = and_(match.c.quiet, ~insert.excluded.quiet)
            if not after_quiet:
                held = and_(held, match.c.seen_at >= insert.excluded.seen_at)
            news_now = {name: insert.excluded[name] for name in ("seen_at", "quiet")}
            added += await self._rows(insert.on_conflict_do_update(index_elements=names[:3], set_=news_now, where=held))
        return added

    async def advance_slots(self, now: datetime, next_slot: NextSlot, *, limit: int = 1_000) -> int:
        """Set the digests whose time came to their next time, before a fan-out; says how many there were.

        What a digest carries keeps its `due_at`. At most `limit` are moved at once: ask again while it is reached.
        One whose cadence a person changes meanwhile has a slot of that cadence by then, and stays as it is.
        """
        cadence = case((subscription.c.cadence != "", subscription.c.cadence), else_=destination.c.cadence)
        past = (
            select(
                *(route.c.subscription, route.c.destination, route.c.next_slot_at),
                *(cadence.label("cadence"), destination.c.zone),
            )
            .join_from(route, subscription, subscription.c.number == route.c.subscription)
            .join(destination, destination.c.number == route.c.destination)
            .where(route.c.next_slot_at <= now)
            .order_by(route.c.next_slot_at)
            .limit(limit)
        )
        rows = (await self._db.execute(past)).all()
        slots = {pair: next_slot(*pair, now) for pair in {(row.cadence, row.zone) for row in rows}}
        values = [
            {
                "of": row.subscription,
                "at": row.destination,
                "past": row.next_slot_at,
                "slot": slots[row.cadence, row.zone],
            }
            for row in sorted(rows, key=lambda row: (row.destination, row.subscription))
        ]
        if values:
            await self._db.execute(_MOVED, values)
        return len(values)

    async def wave(self, news: Sequence[Matched]) -> Wave:
        """News made ready for `owe` and `wake`."""
        return await Reach(self._db, self._now).wave(news)

    async def joined_places(self) -> int:
        """How many places became one with another so far; until commit no more do."""
        await hold_fan_out(self._db)
        return await joined_places(self._db)

    async def next_stretch(self, after: int, routes: int) -> Stretch:
        """The places behind number `after`, as far as so many routes lead to them."""
        return await Reach(self._db, self._now).next_stretch(after, routes)

    async def owe(self, wave: Wave, stretch: Stretch = EVERYWHERE, *, unknown: bool = False) -> int:
        """Add the deliveries these news make, or pull unsent ones forward; says how many rows that touched.

        `unknown` ones are not looked for before they are inserted, which costs far less; raises IntegrityError when
        one of them is there all the same.

        A match counts for the news that made it (equal `seen_at`), so that a paper that is listed or cross-listed
        later is news only to queries that it did not match before. Commit before `wake`.
        """
        await hold_fan_out(self._db)
        if not wave.few:
            await look_up_row_by_row(self._db)
        names = ["destination", "paper", "occasion", "due_at", "state", "attempts"]
        touched = 0
        for source in Reach(self._db, self._now).sources(wave, stretch):
            rows = source.add_columns(literal(int(State.OWED)), literal(0))
            insert = insert_new(self._db, DeliveryRow).from_select(names, rows)
            if unknown:
                touched += await self._rows(insert)
                continue
            earlier = insert.excluded.due_at < delivery.c.due_at
            insert = insert.on_conflict_do_update(
                index_elements=["destination", "paper", "occasion"],
                set_={"due_at": insert.excluded.due_at},
                where=and_(delivery.c.state == State.OWED, earlier),
            )
            touched += await self._rows(insert)
        return touched

    async def wake(self, wave: Wave, stretch: Stretch = EVERYWHERE) -> None:
        """Bring `next_due_at` of the places forward to what they are owed, never back.

        Runs in a transaction after that of `owe`, and touches places that are claimed whatever their time says:
        `settle` either sees the new deliveries or waits for this, or this waits for it. Places on hold stay so.
        """
        await hold_fan_out(self._db)
        await self._db.execute(_LEASED)
        if not wave.few:
            await self._wake(stretch.holds(delivery.c.destination))
            return
        for source in Reach(self._db, self._now).sources(wave, stretch):
            reached = source.subquery()
            await self._wake(delivery.c.destination.in_(select(reached.c.destination)))

    async def _wake(self, places: ColumnElement[bool]) -> None:
        owed = delivery.c.state == literal_column(str(int(State.OWED)))  # as the index has it, not as a parameter
        soonest = (
            select(delivery.c.destination, func.min(delivery.c.due_at).label("due_at"))
            .where(owed, places)
            .group_by(delivery.c.destination)
            .subquery()
        )
        at = case((destination.c.hold_until > soonest.c.due_at, destination.c.hold_until), else_=soonest.c.due_at)
        now_due = destination.c.next_due_at
        await self._db.execute(
            update(destination)
            .values(next_due_at=case((now_due <= at, now_due), else_=at))
            .where(
                destination.c.number == soonest.c.destination,
                destination.c.paused == "",
                or_(now_due.is_(None), now_due > at, destination.c.lease_owner.is_not(None)),
            )
        )

    async def _rows(self, insert: Insert) -> int:
        """Run an INSERT; how many rows it made or changed."""
        return (await self._db.execute(insert, execution_options={"preserve_rowcount": True})).rowcount


async def record(write: Write, news: Sequence[Matched]) -> int:
    """`FanOut.record_matches` in short transactions.

    When they are many, all are taken for unknown until one of them turns out to be known.
    """

    async def one(some: Sequence[Matched], *, unknown: bool) -> int:
        async with write() as unit:
            return await unit.fanout.record_matches(some, unknown=unknown)

    added, pieces = 0, list(_pieces(news))
    unknown = len(pieces) > 1
    for some in pieces:
        try:
            added += await one(some, unknown=unknown)
        except IntegrityError:
            unknown = False
            added += await one(some, unknown=False)
    return added


def _pieces(news: Sequence[Matched]) -> Iterator[Sequence[Matched]]:
    """The news with about ROWS_AT_ONCE matches at a time, those of neighbouring queries together."""
    queries = [sorted(item.queries) for item in news]
    sample = sorted(chain.from_iterable(numbers[::_SAMPLED] for numbers in queries))
    count = -(-sum(map(len, queries)) // ROWS_AT_ONCE)
    between = [sample[len(sample) * place // count] for place in range(1, count)]
    bounds = [0, *between, max(numbers[-1] for numbers in queries if numbers) + 1] if count else []
    for low, high in pairwise(bounds):
        yield [
            replace(item, queries=numbers[bisect_left(numbers, low) : bisect_left(numbers, high)])
            for item, numbers in zip(news, queries, strict=True)
        ]


async def fan_out(write: Write, news: Sequence[Matched]) -> int:
    """Owe what these news make and wake the places, in short transactions; says how many deliveries that touched.

    Quiet news owes nothing. May be repeated after a crash. Of a few deliveries all are there before a place is woken,
    so that it gets them in one message.
    """
    waiting = [item for item in news if not item.quiet]
    touched = 0
    small: list[Wave] = []
    for start in range(0, len(waiting), _NEWS_AT_ONCE):
        async with write() as unit:
            wave = await unit.fanout.wave(waiting[start : start + _NEWS_AT_ONCE])
        if not wave.few:
            touched += await _in_stretches(write, wave)
            continue
        async with write() as unit:
            touched += await unit.fanout.owe(wave)
        small.append(wave)
    for wave in small:
        async with write() as unit:
            await unit.fanout.wake(wave)
    return touched


async def _in_stretches(write: Write, wave: Wave) -> int:
    """Owe and wake stretch after stretch of places.

    All are taken for unknown until one of them turns out to be known. A place that became one with another meanwhile
    may have left a stretch to come for one that was gone through: then all are gone through again.
    """

    async def one(after: int, routes: int, *, unknown: bool) -> tuple[int, Stretch, int]:
        async with write() as unit:
            joined = await unit.fanout.joined_places()
            stretch = await unit.fanout.next_stretch(after, routes)
            return joined, stretch, await unit.fanout.owe(wave, stretch, unknown=unknown)

    touched, after, routes, unknown = 0, 0, _ROUTES_AT_FIRST, True
    joined_before: int | None = None
    while True:
        try:
            joined, stretch, made = await one(after, routes, unknown=unknown)
        except IntegrityError:
            unknown = False
            joined, stretch, made = await one(after, routes, unknown=False)
        async with write() as unit:
            await unit.fanout.wake(wave, stretch)
        touched += made
        joined_before = joined if joined_before is None else joined_before
        if stretch.last is not None:
            after = stretch.last
        elif joined == joined_before:
            return touched
        else:
            after, joined_before, unknown = 0, joined, False
        routes = max(1, min(4 * routes, _ROUTES_AT_MOST, routes * ROWS_AT_ONCE // max(made, 1)))
