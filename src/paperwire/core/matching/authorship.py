"""Author terms by the words of names, so that a paper's authors are not tried against each."""

from __future__ import annotations

from itertools import chain, combinations
from typing import TYPE_CHECKING, TypeAlias

from paperwire.core.query.authors import is_author, name_words, simple_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from paperwire.core.query.terms import Author

_SHORT, _LONG = "<", ">"
"""Between a word that is met in full and a letter: a word of a name that is this letter, that begins with it."""

_Filed: TypeAlias = "dict[str, list[int]]"


class Authorship:
    """Author terms by number.

    Whoever is meant by a term of several words has one of them in full, and meets each other one in full or by an
    initial. So each way to read a term is filed under each of its words together with the longest other one, and with
    what that one is if it is met by initials. Where a way to read has two words at most and a name is simple, that
    tells all.
    """

    def __init__(self) -> None:
        """Begin without terms."""
        self._terms: dict[int, Author] = {}
        self._short: _Filed = {}
        self._long: _Filed = {}
        self._beginnings: dict[int, int] = {}  # by length with the `*`: how many words of terms are beginnings

    def add(self, number: int, term: Author) -> None:
        """Take in a term."""
        self._terms[number] = term
        for filed, key in self._places(term, 1):
            filed.setdefault(key, []).append(number)

    def remove(self, number: int) -> None:
        """Forget a term."""
        for filed, key in self._places(self._terms.pop(number), -1):
            filed[key].remove(number)
            if not filed[key]:
                del filed[key]

    def _places(self, term: Author, change: int) -> Iterator[tuple[_Filed, str]]:
        """Where a term is filed; its beginnings are counted, or counted off."""
        short: set[str] = set()
        long: set[str] = set()
        for words in _ways(term):
            beginnings = [len(word) for word in words if word[-1] == "*"]
            for length in beginnings:
                self._beginnings[length] = self._beginnings.get(length, 0) + change
            (long if beginnings or len(words) > 2 else short).update(_keys(words))
        return chain(((self._short, key) for key in short), ((self._long, key) for key in long))

    def find(self, names: Iterable[str]) -> set[int]:
        """The numbers of the terms that one of these authors is meant by."""
        found: set[int] = set()
        for name in names:
            words = simple_words(name)
            if words is None:
                words, ends = name_words(name)
                found.update(self._meant((self._short, self._long), words, ends, name))
                continue
            for key in words if len(words) == 1 else (*words, *_pairs(words), words[-1] + _initial(words[0])):
                if key in self._short:
                    found.update(self._short[key])
            if len(words) > 2 or self._beginnings:
                found.update(self._meant((self._long,), words, words[-1:], name))
        return found

    def _meant(self, places: Sequence[_Filed], words: list[str], ends: list[str], name: str) -> Iterator[int]:
        """The terms filed there that mean this author, who has these words, one of `ends` as the last one."""
        initials = {_initial(word) for word in words}
        if self._beginnings:
            words, ends = [*words, *self._starts(words)], [*ends, *self._starts(ends)]
        keys = {*words, *_pairs(words), *(end + initial for end in ends for initial in initials)}
        for number in {number for filed in places for key in keys & filed.keys() for number in filed[key]}:
            if is_author(self._terms[number].readings, name):
                yield number

    def _starts(self, words: list[str]) -> Iterator[str]:
        """The words as far as they may be met by beginnings."""
        for length, count in self._beginnings.items():
            if count:
                yield from (f"{word[: length - 1]}*" for word in words)


def _ways(term: Author) -> list[list[str]]:
    """The ways to read a term, beginnings with a `*`; most names have one that is quickly found."""
    words = simple_words(term.typed)
    if words is not None:
        return [words]
    return [[word.plain + "*" * word.star for word in reading] for reading in term.readings]


def _keys(words: list[str]) -> Iterator[str]:
    """What a way to read a term is filed under."""
    if len(words) == 1:
        yield words[0]
        return
    for place, full in enumerate(words):
        other = max((*words[:place], *words[place + 1 :]), key=len)
        yield from _pairs([full, other])
        yield full + (_LONG if len(other) == 1 else _SHORT) + other[0]


def _pairs(words: Sequence[str]) -> Iterator[str]:
    """Any two of these words, in the order of the alphabet."""
    return (f"{one} {other}" if one < other else f"{other} {one}" for one, other in combinations(words, 2))


def _initial(word: str) -> str:
    """A word of a name as what a term's word may be met by; see `_keys`."""
    return (_SHORT if len(word) == 1 else _LONG) + word[0]
