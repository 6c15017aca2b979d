"""Vectors as they are stored and compared: int8, one row a paper, compared by their cosine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from paperwire.errors import EncoderError

Floats = NDArray[np.float32]
Packed = NDArray[np.int8]

_LARGEST = 127
_BLOCK = 2_048  # rows compared at once: as floats, 2 MB of 256 columns, which stay in the cache


@dataclass(frozen=True, slots=True)
class Share:
    """What one word adds to the cosine of two texts, as a part of the whole."""

    word: str
    part: float


def unit(vectors: Floats) -> Floats:
    """Each row at length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0), np.float32)


def checked(vectors: Floats, shape: tuple[int, int], encoder: str) -> Floats:
    """The vectors an encoder gave, at length 1.

    Raises:
        EncoderError: they are too few or too many, of another width, not finite, or without a direction.
    """
    if vectors.shape != shape:
        expected, given = " x ".join(map(str, shape)), " x ".join(map(str, vectors.shape))
        raise EncoderError(f"{encoder} gave {given} numbers for vectors, not {expected}")
    if not np.isfinite(vectors).all():
        raise EncoderError(f"{encoder} gave a vector with numbers that are not finite")
    if not vectors.any(axis=1).all():
        raise EncoderError(f"{encoder} gave a vector of zeros")
    return unit(vectors)


def pack(vectors: Floats) -> Packed:
    """Rows as int8, each scaled by its own largest entry: the direction is kept, the length is not."""
    largest = np.abs(vectors).max(axis=1, keepdims=True, initial=0)
    scaled = np.divide(vectors * _LARGEST, largest, out=np.zeros_like(vectors), where=largest > 0)
    return np.asarray(np.rint(scaled), np.int8)


def unpack(packed: Packed) -> Floats:
    """The rows that were packed, at length 1."""
    return unit(packed.astype(np.float32))


def lengths(packed: Packed) -> Floats:
    """The length of each packed row, 1 for a row of zeros."""
    rows = packed.astype(np.float32)
    return np.asarray(np.maximum(np.sqrt(np.vecdot(rows, rows)), 1), np.float32)


def cosines(packed: Packed, packed_lengths: Floats, queries: Floats) -> Floats:
    """The cosine of each packed row with each query row, packed too: one row a paper, one column a query.

    The sums are of whole numbers that a float32 holds, so a figure is the same in whatever order they are added: what
    `paired_cosines` says of a pair, on any machine.
    """
    scores = np.zeros((len(packed), len(queries)), np.float32)
    rows = pack(queries)
    columns = rows.astype(np.float32).T
    for start in range(0, len(packed), _BLOCK):
        block = slice(start, start + _BLOCK)
        scores[block] = packed[block].astype(np.float32) @ columns
    scores /= packed_lengths[:, np.newaxis]
    scores /= lengths(rows)
    return scores


def paired_cosines(ones: Packed, others: Packed) -> Floats:
    """The cosine of each packed row with the one at the same place."""
    sums = np.vecdot(ones.astype(np.float32), others.astype(np.float32))
    return np.asarray(sums / lengths(ones) / lengths(others), np.float32)


def cosine(left: Packed, other: Packed) -> float:
    """The cosine of two packed rows, the same figure in whatever order they are multiplied: their sums are whole."""
    rows = np.stack([left, other]).astype(np.float32)
    first, second = np.maximum(np.linalg.norm(rows, axis=1), 1)
    return float(np.dot(rows[0], rows[1]) / first / second)


def nearest(scores: Floats, count: int) -> NDArray[np.intp]:
    """The places of the `count` highest scores, highest first; equal ones in the order they stand."""
    if count < len(scores):
        lowest = np.partition(scores, -count)[-count] if count else np.inf
        candidates = np.flatnonzero(scores >= lowest)
    else:
        candidates = np.arange(len(scores))
    order = np.argsort(-scores[candidates], kind="stable")
    return candidates[order][:count]


@dataclass(frozen=True, slots=True)
class StoredVector:
    """A paper's number, and its vector as int8 columns."""

    paper: int
    packed: bytes
