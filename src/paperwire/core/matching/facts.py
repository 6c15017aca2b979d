"""Facts that queries ask for, numbered, and which of them hold of which papers."""

from __future__ import annotations

import json
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from paperwire.core.matching.authorship import Authorship
from paperwire.core.matching.columns import Column, Lists, Names, Numbers, firsts_of, places_of
from paperwire.core.matching.rows import Rows
from paperwire.core.matching.sequences import FIELDS, Sequences
from paperwire.core.query.nodes import unpack
from paperwire.core.query.plan import ANY, DOUBT, gate_of, parts_of
from paperwire.core.query.terms import Author, Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paperwire.core.matching.rows import Bits
    from paperwire.core.query.prepared import Doc

_PAPER_BITS = 6
MOST_PAPERS = 1 << _PAPER_BITS
"""So many papers are looked at together, one bit for each."""

_FIELDS = {field: place for place, field in enumerate(FIELDS)}
_SIGNS = {ANY, DOUBT}
_ALL = (1 << MOST_PAPERS) - 1


class Facts:
    """Numbers for facts (core/query/plan.py), as long as a query needs them.

    `true` has by claim the papers of which it is true, one bit each, of those papers that were learned last.
    """

    def __init__(self, rows: Rows) -> None:
        """Begin without facts; `rows` is made ready for each new one."""
        self._rows = rows
        self._numbers: dict[str, int] = {}
        self._names = Names()
        self._keys = [""]
        self._uses = Column()
        self._kinds: Counter[str] = Counter()  # of facts that are no sequences of words
        self._true = Column("u8")
        self._true.cells[0] = _ALL
        self._room = 1
        self._held: Numbers = np.zeros(0, np.int64)
        self._sequences = Sequences()
        self._authorship = Authorship()
        self._implied = Lists("i4")  # by fact: the facts that hold if this does
        self._doubts: dict[int, tuple[Words, int]] = {}  # by fact, with its set of gates
        self._gates = Rows()

    @property
    def true(self) -> Bits:
        """By claim, the papers of which it is true."""
        return self._true.values.view(np.uint64)

    @property
    def bits(self) -> memoryview:
        """The same, for single claims."""
        return self._true.cells

    # --- for queries ---------------------------------------------------------------------------------------------

    def take(self, claim: str) -> int:
        """The number of a claim, whose fact is once more in use."""
        opposite = claim[0] == "-"
        key = claim[1:] if opposite else claim
        fact = self._numbers.get(key) or self._new(key)
        self._uses.cells[fact] += 1
        return 2 * fact + opposite

    def _new(self, key: str) -> int:
        fact = self._names.take()
        if fact == self._room:
            self._make_room()
        self._numbers[key] = fact
        self._keys[fact] = key
        kind, value = _parted(key)
        if kind in _FIELDS:
            self._sequences.put(_FIELDS[kind], value, fact)
            return fact
        self._kinds[kind] += 1
        if kind == "au":
            self._authorship.add(fact, Author("au", value))
        elif kind == ANY:
            for part in parts_of(key):
                self._implied.append(self.take(part) >> 1, fact)
        elif kind == DOUBT:
            term = unpack(json.loads(value))
            assert isinstance(term, Words)  # noqa: S101 -- only words are ever in doubt
            self._doubts[fact] = term, self._gates.add(fact, [[self.take(one)] for one in gate_of(term)])
        return fact

    def _make_room(self) -> None:
        """Room for twice as many facts."""
        old, self._room = self._room, 2 * self._room
        self._keys += [""] * old
        self._uses.reach(self._room)
        self._rows.reach(self._room)
        self._gates.reach(self._room)
        self._implied.reach(self._room)
        self._true.reach(2 * self._room)
        self._true.values[2 * old + 1 : 2 * self._room : 2] = _ALL

    def drop(self, claim: int) -> None:
        """One use less; a fact without use goes."""
        fact = claim >> 1
        self._uses.cells[fact] -= 1
        if not self._uses.cells[fact]:
            self._remove(fact)

    def _remove(self, fact: int) -> None:
        key = self._keys[fact]
        kind, value = _parted(key)
        if kind in _FIELDS:
            self._sequences.drop(_FIELDS[kind], value)
        else:
            self._kinds[kind] -= 1
        if kind == "au":
            self._authorship.remove(fact)
        elif kind == ANY:
            for part in map(self._numbers.__getitem__, parts_of(key)):
                self._implied.remove(part, self._implied.place_of(part, fact))
                self.drop(2 * part)
        elif kind == DOUBT:
            _, gates = self._doubts.pop(fact)
            for claim in self._gates.remove(gates):
                self.drop(claim)
        del self._numbers[key]
        self._names.give_back(fact)

    # --- for papers ----------------------------------------------------------------------------------------------

    def learn(self, docs: Sequence[Doc]) -> Numbers:
        """Forget the papers before and learn what holds of these, 64 at most: the facts that hold of any, once each."""
        self._true.values[2 * self._held] = 0
        self._true.values[2 * self._held + 1] = _ALL
        facts, papers = self._sequences.find([field.chunks for doc in docs for field in (doc.title, doc.abstract)])
        told = [self._told(doc) for doc in docs]
        counts = np.fromiter(map(len, told), np.int64, len(told))
        more: Numbers = np.fromiter(chain.from_iterable(told), np.int64, int(counts.sum()))
        facts, papers = np.concatenate((facts, more)), np.concatenate((papers, np.arange(len(docs)).repeat(counts)))
        if self._kinds[ANY]:
            many = self._implied.counts(facts)
            having = places_of(many)
            many = many.take(having)
            more = self._implied.read(facts.take(having), many)
            facts, papers = np.concatenate((facts, more)), np.concatenate((papers, papers.take(having).repeat(many)))
        both = facts.astype(np.int64) << _PAPER_BITS | papers
        both.sort()
        facts = both >> _PAPER_BITS
        starts = firsts_of(facts)
        bits = np.left_shift(np.uint64(1), (both & (MOST_PAPERS - 1)).view(np.uint64))
        self._held = facts.take(starts)
        self._set(self._held, np.bitwise_or.reduceat(bits, starts) if len(starts) else bits)
        if self._doubts:
            self._held = np.concatenate((self._held, self._settled(docs)))
        return self._held

    def _set(self, facts: Numbers, bits: Bits) -> None:
        self._true.values[2 * facts] = bits
        self._true.values[2 * facts + 1] = ~bits

    def _told(self, doc: Doc) -> list[int]:
        """What holds of a paper besides sequences of words."""
        kinds = self._kinds
        keys = [f"cat:{name}" for name in doc.lineage] if kinds["cat"] else []
        if kinds["source"]:
            keys.append(f"source:{doc.source}")
        if kinds["id"]:
            keys.append(f"id:{doc.id}")
        if kinds["has"] and doc.has_code:
            keys.append("has:code")
        found = [self._numbers[key] for key in keys if key in self._numbers]
        if kinds["au"]:
            found += self._authorship.find(doc.paper.authors)
        return found

    def _settled(self, docs: Sequence[Doc]) -> Numbers:
        """Settle what is in doubt, paper by paper; the facts that hold."""
        facts, maybe = self._gates.find(self.true, self._held)
        held: list[int] = []
        for fact, bits in zip(facts.tolist(), maybe.tolist(), strict=True):
            term, _ = self._doubts[fact]
            having = sum(1 << paper for paper, doc in enumerate(docs) if bits >> paper & 1 and term.holds(doc))
            if having:
                self._true.cells[2 * fact] = having
                self._true.cells[2 * fact + 1] = _ALL ^ having
                held.append(fact)
        return np.array(held, np.int64)


def _parted(key: str) -> tuple[str, str]:
    """The field and the value of a fact's name."""
    field, _, value = key.partition(":")
    return (key[0], key[1:]) if field[:1] in _SIGNS else (field, value)
