"""The source `rss`: any RSS or Atom feed that the operator lists."""

from __future__ import annotations

import asyncio
import calendar
import hashlib
import html
import io
import ipaddress
import json
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import feedparser
import nh3
import structlog
from lxml import etree
from pydantic import field_validator

from paperwire.core.days.batch import Slot, daily_slots, listings_of
from paperwire.core.duration import Seconds  # noqa: TC001  pydantic reads it when the class is made
from paperwire.core.papers.identity import canonical_id, normal_doi
from paperwire.core.papers.names import split_names, tidy_name
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.core.text.clean import safe_url
from paperwire.core.text.line import one_line
from paperwire.errors import SourceGarbled
from paperwire.ports.options import Now
from paperwire.ports.options import Options as BaseOptions
from paperwire.ports.sources import Page, Source
from paperwire.sources._http import Fetcher, Validators
from paperwire.sources._xml import parse_xml

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence


log = structlog.get_logger(__name__)

_MAX_BODY = 5_000_000  # bytes; the largest of the recorded feeds has 700 kB, and feedparser is slow
_MAX_ENTRIES = 2000
_MAX_RAW = 100_000  # characters of a text with its markup that are read
_MAX_DATE = _MAX_WORD = 100
_DATES = {"created", "date", "expirationdate", "issued", "lastbuilddate", "modified", "pubdate", "published", "updated"}
_PEOPLE = {"author", "contributor", "creator", "email", "managingeditor", "name", "owner", "publisher", "webmaster"}
_LONG_WORD = re.compile(rf"(\S{{{_MAX_WORD}}})\S+")
_ENTRIES = {"item", "entry"}
_MAX_TITLE, _MAX_ABSTRACT, _MAX_AUTHORS, _MAX_TAGS = 1000, 20_000, 2000, 20  # characters, names and tags kept
_BLOCK = re.compile(r"<(?:br|/?p|/?div|/?li|/?h[1-6]|/?tr|/?td|/?blockquote|/?ul|/?ol|hr)\b", re.IGNORECASE)
_ANNOUNCEMENT = re.compile(
    r"arXiv:\S+ Announce Type: \S+ Abstract: "
)  # stands before each abstract in arXiv's own feeds
_MARKUP = re.compile(r"</?[a-z][a-z0-9]*\b[^<>]*>|<!--|&#?\w+;", re.IGNORECASE)


