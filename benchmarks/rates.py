"""Subscriptions by meaning, measured: whether a rate asked for is the rate that comes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from benchmarks.reading_lists import Task
from numpy.typing import NDArray

from paperwire.core.meaning.threshold import CALIBRATED_DAYS, Threshold, threshold_of
from paperwire.core.meaning.vectors import Floats, cosines, lengths, pack, unit
from paperwire.core.papers.paper import Paper
from paperwire.encoders.table import WordTable

A_WEEK = 5
_MONTH = 30
_FACTOR = 2.0
_WEEK = 7
_OWN = -2.0
"""In place of the score of a paper that a query is made of: such a paper matches nothing, and no rate counts it."""
_GOALS = {"topics": 0.9, "saved sets": 0.8}


class Directions(NamedTuple):
    """One row a query, and the papers that each was made of, by their places."""

    rows: Floats
    made_of: Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Realised:
    """What one kind of query got, month after month, of what it asked: by one threshold, and by one renewed weekly."""

    kind: str
    table: str
    ratios: Floats
    renewed: Floats

    def line(self) -> str:
        """The share within a factor of two, and the middle half."""
        low, middle, high = np.quantile(self.renewed, [0.25, 0.5, 0.75])
        return (
            f"- {self.kind}, {self.table}: {_within(self.renewed):.0%} within a factor of 2 in the month after (goal"
            f" {_GOALS[self.kind]:.0%}), {_within(self.ratios):.0%} if the threshold weren't renewed;"
            f" half of {len(self.renewed)} cases got {low:.2f} to {high:.2f} of what they asked for, the middle one"
            f" {middle:.2f}"
        )


def _within(ratios: Floats) -> float:
    return float(((ratios >= 1 / _FACTOR) & (ratios <= _FACTOR)).mean())


def realised(
    papers: Sequence[Paper], vectors: Floats, directions: Mapping[str, Directions], table: str
) -> list[Realised]:
    """How much of its rate each query got, month after month, adjusted for how many papers there were."""
    packed = pack(vectors)
    packed_lengths = lengths(packed)
    days = np.array([paper.announced.toordinal() if paper.announced else 0 for paper in papers])
    realised = []
    for kind, (rows, made_of) in directions.items():
        scores = cosines(packed, packed_lengths, rows)
        for column, own in enumerate(made_of):
            scores[list(own), column] = _OWN
        once, weekly = (np.concatenate(list(_months(days, scores, every))) for every in (_MONTH, _WEEK))
        realised.append(Realised(kind, table, once, weekly))
    return realised


def _months(days: NDArray[np.int64], scores: Floats, every: int) -> Iterator[Floats]:
    """For each month with two before it, what each query got of what it asked for, its threshold renewed so often."""
    first, last = int(days.min()), int(days.max())
    for begins in range(first + CALIBRATED_DAYS, last - _MONTH + 2, _MONTH):
        wished, got = 0.0, np.zeros(scores.shape[1], np.float32)
        for start in range(begins, begins + _MONTH, every):
            end = min(start + every, begins + _MONTH)
            before = (days >= start - CALIBRATED_DAYS) & (days < start)
            after = (days >= start) & (days < end)
            wished += A_WEEK / _WEEK * CALIBRATED_DAYS * after.sum() / before.sum()
            thresholds = [_threshold(column, days[before]) for column in scores[before].T]
            least = [np.inf if threshold is None else threshold.score for threshold in thresholds]
            got += (scores[after] >= np.array(least, np.float32)).sum(axis=0)
        yield got / np.float32(wished)


def _threshold(scores: Floats, days: NDArray[np.int64]) -> Threshold | None:
    counts = scores > _OWN
    return threshold_of(scores[counts], days[counts], A_WEEK, CALIBRATED_DAYS)


def directions(tasks: Mapping[str, Sequence[Task]], vectors: Floats, table: WordTable) -> dict[str, Directions]:
    """The directions of the topics as text, and of the sets of 5 and 10 saved papers."""
    topics = [task.topic for kind in tasks.values() for task in kind if not task.saved]
    sets = [task.saved for kind in tasks.values() for task in kind if len(task.saved) >= A_WEEK]
    words = asyncio.run(table.encode([(topic, "") for topic in topics]))
    saved = unit(np.array([vectors[list(places)].mean(axis=0) for places in sets], np.float32))
    return {"topics": Directions(words, [()] * len(topics)), "saved sets": Directions(saved, sets)}
