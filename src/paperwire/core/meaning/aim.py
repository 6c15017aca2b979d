"""What the `like:` of a query means to an encoder, and when a paper is near enough to it."""

from __future__ import annotations

from dataclasses import dataclass

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
        """Whether a paper is near enough."""
        score = self.direction.cosine(paper, vector)
        return score is not None and score >= self.threshold
