"""Tokens: words of small letters and digits, which FTS5's `unicode61` and PostgreSQL's `simple` leave as they are."""

from __future__ import annotations

import string

LONGEST_WORD = 100
"""Maximum characters of its word in a token."""


class _Spelled(dict[int, str]):
    """How each character of a word is spelled in a token, by its code point."""

    def __missing__(self, code: int) -> str:
        return f"q{code:x}z"


_SPELLED = _Spelled({ord(char): char for char in string.ascii_letters + string.digits} | {ord("q"): "qq"})
_EXACT = _Spelled(_SPELLED | {ord(char): f"qz{char.lower()}" for char in string.ascii_uppercase})


def token(kind: str, word: str) -> str:
    """A word as one token: what is no small letter or digit is spelled out, beginnings stay beginnings.

    Words are cut at LONGEST_WORD characters.
    """
    word = word[:LONGEST_WORD]
    if word.isascii() and word.isalnum() and "q" not in word:
        return kind + word
    return kind + word.translate(_SPELLED)


def name_token(kind: str, name: str, other: str) -> str:
    """Two words, or a letter and a word, of one author's name as one token."""
    return token(kind, f"{name} {other}")


def exact_token(word: str) -> str:
    """A word as it stands in a text as one token, as `token` makes them, capitals spelled out too."""
    return "x" + word[:LONGEST_WORD].translate(_EXACT)
