"""A feed's values as the bytes of Atom, RSS or JSON Feed; feedgen's defects are contained here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Any, Literal, TypeAlias

from feedgen.feed import FeedGenerator
from lxml import etree

from paperwire.core.messages.card import ABSTRACT_LIMIT, TITLE_LIMIT
from paperwire.core.text.clean import clean
from paperwire.feeds.entries import PUBLISHER, Feed, language_of
from paperwire.feeds.items import FeedItem, items_of, updated_of

FeedFormat: TypeAlias = Literal["atom", "rss", "json"]

MEDIA_TYPES: dict[FeedFormat, str] = {
    "atom": "application/atom+xml; charset=utf-8",
    "rss": "application/rss+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}
_ATOM = "http://www.w3.org/2005/Atom"
_SYNDICATION = "http://purl.org/rss/1.0/modules/syndication/"


def render(feed: Feed, kind: FeedFormat) -> bytes:
    """`feed` in one format, in UTF-8: Atom (RFC 4287), RSS 2.0 or JSON Feed 1.1; its pages by RFC 5005.

    Equal feeds give equal bytes. No text a paper can hold makes this fail or the answer ill-formed.
    """
    items = items_of(feed)
    if kind == "json":
        return to_json(feed, items)
    generator = _generator(feed, items, kind)
    body: bytes = generator.atom_str() if kind == "atom" else generator.rss_str()
    return body


class _FeedExtension:
    """Adds to a feed what feedgen cannot write.

    These are links to other pages, which it leaves out of RSS, and `sy:updatePeriod`, which its own extension writes in
    the wrong case.
    """

    def __init__(self) -> None:
        self.links: Sequence[tuple[str, str]] = ()
        self.media_type = ""

    def extend_ns(self) -> dict[str, str]:
        return {"sy": _SYNDICATION}

    def extend_atom(self, feed: etree._Element) -> etree._Element:
        # In memory feedgen's elements have no namespace.
        self._link(feed, "link")
        return feed

    def extend_rss(self, rss: etree._Element) -> etree._Element:
        """Links to the other pages, and how often a reader should look: once an hour."""
        channel = rss[0]
        self._link(channel, f"{{{_ATOM}}}link")
        etree.SubElement(channel, f"{{{_SYNDICATION}}}updatePeriod").text = "hourly"
        etree.SubElement(channel, f"{{{_SYNDICATION}}}updateFrequency").text = "1"
        return rss

    def _link(self, parent: etree._Element, name: str) -> None:
        for rel, href in self.links:
            etree.SubElement(parent, name, rel=rel, type=self.media_type, href=href)


class _EntryExtension:
    """Replaces an entry's links, of which feedgen loses rel, type, title and length (lkiesow/python-feedgen#135)."""

    def __init__(self) -> None:
        self.item: FeedItem | None = None

    def extend_atom(self, entry: etree._Element) -> etree._Element:
        """One alternate link, the source page; everything else is related, with its type and title."""
        # In memory feedgen's elements have no namespace.
        for link in entry.findall("link"):
            entry.remove(link)
        if self.item is not None and self.item.url:
            etree.SubElement(entry, "link", rel="alternate", type="text/html", href=self.item.url)
        for further in self.item.links if self.item else ():
            etree.SubElement(
                entry, "link", rel="related", type=further.media_type, title=further.label, href=further.url
            )
        return entry

    def extend_rss(self, item: etree._Element) -> etree._Element:
        """RSS has taken its one link already."""
        return item


def _generator(feed: Feed, items: Sequence[FeedItem], kind: FeedFormat) -> FeedGenerator:
    generator = FeedGenerator()
    generator.register_extension("paperwire", _FeedExtension, _EntryExtension)
    media_type = MEDIA_TYPES[kind].partition(";")[0]
    generator.paperwire.links, generator.paperwire.media_type = feed.page_links(kind), media_type
    # Creators instead of RSS authors, which feedgen drops unless they have a mail address.
    generator.load_extension("dc", atom=False, rss=True)
    generator.generator("")  # otherwise feedgen advertises itself
    generator.id(feed.tag)
    generator.title(clean(feed.title, TITLE_LIMIT) or PUBLISHER)
    generator.subtitle(clean(feed.description, ABSTRACT_LIMIT) or PUBLISHER)
    generator.language(language_of(feed))
    generator.author(name=PUBLISHER)
    # RSS takes the link added last for the channel's own: the secret address must not be the one.
    generator.link(href=feed.self_url(kind), rel="self", type=media_type)
    generator.link(href=feed.home, rel="alternate", type="text/html")
    generator.updated(updated_of(feed, items))  # otherwise the present: no two answers would be alike
    for item in items:
        _add(generator, item, kind)
    return generator


def _add(generator: FeedGenerator, item: FeedItem, kind: FeedFormat) -> None:
    entry = generator.add_entry(order="append")  # otherwise the oldest comes first
    entry.paperwire.item = item
    entry.id(item.tag)  # also RSS's guid, isPermaLink="false"
    entry.title(item.title)
    entry.published(item.published)
    entry.updated(item.updated)
    entry.author([{"name": name} for name in item.authors])
    if item.authors:
        entry.dc.dc_creator(list(item.authors))
    entry.category([{"term": name} for name in item.categories])
    if item.url:
        entry.link(href=item.url)
    # Never `description`, which overwrites Atom's content. An RSS description is markup: escaped a second time.
    if item.summary:
        entry.summary(item.summary if kind == "atom" else escape(item.summary, quote=False))
    entry.content(item.html, type="html")


def to_json(feed: Feed, items: Sequence[FeedItem]) -> bytes:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": clean(feed.title, TITLE_LIMIT) or PUBLISHER,
        "description": clean(feed.description, ABSTRACT_LIMIT) or PUBLISHER,
        "home_page_url": feed.home,
        "feed_url": feed.self_url("json"),
        **_next_page(feed),
        "language": language_of(feed),
        "authors": [{"name": PUBLISHER}],
        "items": [_item(item) for item in items],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _next_page(feed: Feed) -> dict[str, str]:
    url = dict(feed.page_links("json")).get("next")
    return {"next_url": url} if url else {}


def _item(item: FeedItem) -> dict[str, Any]:
    members = {
        "id": item.tag,
        "url": item.url,
        "title": item.title,
        "summary": item.summary,
        "content_html": item.html,
        "date_published": _rfc3339(item.published),
        "date_modified": _rfc3339(item.updated),
        "authors": [{"name": name} for name in item.authors],
        "tags": list(item.categories),
    }
    return {key: value for key, value in members.items() if value}


def _rfc3339(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
