"""What each feed holds: a person's matches under its secret address, or papers by day, score or search."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from paperwire.commands.status import day_state
from paperwire.core.days.completeness import days_of
from paperwire.core.papers.paper import ARRIVAL
from paperwire.core.query.language import parse
from paperwire.core.seconds import seconds_apart
from paperwire.feeds.entries import TOKEN_HOLE, Entry, Feed, Notice
from paperwire.store.search.search import MOST_COUNTED
from paperwire.store.subscriptions.feeds import Retired
from paperwire.wording import searching
from paperwire.wording import web as wording

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from paperwire.core.papers.paper import Paper
    from paperwire.core.query.language import Query
    from paperwire.store.unit import Unit
    from paperwire.web.deps import WebDeps

WINDOWS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
"""How far back each window of what trends reaches."""

# Of a private feed the store sees to the fourteen days and the 50 entries at least.
_MOST_PRIVATE = 500
_WINDOW = timedelta(days=14)
_DAILY = 500  # earlier days go with the latest one until there are so many papers
_SEARCHED = 100
_TRENDING = 50
PAGE = 2_000
"""So many entries a page of a feed has at most; a whole day of all of arXiv has about 1,200."""
_DAYS_JUDGED = timedelta(days=7)  # how far back it is said whether a day is complete
_LAST_WORD = timedelta(days=7)  # how long an address that was reset still says so before it is 410


class FeedClosedError(Exception):
    """The address was reset so long ago that nothing is said there any more."""


class Contents:
    """Reads the values of feeds out of the store, one unit of work each."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._store = deps.store

    async def private(self, digest: str) -> Feed | None:
        """The feed whose token has this hash, with a hole for the token; None if there is none.

        An address that was reset has one last entry that says so; raises FeedClosedError once that has stood a week.
        """
        async with self._store.read() as unit:
            found = await unit.feeds.by_hash(digest)
            if found is None:
                return None
            if isinstance(found, Retired):
                return self._last_word(digest, found.retired_at)
            rows = await unit.feeds.entries(found, limit=_MOST_PRIVATE)
        titles = wording.FEED_ALL, wording.FEED_ALL_ABOUT
        if found.subscription is not None:
            titles = wording.feed_of(found.name or found.text), wording.feed_of_about(found.text)
        entries = (
            Entry(paper=row.paper, at=row.at, second=row.second, occasion=row.occasion, matched=row.names)
            for row in rows
        )
        return self._feed(f"f/{found.number}", titles, entries=tuple(entries), created=found.created_at)

    async def daily(self, page: int) -> Feed | None:
        """A page of the papers of the latest day, all of them, and of earlier whole days; None beyond the last page."""
        async with self._store.read() as unit:
            latest = await unit.papers.latest_day()
            days = _whole_days(await _numbers(unit, latest)) if latest else {}
            entries, pages = await _entries(unit, days, page)
            about = wording.FEED_EMPTY
            if latest:
                about = wording.feed_daily_about(latest, len(days[latest]), min(days))
                about = f"{about} {await self._completeness(unit, latest)}"
        titles = wording.FEED_DAILY, about
        return self._public("daily", titles, entries, page=page, pages=pages, day=latest)

    async def trending(self, window: str) -> Feed | None:
        """The papers with the most upvotes in a window of `WINDOWS`."""
        async with self._store.read() as unit:
            papers = await unit.papers.trending(first_day(window, self._deps.now()), _TRENDING)
            entries, _ = await _entries(unit, _by_day(papers), 1)
        titles = wording.feed_trending(window), wording.feed_trending_about(window)
        return self._public(
            "trending", titles, entries, path=f"trending/{window}", query={"window": window}, scores=True
        )

    async def search(self, typed: str, page: int) -> Feed | None:
        """A page of the newest papers that match a query as typed, all of their latest day; raises QueryError."""
        query = parse(typed)
        async with self._store.read() as unit:
            found = await unit.search.search(query, order="date", limit=_SEARCHED)
            days = _by_day(found.papers)
            latest = next(iter(days), None)
            cut = min(days) if len(found.papers) == _SEARCHED else found.back_to
            if cut in days:  # it may have been found in part
                days |= {cut: await _of_day(unit, query, cut)}
            entries, pages = await _entries(unit, days, page)
            about = []
            if found.back_to is not None and len(found.papers) < _SEARCHED:
                about.append(searching.searched_back_to(found.back_to))
            if latest:
                about.append(wording.feed_search_days(latest, len(days[latest]), min(days)))
                about.append(await self._completeness(unit, latest))
            about.append(wording.feed_search_about(typed))
        return self._public(
            "search",
            (wording.feed_search(typed), " ".join(about)),
            entries,
            path=f"search/{query.key}",
            query={"q": typed},
            page=page,
            pages=pages,
            day=latest,
        )

    async def _completeness(self, unit: Unit, day: date) -> str:
        """How complete each source's papers of a day are."""
        recent = day >= self._deps.now().date() - _DAYS_JUDGED
        batches = await unit.sources.batches(day) if recent else []
        judged = [one for one in days_of(batches) if one.day == day]
        return wording.completeness([(wording.source_name(one.source), day_state(one)) for one in judged])

    def _last_word(self, digest: str, at: datetime) -> Feed:
        if self._deps.now() - at > _LAST_WORD:
            raise FeedClosedError
        notice = Notice(name="reset", title=wording.RETIRED_TITLE, text=wording.RETIRED_TEXT, at=at)
        # The path tells nothing of the feed that lives on elsewhere.
        return self._feed(
            f"retired/{digest[:16]}", (wording.FEED_ALL, wording.RETIRED_TEXT), created=at, notices=(notice,)
        )

    def _feed(
        self,
        path: str,
        titles: tuple[str, str],
        *,
        created: datetime,
        entries: tuple[Entry, ...] = (),
        notices: tuple[Notice, ...] = (),
    ) -> Feed:
        return Feed(
            authority=self._deps.authority,
            minted=self._deps.minted,
            path=path,
            title=titles[0],
            description=titles[1],
            address=f"{self._deps.public_url}/f/{TOKEN_HOLE}",
            home=f"{self._deps.public_url}/",
            created=created,
            entries=entries,
            notices=notices,
        )

    def _public(  # noqa: PLR0913 -- what sets one public feed apart from another
        self,
        name: str,
        titles: tuple[str, str],
        entries: tuple[Entry, ...],
        *,
        path: str = "",
        query: dict[str, str] | None = None,
        scores: bool = False,
        page: int = 1,
        pages: int = 1,
        day: date | None = None,
    ) -> Feed | None:
        if not 1 <= page <= pages:
            return None
        asked = f"?{urlencode(query)}" if query else ""
        return Feed(
            authority=self._deps.authority,
            minted=self._deps.minted,
            path=path or name,
            title=titles[0],
            description=titles[1],
            address=f"{self._deps.public_url}/feeds/{name}",
            query=asked,
            home=f"{self._deps.public_url}/{'' if name == 'daily' else name}{asked}",
            created=_midnight(self._deps.minted),
            entries=entries,
            notices=(_further_pages(day),) if day and page == 1 < pages else (),
            scores=scores,
            page=page,
            pages=pages,
        )


