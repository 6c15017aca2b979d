"""The query language: from what a person typed to what says of a paper whether it matches."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from paperwire.core.meaning.aim import Aim, Scored
from paperwire.core.meaning.vectors import Packed
from paperwire.core.papers.paper import Paper
from paperwire.core.query.nodes import And, Node, Or, pack_node, rejects_empty, terms_of, unpack_node, unpack_term
from paperwire.core.query.parser import Parser
from paperwire.core.query.plan import Plan, costly_terms, plan_of
from paperwire.core.query.prepared import Doc
from paperwire.core.query.scanner import Scanner
from paperwire.core.query.terms.category import InCategory
from paperwire.core.query.terms.like import Like
from paperwire.core.query.terms.on_list import OnList
from paperwire.core.query.terms.rate import Rate
from paperwire.core.query.terms.term import Term
from paperwire.core.query.terms.unlike import Unlike
from paperwire.core.query.terms.upvotes import Upvotes
from paperwire.core.query.typed import typed
from paperwire.errors import Mistake, QueryError

MAX_CHARACTERS = 2000
_MAX_CHAINS = 8
_KEY_LENGTH = 32
_BREAK = b"\n"  # neither plans nor JSON have one of their own


class TermResult(NamedTuple):
    """One term of a query as typed, whether a paper must have it (or must not), and whether it has it."""

    text: str
    is_wanted: bool
    holds: bool


class Query:
    """A query that was understood; immutable, equal to every other one of the same normal form.

    `str()` is a tidy form of what was typed, which parses to an equal query.
    """

    _dumped = b""

    def __init__(self, text: str, root: Node, modifiers: tuple[Term, ...]) -> None:
        """Keep the parts; `parse` makes queries."""
        self._parts = text, root, modifiers

    @cached_property
    def _parts(self) -> tuple[str, Node, tuple[Term, ...]]:
        """Text, root and modifiers; those of a loaded query are unpacked at the first use."""
        text, modifiers, packed = json.loads(self._dumped[_KEY_LENGTH:].rpartition(_BREAK)[2])
        if not isinstance(modifiers, list):  # stored when upvotes were the only modifier
            modifiers = [] if modifiers is None else [[Upvotes.stored_name(), Upvotes.counted, str(modifiers)]]
        return text, unpack_node(packed), tuple(map(unpack_term, modifiers))

    @property
    def text(self) -> str:
        return self._parts[0]

    @property
    def root(self) -> Node:
        return self._parts[1]

    @property
    def modifiers(self) -> tuple[Term, ...]:
        """The terms that modify the whole query, such as `upvotes>=N`, in the order typed."""
        return self._parts[2]

    @property
    def upvotes(self) -> int | None:
        """The threshold of a trending query (`upvotes>=50`), None for any other."""
        return next((term.least for term in self.modifiers if isinstance(term, Upvotes)), None)

    @property
    def list(self) -> str:
        """The list that a query follows, `here` or `public`; empty for any other."""
        return self.root.name if isinstance(self.root, OnList) else ""

    @property
    def like(self) -> Like | None:
        """What papers must be near to in meaning, None for a query by words alone."""
        return next((term for term in self.modifiers if isinstance(term, Like)), None)

    @property
    def unlike(self) -> Unlike | None:
        """What papers that are near must not be like, None if that was not typed."""
        return next((term for term in self.modifiers if isinstance(term, Unlike)), None)

    @property
    def ids_of_like(self) -> tuple[str, ...]:
        """The ids of the papers that `like:` and `-like:` name, which match no such query themselves."""
        return tuple(chain(*(term.ids for term in (self.like, self.unlike) if term is not None)))

    @property
    def rate(self) -> Rate | None:
        """How many papers are wished for of those that are near, None if that was not typed."""
        return next((term for term in self.modifiers if isinstance(term, Rate)), None)

    def of(self, person: int) -> Query:
        """The same query of a person, whose saved papers `like:saved` then means."""
        return self._with_like(lambda like: like.of(person))

    def aimed(self, aim: Aim | None) -> Query:
        """The same query, to be evaluated with what its `like:` means."""
        return self._with_like(lambda like: replace(like, aim=aim))

    def _with_like(self, change: Callable[[Like], Like]) -> Query:
        modifiers = tuple(change(term) if isinstance(term, Like) else term for term in self.modifiers)
        return Query(self.text, self.root, modifiers)

    def column_of(self, kind: type[Term]) -> int:
        """The column (from 1) at which a modifier was typed; raises KeyError without one."""
        scanner, _ = _scanned(self.text)
        return scanner.query.column(scanner.modifiers[kind].place)

    @property
    def plan(self) -> Plan:
        """The query's plan for the matcher; a stored one serves unless plans have changed since."""
        if self._dumped:
            plan = Plan.read(self._dumped[_KEY_LENGTH : self._dumped.index(_BREAK)].decode())
            if plan is not None:
                return plan
        return plan_of(self.root)

    @cached_property
    def normal(self) -> str:
        """Normal form: equal for queries that differ only in spelling, order, repeats and nesting."""
        return " ".join([self.root.normal(), *sorted(term.normal() for term in self.modifiers)])

    @cached_property
    def key(self) -> str:
        """The hash under which the query is stored once for all: 32 hexadecimal digits."""
        if self._dumped:
            return self._dumped[:_KEY_LENGTH].decode()
        return hashlib.sha256(self.normal.encode("utf-8", "surrogatepass")).hexdigest()[:_KEY_LENGTH]

    def matches(self, doc: Doc) -> bool:
        """Whether the paper matches, upvotes and nearness aside."""
        return self.root.holds(doc)

    def is_enough(self, doc: Doc) -> bool:
        """Whether the modifiers hold for the paper: upvotes, nearness; the matcher leaves them to others."""
        return all(term.holds(doc) for term in self.modifiers)

    def explain(self, doc: Doc) -> tuple[TermResult, ...]:
        """Each term in the order typed, and whether the paper has it."""
        return tuple(TermResult(term.show(""), is_wanted, term.holds(doc)) for term, is_wanted in terms_of(self.root))

    def matched_terms(self, doc: Doc) -> tuple[str, ...]:
        """The wanted terms that the paper has, each once, in the order typed."""
        had = (term for term, is_wanted in terms_of(self.root) if is_wanted and term.holds(doc))
        return tuple(dict.fromkeys(term.show("") for term in had))

    def categories(self) -> tuple[str, ...]:
        """The categories that papers may or must be in, as typed, each once."""
        categories = (
            term.typed for term, is_wanted in terms_of(self.root) if is_wanted and isinstance(term, InCategory)
        )
        return tuple(dict.fromkeys(categories))

    def bounds(self) -> tuple[str, ...]:
        """The categories one of which each matching paper is in, as typed; empty if it may be in any."""
        return tuple(dict.fromkeys(_bounds(self.root)))

    def dump(self) -> bytes:
        """The query for storing: its key, its plan, and all of it; `load` reads it without parsing."""
        text, root, modifiers = self._parts
        whole = json.dumps([text, list(map(pack_node, modifiers)), pack_node(root)], separators=(",", ":"))
        return self.key.encode() + self.plan.written().encode() + _BREAK + whole.encode()

    @classmethod
    def load(cls, dumped: bytes) -> Query:
        """The query that `dump` wrote; costs next to nothing until it is used."""
        query = cls.__new__(cls)
        query._dumped = dumped  # noqa: SLF001 -- this is a constructor
        return query

    def __str__(self) -> str:
        text = self.root.show("")
        if self.modifiers:
            text = f"({text})" if isinstance(self.root, Or) and not self.root.field else text
            text = " ".join(filter(None, [text, *(term.show("") for term in self.modifiers)]))
        return text if len(text) <= MAX_CHARACTERS else self.text

    def __repr__(self) -> str:
        return f"parse({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Query) and self.normal == other.normal

    def __hash__(self) -> int:
        return hash(self.normal)


