"""Simulated thumbs: what is pressed turns what comes next."""

from datetime import date, timedelta

import numpy as np
from benchmarks.reading_lists import Task
from benchmarks.thumbs import precision

from paperwire.core.papers.paper import Paper


def test_thumbs_down_keep_away_what_only_looks_alike():
    begins = date(2026, 1, 1)
    random = np.random.default_rng(1)
    papers, rows, wanted = [], [], []
    for number in range(2_000):
        is_wanted, is_alike = number % 40 == 0, number % 10 == 5
        papers.append(Paper(id=str(number), title="", announced=begins + timedelta(days=number // 10)))
        rows.append([0.9, 0.3 * is_wanted, 0.35 * is_alike] if is_wanted or is_alike else [0, 0, 1])
        wanted += [number] if is_wanted else []
    vectors = np.array(rows, np.float32) + random.normal(0, 0.05, (2_000, 3)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    task = [Task("alike", frozenset(wanted))]
    none = precision(papers, vectors, task, up=False, down=False)
    assert none <= precision(papers, vectors, task, up=False, down=True) <= 1
    assert none <= precision(papers, vectors, task, up=True, down=True) <= 1
