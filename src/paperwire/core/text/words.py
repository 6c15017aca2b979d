"""The words of a text: how a paper and a query are cut, folded and joined, by the same rules."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain
from typing import NamedTuple, TypeAlias, TypeVar

from paperwire.core.text.british import american
from paperwire.core.text.tex import GREEK, reduce_tex

Made = TypeVar("Made")

MOST_JOINED = 8
"""Maximum neighbours at joints that are joined to one word; longer chains join in parts."""
STAR = "\x01"
"""Follows a word of a query that is a beginning (`diffus*`)."""
_GAP, _JOINT = "\x02", "\x03"  # str.split splits at none of these three
_REMEMBERED = 30_000
_SPELLED = 20_000
_LONGEST_REMEMBERED = 64
_LONGEST_TEXT = 20_000  # arXiv's longest abstract has 3,500

_CJK = (
    (0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3021, 0x3029), (0x3031, 0x3035), (0x3038, 0x303C), (0x3041, 0x30FF),
    (0x3105, 0x312F), (0x3131, 0x318E), (0x31A0, 0x31BF), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF),
    (0xA000, 0xA4CF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0x1B000, 0x1B16F), (0x20000, 0x3FFFF),
)  # fmt: skip
APOSTROPHES = "'’‘‛ʼʻ"
_OTHER_DASHES = frozenset("−˗⁃")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ß": "ss"})
_KANA_MARKS = frozenset("\u3099\u309a")

# A lone letter with `++` or `#`, or letters and digits.
_WORD = re.compile(rf"(?<![^\W_])[^\W\d_](?:\+\+|\#)|[^\W_]+{STAR}?")
_AROUND = "".join(sorted(set(string.punctuation) - set("+#")))
_PARTING = ",.:;()"
_ONLY_JOINT = re.compile(rf"(?!.*'')[-'_^{_JOINT}]+")


class Piece(NamedTuple):
    """One word in its three forms.

    `exact` as a reader sees it, `plain` regardless of case and accents, `folded` also of plural and of British
    or American spelling.
    `joint`: it stands at a joint with the next piece. `star`: it is a beginning (in queries only).
    """

    exact: str
    plain: str
    folded: str
    joint: bool
    star: bool


class WordSpan(NamedTuple):
    """`length` neighbouring words (more than one: joined at joints) as one word; see `Piece`."""

    length: int
    exact: str
    plain: str
    folded: str
    star: bool


class _Characters(dict[int, str]):
    """What each character is cut into: joints, gaps and letters; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        self[code] = seen = _cut(chr(code))
        return seen


def _cut(char: str) -> str:
    """One character: dashes and apostrophes alike, Greek letters by name, CJK apart, marks and formats gone."""
    if char in APOSTROPHES:
        return "'"
    category = unicodedata.category(char)
    if category == "Pd" or char in _OTHER_DASHES:
        return "-"
    if is_cjk(char):
        return f"{_GAP}{char}{_GAP}"
    if category[0] == "M" or category == "Cf":
        return ""
    if category == "Cc":
        return char if char == STAR else " "
    greek = GREEK.get(unicodedata.normalize("NFD", char)[0])
    return f"{_JOINT}{greek}{_JOINT}" if greek else char


def is_cjk(char: str) -> bool:
    """Whether a character is a word of its own: Chinese, Japanese or Korean."""
    code = ord(char)
    return code >= 0x2E80 and any(first <= code <= last for first, last in _CJK)


_CHARACTERS = _Characters()


@cache
def _plurals() -> dict[str, str]:
    """Irregular words and what they fold to."""
    lines = files("paperwire.core.text").joinpath("plurals.tsv").read_text("utf-8").splitlines()
    return dict(line.split("\t") for line in lines[1:])


def fold(word: str) -> str:
    """A word regardless of case and accents: `Erdős` is `erdos`, `Ørsted` is `orsted`, `Straße` is `strasse`."""
    small = word.casefold()
    if small.isascii():
        return word if word == small else small  # the same text twice would take memory twice
    word = small
    letters = (c for c in unicodedata.normalize("NFD", word) if c in _KANA_MARKS or unicodedata.category(c)[0] != "M")
    return unicodedata.normalize("NFC", "".join(letters).translate(_LETTERS))


@lru_cache(maxsize=_SPELLED)
def spellings(exact: str) -> tuple[str, str]:
    """A word's plain and folded forms; see `Piece`."""
    plain = fold(exact)
    head = exact[:-1]
    if exact[-1:] == "s" and len(head) > 1 and _is_acronym(head):
        return plain, fold(head)
    return plain, american(_singular(plain))


def _is_acronym(head: str) -> bool:
    """Capitals or digits only, a capital among them."""
    return any(map(str.isupper, head)) and all(c.isupper() or c.isdigit() for c in head)


def _singular(word: str) -> str:
    """The one form of singular and plural; irregular words are in `plurals.tsv`."""
    irregular = _plurals().get(word)
    if irregular is not None:
        return irregular
    if len(word) < 4 or word[-1] != "s" or not (word.isascii() and word.isalpha()):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "xes", "ches")):
        return word[:-2]
    return word if word.endswith(("ss", "us", "is", "ics")) else word[:-1]


