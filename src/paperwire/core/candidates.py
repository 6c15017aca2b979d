"""Which papers a query can match, said in tokens that any full-text index keeps whole; never too few papers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from paperwire.core.nodes import And, Not, Or
from paperwire.core.terms import Author, Category, Id, Source, Words
from paperwire.core.text import Doc
from paperwire.core.words import Remembered, spans_of, spellings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from paperwire.core.nodes import Node
    from paperwire.core.paper import Paper
    from paperwire.core.query import Query
    from paperwire.core.terms import Term
    from paperwire.core.words import Span

LONGEST = 100
_MOST_SPLIT = 4
_MOST_READINGS = 8


@dataclass(frozen=True, slots=True)
class Token:
    """Papers whose index text has the token `text`."""

    text: str


@dataclass(frozen=True, slots=True)
class Prefix:
    """Papers whose index text has a token beginning with `text`."""

    text: str


@dataclass(frozen=True, slots=True)
class AllOf:
    """Papers that all `parts` propose; two or more."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Papers that any of `parts` proposes; two or more."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """Papers that `keep` proposes and `drop` does not."""

    keep: Tree
    drop: Tree


@dataclass(frozen=True, slots=True)
class Everything:
    """All papers: the index cannot tell."""


Tree = Token | Prefix | AllOf | AnyOf | Without | Everything
_EVERYTHING = Everything()


@dataclass(frozen=True, slots=True)
class Candidates:
    """The papers that `tree` proposes: all that a query matches, and with `exact` no others."""

    tree: Tree
    exact: bool


def index_text(paper: Paper) -> str:
    """What a full-text index holds of a paper: the tokens of `index_tokens`, parted by blanks.

    Made for FTS5's `unicode61` and PostgreSQL's `simple`, which leave such tokens as they are.
    """
    return " ".join(index_tokens(Doc.of(paper)))


def index_tokens(doc: Doc) -> list[str]:
    """The tokens of a paper, each of small letters and digits; the first letter says what it is.

    `w` a folded word of title or abstract, joined ones too (in order, as often as it stands there), `t` one of the
    title, `p` a word whose plural was folded, as it stands there, `a` a word of an author's name, `c` a class or an
    archive, `s` the source, `i` the id, `hcode` that there is code.
    """
    found = [*chain.from_iterable(map(_TOKENS.__getitem__, doc.title.chunks + doc.abstract.chunks))]
    found += sorted(token("t", word) for word in doc.title.words)
    found += sorted({token("a", word) for word in doc.author_words})
    found += sorted({token("c", name) for one in doc.classes for name in _upwards(one)})
    found += [token("s", doc.source), token("i", doc.id)]
    return found + ["hcode"] * doc.has_code


def _tokens(chunk: str) -> tuple[str, ...]:
    """The words of a text without blanks, folded and, where that differs, as they stand there."""
    found: list[str] = []
    for span in chain.from_iterable(spans_of(chunk)):
        found.append(token("w", span.folded))
        if span.plain != span.folded:
            found.append(token("p", span.plain))
    return tuple(found)


_TOKENS = Remembered(_tokens)


def _upwards(name: str) -> Iterator[str]:
    """A class and all above it: `cs.cv`, `cs`."""
    parts = name.split(".")
    return (".".join(parts[: count + 1]) for count in range(len(parts)))


@lru_cache(maxsize=60_000)
def token(kind: str, word: str) -> str:
    """A word as one token: what is no small letter or digit is spelled out, beginnings stay beginnings.

    Words are cut at LONGEST characters.
    """
    word = word[:LONGEST]
    if word.isascii() and word.isalnum() and "q" not in word:
        return kind + word
    return kind + "".join(map(_spelled, word))


def _spelled(char: str) -> str:
    if char == "q":
        return "qq"
    return char if char.isascii() and char.isalnum() else f"q{ord(char):x}z"


def candidates(query: Query) -> Candidates:
    """The papers that `query` can match, upvotes aside."""
    return _of(query.root)


def _of(node: Node) -> Candidates:
    if isinstance(node, Not):
        return Candidates(_EVERYTHING, exact=False)
    if isinstance(node, And):
        return _of_all(node)
    if isinstance(node, Or):
        parts = [_of(part) for part in node.nodes]
        return Candidates(_any(part.tree for part in parts), all(part.exact for part in parts))
    return _of_term(node)


def _of_term(term: Term) -> Candidates:
    if isinstance(term, Words):
        return _of_words(term)
    if isinstance(term, Author):
        return Candidates(_author(term), exact=False)
    if isinstance(term, Category | Source | Id):
        return Candidates(Token(token(term.field[0], term.name)), len(term.name) <= LONGEST)
    return Candidates(Token("hcode"), exact=True)


def _of_all(node: And) -> Candidates:
    wanted = [_of(part) for part in node.nodes if not isinstance(part, Not)]
    unwanted = [_of(part.node) for part in node.nodes if isinstance(part, Not)]
    tree = _all(part.tree for part in wanted)
    known = [part.tree for part in unwanted if part.exact]
    if known and tree != _EVERYTHING:
        tree = Without(tree, _any(known))
    exact = tree != _EVERYTHING and all(part.exact for part in (*wanted, *unwanted))
    return Candidates(tree, exact)


def _of_words(node: Words) -> Candidates:
    parts: list[Tree] = []
    start = 0
    while start < len(node.pieces):
        end = start + 1
        while node.pieces[end - 1].joint:
            end += 1
        parts.append(_chain(node, start, end))
        start = end
    exact = node.word is not None and node.field != "abs" and len(node.word) <= LONGEST
    return Candidates(_all(parts), exact)


def _chain(node: Words, start: int, end: int) -> Tree:
    """Words at joints: each way to join them, of long chains only how they begin."""
    if end - start > _MOST_SPLIT:
        return _any(_span(node, span) for span in node.spans[start])

    def ways(place: int) -> Iterator[list[Tree]]:
        if place == end:
            yield []
            return
        for span in node.spans[place]:
            for rest in ways(place + span.length):
                yield [_span(node, span), *rest]

    return _any(_all(way) for way in ways(start))


def _span(node: Words, span: Span) -> Tree:
    if span.star:
        plain = span.plain if not node.exact else spellings(span.exact)[0]
        return AnyOf((Prefix(token("w", plain)), Prefix(token("p", plain))))
    return Token(token("t" if node.field == "ti" else "w", span.folded))


def _author(node: Author) -> Tree:
    """One word is met in full; each of the others in full or by an initial."""
    if len(node.readings) > _MOST_READINGS:
        return _EVERYTHING
    return _any(
        _all([_any(map(_in_full, reading)), *(_any([_in_full(word), _initial(word)]) for word in reading)])
        for reading in node.readings
    )


def _in_full(word: Span) -> Tree:
    text = token("a", word.plain)
    return Prefix(text) if word.star else Token(text)


def _initial(word: Span) -> Tree:
    return Prefix(token("a", word.plain)) if len(word.plain) == 1 else Token(token("a", word.plain[0]))


def _all(parts: Iterable[Tree]) -> Tree:
    told = tuple(dict.fromkeys(part for part in parts if part != _EVERYTHING))
    if not told:
        return _EVERYTHING
    return told[0] if len(told) == 1 else AllOf(told)


def _any(parts: Iterable[Tree]) -> Tree:
    told = tuple(dict.fromkeys(parts))
    if _EVERYTHING in told:
        return _EVERYTHING
    return told[0] if len(told) == 1 else AnyOf(told)
