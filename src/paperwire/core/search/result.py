"""What a search is asked and answers: an order, a page, or the papers since a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from paperwire.core.papers.paper import Paper

Order: TypeAlias = Literal["relevance", "date", "score"]

MOST_COUNTED = 10_000
"""Matches at which a search ends."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One page of a search: its papers, and how many match in all.

    A search that ended before it came to the earliest paper has the place where it did in `resume`: search before it
    to go on; `back_to` is the day of that place. `total` then counts, and the order compares, the matches up to there.
    A search by meaning that `is_cut` did not look at all papers that may match.
    """

    papers: tuple[Paper, ...]
    total: int
    resume: int | None = None
    back_to: date | None = None
    is_cut: bool = False

    @property
    def at_least(self) -> bool:
        """Whether other papers may match as well, which were not looked at."""
        return self.is_cut or self.resume is not None


@dataclass(frozen=True, slots=True)
class Passing:
    """The numbers of the papers since a day that have what a query asks for; as far back as the index could answer."""

    papers: frozenset[int]
    since: date
