"""What each entry of a feed says and when, the same in all formats."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from paperwire.core.messages.card import (
    ABSTRACT_LIMIT,
    AUTHORS_LIMIT,
    NAME_LIMIT,
    TITLE_LIMIT,
    shown_abstract,
    shown_title,
    why_news,
)
from paperwire.core.papers.categories import is_class
from paperwire.core.papers.identity import code_link, is_arxiv, page_url
from paperwire.core.papers.paper import ARRIVAL
from paperwire.core.text.clean import clean, cut, safe_url
from paperwire.core.text.display import shown_line
from paperwire.wording import feeds as wording
from paperwire.wording import messages

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from paperwire.core.papers.paper import Occasion, Paper
    from paperwire.feeds.entries import Entry, Feed, Notice

_MAX_SUMMARY = 600
_MAX_CATEGORIES = 12
_MAX_MATCHED = 20
# Characters a `tag:` URI takes unescaped in its last part (RFC 4151, RFC 3986's pchar and the slash).
_TAG_SAFE = "/:@!$&'()*+,;=-._~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A further address of an entry: a PDF, a repository."""

    url: str
    label: str
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry in plain terms: texts cleaned, `html` safe to show, times in whole seconds of UTC."""

    tag: str
    url: str
    title: str
    summary: str
    html: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    links: tuple[Link, ...]
    published: datetime
    updated: datetime


def items_of(feed: Feed) -> list[Item]:
    """The feed's items, newest `updated` first."""
    items = [_paper_item(feed, entry) for entry in feed.entries]
    items.extend(_notice_item(feed, notice) for notice in feed.notices)
    items.sort(key=lambda item: (item.updated, item.tag), reverse=True)
    return items


def updated_of(feed: Feed, items: Sequence[Item]) -> datetime:
    """When the feed last changed: its newest entry, or its creation while it has none; never the present."""
    return max((item.updated for item in items), default=whole_second(feed.created))


def whole_second(instant: datetime) -> datetime:
    """`instant` in UTC without its fraction of a second: readers choke on microseconds."""
    return instant.astimezone(UTC).replace(microsecond=0)


def _updated(entry: Entry) -> datetime:
    """An entry changes only with a new version of its paper; an occasion of its own is an entry of its own."""
    at, paper = whole_second(entry.at), entry.paper
    if entry.occasion == ARRIVAL and paper.version > 1 and paper.updated:
        at = max(at, whole_second(paper.updated))
    return at + timedelta(seconds=entry.second)


def _paper_item(feed: Feed, entry: Entry) -> Item:
    paper = entry.paper
    title, label = shown_title(paper), why_news(entry.occasion, "")
    abstract = shown_abstract(paper)
    url = safe_url(page_url(paper))
    authors = tuple(name for name in (clean(name, NAME_LIMIT) for name in paper.authors[:AUTHORS_LIMIT]) if name)
    links = _links(paper)
    categories = tuple(clean(name, NAME_LIMIT) for name in paper.categories[:_MAX_CATEGORIES] if is_class(name))
    item = Item(
        tag=f"{feed.tag}/{_tag_part(paper.id)}{_occasion_part(entry.occasion)}",
        url=url,
        title=wording.labelled(title, label) if label else title,
        summary=cut(abstract, _MAX_SUMMARY),
        html="",
        authors=authors,
        categories=tuple(name for name in categories if name),
        links=links,
        published=whole_second(entry.at),
        updated=_updated(entry),
    )
    return replace(item, html=_html(feed, entry, item, abstract))


def _notice_item(feed: Feed, notice: Notice) -> Item:
    text = clean(notice.text, ABSTRACT_LIMIT)
    at = whole_second(notice.at)
    return Item(
        tag=f"{feed.tag}/{_tag_part(notice.name)}",
        url=feed.home,
        title=clean(notice.title, TITLE_LIMIT),
        summary=text,
        html=f"<p>{escape(text)}</p>",
        authors=(),
        categories=(),
        links=(),
        published=at,
        updated=at,
    )


def _tag_part(name: str) -> str:
    return quote(name, safe=_TAG_SAFE, errors="replace")


def _occasion_part(occasion: Occasion) -> str:
    return "" if occasion == ARRIVAL else "/" + str(occasion).replace(">=", "-")


def _links(paper: Paper) -> tuple[Link, ...]:
    found = []
    if is_arxiv(paper.id):
        pdf = safe_url(f"https://arxiv.org/pdf/{paper.id}")
        found.append(Link(url=pdf, label=wording.PDF, media_type="application/pdf"))
    if code := safe_url(code_link(paper)):
        found.append(Link(url=code, label=wording.CODE, media_type="text/html"))
    return tuple(link for link in found if link.url)


def _html(feed: Feed, entry: Entry, item: Item, abstract: str) -> str:
    """Authors, categories, what matched, the abstract and links; every text escaped, every address checked."""
    paper = entry.paper
    parts = []
    if item.authors:
        left = len(paper.authors) - AUTHORS_LIMIT
        names = [*item.authors, messages.more(left)] if left > 0 else item.authors
        parts.append(_paragraph(wording.COMMA.join(names), wording.AUTHORS))
    facts = [wording.COMMA.join(item.categories)] if item.categories else []
    if feed.scores and paper.upvotes is not None:
        facts.append(messages.upvotes(paper.upvotes))
    if facts:
        parts.append(_paragraph(wording.DOT.join(facts)))
    if entry.matched:
        matched = [clean(name, NAME_LIMIT) for name in entry.matched[:_MAX_MATCHED]]
        parts.append(_paragraph(wording.COMMA.join(matched), wording.MATCHED))
    if abstract:
        parts.append(_paragraph(abstract))
    if comment := shown_line(paper.comment, ABSTRACT_LIMIT):
        parts.append(_paragraph(comment, wording.COMMENT))
    if anchors := _anchors(item):
        parts.append(f"<p>{wording.DOT.join(anchors)}</p>")
    return "".join(parts) or _paragraph(messages.UNTITLED)


def _anchors(item: Item) -> list[str]:
    addresses = [(item.url, wording.source_page(urlsplit(item.url).hostname or ""))] if item.url else []
    addresses += [(link.url, link.label) for link in item.links]
    return [f'<a href="{escape(url)}">{escape(label)}</a>' for url, label in addresses]


def _paragraph(text: str, head: str = "") -> str:
    lead = f"<strong>{escape(head)}</strong> " if head else ""
    return f"<p>{lead}{escape(text, quote=False)}</p>"
