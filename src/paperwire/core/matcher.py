"""The reverse index: which of all queries a paper matches, without trying each."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from paperwire.core.candidates import AllOf, AnyOf, Prefix, Token, Without, candidates, index_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from paperwire.core.candidates import Tree
    from paperwire.core.query import Query
    from paperwire.core.text import Doc

_SHORTEST = 4
"""A beginning (`*`) has three letters or more, and its token one more in front."""


class Matcher:
    """Queries by number, each under tokens of which any paper that it matches has at least one."""

    def __init__(self) -> None:
        """Begin with no queries."""
        self._queries: dict[int, tuple[Query, frozenset[str]]] = {}
        self._by_token: defaultdict[str, set[int]] = defaultdict(set)

    def __len__(self) -> int:
        """How many queries there are."""
        return len(self._queries)

    def add(self, number: int, query: Query) -> None:
        """Take in `query` under `number`, instead of the one that had it."""
        self.remove(number)
        anchors = _anchors(candidates(query).tree) or frozenset({""})
        self._queries[number] = query, anchors
        for anchor in anchors:
            self._by_token[anchor].add(number)

    def remove(self, number: int) -> None:
        """Forget the query `number`, if there is one."""
        _, anchors = self._queries.pop(number, (None, ()))
        for anchor in anchors:
            self._by_token[anchor].discard(number)
            if not self._by_token[anchor]:
                del self._by_token[anchor]

    def match(self, doc: Doc) -> list[int]:
        """The numbers of the queries that `doc` matches, ascending; upvotes are not looked at."""
        keys = {""}
        for token in set(index_text(doc.paper).split()):
            keys.add(token)
            keys.update(token[:end] + "*" for end in range(_SHORTEST, len(token) + 1))
        found: set[int] = set().union(*(self._by_token[key] for key in keys & self._by_token.keys()))
        return sorted(number for number in found if self._queries[number][0].matches(doc))

    def match_many(self, docs: Sequence[Doc]) -> list[list[int]]:
        """`match` for each of `docs`."""
        return [self.match(doc) for doc in docs]


def _anchors(tree: Tree) -> frozenset[str]:
    """Keys of which each paper that `tree` proposes has at least one; none if no such keys are known."""
    if isinstance(tree, Token):
        return frozenset({tree.text})
    if isinstance(tree, Prefix):
        return frozenset({tree.text + "*"} if len(tree.text) >= _SHORTEST else ())
    if isinstance(tree, Without):
        return _anchors(tree.keep)
    if isinstance(tree, AnyOf):
        parts = [_anchors(part) for part in tree.parts]
        return frozenset().union(*parts) if all(parts) else frozenset()
    if isinstance(tree, AllOf):
        known: Iterable[frozenset[str]] = [keys for part in tree.parts if (keys := _anchors(part))]
        return min(known, key=lambda keys: (len(keys), -min(map(len, keys))), default=frozenset())
    return frozenset()
