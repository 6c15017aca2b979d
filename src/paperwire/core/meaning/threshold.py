"""A rate becomes a threshold: the score that so many papers a week have reached of late."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from paperwire.core.meaning.vectors import Floats

DAYS = 60
"""A threshold is taken from the papers of so many days."""
_WEEK = 7


class Threshold(NamedTuple):
    """A score that papers have to reach, and from how many papers of how many days it was taken."""

    score: float
    papers: int
    days: int


def threshold_of(scores: Floats, a_week: float, days: int) -> Threshold | None:
    """The lowest score that lets through no more than `a_week` papers a week of those of so many days.

    At least the best paper gets through, with all that tie with it. Only scores above 0 count; None if there are none.
    """
    positive = np.sort(scores[scores > 0])[::-1]
    if not len(positive):
        return None
    wanted = max(1, round(a_week * days / _WEEK))
    if wanted >= len(positive):
        lowest = positive[-1]
    else:
        over = positive[:wanted][positive[:wanted] > positive[wanted]]
        lowest = over[-1] if len(over) else positive[0]
    return Threshold(float(lowest), len(scores), days)
