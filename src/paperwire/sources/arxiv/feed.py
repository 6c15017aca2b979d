"""arXiv's announcement feeds, RSS and Atom, as items."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from lxml import etree

from paperwire.core.days.dates import instant
from paperwire.core.papers.paper import EventKind, Paper
from paperwire.errors import SourceGarbled
from paperwire.sources._xml import parse_xml, text_of
from paperwire.sources.arxiv.record import AUTHORS_TEXT, is_withdrawn, names_in, versioned

_log = structlog.get_logger(__name__)

# From strong to weak: an item that several feeds carry is what the strongest of them says.
_KINDS = {
    "new": EventKind.NEW,
    "cross": EventKind.CROSS,
    "replace": EventKind.REPLACED,
    "replace-cross": EventKind.REPLACED,
}
_STRENGTH = {name: rank for rank, name in enumerate(_KINDS)}
_DESCRIPTION = re.compile(r"^(arXiv:\S+)\s+Announce Type:\s*(\S+)\s+Abstract:\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Announcement:
    """One entry: `guid` is id and version as arXiv writes them, `announce` its announce type."""

    guid: str
    announce: str
    paper: Paper

    @property
    def kind(self) -> EventKind:
        """What the entry says of its paper; a replacement by a withdrawal is one."""
        kind = _KINDS[self.announce]
        return EventKind.WITHDRAWN if kind is EventKind.REPLACED and self.paper.withdrawn else kind


@dataclass(frozen=True, slots=True)
class AnnouncementFeed:
    """One feed: when it was built (not announced), and its items by guid in the feed's order."""

    rendered: datetime | None
    items: dict[str, Announcement] = field(default_factory=dict)


def merged(feeds: Iterable[AnnouncementFeed]) -> AnnouncementFeed:
    """Feeds of several categories as one, with the strongest announce type of each item and the latest build time."""
    items: dict[str, Announcement] = {}
    times = []
    for feed in feeds:
        times += [feed.rendered] if feed.rendered else []
        for guid, item in feed.items.items():
            if guid not in items or _STRENGTH[item.announce] < _STRENGTH[items[guid].announce]:
                items[guid] = item
    return AnnouncementFeed(max(times, default=None), items)


def parse_feed(body: bytes) -> AnnouncementFeed:
    """An RSS 2.0 or Atom answer of arXiv, on weekends and holidays without items; raises SourceGarbled for others."""
    root = parse_xml(body)
    name = etree.QName(root).localname
    if name == "rss":
        channel = next(_children(root, "channel"), None)
        if channel is None:
            raise SourceGarbled("the answer is not an announcement feed")
        built, entries = _first(channel, "lastBuildDate"), _children(channel, "item")
    elif name == "feed":
        built, entries = _first(root, "updated"), _children(root, "entry")
    else:
        raise SourceGarbled("the answer is not an announcement feed")
    items, bad = [], 0
    for entry in entries:
        if item := _item(entry):
            items.append(item)
        else:
            bad += 1
    if bad and not items:
        raise SourceGarbled("the answer is not an announcement feed")
    if bad:
        _log.warning("announcements without id or type left out", entries=bad)
    return merged([AnnouncementFeed(instant(built)), *(AnnouncementFeed(None, {item.guid: item}) for item in items)])


def _item(entry: etree._Element) -> Announcement | None:
    """One entry of either format; None for one that names no paper or no announce type."""
    text = _first(entry, "description") or _first(entry, "summary")
    # What the elements say the description says too, and it is all there is where a feed was rewritten on its way.
    described = _DESCRIPTION.match(text)
    guid = _first(entry, "guid") or _first(entry, "id") or (described[1] if described else "")
    announce = (_first(entry, "announce_type") or (described[2] if described else "")).lower()
    named = versioned(guid)
    if named is None or announce not in _KINDS:
        return None
    paper_id, version = named
    abstract = text[described.end() :] if described else text
    paper = Paper(
        id=paper_id,
        title=_first(entry, "title"),
        abstract=abstract,
        authors=tuple(
            name for creator in _children(entry, "creator") for name in names_in(text_of(creator, AUTHORS_TEXT))
        ),
        categories=tuple(
            " ".join((category.get("term") or text_of(category)).split()) for category in _children(entry, "category")
        ),
        version=version,
        doi=_first(entry, "DOI"),
        journal_ref=_first(entry, "journal_reference"),
        url=f"https://arxiv.org/abs/{paper_id}",
        licence=_first(entry, "rights"),
        withdrawn=is_withdrawn("", abstract),
    )
    return Announcement(f"{paper_id}v{version}", announce, paper)


def _children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """The children of that local name, whatever their namespace."""
    return (child for child in element if etree.QName(child).localname == name)


def _first(element: etree._Element, name: str) -> str:
    return text_of(next(_children(element, name), None))
