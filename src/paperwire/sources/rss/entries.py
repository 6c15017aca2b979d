"""The entries of a feed as papers."""

from __future__ import annotations

import calendar
import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

import feedparser
import structlog
from lxml import etree

from paperwire.core.papers.identity import canonical_id, normal_doi
from paperwire.core.papers.names import split_names, tidy_name
from paperwire.core.papers.paper import Paper
from paperwire.core.text.clean import ELLIPSIS, one_line, safe_url
from paperwire.errors import SourceGarbled
from paperwire.sources._markup import text_of
from paperwire.sources.rss.document import read_document
from paperwire.sources.rss.publishers import Description, described, doi_of_address

log = structlog.get_logger(__name__)

NAME = "rss"
MADE = "rss-"
"""How an id begins that is made of a guid or link."""
MAX_ENTRIES = 2000
_MAX_RAW = 100_000  # characters of a text with its markup that are read
_MAX_DATE = _MAX_WORD = _MAX_NAME = 100
_DATES = {"created", "date", "expirationdate", "issued", "lastbuilddate", "modified", "pubdate", "published", "updated"}
_PEOPLE = {"author", "contributor", "creator", "email", "managingeditor", "name", "owner", "publisher", "webmaster"}
_LONG_WORD = re.compile(rf"(\S{{{_MAX_WORD}}})\S+")
_ENTRIES = {"item", "entry"}
_IDENTIFIER = "{http://purl.org/dc/elements/1.1/}identifier"
_MAX_TITLE, _MAX_ABSTRACT, _MAX_AUTHORS, _MAX_TAGS = 1000, 20_000, 2000, 20  # characters, names and tags kept
_MADE_TITLE = 80  # characters of a text that stand for a title that is missing
_ANNOUNCEMENT = re.compile(
    r"arXiv:\S+ Announce Type: \S+ Abstract: "
)  # stands before each abstract in arXiv's own feeds


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceEntry:
    """An entry as a paper, and what it can be known by the next time.

    `own_id` is made of its guid or link, or of its title, and is the paper's unless it names an arXiv id or a DOI.
    It is `fixed` if it can be known by that alone: a name, or a guid that is no address. `place` is the guid or link
    without its query and fragment; `has_guid` says that the feed gave a guid of any kind.
    """

    paper: Paper
    own_id: str
    fixed: bool
    has_guid: bool
    place: str


def read_feed(body: bytes, address: str, *, charset: str = "", name: str = "") -> list[SourceEntry]:
    """The entries of a feed, the first 2,000; those without any text or title are left out.

    Without a `name` the feed is called by its title, or else by the publication that it names.
    The bytes pass our own XML reader first, as feedparser takes DTDs and hangs on a crowd of attributes. Raises
    SourceGarbled for anything else than a feed.
    """
    root = read_document(body, charset)
    _shorten(root, address)
    # A stream, as feedparser takes bytes for a file's name first.
    feed = feedparser.parse(io.BytesIO(etree.tostring(root)), sanitize_html=False, resolve_relative_uris=False)
    if not feed.version:
        raise SourceGarbled(f"the answer is XML of another kind ({_name(root)[:40]}), not an RSS or Atom feed")
    typed = feed.version.startswith("atom")
    # A link in RSS is relative to the site, one in Atom to the feed, unless `xml:base` says otherwise.
    base = (not typed and _joined(address, _text(feed.feed, "link"))) or address
    name = one_line(name) or _words(feed.feed.get("title_detail"), typed=typed) or _publication(feed.feed)
    entries = [_entry(entry, address, base, typed=typed, feed=name[:_MAX_NAME]) for entry in feed.entries]
    if empty := entries.count(None):
        log.warning("entries without title and text left out", feed=address, entries=empty)
    return [entry for entry in entries if entry]


def digest(text: str, size: int) -> str:
    return hashlib.blake2b(text.encode(), digest_size=size).hexdigest()


def _shorten(root: etree._Element, address: str) -> None:
    """Take away the entries that are not read, the text of others that is not kept, and what names no DOI.

    feedparser takes several kilobytes for an entry, many times its length for a text, half a minute for a date of
    60,000 letters and seven seconds for a name of as many, in which it looks for an address. Of several identifiers
    it keeps the last.
    """
    entries = [element for element in root.iter() if _name(element) in _ENTRIES]
    unread = entries[MAX_ENTRIES:]
    for element in root.iter():
        parent = element.getparent()
        element.text = _kept(element.text, element)
        element.tail = _kept(element.tail, element if parent is None else parent)
    for element in [
        *unread,
        *(identifier for identifier in root.iter(_IDENTIFIER) if not normal_doi(identifier.text or "")),
    ]:
        if (parent := element.getparent()) is not None:
            parent.remove(element)
    if unread:
        log.warning("feed cut", feed=address, read=MAX_ENTRIES, entries=len(entries))


