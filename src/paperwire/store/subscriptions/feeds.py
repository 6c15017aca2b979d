"""Private feeds: whose, under which hash, and the matches they show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, or_, select, update
from sqlalchemy import Row as SqlRow
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import Mapped, aliased
from sqlmodel import col

from paperwire.core.papers.paper import ARRIVAL, Occasion
from paperwire.core.seconds import Claim, seconds_apart
from paperwire.core.subscriptions.feeds import (
    AT_LEAST,
    MOST_OLD,
    WINDOW,
    FeedEntry,
    HashOf,
    MatchedBy,
    PrivateFeed,
    Retired,
)
from paperwire.core.subscriptions.subscription import Owner, mute_keys
from paperwire.store.database.locks import count_change
from paperwire.store.database.part import READ_AT_PLACE, READ_BY_PERSON, Part, value_of
from paperwire.store.database.statements import insert_new
from paperwire.store.database.tables.deliveries import MatchRow
from paperwire.store.database.tables.papers import BatchRow, PaperRow
from paperwire.store.database.tables.people import DestinationRow, MuteRow, PersonRow
from paperwire.store.database.tables.service import CounterRow
from paperwire.store.database.tables.subscriptions import FeedPartRow, FeedRow, RetiredTokenRow, SubscriptionRow
from paperwire.store.outbox.wants import asks_for
from paperwire.store.owners import IS_SHARED, owned_by
from paperwire.store.papers.papers import Papers

_MOST_A_QUERY = 500
_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)

_OF_FEED = ("number", "generation", "person", "place", "subscription", "created_at")


@dataclass(slots=True)
class _Found:
    """A match on its way to become an entry."""

    at: datetime
    matched: list[MatchedBy]


class Feeds(Part):
    """Private feeds, inside one transaction."""

    async def sequence(self) -> int:
        """A number that grows whenever what readers of feeds and pages see may have changed."""
        content = select(col(CounterRow.value)).where(col(CounterRow.name) == "content")
        value: int = (await self._db.execute(content)).scalar_one()
        return value

    async def days_changed(self) -> datetime | None:
        """When what is known of the last days' completeness last changed, which feeds and pages show too."""
        recent = col(BatchRow.day) >= (self._now - WINDOW).date()
        changed: datetime | None = (
            await self._db.execute(select(func.max(col(BatchRow.changed_at))).where(recent))
        ).scalar()
        return changed

    async def ensure(self, owner: Owner, subscription: int | None, hash_of: HashOf) -> PrivateFeed:
        """The feed of an owner's subscription, or with None of all of them; made if it is not there yet."""
        this = and_(owned_by(owner, FeedRow), col(FeedRow.subscription) == subscription, col(FeedRow.former).is_(False))
        before = await self._one(this)
        if before is not None:
            return before
        values = {"person": owner.person, "place": owner.place, "subscription": subscription, "generation": 1}
        # the hash is made from the number, which the database gives
        passing = {"token_hash": f"new:{owner.person}:{owner.place}:{subscription or 0}", "created_at": self._now}
        new = insert_new(self._db, FeedRow).values(values | passing)
        number = (await self._db.execute(new.on_conflict_do_nothing().returning(col(FeedRow.number)))).scalar()
        if number is not None:
            hashed = {"token_hash": hash_of(number, 1)}
            await self._db.execute(update(FeedRow).where(col(FeedRow.number) == number).values(hashed))
            await count_change(self._db)
        made = await self._one(this)
        assert made is not None  # noqa: S101 -- it is there, by this or another process
        return made

    async def by_hash(self, token_hash: str) -> PrivateFeed | Retired | None:
        """The feed whose token has this hash, or when it was reset; None for a hash that never was one."""
        before = await self._one(col(FeedRow.token_hash) == token_hash)
        if before is not None:
            return before
        gone = select(col(RetiredTokenRow.retired_at)).where(col(RetiredTokenRow.token_hash) == token_hash)
        at = (await self._db.execute(gone)).scalar()
        return None if at is None else Retired(at)

    async def reset(self, number: int, hash_of: HashOf) -> PrivateFeed:
        """Give a feed its next address; the one before leads nowhere but to `Retired`. Raises LookupError."""
        this = col(FeedRow.number) == number
        old = (await self._db.execute(select(col(FeedRow.token_hash)).where(this).with_for_update())).scalar()
        before = await self._one(this)
        if old is None or before is None:
            raise LookupError(f"there is no feed {number}")
        await self._db.execute(insert(RetiredTokenRow).values(token_hash=old, retired_at=self._now))
        generation = before.generation + 1
        hashed = {"generation": generation, "token_hash": hash_of(number, generation)}
        await self._db.execute(update(FeedRow).where(this).values(hashed))
        if before.subscription is None:
            await self._retire_former(before.owner)
        await count_change(self._db)
        return replace(before, generation=generation)

    async def renew(self, person: int, hash_of: HashOf) -> int:
        """Give all feeds of a person their next addresses; how many old ones lead nowhere now."""
        statement = select(col(FeedRow.number), col(FeedRow.former)).where(col(FeedRow.person) == person)
        rows = (await self._db.execute(statement.order_by(col(FeedRow.number)).with_for_update())).all()
        await self._retire_former(Owner(person=person))
        for row in rows:
            if not row.former:
                await self.reset(row.number, hash_of)
        return len(rows)

    async def _retire_former(self, owner: Owner) -> None:
        """End the addresses that an owner is not given any more: a reset of everything is the only way to do so."""
        await retire_feeds(self._db, self._now, and_(owned_by(owner, FeedRow), col(FeedRow.former)))

    async def entries(self, of: PrivateFeed, limit: int = 500) -> list[FeedEntry]:
        """What a feed shows, the latest first: 14 days and at least 50 entries, at most `limit`.

        The matches of its subscriptions since they began; of those from before, papers of the 14 days up to then, at
        most 50 in all, the newest, as of the beginning. Nothing is older than the feed. What the place muted, or the
        person in a place of their own, is left out; pauses and cadences do not count.
        """
        muted = await self._muted(of.owner)
        matches: dict[tuple[int, int], _Found] = {}
        rows = [row for row in await self._matches(of) if asks_for(row)]
        for row, at in _in_time([row for row in rows if ("subscription", str(row.number)) not in muted], of):
            entry = matches.setdefault((row.paper, row.occasion), _Found(at, []))
            entry.at = min(entry.at, at)
            entry.matched.append(MatchedBy(row.name or row.text, row.text))
        seconds = seconds_apart(_claims(matches))
        latest = sorted(matches, key=lambda key: (matches[key].at, key), reverse=True)[:limit]
        papers = await Papers(self._db, self._now).by_number([number for number, _ in latest])
        entries = [
            FeedEntry(
                paper=papers[number],
                occasion=Occasion(occasion),
                at=matches[number, occasion].at,
                second=seconds[number, occasion],
                matched=tuple(dict.fromkeys(matches[number, occasion].matched)),
            )
            for number, occasion in latest
            if number in papers and not (muted and muted & mute_keys(papers[number]))
        ]
        since = self._now - WINDOW
        return [entry for place, entry in enumerate(entries) if place < AT_LEAST or entry.at >= since]

    async def of_person(self, person: int, limit: int) -> list[FeedEntry]:
        """What a feed of all of a person's subscriptions shows, whether or not they have one."""
        everything = PrivateFeed(
            number=0,
            generation=0,
            person=person,
            place=None,
            subscription=None,
            name="",
            text="",
            title="",
            locale="",
            created_at=_ALWAYS,
        )
        return await self.entries(everything, limit)

    async def _matches(self, of: PrivateFeed) -> list[SqlRow[Any]]:
        """The newest matches of each subscription of a feed, the newest paper first, with the subscription's texts.

        Arrivals and other occasions are asked for apart, as each has an index that begins at the newest end.
        """
        of_feed = await self._shown_in(of)
        part = and_(col(FeedPartRow.feed) == of.number, col(FeedPartRow.subscription) == col(SubscriptionRow.number))
        since, own = col(FeedPartRow.began_at), col(SubscriptionRow.began_at)
        occasions = func.coalesce(col(FeedPartRow.occasions), col(SubscriptionRow.occasions))
        matches = (
            select(
                *(
                    col(MatchRow.paper),
                    col(MatchRow.occasion),
                    col(MatchRow.seen_at),
                    col(MatchRow.quiet),
                    col(PaperRow.announced),
                ),
                *(getattr(SubscriptionRow, name) for name in ("number", "name", "text")),
                col(SubscriptionRow.occasions).bitwise_and(occasions).label("occasions"),
                case((since > own, since), else_=own).label("began_at"),
            )
            .join_from(SubscriptionRow, MatchRow, col(MatchRow.query) == col(SubscriptionRow.query))
            .join(PaperRow, col(PaperRow.number) == col(MatchRow.paper))
            .join(FeedPartRow, part, isouter=True)
            .where(of_feed, col(SubscriptionRow.deleted_at).is_(None))
        )
        arrivals = col(MatchRow.occasion) == ARRIVAL.code
        both = (
            matches.where(arrivals, col(MatchRow.paper) >= _nth_newest("paper", arrivals=True)),
            matches.where(
                col(MatchRow.occasion) != ARRIVAL.code, col(MatchRow.seen_at) >= _nth_newest("seen_at", arrivals=False)
            ),
        )
        rows = [row for kind_of in both for row in await self._db.execute(kind_of)]
        return sorted(rows, key=lambda row: (-row.paper, row.number))

    async def _shown_in(self, of: PrivateFeed) -> ColumnElement[bool]:
        """Whether a feed shows a subscription: its own one, or all of its owner and those it showed before."""
        if of.subscription is not None:
            return col(SubscriptionRow.number) == of.subscription
        parts = select(col(FeedPartRow.subscription)).where(col(FeedPartRow.feed) == of.number)
        # Apart, so that both are looked up by index.
        others = (await self._db.execute(parts)).scalars().all()
        return or_(owned_by(of.owner, SubscriptionRow), col(SubscriptionRow.number).in_(others))

    async def _muted(self, owner: Owner) -> frozenset[tuple[str, str]]:
        """The (kind, value) pairs that a place muted, or a person in places where no one else reads."""
        of_person = and_(col(DestinationRow.owner) == owner.person, ~IS_SHARED)
        statement = (
            select(col(MuteRow.kind), col(MuteRow.value))
            .join_from(MuteRow, DestinationRow)
            .where(of_person if owner.place is None else col(DestinationRow.number) == owner.place)
        )
        return frozenset((kind, value) for kind, value in await self._db.execute(statement))

    async def _one(self, which: ColumnElement[bool]) -> PrivateFeed | None:
        statement = (
            select(*(getattr(FeedRow, name) for name in _OF_FEED))
            .add_columns(func.coalesce(col(SubscriptionRow.name), "").label("name"))
            .add_columns(func.coalesce(col(SubscriptionRow.text), "").label("text"))
            .add_columns(func.coalesce(col(DestinationRow.title), "").label("title"))
            .add_columns(func.coalesce(READ_AT_PLACE, READ_BY_PERSON, "").label("locale"))
            .join_from(FeedRow, SubscriptionRow, isouter=True)
            .join(DestinationRow, col(DestinationRow.number) == col(FeedRow.place), isouter=True)
            .join(
                PersonRow,
                col(PersonRow.number) == func.coalesce(col(FeedRow.person), col(DestinationRow.owner)),
                isouter=True,
            )
            .where(which)
        )
        row = (await self._db.execute(statement)).first()
        return None if row is None else value_of(PrivateFeed, row)


