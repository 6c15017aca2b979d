"""Tokens: words of small letters and digits, which FTS5's `unicode61` and PostgreSQL's `simple` leave as they are."""

from __future__ import annotations

from functools import lru_cache

LONGEST = 100
"""Maximum characters of its word in a token."""


def token(kind: str, word: str) -> str:
    """A word as one token: what is no small letter or digit is spelled out, beginnings stay beginnings.

    Words are cut at LONGEST characters.
    """
    word = word[:LONGEST]
    if word.isascii() and word.isalnum() and "q" not in word:
        return kind + word
    return kind + "".join(map(_spelled, word))


def name_token(kind: str, one: str, other: str) -> str:
    """Two words, or a letter and a word, of one author's name as one token."""
    return token(kind, f"{one} {other}")


@lru_cache(maxsize=60_000)
def exact_token(word: str) -> str:
    """A word as it stands in a text as one token, as `token` makes them, capitals spelled out too."""
    word = word[:LONGEST]
    if word.isascii() and word.isalnum() and "q" not in word and word == word.lower():
        return f"x{word}"
    return "x" + "".join(f"qz{char.lower()}" if "A" <= char <= "Z" else _spelled(char) for char in word)


def _spelled(char: str) -> str:
    if char == "q":
        return "qq"
    return char if char.isascii() and char.isalnum() else f"q{ord(char):x}z"
