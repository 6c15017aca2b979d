"""A rate and the scores of stored papers make a threshold, exactly."""

import numpy as np
import pytest

from paperwire.core.meaning.threshold import Threshold, threshold_of

SCORES = np.array([0.5, 0.1, 0.4, -0.2, 0.3, 0.2], np.float32)
SAME = np.full(len(SCORES), 739_000)
"""All of one day."""


@pytest.mark.parametrize(
    ("a_week", "days", "reached"),
    [(7, 1, 1), (7, 3, 3), (2, 7, 2), (14, 2, 4), (1, 10, 1), (7 / 30, 60, 2), (3, 14, 5)],
)
def test_as_many_papers_reach_it_as_the_rate_lets_through(a_week, days, reached):
    threshold = threshold_of(SCORES, SAME, a_week, days)
    assert (np.float32(threshold.score) <= SCORES).sum() == reached
    assert (threshold.papers, threshold.days) == (6, days)


def test_fewer_papers_than_the_rate_all_get_through_that_have_anything_of_it():
    assert threshold_of(SCORES, SAME, 140, 7) == Threshold(float(np.float32(0.1)), 6, 7)


def test_less_than_one_paper_lets_the_best_one_through():
    assert threshold_of(SCORES, SAME, 0.1, 1).score == 0.5


def test_papers_that_tie_at_the_border_stay_out():
    scores = np.array([0.9, 0.4, 0.4, 0.4, 0.1], np.float32)
    assert threshold_of(scores, SAME[:5], 7, 2).score == float(np.float32(0.9))
    assert threshold_of(scores, SAME[:5], 7, 4).score == float(np.float32(0.4))


def test_the_best_ones_get_through_although_they_tie():
    assert threshold_of(np.array([0.4, 0.4, 0.4, 0.1], np.float32), SAME[:4], 7, 2).score == float(np.float32(0.4))


@pytest.mark.parametrize("scores", [[], [0.0, -0.5]])
def test_without_a_score_above_zero_there_is_no_threshold(scores):
    assert threshold_of(np.array(scores, np.float32), SAME[: len(scores)], 5, 7) is None


@pytest.mark.parametrize(("newest_first", "reached"), [(True, 2), (False, 5)])
def test_newer_papers_count_more(newest_first, reached):
    scores = np.array([0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1], np.float32)
    ages = np.array([0, 0, 0, 0, 28, 28, 28, 28])  # the latter count a quarter
    days = 739_000 - (ages if newest_first else ages[::-1])
    threshold = threshold_of(scores, days, 7, 3)  # 3 of 8 papers, 1.875 of the weight of 5
    assert (np.float32(threshold.score) <= scores).sum() == reached
