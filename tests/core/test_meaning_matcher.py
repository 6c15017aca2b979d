"""All queries by meaning at once find what comparing one by one finds, exactly."""

import numpy as np
import pytest

from paperwire.core.matching.meanings import MeaningMatcher
from paperwire.core.meaning.vectors import cosines, lengths, pack, paired_cosines, unpack

WIDTH = 16


def packed(seed, count):
    return pack(np.random.default_rng(seed).normal(size=(count, WIDTH)).astype(np.float32))


def filled(queries, thresholds):
    matcher = MeaningMatcher(WIDTH)
    for number, (row, threshold) in enumerate(zip(queries, thresholds, strict=True), 1):
        matcher.add(number, row.tobytes(), float(threshold))
    return matcher


def naive(papers, queries, thresholds):
    scores = cosines(papers, lengths(papers), unpack(queries))
    return [
        [(number, float(score)) for number, (score, least) in enumerate(zip(row, thresholds, strict=True), 1)
         if score >= least]
        for row in scores
    ]  # fmt: skip


@pytest.mark.whole  # as thousands of scores are compared
def test_a_paper_reaches_the_thresholds_that_its_score_reaches_and_no_other():
    papers, queries = packed(1, 30), packed(2, 5_000)
    # The score of one of the papers itself, as thresholds are scores of papers: exactly as near as is asked.
    thresholds = cosines(papers, lengths(papers), unpack(queries))[np.arange(5_000) % 30, np.arange(5_000)]
    matcher = filled(queries, thresholds)
    assert len(matcher) == 5_000
    reached = matcher.reached(papers)
    assert reached == naive(papers, queries, thresholds)
    assert all(number in dict(reached[(number - 1) % 30]) for number in range(1, 5_001))


def test_the_next_score_above_is_not_reached():
    papers, queries = packed(3, 1), packed(4, 1)
    score = paired_cosines(papers, queries)
    assert filled(queries, score).reached(papers) == [[(1, float(score[0]))]]
    assert filled(queries, np.nextafter(score, np.float32(1))).reached(papers) == [[]]


def test_a_score_is_the_same_however_it_is_multiplied():
    papers, queries = packed(5, 100), packed(6, 100)
    assert (np.diag(cosines(papers, lengths(papers), unpack(queries))) == paired_cosines(papers, queries)).all()


def test_queries_come_change_and_go():
    papers, queries = packed(7, 3), packed(8, 600)
    matcher = filled(queries, np.full(600, -1, np.float32))
    for number in (600, 1, 300, 300, 999):
        matcher.remove(number)
    matcher.add(2, queries[4].tobytes(), -1.0)
    matcher.add(7, queries[6].tobytes(), 2.0)
    matcher.add(300, queries[299].tobytes(), -1.0)
    rows = {number: queries[number - 1] for number in range(2, 600)} | {2: queries[4]}
    del rows[7]
    expected = [
        [(number, float(paired_cosines(paper[np.newaxis], row[np.newaxis])[0])) for number, row in rows.items()]
        for paper in papers
    ]
    assert matcher.reached(papers) == expected
    assert len(matcher) == 599 - 1


def test_without_queries_or_papers_nothing_is_reached():
    assert MeaningMatcher(WIDTH).reached(packed(9, 2)) == [[], []]
    assert filled(packed(1, 1), [0.0]).reached(packed(9, 0)) == []
