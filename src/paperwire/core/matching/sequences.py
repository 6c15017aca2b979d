"""Sequences of labels that queries ask for, as a tree of their beginnings; all of them are found in one walk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from paperwire.core.matching.columns import Column, Names, Numbers, Pairs, places_of, ranges
from paperwire.core.matching.lexicon import Lexicon

if TYPE_CHECKING:
    from collections.abc import Sequence

FIELDS = ("", "ti", "abs")
"""Where a sequence may be asked for: anywhere, in the title, in the abstract."""

_MANY_BITS = 31


class Sequences:
    """Numbers by sequence of labels and field.

    A *state* is the beginning of one or more sequences; state 0 is none.
    """

    def __init__(self) -> None:
        """Begin with no sequences."""
        self._lexicon = Lexicon()
        self._names = Names()
        self._room = 0
        self._anywhere, self._there = Column(), Column()  # numbers by state; by 2 x state for titles, + 1 for abstracts
        # By state: the one that is shorter by a label, which label that is, how many are longer by one, and bits that
        # tell of most labels that no state is longer by them.
        self._shorter, self._last, self._longer, self._bits = Column(), Column(), Column(), Column()
        self._single = self._lexicon.single
        self._next = Pairs()  # state and label: the state of the sequence that is longer by this label
        self._asked = [0] * len(FIELDS)  # how many numbers there are

    def put(self, field: int, value: str, number: int) -> None:
        """Give a sequence, labels parted by blanks, a number (from 1); `field` as an index of `FIELDS`."""
        state = 0
        for name in value.split(" "):
            label = self._lexicon.take(name)
            state = self._after(state, label) or self._new(state, label)
        self._write(field, state, number)
        self._asked[field] += 1

    def _write(self, field: int, state: int, number: int) -> None:
        if field:
            self._there.cells[2 * state + field - 1] = number
        else:
            self._anywhere.cells[state] = number

    def _is_asked(self, state: int) -> bool:
        return bool(self._anywhere.cells[state] or self._there.cells[2 * state] or self._there.cells[2 * state + 1])

    def _after(self, state: int, label: int) -> int:
        """The state that is longer by a label, 0 for none."""
        after: int = self._next.get(state, label) if state else self._single.cells[label]
        return after

    def _link(self, state: int, label: int, after: int) -> None:
        if state:
            self._next.put(state, label, after)
        else:
            self._single.cells[label] = after

    def _new(self, shorter: int, label: int) -> int:
        state = self._names.take()
        if state >= self._room:
            self._room = 2 * self._room or 1
            self._there.reach(2 * self._room)
            for column in (self._anywhere, self._shorter, self._last, self._longer, self._bits):
                column.reach(self._room)
        self._shorter.cells[state], self._last.cells[state] = shorter, label
        self._longer.cells[shorter] += 1
        self._bits.cells[shorter] |= 1 << label % _MANY_BITS
        self._link(shorter, label, state)
        return state

    def drop(self, field: int, value: str) -> None:
        """Forget the number of a sequence that has one."""
        labels = [self._lexicon.known(name) for name in value.split(" ")]
        state = 0
        for label in labels:
            state = self._after(state, label)
        self._write(field, state, 0)
        self._asked[field] -= 1
        longer = self._longer.cells
        while state and not longer[state] and not self._is_asked(state):
            shorter = self._shorter.cells[state]
            self._link(shorter, self._last.cells[state], 0)
            self._names.give_back(state)
            longer[shorter] -= 1
            if not longer[shorter]:
                self._bits.cells[shorter] = 0
            state = shorter
        for label in labels:
            self._lexicon.drop(label)

    def find(self, fields: Sequence[Sequence[str]]) -> tuple[Numbers, Numbers]:
        """The numbers of all sequences in these texts (as chunks), a title and an abstract in turn.

        With each number the pair of texts that has it, counted from 0; there may be repeats.
        """
        spots = self._lexicon.read(fields)
        state = self._single.values.take(spots.label)
        here = places_of(state)
        state, end, field = state.take(here), spots.end.take(here), spots.field.take(here)
        states, where = [state], [field]
        behind = np.bincount(spots.start, minlength=spots.places).cumsum()  # by place: spots that start there or before
        while True:
            bits = self._bits.values.take(state)
            on = places_of(bits)
            if not len(on):
                break
            end = end.take(on)
            begin = behind.take(end - 1)
            counts = behind.take(end) - begin
            spot = ranges(begin, counts)
            label = spots.label.take(spot)
            maybe = places_of(bits.take(on).repeat(counts) >> label % _MANY_BITS & 1)
            spot = spot.take(maybe)
            state = self._next.get_many(state.take(on).repeat(counts).take(maybe), label.take(maybe))
            here = places_of(state)
            state, spot = state.take(here), spot.take(here)
            end, field = spots.end.take(spot), spots.field.take(spot)
            states.append(state)
            where.append(field)
        return self._told(np.concatenate(states), np.concatenate(where))

    def _told(self, state: Numbers, field: Numbers) -> tuple[Numbers, Numbers]:
        numbers = self._anywhere.values.take(state)
        pair = field >> 1
        if self._asked[1] or self._asked[2]:
            numbers = np.concatenate((numbers, self._there.values.take(state << 1 | field & 1)))
            pair = np.concatenate((pair, pair))
        told = places_of(numbers)
        return numbers.take(told), pair.take(told)
