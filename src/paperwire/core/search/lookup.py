"""Full text: what to ask an index of papers (core/search/indexed.py) for those of a query."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, pairwise, starmap
from typing import TYPE_CHECKING, Literal, TypeAlias

from paperwire.core.query.nodes import And, Not, Or
from paperwire.core.query.terms import Author, Category, HasCode, Id, Source, Words
from paperwire.core.search.indexed import LONG_NAME, LONGEST, LONGEST_NAME, exact_token, name_token, token

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from paperwire.core.query.authors import Reading
    from paperwire.core.query.language import Query
    from paperwire.core.query.nodes import Node
    from paperwire.core.query.terms import Term
    from paperwire.core.text.words import Span

Column: TypeAlias = Literal["", "title", "abstract", "rest"]
"""A column of the index; empty for title or abstract."""

_MOST_WAYS = 16
_MOST_NAMES = 8  # so many ways to read a name at most; three joints have as many
_LONGEST_PHRASE = 16  # so many words alone leave few papers, and an index reads each word's places


# --- what to ask -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Has:
    """Papers with the token `text`, or with `star` one that begins so, in `column`."""

    text: str
    column: Column = ""
    star: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Papers with these two or more tokens in sequence in `column`; with `star` the last one begins so."""

    texts: tuple[str, ...]
    column: Column = ""
    star: bool = False


