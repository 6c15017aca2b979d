"""Subscriptions: whose, of which query, to which places; and the changes of queries that matchers follow."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, insert, select, update
from sqlmodel import col

from paperwire.core.matching.news import QueryChange
from paperwire.core.papers.paper import ARRIVAL, Occasion
from paperwire.core.query.language import Query
from paperwire.core.subscriptions.feeds import MOST_OLD, WINDOW
from paperwire.core.subscriptions.subscription import Owner, Subscription
from paperwire.store.database.locks import count_change, lock_fan_out, lock_queries, lock_queries_and_fan_out
from paperwire.store.database.part import Part, count_rows, rows_among, subscription_of, value_of
from paperwire.store.database.statements import insert_new
from paperwire.store.database.tables.base import LIVE, Want
from paperwire.store.database.tables.deliveries import MatchRow
from paperwire.store.database.tables.people import PersonRow
from paperwire.store.database.tables.subscriptions import MeaningRow, QueryRow, RouteRow, SubscriptionRow
from paperwire.store.lists.communities import followed_list, list_key, match_listed
from paperwire.store.owners import next_ordinal, owned_by, owner_of
from paperwire.store.queries import release_queries, reuse_query, use_query
from paperwire.store.search.search import Search
from paperwire.store.subscriptions.meanings import MEANING, begin_meaning, meaning_of
from paperwire.store.subscriptions.routes import (
    UNDO_TIME,
    forget_owed,
    keep_owed,
    owe_again,
    reroute,
    reschedule,
    reslot,
    take_over,
)

_LIVING = col(SubscriptionRow.deleted_at).is_(None)
_MOST_EVALUATED = 400  # about 0.2 CPU seconds of a transaction that blocks other writers on SQLite


class Subscriptions(Part):
    """Subscriptions and their queries, inside one transaction."""

    async def subscribe(  # noqa: PLR0913 -- all that a subscription is made of
        self,
        person: int,
        query: Query,
        *,
        name: str,
        occasions: frozenset[str],
        cadence: str,
        destinations: Sequence[int],
    ) -> tuple[Subscription, bool]:
        """Make a subscription that begins now; True if it is new.

        A shared place owns it, no matter who adds it, and `destinations` is that place alone (otherwise ValueError);
        any other is the person's. A living one of the owner and query that goes to all these places is given, and
        includes these occasions from now on. `occasions` are words of `Want`, `cadence` is empty for places' defaults.
        """
        await lock_queries(self._db)
        owner = await owner_of(self._db, person, destinations)
        number = await self._use(query, owner.place)
        same = and_(owned_by(owner, SubscriptionRow), col(SubscriptionRow.query) == number)
        if twins := [twin for twin in await self._list(same) if set(destinations) <= set(twin.destinations)]:
            return await self.include(twins[0].number, occasions) or twins[0], False
        values = {
            "person": owner.person,
            "place": owner.place,
            "added_by": None if owner.place is None else person,
            "ordinal": await next_ordinal(self._db, owner),
            "query": number,
            "text": _text_of(query),
            "name": name,
            "occasions": _some_of(occasions),
            "cadence": cadence,
            "mention": "",
            "began_at": self._now,
        }
        made = insert(SubscriptionRow).values(values).returning(col(SubscriptionRow.number))
        new: int = (await self._db.execute(made)).scalar_one()
        await self._lead(new, number, want_of(occasions), destinations)
        await count_change(self._db)
        return await self._the(new), True

    async def _lead(self, number: int, query: int, wants: int, destinations: Sequence[int]) -> None:
        """Let a new subscription lead to its first places."""
        route = {"subscription": number, "query": query, "began_at": self._now, "wants": wants | LIVE}
        routes = [route | {"destination": place} for place in dict.fromkeys(destinations)]
        if routes:
            await self._db.execute(insert(RouteRow), routes)
            await reslot(self._db, self._now, col(SubscriptionRow.number) == number)

    async def get(self, number: int, *, deleted: bool = False) -> Subscription | None:
        """A subscription by number, or None; one that was deleted only if asked for."""
        rows = await self._list(col(SubscriptionRow.number) == number, deleted=deleted)
        return rows[0] if rows else None

    async def of_person(self, person: int) -> list[Subscription]:
        """A person's own subscriptions, oldest first."""
        return await self._list(col(SubscriptionRow.person) == person)

    async def of_place(self, place: int) -> list[Subscription]:
        """The subscriptions that go to a place, oldest first: its own, or the person's whose it is."""
        there = select(col(RouteRow.subscription)).where(col(RouteRow.destination) == place)
        return await self._list(col(SubscriptionRow.number).in_(there))

    async def count(self) -> int:
        """How many living subscriptions there are."""
        return await count_rows(self._db, SubscriptionRow, _LIVING)

    async def edit(  # noqa: PLR0913 -- all of a subscription that can change
        self,
        number: int,
        *,
        query: Query | None = None,
        name: str | None = None,
        occasions: Collection[str] | None = None,
        cadence: str | None = None,
        mention: str | None = None,
        silent: bool | None = None,
        former: str | None = None,
    ) -> Subscription | None:
        """Change what is given of a living subscription; with another query it starts over, and `undo_edit` may follow.

        Another cadence moves its slots and what is owed. Says how it is then, None if it is gone; or if its owner has
        another one of the new query at the same place, that one, and nothing is changed. Nor is it if a query is given
        and its text is no longer the `former` one. Without any occasion it would send nothing: ValueError.
        """
        await lock_queries(self._db)
        if cadence is not None or query is not None:  # or a fan-out and this might each overlook what the other commits
            await lock_fan_out(self._db)
        if query is not None and (other := await self._edit_query(number, query, former)) is not None:
            return other
        values: dict[str, Any] = {"name": name, "mention": mention, "silent": silent}
        values["occasions"] = None if occasions is None else _some_of(occasions)
        values = {column: value for column, value in values.items() if value is not None}
        if values:
            await self._update(number, values)
        if cadence is not None and await self._changes_cadence(number, cadence):
            await self._update(number, {"cadence": cadence})
            await reslot(self._db, self._now, col(SubscriptionRow.number) == number, _LIVING)
        await count_change(self._db)
        return await self.get(number)

    async def _edit_query(self, number: int, wanted: Query, former: str | None) -> Subscription | None:
        """Change the query of a living subscription; if nothing is changed, returns the one why, see `edit`."""
        before = await self.get(number)
        if before is None or former not in {None, before.text}:
            return before
        query = await self._use(wanted, before.place)
        if (twin := await self._twin(before, query)) is not None:
            return twin
        await keep_owed(self._db, self._now, before)
        values = {"former_query": before.query, "former_text": before.text, "former_began_at": before.began_at}
        values |= {"query": query, "text": _text_of(wanted), "edited_at": self._now, "expected": None}
        if query != before.query:
            values["began_at"] = self._now
        await self._change_query(before, values)
        return None

    async def _change_query(self, before: Subscription, values: dict[str, Any]) -> None:
        await self._update(before.number, values)
        await release_queries(self._db, [before.query])
        await reschedule(self._db, self._now, col(SubscriptionRow.number) == before.number, former=before.query)

    async def undo_edit(self, number: int, second: int) -> Subscription | None:
        """Give a living subscription back the query that it had before its last edit, and with it its beginning.

        `second` is that of the edit, as a UNIX time. Says how it is then, or another one of its owner that has the
        query by now; None if it isn't the last edit any more, or was longer ago than UNDO_TIME.
        """
        await lock_queries_and_fan_out(self._db)
        edited = await self.get(number)
        if edited is None or edited.edited_at is None or int(edited.edited_at.timestamp()) != second:
            return None
        if edited.edited_at < self._now - UNDO_TIME:
            return None
        former = await self._former(number)
        if former is None:
            return None
        await self._reuse(former["query"], edited.place)
        if (twin := await self._twin(edited, former["query"])) is not None:
            return twin
        nothing = {"former_query": None, "former_text": "", "former_began_at": None, "edited_at": None}
        await self._change_query(edited, former | nothing)
        await owe_again(self._db, self._now, number)
        await reslot(self._db, self._now, col(SubscriptionRow.number) == number)
        await count_change(self._db)
        return await self._the(number)

    async def _former(self, number: int) -> dict[str, Any] | None:
        """The query of a subscription before its last edit, its text, and since when it was that."""
        columns: tuple[ColumnElement[Any], ...] = (
            col(SubscriptionRow.former_query).label("query"),
            col(SubscriptionRow.former_text).label("text"),
            col(SubscriptionRow.former_began_at).label("began_at"),
        )
        condition = and_(col(SubscriptionRow.number) == number, col(SubscriptionRow.former_query).is_not(None))
        row = (await self._db.execute(select(*columns).where(condition))).mappings().first()
        return None if row is None else dict(row)

    async def _twin(self, subscription: Subscription, query: int) -> Subscription | None:
        """Another living subscription of its owner with this query, for one of its places."""
        owner = Owner(place=subscription.place) if subscription.place else Owner(person=subscription.person)
        same = and_(owned_by(owner, SubscriptionRow), col(SubscriptionRow.query) == query)
        others = [other for other in await self._list(same) if other.number != subscription.number]
        return next(
            (other for other in others if not set(other.destinations).isdisjoint(subscription.destinations)), None
        )

    async def _changes_cadence(self, number: int, cadence: str) -> bool:
        """Whether a living subscription has another one; setting the same value again postpones nothing."""
        statement = select(col(SubscriptionRow.number)).where(
            col(SubscriptionRow.number) == number, _LIVING, col(SubscriptionRow.cadence) != cadence
        )
        return (await self._db.execute(statement)).first() is not None

    async def include(self, number: int, occasions: frozenset[str]) -> Subscription | None:
        """Let a living subscription send these occasions, too; as it is then, or None if it is gone."""
        await lock_queries(self._db)
        subscription = await self.get(number)
        if subscription is None or occasions <= subscription.occasions:
            return subscription
        return await self.edit(number, occasions=subscription.occasions | occasions)

    async def exclude(self, number: int, occasions: frozenset[str]) -> Subscription | None:
        """Let a living subscription send these occasions no longer, unless none would be left; as it is then."""
        await lock_queries(self._db)
        subscription = await self.get(number)
        if subscription is None or occasions.isdisjoint(subscription.occasions) or occasions >= subscription.occasions:
            return subscription
        return await self.edit(number, occasions=subscription.occasions - occasions)

    async def pause(self, number: int, *, paused: bool) -> None:
        """Owe nothing for a subscription from now on, or owe again; its feed goes on."""
        await lock_queries_and_fan_out(self._db)  # or a route that `Places.moved` is copying would not learn of it
        await self._update(number, {"paused": paused})
        await reschedule(self._db, self._now, col(SubscriptionRow.number) == number)

    async def delete(self, number: int) -> None:
        """Delete a subscription; `restore` brings it back."""
        await lock_queries_and_fan_out(self._db)
        before = await self.get(number)
        if before is not None:
            await keep_owed(self._db, self._now, before)
            await self._update(number, {"deleted_at": self._now})
            await release_queries(self._db, [before.query])
            await reschedule(self._db, self._now, col(SubscriptionRow.number) == number)
            await count_change(self._db)

    async def restore(self, number: int) -> Subscription | None:
        """Bring a deleted subscription back as it was; None if it is not there.

        Within UNDO_TIME it is owed again what it was owed; what it missed meanwhile it has missed. If its owner has its
        query again by now, that subscription is given, and sends what this one did, too.
        """
        await lock_queries_and_fan_out(self._db)
        await forget_owed(self._db, self._now)
        before = await self.get(number, deleted=True)
        if before is None:
            return None
        if (twin := await self._twin(before, before.query)) is not None:
            await take_over(self._db, self._now, twin.number, before)
            await count_change(self._db)
            return await self._the(twin.number)
        this = col(SubscriptionRow.number) == number
        await self._db.execute(update(SubscriptionRow).where(this).values(deleted_at=None))
        await reroute(self._db, number)
        await self._reuse(before.query, before.place)
        await owe_again(self._db, self._now, number)
        await reslot(self._db, self._now, this)
        await count_change(self._db)
        return await self._the(number)

    async def query_changes(self, after: int, limit: int) -> list[QueryChange]:
        """The changes of queries later than `after` in the sequence, in order; of each query only its last.

        From 0 on they tell of all queries there ever were. None is missed: see `QueryRow.seq`.
        """
        columns = (
            col(QueryRow.seq),
            col(QueryRow.number),
            col(QueryRow.in_use),
            col(QueryRow.dumped),
            col(QueryRow.upvotes),
        )
        later = (
            select(*columns, *MEANING)
            .join(MeaningRow, col(MeaningRow.query) == col(QueryRow.number), isouter=True)
            .where(col(QueryRow.seq) > after)
            .order_by(col(QueryRow.seq))
            .limit(limit)
        )
        return [
            value_of(
                QueryChange,
                row,
                dumped=row.dumped if row.in_use else None,
                meaning=None if row.encoder is None else meaning_of(row),
            )
            for row in await self._db.execute(later)
        ]

    async def queries(self, numbers: Iterable[int]) -> dict[int, Query]:
        dumped = select(col(QueryRow.number), col(QueryRow.dumped))
        rows = await rows_among(self._db, dumped, col(QueryRow.number), sorted(numbers))
        return {row.number: Query.load(row.dumped) for row in rows}

    async def _use(self, query: Query, place: int | None) -> int:
        key = list_key(await followed_list(self._db, query, place)) if query.list else query.key
        number, fresh = await use_query(self._db, query, key)
        if fresh:
            await self._begin(number, query, place)
        return number

    async def _reuse(self, number: int, place: int | None) -> None:
        """Take a query that was in use before into use, if it isn't."""
        if await reuse_query(self._db, number):
            dumped = await self._db.scalar(select(col(QueryRow.dumped)).where(col(QueryRow.number) == number))
            await self._begin(number, Query.load(dumped or b""), place)

    async def _begin(self, number: int, query: Query, place: int | None) -> None:
        """Let the feeds of a query that comes into use not begin empty; by meaning that is for `Meanings.renew`."""
        if query.like is None:
            await self._match_stored(number, query, place)
        else:
            await begin_meaning(self._db, self._now, number, query.like.person)

    async def _match_stored(self, number: int, query: Query, place: int | None) -> None:
        """Match a query that comes into use with the latest stored papers, so that its feeds do not begin empty."""
        if query.list:
            await match_listed(self._db, number, await followed_list(self._db, query, place), self._now - WINDOW)
            return
        since = (self._now - WINDOW).date()
        search = await Search(self._db, self._now).search(
            query, order="date", since=since, limit=MOST_OLD, most_evaluated=_MOST_EVALUATED
        )
        occasion = ARRIVAL if query.upvotes is None else Occasion.upvotes(query.upvotes)
        fact = {"query": number, "occasion": occasion.code, "seen_at": self._now, "quiet": True}
        if search.papers:
            new = insert_new(self._db, MatchRow).on_conflict_do_nothing()
            await self._db.execute(new, [fact | {"paper": paper.number} for paper in search.papers])

    async def _update(self, number: int, values: dict[str, Any]) -> None:
        await self._db.execute(
            update(SubscriptionRow).where(col(SubscriptionRow.number) == number, _LIVING).values(values)
        )
        await reroute(self._db, number)

    async def _the(self, number: int) -> Subscription:
        return (await self._list(col(SubscriptionRow.number) == number))[0]

    async def _list(self, which: ColumnElement[bool], *, deleted: bool = False) -> list[Subscription]:
        which = which if deleted else and_(which, _LIVING)
        statement: Select[*tuple[Any, ...]] = (
            select(SubscriptionRow, col(QueryRow.key), col(PersonRow.name).label("adder"))
            .join_from(SubscriptionRow, QueryRow)
            .join(PersonRow, col(PersonRow.number) == col(SubscriptionRow.added_by), isouter=True)
            .where(which)
            .order_by(col(SubscriptionRow.number))
        )
        rows = (await self._db.execute(statement)).all()
        places: dict[int, list[int]] = {row.number: [] for row in rows}
        goes = (
            select(col(RouteRow.subscription), col(RouteRow.destination))
            .join_from(RouteRow, SubscriptionRow)
            .where(which)
            .order_by(col(RouteRow.destination))
        )
        for number, place in (await self._db.execute(goes)).all() if rows else ():
            places[number].append(place)
        return [subscription_of(row, tuple(places[row.number])) for row in rows]


def _text_of(query: Query) -> str:
    """What a subscription says that it asks for: as typed, a list in its one spelling."""
    return f"list:{query.list}" if query.list else query.text


def _some_of(occasions: Collection[str]) -> int:
    """The bits of some occasions; raises ValueError for none."""
    if not occasions:
        raise ValueError("a subscription without any occasion sends nothing")
    return want_of(occasions)


def want_of(words: Iterable[str]) -> int:
    """The bits for words such as `arrival` and `versions`; raises KeyError for another word."""
    return sum({Want[word.upper()] for word in words})
