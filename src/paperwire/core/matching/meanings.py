"""New papers against all queries by meaning: one matrix product, and who reaches its threshold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from paperwire.core.meaning.vectors import Floats, Packed, lengths, paired_cosines

_SPARE = 256  # rows for queries to come, at first
_BLOCK = 4_096  # queries compared at once: with 1,000 papers that makes 16 MB of scores
_SLACK = np.float32(1e-4)
"""More than the error of a product of rounded rows; what comes so near is counted exactly."""


class Reached(NamedTuple):
    """A query by number whose threshold a paper reaches, and with what score."""

    query: int
    score: float


class MeaningMatcher:
    """The vectors and thresholds of queries by number; 256 bytes a query at 256 columns."""

    def __init__(self, width: int) -> None:
        self._packed = np.zeros((_SPARE, width), np.int8)
        self._thresholds = np.full(_SPARE, np.inf, np.float32)
        self._queries = np.zeros(_SPARE, np.int64)
        self._places: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._places)

    def add(self, number: int, packed: bytes, threshold: float) -> None:
        """Take in a query, or its new vector and threshold."""
        place = self._places.setdefault(number, len(self._places))
        if place == len(self._queries):
            self._packed = np.concatenate([self._packed, np.zeros_like(self._packed)])
            self._thresholds = np.concatenate([self._thresholds, np.full_like(self._thresholds, np.inf)])
            self._queries = np.concatenate([self._queries, np.zeros_like(self._queries)])
        self._packed[place] = np.frombuffer(packed, np.int8)
        self._thresholds[place] = threshold
        self._queries[place] = number

    def remove(self, number: int) -> None:
        place = self._places.pop(number, None)
        if place is None:
            return
        last = len(self._places)
        if place != last:  # the last one moves to where the gap is
            self._places[int(self._queries[last])] = place
            for column in (self._packed, self._thresholds, self._queries):
                column[place] = column[last]

    def reached(self, papers: Packed) -> list[list[Reached]]:
        """For each paper the queries whose threshold it reaches, in the order of their numbers."""
        reached: list[list[Reached]] = [[] for _ in papers]
        rows = papers.astype(np.float32)
        rows /= lengths(papers)[:, np.newaxis]
        for start in range(0, len(self), _BLOCK):
            block = slice(start, min(start + _BLOCK, len(self)))
            for paper, place, score in self._near(papers, rows, block):
                reached[paper].append(Reached(int(self._queries[place]), score))
        return [sorted(of_paper) for of_paper in reached]

    def _near(self, papers: Packed, rows: Floats, block: slice) -> Sequence[tuple[int, int, float]]:
        """Paper, place of the query and score of each pair that reaches the threshold."""
        queries, thresholds = self._packed[block], self._thresholds[block]
        scores = rows @ queries.astype(np.float32).T
        is_near = scores >= (thresholds - _SLACK) * lengths(queries)
        paper, place = np.divmod(np.flatnonzero(is_near), len(queries))  # a tenth of what two axes cost at once
        exact = paired_cosines(papers[paper], queries[place])
        reaches = exact >= thresholds[place]
        return list(
            zip(paper[reaches].tolist(), (place[reaches] + block.start).tolist(), exact[reaches].tolist(), strict=True)
        )
