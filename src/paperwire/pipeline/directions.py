"""What the `like:` of a stored query means: the direction of a paper, of a text, or of what somebody saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from paperwire.core.meaning.aim import Direction
from paperwire.core.meaning.vectors import pack, unit, unpack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paperwire.core.meaning.vectors import Floats
    from paperwire.core.papers.paper import Paper
    from paperwire.core.query.terms.like import Like
    from paperwire.ports.encoders import Encoder
    from paperwire.store.unit import Store


class Directions:
    """Finds directions by one encoder; of papers that have no vector yet it makes them, without keeping those."""

    def __init__(self, store: Store, encoder: Encoder) -> None:
        self._store = store
        self._encoder = encoder

    async def of(self, like: Like, person: int | None) -> Direction:
        """The direction, of zeros where there is none: no such paper, no word the encoder knows, nothing saved.

        Raises EncoderError.
        """
        if like.text:
            (vector,) = await self._encoder.encode([(like.text, "")])
            return self._direction(vector)
        async with self._store.read() as found:
            named = [await found.papers.get(like.id)] if like.id else await found.people.saved(person or 0)
        papers = [paper for paper in named if paper is not None]
        vectors = await self._vectors(papers)
        mean = vectors.mean(axis=0) if papers else np.zeros(self._encoder.width, np.float32)
        return self._direction(mean, papers)

    async def _vectors(self, papers: Sequence[Paper]) -> Floats:
        numbers = [paper.number for paper in papers]
        async with self._store.read() as found:
            made = await found.vectors.of(self._encoder.version, numbers)
        missing = [paper for paper in papers if paper.number not in made]
        new = pack(await self._encoder.encode([(paper.title, paper.abstract) for paper in missing]))
        made |= {paper.number: row.tobytes() for paper, row in zip(missing, new, strict=True)}
        rows = b"".join(made[number] for number in numbers)
        return unpack(np.frombuffer(rows, np.int8).reshape(-1, self._encoder.width))

    def _direction(self, vector: Floats, papers: Sequence[Paper] = ()) -> Direction:
        packed = pack(unit(np.asarray(vector, np.float32)[np.newaxis]))[0]
        return Direction(self._encoder.version, packed, frozenset(paper.number for paper in papers))
