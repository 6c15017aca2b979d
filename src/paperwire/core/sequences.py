"""Sequences of labels that queries ask for, as a tree of their beginnings; all of them are found in one walk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from paperwire.core.columns import Column, Names, Numbers, Pairs, places_of, ranges
from paperwire.core.lexicon import LABEL, STATE, Lexicon

if TYPE_CHECKING:
    from collections.abc import Sequence

FIELDS = ("", "ti", "abs")
"""Where a sequence may be asked for: anywhere, in the title, in the abstract."""

# The record of a state: its number in each of the fields, how many states are longer by one label, which is shorter
# by one, which label that is.
_WIDTH = 8
_LONGER, _SHORTER, _LAST = 4, 5, 6


class Sequences:
    """Numbers by sequence of labels and field.

    A *state* is the beginning of one or more sequences; state 0 is none.
    """

    def __init__(self) -> None:
        """Begin with no sequences."""
        self._lexicon = Lexicon()
        self._names = Names()
        self._states = Column("i4", _WIDTH)
        self._labels = self._lexicon.labels
        self._next = Pairs()  # state and label: the state of the sequence that is longer by this label
        self._asked = [0] * len(FIELDS)  # how many numbers there are

    def put(self, field: int, value: str, number: int) -> None:
        """Give a sequence, labels parted by blanks, a number (from 1); `field` as an index of `FIELDS`."""
        state = 0
        for name in value.split(" "):
            label = self._lexicon.take(name)
            if state:
                state = self._next.get(state, label) or self._new(state, label)
            else:
                state = self._labels.cells[LABEL * label + STATE] or self._new(0, label)
        self._states.cells[_WIDTH * state + field] = number
        self._asked[field] += 1

    def _new(self, shorter: int, label: int) -> int:
        state = self._names.take()
        self._states.reach(state)
        cells, at = self._states.cells, _WIDTH * state
        cells[at + _SHORTER], cells[at + _LAST] = shorter, label
        cells[_WIDTH * shorter + _LONGER] += 1
        self._link(shorter, label, state)
        return state

    def _link(self, shorter: int, label: int, state: int) -> None:
        if shorter:
            self._next.put(shorter, label, state)
        else:
            self._labels.cells[LABEL * label + STATE] = state

    def drop(self, field: int, value: str) -> None:
        """Forget the number of a sequence that has one."""
        labels = [self._lexicon.known(name) for name in value.split(" ")]
        state = 0
        for label in labels:
            state = self._next.get(state, label) if state else self._labels.cells[LABEL * label + STATE]
        cells = self._states.cells
        cells[_WIDTH * state + field] = 0
        self._asked[field] -= 1
        while state and not any(cells[_WIDTH * state : _WIDTH * state + _LONGER + 1]):
            shorter = cells[_WIDTH * state + _SHORTER]
            self._link(shorter, cells[_WIDTH * state + _LAST], 0)
            cells[_WIDTH * shorter + _LONGER] -= 1
            self._names.give_back(state)
            state = shorter
        for label in labels:
            self._lexicon.drop(label)

    def find(self, fields: Sequence[Sequence[str]]) -> tuple[Numbers, Numbers]:
        """The numbers of all sequences in these texts (as chunks), a title and an abstract in turn.

        With each number the pair of texts that has it, counted from 0; there may be repeats.
        """
        spots = self._lexicon.read(fields)
        state = self._labels.read(spots.label, STATE)
        here = places_of(state)
        state, end, field = state.take(here), spots.end.take(here), spots.field.take(here)
        states, where = [state], [field]
        behind = np.bincount(spots.start, minlength=spots.places).cumsum()  # by place: spots that start there or before
        while True:
            on = places_of(self._states.read(state, _LONGER))
            if not len(on):
                break
            end = end.take(on)
            begin = behind.take(end - 1)
            counts = behind.take(end) - begin
            spot = ranges(begin, counts)
            state = self._next.get_many(state.take(on).repeat(counts), spots.label.take(spot))
            here = places_of(state)
            state, spot = state.take(here), spot.take(here)
            end, field = spots.end.take(spot), spots.field.take(spot)
            states.append(state)
            where.append(field)
        return self._told(np.concatenate(states), np.concatenate(where))

    def _told(self, state: Numbers, field: Numbers) -> tuple[Numbers, Numbers]:
        numbers, pairs = [self._states.read(state)], [field // 2]
        for side, asked in enumerate(self._asked[1:]):
            if asked:
                here = places_of(field % 2 == side)
                numbers.append(self._states.read(state.take(here), side + 1))
                pairs.append(field.take(here) // 2)
        number = np.concatenate(numbers)
        told = places_of(number)
        return number.take(told), np.concatenate(pairs).take(told)
