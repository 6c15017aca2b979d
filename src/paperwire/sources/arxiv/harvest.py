"""Reading arXiv back by OAI-PMH: a chain of pages that survives restarts and expired tokens."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias
from urllib.parse import quote

import structlog

from paperwire.core.days.batch import Listing, listings_of
from paperwire.core.days.calendar import Closures, announcement_day, days_between, harvested_at, has_batch
from paperwire.core.days.dates import is_possible
from paperwire.core.papers.categories import CATEGORIES, TWIN
from paperwire.core.papers.paper import ARRIVALS, Event, EventKind, Paper
from paperwire.errors import SourceGarbled, SourceRefused, SourceSlow
from paperwire.ports.options import Now
from paperwire.ports.sources import Page
from paperwire.sources._http import Fetched
from paperwire.sources._json import dump_cursor, load_cursor
from paperwire.sources.arxiv.oai import OaiAnswer, Record, parse_answer

_log = structlog.get_logger(__name__)

PART, VIEW = "backfill", "oai"
Statement: TypeAlias = "tuple[Event, tuple[str, ...]]"
"""An event and the followed categories of its paper."""
_FEW_SETS = 5
_RAW, _PLAIN = "arXivRaw", "arXiv"
LONGEST_HOLD = timedelta(days=14)
"""arXiv holds papers back for up to about two weeks; a later change of a first version is something else."""
_MAX_ERRORS = 3
_NOTHING = "noRecordsMatch"
_BELIEVED = 3  # times that the same empty answer has to come


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a reading has come, as its cursor: the chain `chain` stands at `token`.

    `stamp` is the latest datestamp seen in the chain, where it starts over when the token has expired. `format` is
    arXivRaw, the only one with versions and their times. `at` is when the service made its first answer. Where it was
    too slow, only `span` days after the first are asked for at a time, now those to `until`.
    """

    since: date
    chain: int = 0
    token: str = ""
    stamp: date = date.min
    format: str = _RAW
    at: datetime | None = None
    verb: str = "ListRecords"
    span: int | None = None
    until: date | None = None

    @classmethod
    def begin(cls, since: date, verb: str = "ListRecords") -> Walk:
        return cls(since, stamp=since, verb=verb)

    def spanning(self, stamp: date, today: date) -> Walk:
        """This chain from a day on, for as many days as are asked for at a time."""
        until = None if self.span is None else stamp + timedelta(days=self.span)
        return replace(self, token="", stamp=stamp, until=until if until and until < today else None)

    @classmethod
    def resume(cls, cursor: str, since: date) -> Walk:
        """The walk of `cursor` if it covers `since`, else a new one."""
        walk = load_cursor(cls, cursor) if cursor else None
        return walk if walk and walk.since <= since else cls.begin(since)


