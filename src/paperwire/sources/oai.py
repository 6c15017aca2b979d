"""The source `oai`: any repository that answers OAI-PMH, by its Dublin Core (openarchives.org/pmh)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from lxml import etree
from pydantic import field_validator

from paperwire.core.days.dates import day
from paperwire.core.papers.identity import canonical_id
from paperwire.core.papers.names import MAX_AUTHORS, MAX_NAME, names_of
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.core.text.clean import safe_url
from paperwire.errors import SourceGarbled, SourceRefused
from paperwire.ports.options import Now, PollInterval
from paperwire.ports.options import Options as BaseOptions
from paperwire.ports.sources import Page, Source
from paperwire.sources._http import Fetcher
from paperwire.sources._manners import LEAST_INTERVAL, SERVICE, is_arxivs
from paperwire.sources._markup import abstract_of
from paperwire.sources._markup import text_of as plain
from paperwire.sources._oai import DEAD_TOKEN, NOTHING, parts_of, read_envelope, texts_of
from paperwire.sources._paging import RowsOfDays, TokenDied, read_back, read_since

NAME, _PART = "oai", "records"
_OLD = timedelta(days=400)
"""What is dated earlier was in the repository before, or is an old work that was put there, and notifies no one."""
_MAX_TITLE, _MAX_ID, _MAX_SUBJECTS, _MAX_SUBJECT = 2000, 300, 20, 100
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?=\D|$)")


class Options(BaseOptions):
    """`[sources.oai]`: the address of a repository, one of its sets (empty: all), and what messages call it."""

    url: str = ""
    set: str = ""
    name: str = ""
    every: PollInterval = 21_600.0

    def missing(self) -> str:
        return "" if self.url else "url"

    @field_validator("url")
    @classmethod
    def _is_address(cls, url: str) -> str:
        if url and not (safe_url(url) and "?" not in url):
            raise ValueError("must be the http or https address of a repository, without ?")
        return url


def build(options: Options, *, fetcher: Fetcher, now: Now, public_url: str) -> Source:  # noqa: ARG001 -- every source is built alike
    return OaiSource(fetcher, url=options.url, subset=options.set, called=options.name, now=now)


@dataclass(frozen=True, slots=True)
class Deposit:
    """A record of a repository: when it was last changed, the paper (None if it has none), and its earliest date."""

    stamp: date | None
    paper: Paper | None
    dated: date | None


class OaiSource:
    """One repository, read by the day of each record's last change; a record is `new` once.

    OAI-PMH does not tell new records from changed ones. Those that bear an old date are stored and searchable, and no
    one is notified of them, so that a repository that touches all it has floods no one.
    """

    name = NAME

    def __init__(  # noqa: PLR0913 -- what it asks with
        self, fetcher: Fetcher, *, url: str, subset: str, called: str, now: Now, min_interval: float = LEAST_INTERVAL
    ) -> None:
        self._fetcher = fetcher
        self._url = url
        self._set = subset
        self._called = called or urlsplit(url).hostname or ""
        self._interval = min_interval
        self._service = SERVICE if is_arxivs(url) else self.name
        self._now = now

    def parts(self) -> Sequence[str]:
        return (_PART,)

    async def fetch(self, part: str, cursor: str) -> AsyncIterator[Page]:
        """What changed since the last day seen; two days, quietly, at first."""
        stands = cursor
        async for deposits, following, quiet in read_since(self._ask, cursor, self._now().date()):
            old = self._now().date() - _OLD
            past = [deposit for deposit in deposits if deposit.dated and deposit.dated < old]
            fresh = [deposit for deposit in deposits if not (deposit.dated and deposit.dated < old)]
            if past:
                yield Page(part=part, events=self._events(past), cursor=stands, quiet=True)
            yield Page(part=part, events=self._events(fresh), cursor=following, quiet=quiet)
            stands = following

    async def backfill(self, since: date, cursor: str) -> AsyncIterator[Page]:
        """All that changed since a day, as quiet pages."""
        async for _, deposits, following in read_back([self._ask], since, cursor, self._now().date()):
            yield Page(part="backfill", events=self._events(deposits), cursor=following, quiet=True)

    async def _ask(self, begin: date, token: str) -> RowsOfDays:
        question = {"verb": "ListRecords"}
        if token:
            question |= {"resumptionToken": token}
        else:
            question |= {"metadataPrefix": "oai_dc", "from": begin.isoformat()}
            question |= {"set": self._set} if self._set else {}
        fetched = await self._fetcher.get(
            self._url, params=question, service=self._service, interval=self._interval, kind="xml"
        )
        answer = await asyncio.to_thread(read_envelope, fetched.body)
        if answer.error == DEAD_TOKEN and token:
            raise TokenDied(f"the repository refuses its own token ({answer.reason[:200]})")
        if answer.error and answer.error != NOTHING:
            raise SourceRefused(f"the repository refuses the request ({answer.error[:40]}: {answer.reason[:200]})")
        deposits = await asyncio.to_thread(self._deposits, answer.elements)
        days = [deposit.stamp for deposit in deposits if deposit.stamp]
        return RowsOfDays(rows=deposits, days=days, token=answer.token)

    def _deposits(self, elements: Iterable[etree._Element]) -> list[Deposit]:
        records, is_empty = [], True
        for element in elements:
            is_empty = False
            if "header" in (parts := parts_of(element)):
                records.append(parts)
        if not (records or is_empty):
            raise SourceGarbled("the answer is not a list of records")
        return [read_deposit(record, self._called) for record in records]

    def _events(self, deposits: Sequence[Deposit]) -> tuple[Event, ...]:
        return tuple(
            Event(kind=EventKind.NEW, paper=deposit.paper, source=self.name, day=deposit.stamp, at=self._now())
            for deposit in deposits
            if deposit.paper
        )


def read_deposit(record: dict[str, etree._Element], called: str) -> Deposit:
    """A record by its parts: header and metadata. Without a title or an id it has no paper, as if it were deleted."""
    header = {name: texts[0] for name, texts in texts_of(record["header"]).items()}
    stamp, own = day(header.get("datestamp", "")[:10]), header.get("identifier", "")[:_MAX_ID]
    metadata = record.get("metadata")
    content = texts_of(metadata[0]) if metadata is not None and len(metadata) else {}
    title = plain(next(filter(None, content.get("title", [])), "")[:_MAX_TITLE])
    if not own or not title or record["header"].get("status") == "deleted":
        return Deposit(stamp, None, None)
    identifiers = [text[:_MAX_ID] for text in content.get("identifier", [])]
    named = next((name for text in (*identifiers, own) if (name := canonical_id(text))), own)
    dates = [written for text in content.get("date", []) if (written := _DATE.match(text))]
    whole = min((parsed for date in dates if (parsed := day(date[0]))), default=None)
    paper = Paper(
        id=named,
        title=title,
        source=NAME,
        abstract=max((abstract_of(text) for text in content.get("description", [])), key=len, default=""),
        authors=tuple(name for text in content.get("creator", [])[:MAX_AUTHORS] for name in names_of(text[:MAX_NAME])),
        categories=tuple(dict.fromkeys(_subjects(content.get("subject", [])))),
        published=datetime(whole.year, whole.month, whole.day, tzinfo=UTC) if whole else None,
        announced=stamp,
        url=next(filter(None, map(safe_url, identifiers)), ""),
        licence=next(filter(None, content.get("rights", [])), "")[:_MAX_ID],
        feed=called,
    )
    return Deposit(stamp, paper, min((_first_day(date) for date in dates), default=None))


def _subjects(texts: Sequence[str]) -> Sequence[str]:
    """Short subjects, as many as a paper may have of categories."""
    plain_texts = (plain(text[: _MAX_SUBJECT * 2]) for text in texts)
    return [text for text in plain_texts if 0 < len(text) <= _MAX_SUBJECT][:_MAX_SUBJECTS]


def _first_day(written: re.Match[str]) -> date:
    """The first day that a date of a year, a month or a day may mean."""
    year, month = int(written[1]), min(max(int(written[2] or 1), 1), 12)
    return day(written[0]) or date(max(year, 1), month, 1)
