"""What each field of the query language takes: its names, its kind of term, its values."""

from __future__ import annotations

import difflib
import re
from itertools import takewhile
from typing import TYPE_CHECKING

from paperwire.core.papers.categories import ARCHIVES, CATEGORIES
from paperwire.core.query.terms import Author, Category, HasCode, Id, Source, Words
from paperwire.core.text.words import APOSTROPHES, STAR, is_cjk

if TYPE_CHECKING:
    from paperwire.core.query.terms import Term

FIELDS = {
    "ti": "ti", "title": "ti", "abs": "abs", "abstract": "abs", "au": "au", "author": "au", "cat": "cat",
    "category": "cat", "source": "source", "id": "id", "has": "has", "all": "",
}  # fmt: skip
"""Every name of a field in small letters, and the field's short name; `all` is none."""

VALUE_FIELDS = frozenset({"cat", "source", "id", "has"})
"""Fields that know nothing but equality: no `*`, no `=`."""

_KINDS: dict[str, type[Term]] = {"au": Author, "cat": Category, "source": Source, "id": Id, "has": HasCode}
_CLASSES = {
    name.casefold(): name
    for name in (*CATEGORIES, *(name for name in ARCHIVES if "-" in name), *(f"{name}.*" for name in ARCHIVES))
    if "." in name or "-" in name
}
_BACKWARDS = re.compile(rf"[^\W_]+(?:(?:(?![{APOSTROPHES}]{{2}})[-_^{APOSTROPHES}])+[^\W_]+)*")
"""A word with those at joints before it, read from its end."""
_SHORTEST = 3


def nearest_field(name: str) -> str:
    """The field whose name is most like `name`, empty if none is."""
    return next(iter(difflib.get_close_matches(name.casefold(), FIELDS, n=1)), "")


def class_named(text: str) -> str:
    """The class or archive of arXiv that is typed here without `cat:`, empty if it is none."""
    return _CLASSES.get(text.casefold().strip(",;"), "")


def starred(text: str) -> str:
    """`text` with `STAR` for every `*` at the end of a word of three letters or digits or more, joined ones together.

    `GPT-4*` has four of them. A CJK character is a word of its own, and no beginning.
    """
    before, *rest = text.split("*")
    for behind in rest:
        ends = not behind[:1].isalnum()
        before += (STAR if ends and _letters_at_end(before) >= _SHORTEST else "*") + behind
    return before


def _letters_at_end(text: str) -> int:
    """How many letters and digits the word at the end has, those before it at joints included."""
    found = _BACKWARDS.match(text[::-1])
    word = takewhile(lambda char: not is_cjk(char), found[0] if found else "")
    return sum(map(str.isalnum, word))


def term_of(field: str, text: str, *, quoted: bool, exact: bool) -> Term | None:
    """The term that `text` is in `field`; None if it holds no word."""
    term = _KINDS.get(field, Words)(field, text, quoted, exact)
    return term if term.is_something() else None
