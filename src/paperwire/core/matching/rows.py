"""Rows: for very many conjunctions of claims at once, which of them are true of a paper."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from paperwire.core.query.plan import MOST_CLAIMS

Numbers: TypeAlias = npt.NDArray[np.integer[Any]]
"""An array of whole numbers of any size."""

_NUMBER = np.dtype(np.int32)
_WIDTH = 1 + MOST_CLAIMS
_NO_CLAIMS = (0,) * MOST_CLAIMS


class Rows:
    """Conjunctions of claims, each with the number of its owner; for `Matcher` that is a query.

    A *fact* is numbered from 1; claim 2 x fact says that it holds, claim 2 x fact + 1 that it doesn't; claim 0 is
    always true. Rows are changed one at a time in plain arrays. For papers they are sorted by their first claim, so
    that those of a fact that holds are found at once; after a change they are sorted again for the next paper (60 ms
    for 750,000 rows).
    """

    def __init__(self) -> None:
        # By row its owner and its claims, 0 for each that it lacks. A row that was removed has no first one, under
        # which it could be found. Row 0 is none.
        self._cells = array("i", [0] * _WIDTH)
        self._free: list[int] = []
        self._index: _Index | None = None

    def add(self, owner: int, claims: Sequence[int]) -> int:
        """Add a row of 1 to 4 claims of which the first is that a fact holds; its number, for `remove`."""
        cells = (owner, *claims, *_NO_CLAIMS)[:_WIDTH]
        self._index = None
        if self._free:
            row = self._free.pop()
            self._cells[row * _WIDTH : (row + 1) * _WIDTH] = array("i", cells)
            return row
        self._cells.extend(cells)
        return len(self._cells) // _WIDTH - 1

    def remove(self, row: int) -> list[int]:
        """Remove a row; the claims that it had."""
        cells = slice(row * _WIDTH, (row + 1) * _WIDTH)
        claims = [claim for claim in self._cells[cells][1:] if claim]
        self._cells[cells] = array("i", [0] * _WIDTH)
        self._free.append(row)
        self._index = None
        return claims

    def find(self, facts: Iterable[int]) -> Numbers:
        """The owners of the rows that are true if these facts hold and no others, ascending, each once."""
        if self._index is None:
            self._index = _indexed(np.frombuffer(self._cells, _NUMBER).reshape(-1, _WIDTH))
        return self._index.find(facts)


class _Index(NamedTuple):
    """All rows, sorted by the fact of their first claim; those of fact `f` begin at `starts[f]`."""

    owners: Numbers
    claims: tuple[Numbers, ...]
    """Of each row all claims but the first."""
    starts: Numbers
    true: npt.NDArray[np.bool_]
    """By claim, whether it is true; as if there were no fact, but while a paper is looked at."""

    def find(self, facts: Iterable[int]) -> Numbers:
        facts_here = np.fromiter(facts, np.int64)
        facts_here = facts_here[facts_here < len(self.starts) - 1]  # others are in no row, but in programs
        self.true[2 * facts_here], self.true[2 * facts_here + 1] = True, False
        starts = self.starts.take(facts_here)
        rows = _ranges(starts, self.starts.take(facts_here + 1) - starts)
        for claims in self.claims:
            rows = rows.compress(self.true.take(claims.take(rows)))
        self.true[2 * facts_here], self.true[2 * facts_here + 1] = False, True
        owners = self.owners.take(rows)
        owners.sort()
        first = np.ones(len(owners), np.bool_)  # where each is met first
        np.not_equal(owners[1:], owners[:-1], out=first[1:])
        return owners.compress(first)


def _indexed(rows: Numbers) -> _Index:
    owners, first, *others = np.ascontiguousarray(rows.take(np.argsort(rows[:, 1], kind="stable"), axis=0).T)
    facts = 1 + int(rows[:, 1:].max()) // 2
    true = np.zeros(2 * facts, np.bool_)
    true[1::2] = True
    true[0] = True
    starts = np.concatenate(([0], np.bincount(first >> 1, minlength=facts).cumsum()))
    return _Index(owners, tuple(others), starts, true)


def _ranges(starts: Numbers, counts: Numbers) -> Numbers:
    """`starts[0]` and the `counts[0] - 1` numbers after it, then the same for the next, all in one array."""
    ends = counts.cumsum()
    numbers: Numbers = np.arange(int(ends[-1]) if len(ends) else 0) + (starts - ends + counts).repeat(counts)
    return numbers
