"""Plans: a query taken apart into facts about papers, so that very many queries can be tried at once.

A *fact* holds of a paper or doesn't; it is named by a field and a value (`ti:graph network`, `cat:cs.lg`). A *claim*
is a fact, or its opposite with a `-` in front.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from itertools import chain, product
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from paperwire.core.query.nodes import And, Not, Or, pack, terms_of
from paperwire.core.query.terms import Author, Category, Id, Source, Words
from paperwire.core.text.words import spellings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from paperwire.core.query.nodes import Node
    from paperwire.core.query.terms import Term
    from paperwire.core.text.words import Span

PLAN_VERSION = 2
"""Grows whenever plans of the same query come out otherwise, also because words fold otherwise."""

ANY = "|"
"""What a fact begins with that holds if any of some other facts does, which are behind it as JSON."""

DOUBT = "?"
"""What a fact begins with that only the term itself can tell, which is behind it as JSON (`nodes.pack`)."""

BEGINS, EXACTLY, EXACTLY_BEGINS = "*", "=", "~"
"""What the label of a beginning, an exact word, the beginning of an exact word begins with; others are folded words."""

MOST_CLAIMS = 4
"""So many claims a row has at most."""

MOST_ROWS = 8
"""A query is taken apart into so many rows at most, or as many as it has claims."""
MOST_READINGS = 2_000
"""In so many ways the words of a query are read, all terms together; 8 a term at least, 128 a term at most."""
_READINGS_OF_TERM = 8, 128
_READINGS_OF_GATE = 32  # so many have three words at least, however many are joined: few papers have those in a row
_LONGEST_READING = 16

_NEXT_CLAIM, _NEXT_ROW, _NEXT_PART = "\x1f", "\x1e", "\x1d"
_THIS_VERSION = f"{PLAN_VERSION}{_NEXT_PART}"
_SIGNS = re.compile(r"[\x1d-\x1f\n]")

Program: TypeAlias = "str | list[Program]"
"""A claim, or a list of `&` or `|` and programs."""


class Plan(NamedTuple):
    """What a query needs: all claims of a row, of any row; and then the program, where there is one.

    A row has 1 to 4 claims, of which the first is that a fact holds, the rarest there is. Without rows nothing matches.
    """

    rows: list[list[str]]
    program: Program | None

    def written(self) -> str:
        """The plan as text, which has no line breaks; empty for a plan that is better made anew."""
        rows = _NEXT_ROW.join(_NEXT_CLAIM.join(row) for row in self.rows)
        claims = sum(map(len, self.rows))
        if len(_SIGNS.findall(rows)) != max(claims - 1, 0):
            return ""  # a claim has one of the signs that part claims
        program = json.dumps(self.program, separators=(",", ":")) if self.program else ""
        return f"{_THIS_VERSION}{rows}{_NEXT_PART}{program}"

    @classmethod
    def read(cls, text: str) -> Plan | None:
        """The plan that was written; None if plans are made otherwise by now."""
        if not text.startswith(_THIS_VERSION):
            return None
        rows, _, program = text[len(_THIS_VERSION) :].partition(_NEXT_PART)
        return cls(
            [row.split(_NEXT_CLAIM) for row in rows.split(_NEXT_ROW)] if rows else [],
            json.loads(program) if program else None,
        )


def plan_of(root: Node) -> Plan:
    """The plan of a query."""
    program = _program(root, wanted=True, readings=_readings_each(sum(1 for _ in terms_of(root))))
    rows = _rows(program)
    if rows is None or any(len(row) > MOST_CLAIMS for row in rows):
        program = _collapsed(program)
        rows = _rows(program)
    if rows is None:
        return Plan([_sorted(row)[:MOST_CLAIMS] for row in _cover(program)], program)
    rest: Program | None = None
    if any(len(row) > MOST_CLAIMS for row in rows):
        rest = ["&", *_sorted(rows[0])[MOST_CLAIMS:]] if len(rows) == 1 else program
    return Plan(sorted(_sorted(row)[:MOST_CLAIMS] for row in rows), rest)


def doubts_of(root: Node) -> int:
    """How many terms of a query only the evaluator can tell; for a matcher each of them outweighs many others."""
    terms = [term for term, _ in terms_of(root)]
    most = _readings_each(len(terms))
    return sum(isinstance(term, Words) and not _all_told(term, _readings(term, most)) for term in terms)


def _readings_each(terms: int) -> int:
    """In how many ways each of so many terms may be read."""
    least, most = _READINGS_OF_TERM
    return max(least, min(most, MOST_READINGS // terms))


def gate_of(term: Words) -> list[str]:
    """Facts of which each paper that has `term` has at least one."""
    return _sequences(term, _readings(term, _READINGS_OF_GATE))


# --- programs: NOT only before facts ------------------------------------------------------------------------------


def _program(node: Node, *, wanted: bool, readings: int) -> Program:
    if isinstance(node, Not):
        return _program(node.node, wanted=not wanted, readings=readings)
    if isinstance(node, And | Or):
        parts = [_program(part, wanted=wanted, readings=readings) for part in node.nodes]
        return _joined("&" if isinstance(node, And) is wanted else "|", parts)
    facts = _facts(node, readings)
    return _joined("|" if wanted else "&", [fact if wanted else f"-{fact}" for fact in facts])


def _joined(sign: str, parts: Sequence[Program]) -> Program:
    flat: list[Program] = []
    for part in parts:
        flat.extend(part[1:] if isinstance(part, list) and part[0] == sign else [part])
    return flat[0] if len(flat) == 1 else [sign, *flat]


def _collapsed(program: Program) -> Program:
    """The same, facts of which any will do (or none may hold) being one."""
    if isinstance(program, str):
        return program
    sign, *parts = program
    parts = [_collapsed(part) for part in parts]
    opposite = sign == "&"
    alike = [part for part in parts if isinstance(part, str) and _is_certain(part) and (part[0] == "-") is opposite]
    if len(alike) > 1:
        others = [part for part in parts if part not in alike]
        parts = ["-" * opposite + _any(part.removeprefix("-") for part in alike), *others]
    return parts[0] if len(parts) == 1 else [sign, *parts]


def _is_certain(claim: str) -> bool:
    return not claim.removeprefix("-").startswith(DOUBT)


def _any(facts: Iterable[str]) -> str:
    """The fact that any of these facts holds."""
    flat = chain.from_iterable(parts_of(fact) if fact[0] == ANY else [fact] for fact in facts)
    return ANY + json.dumps(sorted(set(flat)), separators=(",", ":"))


def parts_of(fact: str) -> list[str]:
    """The facts of which one must hold for `fact`, which begins with `ANY`."""
    parts: list[str] = json.loads(fact[1:])
    return parts


def _size(program: Program) -> int:
    return 1 if isinstance(program, str) else sum(map(_size, program[1:]))


def _rows(program: Program) -> list[frozenset[str]] | None:
    """All ways for a program to be true, as claims that are true together; None if they are too many."""
    return _ways(program, max(MOST_ROWS, _size(program)))


def _ways(program: Program, most: int) -> list[frozenset[str]] | None:
    if isinstance(program, str):
        return [frozenset({program})]
    ways = [_ways(part, most) for part in program[1:]]
    found: dict[frozenset[str], None] = {}
    if program[0] == "|":
        for some in ways:
            found.update(dict.fromkeys(some or ()))
    else:
        found[frozenset()] = None
        for some in ways:
            if some is None or len(found) * len(some) > most:
                return None
            found = dict.fromkeys(one | other for one, other in product(found, some) if _possible(one, other))
    return list(found) if None not in ways and len(found) <= most else None


def _possible(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether no claim of `other` is the opposite of one in `one`."""
    return not any((claim[1:] if claim[0] == "-" else f"-{claim}") in one for claim in other)


