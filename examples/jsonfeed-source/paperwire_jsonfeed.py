"""The source `jsonfeed`: papers from feeds in JSON Feed 1.1 (jsonfeed.org), such as a lab's own list of papers."""

# ruff: noqa: INP001 -- a package of its own

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from paperwire.core.papers.identity import canonical_id
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.core.text.clean import one_line, safe_url
from paperwire.errors import SourceGarbled
from paperwire.ports.options import Now
from paperwire.ports.options import Options as BaseOptions
from paperwire.ports.sources import Page, Source
from paperwire.sources._http import Fetcher


class Options(BaseOptions):
    """`[sources.jsonfeed]`: the feeds, and the seconds between two looks."""

    urls: tuple[str, ...] = ()
    every: float = 3600.0

    def missing(self) -> str:
        """The key without which the source stays off."""
        return "" if self.urls else "urls"


def build(options: Options, *, fetcher: Fetcher, now: Now, public_url: str) -> Source:  # noqa: ARG001 -- every source is built alike
    """What Paperwire calls once, with the settings and the one HTTP client, which is polite for all sources."""
    return JsonFeedSource(fetcher, options.urls, now)


class JsonFeedSource:
    """Feeds as parts. An item that was there at the first look is stored quietly, each later one is new once."""

    name = "jsonfeed"

    def __init__(self, fetcher: Fetcher, urls: Sequence[str], now: Now) -> None:
        self._fetcher = fetcher
        self._urls = tuple(urls)
        self._now = now

    def parts(self) -> Sequence[str]:
        """Each part is read by itself and backs off alone when it fails."""
        return self._urls

    async def fetch(self, part: str, cursor: str) -> AsyncIterator[Page]:
        """One page: its papers and the cursor are stored together, so nothing is lost or told twice."""
        answer = await self._fetcher.get(part, service=self.name, interval=1.0, kind="json")
        feed = read_feed(answer.body)
        papers = [paper for item in feed["items"] if (paper := read_item(item, one_line(str(feed.get("title", "")))))]
        events = tuple(
            Event(kind=EventKind.NEW, paper=paper, source=self.name, day=paper.announced, at=self._now())
            for paper in papers
        )
        yield Page(part=part, events=events, cursor="read", quiet=not cursor)


def read_feed(body: bytes) -> Mapping[str, Any]:
    """The feed; raises SourceGarbled for anything else, which is reported as the source's failure."""
    try:
        feed = json.loads(body)
    except (ValueError, RecursionError):
        raise SourceGarbled("the answer is not valid JSON") from None
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise SourceGarbled("the answer is not a JSON Feed")
    return feed


def read_item(item: object, feed: str) -> Paper | None:
    """An item as a paper: by the arXiv id or DOI that its address names, else by its own id; None without a title."""
    if not isinstance(item, dict) or not isinstance(item.get("title"), str) or not item.get("id"):
        return None
    url, authors = safe_url(str(item.get("url", ""))), item.get("authors")
    names = [author.get("name") for author in authors if isinstance(author, dict)] if isinstance(authors, list) else []
    published = read_time(item.get("date_published"))
    return Paper(
        id=canonical_id(url) or f"jsonfeed-{one_line(str(item['id']))[:200]}",
        title=one_line(item["title"]),
        source=JsonFeedSource.name,
        abstract=one_line(str(item.get("content_text") or item.get("summary") or "")),
        authors=tuple(one_line(name) for name in names if isinstance(name, str)),
        published=published,
        announced=published.date() if published else None,
        url=url,
        feed=feed,
    )


def read_time(text: object) -> datetime | None:
    """A time in UTC, None for anything that is none."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