def _bounds(node: Node) -> tuple[str, ...]:
    """The same of a node; of conditions that all hold, the first that bounds anything."""
    if isinstance(node, InCategory):
        return (node.typed,)
    if isinstance(node, And):
        return next((bounds for part in node.nodes if (bounds := _bounds(part))), ())
    if isinstance(node, Or) and all(each := [_bounds(part) for part in node.nodes]):
        return tuple(chain.from_iterable(each))
    return ()


def parse(text: str) -> Query:
    """The query that `text` is.

    Raises:
        QueryError: it cannot be read; the error has the kind of mistake and its column (from 1).
    """
    scanner, root = _scanned(text)
    first = len(scanner.text) - len(scanner.text.lstrip())
    is_enough = _refuse_modifiers(scanner, root)
    is_alone = isinstance(root, Term) and not scanner.modifiers
    if not is_alone and (mixed := next((term.mixed for term, _ in terms_of(root) if term.mixed), None)):
        scanner.fail(first, mixed)
    if not (is_enough or rejects_empty(root)):
        scanner.fail(first, Mistake.ONLY_EXCLUDES)
    if costly_terms(root) > _MAX_CHAINS:
        scanner.fail(first, Mistake.TOO_MANY_CHAINS, limit=_MAX_CHAINS)
    return Query(text, root, tuple(term for term, _ in scanner.modifiers.values()))


