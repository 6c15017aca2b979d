"""What places are owed: their deliveries that are due with the versions they know, and their number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Integer, and_, bindparam, func, select, tuple_
from sqlalchemy import Row as StoredRow
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from paperwire.core.deliveries.due import Due
from paperwire.core.papers.paper import ARRIVAL, Occasion, Paper
from paperwire.core.papers.revision import Revision
from paperwire.store.database.part import Part, paper_of, value_of
from paperwire.store.database.statements import among, keys, look_up_row_by_row, number_list, row_list
from paperwire.store.database.tables.base import ARRIVAL_CODES, EventCode, State, UTCDateTime
from paperwire.store.database.tables.deliveries import DELIVERY, ITS_FAILURE, DeliveryRow, FailureRow, has_key
from paperwire.store.database.tables.papers import EventRow, PaperRow, RevisionRow
from paperwire.store.outbox.wants import Wants, wants_of

# What every message asks is made once, as a day has millions of them. Parameters: `places`, `papers`, `keys`, `now`.
_ASKED = keys("keys")
_IS_DUE = and_(col(DeliveryRow.state) == State.OWED, col(DeliveryRow.due_at) <= bindparam("now", type_=UTCDateTime))
_LEAN = (*DELIVERY, col(DeliveryRow.due_at), col(DeliveryRow.attempts), col(DeliveryRow.settled_at))
_ORDER = (col(DeliveryRow.due_at), col(DeliveryRow.paper), col(DeliveryRow.occasion))
_FAILED = (col(FailureRow.first_at), col(FailureRow.last_at), col(FailureRow.unknowns))
_RANKED = (
    select(*_LEAN, func.row_number().over(partition_by=col(DeliveryRow.destination), order_by=_ORDER).label("rank"))
    .where(among(col(DeliveryRow.destination), "places"), _IS_DUE)
    .subquery()
)
_OF_RANKED = has_key(FailureRow, _RANKED.c.destination, _RANKED.c.paper, _RANKED.c.occasion)
_FIRST = (
    select(*(column for column in _RANKED.c if column.name != "rank"), *_FAILED)
    .join_from(_RANKED, FailureRow, _OF_RANKED, isouter=True)
    .where(_RANKED.c.rank <= bindparam("limit", type_=Integer))
    .order_by(_RANKED.c.destination, _RANKED.c.rank)
)
# An expression, so that no plan walks along all that is owed to find the few that are named.
IS_OWED = col(DeliveryRow.state) + 0 == State.OWED
_NAMED = (
    select(*_LEAN, *_FAILED)
    .join_from(DeliveryRow, FailureRow, ITS_FAILURE, isouter=True)
    .where(
        tuple_(*DELIVERY).in_(select(*_ASKED.c)),
        IS_OWED,
        col(DeliveryRow.due_at) <= bindparam("now", type_=UTCDateTime),
    )
    .order_by(col(DeliveryRow.destination), *_ORDER)
)
_STORED = select(PaperRow).where(among(col(PaperRow.number), "papers"))
_COUNTED = (
    select(col(DeliveryRow.destination), func.count())
    .where(among(col(DeliveryRow.destination), "places"), _IS_DUE)
    .group_by(col(DeliveryRow.destination))
)
_SAID = (
    select(col(EventRow.paper), col(EventRow.kind), col(EventRow.late), col(EventRow.day), col(EventRow.seen_at))
    .where(among(col(EventRow.paper), "papers"), col(EventRow.kind).in_(ARRIVAL_CODES))
    .order_by(col(EventRow.kind), col(EventRow.quiet), col(EventRow.late), col(EventRow.number))
)


OF_LIST = "list:"
"""How the text of a subscription begins that follows a list; no other one's does."""


class Owed(Part):
    """Questions for what places are owed, inside one transaction."""

    _by_row = False

    async def due(
        self, places: Iterable[int], limit: int, papers: dict[int, Paper] | None = None
    ) -> dict[int, list[Due]]:
        """The first deliveries that are due at each place, in the order in which they shall arrive.

        Those whose paper is not stored any more are left out. `papers` by number are known; what is read goes there.
        """
        await self._row_by_row()
        papers = {} if papers is None else papers
        rows = (await self._db.execute(_FIRST, {"places": number_list(places), "now": self._now, "limit": limit})).all()
        if numbers := {row.paper for row in rows} - papers.keys():
            stored = await self._db.execute(_STORED, {"papers": number_list(sorted(numbers))})
            papers.update((row.number, paper_of(row)) for row in stored)
        rows = [row for row in rows if row.paper in papers]
        arrivals = await _arrivals(self._db, {row.paper for row in rows if row.occasion == ARRIVAL.code})
        wants = await wants_of(self._db, rows, papers)
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
        await self._row_by_row()
        by_key = {(place, due.paper.number, due.occasion.code): due for place, its in earlier.items() for due in its}
        if not by_key:
            return {}
        rows = (await self._db.execute(_NAMED, {"keys": row_list(by_key), "now": self._now})).all()
        wants = await wants_of(self._db, rows, {due.paper.number: due.paper for due in by_key.values()})
        due: defaultdict[int, list[Due]] = defaultdict(list)
        for row in rows:
            as_it_was = by_key[row.destination, row.paper, row.occasion]
            still = _due(row, wants, paper=as_it_was.paper, label=as_it_was.label, before=as_it_was.before)
            due[row.destination].append(still)
        return due

    async def backlog(self, places: Iterable[int]) -> dict[int, int]:
        """How many deliveries are due at each place, however many of them `due` was asked for."""
        return dict((await self._db.execute(_COUNTED, {"places": number_list(places), "now": self._now})).all())

    async def _row_by_row(self) -> None:
        """From here to the commit PostgreSQL goes from each delivery asked for to its rows, by index.

        How many are owed changes faster than it counts them, so it would read all that any place is owed instead.
        """
        if not self._by_row:
            self._by_row = True
            await look_up_row_by_row(self._db)


