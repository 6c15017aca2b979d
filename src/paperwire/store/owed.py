"""What a place is owed: the letters themselves, and their number, to judge a flood by."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, and_, bindparam, cast, exists, func, select

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
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import BindParameter

    from paperwire.core.paper import Paper
    from paperwire.core.revision import Revision
    from paperwire.core.subscription import Subscription

_T = Row.metadata.tables
delivery, event, match = _T["delivery"], _T["event"], _T["match"]
mute, paper, watch = _T["mute"], _T["paper"], _T["watch"]
subscription, route, query = _T["subscription"], _T["subscription_destination"], _T["query"]

# What every turn asks is made once, as a day has millions of them. Parameters: `place`, `now`, `papers`.
_PAPERS: BindParameter[int] = bindparam("papers", expanding=True)
_HERE = delivery.c.destination == bindparam("place")
_IS_DUE = and_(
    _HERE, delivery.c.state == State.OWED, delivery.c.due_at <= bindparam("now", type_=delivery.c.due_at.type)
)
_DUE = (
    select(paper, delivery.c.occasion, delivery.c.due_at, delivery.c.attempts, delivery.c.settled_at)
    .join_from(delivery, paper, paper.c.number == delivery.c.paper)
    .where(_IS_DUE)
    .order_by(delivery.c.due_at, delivery.c.paper, delivery.c.occasion)
    .limit(bindparam("limit", type_=Integer))
)
_COUNTED = select(func.count()).select_from(delivery).where(_IS_DUE)
_SAID = (
    select(event.c.paper, event.c.kind, event.c.late, event.c.day, event.c.seen_at)
    .where(event.c.paper.in_(_PAPERS), event.c.kind.in_(ARRIVALS))
    .order_by(event.c.kind, event.c.late, event.c.number)
)
_MUTED = select(mute.c.kind, mute.c.value).where(
    mute.c.destination == bindparam("place"), mute.c.kind != "subscription"
)
_WATCHED = select(watch.c.paper).where(watch.c.paper.in_(_PAPERS), watch.c.destination == bindparam("place"))
_RECEIVED = select(delivery.c.paper).where(
    _HERE,
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
    select(subscription, query.c.key, route.c.next_slot_at, match.c.paper, match.c.occasion, match.c.seen_at)
    .join_from(route, subscription, subscription.c.number == route.c.subscription)
    .join(query, query.c.number == subscription.c.query)
    .join(match, match.c.query == subscription.c.query)
    .where(route.c.destination == bindparam("place"), match.c.paper.in_(_PAPERS), _IS_LIVE, _IN_TURN)
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
        _HERE,
        delivery.c.state == State.SENT,
        delivery.c.settled_at >= bindparam("since", type_=delivery.c.due_at.type),
        _DIGESTED.exists(),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One delivery whose time has come.

    `label` is the word of the strongest statement that made an arrival (`new`, `cross`, `listed`, or `late`),
    otherwise the occasion's own; `before` is, for a replacement, the version that was sent there last. `begun_at` is
    when a message that carries it together with others was begun, which may or may not have gone out; those of one
    instant belong together. `subscriptions` are those that want it there now, `watched` says that somebody there
    follows the paper, or got it and must hear that it is withdrawn; if neither is left (deleted, paused, edited or
    muted since), nobody wants it any more. `slot`: only digests asked for it, nobody wants it instantly.
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

    @property
    def key(self) -> tuple[int, Occasion]:
        """What `settle` calls it."""
        return self.paper.number, self.occasion

    @property
    def wanted(self) -> bool:
        """Whether anybody there still wants it."""
        return self.watched or bool(self.subscriptions)


class Owed(Part):
    """Questions about one place's deliveries, inside one transaction."""

    async def due(self, number: int, limit: int) -> list[Due]:
        """The first deliveries that are due at a place, in the order in which they shall arrive."""
        rows = (await self._db.execute(_DUE, {"place": number, "now": self._now, "limit": limit})).all()
        papers = {row.number: paper_of(row) for row in rows}
        wants = await self._wants(number, papers)
        labels = await self._labels(list(papers), wants.since)
        watched = await self._watched(number, list(papers))
        versions = [row.number for row in rows if Occasion(row.occasion).kind == "version"]
        revisions = await revisions_sent(self._db, number, versions)
        received = await self._received(number, [row.number for row in rows if row.occasion == WITHDRAWN.code])
        return [
            Due(
                paper=papers[row.number],
                occasion=occasion,
                due_at=row.due_at,
                attempts=row.attempts,
                begun_at=row.settled_at,
                label=labels.get(row.number, "new") if occasion == ARRIVAL else str(occasion),
                subscriptions=tuple(wants[row.number, row.occasion]),
                watched=(occasion != ARRIVAL and row.number in watched)
                or (occasion == WITHDRAWN and row.number in received),
                slot=wants.is_slot(row.number, row.occasion),
                before=revisions.get(row.number) if occasion.kind == "version" else None,
            )
            for row in rows
            for occasion in (Occasion(row.occasion),)
        ]

    async def backlog(self, number: int) -> int:
        """How many deliveries are due at a place, however many of them `due` was asked for."""
        return (await self._db.execute(_COUNTED, {"place": number, "now": self._now})).scalar_one()

    async def already_sent(self, number: int, since: datetime) -> int:
        """How many papers that a digest of this place would have told were sent there at once since `since`."""
        return (await self._db.execute(_ALREADY_SENT, {"place": number, "since": since})).scalar_one()

    # --- why somebody wants it -------------------------------------------------------------------------------------

    async def _labels(self, numbers: Sequence[int], since: Mapping[int, datetime]) -> dict[int, str]:
        """The word of each paper's strongest arrival: a day's new before its cross-listed before its listed.

        `since` is when the news that made each delivery came: what was said on earlier days was news then.
        """
        said: defaultdict[int, list[Any]] = defaultdict(list)
        for row in await self._db.execute(_SAID, {"papers": numbers}):
            said[row.paper].append(row)
        labels: dict[int, str] = {}
        for number, rows in said.items():
            day = min((row.day for row in rows if number in since and row.seen_at >= since[number]), default=date.min)
            strongest = next(row for row in rows if row.day >= day)
            labels[number] = "late" if strongest.late else EventCode(strongest.kind).name.lower()
        return labels

    async def _wants(self, number: int, papers: dict[int, Paper]) -> Wants:
        """Which live subscriptions of the place match each (paper, occasion) now, whichever it was owed to at first."""
        muted = await self._muted(number, papers.values())
        about = {"place": number, "papers": [one for one in papers if one not in muted]}
        rows = (await self._db.execute(_WANTED, about)).all()
        places = await self._places({row.number for row in rows})
        subscriptions = {row.number: row for row in rows}
        known = {number: subscription_of(row, places[number]) for number, row in subscriptions.items()}
        wants = Wants()
        for row in rows:
            occasion = Occasion(row.occasion)
            asked = occasion.kind == "upvotes" or row.occasions & WANTED.get(occasion.kind, 0)
            if asked:
                key = row.paper, row.occasion
                wants[key].append(known[row.number])
                wants.slots[key].append(row.next_slot_at is not None)
                if occasion == ARRIVAL:
                    wants.since[row.paper] = min(row.seen_at, wants.since.get(row.paper, row.seen_at))
        return wants

    async def _places(self, numbers: Iterable[int]) -> dict[int, tuple[int, ...]]:
        """Where each subscription goes."""
        places: defaultdict[int, list[int]] = defaultdict(list)
        for number, place in await self._db.execute(_ROUTES, {"subscriptions": list(numbers)}):
            places[number].append(place)
        return {number: tuple(to) for number, to in places.items()}

    async def _muted(self, number: int, papers: Iterable[Paper]) -> set[int]:
        """The papers of which the place has muted an author or a class."""
        rows = await self._db.execute(_MUTED, {"place": number})
        pairs = {(kind, value) for kind, value in rows}
        return {paper.number for paper in papers if not pairs.isdisjoint(mute_keys(paper))} if pairs else set()

    async def _watched(self, number: int, papers: Sequence[int]) -> set[int]:
        return set((await self._db.execute(_WATCHED, {"place": number, "papers": papers})).scalars())

    async def _received(self, number: int, papers: Sequence[int]) -> set[int]:
        """Those of the papers that the place got."""
        if not papers:
            return set()
        return set((await self._db.execute(_RECEIVED, {"place": number, "papers": papers})).scalars())


class Wants(defaultdict[tuple[int, int], list["Subscription"]]):
    """The subscriptions that want each (paper, occasion code), and in `slots` whether each waits for a digest.

    `since` is when the arrival of a paper was first news to one of them.
    """

    def __init__(self) -> None:
        super().__init__(list)
        self.slots: defaultdict[tuple[int, int], list[bool]] = defaultdict(list)
        self.since: dict[int, datetime] = {}

    def is_slot(self, number: int, occasion: int) -> bool:
        """Whether all that want it wait for a digest; False if nobody wants it."""
        asked = self.slots[number, occasion]
        return bool(asked) and all(asked)
