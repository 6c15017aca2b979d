"""Subscriptions: whose, of which query, to which places; and the changes of queries that matchers follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, insert, literal, select, update

from paperwire.core.papers.paper import ARRIVAL, Occasion
from paperwire.core.query.language import parse
from paperwire.store.database.locks import hold_fan_out, hold_queries
from paperwire.store.engine import insert_new
from paperwire.store.outbox.outbox import Outbox
from paperwire.store.part import Part
from paperwire.store.rows import subscription_of
from paperwire.store.search.search import Search
from paperwire.store.subscriptions.feeds import MOST_OLD, WINDOW
from paperwire.store.subscriptions.queries import release_queries, reuse_query, use_query
from paperwire.store.subscriptions.slots import reroute, reschedule, reslot
from paperwire.store.tables.base import LIVE, Row, State, Want
from paperwire.store.tables.deliveries import DeliveryRow, MatchRow, UndoRow
from paperwire.store.tables.subscriptions import SubscriptionDestinationRow, SubscriptionRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement

    from paperwire.core.query.language import Query
    from paperwire.core.subscriptions.subscription import Subscription

_T = Row.metadata.tables
subscription, route, query = _T["subscription"], _T["subscription_destination"], _T["query"]
match, delivery, undo = _T["match"], _T["delivery"], _T["undo"]
_LIVING = subscription.c.deleted_at.is_(None)
_OWED = ("destination", "paper", "occasion", "due_at")
UNDO_TIME = timedelta(days=1)
"""So long after a subscription was deleted what it was owed comes back with it."""
_MOST_EVALUATED = 400  # about 0.2 CPU seconds of a transaction in which nobody else writes on SQLite


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryChange:
    """A query came into use (`text` for `core.query.parse`, `dumped` for `Query.load`) or went out of it (None).

    `upvotes` is its threshold if it is a trending query; `seq` is the place in the sequence of changes to ask on from.
    """

    seq: int
    number: int
    text: str | None
    dumped: bytes | None
    upvotes: int | None


class Subscriptions(Part):
    """Subscriptions and the queries behind them, inside one transaction."""

    async def subscribe(  # noqa: PLR0913 -- all that a subscription is made of
        self,
        person: int,
        wanted: Query,
        *,
        name: str,
        occasions: frozenset[str],
        cadence: str,
        destinations: Sequence[int],
    ) -> tuple[Subscription, bool]:
        """Make a subscription that begins now; True if it is new.

        If the person has a living one of the same query that goes to all these places, that one is given as it is.
        `occasions` are words of `Want`, `cadence` is empty for the places' defaults.
        """
        await hold_queries(self._db)
        number = await self._use(wanted)
        same = and_(subscription.c.person == person, subscription.c.query == number)
        for known in await self._list(same):
            if set(destinations) <= set(known.destinations):
                return known, False
        wants = want_of(occasions)
        values = {
            "person": person,
            "query": number,
            "text": wanted.text,
            "name": name,
            "occasions": wants,
            "cadence": cadence,
            "mention": "",
            "began_at": self._now,
        }
        made = await self._db.execute(insert(SubscriptionRow).values(values).returning(subscription.c.number))
        new: int = made.scalar_one()
        said = {"subscription": new, "query": number, "began_at": self._now, "wants": wants | LIVE}
        await self._lead([said | {"destination": place} for place in dict.fromkeys(destinations)], new)
        await self._changed()
        return await self._the(new), True

    async def _lead(self, routes: Sequence[dict[str, Any]], number: int) -> None:
        """Let a new subscription lead to its first places."""
        if routes:
            await self._db.execute(insert(SubscriptionDestinationRow), routes)
            await reslot(self._db, self._now, subscription.c.number == number)

    async def get(self, number: int) -> Subscription | None:
        """A living subscription by number, or None."""
        found = await self._list(subscription.c.number == number)
        return found[0] if found else None

    async def of_person(self, person: int) -> list[Subscription]:
        """A person's subscriptions, oldest first."""
        return await self._list(subscription.c.person == person)

    async def of_destination(self, destination: int) -> list[Subscription]:
        """The subscriptions that go to a place, whoever made them, oldest first."""
        there = select(route.c.subscription).where(route.c.destination == destination)
        return await self._list(subscription.c.number.in_(there))

    async def count(self) -> int:
        """How many living subscriptions there are."""
        counted = select(func.count()).select_from(subscription).where(_LIVING)
        return int((await self._db.execute(counted)).scalar_one())

    async def edit(  # noqa: PLR0913 -- all of a subscription that can change
        self,
        number: int,
        *,
        query: Query | None = None,
        name: str | None = None,
        occasions: Iterable[str] | None = None,
        cadence: str | None = None,
        mention: str | None = None,
    ) -> None:
        """Change what is given of a living subscription; with another query it begins anew.

        Another cadence moves its slots and what is owed.
        """
        await hold_queries(self._db)
        if cadence is not None or query is not None:  # or a fan-out and this might each overlook what the other commits
            await hold_fan_out(self._db)
        if query is not None:
            await self._edit_query(number, query)
        values: dict[str, Any] = {"name": name, "mention": mention}
        values["occasions"] = None if occasions is None else want_of(occasions)
        values = {column: value for column, value in values.items() if value is not None}
        if values:
            await self._update(number, values)
        if cadence is not None and await self._changes_cadence(number, cadence):
            await self._update(number, {"cadence": cadence})
            await reslot(self._db, self._now, subscription.c.number == number, _LIVING)
        await self._changed()

    async def _edit_query(self, number: int, wanted: Query) -> None:
        before = await self.get(number)
        if before is None:
            return
        values: dict[str, Any] = {"text": wanted.text}
        if before.key != wanted.key:
            values["query"] = await self._use(wanted)
            values["began_at"] = self._now
        await self._update(number, values)
        await release_queries(self._db, [before.query])
        await reschedule(self._db, self._now, subscription.c.number == number, former=before.query)

    async def _changes_cadence(self, number: int, cadence: str) -> bool:
        """Whether a living subscription has another one; to say the same again puts nothing off."""
        found = select(subscription.c.number).where(
            subscription.c.number == number, _LIVING, subscription.c.cadence != cadence
        )
        return (await self._db.execute(found)).first() is not None

    async def toggle(self, number: int, occasion: str) -> None:
        """Ask for an occasion too, or no longer if a living subscription does."""
        await hold_queries(self._db)
        one = await self.get(number)
        if one is not None:
            await self.edit(number, occasions=one.occasions ^ {occasion})

    async def pause(self, number: int, *, paused: bool) -> None:
        """Owe nothing for a subscription from now on, or owe again; its feed goes on."""
        await hold_queries(self._db)  # or a route that `Outbox.moved` is copying would not learn of it
        await hold_fan_out(self._db)
        await self._update(number, {"paused": paused})
        await reschedule(self._db, self._now, subscription.c.number == number)

    async def delete(self, number: int) -> None:
        """Delete a subscription; `restore` brings it back."""
        await hold_queries(self._db)
        await hold_fan_out(self._db)
        before = await self.get(number)
        if before is not None:
            await self._keep_owed(before)
            await self._update(number, {"deleted_at": self._now})
            await release_queries(self._db, [before.query])
            await reschedule(self._db, self._now, subscription.c.number == number)
            await self._changed()

    async def _keep_owed(self, before: Subscription) -> None:
        """Write down what a subscription is owed, as the turns of its places drop what nobody wants."""
        await self._forget_owed()
        owed = (
            select(literal(before.number), *(delivery.c[name] for name in _OWED))
            .join(match, and_(match.c.paper == delivery.c.paper, match.c.occasion == delivery.c.occasion))
            .where(
                match.c.query == before.query,
                delivery.c.destination.in_(before.destinations),
                delivery.c.state == State.OWED,
            )
        )
        kept = insert_new(self._db, UndoRow).from_select(["subscription", *_OWED], owed)
        await self._db.execute(kept.on_conflict_do_nothing())

    async def _forget_owed(self) -> None:
        """Forget it of subscriptions that were deleted long ago."""
        old = select(subscription.c.number).where(subscription.c.deleted_at < self._now - UNDO_TIME)
        await self._db.execute(delete(undo).where(undo.c.subscription.in_(old)))

    async def _owe_again(self, number: int) -> None:
        """Owe what was dropped since the deletion."""
        state = [literal(int(State.OWED)), literal(0)]
        owed = select(*(undo.c[name] for name in _OWED), *state).where(undo.c.subscription == number)
        again = insert_new(self._db, DeliveryRow).from_select([*_OWED, "state", "attempts"], owed)
        await self._db.execute(again.on_conflict_do_nothing())
        gone = delete(undo).where(undo.c.subscription == number).returning(undo.c.destination)
        places = set((await self._db.execute(gone)).scalars())
        await Outbox(self._db, self._now).rouse(places)

    async def restore(self, number: int, *, person: int) -> Subscription | None:
        """Bring a deleted subscription of this person back as it was; None if it is not theirs or not there.

        Within UNDO_TIME it is owed again what it was owed; what it missed meanwhile it has missed.
        """
        await hold_queries(self._db)
        await hold_fan_out(self._db)
        await self._forget_owed()
        theirs = and_(subscription.c.number == number, subscription.c.person == person)
        back = update(subscription).where(theirs).values(deleted_at=None).returning(subscription.c.query)
        number_of_query = (await self._db.execute(back)).scalar()
        if number_of_query is None:
            return None
        await reroute(self._db, number)
        if await reuse_query(self._db, number_of_query):
            await self._match_held(number_of_query, parse((await self._the(number)).text))
        await self._owe_again(number)
        await reslot(self._db, self._now, subscription.c.number == number)
        await self._changed()
        return await self._the(number)

    async def query_changes(self, after: int, limit: int) -> list[QueryChange]:
        """The changes of queries later than `after` in the sequence, in order; of each query only its last.

        From 0 on they tell of all queries there ever were. None is missed: see `QueryRow.seq`.
        """
        told = query.c.seq, query.c.number, query.c.in_use, query.c.text, query.c.dumped, query.c.upvotes
        later = select(*told).where(query.c.seq > after).order_by(query.c.seq).limit(limit)
        return [
            QueryChange(
                seq=seq,
                number=number,
                text=text if in_use else None,
                dumped=dumped if in_use else None,
                upvotes=upvotes,
            )
            for seq, number, in_use, text, dumped, upvotes in await self._db.execute(later)
        ]

    async def _use(self, wanted: Query) -> int:
        number, fresh = await use_query(self._db, wanted)
        if fresh:
            await self._match_held(number, wanted)
        return number

    async def _match_held(self, number: int, wanted: Query) -> None:
        """Match a query that comes into use with the latest papers held, so that its feeds do not begin empty."""
        since = (self._now - WINDOW).date()
        found = await Search(self._db, self._now).search(
            wanted, order="date", since=since, limit=MOST_OLD, most_evaluated=_MOST_EVALUATED
        )
        occasion = ARRIVAL if wanted.upvotes is None else Occasion.upvotes(wanted.upvotes)
        fact = {"query": number, "occasion": occasion.code, "seen_at": self._now, "quiet": True}
        if found.papers:
            new = insert_new(self._db, MatchRow).on_conflict_do_nothing()
            await self._db.execute(new, [fact | {"paper": paper.number} for paper in found.papers])

    async def _update(self, number: int, values: dict[str, Any]) -> None:
        await self._db.execute(update(subscription).where(subscription.c.number == number, _LIVING).values(values))
        await reroute(self._db, number)

    async def _the(self, number: int) -> Subscription:
        return (await self._list(subscription.c.number == number))[0]

    async def _list(self, which: ColumnElement[bool]) -> list[Subscription]:
        found = (
            select(subscription, query.c.key)
            .join_from(subscription, query, query.c.number == subscription.c.query)
            .where(which, _LIVING)
            .order_by(subscription.c.number)
        )
        rows = (await self._db.execute(found)).all()
        places: dict[int, list[int]] = {row.number: [] for row in rows}
        goes = (
            select(route.c.subscription, route.c.destination)
            .join_from(route, subscription, subscription.c.number == route.c.subscription)
            .where(which, _LIVING)
            .order_by(route.c.destination)
        )
        for number, place in (await self._db.execute(goes)).all() if rows else ():
            places[number].append(place)
        return [subscription_of(row, tuple(places[row.number])) for row in rows]


def want_of(words: Iterable[str]) -> int:
    """The bits for words such as `arrival` and `versions`; raises KeyError for another word."""
    return sum({Want[word.upper()] for word in words})
