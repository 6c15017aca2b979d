"""What places are owed: their deliveries that are due, and their number, to judge a flood by."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import Integer, and_, bindparam, func, select, tuple_

from paperwire.core.papers.paper import ARRIVAL, WITHDRAWN, Occasion
from paperwire.core.subscriptions.mutes import mute_keys
from paperwire.store.database.lists import among, keys, number_list, row_list
from paperwire.store.engine import look_up_row_by_row
from paperwire.store.outbox.recipients import WANTED
from paperwire.store.papers.recording import ARRIVALS
from paperwire.store.papers.revisions import revisions_sent
from paperwire.store.part import Part
from paperwire.store.rows import paper_of, subscription_of
from paperwire.store.tables.base import EventCode, Row, State

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Select

    from paperwire.core.papers.paper import Paper
    from paperwire.core.papers.revision import Revision
    from paperwire.core.subscriptions.subscription import Subscription

Key: TypeAlias = tuple[int, Occasion]
"""Which delivery of a place: the paper's number and the occasion."""

_T = Row.metadata.tables
delivery, event, match, failure = _T["delivery"], _T["event"], _T["match"], _T["failure"]
mute, paper, watch = _T["mute"], _T["paper"], _T["watch"]
subscription, route, query = _T["subscription"], _T["subscription_destination"], _T["query"]

