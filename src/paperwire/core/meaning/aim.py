"""What the `like:` of a query means to an encoder, how near a paper is to it, and when that is near enough."""

from __future__ import annotations

from dataclasses import dataclass, replace

from paperwire.core.meaning.threshold import Threshold
from paperwire.core.meaning.vectors import Packed, cosine


@dataclass(frozen=True, eq=False, slots=True)
class Direction:
    """A direction, by the vectors of the encoder of this version.

    `papers` are the numbers of those that it was made of: the one named, or all that were saved, none for a text. They
    match no query that asks for papers like them.
    """

    encoder: str
    packed: Packed
    papers: frozenset[int] = frozenset()

    def cosine(self, paper: int, vector: Packed) -> float | None:
        """How near a paper with this number and vector is; None for one that the direction was made of."""
        return None if paper in self.papers else cosine(vector, self.packed)


@dataclass(frozen=True, eq=False, slots=True)
class Aim:
    """A direction, and the cosine from which on papers match."""

    direction: Direction
    threshold: float

    def reaches(self, paper: int, vector: Packed) -> bool:
        score = self.direction.cosine(paper, vector)
        return score is not None and score >= self.threshold


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


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryMeaning:
    """What a query asks for by one version of an encoder; both empty until it is made.

    `packed` is its vector; papers whose score reaches the threshold match, and none without one. Of `like:saved`,
    `list_of` is the person, whose list had changed `list_changes` times; of `like:ID`, `paper` is that paper's number.
    """

    encoder: str
    packed: bytes
    threshold: Threshold | None = None
    list_of: int | None = None
    list_changes: int = 0
    paper: int | None = None
