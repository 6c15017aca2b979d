"""Subscriptions by meaning that are taught, measured: precision at five a week with simulated thumbs.

Of each reading list three papers drawn at random are followed. Week after week the five nearest new papers come; with
thumbs, up to two of them that are on the list join what is followed, and up to two others what is avoided (`-like:`, of
which the latest twenty count). The figure is of the second half of the weeks: the part of what could come that did.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from benchmarks.reading_lists import TOPIC, Task, tasks
from numpy.typing import NDArray

from paperwire.core.meaning.vectors import Floats, unit
from paperwire.core.papers.paper import Paper
from paperwire.core.query.terms.like import MOST_IDS
from paperwire.encoders.table import WordTable
from paperwire.pipeline.directions import AWAY

_FOLLOWED, _SHOWN, _THUMBS = 3, 5, 2
_WEEK = 7
_BEGINS = 60
"""Days that pass first, as a threshold is taken from as many."""


@dataclass
class _Reader:
    """What one reader follows and avoids, by places in the corpus."""

    wanted: frozenset[int]
    followed: list[int]
    avoided: list[int] = field(default_factory=list)

    def direction(self, vectors: Floats) -> Floats:
        """What the papers followed have in common, turned away from those avoided."""
        rows = [vectors[self.followed].mean(axis=0)]
        if self.avoided:
            rows.append(vectors[self.avoided[-MOST_IDS:]].mean(axis=0))
        turned = unit(np.array(rows, np.float32))
        return np.asarray(turned[0] - AWAY * turned[1] if self.avoided else turned[0], np.float32)

    def press(self, shown: Sequence[int], *, up: bool, down: bool) -> None:
        """Thumbs for some of what was shown."""
        if up:
            self.followed += [paper for paper in shown if paper in self.wanted][:_THUMBS]
        if down:
            self.avoided += [paper for paper in shown if paper not in self.wanted][:_THUMBS]


def precision(papers: Sequence[Paper], vectors: Floats, topics: Sequence[Task], *, up: bool, down: bool) -> float:
    """The mean over reading lists."""
    days = np.array([paper.announced.toordinal() if paper.announced else 0 for paper in papers])
    random = np.random.default_rng(0)
    parts = []
    for task in topics:
        followed = random.permutation(sorted(task.wanted))[:_FOLLOWED].tolist()
        counts = list(_weeks(days, vectors, _Reader(task.wanted, followed), up=up, down=down))
        late = counts[len(counts) // 2 :]
        if possible := sum(count for _, count in late):
            parts.append(sum(came for came, _ in late) / possible)
    return float(np.mean(parts))


def _weeks(
    days: NDArray[np.int64], vectors: Floats, reader: _Reader, *, up: bool, down: bool
) -> Iterator[tuple[int, int]]:
    """For each week how many wanted papers came, and how many could have."""
    first = frozenset(reader.followed)
    for begins in range(int(days.min()) + _BEGINS, int(days.max()) - _WEEK + 2, _WEEK):
        week = np.flatnonzero((days >= begins) & (days < begins + _WEEK))
        new = week[~np.isin(week, list(first))]
        scores = vectors[new] @ reader.direction(vectors)
        shown = new[np.argsort(-scores, kind="stable")[:_SHOWN]].tolist()
        yield len(reader.wanted.intersection(shown)), min(_SHOWN, len(reader.wanted.intersection(new.tolist())))
        reader.press(shown, up=up, down=down)


def lines(papers: Sequence[Paper], folder: Path, table: WordTable) -> Iterator[str]:
    """What thumbs change, over the reading lists of a folder."""
    vectors = asyncio.run(table.encode([(paper.title, paper.abstract) for paper in papers]))
    topics = tasks(folder, {paper.id.removeprefix("arxiv:"): place for place, paper in enumerate(papers)})[TOPIC]
    yield f"\nOf {_SHOWN} papers a week, by three papers followed, in the second half of the weeks:\n"
    for name, up, down in (("without thumbs", False, False), ("thumbs down", False, True), ("both thumbs", True, True)):
        yield f"- {name}: {precision(papers, vectors, topics, up=up, down=down):.3f} of what could come"
