"""How near papers are to what a query asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from paperwire.core.meaning.vectors import Floats

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Nearby:
    """How near papers are to what a query asks for.

    `cosines` stand at the numbers of papers, `UNKNOWN` or below -1 where there is none; `left_out` are the papers that
    it was made of. With `words` the order is fused with theirs, with a `threshold` only papers that reach it count.
    """

    cosines: Floats
    left_out: frozenset[int] = frozenset()
    words: Sequence[str] = ()
    threshold: float | None = None

    def of(self, numbers: Integers) -> Floats:
        """The cosines of these papers."""
        in_range = numbers < len(self.cosines)
        cosines = np.full(len(numbers), -2, np.float32)
        cosines[in_range] = self.cosines[numbers[in_range]]
        return cosines
