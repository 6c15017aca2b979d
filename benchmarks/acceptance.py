"""How often a comment's grade is right: over 900 recorded comments that were read and labelled by hand.

`tests/core/acceptance_labels.tsv` has the labels by paper, of two samples. The rules were made with the halves
"building"; the halves "aside" were labelled before any rule had seen them.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.frame import with_generated
from benchmarks.workload import has_real_papers, months

from paperwire.core.papers.acceptance import acceptance_of
from paperwire.core.papers.paper import Paper
from paperwire.core.papers.venues import VENUES, venue_named

LABELS = Path(__file__).resolve().parents[1] / "tests" / "core" / "acceptance_labels.tsv"
PRECISION, RECALL = 0.97, 0.90
"""What is wanted of `accepted` and `published` together."""
HALVES = {"aside": 300, "building": 300, "second aside": 150, "second building": 150}
"""How many labels each half of a sample has."""
_SHOWN = {"both aside": ("aside", "second aside"), **{half: (half,) for half in HALVES}}
"""The rows of the table by name, each of one or more halves."""
_MAIN = frozenset({"accepted", "published"})
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Label:
    """What was read in a comment; `venue` in any spelling, also of venues that are not in the table."""

    paper: str
    status: str
    venue: str
    year: str
    half: str


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many, with the 95 % interval of Wilson's score."""

    good: int
    total: int

    @property
    def value(self) -> float:
        """The share, 1 of nothing."""
        return self.good / self.total if self.total else 1.0

    def __str__(self) -> str:
        """`0.975 (157 of 161; 0.94 to 0.99)`."""
        middle = (self.value + _Z * _Z / (2 * self.total)) / (1 + _Z * _Z / self.total)
        spread = _Z * math.sqrt(self.value * (1 - self.value) / self.total + (_Z / (2 * self.total)) ** 2)
        spread /= 1 + _Z * _Z / self.total
        return f"{self.value:.3f} ({self.good} of {self.total}; {middle - spread:.3f} to {middle + spread:.3f})"


def run(shared: Path, *, page: Path | None = None) -> list[str]:
    """Measure, print and, with a `page`, write it there; what is missed, or nothing where nothing can be measured."""
    if not has_real_papers(shared):
        print("acceptance: the recorded papers are absent, nothing is measured")
        return []
    papers = list(months(shared))
    by_id = {paper.id: paper for paper in papers}
    rows = [(label, by_id[label.paper]) for label in labels()]
    lines = ["| half | grade | precision | recall |", "|---|---|---|---|"]
    for half, halves in _SHOWN.items():
        of_half = [(label, paper) for label, paper in rows if label.half in halves]
        for name, statuses in (
            ("accepted or published", _MAIN),
            *((name, {name}) for name in ("accepted", "published")),
        ):
            precision, recall = measured(of_half, frozenset(statuses))
            lines.append(f"| {half} | {name} | {precision} | {recall} |")
    lines += ["", _about(rows, papers)]
    shown = "\n".join(lines)
    print(shown)
    if page is not None:
        page.write_text(with_generated(page.read_text(encoding="utf-8"), shown, "acceptance"), encoding="utf-8")
    missed = []
    for half in ("aside", "second aside"):
        precision, recall = measured([row for row in rows if row[0].half == half], _MAIN)
        if precision.value < PRECISION or recall.value < RECALL:
            missed.append(f"{half}: precision {precision}, recall {recall}")
    return missed


def labels() -> list[Label]:
    """The labels, each of one paper."""
    return [Label(*line.split("\t")) for line in LABELS.read_text(encoding="utf-8").splitlines()[1:]]


def measured(rows: Sequence[tuple[Label, Paper]], statuses: frozenset[str]) -> tuple[Share, Share]:
    """Precision and recall of these grades taken as one."""
    graded = [(label, grade.status if (grade := acceptance_of(paper)) else "") for label, paper in rows]
    both = sum(label.status in statuses and status in statuses for label, status in graded)
    return (
        Share(both, sum(status in statuses for _, status in graded)),
        Share(both, sum(label.status in statuses for label, _ in graded)),
    )


def _about(rows: Sequence[tuple[Label, Paper]], papers: Sequence[Paper]) -> str:
    """How often the venue is right, and what a grade costs."""
    named = [(label, grade) for label, paper in rows if label.status in _MAIN and (grade := acceptance_of(paper))]
    right = sum(grade.venue == (venue.name if (venue := venue_named(label.venue)) else "") for label, grade in named)
    began = time.process_time()
    for paper in papers:
        acceptance_of(paper)
    micros = (time.process_time() - began) / len(papers) * 1e6
    return (
        f"The venue is the labelled one, or none where the table of {len(VENUES)} has none, in {right} of {len(named)}."
        f" A grade takes {micros:.0f} µs of CPU on average over {len(papers):,} papers; half have a comment."
    )