def _cover(program: Program) -> list[list[str]]:
    """Rows of which one at least is true whenever the program is; none if it may be true without any fact."""
    if isinstance(program, str):
        return [] if program[0] == "-" else [[program]]
    covers = [_cover(part) for part in program[1:]]
    if program[0] == "|":
        return [row for cover in covers for row in cover] if all(covers) else []
    best = min(filter(None, covers), key=lambda cover: sum(_frequency(row[0]) for row in cover), default=[])
    sure = [part for part in program[1:] if isinstance(part, str)]
    return [[row[0], *dict.fromkeys(claim for claim in (*row[1:], *sure) if claim != row[0])] for row in best]


# --- facts of terms ------------------------------------------------------------------------------------------------


def _facts(term: Term, readings: int) -> list[str]:
    """Facts of which a paper that has the term has at least one, and no other paper any."""
    if isinstance(term, Words):
        ways = _readings(term, readings)
        if _all_told(term, ways):
            return _sequences(term, ways)
        return [DOUBT + json.dumps(pack(term), separators=(",", ":"))]
    if isinstance(term, Author):
        return [f"au:{term.typed}"]
    if isinstance(term, Category | Source | Id):
        return [f"{term.field}:{term.name}"]
    return ["has:code"]


_Reading: TypeAlias = "tuple[tuple[Span, ...], int]"


