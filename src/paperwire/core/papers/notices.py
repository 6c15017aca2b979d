"""What became of a paper after it was published: retractions and corrections, by the notices that say so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeAlias
from urllib.parse import quote

from paperwire.core.text.clean import safe_url

NoticeKind: TypeAlias = Literal["retracted", "corrected"]
_MOST_NOTICES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorialNotice:
    """One notice about a paper: its DOI (empty if it has none), its day, and who says so.

    `source` is `publisher`, or the name of a database such as `retraction-watch`. An expression of concern is none.
    """

    kind: NoticeKind
    doi: str = ""
    day: date | None = None
    source: str = ""

    @property
    def url(self) -> str:
        return safe_url(f"https://doi.org/{quote(self.doi, safe='/().:;-_')}") if self.doi else ""

    def values(self) -> dict[str, Any]:
        return {"kind": self.kind, "doi": self.doi, "day": str(self.day or ""), "source": self.source}

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> EditorialNotice:
        day = date.fromisoformat(values["day"]) if values["day"] else None
        return cls(kind=values["kind"], doi=values["doi"], day=day, source=values["source"])


def together(notices: Iterable[EditorialNotice]) -> tuple[EditorialNotice, ...]:
    """The notices, each once: what two databases say of one notice is what the first of them says."""
    distinct: dict[tuple[str, str], EditorialNotice] = {}
    for notice in notices:
        distinct.setdefault((notice.kind, notice.doi), notice)
    return tuple(distinct.values())[:_MOST_NOTICES]


def chief_notice(notices: Sequence[EditorialNotice]) -> EditorialNotice | None:
    """What readers must know first: the first retraction, else the latest correction; None if there is neither."""
    retraction = next((notice for notice in notices if notice.kind == "retracted"), None)
    return retraction or max(notices, key=lambda notice: notice.day or date.min, default=None)
