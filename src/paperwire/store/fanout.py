"""From matches to deliveries: who is owed what, and when, worked out inside the database."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import and_, bindparam, case, column, exists, func, literal, or_, select, update, values
from sqlalchemy import cast as sql_cast

from paperwire.core.mutes import mute_keys
from paperwire.core.paper import ARRIVAL, WITHDRAWN, Occasion, Paper
from paperwire.store.engine import PlainText, insert_new
from paperwire.store.part import Part, chunks
from paperwire.store.tables import DeliveryRow, MatchRow, Row, State, Want

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime
    from typing import Any

    from sqlalchemy import ColumnElement, Insert, Select
    from sqlalchemy.sql.selectable import FromClause

    from paperwire.store.unit import Unit

OLD = timedelta(hours=24)
"""What is heard of so long after its announcement is old to a subscription that began meanwhile."""
GRACE = timedelta(seconds=5)
"""A subscription this much younger than a paper still gets it: the page may have been committing meanwhile."""
ROWS_AT_ONCE = 50_000
"""How many deliveries one transaction should add, so that nobody waits for it."""

_T = Row.metadata.tables
match, query, mute = _T["match"], _T["query"], _T["mute"]
subscription, route = _T["subscription"], _T["subscription_destination"]
destination, delivery, counter, watch = _T["destination"], _T["delivery"], _T["counter"], _T["watch"]

# Which bit of a subscription's occasions asks for an occasion; a trending query asks for its own by being one.
WANTED = {"arrival": Want.ARRIVAL, "version": Want.VERSIONS, "withdrawn": Want.WITHDRAWN}


NextSlot: TypeAlias = "Callable[[str, str, datetime], datetime | None]"
"""From a cadence as text, an IANA zone and an instant: the first slot after it, None for `instant`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """A stored paper's news and the numbers of the queries that match it.

    `seen_at` is the event's; `quiet` news (first run, import) is kept for feeds and previews and owed to nobody.
    `told_at` is when it was announced, for what was heard of long after: it is overdue since then.
    """

    paper: Paper
    occasion: Occasion
    seen_at: datetime
    queries: Sequence[int] = ()
    quiet: bool = False
    told_at: datetime | None = None

    @property
    def began_before(self) -> datetime:
        """The instant before which a subscription must have begun to get it."""
        told = self.seen_at if self.told_at is None else min(self.seen_at, self.told_at + OLD)
        return told + GRACE


def wanted(occasion: Occasion) -> ColumnElement[bool]:
    """Whether a subscription asks for this occasion (`published` and `code` go to those who watch the paper)."""
    if occasion.kind == "upvotes":
        return literal(value=True)
    bit = WANTED.get(occasion.kind, 0)
    return subscription.c.occasions.bitwise_and(int(bit)) != 0


def is_live() -> ColumnElement[bool]:
    """Whether a subscription is neither paused nor deleted."""
    return and_(subscription.c.paused.is_(False), subscription.c.deleted_at.is_(None))


def in_turn() -> ColumnElement[bool]:
    """Whether a place has not muted the subscription that leads there."""
    return ~exists().where(
        mute.c.destination == route.c.destination,
        mute.c.kind == "subscription",
        mute.c.value == sql_cast(subscription.c.number, PlainText),
    )