def _readings(term: Words, most: int) -> list[_Reading]:
    """All ways to read the words at joints, and where each ends; if they are more than `most` only how they begin."""
    ways: list[_Reading] = [((), 0)]
    while True:
        open_ = [way for way in ways if way[1] < len(term.spans)]
        shortest = min(open_, key=lambda way: way[1], default=None)
        if shortest is None or len(shortest[0]) == _LONGEST_READING:
            return ways
        here = term.spans[shortest[1]]
        if len(ways) > 1 and len(ways) + len(here) - 1 > most:
            return ways
        ways.remove(shortest)
        ways += [((*shortest[0], span), shortest[1] + span.length) for span in here]


def _all_told(term: Words, readings: Iterable[_Reading]) -> bool:
    """Whether these are all ways to read a term, to its end."""
    return all(place == len(term.spans) for _, place in readings)


def _sequences(term: Words, readings: Iterable[_Reading]) -> list[str]:
    found = (" ".join(_label(span, exact=term.exact) for span in reading) for reading, _ in readings)
    return [f"{term.field}:{labels}" for labels in dict.fromkeys(found)]


def _label(span: Span, *, exact: bool) -> str:
    if exact:
        return (EXACTLY_BEGINS if span.star else EXACTLY) + span.exact
    return BEGINS + span.plain if span.star else span.folded


# --- what is rare --------------------------------------------------------------------------------------------------
# Frequencies decide nothing but how fast matching is.


@cache
def _common() -> dict[str, float]:
    """In how many of 1,000 papers common words stand."""
    lines = files("paperwire.core.query").joinpath("common_words.tsv").read_text("utf-8").splitlines()
    return {word: float(count) for word, count in (line.split("\t") for line in lines[1:])}


_FREQUENCIES = {"cat": 10.0, "source": 900.0, "id": 0.01, "has": 100.0, "au": 0.1, DOUBT: 0.01}
_CLASSES = {
    "cs": 700.0, "cs.ai": 280.0, "cs.lg": 255.0, "cs.cv": 230.0, "cs.cl": 140.0, "cond-mat": 120.0, "astro-ph": 90.0,
    "math": 80.0, "quant-ph": 60.0, "cs.ro": 55.0, "cond-mat.mtrl-sci": 55.0, "physics": 50.0, "astro-ph.ga": 45.0,
    "astro-ph.co": 35.0, "cond-mat.mes-hall": 35.0, "math.ap": 30.0, "eess": 30.0, "stat": 30.0,
}  # fmt: skip
_RARE = 0.5


def _sorted(row: Iterable[str]) -> list[str]:
    """The claims that most papers miss first, opposites last."""
    return sorted(row, key=lambda claim: (claim[0] == "-", _frequency(claim), claim))


def _frequency(fact: str) -> float:
    """A guess at how many of 1,000 papers a fact holds of."""
    fact = fact.removeprefix("-")
    if fact[0] == ANY:
        return min(1_000, sum(map(_frequency, parts_of(fact))))
    field, _, value = fact.partition(":")
    known = _FREQUENCIES.get(fact[0] if fact[0] == DOUBT else field)
    if known is not None:
        return _CLASSES.get(value, known) if field == "cat" else known
    words = [_word_frequency(label) for label in value.split(" ")]
    return min(words) * (0.3 if len(words) > 1 else 1) * (0.15 if field == "ti" else 1)


def _word_frequency(label: str) -> float:
    if label[0] in {BEGINS, EXACTLY_BEGINS}:
        return 400 / len(label) ** 2
    if label[0] == EXACTLY:
        return _common().get(spellings(label[1:])[1], _RARE) / 2
    return _common().get(label, _RARE)
