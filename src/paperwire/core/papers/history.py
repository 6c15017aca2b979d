"""What was said of a paper, statement by statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperEvent:
    """One statement in a paper's history; `kind` is the word of `EventKind`, or `published` or `code`."""

    kind: str
    source: str
    version: int
    day: date
    quiet: bool
    matched: bool
    score: int | None