def parsed(text: str) -> Query | None:
    """The query that `text` is, None if it cannot be read."""
    try:
        return parse(text)
    except QueryError:
        return None


def _scanned(text: str) -> tuple[Scanner, Node]:
    """The root of what was typed, and the scanner past its end."""
    if len(text) > MAX_CHARACTERS:
        raise QueryError(Mistake.TOO_LONG, MAX_CHARACTERS + 1, limit=MAX_CHARACTERS)
    scanner = Scanner(typed(text, MAX_CHARACTERS))
    if len(scanner.text) > MAX_CHARACTERS:
        scanner.fail(MAX_CHARACTERS, Mistake.TOO_LONG, limit=MAX_CHARACTERS)
    return scanner, Parser(scanner).parse()


def _refuse_modifiers(scanner: Scanner, root: Node) -> bool:
    """Refuse modifiers that this root may not have; whether one of them needs no other term."""
    placed = [(rules, place) for kind, (_, place) in scanner.modifiers.items() if (rules := kind.modifier)]
    is_enough = any(rules.alone is None for rules, _ in placed)
    for rules, place in placed:
        other = rules.only_with
        is_alone = other not in scanner.modifiers if other else root == And(()) and not is_enough
        if scanner.any_or:
            scanner.fail(place, rules.misplaced)
        if rules.alone is not None and is_alone:
            scanner.fail(place, rules.alone)
    return is_enough


@dataclass(frozen=True, slots=True)
class Check:
    """Whether a query matches a paper, term by term; `threshold` is the number of upvotes it asks for, if any.

    `nearness` is how near the paper is to what `like:` asks for, None without one.
    """

    matches: bool
    terms: tuple[TermResult, ...]
    upvotes: int
    threshold: int | None
    nearness: Scored | None = None

    @property
    def has_upvotes(self) -> bool:
        return self.threshold is None or self.upvotes >= self.threshold


def check(query: Query, paper: Paper, vector: Packed | None = None, nearness: Scored | None = None) -> Check:
    """Try a query on one paper, which has this vector if that is known."""
    doc = Doc.of(paper, vector)
    matches = query.matches(doc) and query.is_enough(doc)
    return Check(matches, query.explain(doc), paper.upvotes or 0, query.upvotes, nearness)
