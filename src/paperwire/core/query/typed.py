"""A query as typed, made uniform: NFKC, one kind of quote, dash and space, and each character's typed column."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

from paperwire.core.text.words import APOSTROPHES, STAR, is_cjk

_QUOTES = frozenset("“”„‟❝❞〝〞＂")
_DASHES = frozenset("−˗⁃")
TEX = re.compile(r'\$(?=[^$"\\{}|\[\]]*[\\{}|\[\]])[^$"]*\$')
"""Matches TeX between two `$` that has a character which is refused elsewhere outside quotes."""
_CLUSTER = re.compile(r".[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u1160-\u11ff\u3099\u309a]*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Typed:
    """`text` is uniform; `column(place)` is where the character at `place` was typed, counted from 1."""

    text: str
    places: tuple[int, ...] | None

    def column(self, place: int) -> int:
        """The typed column of a place of `text`; the end of the text is one after the last character."""
        return (place if self.places is None else self.places[place]) + 1


def typed(query: str, limit: int) -> Typed:
    """The uniform text of a query, cut off soon after `limit` characters (one may decompose to 18)."""
    if query.isascii() and query.isprintable():
        return Typed(query, None)
    text: list[str] = []
    places: list[int] = []
    for cluster in _CLUSTER.finditer(query):
        seen = _uniform(cluster[0])
        text.append(seen)
        places.extend([cluster.start()] * len(seen))
        if len(places) > limit:
            break
    return Typed("".join(text), (*places, len(query)))


@lru_cache(maxsize=4096)
def _uniform(cluster: str) -> str:
    """A character with its marks: NFKC, but quotes and dashes first, as some decompose to something else."""
    composed = cluster if cluster in _QUOTES else unicodedata.normalize("NFKC", cluster)
    return "".join(map(_plain, composed))


def _plain(char: str) -> str:
    if char in _QUOTES:
        return '"'
    category = unicodedata.category(char)
    if category == "Pd" or char in _DASHES:
        return "-"
    if category == "Cc":
        return " "
    return "" if category == "Cf" else char


_BACKWARDS = re.compile(rf"[^\W_]+(?:(?:(?![{APOSTROPHES}]{{2}})[-_^{APOSTROPHES}])+[^\W_]+)*")
"""A word with those at joints before it, read from its end."""
_SHORTEST_BEGINNING = 3


def starred(text: str) -> str:
    """`text` with `STAR` for every `*` at the end of a word of three letters or digits or more, joined ones together.

    `GPT-4*` has four of them. A CJK character is a word of its own, and no beginning.
    """
    before, *parts = text.split("*")
    for part in parts:
        ends = not part[:1].isalnum()
        before += (STAR if ends and _letters_at_end(before) >= _SHORTEST_BEGINNING else "*") + part
    return before


def _letters_at_end(text: str) -> int:
    """How many letters and digits the word at the end has, those before it at joints included."""
    match = _BACKWARDS.match(text[::-1])
    word = takewhile(lambda char: not is_cjk(char), match[0] if match else "")
    return sum(map(str.isalnum, word))
