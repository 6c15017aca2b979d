"""Papers as pages show them: texts cleaned, formulas as MathML, addresses checked, ready for a template.

The library's markup of formulas passes a list of what MathML may hold, so that nothing a paper says becomes markup of
its own; styles go (the pages' policy has none in line), and a formula that holds anything else is shown as text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from urllib.parse import quote, urlencode

from markupsafe import Markup, escape
from starlette.requests import Request

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
from paperwire.core.messages.record import acceptance_line, notice_text, organisation_of
from paperwire.core.papers.categories import CATEGORIES, is_category
from paperwire.core.papers.identity import code_link, discussion_url, is_arxiv, page_url
from paperwire.core.papers.notices import chief_notice
from paperwire.core.papers.paper import Paper, PaperEvent
from paperwire.core.query.highlight import Highlighter, Highlighters
from paperwire.core.text.abstracts import beginning
from paperwire.core.text.clean import ELLIPSIS, clean, cut, safe_url, single_line, visible
from paperwire.core.text.display import Formula, display_pieces
from paperwire.core.text.formula import mathml
from paperwire.errors import QueryError
from paperwire.texts import ENGLISH, Texts, gettext_noop
from paperwire.wording.queries import explain

_LAST_PAGE = 1_000
_WIDE = 28
"""A formula whose text is longer than this many characters may be wider than a phone, and scrolls in its own box."""

_TAG = re.compile(r"<(/?)([a-z]+)((?: [a-z-]+=\"[^\"<>]*\")*) ?(/?)>")
_ATTRIBUTE = re.compile(r" ([a-z-]+)=(\"[^\"<>&]*\")")
_ELEMENTS = (
    "math mrow mi mn mo mtext mspace msup msub msubsup munder mover munderover mfrac msqrt mroot mtable mtr mtd "
    "mpadded mphantom"
)
_STYLED_TEXT = {"b": "b", "i": "i", "code": "code", "span": ""}
_ATTRIBUTES = (
    "mathvariant stretchy symmetric largeop movablelimits form lspace rspace minsize maxsize accent accentunder width "
    "height depth linethickness displaystyle scriptlevel fence separator"
)
_KNOWN = frozenset(_ELEMENTS.split())
_KEPT_ATTRIBUTES = frozenset(_ATTRIBUTES.split())
_ENTITY = re.compile(r"&(?!(?:lt|gt|amp|quot);|#)[A-Za-z]+;")
_APPLICATION = "\u2061"
_AUTHORS_SHOWN = 6
_LONG_TEXT = 2_000
# Translators: what became of a paper, in its history after a date and a source: %(version)s is its version's number.
_EVENTS = {
    "new": gettext_noop("announced"),
    "cross": gettext_noop("cross-listed"),
    "replaced": gettext_noop("replaced (v%(version)s)"),
    "withdrawn": gettext_noop("withdrawn (v%(version)s)"),
    "listed": gettext_noop("listed on Daily Papers"),
    "published": gettext_noop("published"),
    "code": gettext_noop("code available"),
    "retracted": gettext_noop("retracted"),
    "corrected": gettext_noop("corrected"),
}
# Translators: what a source of papers is, after its name: a repository, an imported file, a feed, papers made up to try
# the service.
_SOURCES = {
    "crossref": "Crossref",
    "europepmc": "Europe PMC",
    "oai": gettext_noop("repository"),
    "arxiv": "arXiv",
    "huggingface": "Hugging Face",
    "biorxiv": "bioRxiv",
    "medrxiv": "medRxiv",
    "jsonl": gettext_noop("import"),
    "rss": gettext_noop("feed"),
    "demo": gettext_noop("demo"),
}


def marked(text: str, limit: int, highlighter: Highlighter | None = None) -> Markup:
    """`text` for a page, with its formulas as MathML, of at most `limit` characters as they are read.

    With a `highlighter` the words that it finds outside formulas are marked.
    """
    parts: list[str] = []
    left = limit
    for piece in display_pieces(single_line(text[: limit * 8 + 4096])):
        words = piece if isinstance(piece, str) else piece.text
        if len(words) > left:
            parts.append(_highlighted(cut(words, left) if left else ELLIPSIS, highlighter))
            break
        parts.append(_highlighted(words, highlighter) if isinstance(piece, str) else _formula(piece))
        left -= len(words)
    return Markup("").join(parts)


def _highlighted(words: str, highlighter: Highlighter | None) -> Markup:
    if highlighter is None:
        return escape(words)
    shown, place = "", 0
    for start, end in highlighter.spans(words):
        shown += f"{escape(words[place:start])}<mark>{escape(words[start:end])}</mark>"
        place = end
    return Markup(f"{shown}{escape(words[place:])}")  # noqa: S704 -- escaped piece by piece


def _formula(formula: Formula) -> Markup:
    markup = _checked(formula.tex)
    if not markup:
        return escape(clean(formula.text, len(formula.text)))
    if len(formula.text) <= _WIDE:
        return Markup(markup)  # noqa: S704 -- checked piece by piece
    return Markup(f'<span class="formula">{markup}</span>')  # noqa: S704 -- the same


@lru_cache(maxsize=10_000)
def _checked(tex: str) -> str:
    """The formula as MathML that may stand in a page, or nothing."""
    markup = visible(mathml(tex)).replace("&ApplyFunction;", _APPLICATION)
    if not markup or _ENTITY.search(markup) or len(markup) > 20 * 1024:
        return ""
    place = 0
    parts: list[str] = []
    for tag in _TAG.finditer(markup):
        if "<" in markup[place : tag.start()] or ">" in markup[place : tag.start()]:
            return ""
        parts += [markup[place : tag.start()], element := _element(tag)]
        if not element and tag[2] not in _STYLED_TEXT:
            return ""
        place = tag.end()
    end = markup[place:]
    return "" if "<" in end or ">" in end else "".join([*parts, end])


def _element(tag: re.Match[str]) -> str:
    """One tag with the attributes that MathML has; empty for a tag that is not shown or not known."""
    end, name, attributes, empty = tag.groups()
    if name in _STYLED_TEXT:
        return f"<{end}{_STYLED_TEXT[name]}>" if _STYLED_TEXT[name] else ""
    if name not in _KNOWN:
        return ""
    allowed = "".join(f" {key}={value}" for key, value in _ATTRIBUTE.findall(attributes) if key in _KEPT_ATTRIBUTES)
    # An HTML parser ignores the slash of an element that is not void, but not within MathML.
    return f"<{end}{name}{allowed}{'/' * bool(empty)}>"


@dataclass(frozen=True, slots=True)
class Teaser:
    """A paper's picture: where it is on this site, and the page that it links."""

    src: str
    href: str


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
    """One paper in a list: `url` is its source page (or ours where it has none), `page_url` its page on this site."""

    number: int
    title: str
    title_marked: Markup
    url: str
    page_url: str
    authors: str
    categories: tuple[Link, ...]
    abstract: Markup
    is_shortened: bool
    pdf: str
    code: str
    day: date | None
    upvotes: int
    withdrawn: bool
    notice: Link | None = None
    feed: str = ""
    acceptance: str = ""
    organisation: str = ""
    gained: int = 0
    votes: int = 0
    submitter: str = ""
    reason: str = ""
    picture: Teaser | None = None


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


