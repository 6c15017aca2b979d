"""Where in a text as people read it the words of a query stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from paperwire.core.query.language import Query
from paperwire.core.query.nodes import terms_of
from paperwire.core.query.terms.words import Words
from paperwire.core.text.words import Piece, is_cjk, pieces

_MOST_JOINED = 4
"""Words with joints between them that may be one word of the query."""
_JOINTS = frozenset("-‐‑–'’_^")
_KEPT_WORDS = 10_000
_TOKEN = re.compile(r"[^\W_](?:\+\+|#)|[^\W_]+")


class _Token(NamedTuple):
    start: int
    end: int
    piece: Piece


class Highlighter:
    """The wanted words and phrases of a query, looked for in texts of one field (`ti` or `abs`).

    What it finds is a match; a match by words that only the evaluator joins may be left out.
    """

    def __init__(self, query: Query, field: str) -> None:
        words = [term for term, is_wanted in terms_of(query.root) if is_wanted and isinstance(term, Words)]
        self._terms = [term for term in words if term.field in {"", field}]
        self._joined = ["".join(piece.plain for piece in term.pieces) for term in self._terms]
        self._begun: dict[str, Sequence[Words]] = {}

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the words begin and end in a text, in order, none within another."""
        tokens = list(_tokens(text)) if self._terms else []
        return _merged(
            (token.start, tokens[place + length - 1].end)
            for place, token in enumerate(tokens)
            for term in self._begun_by(token.piece)
            if (length := _length_at(term, text, tokens, place))
        )

    def _begun_by(self, piece: Piece) -> Sequence[Words]:
        """The terms that a word may begin: of most words none, and texts say the same words again and again."""
        terms = self._begun.get(piece.exact)
        if terms is None:
            terms = self._begun[piece.exact] = [
                term
                for term, joined in zip(self._terms, self._joined, strict=True)
                if joined.startswith(piece.plain) or _is(term, term.pieces[0], piece)
            ]
        return terms


class Highlighters(NamedTuple):
    """Those of one query, for titles and for abstracts."""

    title: Highlighter
    abstract: Highlighter

    @classmethod
    def of(cls, query: Query) -> Highlighters:
        return cls(Highlighter(query, "ti"), Highlighter(query, "abs"))


def _tokens(text: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(text):
        spots = [match.span()]
        if not match[0].isascii() and any(map(is_cjk, match[0])):  # each such character is a word
            spots = [(place, place + 1) for place in range(match.start(), match.end())]
        for start, end in spots:
            piece = _only_piece(text[start:end])
            if piece is not None:
                yield _Token(start, end, piece)


@lru_cache(maxsize=_KEPT_WORDS)
def _only_piece(token: str) -> Piece | None:
    """The one word of a token; None if it is none or several."""
    words = pieces(token)
    return words[0] if len(words) == 1 else None


def _length_at(term: Words, text: str, tokens: Sequence[_Token], place: int) -> int:
    """How many tokens from `place` on are what a term says; 0 for none."""
    sought = term.pieces
    there = tokens[place : place + len(sought)]
    if len(there) == len(sought) and all(
        _is(term, piece, token.piece) for piece, token in zip(sought, there, strict=True)
    ):
        return len(sought)
    if len(sought) > 1 and all(piece.joint for piece in sought[:-1]):
        joined = "".join(piece.plain for piece in sought)
        return int(joined == tokens[place].piece.plain)
    return _joined_length(sought[0].plain, text, tokens, place) if len(sought) == 1 and not term.exact else 0


def _is(term: Words, wanted: Piece, piece: Piece) -> bool:
    if term.exact:
        return piece.exact.startswith(wanted.exact) if wanted.star else piece.exact == wanted.exact
    return piece.plain.startswith(wanted.plain) if wanted.star else piece.folded == wanted.folded


def _joined_length(word: str, text: str, tokens: Sequence[_Token], place: int) -> int:
    """How many tokens with joints between them are one word of the query: `finetuning` finds "fine-tuning"."""
    joined = tokens[place].piece.plain
    for length in range(2, _MOST_JOINED + 1):
        last = place + length - 1
        if last >= len(tokens) or not word.startswith(joined):
            return 0
        between = text[tokens[last - 1].end : tokens[last].start]
        if between not in _JOINTS:
            return 0
        joined += tokens[last].piece.plain
        if joined == word:
            return length
    return 0


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
