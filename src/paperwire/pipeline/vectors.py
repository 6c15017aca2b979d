"""The vectors of papers, made by an encoder and stored."""

from __future__ import annotations

from collections.abc import Sequence

from paperwire.core.meaning.vectors import pack
from paperwire.core.papers.paper import Paper
from paperwire.ports.encoders import Encoder
from paperwire.store.unit import Store

ENCODER = "encoder"
"""The setting that says whose vectors are being made."""


async def encode_papers(store: Store, encoder: Encoder, papers: Sequence[Paper]) -> None:
    """Make the vectors of papers and store them. Raises EncoderError."""
    if papers:
        vectors = pack(await encoder.encode([(paper.title, paper.abstract) for paper in papers]))
        packed = {paper.number: row.tobytes() for paper, row in zip(papers, vectors, strict=True)}
        async with store.write() as unit:
            await unit.vectors.put(encoder.version, packed, papers)
