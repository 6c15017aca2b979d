"""What a full-text index holds of a paper: its words, the joined ones with their neighbours, names and classes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, combinations
from typing import TYPE_CHECKING, NamedTuple

from paperwire.core.query.authors import readings, simple_words
from paperwire.core.text.words import Remembered, spans_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from paperwire.core.query.prepared import Doc, Field

INDEX_VERSION = 3
"""Grows whenever `index_row` writes something else for the same paper: an older index must then be written anew."""

LONGEST = 100
"""A token has at most so many characters of its word."""

LONGEST_NAME = 6
"""Names of more words are not told apart: a paper with one has the token `LONG_NAME`."""
LONG_NAME = "z"

_LONGEST_TAIL = 300_000


class _Joined(NamedTuple):
    """A word joined at joints: where it begins, of how many words, its folded token without a kind, its exact token."""

    place: int
    length: int
    word: str
    exact: str


@dataclass(frozen=True, slots=True)
class IndexRow:
    """What the index holds of a paper, by column: tokens of small letters and digits, parted by blanks.

    `title` and `abstract` begin with the words in reading order, `w` and the folded word each, so that a sequence of
    words is a phrase; then the same as they stand there (`exact_token`). Behind them, in no order: words joined at
    joints among their neighbours (`_among_neighbours`), `p` for words that lost their plural, as they stand there, `n`
    for folded words that the word as it stands does not begin with. `rest` has `a` for words of authors' names, what
    `_name_tokens` says of each name, `c` for classes and what is above them, `s` for the source, `i` for the id,
    `hcode` if there is code.
    """

    title: str
    abstract: str
    rest: str


def index_row(doc: Doc) -> IndexRow:
    """What the index holds of a paper."""
    rest = {token("a", word) for word in doc.author_words}
    rest.update(chain.from_iterable(map(_name_tokens, doc.paper.authors)))
    rest |= {token("c", name) for one in doc.classes for name in _upwards(one)}
    rest |= {token("s", doc.source), token("i", doc.id)} | ({"hcode"} if doc.has_code else set())
    return IndexRow(_column(doc.title), _column(doc.abstract), " ".join(sorted(rest)))


def _column(field: Field) -> str:
    words: list[str] = []
    exact: list[str] = []
    joined: list[_Joined] = []
    tails: set[str] = set()
    for singles, standing, behind in map(_CHUNKS.__getitem__, field.chunks):
        if behind is not None:
            joined += [one._replace(place=len(words) + one.place) for one in behind.joined]
            tails.update(behind.tail)
        words += singles
        exact += standing
    tails.update(_among_neighbours(joined, words))
    return " ".join([*words, *exact, " ".join(sorted(tails))[:_LONGEST_TAIL]])


class _Behind(NamedTuple):
    """What goes behind all words because of a text without blanks: words joined in it, and what is told as it is."""

    joined: tuple[_Joined, ...]
    tail: tuple[str, ...]


def _chunk(chunk: str) -> tuple[tuple[str, ...], tuple[str, ...], _Behind | None]:
    """The words of a text without blanks, folded and exact, and what goes behind all words because of them, if any."""
    places = spans_of(chunk)
    joined = [
        _Joined(at, span.length, token("", span.folded), exact_token(span.exact))
        for at, here in enumerate(places)
        for span in here[1:]
    ]
    tail: list[str] = []
    for span in chain.from_iterable(places):
        if span.plain != span.folded:
            tail.append(token("p", span.plain))
        if not span.plain.startswith(span.folded):
            tail.append(token("n", span.folded))
    behind = _Behind(tuple(joined), tuple(tail)) if joined or tail else None
    return (
        tuple(token("w", here[0].folded) for here in places),
        tuple(exact_token(here[0].exact) for here in places),
        behind,
    )


_CHUNKS = Remembered(_chunk)


def _among_neighbours(joined: Iterable[_Joined], words: Sequence[str]) -> Iterator[str]:
    """Joined words, in the order of their places, as `j` among their neighbours as `y`, as `w` and exact.

    Neighbours are the words before and behind one, and joined ones that end before it. So `y` beside `j` always says
    that these two are neighbours in the text, and as none begins with `w` or is exact, no sequence of words reaches in
    here.
    """
    ending: dict[int, list[str]] = {}
    for place, length, word, exact in joined:
        end = place + length
        before = [f"y{words[place - 1][1:]}"] if place else []
        behind = [f"y{one[1:]}" for one in words[end : end + 1]]
        yield " ".join([*before, f"j{word}", *behind, f"w{word}", exact])
        yield from (f"y{other} j{word} w{word}" for other in ending.get(place, ()))
        ending.setdefault(end, []).append(word)


@lru_cache(maxsize=20_000)
def _name_tokens(name: str) -> tuple[str, ...]:
    """Which words one author has.

    `b` for any two of them. Beside the last word, `g` for the letter that the first begins with, `k` if the first is
    that letter, `m` for the letters that those between begin with.
    """
    found: list[str] = []
    simple = simple_words(name)
    for words in [simple] if simple is not None else [[span.plain for span in way] for way in readings(name)]:
        if len(words) > LONGEST_NAME:
            found.append(LONG_NAME)
            continue
        found += [name_token("b", *sorted(pair)) for pair in combinations(words, 2)]
        if len(words) > 1:
            first, *others, last = words
            found += [name_token(kind, first[0], last) for kind in ("gk" if len(first) == 1 else "g")]
            found += [name_token("m", word[0], last) for word in others]
    return tuple(found)


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
