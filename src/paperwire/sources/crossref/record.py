"""Crossref's records of works as papers, and what they say of the preprint or article that is the same work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from paperwire.core.days.dates import day
from paperwire.core.papers.citation import journal_reference
from paperwire.core.papers.identity import canonical_id, is_arxiv, normal_doi
from paperwire.core.papers.names import MAX_AUTHORS, MAX_NAME, tidy_name
from paperwire.core.papers.paper import Paper
from paperwire.core.text.clean import safe_url
from paperwire.sources._json import MAX_ABSTRACT, MAX_LINE, MAX_TITLE, list_in, object_in, objects_in, text_in
from paperwire.sources._markup import abstract_of, text_of
from paperwire.sources._paging import DatedPaper

NAME = "crossref"
RECORD_FIELDS = (
    "DOI,type,title,abstract,author,container-title,volume,issue,page,article-number,published,posted,created,license"
    ",relation,update-to,updated-by"
)
"""What is asked for of a record; its list of references would be most of an answer."""
# What is a whole, or a piece, and not a work.
_NO_WORK = frozenset(
    {
        *("component", "database", "grant", "peer-review"),
        *("journal", "journal-issue", "journal-volume"),
        *("book-series", "book-set", "proceedings", "proceedings-series", "report-series"),
    }
)
_SAME = ("is-preprint-of", "has-preprint")
_MAX_RELATED = 20


def read_work(record: Mapping[str, Any]) -> DatedPaper | None:
    """A record as a paper, with the day on which its DOI was registered.

    None if it has no DOI or title, or is a whole journal, a piece, or a notice about another.
    """
    doi, title = normal_doi(text_in(record, "DOI")), text_of(_first(record, "title")[:MAX_TITLE])
    if doi is None or is_arxiv(doi) or not title or record.get("type") in _NO_WORK or _is_notice(record, doi):
        return None
    registered = day_in(record, "created")
    related = tuple(dict.fromkeys(name for name in _related(record) if name != doi))
    posted = day_in(record, "published") or day_in(record, "posted")
    journal = text_of(_first(record, "container-title")[:MAX_LINE])
    paper = Paper(
        id=doi,
        title=title,
        source=NAME,
        abstract=abstract_of(text_in(record, "abstract", MAX_ABSTRACT)),
        authors=tuple(_authors(record)),
        published=datetime(posted.year, posted.month, posted.day, tzinfo=UTC) if posted else None,
        announced=registered,
        doi=_article(record, doi),
        journal_ref=_reference(record, journal),
        url=f"https://doi.org/{doi}",
        licence=next((url for row in objects_in(record, "license") if (url := safe_url(text_in(row, "URL")))), ""),
        feed=journal,
    )
    return DatedPaper(paper, registered, related)


def _is_notice(record: Mapping[str, Any], doi: str) -> bool:
    """Whether it updates another work; some publishers retract one in its own record."""
    return any(normal_doi(text_in(row, "DOI")) != doi for row in objects_in(record, "update-to"))


def _article(record: Mapping[str, Any], doi: str) -> str:
    """The DOI of the article: the record's own, or what a preprint says has become of it."""
    if record.get("type") != "posted-content":
        return doi
    articles = (normal_doi(text_in(row, "id")) for row in _relations(record, "is-preprint-of"))
    return next((article for article in articles if article and not is_arxiv(article)), "")


def _related(record: Mapping[str, Any]) -> Iterator[str]:
    """The ids that the record says are of the same work."""
    for kind in _SAME:
        for row in _relations(record, kind):
            if name := canonical_id(text_in(row, "id")):
                yield name


def _relations(record: Mapping[str, Any], kind: str) -> list[Mapping[str, Any]]:
    return objects_in(object_in(record, "relation"), kind)[:_MAX_RELATED]


def _authors(record: Mapping[str, Any]) -> Iterator[str]:
    for row in objects_in(record, "author")[:MAX_AUTHORS]:
        parts = (text_in(row, "given"), text_in(row, "family"), text_in(row, "suffix"))
        written = " ".join(filter(None, parts)) or text_in(row, "name")
        if name := tidy_name(text_of(written)[:MAX_NAME]):
            yield name


def _reference(record: Mapping[str, Any], journal: str) -> str:
    pages = text_in(record, "page") or text_in(record, "article-number")
    year = next(iter(_parts(record, "published")), "")
    return journal_reference(journal, text_in(record, "volume"), text_in(record, "issue"), pages, str(year))


def day_in(record: Mapping[str, Any], field: str) -> date | None:
    """A day that is written whole; a month or a year is none."""
    parts = _parts(record, field)
    return day("{:04}-{:02}-{:02}".format(*parts)) if len(parts) == 3 else None


def _parts(record: Mapping[str, Any], field: str) -> list[int]:
    """Year, month and day, as many of them as are written."""
    rows = list_in(object_in(record, field), "date-parts")
    parts = rows[0] if rows and isinstance(rows[0], list) else []
    return [part for part in parts if type(part) is int and 0 < part < 10_000]


def _first(record: Mapping[str, Any], field: str) -> str:
    """The first of several texts."""
    return next((text for text in list_in(record, field) if isinstance(text, str) and text.strip()), "")
