"""Plans: a query split into facts about papers, so that very many queries can be tried at once.

A *fact* holds of a paper or doesn't; it is named by a field and a value (`ti:graph network`, `cat:cs.lg`). A *claim*
is a fact, or its opposite with a `-` in front. `graph neural -survey` is one *row* of three claims:

>>> from paperwire.core.query.language import parse
>>> parse("graph neural -survey").plan
Plan(rows=[[':graph', ':neural', '-:survey']], program=None)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from paperwire.core.query.nodes import And, Node, Not, Or, pack_node, terms_of, unpack_term
from paperwire.core.query.terms import kinds
from paperwire.core.query.terms.term import EVERY_PAPER, Term

PLAN_VERSION = 4
"""Grows whenever plans of the same query come out otherwise, also because words fold otherwise."""

QUESTION = "?"
"""Beginning of a claim that only the term itself can decide, which follows as JSON (`nodes.pack_node`)."""

MOST_CLAIMS = 4
"""Maximum claims of a row."""
MOST_READINGS = 2_000
"""Maximum ways to read the words of a query, all terms together; 8 to 128 a term."""
_READINGS_OF_TERM = 8, 128

_NEXT_CLAIM, _NEXT_ROW, _NEXT_PART = "\x1f", "\x1e", "\x1d"
_THIS_VERSION = f"{PLAN_VERSION}{_NEXT_PART}"
_SIGNS = re.compile(r"[\x1d-\x1f\n]")

Program: TypeAlias = "str | list[Program]"
"""A claim, or a list of `&` or `|` and programs."""


class Plan(NamedTuple):
    """What a query needs: all claims of a row, of any row; and then the program, where the rows don't say it all.

    A row has 1 to 4 claims, of which the first is that a fact holds, the rarest there is.
    """

    rows: list[list[str]]
    program: Program | None

    def written(self) -> str:
        """The plan as text, which has no line breaks; empty for a plan that is cheaper to make again."""
        rows = _NEXT_ROW.join(_NEXT_CLAIM.join(row) for row in self.rows)
        if len(_SIGNS.findall(rows)) != sum(map(len, self.rows)) - 1:
            return ""  # a claim has one of the signs that part claims
        program = json.dumps(self.program, separators=(",", ":")) if self.program else ""
        return f"{_THIS_VERSION}{rows}{_NEXT_PART}{program}"

    @classmethod
    def read(cls, text: str) -> Plan | None:
        """The plan that was written; None if plans are made otherwise by now."""
        if not text.startswith(_THIS_VERSION):
            return None
        rows, _, program = text[len(_THIS_VERSION) :].partition(_NEXT_PART)
        return cls([row.split(_NEXT_CLAIM) for row in rows.split(_NEXT_ROW)], json.loads(program) if program else None)


def plan_of(root: Node) -> Plan:
    program = _program(root, is_wanted=True, readings=_readings_each(sum(1 for _ in terms_of(root))))
    cover = _cover(program) or _Cover([[EVERY_PAPER]], exact=False)
    rows = dict.fromkeys(tuple(_rarest_first(row)[:MOST_CLAIMS]) for row in cover.rows)
    return Plan(list(map(list, rows)), None if cover.exact else program)


def costly_terms(root: Node) -> int:
    """How many terms of a query only the evaluator can tell, at a cost; each of them outweighs many others."""
    terms = [term for term, _ in terms_of(root)]
    return sum(term.is_costly(_readings_each(len(terms))) for term in terms)


def _readings_each(terms: int) -> int:
    """Maximum ways to read each term of a query with this number of terms."""
    least, most = _READINGS_OF_TERM
    return max(least, min(most, MOST_READINGS // max(terms, 1)))


# --- programs: NOT only before facts ------------------------------------------------------------------------------


def _program(node: Node, *, is_wanted: bool, readings: int) -> Program:
    if isinstance(node, Not):
        return _program(node.node, is_wanted=not is_wanted, readings=readings)
    if isinstance(node, And | Or):
        parts = [_program(part, is_wanted=is_wanted, readings=readings) for part in node.nodes]
        return _joined("&" if isinstance(node, And) is is_wanted else "|", parts)
    facts = node.facts(readings)
    claims = facts.any_of if facts.exact else [_question(node, facts.any_of)]
    return _joined("|" if is_wanted else "&", [claim if is_wanted else f"-{claim}" for claim in claims])


def _joined(sign: str, parts: Sequence[Program]) -> Program:
    flat: list[Program] = []
    for part in parts:
        flat.extend(part[1:] if isinstance(part, list) and part[0] == sign else [part])
    return flat[0] if len(flat) == 1 else [sign, *flat]


def _question(term: Term, gate: Sequence[str]) -> str:
    return QUESTION + json.dumps([gate, pack_node(term)], separators=(",", ":"))


def term_asked(claim: str) -> Term:
    return unpack_term(json.loads(claim[1:])[1])


# --- rows -----------------------------------------------------------------------------------------------------------


class _Cover(NamedTuple):
    """Rows of which one at least is true whenever a program is; `exact` if at no other time."""

    rows: list[list[str]]
    exact: bool


def _cover(program: Program) -> _Cover | None:
    """The rows of a program; None if it may be true without any fact."""
    if isinstance(program, str):
        return _cover_of_claim(program)
    covers = [_cover(part) for part in program[1:]]
    if program[0] == "&":
        return _cover_of_all(program[1:], covers)
    if None in covers:
        return None
    every = [cover for cover in covers if cover]
    return _Cover([row for cover in every for row in cover.rows], all(cover.exact for cover in every))


def _cover_of_claim(claim: str) -> _Cover | None:
    if claim[0] == QUESTION:
        gate: list[str] = json.loads(claim[1:])[0]
        return _Cover([[fact] for fact in gate], exact=False)
    return None if claim[0] == "-" else _Cover([[claim]], exact=True)


def _cover_of_all(parts: Sequence[Program], covers: Sequence[_Cover | None]) -> _Cover | None:
    """The cover of one part with the claims among the others: one that says it all, else the rarest."""
    ranked: list[tuple[bool, float, _Cover]] = []
    for place, cover in enumerate(covers):
        if cover is not None:
            others = [*parts[:place], *parts[place + 1 :]]
            claims = [part for part in others if isinstance(part, str) and _is_certain(part)]
            rows = [list(dict.fromkeys([*row, *claims])) for row in cover.rows]
            exact = cover.exact and len(claims) == len(others) and max(map(len, rows)) <= MOST_CLAIMS
            common = sum(_frequency(row[0]) for row in cover.rows)
            ranked.append((not exact, common, _Cover(rows, exact)))
    return min(ranked, key=lambda cover: cover[:2])[2] if ranked else None


def _is_certain(claim: str) -> bool:
    return not claim.removeprefix("-").startswith(QUESTION)


def _rarest_first(row: Iterable[str]) -> list[str]:
    """The claims that most papers miss first, opposites last."""
    return sorted(row, key=lambda claim: (claim[0] == "-", _frequency(claim), claim))


def _frequency(claim: str) -> float:
    return kinds.KINDS.frequency(claim.removeprefix("-"))
