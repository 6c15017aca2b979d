"""The reverse index: which of all queries a paper matches, without trying each."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from typing import TypeAlias

from paperwire.core.matching.rows import Rows
from paperwire.core.matching.sequences import FIELDS, MOST_REMEMBERED, Sequences
from paperwire.core.query.language import Query
from paperwire.core.query.plan import QUESTION, Program, term_asked
from paperwire.core.query.prepared import Doc
from paperwire.core.query.terms import kinds
from paperwire.core.query.terms.term import EVERY_PAPER, Term

_Program: TypeAlias = "int | tuple[bool, list[_Program]]"  # a claim, or whether all must be true and of what


class Matcher:
    """Queries by number.

    Each query is split into rows of claims (core/query/plan.py), filed under their rarest facts; the facts that
    hold of a paper select the rows to be tried. docs/architecture.md follows an example through all steps.

    What one query can cost at worst, each paper, is bounded by what `parse` accepts (200 terms, 2,000 characters):

    - its rows, if the first fact of each holds, at some 20 ns: as many as the words of all its terms together are read
      in ways, which are 2,000 at most (or 8 a term);
    - the claims of its program, where it has one, at some 300 ns, if a row of it is true;
    - the evaluator's time for each term that it alone can tell, some 30 us; of long chains of words, whose facts leave
      many papers to it, eight at most (`parse` refuses more).

    No query makes another one dearer.
    """

    def __init__(self, most_remembered: int = MOST_REMEMBERED) -> None:
        """Begin without queries; `most_remembered` bounds what is kept of the words of papers."""
        self._rows = Rows()
        self._queries: dict[int, array[int]] = {}  # the rows of each; their owner is 2 x query, plus 1 with a program
        self._programs: dict[int, _Program] = {}
        self._facts: dict[str, int] = {}
        self._keys = [""]  # by fact
        self._uses = array("i", [0])  # by fact: in how many claims it is
        self._free: list[int] = []
        self._fields: Counter[str] = Counter()  # of facts
        self._sequences = Sequences(most_remembered)
        self._questions: dict[int, Term] = {}  # by fact: what it alone can tell

    def __len__(self) -> int:
        return len(self._queries)

    # --- queries -------------------------------------------------------------------------------------------------

    def add(self, number: int, query: Query) -> None:
        """Take in `query` under `number` (0 or more), instead of the one that had it; some ten microseconds."""
        if number in self._queries:
            self.remove(number)
        rows, program = query.plan
        if program is not None:
            self._programs[number] = self._compiled(program)
        owner = 2 * number + (program is not None)
        self._queries[number] = array("i", [self._rows.add(owner, list(map(self._take, row))) for row in rows])

    def remove(self, number: int) -> None:
        claims = chain.from_iterable(map(self._rows.remove, self._queries.pop(number, ())))
        for claim in chain(claims, _claims(self._programs.pop(number, (True, [])))):
            self._drop(claim >> 1)

    def _compiled(self, program: Program) -> _Program:
        if isinstance(program, str):
            return self._take(program)
        return program[0] == "&", list(map(self._compiled, program[1:]))

    def _take(self, claim: str) -> int:
        """The number of a claim; counts one more use of its fact."""
        opposite = claim[0] == "-"
        key = claim[1:] if opposite else claim
        fact = self._facts.get(key) or self._new(key)
        self._uses[fact] += 1
        return 2 * fact + opposite

    def _new(self, key: str) -> int:
        if self._free:
            fact = self._free.pop()
            self._keys[fact] = key
        else:
            fact = len(self._keys)
            self._keys.append(key)
            self._uses.append(0)
        self._facts[key] = fact
        field, _, value = key.partition(":")
        if key[0] == QUESTION:
            self._questions[fact] = term_asked(key)
        elif field in FIELDS:
            self._sequences.put(field, value, fact)
        else:
            self._fields[field] += 1
        return fact

    def _drop(self, fact: int) -> None:
        """One use less; a fact without use goes."""
        self._uses[fact] -= 1
        if self._uses[fact]:
            return
        key = self._keys[fact]
        field, _, value = key.partition(":")
        if key[0] == QUESTION:
            del self._questions[fact]
        elif field in FIELDS:
            self._sequences.put(field, value, 0)
        else:
            self._fields[field] -= 1
        del self._facts[key]
        self._free.append(fact)

    # --- papers --------------------------------------------------------------------------------------------------

    def match(self, doc: Doc) -> list[int]:
        """The numbers of the queries that `doc` matches, ascending; upvotes are not looked at."""
        facts = self._facts_of(doc)
        owners = self._rows.find(facts)
        answers: dict[int, bool] = {}
        queries, odd = owners >> 1, owners & 1
        numbers: list[int] = queries.compress(odd == 0).tolist()
        unsure: list[int] = queries.compress(odd).tolist()
        numbers += [number for number in unsure if self._holds(self._programs[number], doc, facts, answers)]
        return sorted(numbers)

    def match_many(self, docs: Sequence[Doc]) -> list[list[int]]:
        return list(map(self.match, docs))

    def _facts_of(self, doc: Doc) -> set[int]:
        facts = self._sequences.find(doc)
        for kind in kinds.KINDS:
            if any(self._fields[field] for field in kind.names.values()):
                facts.update([self._facts[key] for key in kind.facts_of(doc) if key in self._facts])
        if EVERY_PAPER in self._facts:
            facts.add(self._facts[EVERY_PAPER])
        return facts

    def _holds(self, program: _Program, doc: Doc, facts: Collection[int], answers: dict[int, bool]) -> bool:
        """Whether a program is true of a paper; `answers` has what the evaluator said of it so far, by fact."""
        if isinstance(program, int):
            fact, opposite = program >> 1, program & 1
            if fact not in self._questions:
                return (fact in facts) != opposite
            if fact not in answers:
                answers[fact] = self._questions[fact].holds(doc)
            return answers[fact] != opposite
        every, parts = program
        return (all if every else any)(self._holds(part, doc, facts, answers) for part in parts)


def _claims(program: _Program) -> Iterator[int]:
    if isinstance(program, int):
        yield program
    else:
        yield from chain.from_iterable(map(_claims, program[1]))
