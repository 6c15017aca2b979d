"""What Crossref's records say of retractions and corrections: publishers' own notices, and Retraction Watch's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from paperwire.core.papers.identity import is_preprint, normal_doi
from paperwire.core.papers.notices import EditorialNotice, NoticeKind, together
from paperwire.sources._json import objects_in, text_in
from paperwire.sources.crossref.record import day_in

UPDATE_FIELDS = "DOI,indexed,created,update-to"
"""What is asked for of the record of a notice."""
# Crossref's types of updates. An expression of concern, an addendum, a clarification and a new version are neither, and
# what a title says does not count.
_KINDS: dict[str, NoticeKind] = {
    "retraction": "retracted",
    "withdrawal": "retracted",
    "removal": "retracted",
    "partial_retraction": "corrected",
    "correction": "corrected",
    "corrigendum": "corrected",
    "erratum": "corrected",
}
_OF_PREPRINTS = {"withdrawal", "removal"}  # what authors may do with a preprint, which retracts nothing
_MOST_UPDATES = 500


@dataclass(frozen=True, slots=True)
class UpdatedWork:
    """One notice about the work with this DOI."""

    doi: str
    notice: EditorialNotice


def read_updates(record: Mapping[str, Any]) -> tuple[UpdatedWork, ...]:
    """What the record of a notice says of other works: for each work and kind once, even if two say it."""
    own = normal_doi(text_in(record, "DOI")) or ""
    updates: dict[str, list[EditorialNotice]] = {}
    for row in objects_in(record, "update-to")[:_MOST_UPDATES]:
        about = normal_doi(text_in(row, "DOI"))
        if about and (notice := _notice(row, about, own, day_in(record, "created"))):
            updates.setdefault(about, []).append(notice)
    return tuple(UpdatedWork(about, notice) for about, notices in updates.items() for notice in together(notices))


def read_notices(record: Mapping[str, Any], about: str) -> tuple[EditorialNotice, ...]:
    return together(_notices_in(record, about))


def _notices_in(record: Mapping[str, Any], about: str) -> Iterator[EditorialNotice]:
    for row in objects_in(record, "updated-by")[:_MOST_UPDATES]:
        if notice := _notice(row, about, normal_doi(text_in(row, "DOI")) or "", None):
            yield notice


def _notice(row: Mapping[str, Any], about: str, notice_doi: str, otherwise: date | None) -> EditorialNotice | None:
    kind = text_in(row, "type").casefold().replace(" ", "_").replace("-", "_")
    if kind not in _KINDS or (kind in _OF_PREPRINTS and is_preprint(about)):
        return None
    source, day = text_in(row, "source").casefold() or "publisher", day_in(row, "updated") or otherwise
    return EditorialNotice(kind=_KINDS[kind], doi=notice_doi, day=day, source=source[:40])
