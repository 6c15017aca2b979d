"""The reverse index: which of all queries a paper matches, without trying each."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from paperwire.core.matching.columns import places_of
from paperwire.core.matching.facts import MOST_PAPERS, Facts
from paperwire.core.matching.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from paperwire.core.matching.columns import Numbers
    from paperwire.core.matching.rows import Bits
    from paperwire.core.query.language import Query
    from paperwire.core.query.plan import Program
    from paperwire.core.query.prepared import Doc

_Program: TypeAlias = "int | tuple[bool, list[_Program]]"
"""A claim, or whether all must be true and of what."""


class Matcher:
    """Queries by number.

    Each query is taken apart into rows of claims (core/query/plan.py), filed under their rarest facts; what holds of 64
    papers is found at once and selects the rows to be tried. Terms at very many joints alone are left to the evaluator.

    What one query can cost at worst, each 64 papers, is bounded by what `parse` accepts (200 terms, 2,000 characters):

    - its rows, if the first fact of each holds of any paper, at some 20 ns: as many as it has claims at most, and the
      words of all its terms together are read in 2,000 ways at most (or 8 a term);
    - the claims of its program, where it has one, at some 100 ns, if a row of it is true;
    - the evaluator's time for each term that it alone can tell, some 30 us; eight such terms at most (`parse` refuses
      more), of papers that have three words or more of that term in a row.

    No query makes another one dearer, except that queries of the same rare words are tried together.
    """

    def __init__(self) -> None:
        """Begin with no queries."""
        self._rows = Rows()
        self._facts = Facts(self._rows)
        self._sets: dict[int, int] = {}  # by number: its set of rows, which is named 2 x number, plus 1 with a program
        self._programs: dict[int, tuple[_Program, list[int]]] = {}

    def __len__(self) -> int:
        """How many queries there are."""
        return len(self._sets)

    def add(self, number: int, query: Query) -> None:
        """Take in `query` under `number` (0 or more), instead of the one that had it.

        Some ten microseconds; a millisecond or two for a beginning (`diffus*`) or exact word that no query had yet, as
        the words of papers met before are looked through.
        """
        if number in self._sets:
            self.remove(number)
        rows, program = query.plan
        take = self._facts.take
        name = 2 * number + (program is not None)
        self._sets[number] = self._rows.add(name, [[take(claim) for claim in row] for row in rows])
        if program is not None:
            claims: list[int] = []
            self._programs[number] = self._compiled(program, claims), claims

    def _compiled(self, program: Program, claims: list[int]) -> _Program:
        if isinstance(program, str):
            claims.append(self._facts.take(program))
            return claims[-1]
        return program[0] == "&", [self._compiled(part, claims) for part in program[1:]]

    def remove(self, number: int) -> None:
        """Forget the query `number`, if there is one."""
        _, claims = self._programs.pop(number, (0, []))
        for claim in (*self._rows.remove(self._sets.pop(number, 0)), *claims):
            self._facts.drop(claim)

    def match(self, doc: Doc) -> list[int]:
        """The numbers of the queries that `doc` matches, ascending; upvotes are not looked at."""
        return self.match_many([doc])[0]

    def match_many(self, docs: Sequence[Doc]) -> list[list[int]]:
        """`match` for each of `docs`, which is quicker for 64 at once than for one after the other."""
        found: list[list[int]] = []
        for start in range(0, len(docs), MOST_PAPERS):
            found += self._match(docs[start : start + MOST_PAPERS])
        return found

    def _match(self, docs: Sequence[Doc]) -> Iterator[list[int]]:
        held = self._facts.learn(docs)
        names, bits = self._rows.find(self._facts.true, held)
        for place in places_of(names & 1).tolist():
            program, _ = self._programs[int(names[place]) >> 1]
            bits[place] &= np.uint64(self._holds(program))
        return _by_paper(names >> 1, bits, len(docs))

    def _holds(self, program: _Program) -> int:
        """The papers of which a program is true, as bits."""
        if isinstance(program, int):
            bits: int = self._facts.bits[program]
            return bits
        every, parts = program
        papers = self._holds(parts[0])
        for part in parts[1:]:
            if every:
                papers &= self._holds(part)
                if not papers:
                    break
            else:
                papers |= self._holds(part)
        return papers


def _by_paper(numbers: Numbers, bits: Bits, papers: int) -> Iterator[list[int]]:
    """The numbers of each paper, eight papers at a time."""
    if papers == 1:
        yield numbers.compress(bits != 0).tolist()
        return
    for first in range(0, papers, 8):
        eight = (bits >> np.uint64(first)).astype(np.uint8)
        some = eight != 0
        eight, theirs = eight.compress(some), numbers.compress(some)
        for paper in range(min(8, papers - first)):
            yield theirs.compress((eight >> paper & 1).view(np.bool_)).tolist()
