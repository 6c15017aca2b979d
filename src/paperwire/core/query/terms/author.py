"""`au:"kaiming he"`: papers with an author of this name, initials and order aside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain, combinations, pairwise, starmap

from paperwire.core.index.tree import LONGEST_WORD, NOTHING, Ask, Has, Tree, all_of, any_of, ask_for, name_token, token
from paperwire.core.query.authors import NameReading, is_author, name_pieces, readings, readings_of, simple_words
from paperwire.core.query.prepared import Doc
from paperwire.core.query.terms.term import Facts, Term
from paperwire.core.text.words import Piece, WordSpan
from paperwire.texts import gettext_noop

_LONGEST_NAME = 6
"""Names of more words are not distinguished by the word index: a paper with one has the token `_LONG_NAME`."""
_LONG_NAME = "z"
_MOST_NAMES = 8  # maximum ways to read a name that the word index is asked for; three joints have as many


class Author(Term):
    """The words of an author's name (`au:`)."""

    names = {"au": "au", "author": "au"}  # noqa: RUF012 -- declared in Term
    help = (('au:"yann lecun"', gettext_noop("by an author")),)
    # Translators: follows "Papers" or stands in a list of such parts: %(value)s is what was typed.
    described = {  # noqa: RUF012 -- declared in Term
        "au": (
            gettext_noop("by %(value)s"),
            gettext_noop("not by %(value)s"),
        ),
    }

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The words, given ones first."""
        return name_pieces(self.typed)

    @cached_property
    def readings(self) -> tuple[NameReading, ...]:
        return readings_of(self.pieces)

    def is_something(self) -> bool:
        return bool(self.pieces)

    def holds(self, doc: Doc) -> bool:
        return any(is_author(self.readings, name) for name in doc.paper.authors if self._may_be(name))

    @cached_property
    def _whole(self) -> frozenset[str]:
        """The words, of which an author that is meant has one in full; none if one is a beginning."""
        words = [word for way in self.readings for word in way]
        return frozenset(() if any(word.star for word in words) else [word.plain for word in words])

    def _may_be(self, name: str) -> bool:
        """Whether the name is worth a closer look: most are simple and have none of the words."""
        words = simple_words(name)
        return words is None or not self._whole or not self._whole.isdisjoint(words)

    def normal(self) -> str:
        """The words in order of the alphabet, those at joints together."""
        text = "".join(p.plain + "*" * p.star + ("-" if p.joint else " ") for p in self.pieces)
        return "au:" + " ".join(sorted(text.split()))

    # --- the matcher ---------------------------------------------------------------------------------------------

    def facts(self, readings: int) -> Facts:  # noqa: ARG002 -- names have few
        """What authors meant by the term have of it: a word, or one in full with another in full or by initial.

        Of two words that tells all; of more, or of a beginning, only whom it may mean.
        """
        ways = [[word.plain + "*" * word.star for word in way] for way in self.readings]
        sure = all(len(words) <= 2 and not any(word[-1] == "*" for word in words) for words in ways)
        facts = dict.fromkeys(chain.from_iterable(_wanted(words, sure=sure) for words in ways))
        return Facts(tuple(f"au:{fact}" for fact in facts), sure)

    @classmethod
    def facts_of(cls, doc: Doc) -> Iterable[str]:
        """What each author has that a term may ask for."""
        return chain.from_iterable(map(_had, doc.paper.authors))

    @classmethod
    def frequency(cls, field: str, value: str) -> float:  # noqa: ARG003 -- there is one field
        """Names are rare, and none is known to be less so."""
        return 0.1

    # --- the word index ------------------------------------------------------------------------------------------

    def ask(self) -> Ask:
        """Any way to read the words; of very many ways only that a word of them is met."""
        if len(self.readings) > _MOST_NAMES:
            return Ask(NOTHING, any_of(_in_full(word) for way in self.readings for word in way))
        asks = [_ask_name(way) for way in self.readings]
        return Ask(any_of(ask.sure for ask in asks), any_of(ask.most for ask in asks))

    @classmethod
    def tokens_of(cls, doc: Doc) -> Iterable[str]:
        """The words of authors' names, `a`, and what `_name_tokens` says of each name."""
        words = (token("a", word) for word in doc.author_words)
        return chain(words, chain.from_iterable(map(_name_tokens, doc.paper.authors)))


# --- facts: what a term asks for, what a name has -----------------------------------------------------------------
# `he` and `kai*`: a word, the beginning of one. `he kaiming`: two words. `he>k`, `he<k`: the last word, and the letter
# that the first one begins with or is; `he.>k`, `he.<k`: the same of any word before the last.

