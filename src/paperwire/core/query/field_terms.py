"""Terms of the field in sentences of languages that inflect words: `графовых нейронных сетях`, `redes neuronales`.

The terms stand in `locale/LANGUAGE/terms.tsv`. A word is a form of another if both are the same stem with endings of
one declension; so `теорем` is no form of `теория`, which a comparison of their first letters would say.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from paperwire.phrases import terms_of

_DECLENSIONS = {
    "de": (
        "-: e en n s es er ern em", "e: en er es em n -", "es: e en em er", "er: e en em es", "en: e em er es -",
        "us um: en",
    ),
    "fr": ("-: s x e es", "al: aux ale ales", "el: elle els elles", "e: es - s", "if: ifs ive ives", "eux: euse euses"),
    "es": ("-: s es", "o a: os as", "z: ces", "os as: o a"),
    "pt_BR": ("-: s es", "o a: os as", "os as: o a", "ao: oes aos aes", "l: is", "il: eis", "m: ns", "oes: ao"),
    "it": ("o a: i e", "e: i", "i: o e", "co go: chi ghi", "ca ga: che ghe", "io: i", "chi: co", "che: ca"),
    "ru": (
        "-: а у ом ем е ы и ов ев ей ам ами ах",
        "ия: ии ию ией ий иям иями иях",
        "ие: ия ию ием ии ий иям иями иях",
        "а: ы и е у ой ою - ам ами ах",
        "я: и е ю ей ь - ям ями ях",
        "о: а у ом е - ам ами ах",
        "е: я ю ем и ей ям ями ях",
        "ь: и ью ей ям ями ях я ю ем е",
        "й: я ю ем е и ев ям ями ях",
        "ы: - а у ом е ов ам ами ах ой",
        "и: - ь й ей ям ями ях ов ам ами ах а я у ю ью е ой",
        "ый ой ий ая яя ое ее ые ие: ого его ому ему ым им ом ем ую юю ых их ыми ими ей",
    ),
}  # fmt: skip
"""Endings of words in `terms.tsv`, and after `:` those of their other forms; `-` is none."""
_JOINTS = {
    "de": "im in der die das den dem des von vom für",
    "fr": "de du des la le les à au aux en sur par pour dans",
    "es": "de del la las el los en por para con a",
    "pt_BR": "de do da dos das em no na nos nas por para com a o as os à",
    "it": "di del dello della dei degli delle a al alla ai agli alle in nel nella nei nelle su sul sulla sui sugli"
    " sulle per da il lo la i gli le",
    "ru": "в с со на по для о от к из",
}
"""Words that terms have or lack, of which one stands for another: `reti neurali a grafo`, `su grafi`."""
_VOWELS = frozenset("аеиоуыэюяьй")
_SHORTEST_STEM = 3
_LONGEST_ENDING = 3
_MOST_JOINTS = 2
_LONGEST_TERM = 8
_ELIDED = re.compile(r"^(?:l|d|qu|(?:de|ne|su|a|da)ll)'(?=\w)", re.IGNORECASE)


class FieldTerm(NamedTuple):
    """The places of a term among the words of a sentence, and its English query."""

    places: range
    english: str


class _Form(NamedTuple):
    """A word of the table, without its ending, and the endings that it may have."""

    endings: frozenset[str]
    word: str


class FieldTerms:
    """The terms of a language, found among the words of a sentence in any form; the longest one at a place."""

    def __init__(self, language: str) -> None:
        self._joints = frozenset(map(_folded, _JOINTS[language].split()))
        self._forms: dict[str, list[_Form]] = {}
        self._terms: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        declensions = [_declension(line) for line in _DECLENSIONS[language]]
        for phrase, english in terms_of(language):
            parts = tuple(word for word in map(_folded, phrase.split()) if word not in self._joints)
            self._terms.setdefault(parts[0], []).append((parts, english))
            for word in parts:
                self._add(word, declensions)

    def _add(self, word: str, declensions: Sequence[tuple[frozenset[str], frozenset[str]]]) -> None:
        if any(form.word == word for form in self._forms.get(word, ())):
            return
        self._forms.setdefault(word, []).append(_Form(frozenset({""}), word))
        for endings, forms in declensions:
            for ending in endings:
                stem = word.removesuffix(ending)
                is_declined = word.endswith(ending) and (ending or word[-1] not in _VOWELS)
                if is_declined and len(stem) >= _SHORTEST_STEM:
                    self._forms.setdefault(stem, []).append(_Form(endings | forms, word))

    def find(self, typed: Sequence[str]) -> Iterator[FieldTerm]:
        """The terms among these words."""
        words = [_folded(word) for word in typed]
        places = [place for place, word in enumerate(words) if word and word not in self._joints]
        after = 0
        while after < len(places):
            length, english = self._longest(words, places[after : after + _LONGEST_TERM])
            if length:
                yield FieldTerm(range(places[after], places[after + length - 1] + 1), english)
            after += length or 1

    def _longest(self, words: Sequence[str], places: Sequence[int]) -> tuple[int, str]:
        """How many of these places the longest term takes that begins at the first, and its English; 0 for none."""
        matching = (
            (len(parts), english)
            for first in self._words(words[places[0]])
            for parts, english in self._terms.get(first, ())
            if self._stand(parts, words, places[: len(parts)])
        )
        return max(matching, key=lambda term: term[0], default=(0, ""))

    def _stand(self, parts: Sequence[str], words: Sequence[str], places: Sequence[int]) -> bool:
        """Whether the words of a term stand at these places, with few words between."""
        return (
            len(places) == len(parts)
            and all(place - before <= _MOST_JOINTS + 1 for before, place in pairwise(places))
            and all(part in self._words(words[place]) for part, place in zip(parts, places, strict=True))
        )

    def _words(self, typed: str) -> list[str]:
        """The words of the table that a typed one is a form of."""
        return [
            form.word
            for cut in range(min(_LONGEST_ENDING, len(typed)) + 1)
            for form in self._forms.get(typed[: len(typed) - cut], ())
            if typed[len(typed) - cut :] in form.endings
        ]


@cache
def field_terms(language: str) -> FieldTerms:
    """The terms of a language, read when first asked for."""
    return FieldTerms(language)


def without_elision(word: str) -> str:
    """`l'apprentissage` and `sull'apprendimento` without the article."""
    return _ELIDED.sub("", word)


def _declension(line: str) -> tuple[frozenset[str], frozenset[str]]:
    table_endings, _, other_endings = line.partition(":")
    return _endings(table_endings), _endings(other_endings)


def _endings(typed: str) -> frozenset[str]:
    return frozenset("" if ending == "-" else _folded(ending) for ending in typed.split())


def _folded(word: str) -> str:
    """The word in small letters without accents, hyphens and elided articles."""
    plain = without_elision(word.replace("’", "'")).casefold().replace("-", "")
    if plain.isascii():
        return plain
    return "".join(char for char in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(char))
