"""Abbreviations and what they stand for: queries that also find the papers which say the other of the two.

`abbreviations.tsv` is made by `.ci/abbreviations.py`, which says what is in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice

from paperwire.core.query.language import Query, parsed
from paperwire.core.query.nodes import And, Node, Not, Or, joined, terms_of
from paperwire.core.query.terms.record import RecordWords
from paperwire.core.query.terms.words import Words
from paperwire.core.search.suggestion import Difference, Suggestion
from paperwire.core.text.words import STAR, pieces

_LONGEST_FORM = 10  # words of the longest form in the table
_MOST_FORMS = 2


@dataclass(frozen=True, slots=True)
class OtherForm:
    """A query with the abbreviation of its words, or the words of its abbreviation, besides.

    `missed` asks for the papers that only the other form finds.
    """

    suggestion: Suggestion
    missed: Query


def other_forms(query: Query) -> list[OtherForm]:
    """The query with either form of each of the first two abbreviations in it, one at a time."""
    return [] if query.like is not None else list(islice(_other_forms(query), _MOST_FORMS))


def _other_forms(query: Query) -> Iterator[OtherForm]:
    root = query.root
    parts = list(root.nodes) if isinstance(root, And | Or) and not root.field else [root]
    has = {_folded(term.typed) for term, _ in terms_of(root) if isinstance(term, Words)}
    begin = 0
    while begin < len(parts):
        end = next((end for end in _ends(parts, begin, root) if _key(parts[begin:end]) in _table()), begin)
        if end > begin:
            form = _table()[_key(parts[begin:end])]
            if _folded(form) not in has and (made := _with_form(query, parts, begin, end, form)) is not None:
                yield made
        begin = max(end, begin + 1)


def _ends(parts: Sequence[Node], begin: int, root: Node) -> Iterator[int]:
    """Where a form that begins here may end, the longest first; of several words only where all must match."""
    longest = begin
    while longest < min(len(parts), begin + _LONGEST_FORM) and _is_loose(parts[longest], parts[begin]):
        longest += 1
    if not isinstance(root, Or):
        yield from range(longest, begin + 1, -1)
    if _words(parts[begin]) is not None:
        yield begin + 1


def _words(part: Node) -> Words | None:
    """The part if it is words of title or abstract in any spelling, whole ones."""
    if not isinstance(part, Words) or isinstance(part, RecordWords):
        return None
    return None if part.exact or STAR in part.typed else part


def _is_loose(part: Node, first: Node) -> bool:
    """Whether a part is a word without quotes, in the field of the first."""
    words, first_words = _words(part), _words(first)
    return words is not None and first_words is not None and not words.quoted and words.field == first_words.field


def _key(parts: Sequence[Node]) -> str:
    return _folded(" ".join(part.typed for part in parts if isinstance(part, Words)))


def _with_form(query: Query, parts: Sequence[Node], begin: int, end: int, form: str) -> OtherForm | None:
    first = _words(parts[begin])
    other = Words(first.field if first else "", form, quoted=" " in form)
    typed = joined(And, list(parts[begin:end]))
    around = [*parts[:begin], *parts[end:]]
    if isinstance(query.root, Or):
        either: Node = Or((*query.root.nodes, other))
        missed = joined(And, [other, Not(query.root)])
    else:
        either = joined(And, [*parts[:begin], Or((typed, other)), *parts[end:]])
        missed = joined(And, [*around, other, Not(typed)])
    whole, only = (parsed(str(Query("", root, query.modifiers))) for root in (either, missed))
    if whole is None or only is None:
        return None
    return OtherForm(Suggestion(Difference.OTHER_FORM, whole, form), only)


def _folded(text: str) -> str:
    return " ".join(piece.folded for piece in pieces(text))


@cache
def _table() -> dict[str, str]:
    """The other form of each abbreviation and of each long form, by its folded words."""
    lines = files("paperwire.core.search").joinpath("abbreviations.tsv").read_text("utf-8").splitlines()[1:]
    pairs = [line.split("\t")[:2] for line in lines]
    return {_folded(typed): form for short, words in pairs for typed, form in ((short, words), (words, short))}
