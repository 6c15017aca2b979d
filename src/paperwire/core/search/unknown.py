"""Categories and sources in a query that nothing here has, and the nearest that something has."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from paperwire.core.papers.categories import SPELLING, nearest_category
from paperwire.core.query.language import Query, parsed
from paperwire.core.query.nodes import And, Node, Or, joined, terms_of
from paperwire.core.query.terms.category import InCategory
from paperwire.core.query.terms.source import FromSource
from paperwire.core.query.terms.term import Value, plain_value
from paperwire.core.query.terms.venue import AtVenue, accepted_at
from paperwire.core.search.suggestion import Difference, Suggestion


@dataclass(frozen=True, slots=True)
class UnknownValue:
    """A term whose value no stored paper has and no setting names, with the nearest that exists, None for none."""

    term: Value
    nearest: Value | None

    @property
    def nearest_shown(self) -> str:
        """The value alone, or with its field where that is another; empty for none."""
        if self.nearest is None or self.nearest.field == self.term.field:
            return self.nearest.typed if self.nearest else ""
        return self.nearest.show("")


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
    """The value with the category or source whose name is most like it, or with the venue that has its name."""
    if isinstance(term, FromSource) and accepted_at(term.typed):
        return UnknownValue(term, AtVenue("venue", term.typed, quoted=" " in term.typed))
    if isinstance(term, InCategory):
        name = nearest_category(term.name)
    else:
        names = {plain_value(name): name for name in sources}
        name = next((names[similar] for similar in difflib.get_close_matches(term.name, names, n=1)), "")
    return UnknownValue(term, replace(term, typed=name, quoted=" " in name) if name else None)


def renamed(query: Query, unknown: Sequence[UnknownValue]) -> Iterator[Suggestion]:
    """The query with the nearest values instead, if there are any."""
    nearest: dict[Node, Node] = {each.term: each.nearest for each in unknown if each.nearest}
    other = parsed(str(Query("", _renamed(query.root, nearest), query.modifiers))) if nearest else None
    if other is not None and other != query:
        yield Suggestion(Difference.CORRECTED, other)


def _renamed(node: Node, nearest: dict[Node, Node]) -> Node:
    if isinstance(node, And | Or):
        return joined(type(node), [_renamed(each, nearest) for each in node.nodes])
    return nearest.get(node, node)
