"""Rows of claims: for very many conjunctions at once, of which papers all claims are true."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from paperwire.core.columns import Column, Lists, Names, Numbers, firsts_of, places_of
from paperwire.core.plan import MOST_CLAIMS

if TYPE_CHECKING:
    from collections.abc import Sequence

Bits: TypeAlias = npt.NDArray[np.uint64]
"""Papers, one bit each."""

# What is filed of a row, in one number from the top: its second claim, itself, whether it has a third claim. Most rows
# need no more to be told, and this lies in order.
_LONG = 1
_ROW, _ROW_BITS = 1, 0x7FFFFFFF
_CLAIM = 32

# The record of a row: its place in its list, the next row of its set, its claims.
_WIDTH = 8
_PLACE, _NEXT, _CLAIMS = 0, 1, 4


class Rows:
    """Conjunctions of claims, filed under the fact of their first claim.

    A *fact* is numbered from 1; claim 2 x fact says that it holds, claim 2 x fact + 1 that it doesn't; claim 0 is
    always true. Rows are added in sets, which have names (numbers from 0).
    """

    def __init__(self) -> None:
        """Begin without rows."""
        self._numbers = Names()
        self._filed = Lists("i8")  # by fact
        self._rows = Column("i4", _WIDTH)
        self._names = Column("i8")  # by row

    def reach(self, fact: int) -> None:
        """Make sure that there may be rows filed under `fact`."""
        self._filed.reach(fact)

    def add(self, name: int, rows: Sequence[Sequence[int]]) -> int:
        """Add a set of rows, each of 1 to 4 claims of which the first is that a fact holds; what `remove` needs."""
        following = 0
        for claims in rows:
            row = self._numbers.take()
            self._rows.reach(row)
            self._names.reach(row)
            self._names.cells[row] = name
            cells, at = self._rows.cells, _WIDTH * row
            first, second, third, fourth = (*claims, 0, 0, 0)[:MOST_CLAIMS]
            cells[at + _NEXT] = following
            cells[at + _CLAIMS], cells[at + _CLAIMS + 1] = first, second
            cells[at + _CLAIMS + 2], cells[at + _CLAIMS + 3] = third, fourth
            filed = second << _CLAIM | row << _ROW | (third != 0)
            cells[at + _PLACE] = self._filed.append(first >> 1, filed)
            following = row
        return following

    def remove(self, row: int) -> list[int]:
        """Remove the set of which this is what `add` gave; the claims that it had."""
        removed: list[int] = []
        cells = self._rows.cells
        while row:
            at = _WIDTH * row
            claims = [claim for claim in cells[at + _CLAIMS : at + _CLAIMS + MOST_CLAIMS] if claim]
            place = cells[at + _PLACE]
            moved = self._filed.remove(claims[0] >> 1, place)
            cells[_WIDTH * (moved >> _ROW & _ROW_BITS) + _PLACE] = place
            removed += claims
            self._numbers.give_back(row)
            row = cells[at + _NEXT]
        return removed

    def find(self, true: Bits, facts: Numbers) -> tuple[Numbers, Bits]:
        """The names of sets of which a row is true of some papers, in order, each once, and of which papers.

        `true` has the papers of which a claim is true, `facts` are those that hold of at least one.
        """
        counts = self._filed.counts(facts)
        having = places_of(counts)
        if not len(having):
            return having, true[:0]
        facts, counts = facts.take(having), counts.take(having)
        filed = self._filed.read(facts, counts)
        bits = true.take(2 * facts).repeat(counts) & true.take(filed >> _CLAIM)
        some = bits != 0
        filed, bits = filed.compress(some), bits.compress(some)
        rows = filed >> _ROW & _ROW_BITS
        long = places_of(filed & _LONG)
        if len(long):
            more = rows.take(long)
            third, fourth = (true.take(self._rows.read(more, _CLAIMS + place)) for place in (2, 3))
            bits[long] &= third & fourth
            some = bits != 0
            rows, bits = rows.compress(some), bits.compress(some)
        return _merged(self._names.read(rows), bits)


def _merged(names: Numbers, bits: Bits) -> tuple[Numbers, Bits]:
    """Each name once, in order, with the papers of all its rows."""
    order = names.argsort()
    names, bits = names.take(order), bits.take(order)
    starts = firsts_of(names)
    return names.take(starts), np.bitwise_or.reduceat(bits, starts) if len(starts) else bits