async def _entries(unit: Unit, days: Mapping[date, Sequence[int]], page: int) -> tuple[tuple[Entry, ...], int]:
    """A page of the papers of some days, which are given by their numbers; and how many pages there are."""
    claims = [(_midnight(day), number, ARRIVAL.code) for day in sorted(days) for number in sorted(days[day])]
    seconds = seconds_apart(claims)
    newest = sorted(claims, key=lambda claim: (claim[0], seconds[claim[1:]]), reverse=True)
    shown = newest[(page - 1) * PAGE : page * PAGE]
    papers = await unit.papers.by_number([number for _, number, _ in shown])
    entries = (
        Entry(paper=papers[number], at=at, second=seconds[number, occasion])
        for at, number, occasion in shown
        if number in papers
    )
    return tuple(entries), max(1, ceil(len(newest) / PAGE))


async def _of_day(unit: Unit, query: Query, day: date) -> list[int]:
    """The numbers of all papers of a day that match, however many searches that takes."""
    numbers, before = [], None
    while True:
        found = await unit.search.search(query, order="date", since=day, before=before, limit=MOST_COUNTED)
        numbers += [paper.number for paper in found.papers if paper.announced == day]
        before = found.resume
        if before is None:
            return numbers


async def _numbers(unit: Unit, latest: date) -> Mapping[date, Sequence[int]]:
    """The numbers of the papers of the latest day, and of those before it if it has too few for a feed."""
    days = await unit.papers.numbers_since(latest)
    return days if len(days[latest]) >= _DAILY else await unit.papers.numbers_since(latest - _WINDOW)


def _whole_days(days: Mapping[date, Sequence[int]]) -> dict[date, Sequence[int]]:
    """The latest day (they come latest first) and earlier ones, all of each, until there are `_DAILY` papers.

    A day that begins with a few papers then takes none away from readers who have not asked since the day before.
    """
    shown: dict[date, Sequence[int]] = {}
    count = 0
    for day, numbers in days.items():
        if count >= _DAILY:
            break
        shown[day] = numbers
        count += len(numbers)
    return shown


def _by_day(papers: Iterable[Paper]) -> dict[date, Sequence[int]]:
    days: dict[date, list[int]] = {}
    for paper in papers:
        assert paper.announced is not None  # noqa: S101 -- every stored paper has a day
        days.setdefault(paper.announced, []).append(paper.number)
    return {**days}


def _further_pages(day: date) -> Notice:
    return Notice(
        name=f"pages/{day.isoformat()}",
        title=wording.FURTHER_PAGES,
        text=wording.further_pages(PAGE),
        at=_midnight(day),
    )


def first_day(window: str, now: datetime) -> date:
    """The first day of a window that ends now."""
    return (now - WINDOWS[window]).date()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
