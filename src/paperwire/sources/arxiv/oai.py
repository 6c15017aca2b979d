"""arXiv's OAI-PMH answers, in the formats of its own: what changed since a day, page by page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

import structlog
from lxml import etree

from paperwire.core.days.dates import day, instant
from paperwire.core.papers.names import MAX_AUTHORS, MAX_NAME, names_of, tidy_name
from paperwire.core.papers.paper import Paper
from paperwire.errors import SourceGarbled
from paperwire.sources._oai import OaiList, local_name, parts_of, read_envelope
from paperwire.sources._xml import text_of
from paperwire.sources.arxiv.record import AUTHORS_TEXT, is_withdrawn, names_in, versioned

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record: `stamp` is the UTC day of its last change of any kind.

    `versions` are the times at which versions 1, 2, ... came in (format arXivRaw only); `created` is what the other
    formats say (since 2025 the day of the latest version). `paper` is None for a deleted record or a bare header,
    of which `sets` tell the categories.
    """

    id: str
    stamp: date
    deleted: bool = False
    versions: tuple[datetime, ...] = ()
    sets: tuple[str, ...] = ()
    created: date | None = None
    paper: Paper | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OaiAnswer(OaiList):
    """One answer with its elements as records, in order."""

    records: tuple[Record, ...] = ()


def parse_answer(body: bytes) -> OaiAnswer:
    """An answer to ListRecords, ListIdentifiers or GetRecord; raises SourceGarbled as `read_envelope` does."""
    answer = read_envelope(body)
    records = _records(answer.elements)
    return OaiAnswer(records=records, token=answer.token, error=answer.error, reason=answer.reason, at=answer.at)


def _records(elements: Iterable[etree._Element]) -> tuple[Record, ...]:
    """The records that can be read; SourceGarbled if there are some, but none that can."""
    records, bad = [], 0
    for element in elements:
        if record := _either(element):
            records.append(record)
        elif local_name(element) in {"header", "record"}:
            bad += 1
    if bad and not records:
        raise SourceGarbled("the answer is not a record with id and day")
    if bad:
        _log.warning("records without id or day left out", source="arxiv", records=bad)
    return tuple(records)


def _either(element: etree._Element) -> Record | None:
    """A bare header or a whole record; None for anything else, and for one that cannot be read."""
    if local_name(element) == "header":
        return _record(element, None)
    if local_name(element) != "record":
        return None
    parts = parts_of(element)
    metadata = parts.get("metadata")
    content = metadata[0] if metadata is not None and len(metadata) else None
    return _record(parts["header"], content) if "header" in parts else None


def _record(header: etree._Element, metadata: etree._Element | None) -> Record | None:
    fields = {local_name(child): text_of(child) for child in header}
    named, stamp = versioned(fields.get("identifier", "")), day(fields.get("datestamp", "")[:10])
    if named is None or stamp is None:
        return None
    paper_id = named[0]
    sets = [text_of(child) for child in header if local_name(child) == "setSpec"]
    if metadata is None:
        return Record(id=paper_id, stamp=stamp, sets=tuple(sets), deleted=header.get("status") == "deleted")
    return _own_format(paper_id, stamp, metadata)


def _own_format(paper_id: str, stamp: date, metadata: etree._Element) -> Record:
    """arXiv, arXivRaw or arXivOld: the same names, except for authors and versions."""
    fields = {local_name(child): text_of(child) for child in metadata}
    authors = next((child for child in metadata if local_name(child) == "authors"), None)
    times = [instant(text) for text in _version_dates(metadata)]
    # With a time that cannot be read none is known for certain to be the first or the latest.
    versions = tuple(time for time in times if time) if all(times) else ()
    comment, abstract = fields.get("comments", ""), fields.get("abstract", "")
    paper = Paper(
        id=paper_id,
        title=fields.get("title", ""),
        abstract=abstract,
        authors=tuple(_authors(authors)) if authors is not None else (),
        categories=tuple(fields.get("categories", "").split()),
        published=versions[0] if versions else None,
        updated=versions[-1] if versions else None,
        version=max(len(times), 1),
        comment=comment,
        doi=fields.get("doi", ""),
        journal_ref=fields.get("journal-ref", ""),
        report_number=fields.get("report-no", ""),
        url=f"https://arxiv.org/abs/{paper_id}",
        licence=fields.get("license", ""),
        withdrawn=is_withdrawn(comment, abstract),
    )
    created = versions[0].date() if versions else day(fields.get("created", "")[:10])
    return Record(id=paper_id, stamp=stamp, versions=versions, created=created, paper=paper)


def _version_dates(metadata: etree._Element) -> Iterator[str]:
    for version in metadata:
        if local_name(version) == "version":
            yield next((text_of(child) for child in version if local_name(child) == "date"), "")


def _authors(authors: etree._Element) -> Iterator[str]:
    """Names from split authors (arXiv) or from one string (arXivRaw, arXivOld)."""
    if not len(authors):
        yield from names_in(text_of(authors, AUTHORS_TEXT))
    for author in islice(authors, MAX_AUTHORS):
        parts = {local_name(child): text_of(child) for child in author}
        given, family, suffix = parts.get("forenames", ""), parts.get("keyname", ""), parts.get("suffix", "")
        yield from names_of(" ".join(tidy_name(part) for part in (given, family, suffix) if part)[:MAX_NAME])
