"""What a query asks for, in one sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from paperwire.core.query.language import Query
from paperwire.core.query.nodes import And, Node, Not, Or
from paperwire.core.query.terms.term import Term
from paperwire.core.text.clean import clean, cut
from paperwire.texts import Texts, gettext_noop

_LONGEST = 400
_LONGEST_VALUE = 100
# Translators: %(papers)s says which papers a query excludes, one of several parts: "with “lora” in the title".
_NOT = gettext_noop("not (%(papers)s)")


def in_words(query: Query, texts: Texts) -> str:
    """`Papers with “lora” or “qlora” in title or abstract, in cs.CL (Computation and Language), by Yann LeCun.`."""
    parts = [*_parts(query.root, texts), *(_described([term], texts) for term in query.modifiers)]
    # Translators: %(papers)s says which, such as: with “lora” in the title, by Yann LeCun
    return texts.gettext("Papers %(papers)s.", papers=cut(texts.listed(parts), _LONGEST))


def _parts(node: Node, texts: Texts) -> Iterator[str]:
    """What all has to hold of papers, what mustn't last; words of one field that stand side by side are one part."""
    if not isinstance(node, And):
        yield _part(node, texts)
        return
    in_order = sorted(node.nodes, key=lambda each: isinstance(each, Not))
    for kind, nodes in groupby(in_order, _kind):
        if kind:
            yield _described([each for each in nodes if isinstance(each, Term)], texts)
        else:
            yield from (_bracketed(each, texts) for each in nodes)


def _part(node: Node, texts: Texts) -> str:
    if isinstance(node, Term):
        return _described([node], texts)
    if isinstance(node, And):
        return texts.listed(_parts(node, texts))
    if isinstance(node, Or):
        same = _of_one_kind(node.nodes)
        if same:
            return _described(same, texts, is_any=True)
        return texts.either([_bracketed(each, texts) for each in node.nodes])
    same = _of_one_kind(node.node.nodes if isinstance(node.node, Or) else [node.node])
    if same and len(same[0].described.get(same[0].field, ())) > 1:
        return _described(same, texts, is_wanted=False)
    return texts.gettext(_NOT, papers=_part(node.node, texts))


def _bracketed(node: Node, texts: Texts) -> str:
    is_group = isinstance(node, And) or (isinstance(node, Or) and not _of_one_kind(node.nodes))
    part = _part(node, texts)
    # Translators: parts that belong together, in the language's brackets: (with “lora” in the title, by Yann LeCun)
    return texts.pgettext("group of conditions", "(%(papers)s)", papers=part) if is_group else part


def _of_one_kind(nodes: Sequence[Node]) -> list[Term]:
    """The terms that these are, if all are of one kind and field; else none."""
    terms = [each for each in nodes if isinstance(each, Term)]
    return terms if len(terms) == len(nodes) and len(set(map(_kind, terms))) == 1 else []


def _kind(node: Node) -> tuple[type[Term], str] | None:
    """What terms have in common whose values go together; None for what is joined or negated."""
    return (type(node), node.field) if isinstance(node, Term) else None


def _described(terms: Sequence[Term], texts: Texts, *, is_wanted: bool = True, is_any: bool = False) -> str:
    """What papers are that have all of these terms, any, or none; of a kind without such a sentence as typed."""
    first = terms[0]
    values = list(dict.fromkeys(clean(term.value(texts), _LONGEST_VALUE) for term in terms))
    value = texts.join(values) if is_wanted and not is_any else texts.either(values)
    messages = first.described.get(first.field)
    if messages is None:
        return texts.either([term.show("") for term in terms]) if is_any else texts.listed(t.show("") for t in terms)
    return texts.gettext(messages[not is_wanted], value=value)
