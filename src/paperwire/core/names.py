"""Author names: as sources write them in, as people read them out."""

from __future__ import annotations

import re
import unicodedata

from paperwire.core.tex import reduce_tex
from paperwire.core.words import pieces

_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv)\.?", re.IGNORECASE)
_INITIALS = re.compile(r"[^\W\d_]\.?(?:[\s-]*[^\W\d_]\.?){0,3}")
MAX_AUTHORS, MAX_NAME = 20_000, 500
"""The most names of a paper, and letters of a name, that are read of a source; the longest real list has 15,025."""
_BLANKS = re.compile(r"\s+")
# One author after the other: a comma, a semicolon, the word "and"; "and" also behind a comma.
_BETWEEN = re.compile(r"\s*(?:;|,\s*and\s+|,|\s+and\s+|\s+&\s+)\s*")


def tidy_name(text: str) -> str:
    r"""One name as people write it: TeX accents resolved, affiliations in brackets dropped, `Family, Given` turned.

    `J\"org M{\"u}ller (ETH Zurich)` is `Jörg Müller`; `Hawking, S. W.` is `S. W. Hawking`; `King, M., Jr` is
    `M. King Jr`. Never fails; a name of which nothing is left is empty.
    """
    text = _without_brackets(unicodedata.normalize("NFC", reduce_tex(text)))
    text = _BLANKS.sub(" ", text).strip(" ,;")
    family, comma, given = text.partition(",")
    if not comma:
        return text
    given, _, suffix = (part.strip() for part in given.partition(","))
    if _SUFFIX.fullmatch(given):
        given, suffix = suffix, given
    return " ".join(part for part in (given, family.strip(), suffix) if part)


def split_names(text: str) -> tuple[str, ...]:
    r"""The names in one string such as arXiv's feeds send: joined by commas and "and", affiliations in brackets.

    A comma before `Jr`, `II` and the like belongs to the name, one before bare initials parts `Family, G.`; strings
    with semicolons hold `Family, Given` names.
    """
    text = _without_brackets(unicodedata.normalize("NFC", reduce_tex(text)))
    pieces = text.split(";") if ";" in text else _BETWEEN.split(text)
    names: list[str] = []
    for piece in pieces:
        name = tidy_name(piece)
        if names and _SUFFIX.fullmatch(name):
            names[-1] += f" {name}"
        elif names and _INITIALS.fullmatch(name) and name.isupper() and " " not in names[-1]:
            names[-1] = f"{name} {names[-1]}"
        elif name and any(map(str.isalnum, name)):
            names.append(name)
    return tuple(names)


def family_name(name: str) -> str:
    """The last word of a tidy name that is no `Jr` or `III`; empty for an empty name."""
    words = name.split()
    while len(words) > 1 and _SUFFIX.fullmatch(words[-1]):
        words.pop()
    return words[-1] if words else ""


def _without_brackets(text: str) -> str:
    """`text` less everything in round brackets, nested ones too; an open one ends at the end."""
    if "(" not in text and ")" not in text:
        return text
    kept, depth = [], 0
    for char in text:
        if char == "(":
            depth += 1
        elif char == ")":
            depth = max(0, depth - 1)
        elif not depth:
            kept.append(char)
    return "".join(kept)


def folded(text: str) -> str:
    """The words of a name or title without regard to case, accents, TeX and punctuation, joined by single blanks."""
    return " ".join(piece.plain for piece in pieces(text))
