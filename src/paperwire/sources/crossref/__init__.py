"""The source `crossref`: articles of journals by ISSN, as their DOIs are registered (api.crossref.org)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import quote

import structlog
from pydantic import field_validator

from paperwire.core.duration import Seconds
from paperwire.core.papers.identity import is_arxiv, normal_doi
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.errors import SourceGarbled, SourceRefused
from paperwire.ports.options import Now
from paperwire.ports.options import Options as BaseOptions
from paperwire.ports.sources import Page, Source
from paperwire.sources._http import Fetcher
from paperwire.sources._json import parse_json
from paperwire.sources._paging import RowsOfDays, TokenDied, read_back, read_since
from paperwire.sources.crossref.record import FIELDS, NAME, Work, read_work

log = structlog.get_logger(__name__)

_ROWS = 200
_ISSN = re.compile(r"\d{4}-?\d{3}[\dX]")
_NOT_FOUND = 404
_FORGOTTEN = {400, 404, 410}
"""How a token is refused that the service no longer knows; it keeps one for five minutes."""


class Options(BaseOptions):
    """`[sources.crossref]`: which journals, by their ISSNs in print or online, and how often."""

    url: str = "https://api.crossref.org"
    issn: tuple[str, ...] = ()
    every: Seconds = 21_600.0

    def missing(self) -> str:
        return "" if self.issn else "issn"

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
    return CrossrefSource(fetcher, url=options.url, issn=options.issn, now=now)


class CrossrefSource:
    """Journals as parts, each read by the day on which DOIs were registered; a record is `new` once.

    Lists are asked for at most once a second over one connection: since December 2025 three a second are allowed to
    those who say how to reach them, as our requests do, and one to others.
    """

    name = NAME

    def __init__(self, fetcher: Fetcher, *, url: str, issn: Sequence[str], now: Now, min_interval: float = 1.0) -> None:
        self._fetcher = fetcher
        self._url = url.rstrip("/")
        self._issn = tuple(issn)
        self._interval = min_interval
        self._now = now

    def parts(self) -> Sequence[str]:
        return self._issn

    async def fetch(self, part: str, cursor: str) -> AsyncIterator[Page]:
        """The articles of a journal that were registered since the last day seen; two days, quietly, at first."""
        async for rows, following, quiet in read_since(partial(self._ask, part), cursor, self._now().date()):
            yield Page(part=part, events=self._events(rows), cursor=following, quiet=quiet)

    async def backfill(self, since: date, cursor: str) -> AsyncIterator[Page]:
        """All journals from `since` to today, one after the other, as quiet pages."""
        asks = [partial(self._ask, issn) for issn in self._issn]
        async for _, rows, following in read_back(asks, since, cursor, self._now().date()):
            yield Page(part="backfill", events=self._events(rows), cursor=following, quiet=True)

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
        return work.paper if work else None

    async def _ask(self, issn: str, begin: date, token: str) -> RowsOfDays:
        question = {
            "filter": f"issn:{issn},from-created-date:{begin.isoformat()}",
            "select": FIELDS,
            "rows": str(_ROWS),
            "cursor": token or "*",
        }
        try:
            body = await self._get("/works", question)
        except SourceRefused as error:
            if token and error.status in _FORGOTTEN:
                raise TokenDied(str(error)) from None
            raise
        records, token, total = read_list(body)
        works = [read_work(record) for record in records]
        days = [work.registered for work in works if work and work.registered]
        return RowsOfDays(rows=works, days=days, token=token, total=total)

    async def _get(self, path: str, params: Mapping[str, str]) -> bytes:
        fetched = await self._fetcher.get(
            f"{self._url}{path}", params=params, service=self.name, interval=self._interval, kind="json"
        )
        return fetched.body

    def _events(self, works: Sequence[Work | None]) -> tuple[Event, ...]:
        return tuple(
            Event(
                kind=EventKind.NEW,
                paper=work.paper,
                source=self.name,
                day=work.registered,
                at=self._now(),
                same_as=work.same_as,
            )
            for work in works
            if work
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
