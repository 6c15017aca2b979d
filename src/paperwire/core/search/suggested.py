"""Offered queries for someone's papers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from paperwire.core.papers.paper import Paper
from paperwire.core.search.examples import Offers
from paperwire.core.search.preview import Preview


@dataclass(frozen=True, slots=True)
class Suggested:
    """Offered queries with their previews, for these papers; `unknown` are the labels of those that aren't known."""

    papers: Sequence[Paper]
    offers: Offers
    previews: Sequence[Preview]
    unknown: Sequence[str]
    left_out: int