Cut: TypeAlias = tuple[str, bool, bool]
"""One word as it stands in a text, whether it is at a joint with the next, whether it is a beginning; see `Piece`."""


def pieces(text: str) -> list[Piece]:
    """The words of a text in order, TeX and all; a space is never a joint."""
    return _spelled(chain.from_iterable(map(cut_chunk, reduce_tex(text).split())))


def _spelled(cuts: Iterable[Cut]) -> list[Piece]:
    return [Piece(exact, *spellings(exact), joint, star) for exact, joint, star in cuts]


def cut_chunk(chunk: str) -> list[Cut]:
    """The words of a text without spaces and TeX."""
    if chunk.isascii():
        # Nine of ten texts are a single word, and most others have hyphens only: neither needs the regex.
        word = chunk.strip(_AROUND)
        if word.isalnum():
            return [(word, False, False)]
        parts = word.split("-")
        if all(map(str.isalnum, parts)):
            last = parts.pop()
            return [*((part, True, False) for part in parts), (last, False, False)]
    if not (chunk.isascii() and chunk.isprintable()):
        chunk = unicodedata.normalize("NFKC", chunk).translate(_CHARACTERS).replace(_JOINT + STAR, STAR)
    return _cut_anything(chunk)


def _cut_anything(chunk: str) -> list[Cut]:
    words: list[Cut] = []
    last, end = "", 0
    for word in _WORD.finditer(chunk):
        between = chunk[end : word.start()]
        text = word[0]
        if last and text in {"s", "S"} and between.strip(_JOINT) == "'":
            end = word.end()  # the possessive is dropped as if it were not there
            continue
        if last:
            words.append(_cut_word(last, joint=_ONLY_JOINT.fullmatch(between) is not None))
        last, end = text, word.end()
    if last:
        words.append(_cut_word(last, joint=False))
    return words


def _cut_word(text: str, *, joint: bool) -> Cut:
    return (text[:-1], False, True) if text[-1] == STAR else (text, joint, False)


def spans(words: Sequence[Piece]) -> tuple[tuple[WordSpan, ...], ...]:
    """At each place the words that begin there: the one itself and, joined, its neighbours at joints."""
    return tuple(_spans_at(words, start) for start in range(len(words)))


def _spans_at(words: Sequence[Piece], start: int) -> tuple[WordSpan, ...]:
    first = words[start]
    spans_there = [WordSpan(1, first.exact, first.plain, first.folded, first.star)]
    joined = first.exact
    for place in range(start + 1, min(start + MOST_JOINED, len(words))):
        if not words[place - 1].joint:
            break
        joined += words[place].exact
        spans_there.append(WordSpan(place - start + 1, joined, *spellings(joined), words[place].star))
    return tuple(spans_there)


def _spans(chunk: str) -> tuple[tuple[WordSpan, ...], ...]:
    """The spans at each place of a text without spaces and TeX."""
    cuts = cut_chunk(chunk)
    if len(cuts) > 1:
        return spans(_spelled(cuts))
    # Nine of ten texts are a single word, which joins nothing.
    return tuple((WordSpan(1, exact, *spellings(exact), star),) for exact, _, star in cuts)


class _Recurring(dict[str, Made]):
    """What `make` says of texts. When half of it is full, that half is the old one, from which what recurs is taken."""

    def __init__(self, make: Callable[[str], Made], most: int) -> None:
        self._make, self._most = make, most
        self._old: dict[str, Made] = {}

    def __missing__(self, chunk: str) -> Made:
        made = self._old.get(chunk)
        if made is None:
            made = self._make(chunk)
        if len(chunk) <= _LONGEST_REMEMBERED:
            if len(self) >= self._most // 2:
                self._old = dict(self)
                self.clear()
            self[chunk] = made
        return made


def remembered(make: Callable[[str], Made], most: int = _REMEMBERED) -> Callable[[str], Made]:
    """`make`, which remembers its results for texts without spaces, which recur, at most `most` of them.

    What `make` says of a text must never change. If it depends on something else, another one of these is made for each
    generation of that; none can be emptied. A third faster than `functools.lru_cache`, and long texts are not kept.
    """
    return _Recurring(make, most).__getitem__


spans_of = remembered(_spans)
"""The spans at each place of a text without spaces and TeX. Never stale: they depend on the text alone."""


def _folded(chunk: str) -> tuple[str, ...]:
    return tuple({span.folded for spans_there in spans_of(chunk) for span in spans_there})


_words_of_chunk = remembered(_folded)  # never stale: they depend on the text alone


def chunks_of(text: str) -> list[str]:
    """A text cut at spaces and common stops, TeX reduced: what `words_of` and `places_of` read.

    Stops separate words as spaces do, as neither is ever a joint; so the same texts recur much more often.
    Reads 20,000 characters at most.
    """
    text = reduce_tex(text[:_LONGEST_TEXT])
    for sign in _PARTING:
        text = text.replace(sign, " ")
    return text.split()


def words_of(chunks: list[str]) -> set[str]:
    """The folded words of a text, joined ones too."""
    return set(chain.from_iterable(map(_words_of_chunk, chunks)))


def places_of(chunks: list[str]) -> list[tuple[WordSpan, ...]]:
    return list(chain.from_iterable(map(spans_of, chunks)))
