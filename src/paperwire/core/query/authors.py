"""Whether a query's words name an author: any order, initials, joints, suffixes and `Family, Given`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import product

from paperwire.core.text.tex import reduce_tex
from paperwire.core.text.words import Piece, WordSpan, pieces, spans

_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})
_MOST_READINGS = 64
_MOST_WORDS = 20  # of a name, the last ones; more is not a name
# Names that need it are some 450 of a day's 1,000 papers, asked for by index and matcher one after the other: 57 % are
# found so, and with ten times as many kept 58 %. Each takes 1 kB.
_READINGS_KEPT = 2_000

NameReading = tuple[WordSpan, ...]
"""One way to read a name's words: each joint is either a gap or joined."""


def turned(name: str) -> str:
    """`Family, Given` as `Given Family`, TeX reduced; a suffix after a comma goes to the end."""
    parts = [part for part in reduce_tex(name).split(",") if part.strip()]
    suffixes = [part for part in parts[1:] if part.strip(" .").casefold() in _SUFFIXES]
    names = [part for part in parts if part not in suffixes]
    return " ".join([*names[1:], *names[:1], *suffixes])


def name_pieces(name: str) -> tuple[Piece, ...]:
    """The words of a name, given ones first, without `Jr` and the like at the end."""
    words = pieces(turned(name))
    while len(words) > 1 and words[-1].plain in _SUFFIXES:
        words.pop()
    return tuple(words[-_MOST_WORDS:])


@lru_cache(maxsize=_READINGS_KEPT)
def readings(name: str) -> tuple[NameReading, ...]:
    """All ways to read a name; see `NameReading`."""
    return readings_of(name_pieces(name))


def readings_of(words: tuple[Piece, ...]) -> tuple[NameReading, ...]:
    """All ways to read these words; with very many joints not all of them."""
    at = spans(words)
    ways: list[tuple[NameReading, int]] = [((), 0)]
    done: list[NameReading] = []
    while ways:
        way, start = ways.pop()
        if start == len(at):
            done.append(way)
            continue
        choices = at[start] if len(ways) + len(done) < _MOST_READINGS else at[start][:1]
        ways.extend(((*way, span), start + span.length) for span in choices)
    return tuple(done)


def simple_words(name: str) -> list[str] | None:
    """The words of a name as most are, letters and digits without accents; None for any other name."""
    simple = name.replace(".", " ")
    if not (simple.isascii() and simple.replace(" ", "").isalnum()):
        return None
    words = simple.lower().split()
    while len(words) > 1 and words[-1] in _SUFFIXES:
        words.pop()
    return words[-_MOST_WORDS:]


def name_words(name: str) -> tuple[list[str], list[str]]:
    """Every word a name can be met by in full, joined ones too; and those of them that it may end with."""
    words = simple_words(name)
    if words is not None:
        return words, words[-1:]
    at = spans(name_pieces(name))
    ends = [
        span.plain for place, spans_there in enumerate(at) for span in spans_there if place + span.length == len(at)
    ]
    return [span.plain for spans_there in at for span in spans_there], ends


def is_author(asked_for: Sequence[NameReading], name: str) -> bool:
    """Whether one reading of the wanted words names this author.

    Each wanted word equals a different word of the name. A single letter on either side also stands for a word
    it begins if the name's last word is met in full and its first word is met at all.
    """
    return any(
        len(want) <= len(have) and (_all_equal(want, have) or _with_initials(want, have))
        for want, have in product(asked_for, readings(name))
    )


def _equals(want: WordSpan, have: WordSpan) -> bool:
    return have.plain.startswith(want.plain) if want.star else have.plain == want.plain


def _meets(want: WordSpan, have: WordSpan) -> bool:
    """Equal, or one is the other's initial."""
    if _equals(want, have):
        return True
    short, long = sorted((want.plain, have.plain), key=len)
    return len(short) == 1 and long.startswith(short)


def _all_equal(want: NameReading, have: NameReading) -> bool:
    edges = [[place for place, word in enumerate(have) if _equals(word_wanted, word)] for word_wanted in want]
    return _assignable(edges, {})


def _with_initials(want: NameReading, have: NameReading) -> bool:
    """With initials: the last word in full, the first at all, every wanted word somewhere else."""
    last = len(have) - 1
    edges = [[place for place, word in enumerate(have) if _meets(word_wanted, word)] for word_wanted in want]
    if not _assignable(edges, {}):
        return False
    for full in (number for number, word_wanted in enumerate(want) if _equals(word_wanted, have[last])):
        for first in (number for number, places in enumerate(edges) if number != full and 0 in places):
            if _assignable(edges, {last: full, 0: first}):
                return True
    return False


def _assignable(edges: list[list[int]], fixed: dict[int, int]) -> bool:
    """Whether every wanted word gets a place of its own, `fixed` places being taken (augmenting paths)."""
    taken = dict(fixed)
    settled = set(fixed.values())

    def place(number: int, seen: set[int]) -> bool:
        for spot in edges[number]:
            if spot in seen or spot in fixed:
                continue
            seen.add(spot)
            if spot not in taken or place(taken[spot], seen):
                taken[spot] = number
                return True
        return False

    return all(place(number, set()) for number in range(len(edges)) if number not in settled)
