"""Private feeds: whose, under which hash, and the matches they show."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import and_, func, insert, select, update

from paperwire.core.papers.paper import ARRIVAL, Occasion
from paperwire.core.seconds import seconds_apart
from paperwire.core.subscriptions.mutes import mute_keys
from paperwire.store.engine import insert_new
from paperwire.store.outbox.recipients import WANTED
from paperwire.store.papers.papers import Papers
from paperwire.store.part import Part
from paperwire.store.tables.base import Row
from paperwire.store.tables.subscriptions import FeedRow as FeedTable
from paperwire.store.tables.subscriptions import RetiredTokenRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy import Row as SqlRow

    from paperwire.core.papers.paper import Paper
    from paperwire.core.seconds import Claim

HashOf: TypeAlias = "Callable[[int, int], str]"
"""Makes the hash of a feed's token from its number and generation; only hashes come here."""

WINDOW = timedelta(days=14)
AT_LEAST = 50
"""A feed shows the last 14 days and at least 50 entries."""
MOST_OLD = 50
_MOST_A_QUERY = 500

_T = Row.metadata.tables
feed, subscription, match, paper = _T["feed"], _T["subscription"], _T["match"], _T["paper"]
mute, destination, counter, retired = _T["mute"], _T["destination"], _T["counter"], _T["retired_token"]
batch = _T["batch"]
_SHARED = ("group", "channel", "topic", "thread")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """A private feed: of one subscription (with its `name` and `text`), or of all of a person (`subscription` None)."""

    number: int
    generation: int
    person: int
    subscription: int | None
    name: str
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Retired:
    """The address was reset at that time."""

    retired_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """A paper in a feed, since when, for which occasion, and the subscriptions (name or text) that it met.

    `second` keeps it apart from what entered at the same time (`core.seconds`).
    """

    paper: Paper
    occasion: Occasion
    at: datetime
    second: int
    names: tuple[str, ...]


@dataclass(slots=True)
class _Found:
    """A match on its way to become an entry."""

    at: datetime
    names: list[str]


