"""Sequences of words that queries ask for, as a tree of their beginnings through which texts are followed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from paperwire.core.query.prepared import RECORD_TEXTS, Doc
from paperwire.core.query.terms.words import BEGINS, EXACTLY, EXACTLY_BEGINS
from paperwire.core.text.words import WordSpan, remembered, spans_of

# Texts without spaces. A day of 1,000 papers has 21,000 different ones, five days have 56,000; 93 % are remembered;
# with twice as many kept, which takes 11 MB more, 95 %.
MOST_REMEMBERED = 50_000
FIELDS = {"": "anywhere", "ti": "title", "abs": "abstract", "co": "comment", "org": "organisation"}
"""Where a sequence may be asked for."""


class _Node(dict[str, "_Node"]):
    """A sequence of labels: by label those that are longer by it, and its fact for each field, 0 for none."""

    __slots__ = ("abstract", "anywhere", "comment", "organisation", "title")

    def __init__(self) -> None:
        self.anywhere = self.title = self.abstract = self.comment = self.organisation = 0

    def is_idle(self) -> bool:
        """Whether no fact ends here and no longer sequence goes on."""
        return not (self or self.anywhere or self.title or self.abstract or self.comment or self.organisation)


_Here: TypeAlias = "tuple[tuple[str, int, _Node | None], ...]"
"""Labels that stand at one place: a label, of how many words it is, the sequence of it alone if there is one."""


class Sequences:
    """Facts by field and sequence of labels.

    A *label* is what a query asks of a single word: its folded form, or, with a sign in front, its beginning, its exact
    form, the beginning of that. Which labels the words of a text have is remembered, as the same words come again, for
    one generation: until a label or a first one of a sequence comes or goes.
    """

    def __init__(self, most_remembered: int = MOST_REMEMBERED) -> None:
        """Begin without any; the labels of at most `most_remembered` texts are kept."""
        self._root = _Node()
        self._labels: Counter[str] = Counter()  # how many sequences end with it
        self._lengths: dict[str, set[int]] = {BEGINS: set(), EXACTLY_BEGINS: set()}  # those that beginnings ever had
        self._facts = Counter[str]()  # how many, by field
        self._generation = 0
        self._most = most_remembered
        # Stale in another generation, as a query added after many texts were read would notice (test_matcher.py).
        self._labels_in, self._labels_of_generation = self._remember(), 0

    def put(self, field: str, value: str, fact: int) -> None:
        """Give a sequence, labels separated by spaces, a fact; 0 forgets it."""
        path = [self._root]
        for label in value.split(" "):
            longer = path[-1].get(label)
            path.append(self._new(path[-1], label) if longer is None else longer)
        setattr(path[-1], FIELDS[field], fact)
        self._facts[field] += 1 if fact else -1
        if not fact:
            self._prune(path, value.split(" "))

    def _new(self, node: _Node, label: str) -> _Node:
        node[label] = longer = _Node()
        self._count(node, label, 1)
        if label[0] in self._lengths:
            self._lengths[label[0]].add(len(label) - 1)
        return longer

    def _prune(self, path: Sequence[_Node], labels: Sequence[str]) -> None:
        """Forget the sequence at the end of a path, and shorter ones that are not needed either."""
        for node, label in zip(path[-2::-1], reversed(labels), strict=True):
            last = node[label]
            if not last.is_idle():
                return
            del node[label]
            self._count(node, label, -1)

    def _count(self, node: _Node, label: str, sequences: int) -> None:
        """Change how many sequences end with a label, after a node; texts may read otherwise then."""
        before = self._labels[label]
        self._labels[label] += sequences
        if node is self._root or not (before and self._labels[label]):
            self._generation += 1

    def find(self, doc: Doc) -> set[int]:
        title, abstract = self._reached(doc.title.chunks), self._reached(doc.abstract.chunks)
        facts = {node.anywhere for node, _ in title}
        facts.update([node.anywhere for node, _ in abstract])
        facts.update([node.title for node, _ in title])
        facts.update([node.abstract for node, _ in abstract])
        for field in RECORD_TEXTS:
            if self._facts[field]:
                name = FIELDS[field]
                facts.update([getattr(node, name) for node, _ in self._reached(doc.record_text(field).chunks)])
        facts.discard(0)
        return facts

    def _reached(self, chunks: Iterable[str]) -> list[tuple[_Node, int]]:
        """All sequences of a text, each with the place after it."""
        if self._labels_of_generation != self._generation:
            self._labels_in, self._labels_of_generation = self._remember(), self._generation
        places = [labels for chunk in chunks for labels in self._labels_in(chunk)]
        places.append(())
        reached = [
            (node, at + size) for at, labels in enumerate(places) for _, size, node in labels if node is not None
        ]
        for node, end in reached:  # which grows
            if node:
                for label, size, _ in places[end]:
                    longer = node.get(label)
                    if longer is not None:
                        reached.append((longer, end + size))
        return reached

    def _remember(self) -> Callable[[str], tuple[_Here, ...]]:
        return remembered(self._places, self._most)

    def _places(self, chunk: str) -> tuple[_Here, ...]:
        """The labels at each place of a text without spaces."""
        return tuple(
            tuple(
                (label, span.length, self._root.get(label))
                for span in spans
                for label in self._labels_of(span)
                if self._labels.get(label)  # a Counter makes each miss a call
            )
            for spans in spans_of(chunk)
        )

    def _labels_of(self, span: WordSpan) -> Iterator[str]:
        """The labels of a word, of its beginnings those of lengths that are asked for."""
        yield span.folded
        yield EXACTLY + span.exact
        for sign, word in ((BEGINS, span.plain), (EXACTLY_BEGINS, span.exact)):
            yield from (sign + word[:length] for length in self._lengths[sign] if length <= len(word))
