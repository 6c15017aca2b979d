"""How the terms of a query are joined: NOT, AND and OR over terms, in frozen nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from paperwire.core.query.prepared import Doc
from paperwire.core.query.terms import kinds
from paperwire.core.query.terms.term import Term


@dataclass(frozen=True, slots=True)
class Not:
    """Papers that `node` does not match."""

    node: Node

    def show(self, within: str) -> str:
        """`-x`, in brackets where they are needed."""
        return f"-{_bracketed(self.node, within)}"

    def holds(self, doc: Doc) -> bool:
        return not self.node.holds(doc)

    def normal(self) -> str:
        return f"-{self.node.normal()}"


@dataclass(frozen=True, slots=True)
class And:
    """Papers that all `nodes` match, without any every paper; `field` if it was typed as a group of that field."""

    nodes: tuple[Node, ...]
    field: str = ""

    def show(self, within: str) -> str:
        inside = self.field or within
        parts = (_bracketed(node, inside) if isinstance(node, Or) else node.show(inside) for node in self.nodes)
        return _grouped(" ".join(parts), self.field, within)

    def holds(self, doc: Doc) -> bool:
        return all(node.holds(doc) for node in self.nodes)

    def normal(self) -> str:
        return _normal(self, "&")


@dataclass(frozen=True, slots=True)
class Or:
    """Papers that any of `nodes` matches; `field` if it was typed as a group of that field."""

    nodes: tuple[Node, ...]
    field: str = ""

    def show(self, within: str) -> str:
        inside = self.field or within
        return _grouped(" OR ".join(node.show(inside) for node in self.nodes), self.field, within)

    def holds(self, doc: Doc) -> bool:
        return any(node.holds(doc) for node in self.nodes)

    def normal(self) -> str:
        return _normal(self, "|")


Node = Term | Not | And | Or


def _grouped(text: str, field: str, within: str) -> str:
    return f"{field}:({text})" if field and field != within else text


def _bracketed(node: Node, within: str) -> str:
    """A node in brackets unless it is one term or brings brackets of its own."""
    text = node.show(within)
    own = node.field not in {"", within} if isinstance(node, And | Or) else True
    return text if own else f"({text})"


def _normal(group: And | Or, sign: str) -> str:
    parts = {node.normal() for node in _flat(group, type(group))}
    return parts.pop() if len(parts) == 1 else f"({sign.join(sorted(parts))})"


def _flat(group: And | Or, kind: type[And | Or]) -> Iterator[Node]:
    for node in group.nodes:
        if isinstance(node, kind):
            yield from _flat(node, kind)
        else:
            yield node


def joined(kind: type[And | Or], nodes: list[Node]) -> Node:
    """`nodes` joined by `kind`: a single one is itself, groups of the same kind and no field of their own open up."""
    if len(nodes) == 1:
        return nodes[0]
    parts: list[Node] = []
    for node in nodes:
        parts.extend(node.nodes if isinstance(node, kind) and not node.field else (node,))
    return kind(tuple(parts))


def negated(node: Node) -> Node:
    """NOT `node`; two of them vanish."""
    return node.node if isinstance(node, Not) else Not(node)


def in_field(node: Node, field: str) -> Node:
    """A group as typed after `field:` (its terms know their field already)."""
    return type(node)(node.nodes, field) if isinstance(node, And | Or) and field else node


def rejects_empty(node: Node) -> bool:
    """Whether a paper with none of the terms of `node` is refused by it."""
    if isinstance(node, Not):
        return not rejects_empty(node.node)
    if isinstance(node, And):
        return any(map(rejects_empty, node.nodes))
    return all(map(rejects_empty, node.nodes)) if isinstance(node, Or) else True


def terms_of(node: Node, *, is_wanted: bool = True) -> Iterator[tuple[Term, bool]]:
    """Every term in the order typed, with whether a paper must have it (False: must not)."""
    if isinstance(node, Not):
        yield from terms_of(node.node, is_wanted=not is_wanted)
    elif isinstance(node, And | Or):
        for part in node.nodes:
            yield from terms_of(part, is_wanted=is_wanted)
    else:
        yield node, is_wanted


PackedNode = list[Any]
"""A node as lists, strings and booleans."""


def pack_node(node: Node) -> PackedNode:
    if isinstance(node, Not):
        return ["-", pack_node(node.node)]
    if isinstance(node, And | Or):
        return ["&" if isinstance(node, And) else "|", node.field, *map(pack_node, node.nodes)]
    return [node.stored_name(), *node.parts()]


def unpack_node(packed: PackedNode) -> Node:
    name: str = packed[0]
    if name == "-":
        return Not(unpack_node(packed[1]))
    if name in {"&", "|"}:
        kind = And if name == "&" else Or
        return kind(tuple(map(unpack_node, packed[2:])), packed[1])
    return unpack_term(packed)


def unpack_term(packed: PackedNode) -> Term:
    name, *values = packed
    return kinds.KINDS.by_name[name](*values)
