"""Where in a text as people read it the words of a query stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice
from typing import NamedTuple

from paperwire.core.query.language import Query
from paperwire.core.query.nodes import terms_of
from paperwire.core.query.terms.words import Words
from paperwire.core.text.words import Piece, is_cjk, pieces

_MOST_JOINED = 4  # words with joints between them that may be one word of the query
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
        self._reach = max([_MOST_JOINED, *(len(term.pieces) for term in self._terms)])
        self._begun: dict[str, bool] = {}

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the words begin and end in a text, in order, none within another."""
        runs = (run for run in _TOKEN.finditer(text) if self._begins(run[0])) if self._terms else ()
        return _merged(chain.from_iterable(self._spans_from(run, text) for run in runs))

    def _begins(self, run: str) -> bool:
        """Whether a term may begin in a run of letters: in most none, and texts say the same words again and again."""
        is_begun = self._begun.get(run)
        if is_begun is None:
            is_begun = self._begun[run] = any(map(self._begun_by, _pieces_of(run)))
        return is_begun

    def _spans_from(self, run: re.Match[str], text: str) -> Iterator[tuple[int, int]]:
        """The spans that begin in a run."""
        count = len(_pieces_of(run[0]))
        tokens = list(islice(_tokens(text, run.start()), count + self._reach))
        for place in range(count):
            for term in self._begun_by(tokens[place].piece):
                if length := _length_at(term, text, tokens, place):
                    yield tokens[place].start, tokens[place + length - 1].end

    def _begun_by(self, piece: Piece) -> list[Words]:
        return [
            term
            for term, joined in zip(self._terms, self._joined, strict=True)
            if joined.startswith(piece.plain) or _is(term, term.pieces[0], piece)
        ]


class Highlighters(NamedTuple):
    """Those of one query, for titles and for abstracts."""

    title: Highlighter
    abstract: Highlighter

    @classmethod
    def of(cls, query: Query) -> Highlighters:
        return cls(Highlighter(query, "ti"), Highlighter(query, "abs"))


def _tokens(text: str, start: int = 0) -> Iterator[_Token]:
    for match in _TOKEN.finditer(text, start):
        spots = [match.span()]
        if not match[0].isascii() and any(map(is_cjk, match[0])):  # each such character is a word
            spots = [(place, place + 1) for place in range(match.start(), match.end())]
        for begin, end in spots:
            piece = _only_piece(text[begin:end])
            if piece is not None:
                yield _Token(begin, end, piece)


@lru_cache(maxsize=_KEPT_WORDS)
def _pieces_of(run: str) -> tuple[Piece, ...]:
    return tuple(token.piece for token in _tokens(run))


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


def _is(term: Words, sought: Piece, piece: Piece) -> bool:
    if term.exact:
        return piece.exact.startswith(sought.exact) if sought.star else piece.exact == sought.exact
    return piece.plain.startswith(sought.plain) if sought.star else piece.folded == sought.folded


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
