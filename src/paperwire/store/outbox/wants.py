"""Who wants now what places are owed, whichever subscription it was owed to at first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from paperwire.core.deliveries.due import Interest
from paperwire.core.matching.later import still_holds
from paperwire.core.papers.acceptance import is_accepted
from paperwire.core.papers.paper import ACCEPTANCE, ARRIVAL, BECOMES_KNOWN, FOLLOWED, FOR_KEEPERS, Occasion, Paper
from paperwire.core.subscriptions.subscription import mute_keys
from paperwire.store.database.statements import among, keys, number_list, row_list
from paperwire.store.database.tables.base import WANTED, State
from paperwire.store.database.tables.deliveries import DeliveryRow, MatchRow
from paperwire.store.database.tables.people import MuteRow, WatchRow
from paperwire.store.database.tables.subscriptions import RouteRow, SubscriptionRow
from paperwire.store.outbox.keepers import KEEPERS, mute_of
from paperwire.store.outbox.recipients import RECALLS

_ASKED = keys("keys")
_MUTED = select(col(MuteRow.destination), col(MuteRow.kind), col(MuteRow.value)).where(
    among(col(MuteRow.destination), "places")
)
_WATCHED = select(col(WatchRow.destination), col(WatchRow.paper)).where(
    tuple_(col(WatchRow.destination), col(WatchRow.paper)).in_(select(_ASKED.c.place, _ASKED.c.paper))
)
_IS_KEPT = KEEPERS.where(
    tuple_(KEEPERS.selected_columns.destination, KEEPERS.selected_columns.paper).in_(
        select(_ASKED.c.place, _ASKED.c.paper)
    )
)
_RECEIVED = select(col(DeliveryRow.destination), col(DeliveryRow.paper)).where(
    tuple_(col(DeliveryRow.destination), col(DeliveryRow.paper)).in_(select(_ASKED.c.place, _ASKED.c.paper)),
    col(DeliveryRow.state) == State.SENT,
    col(DeliveryRow.occasion).not_in([occasion.code for occasion in RECALLS]),
)
IS_LIVE = and_(col(SubscriptionRow.paused).is_(False), col(SubscriptionRow.deleted_at).is_(None))
# A route says again what its subscription's query is: only the subscriptions of matches are looked up.
_IS_ASKED = and_(
    col(MatchRow.query) == col(RouteRow.query),
    col(MatchRow.paper) == _ASKED.c.paper,
    col(MatchRow.occasion) == _ASKED.c.occasion,
)
_WANTED = (
    select(
        *(
            getattr(SubscriptionRow, name)
            for name in ("number", "text", "name", "mention", "cadence", "silent", "occasions")
        ),
        col(RouteRow.destination),
        col(RouteRow.next_slot_at).is_not(None).label("slot"),
        col(MatchRow.paper),
        col(MatchRow.occasion),
        col(MatchRow.seen_at),
    )
    .join_from(_ASKED, RouteRow, col(RouteRow.destination) == _ASKED.c.place)
    .join(MatchRow, _IS_ASKED)
    .join(SubscriptionRow, col(SubscriptionRow.number) == col(RouteRow.subscription))
    .where(IS_LIVE)
    .order_by(col(SubscriptionRow.number))
)


class Wants(defaultdict[tuple[int, int, int], list["Interest"]]):
    """The subscriptions that want each (place, paper, occasion code), and in `slots` whether each is a digest's.

    `since` is when the arrival of a paper was first news to one of them, by (place, paper). `watched` are the papers
    that someone at a place follows, `kept` those that its reader saved or voted for, `received` those that it got
    before they were withdrawn or retracted. Places have `muted` the facts of such papers. Of `unaccepted` papers no
    record says any more that they are accepted.
    """

    def __init__(self) -> None:
        super().__init__(list)
        self.slots: defaultdict[tuple[int, int, int], list[bool]] = defaultdict(list)
        self.since: dict[tuple[int, int], datetime] = {}
        self.watched: set[tuple[int, int]] = set()
        self.kept: set[tuple[int, int]] = set()
        self.received: set[tuple[int, int]] = set()
        self.muted: set[tuple[int, tuple[str, str]]] = set()
        self.unaccepted: set[int] = set()

    def add(self, row: Any, subscription: Interest) -> None:
        """Take note of a match that a subscription wants at a place."""
        key = row.destination, row.paper, row.occasion
        self[key].append(subscription)
        self.slots[key].append(row.slot)
        if row.occasion == ARRIVAL.code:
            pair = row.destination, row.paper
            self.since[pair] = min(row.seen_at, self.since.get(pair, row.seen_at))

    def is_followed(self, place: int, paper: int, occasion: Occasion) -> bool:
        """Whether someone at a place hears of an occasion because of the paper, whatever subscriptions are there."""
        pair = place, paper
        if (mute := mute_of(occasion)) is not None and (place, mute) in self.muted:
            return False
        if occasion in ACCEPTANCE and paper in self.unaccepted:
            return False
        if occasion.kind in FOLLOWED and pair in self.watched:
            return True
        if occasion in FOR_KEEPERS and pair in self.kept:
            return True
        return occasion in RECALLS and pair in self.received

    def is_slot(self, key: tuple[int, int, int]) -> bool:
        """Whether all that want it wait for a digest; False if none wants it."""
        slots = self.slots.get(key, ())
        return bool(slots) and all(slots)


def asks_for(row: Any) -> bool:
    """Whether a subscription asks for the occasion of its match; a trending query asks for its own by being one."""
    kind = Occasion(row.occasion).kind
    return kind == "upvotes" or bool(row.occasions & WANTED.get(kind, 0))


async def wants_of(db: AsyncConnection, rows: Sequence[Any], papers: Mapping[int, Paper]) -> Wants:
    """Who wants each of these rows of `delivery`, whose papers are given by their numbers."""
    wants = Wants()
    if not rows:
        return wants
    keys = [(row.destination, row.paper, row.occasion) for row in rows]
    mutes = await _mutes(db, {place for place, _, _ in keys})
    interests: dict[int, Interest] = {}
    for row in await db.execute(_WANTED, {"keys": row_list(keys)}):
        if not asks_for(row):
            continue
        muted = mutes.get(row.destination)
        if muted and not muted.isdisjoint([("subscription", str(row.number)), *mute_keys(papers[row.paper])]):
            continue
        if Occasion(row.occasion).kind in BECOMES_KNOWN and not still_holds(row.text, papers[row.paper]):
            continue
        if row.number not in interests:
            interests[row.number] = Interest(
                row.number, row.text, row.name, row.mention, row.cadence, silent=row.silent
            )
        wants.add(row, interests[row.number])
    wants.watched = await _pairs(db, _WATCHED, {key for key in keys if Occasion(key[2]).kind in FOLLOWED})
    wants.kept = await _pairs(db, _IS_KEPT, {key for key in keys if Occasion(key[2]) in FOR_KEEPERS})
    announced = {row.paper for row in rows if Occasion(row.occasion) in ACCEPTANCE}
    wants.unaccepted = {number for number in announced if not is_accepted(papers[number])}
    wants.muted = {(place, mute) for place, muted in mutes.items() for mute in muted}
    wants.received = await _pairs(db, _RECEIVED, {key for key in keys if Occasion(key[2]) in RECALLS})
    return wants


async def _mutes(db: AsyncConnection, places: Collection[int]) -> dict[int, set[tuple[str, str]]]:
    """What each place has muted, as (kind, value): authors, categories, and subscriptions that lead there."""
    mutes: defaultdict[int, set[tuple[str, str]]] = defaultdict(set)
    for place, kind, value in await db.execute(_MUTED, {"places": number_list(places)}):
        mutes[place].add((kind, value))
    return mutes


async def _pairs(
    db: AsyncConnection, statement: Select[int, int], of: Collection[tuple[int, int, int]]
) -> set[tuple[int, int]]:
    """The (place, paper) pairs of these deliveries that are among the rows of `wanted`."""
    if not of:
        return set()
    rows = await db.execute(statement, {"keys": row_list(of)})
    return {(row.destination, row.paper) for row in rows}
