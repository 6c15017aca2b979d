"""What a feed holds, before any format: papers with the time they entered it, or a notice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paperwire.core.papers.paper import ARRIVAL, Occasion

if TYPE_CHECKING:
    from datetime import date, datetime

    from paperwire.core.papers.paper import Paper

TOKEN_HOLE = "\ufdd0"  # noqa: S105 - stands for a secret, is none
"""Stands for the secret token in a rendered private feed, once, in its own address.

A Unicode noncharacter: XML and JSON carry it, and `core.clean` removes it from every text, so no paper can bring one.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One paper in a feed: `at` is when it entered *this* feed (aware); `matched` names the subscriptions it met.

    `second` keeps its `updated` apart from that of others which entered at the same time (`core.seconds`).
    """

    paper: Paper
    at: datetime
    second: int = 0
    occasion: Occasion = ARRIVAL
    matched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """An entry about the feed itself; `name` tells it from others for good."""

    name: str
    title: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Everything a rendered feed is made of; the same values give the same bytes.

    `path` names the feed for good and is the last part of its `tag:` URI (`f/12`, `daily`, `search/<key>`), minted
    by `authority` (a host name) on `minted`; RFC 4151. `address` is its absolute URL without `.atom`, `.rss` or
    `.json`, holding `TOKEN_HOLE` where a private feed has its secret; `query` (`?q=...`) follows the suffix.
    `home` is the page it belongs to. `created` (aware) dates a feed without entries. With `scores` the entries tell
    upvotes, which makes their bytes change with each of them. A feed of several `pages` is `page` (from 1) of them.
    """

    authority: str
    minted: date
    path: str
    title: str
    description: str
    address: str
    home: str
    created: datetime
    query: str = ""
    entries: tuple[Entry, ...] = ()
    notices: tuple[Notice, ...] = ()
    scores: bool = False
    page: int = 1
    pages: int = 1

    @property
    def tag(self) -> str:
        """The feed's own id."""
        return f"tag:{self.authority},{self.minted.isoformat()}:{self.path}"

    def self_url(self, kind: str) -> str:
        """The address of this page of the feed in the format `kind`."""
        return self._page_url(kind, self.page)

    def page_links(self, kind: str) -> list[tuple[str, str]]:
        """Relation and address of the other pages of a feed that has several (RFC 5005, section 3)."""
        if self.pages == 1:
            return []
        beside = [("previous", self.page - 1), ("next", self.page + 1)]
        named = [("first", 1), *((rel, page) for rel, page in beside if 1 <= page <= self.pages), ("last", self.pages)]
        return [(rel, self._page_url(kind, page)) for rel, page in named]

    def _page_url(self, kind: str, page: int) -> str:
        asked = f"{self.query or '?'}{'&' if self.query else ''}page={page}" if page > 1 else self.query
        return f"{self.address}.{kind}{asked}"
