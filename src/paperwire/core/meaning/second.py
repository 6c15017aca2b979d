"""A second encoder's word on the first papers: they are put into the order of both encoders' scores together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from paperwire.core.meaning.vectors import Floats

_WEIGHT = 1.0
"""Of the second score, where each is counted in its own standard deviations; measured in docs/meaning.md."""


def agreed(first: Mapping[int, float], second: Mapping[int, float]) -> dict[int, float]:
    """What the second scores of papers add to the first, by number; they stay ahead of all other papers.

    Papers that the second encoder knows nothing of get what the last of the others does.
    """
    numbers = [number for number in first if number in second]
    if not numbers:
        return {}
    scores = np.array([second[number] for number in numbers], np.float32)
    scale = _WEIGHT * _spread([first[number] for number in numbers]) / max(_spread(scores), 1e-6)
    added: Floats = scale * (scores - scores.min())
    return dict.fromkeys(first, 0.0) | dict(zip(numbers, added.tolist(), strict=True))


def _spread(scores: Floats | list[float]) -> float:
    return float(np.std(scores))
