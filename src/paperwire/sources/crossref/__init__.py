"""The source `crossref`: articles of journals by ISSN, and retractions of any stored paper (api.crossref.org)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import chain
from typing import Any
from urllib.parse import quote

import structlog
from pydantic import field_validator

from paperwire.core.papers.identity import is_arxiv, normal_doi
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.errors import SourceGarbled, SourceRefused
from paperwire.ports.options import Now, PollInterval, WebAddress
from paperwire.ports.options import Options as BaseOptions
from paperwire.ports.sources import Page, Source
from paperwire.sources._http import Fetcher
from paperwire.sources._json import dump_cursor, load_cursor, parse_json
from paperwire.sources._paging import DatedPaper, ReadingSince, RowsOfDays, TokenDied, read_back, read_since
from paperwire.sources.crossref.record import NAME, RECORD_FIELDS, day_in, read_work
from paperwire.sources.crossref.updates import UPDATE_FIELDS, UpdatedWork, read_notices, read_updates

log = structlog.get_logger(__name__)

_ROWS, _UPDATES_A_PAGE = 200, 1000
UPDATES = "updates"
"""The part that is asked once a day which works were retracted or corrected."""
_ISSN = re.compile(r"\d{4}-?\d{3}[\dX]")
_NOT_FOUND = 404
_FORGOTTEN = {400, 404, 410}
"""How a token is refused that the service no longer knows; it keeps one for five minutes."""


class Options(BaseOptions):
    """`[sources.crossref]`: which journals, by ISSN, whether to hear of retractions and corrections, and how often."""

    url: WebAddress = "https://api.crossref.org"
    issn: tuple[str, ...] = ()
    updates: bool = True
    every: PollInterval = 21_600.0

    def missing(self) -> str:
        return "" if self.issn or self.updates else "issn"

    @field_validator("issn")
    @classmethod
    def _are_issns(cls, numbers: tuple[str, ...]) -> tuple[str, ...]:
        """Each once, as `1234-567X`."""
        plain = [number.strip().upper() for number in numbers]
        for number in plain:
            if not _ISSN.fullmatch(number):
                raise ValueError(f"{number[:40]!r} is no ISSN, such as 2522-5839")
        return tuple(dict.fromkeys(f"{number[:4]}-{number[-4:]}" for number in plain))


def build(options: Options, *, fetcher: Fetcher, now: Now, public_url: str) -> Source:  # noqa: ARG001 -- every source is built alike
    return CrossrefSource(fetcher, url=options.url, issn=options.issn, updates=options.updates, now=now)


class CrossrefSource:
    """Journals as parts, each read by the day on which DOIs were registered; a record is `new` once.

    One more part is what was said since the last day of works that were retracted or corrected, whichever they are:
    one question a day, and none for each paper that is stored.

    Lists are asked for at most once a second over one connection: since December 2025 three a second are allowed to
    those who say how to reach them, as our requests do, and one to others.
    """

    name = NAME

    def __init__(  # noqa: PLR0913 -- what it asks with
        self, fetcher: Fetcher, *, url: str, issn: Sequence[str], updates: bool, now: Now, min_interval: float = 1.0
    ) -> None:
        self._fetcher = fetcher
        self._url = url.rstrip("/")
        self._issn = tuple(issn)
        self._updates = updates
        self._interval = min_interval
        self._now = now

    def parts(self) -> Sequence[str]:
        return (*self._issn, UPDATES) if self._updates else self._issn

    async def fetch(self, part: str, cursor: str) -> AsyncIterator[Page]:
        """The articles of a journal that were registered since the last day seen; two days, quietly, at first.

        Of updates there are none where they were read through today.
        """
        if part == UPDATES:
            async for page in self._fetch_updates(cursor):
                yield page
            return
        async for rows, following, quiet in read_since(partial(self._ask, part), cursor, self._now().date()):
            yield Page(part=part, events=tuple(chain.from_iterable(rows)), cursor=following, quiet=quiet)

    async def backfill(self, since: date, cursor: str) -> AsyncIterator[Page]:
        """All journals from `since` to today, one after the other, as quiet pages."""
        asks = [partial(self._ask, issn) for issn in self._issn]
        async for _, rows, following in read_back(asks, since, cursor, self._now().date()):
            yield Page(part="backfill", events=tuple(chain.from_iterable(rows)), cursor=following, quiet=True)

    async def lookup(self, paper_id: str) -> Paper | None:
        """A work by its DOI, or None if Crossref does not know it."""
        doi = normal_doi(paper_id)
        if doi is None or is_arxiv(doi):
            return None
        try:
            record = _message(await self._get(f"/works/{quote(doi, safe='')}", {}))
        except SourceRefused as error:
            if error.status == _NOT_FOUND:
                return None
            raise
        work = read_work(record)
        return replace(work.paper, notices=read_notices(record, doi)) if work else None

    async def _fetch_updates(self, cursor: str) -> AsyncIterator[Page]:
        """Notices that came into the index since the last day seen, if that was not read through today."""
        today = self._now().date()
        stands = load_cursor(_UpdatesRead, cursor) if cursor else _UpdatesRead("", "")
        if stands.on == today.isoformat():
            return
        async for rows, following, quiet in read_since(self._ask_updates, stands.reading, today):
            is_over = not load_cursor(ReadingSince, following).begin
            done = _UpdatesRead(today.isoformat() if is_over else "", following)
            yield Page(part=UPDATES, events=_recalls(rows), cursor=dump_cursor(done), quiet=quiet)

    async def _ask_updates(self, begin: date, token: str) -> RowsOfDays:
        which = f"is-update:true,from-index-date:{begin.isoformat()}"
        records, token, total = await self._list(which, UPDATE_FIELDS, _UPDATES_A_PAGE, token)
        days = [indexed for record in records if (indexed := day_in(record, "indexed"))]
        return RowsOfDays(rows=[read_updates(record) for record in records], days=days, token=token, total=total)

    async def _ask(self, issn: str, begin: date, token: str) -> RowsOfDays:
        which = f"issn:{issn},from-created-date:{begin.isoformat()}"
        records, token, total = await self._list(which, RECORD_FIELDS, _ROWS, token)
        works = [read_work(record) for record in records]
        days = [work.day for work in works if work and work.day]
        rows = [self._statements(work, record) for work, record in zip(works, records, strict=True)]
        return RowsOfDays(rows=rows, days=days, token=token, total=total)

    async def _list(self, which: str, fields: str, rows: int, token: str) -> tuple[list[Mapping[str, Any]], str, int]:
        """One answer of a list; raises TokenDied where its token is no longer known."""
        question = {"filter": which, "select": fields, "rows": str(rows), "cursor": token or "*"}
        try:
            body = await self._get("/works", question)
        except SourceRefused as error:
            if token and error.status in _FORGOTTEN:
                raise TokenDied(str(error)) from None
            raise
        return read_list(body)

    async def _get(self, path: str, params: Mapping[str, str]) -> bytes:
        fetched = await self._fetcher.get(
            f"{self._url}{path}", params=params, service=self.name, interval=self._interval, kind="json"
        )
        return fetched.body

    def _statements(self, work: DatedPaper | None, record: Mapping[str, Any]) -> tuple[Event, ...]:
        """That a work is there, and the notices about it, which may have come in before it was known here."""
        if work is None:
            return ()
        doi = work.paper.id
        notices = [UpdatedWork(doi, notice) for notice in read_notices(record, doi)]
        return (work.event(self.name, self._now()), *_recalls([notices]))


@dataclass(frozen=True, slots=True)
class _UpdatesRead:
    """The cursor of updates: the day `on` which they were last read through, and how far they are read."""

    on: str
    reading: str


def _recalls(rows: Sequence[Sequence[UpdatedWork]]) -> tuple[Event, ...]:
    """Retractions and corrections as statements, retractions first, as a retracted paper's corrections are no news."""
    updates = sorted((update for row in rows for update in row), key=lambda update: update.notice.kind != "retracted")
    return tuple(
        Event(
            kind=EventKind(update.notice.kind),
            paper=Paper(id=update.doi, title="", source=NAME),
            source=NAME,
            day=update.notice.day,
            notice=update.notice,
        )
        for update in updates
    )


def _message(body: bytes) -> Mapping[str, Any]:
    """What an answer is about: a list or a record."""
    answer = parse_json(body)
    message = answer.get("message") if isinstance(answer, dict) else None
    if not isinstance(message, dict):
        raise SourceGarbled("the answer is not one of Crossref's")
    return message


def read_list(body: bytes) -> tuple[list[Mapping[str, Any]], str, int]:
    """The records of an answer, the token of the next one, and how many the whole list has.

    A record that is no object is an empty one, so that all are counted. Raises SourceGarbled for any other answer.
    """
    message = _message(body)
    items, total, token = (message.get(field) for field in ("items", "total-results", "next-cursor"))
    if not isinstance(items, list) or type(total) is not int or (items and not any(map(_is_record, items))):
        raise SourceGarbled("the answer is not a list of works")
    return [item if isinstance(item, dict) else {} for item in items], token if isinstance(token, str) else "", total


def _is_record(item: object) -> bool:
    return isinstance(item, dict) and "DOI" in item
