"""Crossref's records of works as papers, and what they say of the preprint or article that is the same work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from paperwire.core.days.dates import day
from paperwire.core.papers.identity import canonical_id, is_arxiv, normal_doi
from paperwire.core.papers.names import MAX_AUTHORS, MAX_NAME, tidy_name
from paperwire.core.papers.paper import Paper
from paperwire.core.text.clean import one_line, safe_url
from paperwire.sources._markup import abstract_of, text_of
from paperwire.sources._paging import DatedPaper

NAME = "crossref"
RECORD_FIELDS = (
    "DOI,type,title,abstract,author,container-title,volume,issue,page,article-number,published,posted,created,license"
    ",relation,update-to,updated-by"
)
"""What is asked for of a record; its list of references would be most of an answer."""
_MAX_TITLE, _MAX_ABSTRACT, _MAX_LINE = 2000, 50_000, 300
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
    doi, title = normal_doi(text_in(record, "DOI")), text_of(_first(record, "title")[:_MAX_TITLE])
    if doi is None or is_arxiv(doi) or not title or record.get("type") in _NO_WORK or _is_notice(record, doi):
        return None
    registered = day_in(record, "created")
    related = tuple(dict.fromkeys(name for name in _related(record) if name != doi))
    posted = day_in(record, "published") or day_in(record, "posted")
    journal = text_of(_first(record, "container-title")[:_MAX_LINE])
    abstract = record.get("abstract")
    paper = Paper(
        id=doi,
        title=title,
        source=NAME,
        abstract=abstract_of(abstract[:_MAX_ABSTRACT]) if isinstance(abstract, str) else "",
        authors=tuple(_authors(record)),
        published=datetime(posted.year, posted.month, posted.day, tzinfo=UTC) if posted else None,
        announced=registered,
        doi=_article(record, doi),
        journal_ref=_reference(record, journal),
        url=f"https://doi.org/{doi}",
        licence=next((url for row in rows_in(record, "license") if (url := safe_url(text_in(row, "URL")))), ""),
        feed=journal,
    )
    return DatedPaper(paper, registered, related)


def _is_notice(record: Mapping[str, Any], doi: str) -> bool:
    """Whether it updates another work; some publishers retract one in its own record."""
    return any(normal_doi(text_in(row, "DOI")) != doi for row in rows_in(record, "update-to"))


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
    relation = record.get("relation")
    return rows_in(relation, kind)[:_MAX_RELATED] if isinstance(relation, dict) else []


def _authors(record: Mapping[str, Any]) -> Iterator[str]:
    for row in rows_in(record, "author")[:MAX_AUTHORS]:
        parts = (text_in(row, "given"), text_in(row, "family"), text_in(row, "suffix"))
        written = " ".join(filter(None, parts)) or text_in(row, "name")
        if name := tidy_name(text_of(written)[:MAX_NAME]):
            yield name


def _reference(record: Mapping[str, Any], journal: str) -> str:
    """`Annals of Maps 6 (5), 525-535 (2024)`, as much of it as there is; empty without a journal."""
    volume, issue = text_in(record, "volume"), text_in(record, "issue")
    pages = text_in(record, "page") or text_in(record, "article-number")
    numbers = " ".join(filter(None, [volume, f"({issue})" if issue else ""]))
    place = ", ".join(filter(None, [" ".join(filter(None, [journal, numbers])), pages]))
    year = next(iter(_parts(record, "published")), None)
    return f"{place} ({year})" if journal and year else place if journal else ""


def day_in(record: Mapping[str, Any], field: str) -> date | None:
    """A day that is written whole; a month or a year is none."""
    parts = _parts(record, field)
    return day("{:04}-{:02}-{:02}".format(*parts)) if len(parts) == 3 else None


def _parts(record: Mapping[str, Any], field: str) -> list[int]:
    """Year, month and day, as many of them as are written."""
    value = record.get(field)
    rows = _values(value, "date-parts") if isinstance(value, dict) else []
    parts = rows[0] if rows and isinstance(rows[0], list) else []
    return [part for part in parts if type(part) is int and 0 < part < 10_000]


def rows_in(record: Mapping[str, Any], field: str) -> list[Mapping[str, Any]]:
    """The objects in a list."""
    return [row for row in _values(record, field) if isinstance(row, dict)]


def _values(record: Mapping[str, Any], field: str) -> list[Any]:
    value = record.get(field)
    return value if isinstance(value, list) else []


def _first(record: Mapping[str, Any], field: str) -> str:
    """The first of several texts."""
    return next((text for text in _values(record, field) if isinstance(text, str) and text.strip()), "")


def text_in(record: Mapping[str, Any], field: str) -> str:
    """A short text, empty for anything else."""
    value = record.get(field)
    return one_line(value[:_MAX_LINE]) if isinstance(value, str) else ""
