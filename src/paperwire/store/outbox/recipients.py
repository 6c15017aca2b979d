"""Whom a batch of news reaches: the questions behind a fan-out, asked from the matches on or place by place.

A few deliveries are found from their matches. Many are found place by place, in stretches of places: then what is
written lies close together, which is what a big fan-out costs, and no stretch is long for anybody who waits.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer, and_, exists, func, literal, or_, select, tuple_, type_coerce
from sqlalchemy import cast as sql_cast

from paperwire.core.papers.paper import ARRIVAL, WITHDRAWN, Occasion, Paper
from paperwire.core.subscriptions.mutes import mute_keys
from paperwire.store.engine import PlainText, listed
from paperwire.store.part import Part, chunks
from paperwire.store.tables.base import LIVE, Row, State, Want

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select, Subquery

OLD = timedelta(hours=24)
"""What everybody hears of so long after its announcement is old to a subscription that began meanwhile."""
LATE = timedelta(hours=1)
"""The same for what is found late: by then others have had the rest of that announcement."""
GRACE = timedelta(seconds=5)
"""A subscription this much younger than a paper still gets it: the page may have been committing meanwhile."""
WANTED = {"arrival": Want.ARRIVAL, "version": Want.VERSIONS, "withdrawn": Want.WITHDRAWN}
"""Which bit of a subscription's occasions asks for an occasion; a trending query asks for its own by being one."""

FEW = 30_000
"""So many deliveries at most are found from their matches on, in one transaction."""

_PAPER_BITS = 32
_MICROSECOND = timedelta(microseconds=1)