class FanOut(Part):
    """What a matched batch does to the database; every order may be given twice."""

    async def record_matches(self, news: Iterable[Matched]) -> int:
        """Keep query x paper x occasion, and say how many were not known; queries that went meanwhile are left out.

        A query that came into use after the paper was seen has found it among those held: it is news to it all the
        same, if whoever fans out looked at the queries again.
        """
        added = 0
        for item in news:
            for some in chunks(item.queries):
                found = select(
                    query.c.number,
                    literal(item.paper.number),
                    literal(item.occasion.code),
                    literal(item.seen_at, match.c.seen_at.type),
                    literal(item.quiet),
                ).where(query.c.number.in_(some))
                names = ["query", "paper", "occasion", "seen_at", "quiet"]
                insert = insert_new(self._db, MatchRow).from_select(names, found)
                held = and_(match.c.quiet, match.c.seen_at >= insert.excluded.seen_at, ~insert.excluded.quiet)
                news_now = {name: insert.excluded[name] for name in ("seen_at", "quiet")}
                insert = insert.on_conflict_do_update(
                    index_elements=["query", "paper", "occasion"], set_=news_now, where=held
                )
                added += await self._rows(insert)
        return added

    async def advance_slots(self, now: datetime, next_slot: NextSlot, *, limit: int = 1_000) -> int:
        """Set the digests whose time came to their next time, before a fan-out; says how many there were.

        What a digest carries keeps its `due_at`. At most `limit` are moved at once: ask again while it is reached.
        """
        cadence = case((subscription.c.cadence != "", subscription.c.cadence), else_=destination.c.cadence)
        past = (
            select(route.c.subscription, route.c.destination, cadence.label("cadence"), destination.c.zone)
            .join_from(route, subscription, subscription.c.number == route.c.subscription)
            .join(destination, destination.c.number == route.c.destination)
            .where(route.c.next_slot_at <= now)
            .order_by(route.c.next_slot_at)
            .limit(limit)
        )
        rows = (await self._db.execute(past)).all()
        slots = {pair: next_slot(*pair, now) for pair in {(row.cadence, row.zone) for row in rows}}
        moved = (
            update(route)
            .where(route.c.subscription == bindparam("of"), route.c.destination == bindparam("at"))
            .values(next_slot_at=bindparam("slot"))
        )
        values = [
            {"of": row.subscription, "at": row.destination, "slot": slots[row.cadence, row.zone]}
            for row in sorted(rows, key=lambda row: (row.subscription, row.destination))
        ]
        if values:
            await self._db.execute(moved, values)
        return len(values)

    async def owe(self, news: Sequence[Matched]) -> int:
        """Add the deliveries these news make, or pull unsent ones forward; says how many rows that touched.

        A match counts for the news that made it (equal `seen_at`), so that a paper that is listed or cross-listed
        later is news only to queries that it did not match before. Commit before `wake`.
        """
        await self._take_turn()
        names = ["destination", "paper", "occasion", "due_at", "state", "attempts"]
        touched = 0
        for source in await self._sources(news):
            rows = source.add_columns(literal(int(State.OWED)), literal(0))
            insert = insert_new(self._db, DeliveryRow).from_select(names, rows)
            earlier = insert.excluded.due_at < delivery.c.due_at
            insert = insert.on_conflict_do_update(
                index_elements=["destination", "paper", "occasion"],
                set_={"due_at": insert.excluded.due_at},
                where=and_(delivery.c.state == State.OWED, earlier),
            )
            touched += await self._rows(insert)
        return touched

    async def wake(self, news: Sequence[Matched]) -> None:
        """Bring `next_due_at` of the places forward to what they are owed, never back.

        Runs in a transaction after that of `owe`, and touches places that are claimed whatever their time says:
        `settle` either sees the new deliveries or waits for this, or this waits for it. Places on hold stay so.
        """
        await self._take_turn()
        for source in await self._sources(news):
            owed = source.subquery()
            soonest = (
                select(owed.c.destination, func.min(owed.c.due_at).label("due_at"))
                .group_by(owed.c.destination)
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

    async def _take_turn(self) -> None:
        """Be the only fan-out until commit, so that two of them never wait for each other's places."""
        await self._db.execute(update(counter).values(value=counter.c.value + 1).where(counter.c.name == "fan_out"))

    async def _sources(self, news: Sequence[Matched]) -> list[Select[Any]]:
        """Queries for (destination, paper, occasion, due_at) in the order of the key, one per occasion and instant."""
        told = await self._muted_somewhere([item.paper for item in news])
        found: list[Select[Any]] = []
        for first, papers in _grouped(news):
            found.append(self._by_subscription(first, papers, told))
            if first.occasion != ARRIVAL:
                found.append(self._by_watch(first.occasion, first.seen_at, papers))
            if first.occasion == WITHDRAWN:
                found.append(self._by_receipt(papers, told))
        return found

    def _by_subscription(self, first: Matched, papers: Sequence[int], told: FromClause | None) -> Select[Any]:
        """Those who ask for what `first` is an example of, in these papers."""
        occasion, seen_at = first.occasion, first.seen_at
        instant = literal(first.told_at or self._now, route.c.next_slot_at.type)
        due_at = func.min(func.coalesce(route.c.next_slot_at, instant))
        key = (route.c.destination, match.c.paper, match.c.occasion)
        found = (
            select(*key, due_at.label("due_at"))
            .join_from(match, subscription, subscription.c.query == match.c.query)
            .join(route, route.c.subscription == subscription.c.number)
            .where(
                match.c.paper.in_(papers),
                match.c.occasion == occasion.code,
                match.c.seen_at == seen_at,
                match.c.quiet.is_(False),
                subscription.c.began_at <= first.began_before,
                wanted(occasion),
                is_live(),
                in_turn(),
            )
        )
        if told is not None:
            found = found.where(_unmuted(told, match.c.paper, route.c.destination))
        return found.group_by(*key).order_by(*key)

    def _by_watch(self, occasion: Occasion, seen_at: datetime, papers: Sequence[int]) -> Select[Any]:
        return (
            select(
                watch.c.destination,
                watch.c.paper,
                literal(occasion.code).label("occasion"),
                literal(self._now, watch.c.since.type).label("due_at"),
            )
            .where(watch.c.paper.in_(papers), watch.c.since <= seen_at + GRACE)
            .order_by(watch.c.destination, watch.c.paper)
        )

    def _by_receipt(self, papers: Sequence[int], told: FromClause | None) -> Select[Any]:
        """Everybody who got these papers: a withdrawal is for them too. Withdrawals are few.

        By way of `destination`: the key of `delivery` begins with the place, and no index leads from a paper there.
        """
        got = (
            select(
                destination.c.number.label("destination"),
                delivery.c.paper,
                literal(WITHDRAWN.code).label("occasion"),
                literal(self._now, delivery.c.due_at.type).label("due_at"),
            )
            .join_from(destination, delivery, delivery.c.destination == destination.c.number)
            .where(
                delivery.c.paper.in_(papers),
                delivery.c.state == State.SENT,
                delivery.c.occasion != WITHDRAWN.code,
            )
        )
        if told is not None:
            got = got.where(_unmuted(told, delivery.c.paper, destination.c.number))
        return got.distinct().order_by(destination.c.number, delivery.c.paper)

    async def _muted_somewhere(self, papers: Sequence[Paper]) -> FromClause | None:
        """The (paper, kind, value) that any place has muted, as a table to join; None if there are none."""
        keys = {paper.number: mute_keys(paper) for paper in papers}
        every = [value for pairs in keys.values() for _, value in sorted(pairs)]
        muted: set[tuple[str, str]] = set()
        for some in chunks(every):
            pairs = select(mute.c.kind, mute.c.value).where(mute.c.value.in_(some)).distinct()
            muted |= {(kind, value) for kind, value in await self._db.execute(pairs)}
        rows = [(number, kind, value) for number, pairs in keys.items() for kind, value in sorted(pairs & muted)]
        if not rows:
            return None
        columns = (column("paper", match.c.paper.type), column("kind", PlainText), column("value", PlainText))
        return values(*columns, name="told").data(rows).cte()


async def fan_out(write: Callable[[], AbstractAsyncContextManager[Unit]], news: Sequence[Matched]) -> int:
    """Owe what these news make and wake the places, in short transactions; says how many deliveries that touched.

    `write` begins a transaction (`Store.write`). Quiet news owes nothing. May be repeated after a crash.
    """
    waiting = [item for item in news if not item.quiet]
    touched, place, size = 0, 0, 1
    while place < len(waiting):
        some = waiting[place : place + size]
        async with write() as unit:
            made = await unit.fanout.owe(some)
        async with write() as unit:
            await unit.fanout.wake(some)
        touched += made
        place += len(some)
        size = max(1, min(2 * size, ROWS_AT_ONCE * len(some) // max(made, 1)))
    return touched


def _unmuted(told: FromClause, number: ColumnElement[int], place: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a place has not muted an author or a class of a paper."""
    return ~exists().where(
        told.c.paper == number,
        mute.c.kind == told.c.kind,
        mute.c.value == told.c.value,
        mute.c.destination == place,
    )


def _grouped(news: Sequence[Matched]) -> list[tuple[Matched, list[int]]]:
    """The numbers of the papers by occasion and times, each with one of the news they come from."""
    groups: defaultdict[tuple[Occasion, datetime, datetime | None], list[Matched]] = defaultdict(list)
    for item in news:
        groups[item.occasion, item.seen_at, item.told_at].append(item)
    return [(some[0], [item.paper.number for item in some]) for some in groups.values()]
