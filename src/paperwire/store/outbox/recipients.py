"""Whom a batch of news reaches: the queries of a fan-out, asked from the matches on or place by place.

A few deliveries are found from their matches. Many are found place by place, in stretches of places: then what is
written lies close together, which is what a big fan-out costs, and no stretch keeps other writers waiting for long.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    SQLColumnExpression,
    Subquery,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
    type_coerce,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased
from sqlmodel import col

from paperwire.core.matching.news import Matched, Stretch, Wave
from paperwire.core.papers.paper import FOLLOWED, FOR_KEEPERS, NOTICES, WITHDRAWN, Occasion, Paper
from paperwire.core.subscriptions.subscription import mute_keys
from paperwire.store.database.part import Part, rows_among
from paperwire.store.database.statements import listed
from paperwire.store.database.tables.base import LIVE, WANTED, PlainText, State, UTCDateTime
from paperwire.store.database.tables.deliveries import DeliveryRow, MatchRow
from paperwire.store.database.tables.people import DestinationRow, MuteRow, WatchRow
from paperwire.store.database.tables.subscriptions import RouteRow
from paperwire.store.outbox.keepers import hears_of, kept_papers

OLD_NEWS_AGE = timedelta(hours=24)
"""What arrives so long after its announcement is old to a subscription that began meanwhile."""
OLD_LATE_NEWS_AGE = timedelta(hours=1)
"""The same for what is found late: by then others have had the rest of that announcement."""
RETENTION = timedelta(days=90)
"""An arrival settled longer ago is forgotten, as a paper that old never arrives again; so are digests and cards."""
RECALLS = frozenset({WITHDRAWN, *NOTICES})
"""What those must hear who got a paper."""
COMMIT_GRACE = timedelta(seconds=5)
"""A subscription this much younger than a paper still gets it: the page may have been committing meanwhile."""

FEW_DELIVERIES = 30_000
"""Maximum deliveries found from their matches on, in one transaction."""

_PAPER_BITS = 32
_MICROSECOND = timedelta(microseconds=1)


def within(stretch: Stretch, number: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Whether a place is one of a stretch."""
    if stretch.last is None:
        return number > stretch.after
    return and_(number > stretch.after, number <= stretch.last)


ALL_PLACES = Stretch()


async def next_places(db: AsyncConnection, after: int, limit: int) -> Stretch:
    """The next places after number `after`; if there is none, all that may still come there."""
    numbers = select(col(DestinationRow.number)).where(col(DestinationRow.number) > after)
    step = numbers.order_by(col(DestinationRow.number)).limit(limit).subquery()
    return Stretch(after, await db.scalar(select(func.max(step.c.number))))