class Harvest:
    """Walks the lists of the sets of the followed categories; `ask` gets a URL with arXiv's manners."""

    def __init__(
        self,
        ask: Callable[[str], Awaitable[Fetched]],
        *,
        url: str,
        categories: tuple[str, ...],
        now: Now,
        closures: Closures,
    ) -> None:
        self._ask = ask
        self._now = now
        self._url = url
        self._categories = frozenset(categories)
        self._closures = closures
        sets = tuple(dict.fromkeys(CATEGORIES[name].set_spec for name in categories))
        self.followed_sets = frozenset(sets)
        # Few sets are asked for one by one; many cost less as the whole, sorted out here.
        self._sets = sets if len(sets) <= _FEW_SETS else ("",)

    async def read_back(self, since: date, cursor: str, until: date = date.max) -> AsyncIterator[Page]:
        """Quiet pages with everything that changed since `since`; raises SourceError.

        A record that changed after `until` may have been announced only then, and is left out if so.
        """
        shown: set[date] = set()
        async for walk, records in self.answers(Walk.resume(cursor, since)):
            was_there = [record for record in records if record.stamp <= until or not self._may_be_fresh(record)]
            statements = [statement for record in was_there for statement in self.statements_of(record, walk.since)]
            shown |= arrival_days(statements)
            whole = self.whole(walk, shown) if self.is_over(walk) else ()
            yield Page(
                part=PART,
                events=tuple(event for event, _ in statements),
                cursor=dump_cursor(walk),
                quiet=True,
                view=VIEW,
                listings=(*listings_of(rows(statements)), *(listing for listing in whole if listing.day <= until)),
            )

    def _may_be_fresh(self, record: Record) -> bool:
        """Whether a paper may have been announced on the day of its datestamp, after being held back."""
        first, _ = self.days_of(record)
        return first is not None and record.stamp <= first + LONGEST_HOLD

    def is_over(self, walk: Walk) -> bool:
        return walk.chain >= len(self._sets)

    def whole(self, walk: Walk, shown: set[date]) -> tuple[Listing, ...]:
        """What a reading that is over has read through: each batch since its beginning that OAI-PMH should have had.

        Those are the expected days, and the others of which it has `shown` arrivals. An answer without records reads
        through a day as well: whether that can be is judged elsewhere.
        """
        if walk.at is None:
            return ()
        expected = days_between(walk.since, walk.at.date(), self._closures)
        days = [day for day in sorted({*expected, *shown}) if day >= walk.since and harvested_at(day) <= walk.at]
        return tuple(Listing(part=name, day=day, whole=True) for day in days for name in sorted(self._categories))

    async def answers(self, walk: Walk) -> AsyncIterator[tuple[Walk, tuple[Record, ...]]]:
        """The records from where `walk` stands, answer by answer, with how far it has come; raises SourceError."""
        errors: Counter[tuple[int, date]] = Counter()
        while not self.is_over(walk):
            try:
                answer = await self._answer(walk)
            except SourceSlow:
                walk = self._narrowed(walk)
                yield walk, ()
                continue
            if answer.error and answer.error != _NOTHING:
                walk = self._mended(walk, answer)
                errors[walk.chain, walk.stamp] += 1
                if errors[walk.chain, walk.stamp] > _MAX_ERRORS:  # no way forward from this day
                    raise SourceGarbled(
                        f"arXiv's OAI-PMH service refuses the request ({answer.error}: {answer.reason[:200]})"
                    )
                continue
            walk = self._next(walk, answer)
            yield walk, answer.records

    async def _answer(self, walk: Walk) -> OaiAnswer:
        """One page; an empty one is asked for again before it is believed, as arXiv gives false ones."""
        for _ in range(_BELIEVED):
            fetched = await self._ask(self._address(walk))
            answer = await asyncio.to_thread(parse_answer, fetched.body)
            if answer.error != _NOTHING:
                return answer
        if walk.token:
            # There is no token without a next page.
            raise SourceGarbled(f"arXiv's OAI-PMH service refuses the request ({answer.error}: {answer.reason[:200]})")
        return answer

    def _address(self, walk: Walk) -> str:
        if walk.token:
            # The token is percent-encoded text already; the server wants it encoded a second time.
            return f"{self._url}?verb={walk.verb}&resumptionToken={quote(walk.token, safe='')}"
        chosen = self._sets[walk.chain]
        url = f"{self._url}?verb={walk.verb}&metadataPrefix={walk.format}&from={walk.stamp.isoformat()}"
        url += f"&until={walk.until.isoformat()}" if walk.until else ""
        return f"{url}&set={quote(chosen, safe='')}" if chosen else url

    async def record(self, paper_id: str) -> Record | None:
        """One record with its versions, None if OAI-PMH has none of that id; raises SourceError."""
        url = f"{self._url}?verb=GetRecord&metadataPrefix={_RAW}&identifier={quote(f'oai:arXiv.org:{paper_id}')}"
        answer = await asyncio.to_thread(parse_answer, (await self._ask(url)).body)
        return next((record for record in answer.records if record.id == paper_id), None)

    def _mended(self, walk: Walk, answer: OaiAnswer) -> Walk:
        """How to go on after an error; raises SourceRefused if there is no way."""
        if answer.error == "badResumptionToken" and walk.token:
            _log.info("resumption token expired", restarts_at=walk.stamp.isoformat())
            return replace(walk, token="")
        if answer.error == "cannotDisseminateFormat" and walk.format == _RAW:
            return replace(walk, token="", format=_PLAIN)
        raise SourceRefused(f"arXiv's OAI-PMH service refuses the request ({answer.error}: {answer.reason[:200]})")

    def _narrowed(self, walk: Walk) -> Walk:
        """The walk from where it stands, over half as many days at a time. Raises SourceSlow if that was one day."""
        today = self._now().date()
        days = ((walk.until or today) - walk.stamp).days
        if days <= 0:
            raise SourceSlow("arXiv's OAI-PMH service takes too long for the changes of one day")
        _log.info("OAI-PMH is slow, asking for fewer days at a time", days=days // 2 + 1)
        return replace(walk, span=days // 2).spanning(walk.stamp, today)

    def _next(self, walk: Walk, answer: OaiAnswer) -> Walk:
        now = self._now()
        at = now if answer.at and not is_possible(answer.at, now) else answer.at
        walk = replace(walk, at=walk.at or at)
        if not answer.token and walk.until is not None:
            return walk.spanning(walk.until + timedelta(days=1), now.date())
        if not answer.token:
            return replace(walk, chain=walk.chain + 1).spanning(walk.since, now.date())
        stamps = [record.stamp for record in answer.records if is_possible(record.stamp, now)]
        return replace(walk, token=answer.token, stamp=max([walk.stamp, *stamps]))

    def followed(self, paper: Paper) -> tuple[str, ...]:
        return tuple(name for name in paper.categories if name in self._categories)

    def days_of(self, record: Record) -> tuple[date | None, date | None]:
        """The days on which a record's first and latest version were announced, by this service's calendar."""
        return days_of(record, self._closures)

    def day_of(self, came_in: datetime) -> date:
        """The day for which the schedule announces a version that came in at that time."""
        return announcement_day(came_in, self._closures)

    def is_surprising(self, record: Record) -> bool:
        """Whether a first version bears the datestamp of a day on which nothing was expected, days after its own.

        Its record was changed then, or it was announced then after being held back.
        """
        first, latest = self.days_of(record)
        if first is None or latest is not None or has_batch(record.stamp, self._closures):
            return False
        return first < record.stamp <= first + LONGEST_HOLD

    def statements_of(self, record: Record, since: date) -> Iterator[Statement]:
        """What a record says: its arrival if that lies within `since`, and its latest replacement.

        With each event come the followed categories of its paper.
        """
        paper = record.paper
        if paper is None or not (categories := self.followed(paper)):
            return
        first, latest = self.days_of(record)
        paper = replace(paper, announced=first)
        if first is not None and first >= since:
            kind = EventKind.NEW if paper.primary_category in categories else EventKind.CROSS
            yield Event(kind=kind, paper=replace(paper, version=1), source="arxiv", day=first), categories
        if latest is not None or first is None or first < since:
            kind = EventKind.WITHDRAWN if paper.withdrawn else EventKind.REPLACED
            yield Event(kind=kind, paper=paper, source="arxiv", day=latest or record.stamp), categories


def rows(statements: Iterable[Statement]) -> Iterator[tuple[str, Event]]:
    """(category, event) for each category of an event; in one that is not its paper's first it is a cross-list."""
    for event, categories in statements:
        for name in categories:
            names = {name, TWIN.get(name, name)}
            crossed = event.kind is EventKind.NEW and event.paper.primary_category not in names
            yield name, replace(event, kind=EventKind.CROSS) if crossed else event


def arrival_days(statements: Iterable[Statement]) -> set[date]:
    return {event.day for event, _ in statements if event.day is not None and event.kind in ARRIVALS}


def days_of(record: Record, closures: Closures) -> tuple[date | None, date | None]:
    """The days on which a record's first and latest version were announced; None where unknown or the same.

    OAI-PMH does not tell announcements. The schedule says when a version that came in at some time would be announced;
    a record whose only version bears a datestamp not long after that was most likely held back until then. A version
    is never announced after its record's datestamp: then it was announced on a day that was not expected.
    """
    if not record.versions:
        return _days_of_plain(record, closures)
    first = announcement_day(record.versions[0], closures)
    latest = announcement_day(record.versions[-1], closures) if len(record.versions) > 1 else None
    # A record is seldom touched in the first days after its announcement.
    held_back = latest is None and record.stamp <= first + LONGEST_HOLD and has_batch(record.stamp, closures)
    return (record.stamp if held_back else min(first, record.stamp)), latest and min(latest, record.stamp)


def _days_of_plain(record: Record, closures: Closures) -> tuple[date | None, date | None]:
    """The same for a record without version history.

    Its `created` is the first version's day in records of 2017 and the latest version's since 2025; an id tells the
    month of the first announcement, so another month means another version. Noon in UTC is before that day's deadline.
    """
    if record.created is None:
        return None, None
    day = min(announcement_day(datetime.combine(record.created, time(12), UTC), closures), record.stamp)
    month = record.id.rpartition("/")[2][:4]
    return (day, None) if f"{day:%y%m}" == month else (None, day)
