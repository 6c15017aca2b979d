"""arXiv by its second view: what OAI-PMH changed since the last time, for all that the announcement feeds missed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

import structlog

from paperwire.core.days.batch import listings_of
from paperwire.core.days.calendar import NEW_YORK, Closures, current_day, listed_day
from paperwire.core.papers.paper import ARRIVALS, Event, EventKind
from paperwire.ports.options import Now
from paperwire.ports.sources import Page, Stored, TimeOfDay
from paperwire.sources._json import dump_cursor, load_cursor
from paperwire.sources.arxiv.harvest import LONGEST_HOLD, VIEW, Harvest, Statement, Walk, arrival_days, rows
from paperwire.sources.arxiv.identifiers import OVERLAP, Identifiers
from paperwire.sources.arxiv.oai import Record

_log = structlog.get_logger(__name__)

PART = "reconcile"
CHECKS = (TimeOfDay(8, 35, NEW_YORK.key), TimeOfDay(22, 35, NEW_YORK.key))
"""When OAI-PMH is asked, in New York: soon after it has the evening's batch, and in the morning, when all is there."""
LONGEST_GAP = timedelta(days=30)
"""After a longer silence what lies further back is left to a reading back by hand."""


@dataclass(frozen=True, slots=True)
class _Cursor:
    """The cursor: `through` is the day of the last answer, in UTC, and `walk` a reading that is under way.

    Batches to `began`, the day of the first look, are quiet, and in categories added later those to the day in
    `added`, when that was first seen.
    """

    through: date
    began: date
    categories: frozenset[str]
    added: Mapping[str, date]
    walk: Walk | None = None

    @classmethod
    def load(cls, cursor: str) -> _Cursor:
        raw = json.loads(cursor)
        walk = load_cursor(Walk, raw["walk"]) if raw["walk"] else None
        through, began = date.fromisoformat(raw["through"]), date.fromisoformat(raw["began"])
        added = {name: date.fromisoformat(day) for name, day in raw.get("added", {}).items()}
        return cls(through, began, frozenset(raw["classes"]), added, walk)

    def dump(self) -> str:
        raw = {
            "through": self.through.isoformat(),
            "began": self.began.isoformat(),
            "classes": sorted(self.categories),
            "added": {name: day.isoformat() for name, day in sorted(self.added.items())},
            "walk": dump_cursor(self.walk) if self.walk else "",
        }
        return json.dumps(raw, separators=(",", ":"))

    def following(self, categories: frozenset[str], day: date) -> _Cursor:
        """This mark with the categories that are followed now; those that were added had been announced to `day`."""
        added = {name: self.added.get(name, day) for name in categories - self.categories}
        still_added = {name: since for name, since in self.added.items() if name in categories}
        return replace(self, categories=categories, added=still_added | added)

    def had(self, name: str, day: date) -> bool:
        """Whether a batch was announced before its category was followed."""
        return day <= self.first_day(name)

    def first_day(self, name: str) -> date:
        """The day whose batch was out when a category was first read."""
        return self.added.get(name, self.began)


