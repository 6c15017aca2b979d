"""A rate becomes a threshold: the score that a number of papers a week has reached recently."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from paperwire.core.meaning.vectors import Floats

CALIBRATED_DAYS = 60
"""Days whose papers a threshold is calculated from."""
FEW_DAYS = 30
"""A threshold from fewer days is renewed every day."""
_HALF_LIFE = 14
"""Days after which a paper counts half as much.

Topics come and go with the deadlines of conferences. 100 titles of papers of all fields got a rate of 5 a week within a
factor of 2 in 96 % of five months each so, and in 92 % where all days counted alike. With 7 or 10 days a rate of 1 a
month brought too much (1.4 or 1.15 times as many).
"""
_WEEK = 7


class Threshold(NamedTuple):
    """A score that papers have to reach, and from how many papers of how many days it was taken."""

    score: float
    papers: int
    days: int


def threshold_of(scores: Floats, days: NDArray[np.int64], a_week: float, covered: int) -> Threshold | None:
    """The lowest score that lets through no more than `a_week` papers a week of those of the `covered` days.

    `days` are the ordinals of the papers' days; newer papers count more. At least the best paper gets through, with all
    that tie with it. Only scores above 0 count; None if there are none.
    """
    positive = np.sort(scores[scores > 0])[::-1]
    if not len(positive):
        return None
    best = np.argsort(-scores, kind="stable")[: len(positive)]
    weights = np.exp2((days - days.max()) / _HALF_LIFE)
    before = np.cumsum(weights[best]) - weights[best] / 2
    share = a_week * covered / _WEEK / len(scores)
    count = max(1, int(np.count_nonzero(before <= share * weights.sum())))
    if count >= len(positive):
        lowest = positive[-1]
    else:
        over = positive[:count][positive[:count] > positive[count]]
        lowest = over[-1] if len(over) else positive[0]
    return Threshold(float(lowest), len(scores), covered)
