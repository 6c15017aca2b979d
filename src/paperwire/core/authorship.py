"""Author terms by the words of names, so that a paper's authors are not tried against each."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from paperwire.core.authors import is_author, name_words, simple_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from paperwire.core.terms import Author

# How another word is met: in full, by a name's initial, as an initial itself, somehow.
_FULL, _SHORTER, _LONGER, _ANY = "=", "<", ">", "*"
_NOBODY: frozenset[int] = frozenset()

_Filed: TypeAlias = "dict[str, dict[str, set[int]]]"


class Authorship:
    """Author terms by number.

    Whoever is meant by a term has one of its words in full, and meets each other word in full or by an initial. So a
    term is filed under each of its words together with what another of its words may look like in a name. For a
    *plain* term, of one or two words, and a simple name that already tells all.
    """

    def __init__(self) -> None:
        """Begin without terms."""
        self._terms: dict[int, Author] = {}
        self._plain: _Filed = {}
        self._other: _Filed = {}
        self._beginnings: dict[int, int] = {}  # by length: how many words of terms are beginnings

    def __len__(self) -> int:
        """How many terms there are."""
        return len(self._terms)

    def add(self, number: int, term: Author) -> None:
        """Take in a term."""
        self._terms[number] = term
        ways = _ways(term)
        filed = self._plain if _is_plain(ways) else self._other
        for full, met in _keys(ways):
            filed.setdefault(full, {}).setdefault(met, set()).add(number)
        self._count_beginnings(ways, 1)

    def remove(self, number: int) -> None:
        """Forget a term."""
        ways = _ways(self._terms.pop(number))
        filed = self._plain if _is_plain(ways) else self._other
        for full, met in _keys(ways):
            filed[full][met].discard(number)
            if not filed[full][met]:
                del filed[full][met]
                if not filed[full]:
                    del filed[full]
        self._count_beginnings(ways, -1)

    def _count_beginnings(self, ways: list[list[str]], change: int) -> None:
        for word in chain.from_iterable(ways):
            if word[-1] == "*":
                self._beginnings[len(word)] = self._beginnings.get(len(word), 0) + change

    def find(self, names: Iterable[str]) -> set[int]:
        """The numbers of the terms that one of these authors is meant by."""
        found: set[int] = set()
        for name in names:
            words = simple_words(name)
            if words is not None:
                found |= self._exactly(words)
                doubted = self._filed(self._other, words, words[-1:])
            else:
                words, ends = name_words(name)
                doubted = self._filed(self._plain, words, ends) | self._filed(self._other, words, ends)
            for number in doubted - found:
                ways = self._terms[number].readings
                if min(map(len, ways)) <= len(words) and is_author(ways, name):
                    found.add(number)
        return found

    def _exactly(self, words: list[str]) -> set[int]:
        """The plain terms that mean the author of a simple name.

        One word in full; two in full; or the last one in full and the first one by initials.
        """
        found: set[int] = set()
        for place, full in enumerate(words):
            filed = self._plain.get(full)
            if filed is None:
                continue
            met = ["", *(_FULL + word for word in [*words[:place], *words[place + 1 :]])]
            if 0 < place == len(words) - 1:
                met.append(_initially(words[0]))
            for how in met:
                if how in filed:
                    found |= filed[how]
        return found

    def _filed(self, filed: _Filed, words: list[str], ends: list[str]) -> set[int]:
        """All terms that a name of these words may be meant by; initials count if one of `ends` is met in full."""
        found: set[int] = set()
        met = ["", _ANY, *(_FULL + word for word in words)]
        initially = [_initially(word) for word in words]
        if self._beginnings:
            words, ends = [*words, *self._starts(words)], [*ends, *self._starts(ends)]
        for fulls, ways in ((words, met), (ends, initially)):
            for full in fulls:
                if full in filed:
                    there = filed[full]
                    for how in ways:
                        if how in there:
                            found |= there[how]
        return found

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


def _is_plain(ways: list[list[str]]) -> bool:
    """One way of one or two words, no beginnings."""
    return len(ways) == 1 and len(ways[0]) < 3 and not any(word[-1] == "*" for word in ways[0])


def _keys(ways: list[list[str]]) -> set[tuple[str, str]]:
    """What a term is filed under: each word that may be met in full, and how the longest other one may be met."""
    return {
        (word, met)
        for words in ways
        for place, word in enumerate(words)
        for met in _met([*words[:place], *words[place + 1 :]])
    }


def _met(others: list[str]) -> tuple[str, ...]:
    other = max(others, key=len, default="")
    if not other:
        return ("",)
    if other[-1] == "*":
        return (_ANY,)
    return _FULL + other, (_LONGER if len(other) == 1 else _SHORTER) + other[0]


def _initially(word: str) -> str:
    """How a word of a name meets a word of a term by initials."""
    return (_SHORTER if len(word) == 1 else _LONGER) + word[0]
