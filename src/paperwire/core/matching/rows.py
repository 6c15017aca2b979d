"""Rows: for very many conjunctions of claims at once, which of them are true of a paper."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from paperwire.core.query.plan import MOST_CLAIMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Numbers: TypeAlias = npt.NDArray[np.integer[Any]]
"""An array of whole numbers of any size."""

_NUMBER = np.dtype(np.int32)


class Rows:
    """Conjunctions of claims, each with the number of its owner; for `Matcher` that is a query.

    A *fact* is numbered from 1; claim 2 x fact says that it holds, claim 2 x fact + 1 that it doesn't; claim 0 is
    always true. Rows are changed one at a time in plain arrays. For papers they are sorted by their first claim, so
    that those of a fact that holds are found at once; after a change that is done anew for the next paper (50 ms for
    500,000 rows).
    """

    def __init__(self) -> None:
        # By row; row 0 is none. A row that was removed has claims that are never looked for, until it is used again.
        self._owners = array("i", [0])
        self._claims = tuple(array("i", [0]) for _ in range(MOST_CLAIMS))
        self._free: list[int] = []
        self._index: _Index | None = None

    def add(self, owner: int, claims: Sequence[int]) -> int:
        """Add a row of 1 to 4 claims of which the first is that a fact holds; its number, for `remove`."""
        if self._free:
            row = self._free.pop()
        else:
            row = len(self._owners)
            for column in (self._owners, *self._claims):
                column.append(0)
        self._owners[row] = owner
        for place, column in enumerate(self._claims):
            column[row] = claims[place] if place < len(claims) else 0
        self._index = None
        return row

    def remove(self, row: int) -> list[int]:
        """Remove a row; the claims that it had."""
        claims = [column[row] for column in self._claims if column[row]]
        for column in self._claims:
            column[row] = 0
        self._free.append(row)
        self._index = None
        return claims

    def find(self, facts: Iterable[int]) -> Numbers:
        """The owners of the rows that are true if these facts hold and no others, ascending, each once."""
        if self._index is None:
            self._index = _indexed(self._owners, self._claims)
        return self._index.find(facts)


class _Index(NamedTuple):
    """All rows, sorted by the fact of their first claim; those of fact `f` begin at `starts[f]`."""

    owners: Numbers
    claims: tuple[Numbers, ...]
    """Of each row all claims but the first."""
    starts: Numbers
    true: npt.NDArray[np.bool_]
    """By claim, whether it is true; as if no fact held, but while a paper is looked at."""

    def find(self, facts: Iterable[int]) -> Numbers:
        """See `Rows.find`."""
        held = np.fromiter(facts, np.int64)
        held = held[held < len(self.starts) - 1]  # others are in no row, but in programs
        self.true[2 * held], self.true[2 * held + 1] = True, False
        starts = self.starts.take(held)
        rows = _ranges(starts, self.starts.take(held + 1) - starts)
        for claims in self.claims:
            rows = rows.compress(self.true.take(claims.take(rows)))
        self.true[2 * held], self.true[2 * held + 1] = False, True
        owners = self.owners.take(rows)
        owners.sort()
        return owners.compress(np.diff(owners, prepend=-1) != 0)


def _indexed(owners: array[int], claims: Sequence[array[int]]) -> _Index:
    first, *others = (np.frombuffer(column, _NUMBER) for column in claims)
    order = np.argsort(first, kind="stable")
    facts = 1 + max(int(column.max()) for column in (first, *others)) // 2
    true = np.zeros(2 * facts, np.bool_)
    true[1::2] = True
    true[0] = True
    starts = np.concatenate(([0], np.bincount(first >> 1, minlength=facts).cumsum()))
    sorted_claims = tuple(column.take(order) for column in others)
    return _Index(np.frombuffer(owners, _NUMBER).take(order), sorted_claims, starts, true)


def _ranges(starts: Numbers, counts: Numbers) -> Numbers:
    """`starts[0]` and the `counts[0] - 1` numbers behind it, then the same for the next, all in one array."""
    ends = counts.cumsum()
    numbers: Numbers = np.arange(int(ends[-1]) if len(ends) else 0) + (starts - ends + counts).repeat(counts)
    return numbers
