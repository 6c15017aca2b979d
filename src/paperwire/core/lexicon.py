"""Labels, which are what queries ask of a single word, and where each stands in the texts of papers."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from paperwire.core.columns import Column, Lists, Names, Numbers, places_of, ranges
from paperwire.core.plan import BEGINS, EXACTLY, EXACTLY_BEGINS
from paperwire.core.words import cut, joined, spellings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# The record of a label: how often queries use it, and the state (core/sequences.py) of sequences that begin with it.
LABEL = 2
_USED, STATE = 0, 1

_SIGNS = frozenset({BEGINS, EXACTLY, EXACTLY_BEGINS})
_MOST_REMEMBERED = 6_000_000
_COST = 24
_START = 3

# The record of a chunk (a text without blanks): how many places it has, its first spot, how many spots.
# The record of a spot: its form, where in the chunk it starts and how many places it takes.
_WIDTH = 4
_PLACES, _FIRST, _COUNT = 0, 1, 2
_FORM, _BEGIN, _LENGTH = 0, 1, 2


class Spots(NamedTuple):
    """Labels where they stand: `label[i]` in the field `field[i]` from place `start[i]` to before place `end[i]`.

    In order of `start`. Places are numbered through all fields; between two fields one is left free. `places` is
    greater than all of them.
    """

    label: Numbers
    start: Numbers
    end: Numbers
    field: Numbers
    places: int


class _Numbered(dict[str, int]):
    """Texts and their numbers; `make` numbers one that is met for the first time."""

    def __init__(self, make: Callable[[str], int]) -> None:
        self._make = make

    def __missing__(self, text: str) -> int:
        self[text] = number = self._make(text)
        return number


class _Beginnings:
    """How long the beginnings are that are asked for, and words by how they start (their forms)."""

    def __init__(self) -> None:
        self.lengths: set[int] = set()
        self._starting: dict[str, list[tuple[str, int]]] = {}

    def file(self, word: str, form: int) -> None:
        start = word[:_START]
        if start in self._starting:
            self._starting[start].append((word, form))
        else:
            self._starting[start] = [(word, form)]

    def forms_with(self, text: str) -> list[int]:
        """The forms of words that begin so."""
        short = len(text) < _START
        starts = [start for start in self._starting if start.startswith(text)] if short else [text[:_START]]
        return [form for start in starts for word, form in self._starting.get(start, ()) if word.startswith(text)]


class Lexicon:
    """The labels that queries use, and the words of papers met so far with the labels that they have.

    A *form* is a word as it stands in a text. What is known of papers is kept because their words come again; it is
    bounded (about 100 MB) and forgotten all at once when there is too much of it.
    """

    def __init__(self) -> None:
        """Begin with neither labels nor words."""
        self._labels: dict[str, int] = {}
        self._names = Names()
        self.labels = Column("i4", LABEL)
        self._forget_words()

    def _forget_words(self) -> None:
        self._remembered = 0
        self._forms, self._chunks = _Numbered(self._new_form), _Numbered(self._new_chunk)
        self._folded = Column("i4")  # by form: the label of its folded word
        self._more = Lists("i4")  # by form: all other labels that it has
        self._chunk, self._spot = Column("i4", _WIDTH), Column("i4", _WIDTH)
        self._spots = 0
        self._beginnings: dict[str, _Beginnings] = {}  # by sign, if there are such labels
        self._exact = False

    def forget(self) -> None:
        """Forget the words of papers, and the labels that only they have."""
        self._forget_words()
        cells = self.labels.cells
        for name in [name for name, label in self._labels.items() if not cells[LABEL * label + _USED]]:
            self._names.give_back(self._labels.pop(name))
        for name in self._labels:
            if name[0] in _SIGNS:
                self._note(name)

    # --- labels, for queries -------------------------------------------------------------------------------------

    def take(self, name: str) -> int:
        """The label of this name, once more in use."""
        label = self._labels.get(name)
        if label is None:
            label = self._new_label(name)
            if name[0] in _SIGNS:
                self._note(name)
                for form in self._having(name[0], name[1:]):
                    self._more.append(form, label)
        self.labels.cells[LABEL * label + _USED] += 1
        return label

    def known(self, name: str) -> int:
        """The label of this name, which is in use."""
        return self._labels[name]

    def drop(self, label: int) -> None:
        """One use less; a label without use stays until the next time that everything unused is forgotten."""
        self.labels.cells[LABEL * label + _USED] -= 1
        if not self.labels.cells[LABEL * label + _USED]:
            self._remembered += _COST

    def _new_label(self, name: str) -> int:
        self._labels[name] = label = self._names.take()
        self.labels.reach(label)
        return label

    def _note(self, name: str) -> None:
        """See to it that new forms get the label of this name."""
        if name[0] == EXACTLY:
            self._exact = True
            return
        beginnings = self._beginnings.get(name[0])
        if beginnings is None:
            beginnings = self._beginnings[name[0]] = _Beginnings()
            for exact, form in self._forms.items():
                beginnings.file(spellings(exact)[0] if name[0] == BEGINS else exact, form)
        beginnings.lengths.add(len(name) - 1)

    def _having(self, sign: str, text: str) -> list[int]:
        """The forms that have such a label."""
        if sign == EXACTLY:
            return [self._forms[text]] if text in self._forms else []
        return self._beginnings[sign].forms_with(text)

    # --- words, for papers ---------------------------------------------------------------------------------------

    def _new_form(self, exact: str) -> int:
        plain, folded = spellings(exact)
        form = len(self._forms)
        label = self._labels.get(folded)
        if label is None:
            label = self._new_label(folded)
        self._folded.reach(form)
        self._folded.cells[form] = label
        self._more.reach(form)
        self._remembered += _COST + 2 * len(exact)
        if self._exact and EXACTLY + exact in self._labels:
            self._more.append(form, self._labels[EXACTLY + exact])
        for sign, beginnings in self._beginnings.items():
            word = plain if sign == BEGINS else exact
            beginnings.file(word, form)
            for length in beginnings.lengths:
                if length <= len(word) and (label := self._labels.get(sign + word[:length])):
                    self._more.append(form, label)
        return form

    def _new_chunk(self, chunk: str) -> int:
        words = cut(chunk)
        number, first = len(self._chunks), self._spots
        for start in range(len(words)):
            for length, exact in enumerate(joined(words, start), 1):
                self._spot.reach(self._spots)
                cells, at = self._spot.cells, _WIDTH * self._spots
                cells[at + _FORM], cells[at + _BEGIN], cells[at + _LENGTH] = self._forms[exact], start, length
                self._spots += 1
        self._chunk.reach(number)
        cells, at = self._chunk.cells, _WIDTH * number
        cells[at + _PLACES], cells[at + _FIRST], cells[at + _COUNT] = len(words), first, self._spots - first
        self._remembered += _COST + len(chunk)
        return number

    def read(self, fields: Sequence[Sequence[str]]) -> Spots:
        """Where labels that queries use stand in these fields, given as `words.chunks_of` cuts them."""
        if self._remembered > _MOST_REMEMBERED:
            self.forget()
        sizes = np.fromiter(map(len, fields), np.int64, len(fields))
        chunks = np.fromiter(map(self._chunks.__getitem__, chain.from_iterable(fields)), np.int64, int(sizes.sum()))
        field = np.arange(len(fields)).repeat(sizes)
        places, counts = self._chunk.read(chunks, _PLACES), self._chunk.read(chunks, _COUNT)
        ends = places.cumsum() + field
        spots = ranges(self._chunk.read(chunks, _FIRST), counts)
        forms = self._spot.read(spots, _FORM)
        label = self._folded.read(forms)
        which = places_of(self.labels.read(label, _USED))
        label = label.take(which)
        more = self._more.counts(forms)
        having = places_of(more)
        if len(having):
            many = more.take(having)
            label = np.concatenate((label, self._more.read(forms.take(having), many)))
            which = np.concatenate((which, having.repeat(many)))
            order = which.argsort(kind="stable")
            label, which = label.take(order), which.take(order)
        chunk = np.arange(len(chunks)).repeat(counts).take(which)
        spots = spots.take(which)
        start = (ends - places).take(chunk) + self._spot.read(spots, _BEGIN)
        total = int(ends[-1]) + 2 if len(ends) else 1
        return Spots(label, start, start + self._spot.read(spots, _LENGTH), field.take(chunk), total)
