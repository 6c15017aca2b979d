"""What is said of search by meaning where several word tables are measured."""

import json

import numpy as np
from benchmarks.meaning import _GOALS, FIGURES, Quality

LISTS = 43


def test_of_several_tables_the_worse_counts():
    even, better = np.full(LISTS, 0.3, np.float32), np.full(LISTS, 0.4, np.float32)
    both = Quality("5 saved", [better, even], {"LSA": even}, [])
    assert round(both.worst, 3) == 0.3
    assert both.row(("BM25", "LSA")) == "| 5 saved | 0.400 | 0.300 | 0.38 |  | 0.300 |"
    assert list(both.verdicts()) == ["- 5 saved: not shown to be ahead of LSA, +0.000 to +0.000"]
    best = Quality("5 saved", [better], {"LSA": even}, [])
    assert list(best.verdicts()) == ["- 5 saved: ahead of LSA, +0.100 to +0.100"]


def test_what_a_search_costs_is_of_all_tables():
    searches = [n / 1000 for n in range(101)]
    assert Quality("5 saved", [], {}, searches).cost() == "- 5 saved: 50 ms, one in 100 99 ms"


def test_the_figures_to_fall_from_are_of_the_kinds_that_are_measured():
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    assert {frozenset(kinds) for kinds in figures.values()} == {frozenset(_GOALS)}
