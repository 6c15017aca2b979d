"""What a full-text index holds of a paper, joined words with their neighbours too, and what it is asked for a query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from paperwire.core.index.tree import EVERYTHING, Ask, all_of, any_of, exact_token, token, without
from paperwire.core.query.language import Query
from paperwire.core.query.nodes import And, Node, Not, Or
from paperwire.core.query.prepared import RECORD_TEXTS, Doc, Field
from paperwire.core.query.terms import kinds
from paperwire.core.text.words import remembered, spans_of

INDEX_VERSION = 7
"""Grows whenever `index_row` writes something else for the same paper: an older index must then be rebuilt.

That may come from the rules of acceptance, the table of venues or what counts as a link, too.
"""

_LONGEST_TAIL = 300_000


class _Joined(NamedTuple):
    """A word joined at joints: where it begins, of how many words, its folded token without a kind, its exact token."""

    place: int
    length: int
    word: str
    exact: str


@dataclass(frozen=True, slots=True)
class IndexRow:
    """What the index holds of a paper, by column: tokens of small letters and digits, separated by spaces.

    `title` and `abstract` begin with the words in reading order, `w` and the folded word each, so that a sequence of
    words is a phrase; then the same as they stand there (`exact_token`). After them, in no order: words joined at
    joints among their neighbours (`_among_neighbours`), `p` for words that folding changed, as they stand there, `n`
    for folded words that the word as it stands does not begin with. `rest` begins with the texts of `RECORD_TEXTS` in
    the same way, each token after the text's mark, and then has what each kind of term says (`Term.tokens_of`), in the
    order of the alphabet. Lists of thousands of authors come last, as PostgreSQL counts to the 16,381st word.
    """

    title: str
    abstract: str
    rest: str


def index_row(doc: Doc) -> IndexRow:
    tokens = {token for kind in kinds.KINDS for token in kind.tokens_of(doc)}
    texts = [_marked(_column(doc.record_text(field)), text.mark) for field, text in RECORD_TEXTS.items()]
    return IndexRow(_column(doc.title), _column(doc.abstract), " ".join(filter(None, [*texts, *sorted(tokens)])))


def _marked(column: str, mark: str) -> str:
    return " ".join(mark + token for token in column.split())


def _column(field: Field) -> str:
    words: list[str] = []
    exact: list[str] = []
    joined: list[_Joined] = []
    tails: set[str] = set()
    for singles, standing, extra in map(_words_in, field.chunks):
        if extra is not None:
            if extra.joined:
                before = len(words)
                joined += [_Joined(before + word.place, word.length, word.word, word.exact) for word in extra.joined]
            tails.update(extra.tail)
        words += singles
        exact += standing
    tails.update(_among_neighbours(joined, words))
    return " ".join([*words, *exact, " ".join(sorted(tails))[:_LONGEST_TAIL]])


class _Extra(NamedTuple):
    """What goes after all words because of a text without spaces: words joined in it, and what is indexed as it is."""

    joined: tuple[_Joined, ...]
    tail: tuple[str, ...]


def _chunk(chunk: str) -> tuple[tuple[str, ...], tuple[str, ...], _Extra | None]:
    """The words of a text without spaces, folded and exact, and what goes after all words because of them, if any."""
    singles: list[str] = []
    standing: list[str] = []
    joined: list[_Joined] = []
    tail: list[str] = []
    for at, spans_there in enumerate(spans_of(chunk)):
        for length, exact, plain, folded, _ in spans_there:
            if length == 1:
                singles.append(token("w", folded))
                standing.append(exact_token(exact))
            else:
                joined.append(_Joined(at, length, token("", folded), exact_token(exact)))
            if plain != folded:
                tail.append(token("p", plain))
                if not plain.startswith(folded):
                    tail.append(token("n", folded))
    extra = _Extra(tuple(joined), tuple(tail)) if joined or tail else None
    return tuple(singles), tuple(standing), extra


_words_in = remembered(_chunk)  # never stale: they depend on the text alone


def _among_neighbours(joined: Iterable[_Joined], words: Sequence[str]) -> Iterator[str]:
    """Joined words, in the order of their places, as `j` among their neighbours as `y`, as `w` and exact.

    Neighbours are the words before and after one, and joined ones that end before it. So `y` next to `j` always says
    that these two are neighbours in the text, and as none begins with `w` or is exact, no sequence of words reaches in
    here.
    """
    ending: dict[int, list[str]] = {}
    for place, length, word, exact in joined:
        end = place + length
        before = [f"y{words[place - 1][1:]}"] if place else []
        after = [f"y{word[1:]}" for word in words[end : end + 1]]
        yield " ".join([*before, f"j{word}", *after, f"w{word}", exact])
        yield from (f"y{other} j{word} w{word}" for other in ending.get(place, ()))
        ending.setdefault(end, []).append(word)


def ask(query: Query) -> Ask:
    """What to ask an index for a query, upvotes aside."""
    return _of(query.root)


def _of(node: Node) -> Ask:
    if isinstance(node, And):
        return _of_all(node)
    if isinstance(node, Or):
        parts = [_of(part) for part in node.nodes]
        return Ask(any_of(part.sure for part in parts), any_of(part.most for part in parts))
    if isinstance(node, Not):
        inner = _of(node.node)
        return Ask(without(EVERYTHING, inner.most), without(EVERYTHING, inner.sure))
    return node.ask()


def _of_all(node: And) -> Ask:
    asks = [_of(part) for part in node.nodes if not isinstance(part, Not)]
    unwanted = [_of(part.node) for part in node.nodes if isinstance(part, Not)]
    sure, most = all_of(part.sure for part in asks), all_of(part.most for part in asks)
    surely_not, perhaps_not = any_of(part.sure for part in unwanted), any_of(part.most for part in unwanted)
    return Ask(without(sure, perhaps_not), without(most, surely_not))