class Reach(Part):
    """Questions for (destination, paper, occasion, due_at) in the order of the key of `delivery`."""

    async def wave(self, news: Sequence[Matched]) -> Wave:
        """News made ready to be asked about."""
        return Wave(news, await self._muted([item.paper for item in news]), await self._are_few(news))

    async def next_stretch(self, after: int, routes: int) -> Stretch:
        """The places after number `after`, up to `routes` routes."""
        numbers = select(col(RouteRow.destination)).where(col(RouteRow.destination) > after)
        return Stretch(
            after,
            await self._db.scalar(numbers.order_by(col(RouteRow.destination)).offset(routes - 1).limit(1)),
        )

    def sources(self, wave: Wave, stretch: Stretch) -> list[Select[*tuple[Any, ...]]]:
        """The questions, one or two per occasion."""
        questions: list[Select[*tuple[Any, ...]]] = []
        for group in _grouped(wave.news):
            occasion = group[0].occasion
            questions.append(self._by_subscription(group, wave, stretch))
            if occasion.kind in FOLLOWED:
                questions.append(self._by_watch(group, stretch))
            if occasion in FOR_KEEPERS and (news := [item for item in group if not item.queries]):
                questions.append(self._by_keeping(news, wave, stretch))
            if occasion in RECALLS:
                questions.append(self._by_receipt(group, wave, stretch))
        return questions

    def _by_subscription(self, group: Sequence[Matched], wave: Wave, stretch: Stretch) -> Select[*tuple[Any, ...]]:
        first, numbers = group[0], sorted({item.paper.number for item in group})
        ways = RouteRow if wave.few else aliased(RouteRow, _routes_of(stretch))
        instant = literal(first.told_at or self._now, UTCDateTime)
        key = (col(ways.destination), col(MatchRow.paper), col(MatchRow.occasion))
        question = select(*key, func.min(func.coalesce(col(ways.next_slot_at), instant)).label("due_at"))
        seen_at, began_at = (type_coerce(time, BigInteger) for time in (col(MatchRow.seen_at), col(ways.began_at)))
        matched = and_(
            col(MatchRow.query) == col(ways.query),
            col(MatchRow.occasion) == first.occasion.code,
            col(MatchRow.seen_at).in_(sorted({item.seen_at for item in group})),
            col(MatchRow.quiet).is_(False),
            began_at <= seen_at + COMMIT_GRACE // _MICROSECOND,
        )
        if wave.few:
            query, paper = split_pair(listed(self._db, pairs_of(group)))
            question = question.where(matched, col(MatchRow.query) == query, col(MatchRow.paper) == paper)
        else:
            # Each route looks for its query's latest matches. An outer join keeps this order whatever a database
            # thinks of the numbers of papers that are newer than its statistics; a sum is in no index.
            near = col(MatchRow.paper).between(numbers[0], numbers[-1])
            is_matched = and_(matched, near, (col(MatchRow.paper) + 0).in_(numbers))
            question = question.join_from(ways, MatchRow, is_matched, isouter=True).having(
                func.count(col(MatchRow.paper)) > 0
            )
        if first.told_at is not None:
            old = OLD_LATE_NEWS_AGE if first.late else OLD_NEWS_AGE
            question = question.where(col(ways.began_at) <= first.told_at + old + COMMIT_GRACE)
        if first.reached_at is not None:
            question = question.where(col(ways.began_at) <= first.reached_at + COMMIT_GRACE)
        unmuted = _unmuted(wave, stretch, col(MatchRow.paper), col(ways.destination), col(ways.subscription))
        return question.where(_wants(col(ways.wants), first.occasion), unmuted).group_by(*key).order_by(*key)

    def _by_watch(self, group: Sequence[Matched], stretch: Stretch) -> Select[*tuple[Any, ...]]:
        """Those who follow the papers."""
        seen: defaultdict[datetime, list[int]] = defaultdict(list)
        for item in group:
            seen[item.seen_at].append(item.paper.number)
        followed = [
            and_(col(WatchRow.paper).in_(numbers), col(WatchRow.since) <= seen_at + COMMIT_GRACE)
            for seen_at, numbers in seen.items()
        ]
        hears = hears_of(group[0].occasion, col(WatchRow.destination))
        return (
            select(
                col(WatchRow.destination),
                col(WatchRow.paper),
                literal(group[0].occasion.code).label("occasion"),
                literal(self._now, UTCDateTime).label("due_at"),
            )
            .where(or_(*followed), within(stretch, col(WatchRow.destination)), hears)
            .order_by(col(WatchRow.destination), col(WatchRow.paper))
        )

    def _by_keeping(self, news: Sequence[Matched], wave: Wave, stretch: Stretch) -> Select[*tuple[Any, ...]]:
        """Those who saved the papers or voted for them."""
        keepers = kept_papers(news, COMMIT_GRACE).subquery("kept_by")
        place, paper = keepers.c.destination, keepers.c.paper
        hears = hears_of(news[0].occasion, place)
        return (
            select(
                place,
                paper,
                literal(news[0].occasion.code).label("occasion"),
                literal(self._now, UTCDateTime).label("due_at"),
            )
            .where(within(stretch, place), _unmuted(wave, stretch, paper, place), hears)
            .order_by(place, paper)
        )

    def _by_receipt(self, group: Sequence[Matched], wave: Wave, stretch: Stretch) -> Select[*tuple[Any, ...]]:
        """Everyone who got these papers: a withdrawal is for them too, a retraction for 90 days.

        By way of `destination`: the key of `delivery` begins with the place, and no index leads from a paper there.
        """
        is_recent: ColumnElement[bool] = literal(value=True)
        if group[0].occasion in NOTICES:
            is_recent = col(DeliveryRow.settled_at) > literal(self._now - RETENTION, UTCDateTime)
        return (
            select(
                col(DestinationRow.number).label("destination"),
                col(DeliveryRow.paper),
                literal(group[0].occasion.code).label("occasion"),
                literal(self._now, UTCDateTime).label("due_at"),
            )
            .join_from(DestinationRow, DeliveryRow, col(DeliveryRow.destination) == col(DestinationRow.number))
            .where(
                within(stretch, col(DestinationRow.number)),
                col(DeliveryRow.paper).in_([item.paper.number for item in group]),
                col(DeliveryRow.state) == State.SENT,
                col(DeliveryRow.occasion).not_in([occasion.code for occasion in RECALLS]),
                is_recent,
                _unmuted(wave, stretch, col(DeliveryRow.paper), col(DestinationRow.number)),
            )
            .distinct()
            .order_by(col(DestinationRow.number), col(DeliveryRow.paper))
        )

    async def _muted(self, papers: Sequence[Paper]) -> list[tuple[int, str, str]]:
        keys = {paper.number: sorted(mute_keys(paper)) for paper in papers}
        values = (value for pairs in keys.values() for _, value in pairs)
        muted_pairs = select(col(MuteRow.kind), col(MuteRow.value)).distinct()
        muted = {(kind, value) for kind, value in await rows_among(self._db, muted_pairs, col(MuteRow.value), values)}
        return [(number, *pair) for number, pairs in keys.items() for pair in pairs if pair in muted]

    async def _are_few(self, news: Sequence[Matched]) -> bool:
        if any(item.occasion in RECALLS for item in news):
            return False  # `_by_receipt` goes over all places
        if sum(len(item.queries) for item in news) > FEW_DELIVERIES:
            return False
        query, _ = split_pair(listed(self._db, pairs_of(news)))
        reached = select(col(RouteRow.query)).where(col(RouteRow.query) == query).limit(FEW_DELIVERIES + 1).subquery()
        return (await self._db.execute(select(func.count()).select_from(reached))).scalar_one() <= FEW_DELIVERIES


