"""What each feed holds: a person's matches under its secret address, or papers by day, score or search."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from paperwire.core.query import parse
from paperwire.feeds.entries import TOKEN_HOLE, Entry, Feed, Notice
from paperwire.store.feeds import Retired
from paperwire.wording import web as wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paperwire.core.paper import Paper
    from paperwire.web.deps import WebDeps

WINDOWS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
"""How far back each window of what trends reaches."""

# Fourteen days and at least 50 entries, at most 500; of a private feed the store sees to the first two.
_MOST = 500
_WINDOW = timedelta(days=14)
_SEARCHED = 100
_TRENDING = 50
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
            rows = await unit.feeds.entries(found, limit=_MOST)
        titles = wording.FEED_ALL, wording.FEED_ALL_ABOUT
        if found.subscription is not None:
            titles = wording.feed_of(found.name or found.text), wording.feed_of_about(found.text)
        entries = (Entry(paper=row.paper, at=row.at, occasion=row.occasion, matched=row.names) for row in rows)
        return self._feed(f"f/{found.number}", titles, entries=tuple(entries), created=found.created_at)

    async def daily(self) -> Feed:
        """The papers of the latest days, newest first."""
        async with self._store.read() as unit:
            latest = await unit.papers.latest_day()
            papers = await unit.papers.recent(latest - _WINDOW, limit=_MOST) if latest else []
        return self._public("daily", (wording.FEED_DAILY, wording.FEED_DAILY_ABOUT), papers)

    async def trending(self, window: str) -> Feed:
        """The papers with the most upvotes in a window of `WINDOWS`."""
        async with self._store.read() as unit:
            papers = await unit.papers.trending(first_day(window, self._deps.now()), _TRENDING)
        titles = wording.feed_trending(window), wording.feed_trending_about(window)
        return self._public(
            "trending", titles, papers, path=f"trending/{window}", query={"window": window}, scores=True
        )

    async def search(self, typed: str) -> Feed:
        """The newest papers that match a query as typed; raises QueryError."""
        query = parse(typed)
        async with self._store.read() as unit:
            found = await unit.search.search(query, order="date", limit=_SEARCHED)
        titles = wording.feed_search(typed), wording.feed_search_about(typed)
        return self._public("search", titles, found.papers, path=f"search/{query.key}", query={"q": typed})

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
        papers: Sequence[Paper],
        *,
        path: str = "",
        query: dict[str, str] | None = None,
        scores: bool = False,
    ) -> Feed:
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
            entries=tuple(Entry(paper=paper, at=_announced(paper, self._deps.minted)) for paper in papers),
            scores=scores,
        )


def first_day(window: str, now: datetime) -> date:
    """The first day of a window that ends now."""
    return (now - WINDOWS[window]).date()


def _announced(paper: Paper, otherwise: date) -> datetime:
    return _midnight(paper.announced or otherwise)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
