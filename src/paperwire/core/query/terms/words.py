"""Words and phrases: `diffusion`, `"diffusion model"`, `diffus*`, `=RAG`, `ti:lora`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache, cached_property
from importlib.resources import files
from itertools import chain, islice, pairwise
from typing import ClassVar, TypeAlias

from paperwire.core.index.tree import (
    LONGEST_WORD,
    NOTHING,
    AnyOf,
    Ask,
    Column,
    Has,
    Phrase,
    Tree,
    all_of,
    any_of,
    ask_for,
    exact_token,
    token,
    without,
)
from paperwire.core.query.prepared import Doc, Field
from paperwire.core.query.terms.term import Facts, Term
from paperwire.core.text.words import STAR, Piece, WordSpan, pieces, spans, spellings
from paperwire.texts import Texts, gettext_noop

BEGINS, EXACTLY, EXACTLY_BEGINS = "*", "=", "~"
"""What the label of a beginning, an exact word, the beginning of an exact word begins with; others are folded words."""

_READINGS_OF_GATE = 32  # these have three words at least, however many are joined: few papers have those in a row
_LONGEST_READING = 16
_MOST_WAYS = 16
_LONGEST_PHRASE = 16  # an index reads the places of each word; of longer ones that many neighbours leave few papers
_RARE = 0.5


class Words(Term):
    """One word or a sequence of words, `typed` with `STAR` after beginnings, in title or abstract (`ti`, `abs`)."""

    names = {"ti": "ti", "title": "ti", "abs": "abs", "abstract": "abs", "all": ""}  # noqa: RUF012 -- see Term
    help: ClassVar[Sequence[tuple[str, str]]] = (
        (
            "diffusion model",
            gettext_noop("both words, anywhere in title or abstract; singular and plural are the same"),
        ),
        # Translators: explains "diffusion model" in quotes, in a table of what can be typed.
        ('"diffusion model"', gettext_noop("the phrase")),
        ("diffus*", gettext_noop("words that begin like this")),
        ("=RAG", gettext_noop("exactly this spelling, including capitals")),
        ("ti:lora", gettext_noop("in the title")),
    )
    exactable = True
    # Translators: follows "Papers" or stands in a list of such parts: %(value)s is words in quotes.
    described = {  # noqa: RUF012 -- declared in Term
        "": (
            gettext_noop("with %(value)s in title or abstract"),
            gettext_noop("without %(value)s in title or abstract"),
        ),
        "ti": (
            gettext_noop("with %(value)s in the title"),
            gettext_noop("without %(value)s in the title"),
        ),
        "abs": (
            gettext_noop("with %(value)s in the abstract"),
            gettext_noop("without %(value)s in the abstract"),
        ),
    }

    def value(self, texts: Texts) -> str:
        words = self.typed.replace(STAR, "…")
        if self.exact:
            # Translators: words in the quotes of the language, to be matched with the same capitals.
            return texts.gettext("“%(words)s” (exact spelling)", words=words)
        return texts.gettext("“%(words)s”", words=words)

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        return tuple(pieces(self.typed))

    @cached_property
    def spans(self) -> tuple[tuple[WordSpan, ...], ...]:
        """At each place the words that begin there, joined ones too."""
        return spans(self.pieces)

    @cached_property
    def word(self) -> str | None:
        """The folded word of a term that is a single whole word, not exact: then `word in doc.words` is the truth."""
        only = self.pieces[0] if len(self.pieces) == 1 else None
        return only.folded if only and not only.star and not self.exact else None

    def is_something(self) -> bool:
        return bool(self.pieces)

    def holds(self, doc: Doc) -> bool:
        """Whether title or abstract (or the field's) has the words in sequence."""
        if self.word is not None and not self.field:
            return self.word in doc.words
        return self._needed <= doc.words and any(self._is_in(field) for field in doc.fields(self.field))

    @cached_property
    def _needed(self) -> frozenset[str]:
        """Folded words that the paper must have: those that are neither beginnings nor at a joint."""
        after_joint = (False, *(piece.joint for piece in self.pieces))
        return frozenset(
            piece.folded
            for piece, before in zip(self.pieces, after_joint, strict=False)
            if not (piece.star or piece.joint or before)
        )

    def _is_in(self, field: Field) -> bool:
        """Whether the field has the words in sequence.

        Bit p of `reached[n]`: the first n words end before place p. Bits rather than a search, so that the work
        has a bound however words repeat in query and text.
        """
        if len(self.pieces) == 1:
            return self._one_is_in(field, self.pieces[0])
        size = len(self.spans)
        reached = [(1 << len(field.places)) - 1, *([0] * size)]
        furthest = 0
        places_of: dict[WordSpan, dict[int, int]] = {}  # the same word may be wanted a thousand times
        for number, spans_there in enumerate(self.spans):
            if number > furthest:
                return False
            for want in spans_there if reached[number] else ():
                if want not in places_of:
                    places_of[want] = self._places(field, want)
                for length, places in places_of[want].items():
                    met = reached[number] & places
                    if met:
                        furthest = max(furthest, number + want.length)
                        reached[number + want.length] |= met << length
        return bool(reached[size])

    def _places(self, field: Field, want: WordSpan) -> dict[int, int]:
        """Where in the field the wanted word stands, as bits, by the number of words that it is joined of there."""
        places_by_length: dict[int, int] = {}
        for place, length in field.everywhere() if want.star else field.occurrences(want.folded):
            if self._same(want, field.places[place][length - 1]):
                places_by_length[length] = places_by_length.get(length, 0) | 1 << place
        return places_by_length

    def _one_is_in(self, field: Field, only: Piece) -> bool:
        """A single word: whole, exact or a beginning."""
        if not only.star:
            return only.exact in field.exact if self.exact else only.folded in field.words
        if self.exact:
            return any(word.startswith(only.exact) for word in field.exact)
        return field.begins(only.plain)

    def _same(self, want: WordSpan, have: WordSpan) -> bool:
        if self.exact:
            return have.exact.startswith(want.exact) if want.star else have.exact == want.exact
        return have.plain.startswith(want.plain) if want.star else have.folded == want.folded

    def normal(self) -> str:
        """The words folded (beginnings plain, exact ones as they are) with their joints."""
        text = self._spelled() if self.exact else self._folded()
        return f"{self.field}:" * bool(self.field) + "=" * self.exact + text

    def _spelled(self) -> str:
        return "".join(p.exact + "*" * p.star + ("-" if p.joint else " ") for p in self.pieces)[:-1]

    def _folded(self) -> str:
        """The folded words; joined words are added where folding each word differs from folding them joined."""
        shown, odd = "", set()
        for start, spans_there in enumerate(self.spans):
            piece = self.pieces[start]
            shown += (piece.plain + "*" if piece.star else piece.folded) + ("-" if piece.joint else " ")
            joined = spans_there[0].folded
            for place, span in enumerate(spans_there[1:], start + 1):
                joined += self.pieces[place].folded
                if not span.star and span.folded != spellings(joined)[1]:
                    odd.add(span.folded)
        return shown[:-1] + "".join(f"~{word}" for word in sorted(odd))

    # --- the matcher ---------------------------------------------------------------------------------------------

    def facts(self, readings: int) -> Facts:
        """The sequences that the words may be read as; where they are too many, how they begin."""
        ways = _readings(self, readings)
        are_whole = _are_whole(self, ways)
        if not are_whole:
            ways = _readings(self, _READINGS_OF_GATE)
        labels = (" ".join(_label(span, exact=self.exact) for span in way) for way, _ in ways)
        return Facts([f"{self.field}:{sequence}" for sequence in dict.fromkeys(labels)], are_whole)

    def is_costly(self, readings: int) -> bool:
        """Whether the words have too many joints, and thus too many readings."""
        return not _are_whole(self, _readings(self, readings))

    @classmethod
    def frequency(cls, field: str, value: str) -> float:
        labels = value.split(" ")
        rarest = min(map(_label_frequency, labels))
        return rarest * (0.3 if len(labels) > 1 else 1) * (0.15 if field == "ti" else 1)

    # --- the word index ------------------------------------------------------------------------------------------

    def ask(self) -> Ask:
        """Each way to read the words at joints is a sequence of its own."""
        column = _COLUMNS.get(self.field, "")
        ways = _ways_to_ask(self)
        if len(ways) <= _MOST_WAYS:
            one_word = any_of(_of_word(*way, column, exact=self.exact).sure for way in ways if len(way) == 1)
            asks = [_of_way(way, column, exact=self.exact, besides=one_word) for way in ways]
            return Ask(any_of(ask.sure for ask in asks), any_of(ask.most for ask in asks))
        short = (way for way in ways[:_MOST_WAYS] if len(way) <= _LONGEST_PHRASE)  # of longer ones nothing is sure
        sure = any_of(_of_way(way, column, exact=self.exact).sure for way in short)
        return Ask(sure, all_of(_loosely(span, column, exact=self.exact) for span in _certain(self)))


# --- facts: sequences of labels ------------------------------------------------------------------------------------

_PhraseReading: TypeAlias = "tuple[tuple[WordSpan, ...], int]"


def _readings(term: Words, most: int) -> list[_PhraseReading]:
    """All ways to read the words at joints, and where each ends; if they are more than `most` only how they begin."""
    ways: list[_PhraseReading] = [((), 0)]
    while True:
        open_ = [way for way in ways if way[1] < len(term.spans)]
        shortest = min(open_, key=lambda way: way[1], default=None)
        if shortest is None or len(shortest[0]) == _LONGEST_READING:
            return ways
        spans_there = term.spans[shortest[1]]
        if len(ways) > 1 and len(ways) + len(spans_there) - 1 > most:
            return ways
        ways.remove(shortest)
        ways += [((*shortest[0], span), shortest[1] + span.length) for span in spans_there]


def _are_whole(term: Words, readings: Iterable[_PhraseReading]) -> bool:
    """Whether these are all ways to read a term, to its end."""
    return all(place == len(term.spans) for _, place in readings)


def _label(span: WordSpan, *, exact: bool) -> str:
    if exact:
        return (EXACTLY_BEGINS if span.star else EXACTLY) + span.exact
    return BEGINS + span.plain if span.star else span.folded


@cache
def _common() -> dict[str, float]:
    """In how many of 1,000 papers common words stand."""
    lines = files("paperwire.core.query").joinpath("common_words.tsv").read_text("utf-8").splitlines()
    return {word: float(count) for word, count in (line.split("\t") for line in lines[1:])}


def frequency_of(word: str) -> float:
    """A guess at how many of 1,000 papers have a folded word."""
    return _common().get(word, _RARE)


def _label_frequency(label: str) -> float:
    if label[0] in {BEGINS, EXACTLY_BEGINS}:
        return 400 / len(label) ** 2
    if label[0] == EXACTLY:
        return _common().get(spellings(label[1:])[1], _RARE) / 2
    return frequency_of(label)


# --- the word index ------------------------------------------------------------------------------------------------

_COLUMNS: dict[str, Column] = {"": "", "ti": "title", "abs": "abstract"}


def _ways_to_ask(term: Words) -> list[tuple[WordSpan, ...]]:
    """The ways to read the words, one too many at most; one at a time, as a chain has a thousand words."""
    done: list[tuple[WordSpan, ...]] = []
    way: list[WordSpan] = []
    open_ = [(0, 0, span) for span in reversed(term.spans[0])]
    while open_ and len(done) <= _MOST_WAYS:
        depth, place, span = open_.pop()
        way[depth:] = [span]
        place += span.length
        if place == len(term.spans):
            done.append(tuple(way))
        else:
            open_ += [(depth + 1, place, following) for following in reversed(term.spans[place])]
    return done


def _certain(term: Words) -> Iterator[WordSpan]:
    """The words that stand at no joint."""
    before = False
    for spans_there, piece in zip(term.spans, term.pieces, strict=True):
        if not (before or piece.joint):
            yield spans_there[0]
        before = piece.joint


def _of_way(way: tuple[WordSpan, ...], column: Column, *, exact: bool, besides: Tree = NOTHING) -> Ask:
    """What to ask for one way; papers of `besides` match in another, and need not be looked at again."""
    if len(way) == 1:
        return _of_word(way[0], column, exact=exact)
    spelled = all(len(span.folded) <= LONGEST_WORD >= len(span.exact) for span in way)
    if not spelled or any(span.star for span in way[:-1]):
        return Ask(NOTHING, all_of(_loosely(span, column, exact=exact) for span in way))
    if len(way) > _LONGEST_PHRASE:
        words = (_loosely(span, column, exact=exact) for span in way)
        return Ask(NOTHING, all_of([*words, *islice(dict.fromkeys(_neighbours(way[:-1], column)), _LONGEST_PHRASE)]))
    if way[-1].star:
        return _of_beginning(way, column, exact=exact)
    return _of_sequence(way, column, exact=exact, besides=besides)


def _of_sequence(way: tuple[WordSpan, ...], column: Column, *, exact: bool, besides: Tree) -> Ask:
    """Whole words: adjacent in the text, or some joined; of two the index knows all, of more each pair.

    Of exact words it knows which are adjacent, and of joined ones how they are folded.
    """
    phrase = _phrase(way, column, exact=exact)
    pairs = list(pairwise(span.folded for span in way))
    joined = any_of(chain.from_iterable(_one_joined(*pair, column) for pair in pairs))
    if len(way) == 2 and not exact:
        return ask_for(any_of([phrase, joined]), is_exact=True)
    near = _neighbours(way, column)
    spelled = [_loosely(span, column, exact=True) for span in way] if exact else []
    return Ask(phrase, any_of([phrase, all_of([*spelled, without(joined, besides), *near])]))


def _neighbours(way: tuple[WordSpan, ...], column: Column) -> Iterator[Tree]:
    """Papers with each two neighbours in sequence, or one of them joined."""
    for word, other in pairwise(span.folded for span in way):
        yield any_of([Phrase((token("w", word), token("w", other)), column), *_one_joined(word, other, column)])


def _phrase(way: tuple[WordSpan, ...], column: Column, *, exact: bool) -> Phrase:
    *whole, last = way
    if exact:
        words = [exact_token(span.exact) for span in way]
    else:
        words = [*(token("w", span.folded) for span in whole), token("w", last.plain if last.star else last.folded)]
    return Phrase(tuple(words), column, star=last.star)


def _one_joined(word: str, other: str, column: Column) -> tuple[Phrase, Phrase]:
    """Papers with these neighbours of which one is joined, or both."""
    return (
        Phrase((token("y", word), token("j", other)), column),
        Phrase((token("j", word), token("y", other)), column),
    )


def _of_beginning(way: tuple[WordSpan, ...], column: Column, *, exact: bool) -> Ask:
    """A sequence whose last word is a beginning."""
    *words, last = way
    phrase = _phrase(way, column, exact=exact)
    # One of the words may be joined in the text, or the beginning reach into the plural: only then the phrase misses.
    odd: list[Tree] = [Has(token("j", span.folded), column) for span in words]
    odd += [Has(token(kind, last.plain), column, star=True) for kind in "jp"]
    sure = phrase if exact else without(phrase, Has(token("n", last.plain), column, star=True))
    return Ask(sure, any_of([phrase, all_of([*(_loosely(span, column, exact=exact) for span in way), any_of(odd)])]))


def _of_word(span: WordSpan, column: Column, *, exact: bool) -> Ask:
    most = _loosely(span, column, exact=exact)
    if exact or not span.star:
        return ask_for(most, is_exact=len(span.exact if exact else span.folded) <= LONGEST_WORD)
    # A folded word may begin so although the word as it stands does not: category*, categories.
    doubtful = Has(token("n", span.plain), column, star=True)
    as_it_stands = Has(token("p", span.plain), column, star=True)
    sure = any_of([as_it_stands, without(Has(token("w", span.plain), column, star=True), doubtful)])
    return Ask(sure if len(span.plain) <= LONGEST_WORD else NOTHING, most)


def _loosely(span: WordSpan, column: Column, *, exact: bool) -> Tree:
    """Papers with the word somewhere, and perhaps some more."""
    if exact:
        return Has(exact_token(span.exact), column, span.star)
    if not span.star:
        return Has(token("w", span.folded), column)
    return AnyOf(tuple(Has(token(kind, span.plain), column, star=True) for kind in "wp"))
