"""Rows of claims: for very many conjunctions at once, of which papers all claims are true."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from paperwire.core.matching.columns import Column, Lists, Names, Numbers, firsts_of, places_of
from paperwire.core.query.plan import MOST_CLAIMS

if TYPE_CHECKING:
    from collections.abc import Sequence

Bits: TypeAlias = npt.NDArray[np.uint64]
"""Papers, one bit each."""

# What is filed of a row, in one number from the top: its second claim, itself, whether it has a third claim. Most rows
# need no more to be told, and this lies in order.
_LONG = 1
_ROW, _ROW_BITS = 1, 0x7FFFFFFF
_CLAIM = 32


class Rows:
    """Conjunctions of claims, filed under the fact of their first claim.

    A *fact* is numbered from 1; claim 2 x fact says that it holds, claim 2 x fact + 1 that it doesn't; claim 0 is
    always true. Rows are added in sets, which have names (numbers from 0).
    """

    def __init__(self) -> None:
        """Begin without rows."""
        self._numbers = Names()
        self._filed = Lists("i8")  # by fact
        self._room = 0
        # By row: the name of its set, the next row of the set, its place in its list, its claims.
        self._names, self._next, self._places = Column(), Column(), Column()
        self._claims = tuple(Column() for _ in range(MOST_CLAIMS))

    def reach(self, fact: int) -> None:
        """Make sure that there may be rows filed under `fact`."""
        self._filed.reach(fact)

    def add(self, name: int, rows: Sequence[Sequence[int]]) -> int:
        """Add a set of rows, each of 1 to 4 claims of which the first is that a fact holds; what `remove` needs."""
        following = 0
        for claims in rows:
            row = self._numbers.take()
            if row >= self._room:
                self._make_room()
            self._names.cells[row] = name
            self._next.cells[row] = following
            filed = row << _ROW
            for place, claim in enumerate(claims):
                self._claims[place].cells[row] = claim
            if len(claims) > 1:
                filed |= claims[1] << _CLAIM | (len(claims) > 2)
            self._places.cells[row] = self._filed.append(claims[0] >> 1, filed)
            following = row
        return following

    def _make_room(self) -> None:
        self._room = 2 * self._room or 1
        for column in (self._names, self._next, self._places, *self._claims):
            column.reach(self._room)

    def remove(self, row: int) -> list[int]:
        """Remove the set of which this is what `add` gave; the claims that it had."""
        removed: list[int] = []
        while row:
            place = self._places.cells[row]
            moved = self._filed.remove(self._claims[0].cells[row] >> 1, place)
            self._places.cells[moved >> _ROW & _ROW_BITS] = place
            for column in self._claims:
                if column.cells[row]:
                    removed.append(column.cells[row])
                    column.cells[row] = 0
            self._numbers.give_back(row)
            row = self._next.cells[row]
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
            third, fourth = (true.take(column.values.take(more)) for column in self._claims[2:])
            bits[long] &= third & fourth
            some = bits != 0
            rows, bits = rows.compress(some), bits.compress(some)
        return _merged(self._names.values.take(rows), bits)


def _merged(names: Numbers, bits: Bits) -> tuple[Numbers, Bits]:
    """Each name once, in order, with the papers of all its rows."""
    order = names.argsort()
    names, bits = names.take(order), bits.take(order)
    starts = firsts_of(names)
    return names.take(starts), np.bitwise_or.reduceat(bits, starts) if len(starts) else bits