@dataclass(frozen=True, slots=True)
class AllOf:
    """Papers of all `parts`; two or more."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Papers of any of `parts`; two or more."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """Papers of `keep` that are not of `drop`; `keep` is everything at most at the top."""

    keep: Tree
    drop: Tree


@dataclass(frozen=True, slots=True)
class Everything:
    """All papers."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """No paper."""


Tree: TypeAlias = Has | Phrase | AllOf | AnyOf | Without | Everything | Nothing
EVERYTHING, NOTHING = Everything(), Nothing()


@dataclass(frozen=True, slots=True)
class Ask:
    """What to ask an index for a query: it matches all papers of `sure`, and none but those of `most`."""

    sure: Tree
    most: Tree

    @property
    def exact(self) -> bool:
        """Whether the index alone knows the answer."""
        return self.sure == self.most


def ask(query: Query) -> Ask:
    """What to ask an index for a query, upvotes aside."""
    return _of(query.root)


def _of(node: Node) -> Ask:
    if isinstance(node, And):
        return _of_all(node)
    if isinstance(node, Or):
        parts = [_of(part) for part in node.nodes]
        return Ask(_any(part.sure for part in parts), _any(part.most for part in parts))
    if isinstance(node, Not):
        inner = _of(node.node)
        return Ask(without(EVERYTHING, inner.most), without(EVERYTHING, inner.sure))
    return _of_term(node)


def _of_all(node: And) -> Ask:
    wanted = [_of(part) for part in node.nodes if not isinstance(part, Not)]
    unwanted = [_of(part.node) for part in node.nodes if isinstance(part, Not)]
    sure, most = _all(part.sure for part in wanted), _all(part.most for part in wanted)
    return Ask(without(sure, _any(part.most for part in unwanted)), without(most, _any(part.sure for part in unwanted)))


def _of_term(term: Term) -> Ask:
    if isinstance(term, Words):
        return _of_words(term)
    if isinstance(term, Author):
        return _of_author(term)
    if isinstance(term, Category | Source | Id):
        return _told(Has(token(term.field[0], term.name), "rest"), known=len(term.name) <= LONGEST)
    assert isinstance(term, HasCode)  # noqa: S101 -- there is no other kind
    return _told(Has("hcode", "rest"), known=True)


def _told(tree: Tree, *, known: bool) -> Ask:
    return Ask(tree if known else NOTHING, tree)


# --- words -------------------------------------------------------------------------------------------------------


def _of_words(term: Words) -> Ask:
    """Each way to read the words at joints is a sequence of its own."""
    column = _COLUMNS[term.field]
    ways = _ways(term)
    asked = [_of_way(way, column, exact=term.exact) for way in ways[:_MOST_WAYS]]
    sure, most = _any(one.sure for one in asked), _any(one.most for one in asked)
    if len(ways) > _MOST_WAYS:
        most = _all(_loosely(span, column, exact=term.exact) for span in _certain(term))
    return Ask(sure, most)


_COLUMNS: dict[str, Column] = {"": "", "ti": "title", "abs": "abstract"}


def _ways(term: Words) -> list[tuple[Span, ...]]:
    """The ways to read the words, one too many at most."""
    done: list[tuple[Span, ...]] = []
    open_: list[tuple[tuple[Span, ...], int]] = [((), 0)]
    while open_ and len(done) <= _MOST_WAYS:
        way, place = open_.pop()
        if place == len(term.spans):
            done.append(way)
        else:
            open_ += [((*way, span), place + span.length) for span in reversed(term.spans[place])]
    return done


def _certain(term: Words) -> Iterator[Span]:
    """The words that stand at no joint."""
    before = False
    for here, piece in zip(term.spans, term.pieces, strict=True):
        if not (before or piece.joint):
            yield here[0]
        before = piece.joint


def _of_way(way: tuple[Span, ...], column: Column, *, exact: bool) -> Ask:
    if len(way) == 1:
        return _of_word(way[0], column, exact=exact)
    spelled = all(len(span.folded) <= LONGEST >= len(span.exact) for span in way)
    if not spelled or any(span.star for span in way[:-1]) or len(way) > _LONGEST_PHRASE:
        return Ask(NOTHING, _all(_loosely(span, column, exact=exact) for span in way))
    return _of_beginning(way, column, exact=exact) if way[-1].star else _of_sequence(way, column, exact=exact)


def _of_sequence(way: tuple[Span, ...], column: Column, *, exact: bool) -> Ask:
    """Whole words: beside each other in the text, or some joined; of two the index knows all, of more each pair.

    Of exact words it knows which stand beside each other, and of joined ones how they are folded.
    """
    phrase = _phrase(way, column, exact=exact)
    pairs = list(pairwise(span.folded for span in way))
    joined = _any(chain.from_iterable(_one_joined(*pair, column) for pair in pairs))
    if len(way) == 2 and not exact:
        return _told(_any([phrase, joined]), known=True)
    near = [
        _any([Phrase((token("w", one), token("w", other)), column), *_one_joined(one, other, column)])
        for one, other in pairs
    ]
    spelled = [_loosely(span, column, exact=True) for span in way] if exact else []
    return Ask(phrase, _any([phrase, _all([*spelled, joined, *near])]))


def _phrase(way: tuple[Span, ...], column: Column, *, exact: bool) -> Phrase:
    *whole, last = way
    if exact:
        words = [exact_token(span.exact) for span in way]
    else:
        words = [*(token("w", span.folded) for span in whole), token("w", last.plain if last.star else last.folded)]
    return Phrase(tuple(words), column, star=last.star)


def _one_joined(one: str, other: str, column: Column) -> tuple[Phrase, Phrase]:
    """Papers with these neighbours of which one is joined, or both."""
    return (
        Phrase((token("y", one), token("j", other)), column),
        Phrase((token("j", one), token("y", other)), column),
    )


def _of_beginning(way: tuple[Span, ...], column: Column, *, exact: bool) -> Ask:
    """A sequence whose last word is a beginning."""
    *words, last = way
    phrase = _phrase(way, column, exact=exact)
    # One of the words may be joined in the text, or the beginning reach into the plural: only then the phrase misses.
    odd: list[Tree] = [Has(token("j", span.folded), column) for span in words]
    odd += [Has(token(kind, last.plain), column, star=True) for kind in "jp"]
    sure = phrase if exact else without(phrase, Has(token("n", last.plain), column, star=True))
    return Ask(sure, _any([phrase, _all([*(_loosely(span, column, exact=exact) for span in way), _any(odd)])]))


def _of_word(span: Span, column: Column, *, exact: bool) -> Ask:
    most = _loosely(span, column, exact=exact)
    if exact or not span.star:
        return _told(most, known=len(span.exact if exact else span.folded) <= LONGEST)
    # A folded word may begin so although the word as it stands does not: category*, categories.
    doubtful = Has(token("n", span.plain), column, star=True)
    as_it_stands = Has(token("p", span.plain), column, star=True)
    sure = _any([as_it_stands, without(Has(token("w", span.plain), column, star=True), doubtful)])
    return Ask(sure if len(span.plain) <= LONGEST else NOTHING, most)


def _loosely(span: Span, column: Column, *, exact: bool) -> Tree:
    """Papers with the word somewhere, and perhaps some more."""
    if exact:
        return Has(exact_token(span.exact), column, span.star)
    if not span.star:
        return Has(token("w", span.folded), column)
    return AnyOf(tuple(Has(token(kind, span.plain), column, star=True) for kind in "wp"))


# --- authors -----------------------------------------------------------------------------------------------------


def _of_author(term: Author) -> Ask:
    """Any way to read the words; of very many ways only that a word of them is met."""
    if len(term.readings) > _MOST_NAMES:
        return Ask(NOTHING, _any(_in_full(word) for way in term.readings for word in way))
    asked = [_of_name(way) for way in term.readings]
    return Ask(_any(one.sure for one in asked), _any(one.most for one in asked))


def _of_name(way: Reading) -> Ask:
    """Words that one author has.

    A single word is met in full. Of more, either all are; or the last word of the name is, and the others in full or by
    an initial. Of two words the index knows all; very long names it does not tell apart.
    """
    known = all(len(word.plain) < LONGEST // 2 for word in way)
    if len(way) == 1:
        return _told(_in_full(way[0]), known=known)
    long = _all([Has(LONG_NAME, "rest"), _any(map(_in_full, way))])
    if len(way) > LONGEST_NAME:
        return Ask(NOTHING, long)
    in_full = _all(starmap(_both, pairwise(way)))
    others = [(last, [*way[:place], *way[place + 1 :]]) for place, last in enumerate(way)]
    if len(way) == 2:
        by_initial = _any(_by_initial("gk", word, last) for last, (word,) in others)
        sure = by_initial if way[0].star or way[1].star else _any([in_full, by_initial])
        return Ask(sure if known else NOTHING, _any([in_full, by_initial, long]))
    met = (
        _all(_any([_both(word, last), _by_initial("gk", word, last), _by_initial("mm", word, last)]) for word in rest)
        for last, rest in others
    )
    return Ask(NOTHING, _any([in_full, *met, long]))


def _in_full(word: Span) -> Tree:
    return Has(token("a", word.plain), "rest", word.star)


def _both(one: Span, other: Span) -> Tree:
    """Papers with an author of both words, if neither is a beginning."""
    if one.star or other.star:
        return _all([_in_full(one), _in_full(other)])
    return Has(name_token("b", *sorted([one.plain, other.plain])), "rest")


def _by_initial(kinds: str, word: Span, last: Span) -> Tree:
    """Papers with an author of this last word, one of whose other words is met by this one's letter.

    Of the two kinds of token the first is for a word that is a single letter, the second for any other.
    """
    return Has(name_token(kinds[len(word.plain) > 1], word.plain[0], last.plain), "rest", last.star)


# --- trees in their simplest form ----------------------------------------------------------------------------------
# "All papers but those of d" stands alone or not at all: an index must be asked for something that papers have.


def without(keep: Tree, drop: Tree) -> Tree:
    """Papers of `keep` that are not of `drop`."""
    if NOTHING in {keep, drop}:
        return keep
    if isinstance(keep, AnyOf):
        gone = drop.parts if isinstance(drop, AnyOf) else (drop,)
        left = tuple(part for part in keep.parts if part not in gone)
        if len(left) < len(keep.parts):
            return without(_any(left), drop)
    if drop == keep:
        return NOTHING
    if _is_rest(drop):
        return _all([keep, _left_out(drop)])
    if _is_rest(keep):
        return Without(EVERYTHING, _any([_left_out(keep), drop]))
    return Without(keep, drop)


def _all(parts: Iterable[Tree]) -> Tree:
    told = _distinct(parts, EVERYTHING, AllOf)
    if NOTHING in told:
        return NOTHING
    kept = tuple(part for part in told if not _is_rest(part))
    keep: Tree = AllOf(kept) if len(kept) > 1 else kept[0] if kept else EVERYTHING
    return without(keep, _any(_left_out(part) for part in told if _is_rest(part)))


def _any(parts: Iterable[Tree]) -> Tree:
    told = _distinct(parts, NOTHING, AnyOf)
    if EVERYTHING in told:
        return EVERYTHING
    kept = tuple(part for part in told if not _is_rest(part))
    keep: Tree = AnyOf(kept) if len(kept) > 1 else kept[0] if kept else NOTHING
    left_out = [_left_out(part) for part in told if _is_rest(part)]
    return without(EVERYTHING, without(_all(left_out), keep)) if left_out else keep


def _is_rest(tree: Tree) -> bool:
    """Whether this is all papers but some."""
    return tree == EVERYTHING or (isinstance(tree, Without) and tree.keep == EVERYTHING)


def _left_out(tree: Tree) -> Tree:
    """The papers that are missing in all papers but some."""
    return tree.drop if isinstance(tree, Without) else NOTHING


def _distinct(parts: Iterable[Tree], idle: Tree, kind: type[AllOf | AnyOf]) -> tuple[Tree, ...]:
    """The parts flat, each once, without those that change nothing."""
    flat = chain.from_iterable(part.parts if isinstance(part, kind) else (part,) for part in parts)
    return tuple(dict.fromkeys(part for part in flat if part != idle))
