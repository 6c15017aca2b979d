"""The contents of a feed, before any format: papers with the time they entered it, and notices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from paperwire.core.subscriptions.feeds import FeedEntry
from paperwire.texts import texts_in

PUBLISHER = "Paperwire"
TOKEN_HOLE = "\ufdd0"  # noqa: S105 -- stands for a secret, is none
"""Stands for the secret token in the address of a rendered private feed, once.

A Unicode noncharacter: XML and JSON carry it, and `core.clean` removes it from every text, so no paper can bring one.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """An entry about the feed itself; `name` identifies it permanently."""

    name: str
    title: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Everything a rendered feed is made of; the same values give the same bytes.

    `path` identifies the feed permanently and is the last part of its `tag:` URI (`f/12`, `daily`, `search/<key>`),
    minted by `authority` (a host name) on `minted`; RFC 4151. `address` is its absolute URL without `.atom`, `.rss` or
    `.json`, holding `TOKEN_HOLE` where a private feed has its secret; `query` (`?q=...`) follows the suffix.
    `home` is the page it belongs to. `created` (aware) dates a feed without entries. With `scores` the entries show
    upvotes, so that their bytes change with each upvote. A feed of several `pages` is `page` (from 1) of them.
    `locale` is its reader's, or the one that the address of a public feed names.
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
    entries: tuple[FeedEntry, ...] = ()
    notices: tuple[Notice, ...] = ()
    scores: bool = False
    page: int = 1
    pages: int = 1
    locale: str = "en"

    @property
    def tag(self) -> str:
        return f"tag:{self.authority},{self.minted.isoformat()}:{self.path}"

    def self_url(self, kind: str) -> str:
        return self._page_url(kind, self.page)

    def page_links(self, kind: str) -> list[tuple[str, str]]:
        """Relation and address of the other pages of a feed that has several (RFC 5005, section 3)."""
        if self.pages == 1:
            return []
        neighbours = [("previous", self.page - 1), ("next", self.page + 1)]
        named = [
            ("first", 1),
            *((rel, page) for rel, page in neighbours if 1 <= page <= self.pages),
            ("last", self.pages),
        ]
        return [(rel, self._page_url(kind, page)) for rel, page in named]

    def _page_url(self, kind: str, page: int) -> str:
        query = f"{self.query or '?'}{'&' if self.query else ''}page={page}" if page > 1 else self.query
        return f"{self.address}.{kind}{query}"


def language_of(feed: Feed) -> str:
    return texts_in(feed.locale).language