class Options(BaseOptions):
    """`[sources.rss]`: the feeds' addresses. Only public machines are asked, unless an address is a private number."""

    urls: tuple[str, ...] = ()
    every: Seconds = 3600.0

    def missing(self) -> str:
        return "" if self.urls else "urls"

    @field_validator("urls")
    @classmethod
    def _addresses(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        for url in urls:
            if not safe_url(url):
                raise ValueError(f"{url[:100]!r} is not an http or https address")
        return tuple(dict.fromkeys(urls))


def build(options: Options, *, fetcher: Fetcher, now: Now, public_url: str) -> Source:  # noqa: ARG001 - every source is built alike
    return RssSource(fetcher, urls=options.urls, now=now)


@dataclass(frozen=True, slots=True)
class _Cursor:
    """The cursor: validators for asking again, and for each entry of the last answer a mark of its content."""

    validators: Validators = field(default_factory=Validators)
    marks: Mapping[str, str] | None = None

    @classmethod
    def read(cls, cursor: str) -> _Cursor:
        if not cursor:
            return cls()
        kept = json.loads(cursor)
        return cls(Validators(kept["etag"], kept["modified"]), kept["marks"])

    def __str__(self) -> str:
        etag, modified = self.validators.etag, self.validators.last_modified
        return json.dumps({"etag": etag, "modified": modified, "marks": self.marks})


class RssSource:
    """Feeds as parts. An entry is a `new` event of the UTC day it is first seen; the first look at a feed is quiet.

    An entry that names an arXiv paper or a DOI is that paper; any other has an id made of its guid (or link) that
    stays the same. A changed entry is reported again, so that its text is kept up to date.
    """

    name = "rss"

    def __init__(self, fetcher: Fetcher, *, urls: Sequence[str], now: Now, min_interval: float = 1.0) -> None:
        self._fetcher = fetcher
        self._urls = tuple(urls)
        self._interval = min_interval
        self._now = now

    def parts(self) -> Sequence[str]:
        return self._urls

    async def fetch(self, part: str, cursor: str) -> AsyncIterator[Page]:
        """What a feed has that it did not have at the last look; nothing if it has not changed."""
        state = _Cursor.read(cursor)
        host = urlsplit(part).hostname or ""
        answer = await self._fetcher.get(
            part,
            service=f"{self.name}:{host}",
            interval=self._interval,
            validators=state.validators,
            guard=not _private_number(host),
            max_bytes=_MAX_BODY,
        )
        if answer.not_modified:
            return
        papers = await asyncio.to_thread(read_feed, answer.body, part)
        known = state.marks or {}
        marks = {paper.id: _mark(paper) for paper in papers}
        today = self._now().date()
        events = tuple(self._event(paper, today) for paper in papers if known.get(paper.id) != marks[paper.id])
        state = _Cursor(answer.validators, marks)
        yield Page(
            part=part,
            events=events,
            cursor=str(state),
            quiet=not cursor,
            view="feed",
            listings=listings_of((part, event) for event in events),
        )

    def slots(self, first: date, last: date) -> Sequence[Slot]:
        """A batch for every feed and UTC day: what was first seen on it; a look at the feed later on ends it."""
        return daily_slots(self._urls, first, last, closes=timedelta(days=1), due=timedelta(days=2))

    def _event(self, paper: Paper, today: date) -> Event:
        return Event(
            kind=EventKind.NEW,
            paper=replace(paper, announced=today),
            source=self.name,
            day=today,
            at=self._now(),
        )


def _private_number(host: str) -> bool:
    """Whether the operator wrote down a machine of their own by its plain IP address, which no resolver can bend."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def _mark(paper: Paper) -> str:
    return _digest(f"{paper.title}\0{paper.abstract}\0{paper.authors}", 6)


def _digest(text: str, size: int) -> str:
    return hashlib.blake2b(text.encode(), digest_size=size).hexdigest()


def read_feed(body: bytes, address: str) -> list[Paper]:
    """The entries of a feed as papers, each id once; entries without a title are left out.

    The bytes pass our own XML reader first, as feedparser takes DTDs and hangs on a crowd of attributes. Raises
    SourceGarbled for anything else than a feed.
    """
    body = _shortened(parse_xml(body), body)
    # A stream, as feedparser takes bytes for a file's name first.
    feed = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    if not feed.version:
        raise SourceGarbled("the answer is not an RSS or Atom feed")
    papers: dict[str, Paper] = {}
    bad = 0
    for entry in feed.entries[:_MAX_ENTRIES]:
        if paper := _paper(entry, address, typed=feed.version.startswith("atom")):
            papers.setdefault(paper.id, paper)
        else:
            bad += 1
    if bad:
        log.warning("entries without title left out", feed=address, entries=bad)
    return list(papers.values())


def _shortened(root: etree._Element, body: bytes) -> bytes:
    """The feed less the entries that are not read, and less the text of others that is not kept.

    feedparser takes several kilobytes for an entry, many times its length for a text, half a minute for a date of
    60,000 letters and seven seconds for a name of as many, in which it looks for an address.
    """
    entries, is_long = [], False
    for element in root.iter():
        if _name(element) in _ENTRIES:
            entries.append(element)
        parent = element.getparent()
        text, tail = _kept(element.text, element), _kept(element.tail, element if parent is None else parent)
        if (text, tail) != (element.text, element.tail):
            element.text, element.tail, is_long = text, tail, True
    for entry in entries[_MAX_ENTRIES:]:
        if (parent := entry.getparent()) is not None:
            parent.remove(entry)
    return etree.tostring(root) if is_long or len(entries) > _MAX_ENTRIES else body


def _kept(text: str | None, element: etree._Element) -> str | None:
    """What is read of a text in an element."""
    if text is None or len(text) <= _MAX_WORD:
        return text
    name = _name(element)
    text = text[: _MAX_DATE if name in _DATES else _MAX_RAW]
    return _LONG_WORD.sub(r"\1", text) if name in _PEOPLE else text


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _paper(entry: Mapping[str, Any], address: str, *, typed: bool) -> Paper | None:
    title = _words(entry.get("title_detail"), typed=typed)[:_MAX_TITLE]
    if not title:
        return None
    link = safe_url(_text(entry, "link"))
    doi = normal_doi(_text(entry, "prism_doi")) or normal_doi(_text(entry, "dc_identifier"))
    texts = [_words(detail, typed=typed) for detail in (*entry.get("content", ()), entry.get("summary_detail"))]
    return Paper(
        id=_id(entry, link, doi, address),
        title=title,
        source=RssSource.name,
        abstract=_ANNOUNCEMENT.sub("", max(texts, key=len))[:_MAX_ABSTRACT],
        authors=_authors(entry)[:_MAX_AUTHORS],
        categories=_tags(entry)[:_MAX_TAGS],
        published=_instant(entry),
        doi=doi or "",
        url=link,
    )


def _id(entry: Mapping[str, Any], link: str, doi: str | None, address: str) -> str:
    """An arXiv id or DOI if the entry names one, else a short text made of its guid, link or title.

    A guid that is no address may mean something else in another feed, so the feed's own address goes with it.
    """
    guid = _text(entry, "id")
    for name in (link, guid):
        if found := canonical_id(name):
            return found
    if doi:
        return doi
    own = guid or link or _text(entry, "title")
    return f"rss-{_digest(own if ':' in own else f'{address} {own}', 10)}"


def _text(entry: Mapping[str, Any], field: str) -> str:
    value = entry.get(field)
    return value.strip() if isinstance(value, str) else ""


def _words(detail: Mapping[str, Any] | None, *, typed: bool) -> str:
    """A text of an entry: Atom says which are plain, in RSS the type is feedparser's guess and any may be HTML."""
    if not detail:
        return ""
    text = _text(detail, "value")
    return one_line(text) if typed and detail.get("type") == "text/plain" else text_of(text)


def text_of(markup: str) -> str:
    """What a reader sees of HTML: no tags, no scripts, entities as characters, blocks apart; one line."""
    if _MARKUP.search(markup):
        markup = html.unescape(nh3.clean(_BLOCK.sub(r" \g<0>", markup), tags=set()))
    return one_line(markup)


def _authors(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """The names; one that holds several (as arXiv's `dc:creator` does) is taken apart."""
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
