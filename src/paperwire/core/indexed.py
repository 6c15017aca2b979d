"""What a full-text index holds of a paper: its words, the joined ones with their neighbours, names and classes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from paperwire.core.words import Remembered, spans_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from paperwire.core.text import Doc, Field

INDEX_VERSION = 2
"""Grows whenever `index_row` writes something else for the same paper: an older index must then be written anew."""

LONGEST = 100
"""A token has at most so many characters of its word."""

_LONGEST_TAIL = 300_000

_Joined: TypeAlias = tuple[int, int, str]
"""A word joined at joints: at which place it begins, of how many words it is joined, and its token without a kind."""


@dataclass(frozen=True, slots=True)
class IndexRow:
    """What the index holds of a paper, by column: tokens of small letters and digits, parted by blanks.

    `title` and `abstract` begin with the words in reading order, `w` and the folded word each, so that a sequence of
    words is a phrase. Behind them, in no order: words joined at joints among their neighbours (`_among_neighbours`),
    `p` for words that lost their plural, as they stand there, `n` for folded words that the word as it stands does not
    begin with. `rest` has `a` for words of authors' names, `f` for the letters those begin with, `c` for classes and
    what is above them, `s` for the source, `i` for the id, `hcode` if there is code.
    """

    title: str
    abstract: str
    rest: str


def index_row(doc: Doc) -> IndexRow:
    """What the index holds of a paper."""
    rest = {token(kind, text) for word in doc.author_words for kind, text in (("a", word), ("f", word[:1]))}
    rest |= {token("c", name) for one in doc.classes for name in _upwards(one)}
    rest |= {token("s", doc.source), token("i", doc.id)} | ({"hcode"} if doc.has_code else set())
    return IndexRow(_column(doc.title), _column(doc.abstract), " ".join(sorted(rest)))


def _column(field: Field) -> str:
    words: list[str] = []
    joined: list[_Joined] = []
    tails: set[str] = set()
    for singles, behind in map(_CHUNKS.__getitem__, field.chunks):
        if behind is not None:
            joined += [(len(words) + place, length, word) for place, length, word in behind.joined]
            tails.update(behind.tail)
        words += singles
    tails.update(_among_neighbours(joined, words))
    return " ".join([*words, " ".join(sorted(tails))[:_LONGEST_TAIL]])


class _Behind(NamedTuple):
    """What goes behind all words because of a text without blanks: words joined in it, and what is told as it is."""

    joined: tuple[_Joined, ...]
    tail: tuple[str, ...]


def _chunk(chunk: str) -> tuple[tuple[str, ...], _Behind | None]:
    """The words of a text without blanks, and what goes behind all words because of them, if anything."""
    places = spans_of(chunk)
    joined = [(at, span.length, token("", span.folded)) for at, here in enumerate(places) for span in here[1:]]
    tail: list[str] = []
    for span in chain.from_iterable(places):
        if span.plain != span.folded:
            tail.append(token("p", span.plain))
        if not span.plain.startswith(span.folded):
            tail.append(token("n", span.folded))
    behind = _Behind(tuple(joined), tuple(tail)) if joined or tail else None
    return tuple(token("w", here[0].folded) for here in places), behind


_CHUNKS = Remembered(_chunk)


def _among_neighbours(joined: Iterable[_Joined], words: Sequence[str]) -> Iterator[str]:
    """Joined words, in the order of their places, as `j` among their neighbours as `y`, and as `w`.

    Neighbours are the words before and behind one, and joined ones that end before it. So `y` beside `j` always says
    that these two are neighbours in the text, and as none begins with `w`, no sequence of words reaches in here.
    """
    ending: dict[int, list[str]] = {}
    for place, length, word in joined:
        end = place + length
        before = [f"y{words[place - 1][1:]}"] if place else []
        behind = [f"y{one[1:]}" for one in words[end : end + 1]]
        yield " ".join([*before, f"j{word}", *behind, f"w{word}"])
        yield from (f"y{other} j{word} w{word}" for other in ending.get(place, ()))
        ending.setdefault(end, []).append(word)


def _upwards(name: str) -> Iterator[str]:
    """A class and all above it: `cs.cv`, `cs`."""
    parts = name.split(".")
    return (".".join(parts[: count + 1]) for count in range(len(parts)))


# --- tokens: of small letters and digits, which FTS5's `unicode61` and PostgreSQL's `simple` leave as they are -------


def token(kind: str, word: str) -> str:
    """A word as one token: what is no small letter or digit is spelled out, beginnings stay beginnings.

    Words are cut at LONGEST characters.
    """
    word = word[:LONGEST]
    if word.isascii() and word.isalnum() and "q" not in word:
        return kind + word
    return kind + "".join(map(_spelled, word))


def _spelled(char: str) -> str:
    if char == "q":
        return "qq"
    return char if char.isascii() and char.isalnum() else f"q{ord(char):x}z"
