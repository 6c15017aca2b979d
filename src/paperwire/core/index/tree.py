"""What a word index can be asked for: trees of tokens, in their simplest form.

Tokens are words of small letters and digits, which FTS5's `unicode61` and PostgreSQL's `simple` leave as they are.
"""

from __future__ import annotations

import string
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Literal, TypeAlias

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


Column: TypeAlias = Literal["", "title", "abstract", "rest"]
"""A column of the index; empty for title or abstract."""


@dataclass(frozen=True, slots=True)
class Has:
    """Papers with the token `text`, or with `star` one that begins so, in `column`."""

    text: str
    column: Column = ""
    star: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Papers with these two or more tokens in sequence in `column`; with `star` the last one begins so."""

    texts: tuple[str, ...]
    column: Column = ""
    star: bool = False


@dataclass(frozen=True, slots=True)
class AllOf:
    """Papers of all `parts`; two or more."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Papers of any of `parts`; two or more."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """Papers of `keep` that are not of `drop`; `keep` is everything at most at the top."""

    keep: Tree
    drop: Tree


@dataclass(frozen=True, slots=True)
class Everything:
    """All papers."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """No paper."""


Tree: TypeAlias = Has | Phrase | AllOf | AnyOf | Without | Everything | Nothing
EVERYTHING, NOTHING = Everything(), Nothing()


def marked(tree: Tree, mark: str) -> Tree:
    """A tree of words anywhere, asked of a text in column `rest` whose tokens have `mark` in front."""
    match tree:
        case Has(text, _, star):
            return Has(mark + text, "rest", star)
        case Phrase(texts, _, star):
            return Phrase(tuple(mark + text for text in texts), "rest", star)
        case AllOf(parts):
            return AllOf(tuple(marked(part, mark) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(marked(part, mark) for part in parts))
        case Without(keep, drop):
            return Without(marked(keep, mark), marked(drop, mark))
    return tree


@dataclass(frozen=True, slots=True)
class Ask:
    """What to ask an index for a query: it matches all papers of `sure`, and none but those of `most`."""

    sure: Tree
    most: Tree

    @property
    def exact(self) -> bool:
        """Whether the index alone knows the answer."""
        return self.sure == self.most


def ask_for(tree: Tree, *, is_exact: bool) -> Ask:
    """Exactly `tree`; no more than it unless the answer is `is_exact`."""
    return Ask(tree if is_exact else NOTHING, tree)


# --- trees in their simplest form ----------------------------------------------------------------------------------
# "All papers but those of d" stands alone or not at all: an index must be asked for something that papers have.


def without(keep: Tree, drop: Tree) -> Tree:
    if NOTHING in {keep, drop}:
        return keep
    if isinstance(keep, AnyOf):
        gone = drop.parts if isinstance(drop, AnyOf) else (drop,)
        left = tuple(part for part in keep.parts if part not in gone)
        if len(left) < len(keep.parts):
            return without(any_of(left), drop)
    if drop == keep:
        return NOTHING
    if is_rest(drop):
        return all_of([keep, _left_out(drop)])
    if is_rest(keep):
        return Without(EVERYTHING, any_of([_left_out(keep), drop]))
    return Without(keep, drop)


def all_of(parts: Iterable[Tree]) -> Tree:
    """Papers of all `parts`; everything if there are none."""
    distinct = _distinct(parts, EVERYTHING, AllOf)
    if NOTHING in distinct:
        return NOTHING
    needed = tuple(part for part in distinct if not is_rest(part))
    keep: Tree = AllOf(needed) if len(needed) > 1 else needed[0] if needed else EVERYTHING
    return without(keep, any_of(_left_out(part) for part in distinct if is_rest(part)))


def any_of(parts: Iterable[Tree]) -> Tree:
    """Papers of any of `parts`; nothing if there are none."""
    distinct = _distinct(parts, NOTHING, AnyOf)
    if EVERYTHING in distinct:
        return EVERYTHING
    needed = tuple(part for part in distinct if not is_rest(part))
    keep: Tree = AnyOf(needed) if len(needed) > 1 else needed[0] if needed else NOTHING
    left_out = [_left_out(part) for part in distinct if is_rest(part)]
    return without(EVERYTHING, without(all_of(left_out), keep)) if left_out else keep


def is_rest(tree: Tree) -> bool:
    """Whether this is all papers but some."""
    return tree == EVERYTHING or (isinstance(tree, Without) and tree.keep == EVERYTHING)


def _left_out(tree: Tree) -> Tree:
    """The papers that are missing in all papers but some."""
    return tree.drop if isinstance(tree, Without) else NOTHING


def _distinct(parts: Iterable[Tree], idle: Tree, kind: type[AllOf | AnyOf]) -> tuple[Tree, ...]:
    """The parts flat, each once, without those that change nothing."""
    flat = chain.from_iterable(part.parts if isinstance(part, kind) else (part,) for part in parts)
    return tuple(dict.fromkeys(part for part in flat if part != idle))
