"""The entries of a feed with their texts and times, the same in all formats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html import escape
from urllib.parse import quote, urlsplit

from paperwire.core.messages.card import (
    ABSTRACT_LIMIT,
    AUTHORS_LIMIT,
    NAME_LIMIT,
    TITLE_LIMIT,
    more_names,
    shown_abstract,
    shown_title,
    upvote_count,
    why_news,
)
from paperwire.core.messages.message import FIRST
from paperwire.core.messages.record import acceptance_line
from paperwire.core.papers.categories import is_category
from paperwire.core.papers.identity import code_link, is_arxiv, page_url
from paperwire.core.papers.paper import ARRIVAL, Occasion, Paper
from paperwire.core.query.matched import doc_of, matched_terms
from paperwire.core.subscriptions.feeds import FeedEntry, MatchedBy
from paperwire.core.text.clean import clean, cut, safe_url
from paperwire.core.text.display import shown_line
from paperwire.feeds.entries import Feed, Notice
from paperwire.texts import Texts, texts_in

_MAX_SUMMARY = 600
_MAX_CATEGORIES = 12
_MAX_MATCHED = 20
_MAX_TERMS = 8
# Characters a `tag:` URI takes unescaped in its last part (RFC 4151, RFC 3986's pchar and the slash).
_TAG_SAFE = "/:@!$&'()*+,;=-._~"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLink:
    """A further address of an entry: a PDF, a repository."""

    url: str
    label: str
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedItem:
    """One entry in plain terms: texts cleaned, `html` safe to show, times in whole seconds of UTC."""

    tag: str
    url: str
    title: str
    summary: str
    html: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    links: tuple[EntryLink, ...]
    published: datetime
    updated: datetime


def items_of(feed: Feed) -> list[FeedItem]:
    """The feed's items, newest `updated` first."""
    texts = texts_in(feed.locale)
    items = [_paper_item(feed, entry, texts) for entry in feed.entries]
    items.extend(_notice_item(feed, notice) for notice in feed.notices)
    items.sort(key=lambda item: (item.updated, item.tag), reverse=True)
    return items


def updated_of(feed: Feed, items: Sequence[FeedItem]) -> datetime:
    """When the feed last changed: its newest entry, or its creation while it has none; never the present."""
    return max((item.updated for item in items), default=whole_second(feed.created))


def whole_second(instant: datetime) -> datetime:
    """`instant` in UTC without its fraction of a second: readers choke on microseconds."""
    return instant.astimezone(UTC).replace(microsecond=0)


def _paper_item(feed: Feed, entry: FeedEntry, texts: Texts) -> FeedItem:
    paper = entry.paper
    title, label = shown_title(paper, texts), why_news(entry.occasion, "", texts)
    abstract = shown_abstract(paper)
    url = safe_url(page_url(paper))
    authors = tuple(name for name in (clean(name, NAME_LIMIT) for name in paper.authors[:AUTHORS_LIMIT]) if name)
    links = _links(paper, texts)
    categories = tuple(clean(name, NAME_LIMIT) for name in paper.categories[:_MAX_CATEGORIES] if is_category(name))
    item = FeedItem(
        tag=f"{feed.tag}/{_tag_part(paper.id)}{_occasion_part(entry.occasion)}",
        url=url,
        title=f"{title} ({label})" if label else title,
        summary=cut(abstract, _MAX_SUMMARY),
        html="",
        authors=authors,
        categories=tuple(name for name in categories if name),
        links=links,
        published=whole_second(entry.at),
        # An entry changes with what is shown of its paper; an occasion of its own is an entry of its own.
        updated=whole_second(max(entry.at, entry.reworded or entry.at)) + timedelta(seconds=entry.second),
    )
    return replace(item, html=_html(feed, entry, item, abstract, texts))