class Reconciliation:
    """Reads what changed since the last answer, and what is listed of the last week that is not stored."""

    def __init__(
        self, harvest: Harvest, identifiers: Identifiers, *, categories: tuple[str, ...], now: Now, closures: Closures
    ) -> None:
        self._harvest = harvest
        self._identifiers = identifiers
        self._categories = frozenset(categories)
        self._now = now
        self._closures = closures

    async def run(self, cursor: str, *, unproven: date | None, stored: Stored) -> AsyncIterator[Page]:
        """One reading, or what is left of one; the first time only where to begin. Raises SourceError.

        The cursor passes a day with the last page only, so that a crash in between repeats instead of losing.
        """
        if not cursor:
            now = self._now()
            yield self._page((), _Cursor(now.date(), listed_day(now, self._closures), self._categories, {}), quiet=True)
            return
        mark = _Cursor.load(cursor).following(self._categories, current_day(self._now(), self._closures))
        walk = begin = self._begin(mark, unproven)
        shown: set[date] = set()
        async for walk, records in self._harvest.answers(begin):
            surprises = await self._surprises(records, stored)
            statements = [
                statement for record in records for statement in self._statements_of(record, walk.since, surprises)
            ]
            shown |= arrival_days(statements)
            after = replace(mark, walk=walk)
            for page in self._pages(statements, mark, after):
                yield page
            mark = after
        since = max(walk.since - OVERLAP, mark.began)
        async for records in self._identifiers.missing(since, stored):
            surprises = await self._surprises(records, stored)
            statements = [
                statement for record in records for statement in self._statements_of(record, since, surprises)
            ]
            shown |= arrival_days(statements)
            for page in self._pages(statements, mark, mark):
                yield page
        over = replace(mark, through=(walk.at or self._now()).date(), walk=None)
        yield replace(self._page((), over, quiet=False), listings=self._harvest.whole(walk, shown))

    def _begin(self, mark: _Cursor, unproven: date | None) -> Walk:
        """Where to go on: a reading under way, or a new one from the day of the last answer, or the first unproven."""
        today = self._now().date()
        walk = mark.walk
        # One that only lacks its identifiers is taken up on the same day; later there is more to read.
        if walk and not (self._harvest.is_over(walk) and (walk.at is None or walk.at.date() < today)):
            return walk
        begin, earliest = min(mark.through, unproven or mark.through), today - LONGEST_GAP
        if begin < earliest:
            _log.warning("a long gap, read in part only", since=str(begin), read_from=str(earliest))
        return Walk.begin(max(begin, earliest))

    def _pages(self, statements: list[Statement], mark: _Cursor, after: _Cursor) -> Iterator[Page]:
        """The quiet pages of what was there before our time, if there is such, and the other one.

        What was announced on the day of a first look is apart: it may have been announced after it.
        """
        quiet: list[Statement] = []
        first_day: list[Statement] = []
        loud: list[Statement] = []
        for statement in statements:
            is_quiet = self._is_quiet(mark, statement)
            (loud if not is_quiet else first_day if self._is_of_first_day(mark, statement) else quiet).append(statement)
        if first_day:
            listings = listings_of(rows(first_day))
            yield replace(self._page(first_day, mark, quiet=True), first_look=True, listings=listings)
        if quiet:
            yield self._page(quiet, mark, quiet=True)
        yield self._page(loud, after, quiet=False)

    def _page(self, statements: list[Statement] | tuple[()], mark: _Cursor, *, quiet: bool) -> Page:
        return Page(
            part=PART,
            events=tuple(event for event, _ in statements),
            cursor=mark.dump(),
            quiet=quiet,
            view=VIEW,
            # What was there before our time is no matter of this view.
            listings=() if quiet else listings_of(rows(statements)),
        )

    @staticmethod
    def _is_quiet(mark: _Cursor, statement: Statement) -> bool:
        event, categories = statement
        return event.day is not None and all(mark.had(name, event.day) for name in categories)

    def _is_of_first_day(self, mark: _Cursor, statement: Statement) -> bool:
        """Whether an arrival of the day of a first look came in for that day: other records are only changed then."""
        event, categories = statement
        came_in = event.paper.published
        if event.kind not in ARRIVALS or event.day is None or came_in is None:
            return False
        is_first = any(event.day == mark.first_day(name) for name in categories)
        return is_first and self._harvest.day_of(came_in) >= event.day

    async def _surprises(self, records: Iterable[Record], stored: Stored) -> frozenset[str]:
        """The records of papers that are not stored and appeared on a day on which nothing was expected.

        By the schedule one that was held back until then would be of a day that was read long ago.
        """
        ids = [record.id for record in records if self._harvest.is_surprising(record)]
        return frozenset(ids) - await stored(ids) if ids else frozenset()

    def _statements_of(self, record: Record, since: date, surprises: frozenset[str]) -> Iterator[Statement]:
        """What a record says of the last two weeks; of an older paper that it changed, which may be its journal.

        A paper announced longer ago than arXiv holds any back was not missed: this is another change to its record.
        Those in `surprises` were announced on the day of their datestamp.
        """
        paper = record.paper
        if paper is None or not (categories := self._harvest.followed(paper)):
            return
        first, latest = self._harvest.days_of(record)
        first = record.stamp if record.id in surprises else first
        recent = since - LONGEST_HOLD
        at = datetime.combine(record.stamp, time(), UTC)
        paper = replace(paper, announced=first)
        if first is not None and first >= recent:
            kind = EventKind.NEW if paper.primary_category in categories else EventKind.CROSS
            yield Event(kind=kind, paper=replace(paper, version=1), source="arxiv", day=first, at=at), categories
        if latest is not None and latest >= recent:
            kind = EventKind.WITHDRAWN if paper.withdrawn else EventKind.REPLACED
            yield Event(kind=kind, paper=paper, source="arxiv", day=latest, at=at), categories
        elif first is None or first < recent:
            yield Event(kind=EventKind.CHANGED, paper=paper, source="arxiv", at=at), categories
