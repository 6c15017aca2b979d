"""The source `huggingface`: Hugging Face Daily Papers, its list of each day and the papers' upvotes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import structlog
from pydantic import Field, SecretStr

from paperwire.core.days.batch import Listing, Slot, daily_slots, listings_of
from paperwire.core.papers.identity import canonical_id, is_arxiv
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.errors import SourceRefused
from paperwire.ports.options import AccessToken, Now, PollInterval, WebAddress
from paperwire.ports.options import Options as BaseOptions
from paperwire.ports.sources import Page, Source
from paperwire.sources._http import Fetcher
from paperwire.sources._json import dump_cursor, load_cursor, parse_json
from paperwire.sources.huggingface import linked
from paperwire.sources.huggingface.entry import NAME, entries_of, inner_of, list_day_of, paper_of
from paperwire.sources.huggingface.linked import LinkedCalls

log = structlog.get_logger(__name__)

_PART = "daily"
_LIMIT = (
    50  # the default and surely allowed page size; days of exactly 50 exist, so a full page is followed by one more
)
_MOST_PAGES = 20
_MAX_ID = 200
_REREADS = 3  # older days of the window that one poll reads again, in turn, for their upvotes
_GAP = timedelta(days=30)  # after a longer silence the days in between are left to `backfill`
# 500 requests in 5 minutes are allowed, so 150 days go without a pause, a longer backfill waits between requests.
_BURST = 150
_LONG_RUN_INTERVAL = 0.7  # seconds


class Options(BaseOptions):
    """`[sources.huggingface]`: `window_days` is how long a list is read again for upvotes and entries added to it.

    With `linked` each paper of these lists is asked for once a day too, for the models, datasets and demos that link
    it. `token` is sent with every request, if it is set.
    """

    url: WebAddress = "https://huggingface.co/api/daily_papers"
    every: PollInterval = 1800.0
    window_days: int = Field(default=14, ge=1, le=60)
    linked: bool = True
    token: AccessToken = SecretStr("")


def build(options: Options, *, fetcher: Fetcher, now: Now, public_url: str) -> Source:  # noqa: ARG001 -- every source is built alike
    token = options.token.get_secret_value()
    window, linked = options.window_days, options.linked
    return HuggingFaceSource(fetcher, url=options.url, window_days=window, linked=linked, token=token, now=now)


@dataclass(frozen=True, slots=True)
class _Access:
    """The pace and the connection of a request: `service` has one at a time; seconds between two and for an answer."""

    service: str
    interval: float = 0.0
    deadline: float = 180.0


_LISTS = _Access(NAME)
_LINKED = _Access(linked.SERVICE, linked.INTERVAL, linked.DEADLINE)


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

    name = NAME

    def __init__(  # noqa: PLR0913 -- its settings
        self, fetcher: Fetcher, *, url: str, window_days: int, now: Now, linked: bool = True, token: str = ""
    ) -> None:
        self._fetcher = fetcher
        self._token = token
        self._url = url
        self._window = timedelta(days=window_days)
        self._linked = linked
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
        access = replace(_LISTS, interval=_LONG_RUN_INTERVAL if len(days) > _BURST else 0.0)
        for day in days:
            rows = await self._read_day(day, today, access)
            yield self._page("backfill", day, rows, day.isoformat(), quiet=True)

    async def details(self, cursor: str) -> AsyncIterator[Page]:
        """What links the papers of the window, asked for in requests of their own which the lists never wait for."""
        if self._linked:
            list_of = partial(self._read_day, today=self._now().date(), access=_LINKED)
            describe = partial(self._describe, access=_LINKED)
            calls = LinkedCalls(list_of, describe, window=self._window, now=self._now)
            async for page in calls.pages(cursor):
                yield page

    def slots(self, first: date, last: date) -> Sequence[Slot]:
        """A batch for every list day, weekends included, which are mostly empty; it may grow until the day is over."""
        return daily_slots((_PART,), first, last, closes=timedelta(days=1), due=timedelta(days=2))

    async def lookup(self, paper_id: str) -> Paper | None:
        """The paper as Hugging Face describes it, or None if it refuses the id."""
        arxiv_id = canonical_id(paper_id)
        if arxiv_id is None or not is_arxiv(arxiv_id):
            return None
        try:
            row = await self._describe(arxiv_id)
        except SourceRefused:
            return None
        return paper_of({"paper": row}, None) if row else None

    async def _describe(self, arxiv_id: str, access: _Access = _LISTS) -> Mapping[str, Any] | None:
        """The page of one paper, None if the answer is no object."""
        row = parse_json(await self._get(f"{self._url.rstrip('/').rpartition('/')[0]}/papers/{arxiv_id}", {}, access))
        return row if isinstance(row, dict) else None

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
            listed = list_day_of(row) or day
            if paper := paper_of(row, listed):
                event = Event(
                    kind=EventKind.LISTED, paper=paper, source=self.name, day=listed, at=now, score=paper.upvotes
                )
                events.append(event)
        if bad := len(rows) - len(events):
            log.warning("entries without id or title left out", source=self.name, day=str(day), entries=bad)
        return tuple(events)

    async def _read_day(self, day: date, today: date, access: _Access = _LISTS) -> list[Mapping[str, Any]]:
        try:
            return await self._list(day, access)
        except SourceRefused:
            # A date in their future is refused, and their day may begin later than ours.
            if day < today:
                raise
            log.info("today's list is refused, which mostly means that it has not begun", day=str(day))
            return []

    async def _list(self, day: date, access: _Access = _LISTS) -> list[Mapping[str, Any]]:
        """All entries of a day, page by page until one is short or brings nothing new."""
        rows: dict[str, Mapping[str, Any]] = {}
        for number in range(_MOST_PAGES):
            params = {"date": day.isoformat(), "limit": str(_LIMIT), "p": str(number)}
            page, count = entries_of(await self._get(self._url, params, access))
            before = len(rows)
            for row in page:
                rows.setdefault(str(inner_of(row).get("id"))[:_MAX_ID], row)
            if count < _LIMIT or len(rows) == before:
                break
        return list(rows.values())

    async def _get(self, url: str, params: Mapping[str, str], access: _Access) -> bytes:
        how = asdict(access)
        return (await self._fetcher.get(url, params=params, kind="json", token=self._token, **how)).body


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
