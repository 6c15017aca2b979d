"""The source `biorxiv`: bioRxiv and medRxiv by their common API (api.biorxiv.org)."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

import structlog

from paperwire.core.days.batch import Slot, daily_slots, listings_of
from paperwire.core.days.dates import day
from paperwire.core.papers.identity import is_arxiv, normal_doi
from paperwire.core.papers.names import MAX_AUTHORS, MAX_NAME, tidy_name
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.core.text.clean import one_line
from paperwire.errors import SourceGarbled
from paperwire.ports.options import Now, PollInterval, WebAddress
from paperwire.ports.options import Options as BaseOptions
from paperwire.ports.sources import Page, Source
from paperwire.sources._http import Fetcher
from paperwire.sources._json import dump_cursor, load_cursor, parse_json

log = structlog.get_logger(__name__)

_DAY = timedelta(days=1)
_GAP = timedelta(days=30)  # after a longer silence the days in between are left to `backfill`

_MAX_ABSTRACT = 50_000

# A figure is described between its markers; what the others enclose is text.
_FIGURE = re.compile(r"O_FIG\b.{0,3000}?C_FIG|O_TBL\b.{0,3000}?C_TBL", re.DOTALL)
_HEADING = re.compile(r"O_ST_ABS(.{0,200}?)C_ST_ABS", re.DOTALL)
_ITEM = re.compile(r"[OC]_(?:LI|ST_ABS)")
_SMALL_CAPITALS = re.compile(r"[OC]_SCP(?:LOW|CAP)")
_GLUED = re.compile(
    r"(?:^|(?<=[.?!:]\s)|(?<=[.?!:\n]))(Abstract|Aims?|Background|Conclusions?|Discussion|Design|Findings|Funding"
    r"|Importance|Interpretation|Introduction|Limitations|Materials and Methods|Methods?|Motivation|Objectives?"
    r"|Participants|Purpose|Rationale|Results?|Setting|Significance|Summary)(?=[A-Z][a-z]|A |[A-Z]{2,}|\d)"
)


class Options(BaseOptions):
    """`[sources.biorxiv]`: which of the two servers, and how often."""

    url: WebAddress = "https://api.biorxiv.org"
    servers: tuple[Literal["biorxiv", "medrxiv"], ...] = ("biorxiv", "medrxiv")
    every: PollInterval = 3600.0


def build(options: Options, *, fetcher: Fetcher, now: Now, public_url: str) -> Source:  # noqa: ARG001 -- every source is built alike
    return BiorxivSource(fetcher, url=options.url, servers=options.servers, now=now)


@dataclass(frozen=True, slots=True)
class _Cursor:
    """The cursor of one server.

    `through` is the last day of which earlier looks saw rows. Of the days from there to `to` this look has read `row`
    rows, the latest of them of the day `seen`. `first` says that there was no earlier look.
    """

    through: str
    to: str = ""
    row: int = 0
    first: bool = True
    seen: str = ""


class BiorxivSource:
    """Preprint servers as parts, each read day by day; a row is `new`, `replaced` (version 2 and up) or `withdrawn`.

    Each look begins on the day before the last one of which rows were seen, as rows may be added to a day (which is an
    American one), and to many days by a server that stood still. The page size is the service's: reading goes on by
    the number of rows received until there are as many as it says.
    """

    name = "biorxiv"

    def __init__(
        self, fetcher: Fetcher, *, url: str, servers: Sequence[str], now: Now, min_interval: float = 1.0
    ) -> None:
        self._fetcher = fetcher
        self._url = url.rstrip("/")
        self._servers = tuple(servers)
        self._interval = min_interval
        self._now = now

    def parts(self) -> Sequence[str]:
        return self._servers

    async def fetch(self, part: str, cursor: str) -> AsyncIterator[Page]:
        """Read what a server posted since the last day seen, 30 days at most; two days, quietly, at first."""
        today = self._now().date().isoformat()
        state = load_cursor(_Cursor, cursor) if cursor else _Cursor(today)
        to = state.to if state.row else today
        begin = max(date.fromisoformat(state.through) - _DAY, date.fromisoformat(to) - _GAP)
        quiet = state.first
        async for rows, row in self._rows(part, begin.isoformat(), to, state.row):
            state = replace(state, to=to, row=row, seen=max(state.seen, _last_day(rows, to)))
            yield self._page(part, part, rows, dump_cursor(state), quiet=quiet)
        state = _Cursor(through=state.seen or state.through, first=False)
        yield Page(part=part, events=(), cursor=dump_cursor(state), quiet=quiet, view="details")

    async def backfill(self, since: date, cursor: str) -> AsyncIterator[Page]:
        """All servers from `since` to today, one after the other, as quiet pages."""
        state: dict[str, Any] = (
            json.loads(cursor) if cursor else {"server": 0, "row": 0, "to": self._now().date().isoformat()}
        )
        for number in range(state["server"], len(self._servers)):
            begin, row = since.isoformat(), state["row"] if number == state["server"] else 0
            async for rows, read in self._rows(self._servers[number], begin, state["to"], row):
                next_cursor = json.dumps({"server": number, "row": read, "to": state["to"]})
                yield self._page("backfill", self._servers[number], rows, next_cursor, quiet=True)

    def slots(self, first: date, last: date) -> Sequence[Slot]:
        """A batch for every server and day of posting; rows may be added until two days later."""
        return daily_slots(self._servers, first, last, closes=timedelta(days=2), due=timedelta(days=4))

    async def lookup(self, paper_id: str) -> Paper | None:
        """The latest version of a preprint by its DOI, or None if neither server knows it."""
        doi = normal_doi(paper_id)
        if doi is None or is_arxiv(doi):
            return None
        for server in self._servers:
            rows, _ = await self._ask(f"{self._url}/details/{server}/{doi}/na/json")
            papers = [event.paper for event in self._events(rows)]
            if papers:
                return max(papers, key=lambda paper: paper.version)
        return None

    async def _rows(
        self, server: str, begin: str, to: str, row: int
    ) -> AsyncIterator[tuple[list[Mapping[str, Any]], int]]:
        """Answer by answer the rows of these days after the first `row`, and how many are read by then."""
        total = row + 1
        while row < total:
            rows, total = await self._ask(f"{self._url}/details/{server}/{begin}/{to}/{row}/json")
            if not rows:
                if row < total:
                    raise SourceGarbled(f"the answer is not complete: {row} of {total} rows came")
                return
            row += len(rows)
            yield rows, row

    async def _ask(self, address: str) -> tuple[list[Mapping[str, Any]], int]:
        answer = await self._fetcher.get(address, service=self.name, interval=self._interval, kind="json")
        return parse_details(answer.body)

    def _page(self, part: str, server: str, rows: Sequence[Mapping[str, Any]], cursor: str, *, quiet: bool) -> Page:
        events = self._events(rows)
        listings = listings_of((server, event) for event in events)
        return Page(part=part, events=events, cursor=cursor, quiet=quiet, view="details", listings=listings)

    def _events(self, rows: Sequence[Mapping[str, Any]]) -> tuple[Event, ...]:
        events = []
        for row in rows:
            paper = _paper(row)
            if paper is None:
                continue
            kind = EventKind.NEW if paper.version == 1 else EventKind.REPLACED
            if paper.withdrawn:
                kind = EventKind.WITHDRAWN
            events.append(Event(kind=kind, paper=paper, source=paper.source, day=paper.announced, at=self._now()))
        if bad := len(rows) - len(events):
            log.warning("rows without DOI or title left out", source=self.name, rows=bad)
        return tuple(events)


def parse_details(body: bytes) -> tuple[list[Mapping[str, Any]], int]:
    """The rows of one answer and how many the whole question has (a number or a text in the answer).

    A row that is no object is an empty one, so that all are counted. Raises SourceGarbled for any other answer.
    """
    try:
        answer = parse_json(body)
        rows, message = answer["collection"], answer["messages"][0]
        total = int(message.get("total") or 0)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError):
        raise SourceGarbled("the answer is not a list of preprints") from None
    if not isinstance(rows, list) or (rows and not any(isinstance(row, dict) and "doi" in row for row in rows)):
        raise SourceGarbled("the answer is not a list of preprints")
    return [row if isinstance(row, dict) else {} for row in rows], total


def _last_day(rows: Sequence[Mapping[str, Any]], to: str) -> str:
    """The last day to `to` of which a row is, empty where none is."""
    posted = [parsed.isoformat() for row in rows if (parsed := day(_text(row, "date")))]
    return max((posted_on for posted_on in posted if posted_on <= to), default="")


def _paper(row: Mapping[str, Any]) -> Paper | None:
    """One row as a paper: the id is the preprint's DOI without version, `doi` the journal's if it has appeared."""
    doi, title = normal_doi(_text(row, "doi")), _text(row, "title")
    if doi is None or not title:
        return None
    posted = day(_text(row, "date"))
    version = _number(row.get("version"))
    instant = datetime(posted.year, posted.month, posted.day, tzinfo=UTC) if posted else None
    category = _text(row, "category")
    pieces = _text(row, "authors").split(";")[:MAX_AUTHORS]
    return Paper(
        id=doi,
        title=title,
        source=_text(row, "server").lower() or BiorxivSource.name,
        abstract=_plain(abstract[:_MAX_ABSTRACT]) if isinstance(abstract := row.get("abstract"), str) else "",
        authors=tuple(name for piece in pieces if (name := tidy_name(piece[:MAX_NAME]))),
        categories=(category,) if category else (),
        published=instant if version == 1 else None,
        updated=instant,
        announced=posted,
        version=version,
        doi=normal_doi(_text(row, "published")) or "",
        url=f"https://doi.org/{doi}",
        licence=_text(row, "license"),
        withdrawn="withdraw" in _text(row, "type").casefold(),
    )


def _plain(abstract: str) -> str:
    """An abstract without the service's markers, and with a colon after headings that run into the text."""
    text = _SMALL_CAPITALS.sub("", _FIGURE.sub(" ", abstract))
    text = _HEADING.sub(lambda match: f"\n{match[1].strip()}{'' if match[1].strip()[-1:] in '?.:!' else ':'} ", text)
    return one_line(_GLUED.sub(r"\1: ", _ITEM.sub(" ", text).strip()))


def _text(row: Mapping[str, Any], field: str) -> str:
    value = row.get(field)
    return one_line(value) if isinstance(value, str) and value != "NA" else ""


def _number(value: object) -> int:
    text = str(value)
    return max(1, int(text)) if text.isdecimal() and len(text) < 4 else 1
