"""Grades of recorded comments against labels by hand; the comments stay outside of the repository."""

from __future__ import annotations

import pytest
from benchmarks.acceptance import HALVES, PRECISION, RECALL, labels, measured
from benchmarks.workload import months

MAIN = frozenset({"accepted", "published"})


@pytest.mark.shared
@pytest.mark.parametrize("half", HALVES)
def test_grades_agree_with_labels_by_hand(shared_data, half):
    names = {label.paper: label for label in labels() if label.half == half}
    rows = [(names[paper.id], paper) for paper in months(shared_data) if paper.id in names]
    assert len(rows) == len(names) == HALVES[half]
    precision, recall = measured(rows, MAIN)
    assert precision.value >= PRECISION
    assert recall.value >= RECALL
