"""What is stored of papers, counted: by a page of a source, and in all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class PaperCounts:
    """How many papers are stored, of which days."""

    papers: int
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a page brought: papers stored for the first time, and events that were not known yet.

    `arrived` are the ids of the papers of which a new event says that they are there; `crossed` are those of them
    that are known by their categories alone to have been cross-listed: to which ones, and when.
    """

    papers_new: int
    events_new: int
    arrived: frozenset[str] = frozenset()
    crossed: Mapping[str, tuple[frozenset[str], date]] = field(default_factory=dict)
