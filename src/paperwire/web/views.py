"""Papers as pages show them: texts cleaned, addresses checked, ready for a template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlencode

from markupsafe import Markup, escape

from paperwire.core.messages.card import (
    ABSTRACT_LIMIT,
    AUTHORS_LIMIT,
    NAME_LIMIT,
    SUMMARY_LIMIT,
    TITLE_LIMIT,
    author_line,
    shown_title,
    upvote_count,
)
from paperwire.core.papers.categories import CATEGORIES, TWIN, is_category
from paperwire.core.papers.history import PaperEvent
from paperwire.core.papers.identity import code_link, discussion_url, is_arxiv, page_url
from paperwire.core.papers.paper import Paper
from paperwire.core.text.clean import clean, safe_url
from paperwire.texts import Texts, gettext_noop
from paperwire.web.formulas import marked

_AUTHORS_SHOWN = 6
_LONG_TEXT = 2_000
_EVENTS = {
    "new": gettext_noop("announced"),
    "cross": gettext_noop("cross-listed"),
    "replaced": gettext_noop("replaced (v%(version)s)"),
    "withdrawn": gettext_noop("withdrawn (v%(version)s)"),
    "listed": gettext_noop("listed on Daily Papers"),
    "published": gettext_noop("published"),
    "code": gettext_noop("code available"),
}
_SOURCES = {
    "arxiv": "arXiv",
    "huggingface": "Hugging Face",
    "biorxiv": "bioRxiv",
    "medrxiv": "medRxiv",
    "jsonl": gettext_noop("import"),
    "rss": gettext_noop("feed"),
    "demo": gettext_noop("demo"),
}
_FIRST_NAME = {name: min(name, twin) for name, twin in TWIN.items()}


@dataclass(frozen=True, slots=True)
class Link:
    """The text of a link, its address and its tooltip."""

    text: str
    href: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class FeedLinks:
    """The public feeds that belong to a page."""

    title: str
    follow: str
    path: str
    query: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperView:
    """One paper in a list: `url` is its source page (or ours where it has none), `here` its page on this site."""

    number: int
    title: str
    title_marked: Markup
    url: str
    here: str
    authors: str
    categories: tuple[Link, ...]
    abstract: Markup
    pdf: str
    code: str
    day: date | None
    upvotes: int
    withdrawn: bool
    feed: str = ""
    gained: int = 0
    votes: int = 0
    submitter: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FullView:
    """The parts of a paper that only its own page shows."""

    source: str
    authors: tuple[Link, ...]
    more_authors: int
    doi: Link | None
    comment: Markup
    journal: Markup
    licence: str
    summary: Markup
    discussion: str


@dataclass(frozen=True, slots=True)
class Pager:
    """A part of a list: the numbers of its first and last entry, and the addresses before and after it."""

    first: int
    last: int
    total: int
    previous: str
    next: str
    at_least: bool = False


def paper_view(paper: Paper, base: str, texts: Texts) -> PaperView:
    """A paper in a list; `base` is the site's path on its host."""
    here, title = base + paper_path(paper.id), shown_title(paper, texts)
    return PaperView(
        number=paper.number,
        title=title,
        title_marked=marked(paper.title, TITLE_LIMIT) or escape(title),
        url=safe_url(page_url(paper)) or here,
        here=here,
        authors=author_line(paper.authors, texts, few=_AUTHORS_SHOWN),
        categories=tuple(_category(name, base) for name in paper.categories[:AUTHORS_LIMIT] if is_category(name)),
        abstract=marked(paper.abstract, ABSTRACT_LIMIT),
        pdf=f"https://arxiv.org/pdf/{paper.id}" if is_arxiv(paper.id) else "",
        code=code_link(paper),
        day=paper.announced,
        upvotes=paper.upvotes or 0,
        withdrawn=paper.withdrawn,
        feed=clean(paper.feed, NAME_LIMIT),
    )


def full_view(paper: Paper, base: str) -> FullView:
    names = [name for author in paper.authors[: AUTHORS_LIMIT * 5] if (name := clean(author, NAME_LIMIT))]
    doi = clean(paper.doi, NAME_LIMIT)
    return FullView(
        source=paper.source,
        summary=marked(paper.summary, SUMMARY_LIMIT),
        authors=tuple(Link(name, base + search_path(f'au:"{name.replace(chr(34), "")}"')) for name in names),
        more_authors=max(0, len(paper.authors) - len(names)),
        doi=Link(doi, safe_url(f"https://doi.org/{quote(doi, safe='/().:;-_')}")) if doi else None,
        comment=marked(paper.comment, _LONG_TEXT),
        journal=marked(paper.journal_ref, _LONG_TEXT),
        licence=clean(paper.licence, _LONG_TEXT),
        discussion=discussion_url(paper),
    )


def paper_path(paper_id: str) -> str:
    """The path of a paper's page: slashes of old ids and DOIs stay."""
    return f"/papers/{quote(paper_id, safe='/:.-_~()', errors='replace')}"


def search_path(query: str) -> str:
    return f"/search?{urlencode({'q': query})}"


def category_name(name: str) -> str:
    known = CATEGORIES.get(name)
    return known.title if known else ""


def source_name(kind: str, texts: Texts) -> str:
    return texts.gettext(_SOURCES[kind]) if kind in _SOURCES else kind


def event_text(event: PaperEvent, texts: Texts) -> str:
    if event.kind == "score":
        return upvote_count(event.score or 0, texts)
    return texts.gettext(_EVENTS[event.kind], version=event.version)


def pager(  # noqa: PLR0913 -- the properties of a page of a list, each named
    path: str, options: dict[str, str], *, page: int, size: int, shown: int, total: int, resume: int | None = None
) -> Pager:
    """The part that `page` (from 1) of `size` entries shows: `shown` entries of `total`.

    With `resume` there may be more: that option of `path` goes on with them, and its first page comes after the rest.
    """
    first = (page - 1) * size
    next_page = page_address(path, options, page + 1) if first + shown < total else ""
    previous = page_address(path, options, page - 1) if page > 1 else ""
    if not next_page and resume is not None:
        next_page = page_address(path, options | {"resume": str(resume)}, 1)
    if not previous and options.get("resume"):
        previous = page_address(path, options | {"resume": ""}, 1)
    return Pager(
        first=first + 1 if shown else 0,
        last=first + shown,
        total=total,
        previous=previous,
        next=next_page,
        at_least=resume is not None,
    )


def counted_categories(papers: Sequence[Paper]) -> list[tuple[str, int]]:
    """The number of papers in each category, the largest first; twins count as one category under one name."""
    counts: dict[str, int] = {}
    for paper in papers:
        for name in {_FIRST_NAME.get(name, name) for name in filter(is_category, paper.categories)}:
            counts[name] = counts.get(name, 0) + 1
    return sorted(counts.items(), key=lambda row: (-row[1], row[0]))


def _category(name: str, base: str) -> Link:
    name = clean(name, NAME_LIMIT)
    known = CATEGORIES.get(name)
    return Link(name, base + search_path(f"cat:{name}") if known else "", known.title if known else "")


def page_address(path: str, options: dict[str, str], page: int) -> str:
    """The address of a page of a list; the first needs no number."""
    given = {key: value for key, value in options.items() if value}
    if page > 1:
        given["page"] = str(page)
    return f"{path}?{urlencode(given)}" if given else path