class Feeds(Part):
    """Private feeds, inside one transaction."""

    async def sequence(self) -> int:
        """A number that grows whenever what readers of feeds and pages see may have changed."""
        content = select(counter.c.value).where(counter.c.name == "content")
        value: int = (await self._db.execute(content)).scalar_one()
        return value

    async def days_changed(self) -> datetime | None:
        """When what is known of the last days' completeness last changed, which feeds and pages show too."""
        recent = batch.c.day >= (self._now - WINDOW).date()
        changed: datetime | None = (await self._db.execute(select(func.max(batch.c.changed_at)).where(recent))).scalar()
        return changed

    async def ensure(self, person: int, subscription: int | None, hash_of: HashOf) -> FeedRow:
        """The feed of a person's subscription, or with None of all of them; made if it is not there yet."""
        of_one = feed.c.subscription.is_(None) if subscription is None else feed.c.subscription == subscription
        known = await self._one(and_(feed.c.person == person, of_one))
        if known is not None:
            return known
        values = {"person": person, "subscription": subscription, "generation": 1, "created_at": self._now}
        # the hash is made from the number, which the database gives
        new = insert_new(self._db, FeedTable).values(values | {"token_hash": f"new:{person}:{subscription or 0}"})
        number = (await self._db.execute(new.on_conflict_do_nothing().returning(feed.c.number))).scalar()
        if number is not None:
            hashed = {"token_hash": hash_of(number, 1)}
            await self._db.execute(update(feed).where(feed.c.number == number).values(hashed))
            await self._changed()
        made = await self._one(and_(feed.c.person == person, of_one))
        assert made is not None  # noqa: S101 -- it is there, whoever made it
        return made

    async def by_hash(self, token_hash: str) -> FeedRow | Retired | None:
        """The feed whose token has this hash, or when it was reset; None for a hash that never was one."""
        known = await self._one(feed.c.token_hash == token_hash)
        if known is not None:
            return known
        gone = select(retired.c.retired_at).where(retired.c.token_hash == token_hash)
        at = (await self._db.execute(gone)).scalar()
        return None if at is None else Retired(at)

    async def reset(self, number: int, hash_of: HashOf) -> FeedRow:
        """Give a feed its next address; the one before leads nowhere but to `Retired`. Raises LookupError."""
        this = feed.c.number == number
        old = (await self._db.execute(select(feed.c.token_hash).where(this).with_for_update())).scalar()
        known = await self._one(this)
        if old is None or known is None:
            raise LookupError(f"there is no feed {number}")
        await self._db.execute(insert(RetiredTokenRow).values(token_hash=old, retired_at=self._now))
        generation = known.generation + 1
        hashed = {"generation": generation, "token_hash": hash_of(number, generation)}
        await self._db.execute(update(feed).where(this).values(hashed))
        await self._changed()
        return replace(known, generation=generation)

    async def entries(self, of: FeedRow, limit: int = 500) -> list[FeedEntry]:
        """What a feed shows, the latest first: 14 days and at least 50 entries, at most `limit`.

        The matches of its subscriptions since they began; of those from before, papers of the 14 days up to then, at
        most 50, as of the beginning. Nothing is older than the feed. What the person muted in a place of their own is
        left out; pauses and cadences do not count.
        """
        muted = await self._muted(of.person)
        found: dict[tuple[int, int], _Found] = {}
        for row, at in _in_time(await self._matches(of), of):
            if not _asked_for(row) or ("subscription", str(row.number)) in muted:
                continue
            entry = found.setdefault((row.paper, row.occasion), _Found(at, []))
            entry.at = min(entry.at, at)
            entry.names.append(row.name or row.text)
        seconds = seconds_apart(_claims(found))
        latest = sorted(found, key=lambda key: (found[key].at, key), reverse=True)[:limit]
        papers = await Papers(self._db, self._now).by_number([number for number, _ in latest])
        entries = [
            FeedEntry(
                paper=papers[number],
                occasion=Occasion(occasion),
                at=found[number, occasion].at,
                second=seconds[number, occasion],
                names=tuple(dict.fromkeys(found[number, occasion].names)),
            )
            for number, occasion in latest
            if number in papers and not (muted and muted & mute_keys(papers[number]))
        ]
        since = self._now - WINDOW
        return [entry for place, entry in enumerate(entries) if place < AT_LEAST or entry.at >= since]

    async def _matches(self, of: FeedRow) -> list[SqlRow[Any]]:
        """The newest matches of each subscription of a feed, the newest paper first, with the subscription's texts.

        Arrivals and other occasions are asked for apart, as each has an index that begins at the newest end.
        """
        of_feed = subscription.c.person == of.person
        if of.subscription is not None:
            of_feed = subscription.c.number == of.subscription
        found = (
            select(
                *(match.c.paper, match.c.occasion, match.c.seen_at, match.c.quiet, paper.c.announced),
                *(subscription.c[name] for name in ("number", "name", "text", "occasions", "began_at")),
            )
            .join_from(subscription, match, match.c.query == subscription.c.query)
            .join(paper, paper.c.number == match.c.paper)
            .where(of_feed, subscription.c.deleted_at.is_(None))
        )
        arrivals = match.c.occasion == ARRIVAL.code
        both = (
            found.where(arrivals, match.c.paper >= _nth_newest("paper", arrivals=True)),
            found.where(match.c.occasion != ARRIVAL.code, match.c.seen_at >= _nth_newest("seen_at", arrivals=False)),
        )
        rows = [row for one in both for row in await self._db.execute(one)]
        return sorted(rows, key=lambda row: (-row.paper, row.number))

    async def _muted(self, person: int) -> frozenset[tuple[str, str]]:
        """The (kind, value) pairs that a person muted in places where nobody else reads."""
        theirs = (
            select(mute.c.kind, mute.c.value)
            .join_from(mute, destination, destination.c.number == mute.c.destination)
            .where(destination.c.owner == person, destination.c.kind.not_in(_SHARED))
        )
        return frozenset((kind, value) for kind, value in await self._db.execute(theirs))

    async def _one(self, which: ColumnElement[bool]) -> FeedRow | None:
        found = (
            select(*(feed.c[name] for name in ("number", "generation", "person", "subscription", "created_at")))
            .add_columns(func.coalesce(subscription.c.name, "").label("name"))
            .add_columns(func.coalesce(subscription.c.text, "").label("text"))
            .join_from(feed, subscription, subscription.c.number == feed.c.subscription, isouter=True)
            .where(which)
        )
        row = (await self._db.execute(found)).first()
        return None if row is None else FeedRow(**dict(row._mapping))  # noqa: SLF001 -- SQLAlchemy's public name


def _nth_newest(column: str, *, arrivals: bool) -> ColumnElement[int]:
    """Where the newest 500 matches of a subscription's query begin; in the order of its index."""
    other = match.alias()
    of_kind = other.c.occasion == ARRIVAL.code if arrivals else other.c.occasion != ARRIVAL.code
    value = other.c[column]
    place = select(value).where(other.c.query == subscription.c.query, of_kind).order_by(value.desc())
    nth = place.limit(1).offset(_MOST_A_QUERY - 1).correlate(subscription).scalar_subquery()
    return func.coalesce(nth, 0)


def _in_time(rows: Iterable[SqlRow[Any]], of: FeedRow) -> Iterable[tuple[SqlRow[Any], datetime]]:
    """The matches that belong in a feed, with the time since when they are in it; newest papers come first."""
    old: Counter[int] = Counter()
    for row in rows:
        if not row.quiet and row.seen_at >= row.began_at:
            yield row, max(row.seen_at, of.created_at)
        elif row.announced >= (row.began_at - WINDOW).date() and old[row.number] < MOST_OLD:
            old[row.number] += 1
            yield row, max(row.began_at, of.created_at)


def _claims(found: Mapping[tuple[int, int], _Found]) -> list[Claim]:
    """Everything that matches, also what is not shown any more; of what came at once the last leaves the feed last."""
    rows = [(entry.at.replace(microsecond=0), number, occasion) for (number, occasion), entry in found.items()]
    return sorted(rows, key=lambda row: (row[0], -row[1], -row[2]))


def _asked_for(row: SqlRow[Any]) -> bool:
    """Whether the subscription asks for this occasion; a trending query asks for its own by being one."""
    kind = Occasion(row.occasion).kind
    return kind == "upvotes" or bool(row.occasions & WANTED.get(kind, 0))
