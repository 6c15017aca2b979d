"""What to ask a word index for the papers of a query."""

from __future__ import annotations

from paperwire.core.index.tree import EVERYTHING, Ask, all_of, any_of, without
from paperwire.core.query.language import Query
from paperwire.core.query.nodes import And, Node, Not, Or


def ask(query: Query) -> Ask:
    """What to ask an index for a query, upvotes aside."""
    return _of(query.root)


def _of(node: Node) -> Ask:
    if isinstance(node, And):
        return _of_all(node)
    if isinstance(node, Or):
        parts = [_of(part) for part in node.nodes]
        return Ask(any_of(part.sure for part in parts), any_of(part.most for part in parts))
    if isinstance(node, Not):
        inner = _of(node.node)
        return Ask(without(EVERYTHING, inner.most), without(EVERYTHING, inner.sure))
    return node.ask()


def _of_all(node: And) -> Ask:
    asks = [_of(part) for part in node.nodes if not isinstance(part, Not)]
    unwanted = [_of(part.node) for part in node.nodes if isinstance(part, Not)]
    sure, most = all_of(part.sure for part in asks), all_of(part.most for part in asks)
    surely_not, perhaps_not = any_of(part.sure for part in unwanted), any_of(part.most for part in unwanted)
    return Ask(without(sure, perhaps_not), without(most, surely_not))
