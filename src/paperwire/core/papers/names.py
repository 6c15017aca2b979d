"""Author names: as sources write them in, as people read them out."""

from __future__ import annotations

import re
import unicodedata

from paperwire.core.text.tex import reduce_tex
from paperwire.core.text.words import pieces

_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv)\.?", re.IGNORECASE)
_INITIALS = re.compile(r"[^\W\d_]\.?(?:[\s-]*[^\W\d_]\.?){0,3}")
MAX_AUTHORS, MAX_NAME = 20_000, 500
"""The most names of a paper, and letters of a name, that are read of a source; the longest real list has 15,025."""
_SPACES = re.compile(r"\s+")
# One author after the other: a comma, a semicolon, "and" or "&"; these two also after a comma.
_BETWEEN = re.compile(r"\s*(?:;|,\s*(?:and\s|&)|,|\s+(?:and|&)\s)\s*")
_JOINED = re.compile(r"(?:and\s|&)\s*")
_GROUP = r"\b(?:[Cc]ollaborations?|[Cc]onsorti(?:um|a)|[Gg]roups?|[Tt]eams?)\b"
# `for` counts only before the name of a group.
_BEHALF = re.compile(
    rf"(?:^|(?:\sand)?[\s,;])(?:[Oo]n behalf of|[Ff]or(?=\s[^,;]{{0,100}}?{_GROUP}))\s(?:the\s)?"
    rf"([^,;]{{0,100}}?{_GROUP}|[^,;]+)"
)


def tidy_name(text: str) -> str:
    r"""One name as people write it: TeX accents resolved, affiliations in brackets dropped, `Family, Given` turned.

    An "and" or "&" before it is dropped too. `J\"org M{\"u}ller (ETH Zurich)` is `Jörg Müller`; `Hawking, S. W.` is
    `S. W. Hawking`; `King, M., Jr` is `M. King Jr`. Never fails; a name of which nothing is left is empty.
    """
    text = _without_brackets(unicodedata.normalize("NFC", reduce_tex(text)))
    text = _SPACES.sub(" ", text).strip(" ,;")
    text = text[match.end() :] if (match := _JOINED.match(text)) else text
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
    with semicolons hold `Family, Given` names. `A. Bee on behalf of the CMS Collaboration` are `A. Bee` and
    `CMS Collaboration`.
    """
    names: list[str] = []
    # Names and, in every second place, the group that the one before stands for.
    for place, part in enumerate(_BEHALF.split(_plain(text))):
        names += [part.strip()] if place % 2 else _in_list(part)
    return tuple(names)


def names_of(text: str) -> tuple[str, ...]:
    """One entry of a list of authors: its tidy name, and the group it is on behalf of; nothing if neither is left."""
    name, *groups = _BEHALF.split(_plain(text), maxsplit=1)
    if not groups:  # `Collaboration, for the CMS`
        name, *groups = _BEHALF.split(tidy_name(name), maxsplit=1)
    return tuple(candidate for candidate in (tidy_name(name), *(group.strip() for group in groups[:1])) if candidate)


def _plain(text: str) -> str:
    """A string of names without TeX and brackets; as in arXiv's own split names, no group in brackets counts."""
    return _SPACES.sub(" ", _without_brackets(unicodedata.normalize("NFC", reduce_tex(text))))


def _in_list(text: str) -> list[str]:
    """The names in a text without groups."""
    names: list[str] = []
    for piece in text.split(";") if ";" in text else _BETWEEN.split(text):
        name = tidy_name(piece)
        if names and _SUFFIX.fullmatch(name):
            names[-1] += f" {name}"
        elif names and _INITIALS.fullmatch(name) and name.isupper() and " " not in names[-1]:
            names[-1] = f"{name} {names[-1]}"
        elif name and any(map(str.isalnum, name)):
            names.append(name)
    return names


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
    chars, depth = [], 0
    for char in text:
        if char == "(":
            depth += 1
        elif char == ")":
            depth = max(0, depth - 1)
        elif not depth:
            chars.append(char)
    return "".join(chars)


def folded(text: str) -> str:
    """The words of a name or title regardless of case, accents, TeX and punctuation, joined by single spaces."""
    return " ".join(piece.plain for piece in pieces(text))
