"""What a paper's page shows besides its record, and what other programs read of it: previews of links, schema.org."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from paperwire.core.matching.news import Rise
from paperwire.core.messages.card import change_lines, shown_abstract, shown_summary, shown_title, upvote_count
from paperwire.core.papers.citation import bibtex, ris
from paperwire.core.papers.identity import page_url
from paperwire.core.papers.paper import Paper
from paperwire.core.papers.revision import Revision, changes
from paperwire.core.query.language import parsed
from paperwire.core.query.prepared import Doc
from paperwire.core.text.clean import clean, safe_url
from paperwire.services.context import Context
from paperwire.services.papers.for_you import near_to
from paperwire.texts import ENGLISH, Texts
from paperwire.web.pages.plots import steps_of_rises

_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version, and what it says otherwise than the one before, line by line."""

    version: int
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class ScoreView:
    """A paper's upvotes over time: the points of a line, and the same in words."""

    points: str
    words: str


@dataclass(frozen=True, slots=True)
class FoundBy:
    """A subscription of the reader that a paper matches, by which words, and why it is near in meaning."""

    number: int
    name: str
    terms: str
    meaning: str


def versions_of(paper: Paper, revisions: Sequence[Revision], texts: Texts) -> list[VersionView]:
    """The versions whose texts before are stored, the latest first."""
    if not revisions:
        return []
    later = [_with_texts(paper, revision) for revision in revisions[1:]] + [paper]
    versions = [*(revision.version for revision in revisions[1:]), paper.version]
    return [
        VersionView(version, ["".join(span.text for span in line) for line in change_lines(changes(old, new), texts)])
        for old, new, version in zip(revisions, later, versions, strict=True)
    ][::-1]


def _with_texts(paper: Paper, revision: Revision) -> Paper:
    texts_then = {name: getattr(revision, name) for name in ("title", "abstract", "authors", "comment")}
    return replace(paper, **texts_then)


def score_of(rises: Sequence[Rise], texts: Texts) -> ScoreView | None:
    """The rises of a paper's score; None where there were fewer than two."""
    points = steps_of_rises([(rise.seen_at, rise.to) for rise in rises])
    if not points:
        return None
    first, last = rises[0], rises[-1]
    # Translators: how the upvotes of a paper rose: %(first)s and %(last)s are counts, %(from)s and %(to)s dates.
    words = texts.gettext(
        "%(first)s on %(from)s, %(last)s on %(to)s",
        **{
            "first": upvote_count(first.to, texts),
            "from": texts.dated(first.seen_at.date()),
            "last": upvote_count(last.to, texts),
            "to": texts.dated(last.seen_at.date()),
        },
    )
    return ScoreView(points, words)


def citations_of(paper: Paper) -> list[tuple[str, str]]:
    """A paper as reference managers read it, by the names of their formats."""
    return [("BibTeX", bibtex([paper]).strip()), ("RIS", ris([paper]).strip())]


async def found_by(context: Context, person: int, paper: Paper, texts: Texts) -> list[FoundBy]:
    """The subscriptions of a person that a paper matches."""
    async with context.store.read() as unit:
        subscriptions = await unit.subscriptions.of_person(person)
        matched = await unit.meanings.scores_of(paper.number, [each.query for each in subscriptions])
    doc = Doc.of(paper)
    views = []
    for each in subscriptions:
        query = parsed(each.text)
        if query is None or query.list or not query.matches(doc) or (query.like and each.query not in matched):
            continue
        name, terms = clean(each.name or each.text, _LONGEST_NAME), query.matched_terms(doc)
        why = await near_to(context, person, query, [paper], texts)
        views.append(FoundBy(each.number, f"#{each.ordinal} {name}", texts.listed(terms), why.get(paper.number, "")))
    return views


_DESCRIPTION = 200  # characters: what chats and search engines show of it
_MOST_AUTHORS = 100


@dataclass(frozen=True, slots=True)
class Unfurled:
    """A paper's page for programs: the Open Graph protocol (ogp.me) and `ScholarlyArticle` (schema.org) as JSON-LD.

    `image` is the address of a picture on this site; empty if there is none.
    """

    description: str
    image: str
    work: Mapping[str, Any]


def unfurled(paper: Paper, url: str, image: str) -> Unfurled:
    """What the page at `url` says of its paper; `image` is the address of its picture on this site, if it shows one."""
    about = shown_summary(paper) or shown_abstract(paper)
    source = safe_url(page_url(paper))
    work = {
        "@context": "https://schema.org",
        "@type": "ScholarlyArticle",
        "headline": shown_title(paper, ENGLISH),
        "url": url,
        "identifier": paper.id,
        "author": [{"@type": "Person", "name": clean(name, 200)} for name in paper.authors[:_MOST_AUTHORS]],
        "datePublished": paper.published.date().isoformat() if paper.published else "",
        "dateModified": paper.updated.date().isoformat() if paper.updated else "",
        "abstract": shown_abstract(paper),
        "sameAs": [address for address in (source, f"https://doi.org/{paper.doi}" if paper.doi else "") if address],
    }
    return Unfurled(
        description=clean(about, _DESCRIPTION),
        image=image,
        work={name: value for name, value in work.items() if value},
    )
