"""Which papers are near to which: vectors of papers are made and stored, and all are in memory as they are made."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from paperwire.core.meaning.vectors import Floats, Packed, StoredVector, cosines, lengths, nearest, pack, unpack
from paperwire.core.papers.paper import Paper
from paperwire.ports.encoders import Encoder
from paperwire.store.unit import Store

_Number = TypeVar("_Number", bound=np.generic)

NO_VECTOR = -2.0
"""In place of the cosine of a paper that has no vector: below any."""
_TEXTS = 500  # texts whose vectors are remembered: the pages of a search ask for the same one
_SPARE = 4_096  # rows at first; twice as many when they are full. What was not written to takes no memory.


@dataclass(frozen=True, slots=True)
class Near:
    """A paper by its number, and the cosine of its vector with what was asked."""

    paper: int
    cosine: float


class Nearness:
    """Finds the papers nearest to a vector. int8 in memory: 272 bytes a paper at 256 columns.

    A `second` encoder has a word on the order of the first results of a search.
    """

    def __init__(self, store: Store, encoder: Encoder, second: Encoder | None = None) -> None:
        self._store = store
        self.encoder = encoder
        self.second = second
        self._count = 0
        self._packed = np.zeros((_SPARE, encoder.width), np.int8)
        self._lengths = np.zeros(_SPARE, np.float32)
        self._papers = np.zeros(_SPARE, np.int64)
        self._places = np.zeros(_SPARE, np.int32)  # by number, from 1 on
        self._since: datetime | None = None
        self._texts: dict[str, Floats] = {}
        self._lock = asyncio.Lock()

    async def near(self, query: Floats, count: int, *, without: Collection[int] = ()) -> list[Near]:
        """The `count` papers nearest to a vector of length 1, nearest first."""
        await self._follow()
        scores = await asyncio.to_thread(self._scores, query)
        best = nearest(scores, count + len(without))
        nearest_papers = [Near(int(self._papers[place]), float(scores[place])) for place in best if scores[place] > 0]
        return [near for near in nearest_papers if near.paper not in without][:count]

    async def encode(self, text: str) -> Floats:
        """The vector of a text, all zeros if the encoder knows no word of it; raises EncoderError."""
        if text not in self._texts:
            if len(self._texts) >= _TEXTS:
                self._texts.clear()
            self._texts[text] = (await self.encoder.encode([(text, "")]))[0]
        return self._texts[text]

    async def cosines(self, packed: Packed) -> Floats:
        """How near each paper is to a packed row, at the paper's number; `NO_VECTOR` for one that has no vector."""
        await self._follow()
        scores = await asyncio.to_thread(self._scores, unpack(packed[np.newaxis])[0])
        papers = self._papers[: len(scores)]
        by_number = np.full(papers.max(initial=0) + 1, NO_VECTOR, np.float32)
        by_number[papers] = scores
        return by_number

    async def of(self, papers: Sequence[int]) -> Floats:
        """The vectors of those papers that have one, by number."""
        await self._follow()
        places = self._places_of(papers)
        return unpack(self._packed[places[places >= 0]])

    async def packed(self, papers: Sequence[int]) -> dict[int, Packed]:
        """The packed vectors of papers by number, of those that have one."""
        await self._follow()
        places = zip(papers, self._places_of(papers), strict=True)
        return {paper: self._packed[place].copy() for paper, place in places if place >= 0}

    async def scores_of(self, papers: Sequence[int], queries: Floats) -> Floats:
        """The cosines of papers by number with vectors of length 1; one row a paper, `NO_VECTOR` where it has none."""
        await self._follow()
        places = self._places_of(papers)
        there = places >= 0
        scores = np.full((len(papers), len(queries)), NO_VECTOR, np.float32)
        rows, row_lengths = self._packed[places[there]], self._lengths[places[there]]
        scores[there] = await asyncio.to_thread(cosines, rows, row_lengths, queries)
        return scores

    def _places_of(self, papers: Sequence[int]) -> NDArray[np.int32]:
        """Where the vectors of papers by number stand, -1 for one that has none."""
        numbers = np.array(papers, np.int64)
        there = numbers < len(self._places)
        return np.where(there, self._places[np.where(there, numbers, 0)] - 1, -1)

    def _scores(self, query: Floats) -> Floats:
        stored = slice(self._count)
        return cosines(self._packed[stored], self._lengths[stored], query[np.newaxis])[:, 0]

    async def _follow(self) -> None:
        """Take over what was made since the last time."""
        async with self._lock, self._store.read() as unit:
            async for made in unit.vectors.made_since(self.encoder.version, self._since):
                self._take(made)
            self._since = unit.now

    def _take(self, made: Sequence[StoredVector]) -> None:
        numbers = np.array([vector.paper for vector in made], np.int64)
        self._places = _with_room(self._places, int(numbers.max()) + 1)
        new = numbers[self._places[numbers] == 0]
        end = self._count + len(new)
        self._packed, self._lengths = _with_room(self._packed, end), _with_room(self._lengths, end)
        self._papers = _with_room(self._papers, end)
        self._papers[self._count : end] = new
        self._places[new] = np.arange(self._count, end) + 1
        places = self._places[numbers] - 1
        rows = np.frombuffer(b"".join(vector.packed for vector in made), np.int8).reshape(-1, self.encoder.width)
        self._packed[places], self._lengths[places] = rows, lengths(rows)
        self._count = end


def _with_room(rows: NDArray[_Number], count: int) -> NDArray[_Number]:
    """The same rows, or more of them if there are fewer than `count`."""
    if count <= len(rows):
        return rows
    larger = np.zeros((max(count, 2 * len(rows)), *rows.shape[1:]), rows.dtype)
    larger[: len(rows)] = rows
    return larger


ENCODER = "encoder"
"""The setting that says whose vectors are being made."""


async def encode_papers(store: Store, encoder: Encoder, papers: Sequence[Paper]) -> None:
    """Make the vectors of papers and store them. Raises EncoderError."""
    if papers:
        vectors = pack(await encoder.encode([(paper.title, paper.abstract) for paper in papers]))
        packed = {paper.number: row.tobytes() for paper, row in zip(papers, vectors, strict=True)}
        async with store.write() as unit:
            await unit.vectors.put(encoder.version, packed, papers)
