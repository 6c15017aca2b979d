"""From matches to deliveries: who is owed what, and when, worked out inside the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Insert,
    Integer,
    and_,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from paperwire.core.matching.news import Matched, Stretch, Wave
from paperwire.core.papers.paper import ARRIVAL, WITHDRAWN, Occasion
from paperwire.core.subscriptions.cadence import NextSlot
from paperwire.errors import StoreConflict
from paperwire.store.database.locks import joined_places, lock_fan_out
from paperwire.store.database.part import rows_among
from paperwire.store.database.statements import insert_new, listed, look_up_row_by_row
from paperwire.store.database.tables.base import State, UTCDateTime
from paperwire.store.database.tables.deliveries import DeliveryRow, MatchRow
from paperwire.store.database.tables.people import DestinationRow
from paperwire.store.database.tables.subscriptions import RouteRow, SubscriptionRow
from paperwire.store.outbox.recipients import ALL_PLACES, Reach, pairs_of, split_pair, within

_CADENCE = case((col(SubscriptionRow.cadence) != "", col(SubscriptionRow.cadence)), else_=col(DestinationRow.cadence))
SLOTS = (
    select(
        *(col(RouteRow.subscription), col(RouteRow.destination), col(RouteRow.next_slot_at)),
        *(_CADENCE.label("cadence"), col(DestinationRow.zone)),
    )
    .join_from(RouteRow, SubscriptionRow)
    .join(DestinationRow, col(DestinationRow.number) == col(RouteRow.destination))
)
"""Routes with their next slot, and the cadence and zone that it follows from."""
_MOVED = (
    update(RouteRow)
    .where(
        col(RouteRow.subscription) == bindparam("of"),
        col(RouteRow.destination) == bindparam("at"),
        col(RouteRow.next_slot_at) == bindparam("past"),
    )
    .values(next_slot_at=bindparam("slot"))
)
# The end of turns locks their places in this order too; an update of many would lock them in any.
_LEASED = (
    select(col(DestinationRow.number))
    .where(col(DestinationRow.leased_until).is_not(None))
    .order_by(col(DestinationRow.number))
    .with_for_update(key_share=True)
)


async def move_slots(
    db: AsyncConnection, rows: Iterable[Any], slots: Mapping[tuple[str, str], datetime | None]
) -> None:
    """Set when the next digests of routes, rows of `SLOTS`, are due, by cadence and zone.

    One whose cadence a person changes meanwhile has a slot of that cadence by then, and stays as it is.
    """
    values = [
        {"of": row.subscription, "at": row.destination, "past": row.next_slot_at, "slot": slots[row.cadence, row.zone]}
        for row in sorted(rows, key=lambda row: (row.destination, row.subscription))
    ]
    if values:
        await db.execute(_MOVED, values)


class FanOut(Reach):
    """What a matched batch does to the database; every order may be given twice."""

    async def record_matches(self, news: Sequence[Matched], *, unknown: bool = False) -> int:
        """Keep query x paper x occasion, and say how many were not known.

        `unknown` ones are not looked for before they are inserted, which costs far less; raises StoreConflict when
        one of them is there all the same.

        A query that came into use after the paper was seen has found it among those stored: it is news to it all
        the same, if the fan-out looked at the queries again. So it is if the paper was stored before it was announced.
        """
        groups: defaultdict[tuple[Occasion, datetime, bool, bool], list[Matched]] = defaultdict(list)
        for item in news:
            if item.queries:
                groups[item.occasion, item.seen_at, item.quiet, item.after_quiet].append(item)
        names = ["query", "paper", "occasion", "seen_at", "quiet"]
        added = 0
        for (occasion, seen_at, quiet, after_quiet), group in groups.items():
            of_query, paper = split_pair(listed(self._db, pairs_of(group)))
            matches = select(
                sql_cast(of_query, Integer),
                paper,
                literal(occasion.code),
                literal(seen_at, UTCDateTime),
                literal(quiet),
            ).where(true())  # SQLite would take what follows for the condition of a join
            insert = insert_new(self._db, MatchRow).from_select(names, matches)
            if unknown:
                added += await self._add(insert)
                continue
            is_news = and_(col(MatchRow.quiet), ~insert.excluded.quiet)
            if not after_quiet:
                is_news = and_(is_news, col(MatchRow.seen_at) >= insert.excluded.seen_at)
            news_now = {name: insert.excluded[name] for name in ("seen_at", "quiet")}
            added += await self._rows(
                insert.on_conflict_do_update(index_elements=names[:3], set_=news_now, where=is_news)
            )
        return added

    async def matched_at(self, keys: Collection[tuple[int, int, int]]) -> dict[tuple[int, int, int], datetime]:
        """Since when those of these matches (query, paper, code of the occasion) are known that are."""
        columns = (col(MatchRow.query), col(MatchRow.paper), col(MatchRow.occasion))
        rows = await rows_among(self._db, select(*columns, col(MatchRow.seen_at)), tuple_(*columns), sorted(keys))
        return {(row.query, row.paper, row.occasion): row.seen_at for row in rows}

    async def told_since(self, pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], datetime]:
        """Since when those of these queries and papers match that do, at an arrival or as something became known."""
        pair, occasion = (col(MatchRow.query), col(MatchRow.paper)), col(MatchRow.occasion)
        is_told = and_(occasion <= ARRIVAL.code, occasion != WITHDRAWN.code)
        first = select(*pair, func.min(col(MatchRow.seen_at)).label("seen_at")).where(is_told).group_by(*pair)
        rows = await rows_among(self._db, first, tuple_(*pair), sorted(pairs))
        return {(row.query, row.paper): row.seen_at for row in rows}

    async def advance_slots(self, now: datetime, next_slot: NextSlot, *, limit: int = 1_000) -> int:
        """Set the digests whose time came to their next time, before a fan-out; says how many there were.

        What a digest carries keeps its `due_at`. At most `limit` are moved at once: ask again while it is reached.
        """
        past = SLOTS.where(col(RouteRow.next_slot_at) <= now).order_by(col(RouteRow.next_slot_at)).limit(limit)
        rows = (await self._db.execute(past)).all()
        slots = {pair: next_slot(*pair, now) for pair in {(row.cadence, row.zone) for row in rows}}
        await move_slots(self._db, rows, slots)
        return len(rows)

    async def joined_places(self) -> int:
        """How many places became one with another so far; until commit no more do."""
        await lock_fan_out(self._db)
        return await joined_places(self._db)

    async def owe(self, wave: Wave, stretch: Stretch = ALL_PLACES, *, unknown: bool = False) -> int:
        """Add the deliveries these news make, or pull unsent ones forward; says how many rows that touched.

        `unknown` ones are not looked for before they are inserted, which costs far less; raises StoreConflict when
        one of them is there all the same.

        A match counts for the news that made it (equal `seen_at`), so that a paper that is listed or cross-listed
        later is news only to queries that it did not match before. Commit before `wake`.
        """
        await lock_fan_out(self._db)
        if not wave.few:
            await look_up_row_by_row(self._db)
        names = ["destination", "paper", "occasion", "due_at", "state", "attempts"]
        touched = 0
        for source in self.sources(wave, stretch):
            rows = source.add_columns(literal(int(State.OWED)), literal(0))
            insert = insert_new(self._db, DeliveryRow).from_select(names, rows)
            if unknown:
                touched += await self._add(insert)
                continue
            earlier = insert.excluded.due_at < col(DeliveryRow.due_at)
            insert = insert.on_conflict_do_update(
                index_elements=["destination", "paper", "occasion"],
                set_={"due_at": insert.excluded.due_at},
                where=and_(col(DeliveryRow.state) == State.OWED, earlier),
            )
            touched += await self._rows(insert)
        return touched

    async def wake(self, wave: Wave, stretch: Stretch = ALL_PLACES) -> None:
        """Bring `next_due_at` of the places forward to what they are owed, never back.

        Runs in a transaction after that of `owe`, and touches places that are claimed whatever their time says:
        `settle` either sees the new deliveries or waits for this, or this waits for it. Paused places stay so.
        """
        await lock_fan_out(self._db)
        await self._db.execute(_LEASED)
        if not wave.few:
            await self._wake(within(stretch, col(DeliveryRow.destination)))
            return
        for source in self.sources(wave, stretch):
            reached = source.subquery()
            await self._wake(col(DeliveryRow.destination).in_(select(reached.c.destination)))

    async def _wake(self, places: ColumnElement[bool]) -> None:
        owed = col(DeliveryRow.state) == literal_column(str(int(State.OWED)))  # as the index has it, not as a parameter
        soonest = (
            select(col(DeliveryRow.destination), func.min(col(DeliveryRow.due_at)).label("due_at"))
            .where(owed, places)
            .group_by(col(DeliveryRow.destination))
            .subquery()
        )
        at = case(
            (col(DestinationRow.hold_until) > soonest.c.due_at, col(DestinationRow.hold_until)), else_=soonest.c.due_at
        )
        now_due = col(DestinationRow.next_due_at)
        await self._db.execute(
            update(DestinationRow)
            .values(next_due_at=case((now_due <= at, now_due), else_=at))
            .where(
                col(DestinationRow.number) == soonest.c.destination,
                col(DestinationRow.paused) == "",
                or_(now_due.is_(None), now_due > at, col(DestinationRow.lease_owner).is_not(None)),
            )
        )

    async def _add(self, insert: Insert) -> int:
        """Run an INSERT of rows taken for unknown; raises StoreConflict if one is there."""
        try:
            return await self._rows(insert)
        except IntegrityError as error:
            raise StoreConflict("rows that were taken for new are there already") from error

    async def _rows(self, insert: Insert) -> int:
        """Run an INSERT; how many rows it made or changed."""
        return (await self._db.execute(insert, execution_options={"preserve_rowcount": True})).rowcount
