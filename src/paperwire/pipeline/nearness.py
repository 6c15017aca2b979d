"""Which papers are near to which: the vectors of all papers in memory, followed as they are made."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from paperwire.core.meaning.vectors import cosines, lengths, nearest, unpack
from paperwire.store.search.vectors import OVERLAP

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from paperwire.core.meaning.vectors import Floats, Packed
    from paperwire.ports.encoders import Encoder
    from paperwire.store.search.vectors import StoredVector
    from paperwire.store.unit import Store

UNKNOWN = -2.0
"""In place of the cosine of a paper that has no vector: below any."""
_TEXTS = 500
"""Texts whose vectors are remembered: the pages of a search ask for the same one."""
_SPARE = 4_096
"""Rows for papers to come."""


@dataclass(frozen=True, slots=True)
class Near:
    """A paper by its number, and the cosine of its vector with what was asked."""

    paper: int
    cosine: float


class Nearness:
    """Finds the papers nearest to a vector. int8 in memory: 256 bytes a paper."""

    def __init__(self, store: Store, encoder: Encoder) -> None:
        self._store = store
        self.encoder = encoder
        self._packed = np.zeros((0, encoder.width), np.int8)
        self._lengths = np.zeros(0, np.float32)
        self._papers: list[int] = []
        self._places: dict[int, int] = {}
        self._since: datetime | None = None
        self._numbers = np.zeros(0, np.int64)
        self._texts: dict[str, Floats] = {}
        self._turn = asyncio.Lock()

    async def near(self, query: Floats, count: int, *, without: Collection[int] = ()) -> list[Near]:
        """The `count` papers nearest to a vector of length 1, nearest first."""
        await self._follow()
        scores = await asyncio.to_thread(self._scores, query)
        best = nearest(scores, count + len(without))
        found = [Near(self._papers[place], float(scores[place])) for place in best if scores[place] > 0]
        return [one for one in found if one.paper not in without][:count]

    async def encode(self, text: str) -> Floats:
        """The vector of a text, all zeros if the encoder knows no word of it; raises EncoderError."""
        if text not in self._texts:
            if len(self._texts) >= _TEXTS:
                self._texts.clear()
            self._texts[text] = (await self.encoder.encode([(text, "")]))[0]
        return self._texts[text]

    async def cosines(self, packed: Packed) -> Floats:
        """How near each paper is to a packed row, at the paper's number; `UNKNOWN` for one that has no vector."""
        await self._follow()
        by_number = np.full(self._numbers.max(initial=0) + 1, UNKNOWN, np.float32)
        by_number[self._numbers] = await asyncio.to_thread(self._scores, unpack(packed[np.newaxis])[0])
        return by_number

    async def of(self, papers: Sequence[int]) -> Floats:
        """The vectors of papers by number, as far as they have one."""
        await self._follow()
        places = [self._places[paper] for paper in papers if paper in self._places]
        return unpack(self._packed[places])

    async def packed(self, papers: Sequence[int]) -> dict[int, Packed]:
        """The packed vectors of papers by number, of those that have one."""
        await self._follow()
        return {paper: self._packed[self._places[paper]].copy() for paper in papers if paper in self._places}

    async def scores_of(self, papers: Sequence[int], queries: Floats) -> Floats:
        """The cosines of papers by number with vectors of length 1; one row a paper, `UNKNOWN` where it has none."""
        await self._follow()
        there = [at for at, paper in enumerate(papers) if paper in self._places]
        scores = np.full((len(papers), len(queries)), UNKNOWN, np.float32)
        if there:
            places = [self._places[papers[at]] for at in there]
            rows, row_lengths = self._packed[places], self._lengths[places]
            scores[there] = await asyncio.to_thread(cosines, rows, row_lengths, queries)
        return scores

    def _scores(self, query: Floats) -> Floats:
        known = slice(len(self._papers))
        return cosines(self._packed[known], self._lengths[known], query[np.newaxis])[:, 0]

    async def _follow(self) -> None:
        """Take over what was made since the last time."""
        async with self._turn:
            async with self._store.read() as unit:
                made = await unit.vectors.made_since(self.encoder.version, self._since)
                self._since = unit.now - OVERLAP
            self._take(made)

    def _take(self, made: Sequence[StoredVector]) -> None:
        new = [vector for vector in made if vector.paper not in self._places]
        for vector in new:
            self._places[vector.paper] = len(self._papers)
            self._papers.append(vector.paper)
        if len(self._papers) > len(self._packed):
            larger = np.zeros((len(self._papers) + _SPARE, self.encoder.width), np.int8)
            larger[: len(self._packed)] = self._packed
            self._packed = larger
            self._lengths = np.resize(self._lengths, len(larger))
        if made:
            places = [self._places[vector.paper] for vector in made]
            rows = np.frombuffer(b"".join(vector.packed for vector in made), np.int8).reshape(-1, self.encoder.width)
            self._packed[places], self._lengths[places] = rows, lengths(rows)
        if new:
            self._numbers = np.array(self._papers, np.int64)