def pairs_of(news: Iterable[Matched]) -> list[int]:
    """Each query and paper that match as one number, in the order of the key of `match`, once.

    What was said twice of a paper in one page is two news of one instant.
    """
    return sorted({number << _PAPER_BITS | item.paper.number for item in news for number in item.queries})


def split_pair(pair: ColumnElement[int]) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """The query and the paper of such a number."""
    return pair.bitwise_rshift(_PAPER_BITS), sql_cast(pair.bitwise_and((1 << _PAPER_BITS) - 1), Integer)


def _routes_of(stretch: Stretch) -> Subquery:
    """The routes to a stretch of places, those of neighbouring queries together: so their matches are, too."""
    return select(RouteRow).where(within(stretch, col(RouteRow.destination))).order_by(col(RouteRow.query)).subquery()


def _wants(bits: SQLColumnExpression[int], occasion: Occasion) -> ColumnElement[bool]:
    """Whether a route's subscription asks for this."""
    bit = LIVE if occasion.kind == "upvotes" else int(WANTED.get(occasion.kind, 0))
    return bits.bitwise_and(bit) != 0


def _unmuted(
    wave: Wave,
    stretch: Stretch,
    paper: SQLColumnExpression[int],
    place: SQLColumnExpression[int],
    subscription: SQLColumnExpression[int] | None = None,
) -> ColumnElement[bool]:
    """Whether a place has not muted an author or a category of a paper, or the subscription that leads there."""
    muted: list[ColumnElement[bool]] = []
    if subscription is not None:
        muted.append(and_(col(MuteRow.kind) == "subscription", col(MuteRow.value) == sql_cast(subscription, PlainText)))
    if wave.muted:
        muted.append(tuple_(paper, col(MuteRow.kind), col(MuteRow.value)).in_(wave.muted))
    if not muted:
        return literal(value=True)
    # Few places have muted anything: which they are is found once, and only for them is it asked what.
    any_muted = select(col(MuteRow.destination)).where(within(stretch, col(MuteRow.destination)))
    return or_(place.not_in(any_muted), ~exists().where(col(MuteRow.destination) == place, or_(*muted)))


def _grouped(news: Sequence[Matched]) -> list[list[Matched]]:
    """The news by what is asked alike.

    Then a paper may meet the instant of another's news: what it was owed then it is owed again, which adds nothing.
    """
    groups: defaultdict[tuple[Occasion, datetime | None, bool, datetime | None], list[Matched]] = defaultdict(list)
    for item in news:
        groups[item.occasion, item.told_at, item.late, item.reached_at].append(item)
    return list(groups.values())
