"""Reading arXiv back by OAI-PMH: a chain of pages that survives restarts and expired tokens."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

import structlog

from paperwire.core.calendar import announcement_day, has_batch
from paperwire.core.categories import CATEGORIES
from paperwire.core.paper import Event, EventKind
from paperwire.errors import SourceGarbled, SourceRefused
from paperwire.ports import Page
from paperwire.sources.arxiv.oai import Answer, Record, parse_answer
from paperwire.wording import sources as wording

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from paperwire.sources._http import Fetched

_log = structlog.get_logger(__name__)

PART = "backfill"
_FEW_SETS = 5
_RAW, _PLAIN = "arXivRaw", "arXiv"
# arXiv holds papers back for up to about two weeks; a later change of a first version is something else.
_LONGEST_HOLD = timedelta(days=14)
_MAX_ERRORS = 3
_NOTHING = "noRecordsMatch"
_BELIEVED = 3  # times that the same empty answer has to come


@dataclass(frozen=True, slots=True)
class _Walk:
    """How far a backfill has come, as its cursor: the chain `chain` stands at `token`.

    `stamp` is the latest datestamp seen in the chain, where it begins anew when the token has expired. `format` is
    arXivRaw, the only one with versions and their times.
    """

    since: date
    chain: int = 0
    token: str = ""
    stamp: date = date.min
    format: str = _RAW

    @classmethod
    def resume(cls, cursor: str, since: date) -> _Walk:
        """The walk of `cursor` if it covers `since`, else a new one."""
        if cursor:
            raw = json.loads(cursor)
            walk = cls(
                date.fromisoformat(raw["since"]),
                raw["chain"],
                raw["token"],
                date.fromisoformat(raw["stamp"]),
                raw["format"],
            )
            if walk.since <= since:
                return walk
        return cls(since, stamp=since)

    def dump(self) -> str:
        return json.dumps(
            {
                "since": self.since.isoformat(),
                "chain": self.chain,
                "token": self.token,
                "stamp": self.stamp.isoformat(),
                "format": self.format,
            },
            separators=(",", ":"),
        )


class Harvest:
    """Walks ListRecords over the sets of the followed classes; `ask` gets a URL with arXiv's manners."""

    def __init__(self, ask: Callable[[str], Awaitable[Fetched]], *, url: str, classes: tuple[str, ...]) -> None:
        self._ask = ask
        self._url = url
        self._classes = frozenset(classes)
        sets = tuple(dict.fromkeys(CATEGORIES[name].set_spec for name in classes))
        # Few sets are asked for one by one; many cost less as the whole, sorted out here.
        self._sets = sets if len(sets) <= _FEW_SETS else ("",)

    async def walk(self, since: date, cursor: str) -> AsyncIterator[Page]:
        """Quiet pages with everything that changed since `since`; raises SourceError."""
        walk = _Walk.resume(cursor, since)
        errors: Counter[tuple[int, date]] = Counter()
        while walk.chain < len(self._sets):
            answer = await self._answer(walk)
            if answer.error and answer.error != _NOTHING:
                walk = self._mended(walk, answer)
                errors[walk.chain, walk.stamp] += 1
                if errors[walk.chain, walk.stamp] > _MAX_ERRORS:  # no way forward from this day
                    raise SourceGarbled(wording.oai_error(answer.error, answer.reason))
                continue
            walk = self._next(walk, answer)
            events = tuple(event for record in answer.records for event in self._events(record, walk.since))
            yield Page(part=PART, events=events, cursor=walk.dump(), quiet=True, view="oai")

    async def _answer(self, walk: _Walk) -> Answer:
        """One page; an empty one is asked for again before it is believed, as arXiv gives false ones."""
        for _ in range(_BELIEVED):
            fetched = await self._ask(self._address(walk))
            answer = await asyncio.to_thread(parse_answer, fetched.body)
            if answer.error != _NOTHING:
                return answer
        if walk.token:
            # There is no token without a next page.
            raise SourceGarbled(wording.oai_error(answer.error, answer.reason))
        return answer

    def _address(self, walk: _Walk) -> str:
        if walk.token:
            # The token is percent-encoded text already; the server wants it encoded once more (FACTS 1).
            return f"{self._url}?verb=ListRecords&resumptionToken={quote(walk.token, safe='')}"
        chosen = self._sets[walk.chain]
        asked = f"{self._url}?verb=ListRecords&metadataPrefix={walk.format}&from={walk.stamp.isoformat()}"
        return f"{asked}&set={quote(chosen, safe='')}" if chosen else asked

    def _mended(self, walk: _Walk, answer: Answer) -> _Walk:
        """How to go on after an error; raises SourceRefused if there is no way."""
        if answer.error == "badResumptionToken" and walk.token:
            _log.info("resumption token expired", begins_anew_at=walk.stamp.isoformat())
            return replace(walk, token="")
        if answer.error == "cannotDisseminateFormat" and walk.format == _RAW:
            return replace(walk, token="", format=_PLAIN)
        raise SourceRefused(wording.oai_error(answer.error, answer.reason))

    def _next(self, walk: _Walk, answer: Answer) -> _Walk:
        if not answer.token:
            return replace(walk, chain=walk.chain + 1, token="", stamp=walk.since)
        return replace(walk, token=answer.token, stamp=max([walk.stamp, *(one.stamp for one in answer.records)]))

    def _events(self, record: Record, since: date) -> Iterator[Event]:
        """What a record says: its arrival if that lies within `since`, and its latest replacement."""
        paper = record.paper
        if paper is None or not (followed := [name for name in paper.categories if name in self._classes]):
            return
        first, latest = days_of(record)
        paper = replace(paper, announced=first)
        if first is not None and first >= since:
            kind = EventKind.NEW if paper.primary_category in followed else EventKind.CROSS
            yield Event(kind=kind, paper=replace(paper, version=1), source="arxiv", day=first)
        if latest is not None or first is None or first < since:
            kind = EventKind.WITHDRAWN if paper.withdrawn else EventKind.REPLACED
            yield Event(kind=kind, paper=paper, source="arxiv", day=latest or record.stamp)


def days_of(record: Record) -> tuple[date | None, date | None]:
    """The days on which a record's first and latest version were announced; None where unknown or the same.

    OAI-PMH does not tell announcements. The schedule says when a version that came in at some time would be announced;
    a record whose only version bears a datestamp not long after that was most likely held back until then.
    """
    if not record.versions:
        return _days_of_plain(record)
    first = announcement_day(record.versions[0])
    latest = announcement_day(record.versions[-1]) if len(record.versions) > 1 else None
    # A record cannot be older than its announcement, and is seldom touched in the first days after it.
    told = latest is None and record.stamp <= first + _LONGEST_HOLD and has_batch(record.stamp)
    return (record.stamp if told else first), latest


def _days_of_plain(record: Record) -> tuple[date | None, date | None]:
    """The same for a record without version history.

    Its `created` is the first version's day in records of 2017 and the latest version's since 2025; an id tells the
    month of the first announcement, so another month means another version. Noon in UTC is before that day's deadline.
    """
    if record.created is None:
        return None, None
    day = announcement_day(datetime.combine(record.created, time(12), UTC))
    month = record.id.rpartition("/")[2][:4]
    return (day, None) if f"{day:%y%m}" == month else (None, day)
