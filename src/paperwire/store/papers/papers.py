"""Papers and what was stated of them: storing pages, finding papers, and the matcher's queue."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, Select, and_, func, select, text, tuple_, update
from sqlalchemy import cast as sql_cast
from sqlmodel import col

from paperwire.core.days.dates import checked
from paperwire.core.matching.news import News, Rise, UnmatchedNews
from paperwire.core.papers.decision import PaperCounts, Recorded
from paperwire.core.papers.identity import aliases
from paperwire.core.papers.lists import Trend
from paperwire.core.papers.paper import (
    ACCEPTED,
    ARRIVAL,
    CODE,
    CORRECTED,
    FOLLOWED,
    PUBLISHED,
    RETRACTED,
    UNDATED,
    WITHDRAWN,
    Event,
    EventKind,
    Occasion,
    Paper,
    PaperEvent,
)
from paperwire.core.papers.revision import Revision
from paperwire.store.database.locks import count_change, lock_papers
from paperwire.store.database.part import Part, chunks, count_rows, former_number, paper_of, rows_among, value_of
from paperwire.store.database.statements import among, number_list
from paperwire.store.database.tables.base import ARRIVAL_CODES, EventCode
from paperwire.store.database.tables.papers import AliasRow, EventRow, PaperRow, RevisionRow, SourceStateRow
from paperwire.store.database.tables.people import WatchRow
from paperwire.store.papers.pages import NAMED, move_day, store_page
from paperwire.store.papers.trends import trends
from paperwire.store.sources import is_waiting

_BECAME_KNOWN = (EventCode.ACCEPTED, EventCode.PUBLISHED, EventCode.CODE)
_OF_A_DAY = (EventCode.NEW, EventCode.CROSS, EventCode.REPLACED, *_BECAME_KNOWN)
_PAPERS: Select[Any] = select(PaperRow)
_UNMATCHED = col(EventRow.matched_at).is_(None)
_AWAITS_MEANING = and_(text("event.awaits_meaning"), ~_UNMATCHED)
"""Events still to be matched by meaning; SQLite uses the partial index for this, and not for `= 1`."""


class Papers(Part):
    """Everything about papers, inside one transaction."""

    async def lock(self) -> None:
        """Be the only one who records until commit."""
        await lock_papers(self._db)

    async def record(self, events: Sequence[Event], *, quiet: bool) -> Recorded:
        """Store what a page states, in few statements.

        Papers that share an id or DOI, or a title with an author and about the time, are one (core/papers/identity.py);
        two stored ones that turn out to be one are merged. An event that is known already changes nothing, and its
        first recording decides whether it is `quiet`. Each new event is news for the matcher, except version 1,
        scores that fell, and later arrivals that change nothing a query can see. Scores are a series of changes.
        """
        return await store_page(self._db, self._now, events, quiet=quiet)

    async def redate(self, ids: Collection[str], source: str, day: date, to: date) -> None:
        """Move what `source` stated to have arrived on `day` to another day: the papers and their arrivals."""
        await move_day(self._db, ids, source, day, to)

    async def add(self, papers: Sequence[Paper]) -> None:
        """Store papers that nothing was stated of yet; whatever is announced of them later is as new as ever."""
        events = [Event(kind=EventKind.CHANGED, paper=paper, source=paper.source) for paper in papers]
        dated = [checked(event, self._now)[0] for event in events]
        await store_page(self._db, self._now, dated, quiet=True, adds_unannounced=True)

    # --- one paper ---------------------------------------------------------------------------------------------

    async def get(self, paper_id: str) -> Paper | None:
        """The paper someone means by an id, DOI or address in any writing, or None if it is not stored."""
        names = aliases(Paper(id=paper_id.strip(), title=""))
        named = select(col(AliasRow.paper)).where(col(AliasRow.alias).in_(names))
        row = (await self._db.execute(_PAPERS.where(col(PaperRow.number).in_(named)))).first()
        return None if row is None else paper_of(row)

    async def bearing(self, names: Iterable[str]) -> dict[str, list[Paper]]:
        """The papers that bear these aliases, by alias; of one with no paper there is none."""
        numbers: dict[str, list[int]] = {}
        for alias, number in await rows_among(
            self._db, NAMED.order_by(col(AliasRow.paper)), col(AliasRow.alias), names
        ):
            numbers.setdefault(alias, []).append(number)
        papers = await self._by_number(sorted({number for group in numbers.values() for number in group}))
        return {alias: [papers[number] for number in group] for alias, group in numbers.items()}

    async def stored(self, ids: Sequence[str]) -> frozenset[str]:
        """Those of these ids under which a paper is stored."""
        names = {aliases(Paper(id=paper_id, title=""))[0]: paper_id for paper_id in ids}
        rows = await rows_among(self._db, NAMED, col(AliasRow.alias), names)
        return frozenset(names[row.alias] for row in rows)

    async def days_of(self, ids: Iterable[str], source: str) -> dict[str, date]:
        """The days of those of these papers, by their canonical ids, whose record is of `source`."""
        its = select(col(PaperRow.id), col(PaperRow.announced)).where(col(PaperRow.source) == source)
        return dict(await rows_among(self._db, its, col(PaperRow.id), ids))

    async def quiet(self, ids: Iterable[str]) -> frozenset[str]:
        """Those of these papers, by their canonical ids, whose arrival was stored quietly, without notifying anyone."""
        arrivals = select(col(PaperRow.id)).join(EventRow, col(EventRow.paper) == col(PaperRow.number))
        are_quiet = func.min(sql_cast(col(EventRow.quiet), Integer)) == 1
        unreported = arrivals.where(col(EventRow.kind).in_(ARRIVAL_CODES)).group_by(col(PaperRow.id)).having(are_quiet)
        return frozenset(row.id for row in await rows_among(self._db, unreported, col(PaperRow.id), ids))

    async def by_number(self, numbers: Sequence[int]) -> dict[int, Paper]:
        """Papers under the numbers asked for, also those merged into another since; unknown numbers are left out."""
        papers = await self._by_number(numbers)
        missing = {former_number(number): number for number in numbers if number not in papers}
        moved = await rows_among(self._db, NAMED, col(AliasRow.alias), missing)
        living = await self._by_number([row.paper for row in moved])
        return papers | {missing[alias]: living[paper] for alias, paper in moved}

    async def _by_number(self, numbers: Sequence[int]) -> dict[int, Paper]:
        rows = await rows_among(self._db, _PAPERS, col(PaperRow.number), numbers)
        return {row.number: paper_of(row) for row in rows}

    async def categories(self, numbers: Iterable[int]) -> dict[int, list[str]]:
        statement = select(col(PaperRow.number), col(PaperRow.categories))
        return dict(await rows_among(self._db, statement, col(PaperRow.number), numbers))

    async def revisions(self, number: int) -> list[Revision]:
        """The texts of a paper's replaced versions that are stored, the first version first."""
        statement = select(RevisionRow).where(col(RevisionRow.paper) == number).order_by(col(RevisionRow.version))
        return [value_of(Revision, row, authors=tuple(row.authors)) for row in await self._db.execute(statement)]

    async def events_of(self, number: int) -> list[PaperEvent]:
        """What was said of a paper, in the order in which we heard it."""
        untold = (EventCode.REWORDED, EventCode.CHANGED)
        events = (
            select(EventRow)
            .where(col(EventRow.paper) == number, col(EventRow.kind).not_in(untold))
            .order_by(col(EventRow.number))
        )
        return [
            value_of(
                PaperEvent,
                row,
                kind=EventCode(row.kind).name.lower(),
                matched=row.matched_at is not None,
                score=row.score_to,
            )
            for row in await self._db.execute(events)
        ]

    async def followed(self, person: int, since: datetime, limit: int) -> list[tuple[int, Occasion, datetime]]:
        """News of the papers that a person watches: the paper's number, why it is news and when; the last first.

        Only what came after they began to watch, and after `since`.
        """
        watched = and_(
            col(WatchRow.paper) == col(EventRow.paper),
            col(WatchRow.person) == person,
            col(WatchRow.since) < col(EventRow.seen_at),
        )
        events = (
            select(col(EventRow.paper), col(EventRow.kind), col(EventRow.version), col(EventRow.seen_at))
            .distinct()
            .join(WatchRow, watched)
            .where(col(EventRow.kind).in_(_FOLLOWED), ~col(EventRow.quiet), col(EventRow.seen_at) > since)
            .order_by(col(EventRow.seen_at).desc(), col(EventRow.paper))
            .limit(limit)
        )
        rows = await self._db.execute(events)
        return [(row.paper, _occasion(EventCode(row.kind), row.version, None), row.seen_at) for row in rows]

    async def reworded_at(self, numbers: Sequence[int]) -> dict[int, datetime]:
        """When what is shown of papers last changed; those that read as they did at first are left out."""
        reworded = col(EventRow.kind) == EventCode.REWORDED
        last = select(col(EventRow.paper), func.max(col(EventRow.seen_at))).where(reworded)
        return dict(await rows_among(self._db, last.group_by(col(EventRow.paper)), col(EventRow.paper), numbers))

    # --- days --------------------------------------------------------------------------------------------------

    async def latest_day(self) -> date | None:
        last = select(func.max(col(PaperRow.announced)))
        return (await self._db.execute(last.where(col(PaperRow.announced) != UNDATED))).scalar_one()

    async def day(self, day: date, *, limit: int = 1000) -> list[Paper]:
        """The papers of a day, the last recorded first."""
        statement = _PAPERS.where(col(PaperRow.announced) == day)
        return await self._list(statement.order_by(col(PaperRow.number).desc()).limit(limit))

    async def stated_on(self, day: date, sources: Collection[str]) -> dict[EventKind, list[int]]:
        """The numbers of the papers of which these sources stated something on a day, by what, the last first.

        Acceptances and code that were stored quietly, as old news, are left out.
        """
        stated = and_(col(EventRow.source).in_(sources), col(EventRow.day) == day, col(EventRow.kind).in_(_OF_A_DAY))
        is_old = and_(col(EventRow.quiet), col(EventRow.kind).in_(_BECAME_KNOWN))
        statement = select(col(EventRow.kind), col(EventRow.paper)).where(stated, ~is_old)
        papers: dict[EventKind, dict[int, None]] = {}
        for kind, number in await self._db.execute(statement.order_by(col(EventRow.number).desc())):
            papers.setdefault(EventKind[EventCode(kind).name], {})[number] = None
        return {kind: list(numbers) for kind, numbers in papers.items()}

    async def numbers_since(self, since: date) -> dict[date, list[int]]:
        """The numbers of the papers of each day from `since`, the latest day first, in the order of recording."""
        order = (col(PaperRow.announced).desc(), col(PaperRow.number))
        statement = select(col(PaperRow.announced), col(PaperRow.number)).where(col(PaperRow.announced) >= since)
        days: dict[date, list[int]] = {}
        for day, number in await self._db.execute(statement.order_by(*order)):
            days.setdefault(day, []).append(number)
        return days

    async def count_since(self, since: date) -> int:
        return await count_rows(self._db, PaperRow, col(PaperRow.announced) >= since)

    async def days_since(self, since: date) -> int:
        day = col(PaperRow.announced)
        return (await self._db.execute(select(func.count(func.distinct(day))).where(day >= since))).scalar_one()

    async def neighbours(self, day: date) -> tuple[date | None, date | None]:
        """The nearest days before and after this one that have papers."""
        announced = col(PaperRow.announced)
        before = await self._db.execute(select(func.max(announced)).where(announced < day, announced != UNDATED))
        after = await self._db.execute(select(func.min(announced)).where(announced > day, announced != UNDATED))
        return before.scalar_one(), after.scalar_one()

    async def recent(self, since: date, after: int = 0, limit: int = 1000) -> list[Paper]:
        """Papers of the days from `since`, latest day first; the next page comes `after` the last number of this."""
        place = tuple_(col(PaperRow.announced), col(PaperRow.number))
        statement = _PAPERS.where(col(PaperRow.announced) >= since)
        if after:
            last = select(col(PaperRow.announced), col(PaperRow.number)).where(col(PaperRow.number) == after)
            statement = statement.where(place < last.scalar_subquery())
        order = (col(PaperRow.announced).desc(), col(PaperRow.number).desc())
        return await self._list(statement.order_by(*order).limit(limit))

    async def rises(self, numbers: Sequence[int]) -> dict[int, list[Rise]]:
        """The rises of papers' scores, each from the highest score so far to a higher one, by the papers' numbers."""
        rises: dict[int, list[Rise]] = {}
        events: Select[Any] = select(EventRow).where(col(EventRow.score_to).is_not(None)).order_by(col(EventRow.number))
        for row in await rows_among(self._db, events, col(EventRow.paper), numbers):
            rise = Rise(row.score_from or 0, row.score_to, row.seen_at, row.quiet)
            rises.setdefault(row.paper, []).append(rise)
        return rises

    async def trending(self, since: datetime, until: datetime, limit: int) -> list[Trend]:
        """The papers that gained most upvotes after `since` and up to `until`."""
        return await trends(self._db, since, until, limit)

    async def counts(self) -> PaperCounts:
        """How many papers there are, with the first and the last day."""
        day = col(PaperRow.announced)
        days = func.min(day).filter(day != UNDATED), func.max(day).filter(day != UNDATED)
        papers, first, last = (await self._db.execute(select(func.count(), *days))).one()
        return PaperCounts(papers, first, last)

    async def _list(self, statement: Select[Any]) -> list[Paper]:
        return [paper_of(row) for row in await self._db.execute(statement)]

    # --- the matcher's queue -----------------------------------------------------------------------------------

    async def unmatched(self, limit: int) -> list[News]:
        """The oldest unmatched news, without those of a source that waits for the rest of its burst."""
        waiting = select(col(SourceStateRow.source)).where(is_waiting(self._now))
        queue = select(EventRow).where(_UNMATCHED, col(EventRow.source).not_in(waiting))
        return await self._news(queue.order_by(col(EventRow.number)).limit(limit))

    async def backlog(self) -> UnmatchedNews:
        """How much news waits for the matcher."""
        first = select(col(EventRow.seen_at)).where(_UNMATCHED).order_by(col(EventRow.number)).limit(1)
        return UnmatchedNews(await count_rows(self._db, EventRow, _UNMATCHED), await self._db.scalar(first))

    async def awaiting_meaning(self, limit: int) -> list[News]:
        """The oldest news that only queries by meaning have not been matched with, of papers that have a vector."""
        encoded = and_(col(PaperRow.number) == col(EventRow.paper), ~col(PaperRow.unencoded))
        queue = select(EventRow).join(PaperRow, encoded).where(_AWAITS_MEANING)
        return await self._news(queue.order_by(col(EventRow.number)).limit(limit))

    async def _news(self, queue: Select[Any]) -> list[News]:
        events = (await self._db.execute(queue)).all()
        papers = await self._by_number([event.paper for event in events])
        return [_news(event, papers[event.paper]) for event in events if event.paper in papers]

    async def orphans(self) -> list[int]:
        """The unmatched events whose paper is gone, as a repair of the database by hand leaves them."""
        papers = select(col(PaperRow.number)).where(col(PaperRow.number) == col(EventRow.paper))
        lost = select(col(EventRow.number)).where(_UNMATCHED, ~papers.exists()).order_by(col(EventRow.number))
        return list((await self._db.execute(lost)).scalars())

    async def pass_over(self, events: Sequence[int]) -> None:
        """Take events off the matcher's queue unmatched."""
        settled = update(EventRow).where(among(col(EventRow.number), "events"), _UNMATCHED).values(matched_at=self._now)
        await self._db.execute(settled, {"events": number_list(events)})

    async def settle_matched(self, news: Sequence[News], *, awaiting: Collection[int] = ()) -> None:
        """Take these news off the queue, except those whose paper reads otherwise by now: they are matched again.

        The events that are `awaiting` go to the queue of what is still to be matched by meaning.
        """
        done = await self._settle(_UNMATCHED, news)
        settled = update(EventRow).where(among(col(EventRow.number), "events"))
        for awaits in (False, True):
            events = number_list(event for event in done if (event in awaiting) is awaits)
            values = settled.values(matched_at=self._now, awaits_meaning=awaits)
            values = values if awaits else values.values(before=None)
            await self._db.execute(values, {"events": events})
        await count_change(self._db)

    async def settle_meaning(self, news: Sequence[News]) -> None:
        """Take these news off the queue of what is still to be matched by meaning, with the same exception."""
        settled = update(EventRow).where(among(col(EventRow.number), "events"))
        settled = settled.values(awaits_meaning=False, before=None)
        await self._db.execute(settled, {"events": number_list(await self._settle(_AWAITS_MEANING, news))})
        await count_change(self._db)

    async def _settle(self, queue: ColumnElement[bool], news: Sequence[News]) -> list[int]:
        """Those of the events of these news that are in a queue and whose paper still reads as it was matched."""
        await self.lock()
        done: list[int] = []
        for piece in chunks(news):
            there = select(col(EventRow.number), col(EventRow.paper)).where(
                col(EventRow.number).in_([item.event for item in piece]), queue
            )
            papers = {row.number: row.paper for row in await self._db.execute(there)}
            now = await self._by_number(list(papers.values()))
            done += [item.event for item in piece if item.event in papers and now.get(papers[item.event]) == item.paper]
        return done


def _news(event: Row[Any], paper: Paper) -> News:
    kind = EventCode(event.kind)
    return value_of(
        News,
        event,
        event=event.number,
        paper=paper,
        occasion=_occasion(kind, event.version, event.score_to),
        label=kind.name.lower(),
        after_quiet=event.mark < 0,
        before=event.before if kind is EventCode.CHANGED else None,
        again=kind is not EventCode.CHANGED and event.before is not None,
    )


def _occasion(kind: EventCode, version: int, score: int | None) -> Occasion:
    if score is not None:
        return Occasion.upvotes(score)
    if kind is EventCode.REPLACED:
        return Occasion.version(version)
    return _OCCASIONS.get(kind, ARRIVAL)


_OCCASIONS = {
    EventCode.WITHDRAWN: WITHDRAWN,
    EventCode.PUBLISHED: PUBLISHED,
    EventCode.CODE: CODE,
    EventCode.ACCEPTED: ACCEPTED,
    EventCode.RETRACTED: RETRACTED,
    EventCode.CORRECTED: CORRECTED,
}
_FOLLOWED = tuple(code for code in EventCode if _occasion(code, 2, None).kind in FOLLOWED)
