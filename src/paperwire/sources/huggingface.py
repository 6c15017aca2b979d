"""The source `huggingface`: Hugging Face Daily Papers, its list of each day and the papers' upvotes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from pydantic import Field, SecretStr

from paperwire.core.days.batch import Listing, Slot, daily_slots, listings_of
from paperwire.core.days.dates import instant
from paperwire.core.duration import Seconds
from paperwire.core.papers.identity import canonical_id, is_arxiv
from paperwire.core.papers.names import MAX_AUTHORS, MAX_NAME, tidy_name
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.core.text.clean import one_line
from paperwire.errors import SourceGarbled, SourceRefused
from paperwire.ports.options import Now
from paperwire.ports.options import Options as BaseOptions
from paperwire.ports.sources import Page, Source
from paperwire.sources._http import Fetcher
from paperwire.sources._json import dump_cursor, load_cursor, parse_json

log = structlog.get_logger(__name__)

_PART = "daily"
_LIMIT = (
    50  # the default and surely allowed page size; days of exactly 50 exist, so a full page is followed by one more
)
_MOST_PAGES = 20
_MAX_ID, _MAX_SUMMARY = 200, 2000
_MAX_COUNT = 2**31 - 1  # what a database takes for a number
_REREADS = 3  # older days of the window that one poll reads again, in turn, for their upvotes
_GAP = timedelta(days=30)  # after a longer silence the days in between are left to `backfill`
# 500 requests in 5 minutes are allowed, so 150 days go without a pause, a longer backfill waits between requests.
_BURST = 150
_LONG_RUN_INTERVAL = 0.7  # seconds


class Options(BaseOptions):
    """`[sources.huggingface]`: `window_days` is how long a list is read again for upvotes and entries added to it.

    `token` is sent with every request, if it is set.
    """

    url: str = "https://huggingface.co/api/daily_papers"
    every: Seconds = 1800.0
    window_days: int = Field(default=14, ge=1, le=60)
    token: SecretStr = SecretStr("")


def build(options: Options, *, fetcher: Fetcher, now: Now, public_url: str) -> Source:  # noqa: ARG001 -- every source is built alike
    token = options.token.get_secret_value()
    return HuggingFaceSource(fetcher, url=options.url, window_days=options.window_days, token=token, now=now)


@dataclass(frozen=True, slots=True)
class _Cursor:
    """The cursor: the last list day read, whether the first run still goes on, and a counter for reading days again."""

    through: date | None = None
    first: bool = True
    turn: int = 0


class HuggingFaceSource:
    """The daily list: every entry is a `listed` event with today's upvotes, which the store knows if it is an old one.

    Each poll reads yesterday and today (and every day since the last poll), and a few older days of the window in
    turn. The first poll reads the window as quiet pages.
    """

    name = "huggingface"

    def __init__(self, fetcher: Fetcher, *, url: str, window_days: int, now: Now, token: str = "") -> None:
        self._fetcher = fetcher
        self._token = token
        self._url = url
        self._window = timedelta(days=window_days)
        self._now = now

    def parts(self) -> Sequence[str]:
        return (_PART,)

    async def fetch(self, part: str, cursor: str) -> AsyncIterator[Page]:
        """Read the lists since the cursor, then some older ones for their upvotes."""
        state = load_cursor(_Cursor, cursor) if cursor else _Cursor()
        today = self._now().date()
        oldest = today - self._window
        begin = max(state.through - timedelta(days=1), today - _GAP) if state.through else oldest
        quiet = state.first
        for day in _days(min(begin, today - timedelta(days=1)), today):
            state = _Cursor(day, state.first and day < today, state.turn)
            page = self._page(part, day, await self._read_day(day, today), dump_cursor(state), quiet=quiet)
            yield replace(page, first_look=quiet)
        older = [] if quiet else list(_days(oldest, begin - timedelta(days=1)))
        for _ in range(min(_REREADS, len(older))):
            state = _Cursor(state.through, first=False, turn=state.turn + 1)
            day = older[state.turn % len(older)]
            events = self._events(day, await self._list(day))
            yield Page(part=part, events=events, cursor=dump_cursor(state), view="scores")

    async def backfill(self, since: date, cursor: str) -> AsyncIterator[Page]:
        """The lists of all days from `since` (or after the cursor) to where `fetch` begins, as quiet pages.

        What `fetch` reads is left to it: a paper listed while this goes on would be stored quietly and never announced.
        """
        today = self._now().date()
        begin = date.fromisoformat(cursor) + timedelta(days=1) if cursor else since
        days = _days(begin, today - self._window - timedelta(days=1))
        interval = _LONG_RUN_INTERVAL if len(days) > _BURST else 0.0
        for day in days:
            rows = await self._read_day(day, today, interval)
            yield self._page("backfill", day, rows, day.isoformat(), quiet=True)

    def slots(self, first: date, last: date) -> Sequence[Slot]:
        """A batch for every list day, weekends included, which are mostly empty; it may grow until the day is over."""
        return daily_slots((_PART,), first, last, closes=timedelta(days=1), due=timedelta(days=2))

    async def lookup(self, paper_id: str) -> Paper | None:
        """The paper as Hugging Face describes it, or None if it refuses the id."""
        arxiv_id = canonical_id(paper_id)
        if arxiv_id is None or not is_arxiv(arxiv_id):
            return None
        address = f"{self._url.rstrip('/').rpartition('/')[0]}/papers/{arxiv_id}"
        try:
            body = (await self._fetcher.get(address, service=self.name, kind="json", token=self._token)).body
        except SourceRefused:
            return None
        row = parse_json(body)
        return _paper({"paper": row}, None) if isinstance(row, dict) else None

    def _page(self, part: str, day: date, rows: list[Mapping[str, Any]], cursor: str, *, quiet: bool) -> Page:
        events = self._events(day, rows)
        # An empty list of a day is a list too.
        whole = Listing(part=_PART, day=day, whole=True)
        listings = (*listings_of((_PART, event) for event in events), whole)
        return Page(part=part, events=events, cursor=cursor, quiet=quiet, view="daily", listings=listings)

    def _events(self, day: date, rows: list[Mapping[str, Any]]) -> tuple[Event, ...]:
        now = self._now()
        events = []
        for row in rows:
            listed = _list_day(row) or day
            if paper := _paper(row, listed):
                event = Event(
                    kind=EventKind.LISTED, paper=paper, source=self.name, day=listed, at=now, score=paper.upvotes
                )
                events.append(event)
        if bad := len(rows) - len(events):
            log.warning("entries without id or title left out", source=self.name, day=str(day), entries=bad)
        return tuple(events)

    async def _read_day(self, day: date, today: date, interval: float = 0.0) -> list[Mapping[str, Any]]:
        try:
            return await self._list(day, interval)
        except SourceRefused:
            # A date in their future is refused, and their day may begin later than ours.
            if day < today:
                raise
            log.info("today's list is refused, which mostly means that it has not begun", day=str(day))
            return []

    async def _list(self, day: date, interval: float = 0.0) -> list[Mapping[str, Any]]:
        """All entries of a day, page by page until one is short or brings nothing new."""
        rows: dict[str, Mapping[str, Any]] = {}
        for number in range(_MOST_PAGES):
            params = {"date": day.isoformat(), "limit": str(_LIMIT), "p": str(number)}
            answer = await self._fetcher.get(
                self._url, params=params, service=self.name, interval=interval, kind="json", token=self._token
            )
            page, count = _entries(answer.body)
            before = len(rows)
            for row in page:
                rows.setdefault(str(_inner(row).get("id"))[:_MAX_ID], row)
            if count < _LIMIT or len(rows) == before:
                break
        return list(rows.values())


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _entries(body: bytes) -> tuple[list[Mapping[str, Any]], int]:
    """The objects in one answer, and how many entries it has; without any object (texts were seen) it is refused."""
    rows = parse_json(body)
    entries: list[Mapping[str, Any]] = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    if not isinstance(rows, list) or (rows and not entries):
        raise SourceGarbled("the answer is not a list of daily papers")
    if bad := len(rows) - len(entries):
        log.warning("entries that are no objects left out", source=HuggingFaceSource.name, entries=bad)
    return entries, len(rows)


def _inner(row: Mapping[str, Any]) -> Mapping[str, Any]:
    inner = row.get("paper")
    return inner if isinstance(inner, dict) else {}


def _paper(row: Mapping[str, Any], listed: date | None) -> Paper | None:
    """The paper of one entry, None if it has no id or no title.

    The inner `publishedAt` is the paper's; the outer one changed its meaning and is local time marked as UTC.
    The outer title keeps its TeX where the two differ.
    """
    inner = _inner(row)
    paper_id, title = _text(inner, "id"), _text(row, "title") or _text(inner, "title")
    if not paper_id or not title:
        return None
    arxiv_id = canonical_id(paper_id)
    return Paper(
        id=arxiv_id or paper_id,
        title=title,
        source=HuggingFaceSource.name,
        abstract=_text(inner, "summary") or _text(row, "summary"),
        authors=_authors(inner),
        published=_instant(inner.get("publishedAt")),
        announced=listed,
        url="" if arxiv_id else f"https://huggingface.co/papers/{paper_id}",
        code_url=_web_address(_text(inner, "githubRepo")),
        upvotes=_count(inner.get("upvotes")),
        summary=_text(inner, "ai_summary")[:_MAX_SUMMARY],
    )


def _text(row: Mapping[str, Any], field: str) -> str:
    value = row.get(field)
    return one_line(value) if isinstance(value, str) else ""


def _authors(inner: Mapping[str, Any]) -> tuple[str, ...]:
    rows = inner.get("authors")
    names = [row for row in rows if isinstance(row, dict) and not row.get("hidden")] if isinstance(rows, list) else []
    return tuple(name for row in names[:MAX_AUTHORS] if (name := tidy_name(_text(row, "name")[:MAX_NAME])))


def _count(value: object) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= _MAX_COUNT else None


def _web_address(text: str) -> str:
    return text if text.startswith(("https://", "http://")) and " " not in text else ""


def _instant(value: object) -> datetime | None:
    return instant(value) if isinstance(value, str) else None


def _list_day(row: Mapping[str, Any]) -> date | None:
    """The day an entry was listed, by its own word: the date of `submittedOnDailyAt`, whatever its time."""
    instant = _instant(_inner(row).get("submittedOnDailyAt"))
    return instant.date() if instant else None