_BEGINNING = 3  # letters


def _wanted(words: list[str], *, sure: bool) -> Iterator[str]:
    """Facts of which a name that is meant by these words (beginnings with a `*`) has at least one."""
    if len(words) == 1 or any(word[-1] == "*" for word in words):
        for word in words:
            yield word if word[-1] != "*" else f"{word[:-1][:_BEGINNING]}*"
        return
    for place, full in enumerate(words):
        other = max((*words[:place], *words[place + 1 :]), key=len)
        yield _pair(full, other)
        # A letter stands for the word that begins with it; so a word is met by an initial that is a letter alone.
        yield f"{full}{'' if sure else '.'}{'>' if len(other) == 1 else '<'}{other[0]}"


def _had(name: str) -> Iterator[str]:
    simple = simple_words(name)
    for words in [simple] if simple is not None else [[span.plain for span in way] for way in readings(name)]:
        for word in words:
            yield f"au:{word}"
            yield f"au:{word[:_BEGINNING]}*"
        for first, other in combinations(words, 2):
            yield f"au:{_pair(first, other)}"
        for place, word in enumerate(words[:-1]):
            letter = f"{'<' if len(word) == 1 else '>'}{word[0]}"
            yield f"au:{words[-1]}.{letter}"
            if not place:
                yield f"au:{words[-1]}{letter}"


def _pair(word: str, other: str) -> str:
    return f"{word} {other}" if word < other else f"{other} {word}"


# --- the word index ------------------------------------------------------------------------------------------------


def _ask_name(way: NameReading) -> Ask:
    """Words that one author has.

    A single word is met in full. Of more, either all are; or the last word of the name is, and the others in full or by
    an initial. Of two words the index knows all; very long names it does not tell apart.
    """
    is_short = all(len(word.plain) < LONGEST_WORD // 2 for word in way)
    if len(way) == 1:
        return ask_for(_in_full(way[0]), is_exact=is_short)
    long = all_of([Has(_LONG_NAME, "rest"), any_of(map(_in_full, way))])
    if len(way) > _LONGEST_NAME:
        return Ask(NOTHING, long)
    in_full = all_of(starmap(_both, pairwise(way)))
    others = [(last, [*way[:place], *way[place + 1 :]]) for place, last in enumerate(way)]
    if len(way) == 2:
        by_initial = any_of(_by_initial("gk", word, last) for last, (word,) in others)
        sure = by_initial if way[0].star or way[1].star else any_of([in_full, by_initial])
        return Ask(sure if is_short else NOTHING, any_of([in_full, by_initial, long]))
    met = (all_of(_met(word, last) for word in words) for last, words in others)
    return Ask(NOTHING, any_of([in_full, *met, long]))


def _met(word: WordSpan, last: WordSpan) -> Tree:
    return any_of([_both(word, last), _by_initial("gk", word, last), _by_initial("mm", word, last)])


def _in_full(word: WordSpan) -> Tree:
    return Has(token("a", word.plain), "rest", word.star)


def _both(word: WordSpan, other: WordSpan) -> Tree:
    """Papers with an author of both words, if neither is a beginning."""
    if word.star or other.star:
        return all_of([_in_full(word), _in_full(other)])
    return Has(name_token("b", *sorted([word.plain, other.plain])), "rest")


def _by_initial(kinds: str, word: WordSpan, last: WordSpan) -> Tree:
    """Papers with an author of this last word, one of whose other words is met by this one's letter.

    Of the two kinds of token the first is for a word that is a single letter, the second for any other.
    """
    return Has(name_token(kinds[len(word.plain) > 1], word.plain[0], last.plain), "rest", last.star)


def _name_tokens(name: str) -> list[str]:
    """Which words one author has.

    `b` for any two of them. Besides the last word, `g` for the letter that the first begins with, `k` if the first is
    that letter, `m` for the letters that those between begin with.
    """
    names: list[str] = []
    simple = simple_words(name)
    for words in [simple] if simple is not None else [[span.plain for span in way] for way in readings(name)]:
        if len(words) > _LONGEST_NAME:
            names.append(_LONG_NAME)
            continue
        names += [name_token("b", *sorted(pair)) for pair in combinations(words, 2)]
        if len(words) > 1:
            first, *others, last = words
            names += [name_token(kind, first[0], last) for kind in ("gk" if len(first) == 1 else "g")]
            names += [name_token("m", word[0], last) for word in others]
    return names
