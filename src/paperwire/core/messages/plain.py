"""What people typed reduced to plain words, for readers whom they name and who don't know them."""

from __future__ import annotations

import re
import unicodedata

from paperwire.core.papers.categories import CATEGORIES

_CATEGORIES = {name.casefold(): name for name in CATEGORIES}
_LONGEST, _LONGEST_WORD, _LONGEST_NUMBER = 80, 30, 4
_READ = 2000
_PIECE = re.compile(r"[A-Za-z-]+\.[A-Za-z-]+|[^\W_]+")
_WORD = re.compile(r"[^\W_]+")
_LINKS = frozenset({"http", "https", "www"})
# Where programs find a link: a scheme, an address of mail, a name with dots (those of other scripts, too).
_JOINT = re.compile(r"[a-zA-Z][\w+.-]*://|[@\\]")
_DOTTED = re.compile(r"[\w-]+(?:[.\u3002\uff0e\uff61][\w-]+)+")
_DOT = re.compile(r"[.\u3002\uff0e\uff61](?=[^\W\d_]{2})")


def plain_words(text: str, limit: int = _LONGEST) -> str:
    """The words of a query in lower case with single spaces, at most `limit` characters and an ellipsis.

    Nothing of it is a link, a number to call or markup: only letters, short numbers and names of categories stay.
    """
    words: list[str] = []
    for piece in _PIECE.findall(unicodedata.normalize("NFKC", text[:_READ])):
        category = _CATEGORIES.get(piece.casefold())
        words += [category] if category else filter(_is_shown, map(str.casefold, _WORD.findall(piece)))
    shown = ""
    for word in words:
        if len(shown) + len(word) >= limit:
            return f"{shown} …".strip()
        shown = f"{shown} {word}".strip()
    return shown


def _is_shown(word: str) -> bool:
    if word in _LINKS or len(word) > _LONGEST_WORD:
        return False
    return sum(map(str.isdigit, word)) <= _LONGEST_NUMBER


def without_links(query: str) -> str:
    """The text of a query in which no program finds an address to make a link of; names of categories stay."""
    return " ".join(_DOTTED.sub(_apart, _JOINT.sub(" ", query)).split())


def _apart(name: re.Match[str]) -> str:
    return name[0] if name[0].casefold() in _CATEGORIES else _DOT.sub(" ", name[0])