def _kept(text: str | None, element: etree._Element) -> str | None:
    """What is read of a text in an element."""
    if text is None or len(text) <= _MAX_WORD:
        return text
    name = _name(element)
    text = text[: _MAX_DATE if name in _DATES else _MAX_RAW]
    return _LONG_WORD.sub(r"\1", text) if name in _PEOPLE else text


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _publication(described: Mapping[str, Any]) -> str:
    return one_line(_text(described, "prism_publicationname"))[:_MAX_TITLE]


def _entry(entry: Mapping[str, Any], address: str, base: str, *, typed: bool, feed: str) -> SourceEntry | None:
    details = (*entry.get("content", ()), entry.get("summary_detail"))
    text = max((_description(detail, typed=typed) for detail in details), key=lambda description: len(description.text))
    title = _words(entry.get("title_detail"), typed=typed)[:_MAX_TITLE] or _first_words(text.text)
    if not title:
        return None
    guid, link = _text(entry, "id"), safe_url(_joined(base, _text(entry, "link")))
    own = guid or link or _text(entry, "title") or title
    own_id = MADE + digest(own if ":" in own else f"{address} {own}", 10)
    doi = _doi(entry, link, text)
    # PubMed's number is one more name of the paper, by its link.
    named = next((name for name in (canonical_id(link), canonical_id(guid)) if name and ":" not in name), doi)
    paper = Paper(
        id=named or own_id,
        title=title,
        source=NAME,
        abstract=_ANNOUNCEMENT.sub("", text.text)[:_MAX_ABSTRACT],
        authors=(_authors(entry) or text.authors)[:_MAX_AUTHORS],
        categories=_tags(entry)[:_MAX_TAGS],
        published=_instant(entry),
        doi=doi,
        journal_ref=text.journal or _publication(entry),
        url=link,
        feed=feed,
    )
    is_address = bool(safe_url(own))
    return SourceEntry(
        paper=paper,
        own_id=own_id,
        fixed=bool(named) or (bool(guid) and not is_address),
        has_guid=bool(guid),
        place=own.partition("#")[0].partition("?")[0] if is_address else "",
    )


def _joined(base: str, link: str) -> str:
    """The address that a link means; empty if there is none."""
    try:
        return urljoin(base, link) if link else ""
    except ValueError:
        return ""


def _doi(entry: Mapping[str, Any], link: str, text: Description) -> str:
    named = (_text(entry, "prism_doi"), _text(entry, "dc_identifier"), doi_of_address(link), text.doi)
    return next((doi for name in named if (doi := normal_doi(name))), "")


def _text(entry: Mapping[str, Any], field: str) -> str:
    value = entry.get(field)
    return value.strip() if isinstance(value, str) else ""


def _words(detail: Mapping[str, Any] | None, *, typed: bool) -> str:
    """A text of an entry: Atom says which are plain, in RSS the type is feedparser's guess and any may be HTML."""
    if not detail:
        return ""
    text = _text(detail, "value")
    return one_line(text) if typed and detail.get("type") == "text/plain" else text_of(text)


def _description(detail: Mapping[str, Any] | None, *, typed: bool) -> Description:
    if detail and not (typed and detail.get("type") == "text/plain"):
        return described(_text(detail, "value"))
    return Description(_words(detail, typed=typed))


def _first_words(text: str) -> str:
    """The beginning of a text, in whole words, for an entry without a title."""
    if len(text) <= _MADE_TITLE:
        return text
    start, _, cut = text[:_MADE_TITLE].rpartition(" ")
    return f"{(start or cut).rstrip(' ,;:.')}{ELLIPSIS}"


def _authors(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """The names; one that holds several (as arXiv's `dc:creator` does) is split."""
    names = [text_of(_text(author, "name")) for author in entry.get("authors", ())]
    if len(names) == 1 and (names[0].count(",") > 1 or " and " in names[0] or ";" in names[0]):
        return split_names(names[0])
    return tuple(tidy for name in names if (tidy := tidy_name(name)))


def _tags(entry: Mapping[str, Any]) -> tuple[str, ...]:
    terms = [text_of(_text(tag, "term"))[:100] for tag in entry.get("tags", ())]
    return tuple(dict.fromkeys(term for term in terms if term))


def _instant(entry: Mapping[str, Any]) -> datetime | None:
    """When it was published, or else updated; feedparser has turned it to UTC."""
    parsed = entry.get("published_parsed")
    if not parsed and "updated" in entry:  # asked for a missing one, feedparser warns
        parsed = entry.get("updated_parsed")
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
    except (ValueError, OverflowError, OSError):
        return None