# What every message asks is made once, as a day has millions of them. Parameters: `places`, `papers`, `keys`, `now`.
_ASKED = keys("keys")
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
    .where(among(delivery.c.destination, "places"), _IS_DUE)
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
# An expression, so that no plan walks along all that is owed to find the few that are named.
IS_OWED = delivery.c.state + 0 == State.OWED
_NAMED = _LEAN.where(
    tuple_(*_KEY_COLUMNS).in_(select(*_ASKED.c)),
    IS_OWED,
    delivery.c.due_at <= bindparam("now", type_=delivery.c.due_at.type),
)
_STORED = select(paper).where(among(paper.c.number, "papers"))
_COUNTED = (
    select(delivery.c.destination, func.count())
    .where(among(delivery.c.destination, "places"), _IS_DUE)
    .group_by(delivery.c.destination)
)
_SAID = (
    select(event.c.paper, event.c.kind, event.c.late, event.c.day, event.c.seen_at)
    .where(among(event.c.paper, "papers"), event.c.kind.in_(ARRIVALS))
    .order_by(event.c.kind, event.c.late, event.c.number)
)
_MUTED = select(mute.c.destination, mute.c.kind, mute.c.value).where(among(mute.c.destination, "places"))
_WATCHED = select(watch.c.destination, watch.c.paper).where(
    tuple_(watch.c.destination, watch.c.paper).in_(select(_ASKED.c.place, _ASKED.c.paper))
)
_RECEIVED = select(delivery.c.destination, delivery.c.paper).where(
    tuple_(delivery.c.destination, delivery.c.paper).in_(select(_ASKED.c.place, _ASKED.c.paper)),
    delivery.c.state == State.SENT,
    delivery.c.occasion != WITHDRAWN.code,
)
_IS_LIVE = and_(subscription.c.paused.is_(False), subscription.c.deleted_at.is_(None))
_IS_ASKED = and_(match.c.query == subscription.c.query, match.c.paper == _ASKED.c.paper)
_WANTED = (
    select(
        subscription.c.number,
        subscription.c.occasions,
        route.c.destination,
        route.c.next_slot_at.is_not(None).label("slot"),
        match.c.paper,
        match.c.occasion,
        match.c.seen_at,
    )
    .join_from(_ASKED, route, route.c.destination == _ASKED.c.place)
    .join(subscription, subscription.c.number == route.c.subscription)
    .join(match, and_(_IS_ASKED, match.c.occasion == _ASKED.c.occasion))
    .where(_IS_LIVE)
    .order_by(subscription.c.number)
)
_SUBSCRIPTIONS = (
    select(subscription, query.c.key)
    .join_from(subscription, query, query.c.number == subscription.c.query)
    .where(among(subscription.c.number, "subscriptions"))
)
_ROUTES = (
    select(route.c.subscription, route.c.destination)
    .where(among(route.c.subscription, "subscriptions"))
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

    _by_row = False

    async def _row_by_row(self) -> None:
        """From here to the commit PostgreSQL goes from each delivery asked for to its rows, by index.

        How many are owed changes faster than it counts them, so it would read all that any place is owed instead.
        """
        if not self._by_row:
            self._by_row = True
            await look_up_row_by_row(self._db)

    async def due(self, places: Iterable[int], limit: int) -> dict[int, list[Due]]:
        """The first deliveries that are due at each place, in the order in which they shall arrive.

        Those whose paper is not stored any more are left out.
        """
        await self._row_by_row()
        rows = (await self._db.execute(_FIRST, {"places": number_list(places), "now": self._now, "limit": limit})).all()
        numbers = sorted({row.paper for row in rows})
        papers = {
            row.number: paper_of(row) for row in await self._db.execute(_STORED, {"papers": number_list(numbers)})
        }
        rows = [row for row in rows if row.paper in papers]
        arrivals = await self._arrivals({row.paper for row in rows if row.occasion == ARRIVAL.code})
        wants = await self._wants(rows, papers)
        due: dict[int, list[Due]] = {}
        for place, group in groupby(rows, attrgetter("destination")):
            its = list(group)
            versions = [row for row in its if Occasion(row.occasion).kind == "version"]
            revisions = await revisions_sent(self._db, place, [row.paper for row in versions])
            due[place] = [
                _due(
                    row,
                    wants,
                    paper=papers[row.paper],
                    label=_label(row, arrivals[row.paper], wants),
                    before=revisions.get(row.paper) if row in versions else None,
                )
                for row in its
            ]
        return due

    async def still_due(self, earlier: Mapping[int, Collection[Due]]) -> dict[int, list[Due]]:
        """Those of these deliveries, by place, that are owed and due as they were, with who wants them now.

        What they say of their papers stays as it was.
        """
        known = {(place, *_numbers(one.key)): one for place, its in earlier.items() for one in its}
        if not known:
            return {}
        await self._row_by_row()
        rows = (await self._db.execute(_NAMED, {"keys": row_list(known), "now": self._now})).all()
        wants = await self._wants(rows, {one.paper.number: one.paper for one in known.values()})
        due: defaultdict[int, list[Due]] = defaultdict(list)
        for row in rows:
            as_it_was = known[row.destination, row.paper, row.occasion]
            now = _due(row, wants, paper=as_it_was.paper, label=as_it_was.label, before=as_it_was.before)
            due[row.destination].append(now)
        return due

    async def backlog(self, places: Iterable[int]) -> dict[int, int]:
        """How many deliveries are due at each place, however many of them `due` was asked for."""
        rows = await self._db.execute(_COUNTED, {"places": number_list(places), "now": self._now})
        return dict(rows.all())

    async def already_sent(self, number: int, since: datetime, before: datetime) -> int:
        """How many papers that a digest of this place would have told were sent there at once since `since`.

        Those that were due at `before`, the digest's own time, or later came with the digest itself.
        """
        times = {"place": number, "since": since, "before": before}
        return (await self._db.execute(_ALREADY_SENT, times)).scalar_one()

    # --- why somebody wants it -------------------------------------------------------------------------------------

    async def _arrivals(self, numbers: Collection[int]) -> dict[int, list[Any]]:
        """What was said of each paper's arrival, the strongest first: new before cross-listed before listed."""
        said: defaultdict[int, list[Any]] = defaultdict(list)
        if numbers:
            for row in await self._db.execute(_SAID, {"papers": number_list(numbers)}):
                said[row.paper].append(row)
        return said

    async def _wants(self, rows: Sequence[Any], papers: Mapping[int, Paper]) -> Wants:
        """Who wants each of these deliveries now, whichever subscription it was owed to at first."""
        wants = Wants()
        if not rows:
            return wants
        asked = [(row.destination, row.paper, row.occasion) for row in rows]
        mutes = await self._mutes({place for place, _, _ in asked})
        matches = (await self._db.execute(_WANTED, {"keys": row_list(asked)})).all()
        known = await self._subscriptions({row.number for row in matches})
        for row in matches:
            occasion = Occasion(row.occasion)
            if not (occasion.kind == "upvotes" or row.occasions & WANTED.get(occasion.kind, 0)):
                continue
            muted = mutes.get(row.destination)
            if muted and not muted.isdisjoint([("subscription", str(row.number)), *mute_keys(papers[row.paper])]):
                continue
            wants.add(row, known[row.number])
        others = {key for key in asked if key[2] != ARRIVAL.code}
        wants.watched = await self._pairs(_WATCHED, others)
        wants.received = await self._pairs(_RECEIVED, {key for key in others if key[2] == WITHDRAWN.code})
        return wants

    async def _subscriptions(self, numbers: Collection[int]) -> dict[int, Subscription]:
        """Subscriptions by number, each with the places it goes to."""
        asked = {"subscriptions": number_list(numbers)}
        places: defaultdict[int, list[int]] = defaultdict(list)
        for number, place in await self._db.execute(_ROUTES, asked):
            places[number].append(place)
        rows = await self._db.execute(_SUBSCRIPTIONS, asked)
        return {row.number: subscription_of(row, tuple(places[row.number])) for row in rows}

    async def _mutes(self, places: Collection[int]) -> dict[int, set[tuple[str, str]]]:
        """What each place has muted, as (kind, value): authors, classes, and subscriptions that lead there."""
        mutes: defaultdict[int, set[tuple[str, str]]] = defaultdict(set)
        for place, kind, value in await self._db.execute(_MUTED, {"places": number_list(places)}):
            mutes[place].add((kind, value))
        return mutes

    async def _pairs(
        self, wanted: Select[tuple[int, int]], of: Collection[tuple[int, int, int]]
    ) -> set[tuple[int, int]]:
        """The (place, paper) pairs of these deliveries that are among the rows of `wanted`."""
        if not of:
            return set()
        rows = await self._db.execute(wanted, {"keys": row_list(of)})
        return {(row.destination, row.paper) for row in rows}


def _due(row: Any, wants: Wants, *, paper: Paper, label: str, before: Revision | None) -> Due:
    occasion, pair = Occasion(row.occasion), (row.destination, row.paper)
    key = (*pair, row.occasion)
    return Due(
        paper=paper,
        occasion=occasion,
        due_at=row.due_at,
        attempts=row.attempts,
        begun_at=row.settled_at,
        label=label,
        subscriptions=tuple(wants.get(key, ())),
        watched=(occasion != ARRIVAL and pair in wants.watched) or (occasion == WITHDRAWN and pair in wants.received),
        slot=wants.is_slot(key),
        before=before,
        unknowns=row.unknowns or 0,
        first_failed_at=row.first_at,
        failed_at=row.last_at,
    )


def _numbers(key: Key) -> tuple[int, int]:
    return key[0], key[1].code


def _label(row: Any, arrivals: Sequence[Any], wants: Wants) -> str:
    """The word of a paper's strongest arrival; of any other occasion its own.

    What was said on days before the news that made its delivery was news then.
    """
    if row.occasion != ARRIVAL.code:
        return str(Occasion(row.occasion))
    if not arrivals:
        return "new"
    since = wants.since.get((row.destination, row.paper))
    days = [said.day for said in arrivals if since is not None and said.seen_at >= since]
    strongest = next(said for said in arrivals if not days or said.day >= min(days))
    return "late" if strongest.late else EventCode(strongest.kind).name.lower()


class Wants(defaultdict[tuple[int, int, int], list["Subscription"]]):
    """The subscriptions that want each (place, paper, occasion code), and in `slots` whether each is a digest's.

    `since` is when the arrival of a paper was first news to one of them, by (place, paper). `watched` are the papers
    that somebody at a place follows, `received` those that it got before they were withdrawn.
    """

    def __init__(self) -> None:
        super().__init__(list)
        self.slots: defaultdict[tuple[int, int, int], list[bool]] = defaultdict(list)
        self.since: dict[tuple[int, int], datetime] = {}
        self.watched: set[tuple[int, int]] = set()
        self.received: set[tuple[int, int]] = set()

    def add(self, row: Any, subscription: Subscription) -> None:
        """Take note of a match that a subscription wants at a place."""
        key = row.destination, row.paper, row.occasion
        self[key].append(subscription)
        self.slots[key].append(row.slot)
        if row.occasion == ARRIVAL.code:
            pair = row.destination, row.paper
            self.since[pair] = min(row.seen_at, self.since.get(pair, row.seen_at))

    def is_slot(self, key: tuple[int, int, int]) -> bool:
        """Whether all that want it wait for a digest; False if nobody wants it."""
        asked = self.slots.get(key, ())
        return bool(asked) and all(asked)
