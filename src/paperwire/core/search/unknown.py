"""Categories and sources in a query that nothing here has, and the nearest that something has."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from paperwire.core.papers.categories import SPELLING, nearest_category
from paperwire.core.query.language import Query, parsed
from paperwire.core.query.nodes import And, Node, Not, Or, joined, terms_of
from paperwire.core.query.terms.category import InCategory
from paperwire.core.query.terms.source import FromSource
from paperwire.core.query.terms.term import Value, plain_value
from paperwire.core.search.suggestion import Difference, Suggestion


@dataclass(frozen=True, slots=True)
class UnknownValue:
    """A term whose value no stored paper has and no setting names, with the nearest that exists, empty for none."""

    term: Value
    nearest: str


def doubtful(query: Query, followed: Collection[str], sources: Collection[str]) -> tuple[Value, ...]:
    """The wanted categories that neither arXiv has nor the settings follow, and the sources that the settings lack."""
    terms = dict.fromkeys(term for term, is_wanted in terms_of(query.root) if is_wanted)
    categories = SPELLING.keys() | {name.casefold() for name in followed}
    names = {plain_value(name) for name in sources}
    return tuple(
        term
        for term in terms
        if (isinstance(term, InCategory) and term.name not in categories)
        or (isinstance(term, FromSource) and term.name not in names)
    )


def with_nearest(term: Value, sources: Sequence[str]) -> UnknownValue:
    """The value with the category or source whose name is most like it."""
    if isinstance(term, InCategory):
        return UnknownValue(term, nearest_category(term.name))
    names = {plain_value(name): name for name in sources}
    similar = difflib.get_close_matches(term.name, names, n=1)
    return UnknownValue(term, names[similar[0]] if similar else "")


def renamed(query: Query, unknown: Sequence[UnknownValue]) -> Iterator[Suggestion]:
    """The query with the nearest values instead, if there are any."""
    nearest: dict[Node, str] = {each.term: each.nearest for each in unknown if each.nearest}
    other = parsed(str(Query("", _renamed(query.root, nearest), query.modifiers))) if nearest else None
    if other is not None and other != query:
        yield Suggestion(Difference.CORRECTED, other)


def _renamed(node: Node, nearest: dict[Node, str]) -> Node:
    if isinstance(node, And | Or):
        return joined(type(node), [_renamed(each, nearest) for each in node.nodes])
    if isinstance(node, Not) or node not in nearest or not isinstance(node, Value):
        return node
    return replace(node, typed=nearest[node], quoted=" " in nearest[node])
