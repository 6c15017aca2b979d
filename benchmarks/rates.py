"""Subscriptions by meaning, measured: whether a rate asked for is the rate that comes, and what matching costs."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from paperwire.core.matching.meanings import MeaningMatcher
from paperwire.core.meaning.threshold import DAYS, threshold_of
from paperwire.core.meaning.vectors import cosines, lengths, nearest, pack, unit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from benchmarks.meaning import Task

    from paperwire.core.meaning.vectors import Floats, Packed
    from paperwire.core.papers.paper import Paper
    from paperwire.encoders.table import WordTable

A_WEEK = 5
_MONTH = 30
_FACTOR = 2.0
_SEED = 20251001
_COLUMNS = 256
_GOALS = {"topics": 0.9, "saved sets": 0.8}


@dataclass(frozen=True, slots=True)
class Realised:
    """What one kind of query got in the months after the two from which its threshold was taken, of what it asked."""

    kind: str
    ratios: Floats

    def line(self) -> str:
        """The share within a factor of two, and the middle half."""
        within = float(((self.ratios >= 1 / _FACTOR) & (self.ratios <= _FACTOR)).mean())
        low, middle, high = np.quantile(self.ratios, [0.25, 0.5, 0.75])
        goal = _GOALS[self.kind]
        return (
            f"- {self.kind}: {within:.0%} within a factor of 2 ({len(self.ratios)} cases, goal {goal:.0%});"
            f" half of them got {low:.2f} to {high:.2f} of what they asked for, the middle one {middle:.2f}"
        )


def realised(papers: Sequence[Paper], vectors: Floats, directions: Mapping[str, Floats]) -> list[Realised]:
    """How much of its rate each query got, month after month, adjusted for how many papers there were.

    `directions` has one row a query, by kind; papers that a query was made of score as any other.
    """
    packed = pack(vectors)
    packed_lengths = lengths(packed)
    days = np.array([paper.announced.toordinal() if paper.announced else 0 for paper in papers])
    return [
        Realised(kind, np.concatenate(list(_months(days, cosines(packed, packed_lengths, rows)))))
        for kind, rows in directions.items()
    ]


def _months(days: np.ndarray[tuple[int], np.dtype[np.int64]], scores: Floats) -> Iterator[Floats]:
    """For each month with two before it, what each query got of what it asked for."""
    first, last = int(days.min()), int(days.max())
    for begins in range(first + DAYS, last - _MONTH + 2, _MONTH):
        before = (days >= begins - DAYS) & (days < begins)
        after = (days >= begins) & (days < begins + _MONTH)
        volume = (after.sum() / _MONTH) / (before.sum() / DAYS)
        wished = A_WEEK * _MONTH / 7 * volume
        got = []
        for column in scores.T:
            threshold = threshold_of(column[before], A_WEEK, DAYS)
            got.append(0 if threshold is None else int((column[after] >= threshold.score).sum()))
        yield np.array(got, np.float32) / np.float32(wished)


def directions(tasks: Mapping[str, Sequence[Task]], vectors: Floats, table: WordTable) -> dict[str, Floats]:
    """The directions of the topics in words, and of the sets of 5 and 10 saved papers."""
    topics = [task.topic for kind in tasks.values() for task in kind if not task.saved]
    sets = [task.saved for kind in tasks.values() for task in kind if len(task.saved) >= A_WEEK]
    words = asyncio.run(table.encode([(topic, "") for topic in topics]))
    saved = unit(np.array([vectors[list(places)].mean(axis=0) for places in sets], np.float32))
    return {"topics": words, "saved sets": saved}


def speed(*, papers: int, queries: int, stored: int) -> Iterator[str]:
    """What matching `papers` with `queries` by meaning takes, and the 100 nearest among `stored` ones."""
    random = np.random.default_rng(_SEED)
    matcher = MeaningMatcher(_COLUMNS)
    for number, row in enumerate(_random(random, queries)):
        matcher.add(number, row.tobytes(), 0.25)
    new = _random(random, papers)
    seconds = _best(lambda: matcher.reached(new))
    yield f"{papers:,} papers with {queries:,} subscriptions by meaning: {seconds:.2f} s of CPU"
    rows = _random(random, stored)
    row_lengths, query = lengths(rows), unit(_random(random, 1).astype(np.float32))
    seconds = _best(lambda: nearest(cosines(rows, row_lengths, query)[:, 0], 100))
    yield f"the nearest 100 of {stored:,} papers, int8: {seconds * 1_000:.0f} ms of CPU"


def _random(random: np.random.Generator, count: int) -> Packed:
    return random.integers(-127, 128, (count, _COLUMNS), np.int8)


def _best(work: Callable[[], object]) -> float:
    """The seconds of CPU of the best of three runs, over all cores."""
    spent = []
    for _ in range(3):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return min(spent)
