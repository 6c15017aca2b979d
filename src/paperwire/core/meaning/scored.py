"""How near a paper is to what a query by meaning asks for."""

from __future__ import annotations

from dataclasses import dataclass, replace

from paperwire.core.meaning.aim import Aim
from paperwire.core.meaning.vectors import Packed


@dataclass(frozen=True, slots=True)
class Scored:
    """How near a paper is to what a query asks for: by `aim`, None while no paper is near enough, and its `vector`.

    `threshold` is what its score has to reach, `why` says what brings it near, if that is known, and `from_few` that
    the threshold was taken from few days.
    """

    like: str
    score: float | None
    threshold: float | None = None
    aim: Aim | None = None
    vector: Packed | None = None
    is_own: bool = False
    why: str = ""
    from_few: str = ""

    @property
    def is_near(self) -> bool:
        """Whether the score reaches the threshold."""
        return self.score is not None and self.threshold is not None and self.score >= self.threshold

    def at(self, score: float, threshold: float) -> Scored:
        """The same as it was at another time."""
        return replace(self, score=score, threshold=threshold, is_own=False, from_few="")


@dataclass(frozen=True, slots=True)
class Score:
    """Why a paper matched by meaning: its score, and the threshold that it reached, by which encoder."""

    score: float
    threshold: float
    encoder: str