async def _arrivals(db: AsyncConnection, numbers: Collection[int]) -> dict[int, list[Any]]:
    """What was said of each paper's arrival, the strongest first: new before cross-listed before listed."""
    arrivals: defaultdict[int, list[Any]] = defaultdict(list)
    if numbers:
        for row in await db.execute(_SAID, {"papers": number_list(numbers)}):
            arrivals[row.paper].append(row)
    return arrivals


def _due(row: Any, wants: Wants, *, paper: Paper, label: str, before: Revision | None) -> Due:
    occasion, key = Occasion(row.occasion), (row.destination, row.paper, row.occasion)
    watched = wants.is_followed(row.destination, row.paper, occasion)
    return Due(
        paper=paper,
        occasion=occasion,
        due_at=row.due_at,
        attempts=row.attempts,
        begun_at=row.settled_at,
        label=label,
        subscriptions=tuple(wants.get(key, ())),
        watched=watched,
        slot=wants.is_slot(key) and not watched,
        before=before,
        unknowns=row.unknowns or 0,
        first_failed_at=row.first_at,
        failed_at=row.last_at,
    )


def _label(row: Any, arrivals: Sequence[Any], wants: Wants) -> str:
    """The word of a paper's strongest arrival; of any other occasion its own.

    What only followers of a list get was submitted. What was said on days before the news that made its delivery was
    news then.
    """
    if row.occasion != ARRIVAL.code:
        return str(Occasion(row.occasion))
    its_wants = wants.get((row.destination, row.paper, row.occasion), ())
    if its_wants and all(want.text.startswith(OF_LIST) for want in its_wants):
        return "submitted"
    if not arrivals:
        return "new"
    return "late" if (arrival := _strongest(row, arrivals, wants)).late else EventCode(arrival.kind).name.lower()


def _strongest(row: Any, arrivals: Sequence[Any], wants: Wants) -> Any:
    """What names an arrival, of all that was said of it, the strongest first."""
    if len(arrivals) == 1:  # as of most papers
        return arrivals[0]
    since = wants.since.get((row.destination, row.paper))
    days = [arrival.day for arrival in arrivals if since is not None and arrival.seen_at >= since]
    return next(arrival for arrival in arrivals if not days or arrival.day >= min(days))


_LAST_VERSION = Occasion.version(1_000_000)


async def revisions_sent(db: AsyncConnection, place: int, papers: Sequence[int]) -> dict[int, Revision]:
    """The replaced version that each paper had when the place last heard of it; for a stranger to it the last one.

    Papers of which no older texts are kept, or that did not change since then, are left out.
    """
    if not papers:
        return {}
    versions: defaultdict[int, list[StoredRow[Any]]] = defaultdict(list)
    texts = (
        select(RevisionRow)
        .where(col(RevisionRow.paper).in_(papers))
        .order_by(col(RevisionRow.paper), col(RevisionRow.version))
    )
    for row in await db.execute(texts):
        versions[row.paper].append(row)
    sent = await _last_sent(db, place, list(versions))
    revisions: dict[int, Revision] = {}
    for number, rows in versions.items():
        at = sent.get(number)
        # The first one that was replaced after the place heard of the paper is the one it knows.
        revision = rows[-1] if at is None else next((row for row in rows if row.until > at), None)
        if revision is not None:
            revisions[number] = value_of(Revision, revision, authors=tuple(revision.authors))
    return revisions


async def _last_sent(db: AsyncConnection, place: int, papers: Sequence[int]) -> dict[int, datetime]:
    """When the place was last notified of an arrival or a version of each paper."""
    sent = (
        select(col(DeliveryRow.paper), func.max(col(DeliveryRow.settled_at)))
        .where(
            col(DeliveryRow.destination) == place,
            col(DeliveryRow.paper).in_(papers),
            col(DeliveryRow.state) == State.SENT,
            col(DeliveryRow.occasion).between(ARRIVAL.code, _LAST_VERSION.code),
        )
        .group_by(col(DeliveryRow.paper))
    )
    return {number: at for number, at in await db.execute(sent) if at is not None}
