"""Two orders of the same papers made one: by meaning and by words."""

from __future__ import annotations

import numpy as np

from paperwire.core.meaning.vectors import Floats

_MEANING = 0.7
"""The weight of the cosine; on 43 reading lists 0.5 and 0.7 did equally well, 0.3 worse."""


def fused(cosines: Floats, words: Floats) -> Floats:
    """The scores of papers by their cosine and by their words (0 without one), each divided by the best of its kind."""
    return np.float32(_MEANING) * _of_best(cosines) + np.float32(1 - _MEANING) * _of_best(words)


def _of_best(scores: Floats) -> Floats:
    best = scores.max(initial=0)
    return scores / best if best > 0 else np.zeros_like(scores)