async def retire_feeds(db: AsyncConnection, now: datetime, which: ColumnElement[bool]) -> None:
    """End feeds; their addresses lead nowhere but to `Retired`."""
    gone = await db.execute(delete(FeedRow).where(which).returning(col(FeedRow.token_hash)))
    rows = [{"token_hash": token_hash, "retired_at": now} for token_hash in gone.scalars()]
    if rows:
        await db.execute(insert(RetiredTokenRow), rows)


def _nth_newest(column: str, *, arrivals: bool) -> ColumnElement[int]:
    """Where the newest 500 matches of a subscription's query begin; in the order of its index."""
    other = aliased(MatchRow)
    occasion = col(other.occasion)
    of_kind = occasion == ARRIVAL.code if arrivals else occasion != ARRIVAL.code
    value: Mapped[int] = getattr(other, column)
    place = select(value).where(col(other.query) == col(SubscriptionRow.query), of_kind).order_by(value.desc())
    nth = place.limit(1).offset(_MOST_A_QUERY - 1).correlate(SubscriptionRow).scalar_subquery()
    return func.coalesce(nth, 0)


def _in_time(rows: Iterable[SqlRow[Any]], of: PrivateFeed) -> Iterable[tuple[SqlRow[Any], datetime]]:
    """The matches that belong in a feed, with the time since when they are in it; newest papers come first."""
    old: set[tuple[int, int]] = set()
    for row in rows:
        if not row.quiet and row.seen_at >= row.began_at:
            yield row, max(row.seen_at, of.created_at)
        elif row.announced >= (row.began_at - WINDOW).date():
            if len(old) < MOST_OLD:
                old.add((row.paper, row.occasion))
            elif (row.paper, row.occasion) not in old:
                continue
            yield row, max(row.began_at, of.created_at)


def _claims(matches: Mapping[tuple[int, int], _Found]) -> list[Claim]:
    """Everything that matches, also what is not shown any more; of what came at once the last leaves the feed last."""
    rows = [(entry.at.replace(microsecond=0), number, occasion) for (number, occasion), entry in matches.items()]
    return sorted(rows, key=lambda row: (row[0], -row[1], -row[2]))
