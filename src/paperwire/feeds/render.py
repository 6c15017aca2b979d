"""A feed's values as the bytes of Atom, RSS or JSON Feed; feedgen's defects are contained here."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Literal, TypeAlias

from feedgen.feed import FeedGenerator
from lxml import etree

from paperwire.core.card import TITLE_LIMIT
from paperwire.core.clean import clean
from paperwire.feeds.items import items_of, updated_of
from paperwire.feeds.jsonfeed import to_json
from paperwire.wording import feeds as wording

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from paperwire.feeds.entries import Feed
    from paperwire.feeds.items import Item

Kind: TypeAlias = Literal["atom", "rss", "json"]

MEDIA_TYPES: dict[Kind, str] = {
    "atom": "application/atom+xml; charset=utf-8",
    "rss": "application/rss+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}
_SYNDICATION = "http://purl.org/rss/1.0/modules/syndication/"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished feed: its bytes in UTF-8, and when it last changed (whole seconds, UTC)."""

    body: bytes
    updated: datetime


def render(feed: Feed, kind: Kind) -> Rendered:
    """`feed` in one format: Atom (RFC 4287), RSS 2.0 or JSON Feed 1.1.

    Equal feeds give equal bytes. No text a paper can hold makes this fail or the answer ill-formed.
    """
    items = items_of(feed)
    updated = updated_of(feed, items)
    if kind == "json":
        return Rendered(to_json(feed, items), updated)
    generator = _generator(feed, items, updated, kind)
    body: bytes = generator.atom_str() if kind == "atom" else generator.rss_str()
    return Rendered(body, updated)


class _FeedExtension:
    """What feedgen cannot say of a feed: `sy:updatePeriod`, which its own extension writes in the wrong case."""

    def extend_ns(self) -> dict[str, str]:
        """The prefix of the syndication module."""
        return {"sy": _SYNDICATION}

    def extend_atom(self, feed: etree._Element) -> etree._Element:
        """Atom needs nothing more."""
        return feed

    def extend_rss(self, rss: etree._Element) -> etree._Element:
        """How often a reader should look: once an hour."""
        channel = rss[0]
        etree.SubElement(channel, f"{{{_SYNDICATION}}}updatePeriod").text = "hourly"
        etree.SubElement(channel, f"{{{_SYNDICATION}}}updateFrequency").text = "1"
        return rss


class _EntryExtension:
    """Replaces an entry's links, of which feedgen loses rel, type, title and length (lkiesow/python-feedgen#135)."""

    def __init__(self) -> None:
        self.item: Item | None = None

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


def _generator(feed: Feed, items: Sequence[Item], updated: datetime, kind: Kind) -> FeedGenerator:
    generator = FeedGenerator()
    generator.register_extension("paperwire", _FeedExtension, _EntryExtension)
    # Creators instead of RSS authors, which feedgen drops unless they have a mail address.
    generator.load_extension("dc", atom=False, rss=True)
    generator.generator("")  # otherwise feedgen advertises itself
    generator.id(feed.tag)
    generator.title(clean(feed.title, TITLE_LIMIT) or wording.PUBLISHER)
    generator.subtitle(clean(feed.description, TITLE_LIMIT) or wording.PUBLISHER)
    generator.language("en")
    generator.author(name=wording.PUBLISHER)
    # RSS takes the link added last for the channel's own: the secret address must not be the one.
    generator.link(href=feed.self_url(kind), rel="self", type=MEDIA_TYPES[kind].partition(";")[0])
    generator.link(href=feed.home, rel="alternate", type="text/html")
    generator.updated(updated)  # otherwise the present: no two answers would be alike
    for item in items:
        _add(generator, item, kind)
    return generator


def _add(generator: FeedGenerator, item: Item, kind: Kind) -> None:
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
    # Never `description`, which overwrites Atom's content. An RSS description is markup: escaped once more.
    if item.summary:
        entry.summary(item.summary if kind == "atom" else escape(item.summary, quote=False))
    entry.content(item.html, type="html")
