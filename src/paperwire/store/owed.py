"""What places are owed: their deliveries that are due, and their number, to judge a flood by."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import Integer, and_, bindparam, cast, exists, func, select, tuple_

from paperwire.core.mutes import mute_keys
from paperwire.core.paper import ARRIVAL, WITHDRAWN, Occasion
from paperwire.store.engine import PlainText
from paperwire.store.part import Part
from paperwire.store.reach import WANTED
from paperwire.store.recording import ARRIVALS
from paperwire.store.revisions import revisions_sent
from paperwire.store.rows import paper_of, subscription_of
from paperwire.store.tables.base import EventCode, Row, State

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import BindParameter, Select
    from sqlalchemy import Row as Found

    from paperwire.core.paper import Paper
    from paperwire.core.revision import Revision
    from paperwire.core.subscription import Subscription

Key: TypeAlias = tuple[int, Occasion]
"""Which delivery of a place: the paper's number and the occasion."""

_T = Row.metadata.tables
delivery, event, match, failure = _T["delivery"], _T["event"], _T["match"], _T["failure"]
mute, paper, watch = _T["mute"], _T["paper"], _T["watch"]
subscription, route, query = _T["subscription"], _T["subscription_destination"], _T["query"]

# What every message asks is made once, as a day has millions of them. Parameters: `places`, `now`, `papers`.
_PAPERS: BindParameter[int] = bindparam("papers", expanding=True)
_PLACES: BindParameter[int] = bindparam("places", expanding=True)
_KEY_COLUMNS = (delivery.c.destination, delivery.c.paper, delivery.c.occasion)
_IS_DUE = and_(delivery.c.state == State.OWED, delivery.c.due_at <= bindparam("now", type_=delivery.c.due_at.type))
_ORDER = (delivery.c.due_at, delivery.c.paper, delivery.c.occasion)
_WITH_FAILURE = and_(
    failure.c.destination == delivery.c.destination,
    failure.c.paper == delivery.c.paper,
    failure.c.occasion == delivery.c.occasion,
)
_LEAN = (
    select(
        *_KEY_COLUMNS,
        delivery.c.due_at,
        delivery.c.attempts,
        delivery.c.settled_at,
        failure.c.first_at,
        failure.c.last_at,
        failure.c.unknowns,
    )
    .join_from(delivery, failure, _WITH_FAILURE, isouter=True)
    .order_by(delivery.c.destination, *_ORDER)
)
_RANKED = (
    select(*_KEY_COLUMNS, func.row_number().over(partition_by=delivery.c.destination, order_by=_ORDER).label("rank"))
    .where(delivery.c.destination.in_(_PLACES), _IS_DUE)
    .subquery()
)
_FIRST = _LEAN.join(
    _RANKED,
    and_(
        _RANKED.c.destination == delivery.c.destination,
        _RANKED.c.paper == delivery.c.paper,
        _RANKED.c.occasion == delivery.c.occasion,
        _RANKED.c.rank <= bindparam("limit", type_=Integer),
    ),
)
_NAMED = _LEAN.where(tuple_(*_KEY_COLUMNS).in_(bindparam("keys", expanding=True)), _IS_DUE)
_STORED = select(paper).where(paper.c.number.in_(_PAPERS))
_COUNTED = (
    select(delivery.c.destination, func.count())
    .where(delivery.c.destination.in_(_PLACES), _IS_DUE)
    .group_by(delivery.c.destination)
)
_SAID = (
    select(event.c.paper, event.c.kind, event.c.late, event.c.day, event.c.seen_at)
    .where(event.c.paper.in_(_PAPERS), event.c.kind.in_(ARRIVALS))
    .order_by(event.c.kind, event.c.late, event.c.number)
)
_MUTED = select(mute.c.destination, mute.c.kind, mute.c.value).where(
    mute.c.destination.in_(_PLACES), mute.c.kind != "subscription"
)
_WATCHED = select(watch.c.destination, watch.c.paper).where(
    watch.c.paper.in_(_PAPERS), watch.c.destination.in_(_PLACES)
)
_RECEIVED = select(delivery.c.destination, delivery.c.paper).where(
    delivery.c.destination.in_(_PLACES),
    delivery.c.state == State.SENT,
    delivery.c.paper.in_(_PAPERS),
    delivery.c.occasion != WITHDRAWN.code,
)
_IS_LIVE = and_(subscription.c.paused.is_(False), subscription.c.deleted_at.is_(None))
# A place can mute a subscription that leads there.
_IN_TURN = ~exists().where(
    mute.c.destination == route.c.destination,
    mute.c.kind == "subscription",
    mute.c.value == cast(subscription.c.number, PlainText),
)
_WANTED = (
    select(
        subscription,
        query.c.key,
        route.c.destination,
        route.c.next_slot_at,
        match.c.paper,
        match.c.occasion,
        match.c.seen_at,
    )
    .join_from(route, subscription, subscription.c.number == route.c.subscription)
    .join(query, query.c.number == subscription.c.query)
    .join(match, match.c.query == subscription.c.query)
    .where(route.c.destination.in_(_PLACES), match.c.paper.in_(_PAPERS), _IS_LIVE, _IN_TURN)
    .order_by(subscription.c.number)
)
_ROUTES = (
    select(route.c.subscription, route.c.destination)
    .where(route.c.subscription.in_(bindparam("subscriptions", expanding=True)))
    .order_by(route.c.subscription, route.c.destination)
)
_DIGESTED = (
    select(match.c.paper)
    .join_from(route, subscription, subscription.c.number == route.c.subscription)
    .join(match, match.c.query == subscription.c.query)
    .where(
        route.c.destination == bindparam("place"),
        route.c.next_slot_at.is_not(None),
        _IS_LIVE,
        match.c.paper == delivery.c.paper,
        match.c.occasion == delivery.c.occasion,
    )
    .correlate(delivery)
)
_ALREADY_SENT = (
    select(func.count())
    .select_from(delivery)
    .where(
        delivery.c.destination == bindparam("place"),
        delivery.c.state == State.SENT,
        delivery.c.settled_at >= bindparam("since", type_=delivery.c.due_at.type),
        delivery.c.due_at < bindparam("before", type_=delivery.c.due_at.type),
        _DIGESTED.exists(),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One delivery whose time has come.

    `label` is the word of the strongest statement that made an arrival (`new`, `cross`, `listed`, or `late`),
    otherwise the occasion's own; `before` is, for a replacement, the version that was sent there last. `begun_at` is
    when a message that carries it was begun, which may or may not have gone out; those of one instant belong together.
    It failed by its own fault `attempts` times since `first_failed_at`, was sent `unknowns` times without an answer,
    and failed for either reason last at `failed_at`. `subscriptions` are those that want it there now, `watched` says
    that somebody there follows the paper, or got it and must hear that it is withdrawn; if neither is left (deleted,
    paused, edited or muted since), nobody wants it any more. `slot`: only digests asked for it, nobody wants it
    instantly.
    """

    paper: Paper
    occasion: Occasion
    due_at: datetime
    attempts: int
    begun_at: datetime | None
    label: str
    subscriptions: tuple[Subscription, ...]
    watched: bool
    slot: bool
    before: Revision | None = None
    unknowns: int = 0
    first_failed_at: datetime | None = None
    failed_at: datetime | None = None

    @property
    def key(self) -> Key:
        """What `settle` calls it."""
        return self.paper.number, self.occasion

    @property
    def wanted(self) -> bool:
        """Whether anybody there still wants it."""
        return self.watched or bool(self.subscriptions)


class Owed(Part):
    """Questions about the deliveries of some places, inside one transaction."""

    async def due(self, places: Iterable[int], limit: int) -> dict[int, list[Due]]:
        """The first deliveries that are due at each place, in the order in which they shall arrive."""
        rows = await self._db.execute(_FIRST, {"places": list(places), "now": self._now, "limit": limit})
        return await self._told(rows.all())

    async def still_due(self, keys: Mapping[int, Collection[Key]]) -> dict[int, list[Due]]:
        """Those of these deliveries, by place, that are owed and due as they were, with who wants them now."""
        named = [(place, number, occasion.code) for place, some in keys.items() for number, occasion in some]
        if not named:
            return {}
        rows = await self._db.execute(_NAMED, {"keys": named, "now": self._now})
        return await self._told(rows.all())

    async def backlog(self, places: Iterable[int]) -> dict[int, int]:
        """How many deliveries are due at each place, however many of them `due` was asked for."""
        rows = await self._db.execute(_COUNTED, {"places": list(places), "now": self._now})
        return dict(rows.all())

    async def already_sent(self, number: int, since: datetime, before: datetime) -> int:
        """How many papers that a digest of this place would have told were sent there at once since `since`.

        Those that were due at `before`, the digest's own time, or later came with the digest itself.
        """
        times = {"place": number, "since": since, "before": before}
        return (await self._db.execute(_ALREADY_SENT, times)).scalar_one()

    async def _told(self, rows: Sequence[Any]) -> dict[int, list[Due]]:
        """What is to be said of deliveries, place by place; those whose paper is not stored any more are left out."""
        numbers = sorted({row.paper for row in rows})
        papers = {row.number: paper_of(row) for row in await self._db.execute(_STORED, {"papers": numbers})}
        rows = [row for row in rows if row.paper in papers]
        arrivals = await self._arrivals(list(papers))
        pairs = {(row.destination, row.paper) for row in rows}
        wants = await self._wants(pairs, papers)
        watched = await self._pairs(_WATCHED, pairs) if papers else set()
        withdrawn = {(row.destination, row.paper) for row in rows if row.occasion == WITHDRAWN.code}
        received = await self._pairs(_RECEIVED, withdrawn) if withdrawn else set()
        told: dict[int, list[Due]] = {}
        for place, group in groupby(rows, attrgetter("destination")):
            its = list(group)
            versions = [row.paper for row in its if Occasion(row.occasion).kind == "version"]
            revisions = await revisions_sent(self._db, place, versions)
            told[place] = [
                _due(
                    row,
                    papers[row.paper],
                    _label(arrivals[row.paper], wants.since.get((place, row.paper))),
                    wants,
                    revisions,
                    watched=(row.occasion != ARRIVAL.code and (place, row.paper) in watched)
                    or (row.occasion == WITHDRAWN.code and (place, row.paper) in received),
                )
                for row in its
            ]
        return told

    # --- why somebody wants it -------------------------------------------------------------------------------------

    async def _arrivals(self, numbers: Sequence[int]) -> dict[int, list[Any]]:
        """What was said of each paper's arrival, the strongest first: new before cross-listed before listed."""
        said: defaultdict[int, list[Any]] = defaultdict(list)
        for row in await self._db.execute(_SAID, {"papers": numbers}):
            said[row.paper].append(row)
        return said

    async def _wants(self, pairs: Collection[tuple[int, int]], papers: Mapping[int, Paper]) -> Wants:
        """Which live subscriptions of a place match each (paper, occasion) now, whichever it was owed to at first."""
        muted = await self._muted(pairs, papers)
        about = {"places": sorted({place for place, _ in pairs}), "papers": sorted(papers)}
        rows = (await self._db.execute(_WANTED, about)).all()
        rows = [row for row in rows if (row.destination, row.paper) in pairs]
        places = await self._places({row.number for row in rows})
        subscriptions = {row.number: row for row in rows}
        known = {number: subscription_of(row, places[number]) for number, row in subscriptions.items()}
        wants = Wants()
        for row in rows:
            occasion = Occasion(row.occasion)
            asked = occasion.kind == "upvotes" or row.occasions & WANTED.get(occasion.kind, 0)
            if asked and (row.destination, row.paper) not in muted:
                key = row.destination, row.paper, row.occasion
                wants[key].append(known[row.number])
                wants.slots[key].append(row.next_slot_at is not None)
                if occasion == ARRIVAL:
                    pair = row.destination, row.paper
                    wants.since[pair] = min(row.seen_at, wants.since.get(pair, row.seen_at))
        return wants

    async def _places(self, numbers: Iterable[int]) -> dict[int, tuple[int, ...]]:
        """Where each subscription goes."""
        places: defaultdict[int, list[int]] = defaultdict(list)
        for number, place in await self._db.execute(_ROUTES, {"subscriptions": list(numbers)}):
            places[number].append(place)
        return {number: tuple(to) for number, to in places.items()}

    async def _muted(self, pairs: Collection[tuple[int, int]], papers: Mapping[int, Paper]) -> set[tuple[int, int]]:
        """The (place, paper) pairs where the place has muted an author or a class of the paper."""
        mutes: defaultdict[int, set[tuple[str, str]]] = defaultdict(set)
        for place, kind, value in await self._db.execute(_MUTED, {"places": sorted({place for place, _ in pairs})}):
            mutes[place].add((kind, value))
        return {
            (place, number)
            for place, number in pairs
            if place in mutes and not mutes[place].isdisjoint(mute_keys(papers[number]))
        }

    async def _pairs(self, wanted: Select[tuple[int, int]], pairs: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
        places, papers = sorted({place for place, _ in pairs}), sorted({number for _, number in pairs})
        rows = await self._db.execute(wanted, {"places": places, "papers": papers})
        return {(row.destination, row.paper) for row in rows}


def _due(  # noqa: PLR0913 -- what is said of one delivery, from as many questions
    row: Found[Any],
    of: Paper,
    arrival: str,
    wants: Wants,
    revisions: Mapping[int, Revision],
    *,
    watched: bool,
) -> Due:
    occasion = Occasion(row.occasion)
    key = row.destination, row.paper, row.occasion
    return Due(
        paper=of,
        occasion=occasion,
        due_at=row.due_at,
        attempts=row.attempts,
        begun_at=row.settled_at,
        label=arrival if occasion == ARRIVAL else str(occasion),
        subscriptions=tuple(wants.get(key, ())),
        watched=watched,
        slot=wants.is_slot(key),
        before=revisions.get(row.paper) if occasion.kind == "version" else None,
        unknowns=row.unknowns or 0,
        first_failed_at=row.first_at,
        failed_at=row.last_at,
    )


def _label(arrivals: Sequence[Any], since: datetime | None) -> str:
    """The word of a paper's strongest arrival; `since` is when the news that made its delivery came.

    What was said on earlier days was news then.
    """
    if not arrivals:
        return "new"
    days = [row.day for row in arrivals if since is not None and row.seen_at >= since]
    strongest = next(row for row in arrivals if not days or row.day >= min(days))
    return "late" if strongest.late else EventCode(strongest.kind).name.lower()


class Wants(defaultdict[tuple[int, int, int], list["Subscription"]]):
    """The subscriptions that want each (place, paper, occasion code), and in `slots` whether each is a digest's.

    `since` is when the arrival of a paper was first news to one of them, by (place, paper).
    """

    def __init__(self) -> None:
        super().__init__(list)
        self.slots: defaultdict[tuple[int, int, int], list[bool]] = defaultdict(list)
        self.since: dict[tuple[int, int], datetime] = {}

    def is_slot(self, key: tuple[int, int, int]) -> bool:
        """Whether all that want it wait for a digest; False if nobody wants it."""
        asked = self.slots.get(key, ())
        return bool(asked) and all(asked)