_T = Row.metadata.tables
match, route, mute, watch = _T["match"], _T["subscription_destination"], _T["mute"], _T["watch"]
destination, delivery = _T["destination"], _T["delivery"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """A stored paper's news and the numbers of the queries that match it.

    `seen_at` is the event's; `quiet` news (first run, import) is kept for feeds and previews and owed to nobody.
    `told_at` is when it was announced, for what was heard of long after: it is overdue since then. `late` news should
    have been seen then, and are for subscriptions that had begun by then. What comes `after_quiet` news of the same
    paper is told to everybody all the same.
    """

    paper: Paper
    occasion: Occasion
    seen_at: datetime
    queries: Sequence[int] = ()
    quiet: bool = False
    told_at: datetime | None = None
    late: bool = False
    after_quiet: bool = False


@dataclass(frozen=True, slots=True)
class Wave:
    """News on their way to the places; `muted` are those of their (paper, kind, value) that any place has muted.

    With `few` deliveries to make it is asked from the matches on, otherwise place by place.
    """

    news: Sequence[Matched]
    muted: Sequence[tuple[int, str, str]]
    few: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """The places with numbers above `after` and up to `last` (None: all the others)."""

    after: int = 0
    last: int | None = None

    def holds(self, number: ColumnElement[int]) -> ColumnElement[bool]:
        """Whether a place is one of them."""
        return number > self.after if self.last is None else and_(number > self.after, number <= self.last)


EVERYWHERE = Stretch()


class Reach(Part):
    """Questions for (destination, paper, occasion, due_at) in the order of the key of `delivery`."""

    async def wave(self, news: Sequence[Matched]) -> Wave:
        """News made ready to be asked about."""
        return Wave(news, await self._muted([item.paper for item in news]), await self._are_few(news))

    async def next_stretch(self, after: int, routes: int) -> Stretch:
        """The places behind number `after`, as far as so many routes lead to them."""
        numbers = select(route.c.destination).where(route.c.destination > after)
        return Stretch(after, await self._db.scalar(numbers.order_by(route.c.destination).offset(routes - 1).limit(1)))

    def sources(self, wave: Wave, stretch: Stretch) -> list[Select[Any]]:
        """The questions, one or two per occasion."""
        found: list[Select[Any]] = []
        for some in _grouped(wave.news):
            occasion = some[0].occasion
            found.append(self._by_subscription(some, wave, stretch))
            if occasion != ARRIVAL:
                found.append(self._by_watch(some, stretch))
            if occasion == WITHDRAWN:
                found.append(self._by_receipt(some, wave, stretch))
        return found

    def _by_subscription(self, some: Sequence[Matched], wave: Wave, stretch: Stretch) -> Select[Any]:
        """Those who ask for this."""
        first, numbers = some[0], sorted({item.paper.number for item in some})
        ways = route if wave.few else _routes_of(stretch)
        instant = literal(first.told_at or self._now, ways.c.next_slot_at.type)
        key = (ways.c.destination, match.c.paper, match.c.occasion)
        found = select(*key, func.min(func.coalesce(ways.c.next_slot_at, instant)).label("due_at"))
        seen_at, began_at = (type_coerce(time, BigInteger) for time in (match.c.seen_at, ways.c.began_at))
        told = and_(
            match.c.query == ways.c.query,
            match.c.occasion == first.occasion.code,
            match.c.seen_at.in_(sorted({item.seen_at for item in some})),
            match.c.quiet.is_(False),
            began_at <= seen_at + GRACE // _MICROSECOND,
        )
        if wave.few:
            query, paper = parted(listed(self._db, pairs_of(some)))
            found = found.where(told, match.c.query == query, match.c.paper == paper)
        else:
            # Each route looks for its query's latest matches. An outer join keeps this order whatever a database
            # thinks of the numbers of papers that are newer than its statistics; a sum is in no index.
            near = match.c.paper.between(numbers[0], numbers[-1])
            beside = and_(told, near, (match.c.paper + 0).in_(numbers))
            found = found.select_from(ways.outerjoin(match, beside)).having(func.count(match.c.paper) > 0)
        if first.told_at is not None:
            old = LATE if first.late else OLD
            found = found.where(ways.c.began_at <= first.told_at + old + GRACE)
        unmuted = _unmuted(wave, stretch, match.c.paper, ways.c.destination, ways.c.subscription)
        return found.where(_wants(ways.c.wants, first.occasion), unmuted).group_by(*key).order_by(*key)

    def _by_watch(self, some: Sequence[Matched], stretch: Stretch) -> Select[Any]:
        """Those who follow the papers."""
        seen: defaultdict[datetime, list[int]] = defaultdict(list)
        for item in some:
            seen[item.seen_at].append(item.paper.number)
        followed = [
            and_(watch.c.paper.in_(numbers), watch.c.since <= seen_at + GRACE) for seen_at, numbers in seen.items()
        ]
        return (
            select(
                watch.c.destination,
                watch.c.paper,
                literal(some[0].occasion.code).label("occasion"),
                literal(self._now, watch.c.since.type).label("due_at"),
            )
            .where(or_(*followed), stretch.holds(watch.c.destination))
            .order_by(watch.c.destination, watch.c.paper)
        )

    def _by_receipt(self, some: Sequence[Matched], wave: Wave, stretch: Stretch) -> Select[Any]:
        """Everybody who got these papers: a withdrawal is for them too.

        By way of `destination`: the key of `delivery` begins with the place, and no index leads from a paper there.
        """
        return (
            select(
                destination.c.number.label("destination"),
                delivery.c.paper,
                literal(WITHDRAWN.code).label("occasion"),
                literal(self._now, delivery.c.due_at.type).label("due_at"),
            )
            .join_from(destination, delivery, delivery.c.destination == destination.c.number)
            .where(
                stretch.holds(destination.c.number),
                delivery.c.paper.in_([item.paper.number for item in some]),
                delivery.c.state == State.SENT,
                delivery.c.occasion != WITHDRAWN.code,
                _unmuted(wave, stretch, delivery.c.paper, destination.c.number),
            )
            .distinct()
            .order_by(destination.c.number, delivery.c.paper)
        )

    async def _muted(self, papers: Sequence[Paper]) -> list[tuple[int, str, str]]:
        keys = {paper.number: sorted(mute_keys(paper)) for paper in papers}
        muted: set[tuple[str, str]] = set()
        for some in chunks(value for pairs in keys.values() for _, value in pairs):
            pairs = select(mute.c.kind, mute.c.value).where(mute.c.value.in_(some)).distinct()
            muted |= {(kind, value) for kind, value in await self._db.execute(pairs)}
        return [(number, *pair) for number, pairs in keys.items() for pair in pairs if pair in muted]

    async def _are_few(self, news: Sequence[Matched]) -> bool:
        if any(item.occasion == WITHDRAWN for item in news):
            return False  # `_by_receipt` goes over all places
        if sum(len(item.queries) for item in news) > FEW:
            return False
        query, _ = parted(listed(self._db, pairs_of(news)))
        reached = select(route.c.query).where(route.c.query == query).limit(FEW + 1).subquery()
        return (await self._db.execute(select(func.count()).select_from(reached))).scalar_one() <= FEW


def pairs_of(news: Iterable[Matched]) -> list[int]:
    """Each query and paper that match as one number, in the order of the key of `match`."""
    return sorted(number << _PAPER_BITS | item.paper.number for item in news for number in item.queries)


def parted(pair: ColumnElement[int]) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """The query and the paper of such a number."""
    return pair.bitwise_rshift(_PAPER_BITS), sql_cast(pair.bitwise_and((1 << _PAPER_BITS) - 1), Integer)


def _routes_of(stretch: Stretch) -> Subquery:
    """The routes to a stretch of places, those of neighbouring queries together: so their matches are, too."""
    return select(route).where(stretch.holds(route.c.destination)).order_by(route.c.query).subquery()


def _wants(bits: ColumnElement[int], occasion: Occasion) -> ColumnElement[bool]:
    """Whether a route's subscription asks for this (`published` and `code` go to those who watch the paper)."""
    bit = LIVE if occasion.kind == "upvotes" else int(WANTED.get(occasion.kind, 0))
    return bits.bitwise_and(bit) != 0


def _unmuted(
    wave: Wave,
    stretch: Stretch,
    paper: ColumnElement[int],
    place: ColumnElement[int],
    subscription: ColumnElement[int] | None = None,
) -> ColumnElement[bool]:
    """Whether a place has not muted an author or a class of a paper, or the subscription that leads there."""
    muted: list[ColumnElement[bool]] = []
    if subscription is not None:
        muted.append(and_(mute.c.kind == "subscription", mute.c.value == sql_cast(subscription, PlainText)))
    if wave.muted:
        muted.append(tuple_(paper, mute.c.kind, mute.c.value).in_(wave.muted))
    if not muted:
        return literal(value=True)
    # Few places have muted anything: which they are is found once, and only for them is it asked what.
    any_muted = select(mute.c.destination).where(stretch.holds(mute.c.destination))
    return or_(place.not_in(any_muted), ~exists().where(mute.c.destination == place, or_(*muted)))


def _grouped(news: Sequence[Matched]) -> list[list[Matched]]:
    """The news by what is asked alike.

    Then a paper may meet the instant of another's news: what it was owed then it is owed again, which adds nothing.
    """
    groups: defaultdict[tuple[Occasion, datetime | None, bool], list[Matched]] = defaultdict(list)
    for item in news:
        groups[item.occasion, item.told_at, item.late].append(item)
    return list(groups.values())