def _notice_item(feed: Feed, notice: Notice) -> FeedItem:
    text = clean(notice.text, ABSTRACT_LIMIT)
    at = whole_second(notice.at)
    return FeedItem(
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


def _links(paper: Paper, texts: Texts) -> tuple[EntryLink, ...]:
    links = []
    if is_arxiv(paper.id):
        pdf = safe_url(f"https://arxiv.org/pdf/{paper.id}")
        links.append(EntryLink(url=pdf, label="PDF", media_type="application/pdf"))
    if code := safe_url(code_link(paper)):
        links.append(EntryLink(url=code, label=texts.gettext("Code"), media_type="text/html"))
    return tuple(link for link in links if link.url)


def _html(feed: Feed, entry: FeedEntry, item: FeedItem, abstract: str, texts: Texts) -> str:
    """Authors, categories, what matched, the abstract and links; every text escaped, every address checked."""
    paper = entry.paper
    parts = []
    if item.authors:
        left = len(paper.authors) - AUTHORS_LIMIT
        names = [*item.authors, more_names(left, texts)] if left > 0 else item.authors
        # Translators: %(names)s are the authors of a paper.
        parts.append(_paragraph(texts.gettext("Authors: %(names)s", names=FIRST), texts.listed(names)))
    facts = [", ".join(item.categories)] if item.categories else []
    if feed.scores and paper.upvotes is not None:
        facts.append(upvote_count(paper.upvotes, texts))
    if acceptance := acceptance_line(paper, texts):
        facts.append(acceptance)
    if facts:
        parts.append(_paragraph(" · ".join(facts)))
    if entry.matched:
        why = why_matched(entry.matched, paper, texts)
        # Translators: %(why)s are names or queries of subscriptions, with the words that they found in brackets.
        parts.append(_paragraph(texts.gettext("Matched: %(why)s", why=FIRST), why))
    if abstract:
        parts.append(_paragraph(abstract))
    if comment := shown_line(paper.comment, ABSTRACT_LIMIT):
        parts.append(_paragraph(texts.gettext("Comment: %(comment)s", comment=FIRST), comment))
    if anchors := _anchors(item, texts):
        parts.append(f"<p>{' · '.join(anchors)}</p>")
    return "".join(parts) or _paragraph(item.title)


def why_matched(matched: Sequence[MatchedBy], paper: Paper, texts: Texts) -> str:
    """The subscriptions that a paper met, each with the words of its query that the paper has."""
    return texts.clauses(*(_why(each, paper, texts) for each in matched[:_MAX_MATCHED]))


def _why(matched: MatchedBy, paper: Paper, texts: Texts) -> str:
    """The subscription that a paper met, with the words of its query that the paper has."""
    name = clean(matched.name, NAME_LIMIT)
    terms = [clean(term, NAME_LIMIT) for term in matched_terms(matched.text, doc_of(paper))[:_MAX_TERMS]]
    words = texts.listed(filter(None, terms))
    if not words or words == name:
        return name
    # Translators: why a paper is in a feed; %(name)s is the name or query of a subscription, %(words)s what it found.
    return texts.gettext("%(name)s (%(words)s)", name=name, words=words)


def source_link(url: str, texts: Texts) -> str:
    # Translators: at the end of a public feed or mail: %(host)s is an address on the web.
    return texts.gettext("Read at %(host)s", host=urlsplit(url).hostname or "")


def _anchors(item: FeedItem, texts: Texts) -> list[str]:
    addresses = [(item.url, source_link(item.url, texts))] if item.url else []
    addresses += [(link.url, link.label) for link in item.links]
    return [f'<a href="{escape(url)}">{escape(label)}</a>' for url, label in addresses]


def _paragraph(text: str, value: str = "") -> str:
    """A text, or one with a value where `FIRST` stands in it, and what stands before that in bold."""
    head, mark, after = text.partition(FIRST)
    if not mark:
        return f"<p>{escape(text, quote=False)}</p>"
    lead = head.rstrip()
    between = head[len(lead) :]
    return f"<p><strong>{escape(lead)}</strong>{between}{escape(value + after, quote=False)}</p>"
