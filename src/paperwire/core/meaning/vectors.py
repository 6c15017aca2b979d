"""Vectors as they are stored and compared: int8, one row a paper, compared by their cosine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Packed = NDArray[np.int8]

_LARGEST = 127
_BLOCK = 65_536
"""Rows compared at once: as floats, 64 MB of 256 columns."""


def unit(vectors: Floats) -> Floats:
    """Each row at length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0), np.float32)


def pack(vectors: Floats) -> Packed:
    """Rows as int8, each scaled by its own largest entry: the direction is kept, the length is not."""
    largest = np.abs(vectors).max(axis=1, keepdims=True, initial=0)
    scaled = np.divide(vectors * _LARGEST, largest, out=np.zeros_like(vectors), where=largest > 0)
    return np.asarray(np.rint(scaled), np.int8)


def unpack(packed: Packed) -> Floats:
    """The rows that were packed, at length 1."""
    return unit(packed.astype(np.float32))


def cosines(packed: Packed, queries: Floats) -> Floats:
    """The cosine of each packed row with each query row (of length 1): one row a paper, one column a query."""
    blocks = [unpack(packed[start : start + _BLOCK]) @ queries.T for start in range(0, len(packed), _BLOCK)]
    return np.concatenate(blocks) if blocks else np.zeros((0, len(queries)), np.float32)


def nearest(scores: Floats, count: int) -> NDArray[np.intp]:
    """The places of the `count` highest scores, highest first; equal ones in the order they stand."""
    if count < len(scores):
        lowest = np.partition(scores, -count)[-count] if count else np.inf
        candidates = np.flatnonzero(scores >= lowest)
    else:
        candidates = np.arange(len(scores))
    order = np.argsort(-scores[candidates], kind="stable")
    return candidates[order][:count]