def paper_view(
    paper: Paper, base: str, texts: Texts, marks: Highlighters | None = None, most: int = ABSTRACT_LIMIT
) -> PaperView:
    """A paper in a list; `base` is the site's path on its host, and what `marks` find is marked.

    An abstract of over `most` characters is shortened.
    """
    address, title = base + paper_path(paper.id), shown_title(paper, texts)
    notice = chief_notice(paper.notices)
    return PaperView(
        number=paper.number,
        title=title,
        title_marked=marked(paper.title, TITLE_LIMIT, marks and marks.title) or escape(title),
        url=safe_url(page_url(paper)) or address,
        page_url=address,
        authors=author_line(paper.authors, texts, few=_AUTHORS_SHOWN),
        categories=tuple(_category(name, base) for name in paper.categories[:AUTHORS_LIMIT] if is_category(name)),
        abstract=marked(beginning(paper.abstract, most), ABSTRACT_LIMIT, marks and marks.abstract),
        is_shortened=len(paper.abstract) > most,
        pdf=f"https://arxiv.org/pdf/{paper.id}" if is_arxiv(paper.id) else "",
        code=code_link(paper),
        day=paper.announced,
        upvotes=paper.upvotes or 0,
        withdrawn=paper.withdrawn,
        notice=Link(notice_text(notice, texts), notice.url) if notice else None,
        feed=clean(paper.feed, NAME_LIMIT),
        acceptance=acceptance_line(paper, texts),
        organisation=organisation_of(paper),
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
    category = CATEGORIES.get(name)
    return category.title if category else ""


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


@lru_cache(maxsize=2_000)
def _category(name: str, base: str) -> Link:
    name = clean(name, NAME_LIMIT)
    category = CATEGORIES.get(name)
    return Link(name, base + search_path(f"cat:{name}") if category else "", category.title if category else "")


def page_of(request: Request) -> int:
    """The page of a list that an address asks for, the first if it names none."""
    page = request.query_params.get("page", "1")
    return min(int(page), _LAST_PAGE) if page.isdecimal() and 0 < len(page) <= 4 and int(page) else 1


def page_address(path: str, options: dict[str, str], page: int) -> str:
    """The address of a page of a list; the first needs no number."""
    given = {key: value for key, value in options.items() if value}
    if page > 1:
        given["page"] = str(page)
    return f"{path}?{urlencode(given)}" if given else path


@dataclass(frozen=True, slots=True)
class ErrorView:
    """A query that cannot be read, split at the wrong piece so that a page can mark it."""

    message: str
    hint: str
    column: int
    before: str
    wrong: str
    after: str

    @classmethod
    def of(cls, error: QueryError, typed: str, texts: Texts = ENGLISH) -> ErrorView:
        start = error.column - 1
        end = typed.find(" ", start + 1)
        end = len(typed) if end < 0 else end
        message, hint = explain(error, texts)
        return cls(message, hint, error.column, typed[:start], typed[start:end] or " ", typed[end:])
