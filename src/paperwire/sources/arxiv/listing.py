"""The third view of arXiv: the page that lists a category's latest batch, which says how many entries it shows.

Read to judge a day on which feeds and OAI-PMH disagree, never to collect.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lxml import etree

from paperwire.core.days.batch import NO_PAPERS, Listing
from paperwire.errors import SourceGarbled
from paperwire.ports.sources import Page
from paperwire.sources._http import Fetched
from paperwire.sources.arxiv.record import versioned

PART, VIEW = "third", "list"
INTERVAL = 15.0
"""Seconds between two requests, as the robots.txt of arxiv.org asks."""
_SHOW = 2_000  # the most that one page shows
_MAX_TAGS = 300_000  # a page of 2,000 entries has about 120,000, closing ones included
_LONG_TAG = re.compile(rb"<[^<>]{10000}")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DATE = re.compile(rf"listings for \w+, (\d{{1,2}}) ({'|'.join(_MONTHS)}) (\d{{4}})")
# Since 2024 `New submissions (showing 83 of 83 entries)`, before with the date and a space at the end.
_SECTION = re.compile(
    r"(New|Cross|Replacement) submissions.{0,60}?\((?:continued, )?showing (?:first |last )?(\d{1,5}) of (\d{1,5})"
)
_TOTAL = re.compile(r"Total of (\d{1,6}) entries")
_NOTHING = "No updates"
_LONGEST_TEXT = 200
_TEXTS = {"h3", "p", "div"}


@dataclass(slots=True)
class _Section:
    """One section: how many entries it says that it shows and has, and the ids of those that it shows."""

    shown: int
    total: int
    ids: list[str] = field(default_factory=list)


class _PageReader:
    """Takes the page as a stream of tags, so that no tree of it is ever in memory."""

    def __init__(self) -> None:
        self.day: date | None = None
        self.total: int | None = None
        self.is_empty = False
        self.sections: dict[str, _Section] = {}
        self._section: _Section | None = None
        self._tag = self._text = ""
        self._in_entry = False

    def start(self, tag: str | bytes, attrib: Mapping[Any, Any]) -> None:
        """Begin a text, or read an entry's id from its first link to an abstract."""
        if tag in _TEXTS:
            self._end_text()
            self._tag = str(tag)
        elif tag in {"dt", "dd"}:
            self._in_entry = tag == "dt"
        elif tag == "a" and self._in_entry and "/abs/" in (link := attrib.get("href", "")[:_LONGEST_TEXT]):
            self._in_entry = False
            named = versioned(link.rpartition("/abs/")[2])
            if self._section is not None and named is not None:
                self._section.ids.append(named[0])

    def data(self, data: str | bytes) -> None:
        if len(self._text) < _LONGEST_TEXT:
            self._text += str(data)[:_LONGEST_TEXT]

    def comment(self, text: str | bytes) -> None:
        """Comments say nothing."""

    def end(self, tag: str | bytes) -> None:
        if tag in _TEXTS:
            self._end_text()

    def close(self) -> None:
        """The page has ended, and its last text with it."""
        self._end_text()

    def _end_text(self) -> None:
        text, tag = " ".join(self._text.split()), self._tag
        self._text = self._tag = ""
        if tag == "h3" and (heading := _SECTION.match(text)):
            self._section = self.sections.setdefault(heading[1], _Section(int(heading[2]), int(heading[3])))
        elif tag == "h3" and (dated := _DATE.search(text)):
            self.day = self.day or _date(dated)
        elif tag == "div" and (counted := _TOTAL.match(text)):
            self.total = int(counted[1])
        elif tag == "p" and text.startswith(_NOTHING):
            self.is_empty = True


def _date(match: re.Match[str]) -> date | None:
    try:
        return date(int(match[3]), _MONTHS.index(match[2]) + 1, int(match[1]))
    except ValueError:
        return None


def parse_listing(body: bytes, part: str) -> Listing:
    """What a page lists of category `part`; whole unless the page shows a part of a section only.

    Replacements are counted but not listed, as the page does not name their versions. Raises SourceGarbled for another
    page, and for one that shows another number of entries than it says: that is no empty day.
    """
    if body.count(b"<") > _MAX_TAGS or _LONG_TAG.search(body):
        raise SourceGarbled("the answer has more elements or attributes than any honest answer")
    page = _PageReader()
    # HTML is read leniently; the result is judged below.
    etree.fromstring(body, etree.HTMLParser(target=page, no_network=True, encoding="utf-8"))
    if page.day is None or not (page.sections or page.is_empty):
        raise SourceGarbled("the answer is not one of arXiv's lists")
    for name, section in page.sections.items():
        if len(section.ids) != section.shown:
            raise SourceGarbled(
                f"arXiv's list shows {len(section.ids)} entries under {name}, where it says {section.shown}"
            )
    entries = sum(section.total for section in page.sections.values())
    is_whole = all(section.shown == section.total for section in page.sections.values())
    if page.total is not None and page.total != entries and is_whole:
        raise SourceGarbled(f"arXiv's list shows {entries} entries under all sections, where it says {page.total}")
    ids = {name: frozenset(section.ids) for name, section in page.sections.items()}
    new, crossed = (ids.get(name, NO_PAPERS) for name in ("New", "Cross"))
    return Listing(part=part, day=page.day, new=new, crossed=crossed - new, whole=is_whole)


class ListingPages:
    """Reads the lists of categories; `ask` gets a URL with arXiv's manners."""

    def __init__(self, ask: Callable[[str], Awaitable[Fetched]], *, url: str) -> None:
        self._ask = ask
        self._url = url.rstrip("/")

    async def latest(self, categories: Sequence[str]) -> AsyncIterator[Page]:
        """One page for each category with its latest batch; raises SourceError.

        One that cannot be read spares the others, and is raised when they are read.
        """
        problem: SourceGarbled | None = None
        for name in categories:
            fetched = await self._ask(f"{self._url}/{name}/new?show={_SHOW}")
            try:
                listing = await asyncio.to_thread(parse_listing, fetched.body, name)
            except SourceGarbled as error:
                problem = problem or error
                continue
            yield Page(part=PART, events=(), cursor="", view=VIEW, listings=(listing,))
        if problem is not None:
            raise problem
