"""Labels, which are what queries ask of a single word, and where each stands in the texts of papers."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from paperwire.core.matching.columns import Column, Names, Numbers, places_of, ranges
from paperwire.core.query.plan import BEGINS, EXACTLY, EXACTLY_BEGINS
from paperwire.core.text.words import cut, joined, spellings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SIGNS = frozenset({BEGINS, EXACTLY, EXACTLY_BEGINS})
_MOST_REMEMBERED = 3_000_000
_COST = 24
_START = 3


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

    `single` has by label a number that belongs to core/matching/sequences.py.

    A *form* is a word as it stands in a text. What is known of papers is kept because their words come again; it is
    bounded (about 30 MB) and forgotten all at once when there is too much of it.
    """

    def __init__(self) -> None:
        """Begin with neither labels nor words."""
        self._labels: dict[str, int] = {}
        self._names = Names()
        self._uses = Column()  # by label: how often queries use it
        self.single = Column()
        self._forget_words()

    def _forget_words(self) -> None:
        self._remembered = 0
        self._forms, self._chunks = _Numbered(self._new_form), _Numbered(self._new_chunk)
        self._having: list[list[int]] = []  # by form: the labels that it has
        self._texts: list[str] = []  # by chunk (a text without blanks)
        # By chunk: how many places it has, its first spot, how many spots.
        self._places, self._first, self._count = Column(), Column(), Column()
        # By spot: its form, one label of it, where in the chunk it starts, how many places it takes.
        self._form, self._label, self._start, self._length = Column(), Column(), Column(), Column()
        self._spots = 0
        self._beginnings: dict[str, _Beginnings] = {}  # by sign, if there are such labels
        self._exact = False

    def forget(self) -> None:
        """Forget the words of papers, and the labels that only they have."""
        self._forget_words()
        uses = self._uses.cells
        for name in [name for name, label in self._labels.items() if not uses[label]]:
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
                self._give(label, self._forms_with(name[0], name[1:]))
        self._uses.cells[label] += 1
        return label

    def known(self, name: str) -> int:
        """The label of this name, which is in use."""
        return self._labels[name]

    def drop(self, label: int) -> None:
        """One use less; a label without use stays until the next time that everything unused is forgotten."""
        self._uses.cells[label] -= 1
        if not self._uses.cells[label]:
            self._remembered += _COST

    def _new_label(self, name: str) -> int:
        self._labels[name] = label = self._names.take()
        self._uses.reach(label)
        self.single.reach(label)
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

    def _forms_with(self, sign: str, text: str) -> list[int]:
        """The forms that have such a label."""
        if sign == EXACTLY:
            return [self._forms[text]] if text in self._forms else []
        return self._beginnings[sign].forms_with(text)

    def _give(self, label: int, forms: list[int]) -> None:
        """Give words met before a label; chunks that have them are to be cut anew when they come again."""
        for form in forms:
            self._having[form].append(label)
        spots = places_of(np.isin(self._form.values[: self._spots], forms)) if forms else ()
        ends = self._first.values[: len(self._texts)]
        for chunk in set((ends.searchsorted(spots, "right") - 1).tolist()):
            self._chunks.pop(self._texts[chunk], None)

    # --- words, for papers ---------------------------------------------------------------------------------------

    def _new_form(self, exact: str) -> int:
        plain, folded = spellings(exact)
        form = len(self._forms)
        label = self._labels.get(folded)
        if label is None:
            label = self._new_label(folded)
        having = [label]
        self._having.append(having)
        self._remembered += _COST + 2 * len(exact)
        if self._exact and EXACTLY + exact in self._labels:
            having.append(self._labels[EXACTLY + exact])
        for sign, beginnings in self._beginnings.items():
            word = plain if sign == BEGINS else exact
            beginnings.file(word, form)
            starts = (sign + word[:length] for length in beginnings.lengths if length <= len(word))
            having.extend(self._labels[start] for start in starts if start in self._labels)
        return form

    def _new_chunk(self, chunk: str) -> int:
        words = cut(chunk)
        number, first = len(self._texts), self._spots
        self._texts.append(chunk)
        for start in range(len(words)):
            for length, exact in enumerate(joined(words, start), 1):
                form = self._forms[exact]
                for label in self._having[form]:
                    self._new_spot(form, label, start, length)
        for column, value in ((self._places, len(words)), (self._first, first), (self._count, self._spots - first)):
            column.reach(number)
            column.cells[number] = value
        self._remembered += _COST + len(chunk)
        return number

    def _new_spot(self, *values: int) -> None:
        for column, value in zip((self._form, self._label, self._start, self._length), values, strict=True):
            column.reach(self._spots)
            column.cells[self._spots] = value
        self._spots += 1

    def read(self, fields: Sequence[Sequence[str]]) -> Spots:
        """Where labels stand in these fields, given as `words.chunks_of` cuts them."""
        if self._remembered > _MOST_REMEMBERED:
            self.forget()
        sizes = np.fromiter(map(len, fields), np.int64, len(fields))
        chunks = np.fromiter(map(self._chunks.__getitem__, chain.from_iterable(fields)), np.int64, int(sizes.sum()))
        field = np.arange(len(fields)).repeat(sizes)
        places, counts = self._places.values.take(chunks), self._count.values.take(chunks)
        ends = places.cumsum() + field
        spots = ranges(self._first.values.take(chunks), counts)
        start = (ends - places).repeat(counts) + self._start.values.take(spots)
        return Spots(
            label=self._label.values.take(spots),
            start=start,
            end=start + self._length.values.take(spots),
            field=field.repeat(counts),
            places=int(ends[-1]) + 2 if len(ends) else 1,
        )
