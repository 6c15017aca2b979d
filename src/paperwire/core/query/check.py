"""Whether a query matches a paper, term by term."""

from __future__ import annotations

from dataclasses import dataclass

from paperwire.core.meaning.aim import Scored
from paperwire.core.meaning.vectors import Packed
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Query, TermResult
from paperwire.core.query.prepared import Doc


@dataclass(frozen=True, slots=True)
class Check:
    """Whether a query matches a paper, term by term; `threshold` is the number of upvotes it asks for, if any.

    `nearness` is how near the paper is to what `like:` asks for, None without one.
    """

    matches: bool
    terms: tuple[TermResult, ...]
    upvotes: int
    threshold: int | None
    nearness: Scored | None = None

    @property
    def has_upvotes(self) -> bool:
        """Whether the paper has as many upvotes as the query asks for."""
        return self.threshold is None or self.upvotes >= self.threshold


def check(query: Query, paper: Paper, vector: Packed | None = None, nearness: Scored | None = None) -> Check:
    """Try a query on one paper, which has this vector if that is known."""
    doc = Doc.of(paper, vector)
    matches = query.matches(doc) and query.is_enough(doc)
    return Check(matches, query.explain(doc), paper.upvotes or 0, query.upvotes, nearness)
