"""Whole numbers in arrays that grow: written one at a time by Python, read many at a time by numpy."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Numbers: TypeAlias = npt.NDArray[np.integer[Any]]
"""An array of whole numbers of any size."""

_FIRST_SIZE = 64


class Column:
    """A number for each record, by the number of the record; 0 where none was written.

    `cells` is for single numbers, `values` for numpy. Both are the same memory, longer than what is in use; `reach`
    replaces both, so neither is ever kept.
    """

    def __init__(self, kind: Literal["i4", "i8", "u8"] = "i4") -> None:
        """Begin with numbers of this kind (numpy's name: signed or unsigned, bytes)."""
        self._set(np.zeros(_FIRST_SIZE, kind))

    def _set(self, values: Numbers) -> None:
        self.values = values
        self.cells = values.data

    def reach(self, record: int) -> None:
        """Make sure that there is a record of this number."""
        size = len(self.cells)
        if record >= size:
            while record >= size:
                size *= 2
            values = np.zeros(size, self.values.dtype)
            values[: len(self.cells)] = self.values
            self._set(values)


class Names:
    """Small numbers from 1 up, given out and taken back, so that columns stay short."""

    def __init__(self) -> None:
        """Begin with none given out."""
        self._free: list[int] = []
        self._next = 1

    def take(self) -> int:
        """A number that nobody has."""
        if self._free:
            return self._free.pop()
        self._next += 1
        return self._next - 1

    def give_back(self, number: int) -> None:
        """Let another have `number`."""
        self._free.append(number)


def places_of(mask: npt.NDArray[Any]) -> Numbers:
    """Where `mask` is not 0."""
    places: Numbers = mask.nonzero()[0]  # np.flatnonzero is the same behind three more calls
    return places


def firsts_of(values: Numbers) -> Numbers:
    """Where in sorted `values` each value is met first."""
    new = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return places_of(new)


def ranges(starts: Numbers, counts: Numbers) -> Numbers:
    """`starts[0]` and the `counts[0] - 1` numbers behind it, then the same for the next, all in one array."""
    ends = counts.cumsum()
    numbers: Numbers = np.arange(int(ends[-1]) if len(ends) else 0) + (starts - ends + counts).repeat(counts)
    return numbers


class Lists:
    """Many lists of numbers in one array, each in a stretch of its own that is moved when it becomes too short.

    Lists are numbered from 0. A stretch has 1, 2, 4 ... cells; left ones are used again.
    """

    def __init__(self, kind: Literal["i4", "i8"]) -> None:
        """Begin with empty lists of numbers of this kind."""
        self._cells = Column(kind)
        self._starts, self._counts, self._rooms = Column(), Column(), Column()  # by list: its stretch, how much is used
        self._left: dict[int, list[int]] = {}
        self._lists = self._end = 0
        self.reach(0)

    def reach(self, number: int) -> None:
        """Make sure that there is a list `number`."""
        for column in (self._starts, self._counts, self._rooms):
            column.reach(number)
        new = len(self._starts.cells) - self._lists
        self._starts.values[self._lists :] = np.arange(self._end, self._end + new)
        self._rooms.values[self._lists :] = 1
        self._lists += new
        self._extend(new)

    def _extend(self, room: int) -> int:
        """A stretch that was never used."""
        start, self._end = self._end, self._end + room
        self._cells.reach(self._end)
        return start

    def append(self, number: int, value: int) -> int:
        """Put `value` at the end of a list, and say at which place of the list it is."""
        count: int = self._counts.cells[number]
        if count == self._rooms.cells[number]:
            self._move(number, count)
        self._cells.cells[self._starts.cells[number] + count] = value
        self._counts.cells[number] = count + 1
        return count

    def _move(self, number: int, count: int) -> None:
        """Move a list to a stretch twice as long."""
        old = self._starts.cells[number]
        left = self._left.get(2 * count)
        new = left.pop() if left else self._extend(2 * count)
        cells = self._cells.values
        cells[new : new + count] = cells[old : old + count]
        self._left.setdefault(count, []).append(old)
        self._starts.cells[number], self._rooms.cells[number] = new, 2 * count

    def remove(self, number: int, place: int) -> int:
        """Take out the value at `place`; the last value of the list moves there and is returned."""
        start, last = self._starts.cells[number], self._counts.cells[number] - 1
        moved: int = self._cells.cells[start + last]
        self._cells.cells[start + place] = moved
        self._counts.cells[number] = last
        return moved

    def place_of(self, number: int, value: int) -> int:
        """At which place of a list `value` is; it is there."""
        start, count = self._starts.cells[number], self._counts.cells[number]
        return int((self._cells.values[start : start + count] == value).argmax())

    def counts(self, numbers: Numbers) -> Numbers:
        """How long these lists are."""
        return self._counts.values.take(numbers)

    def read(self, numbers: Numbers, counts: Numbers) -> Numbers:
        """The values of these lists, one list after the other; `counts` says how long each is."""
        return self._cells.values.take(ranges(self._starts.values.take(numbers), counts))


_FACTOR = 0x9E3779B97F4A7C15
_SMALLEST = 6
_SPARSE = 4
"""So many times as many places as pairs there are at least, so that most pairs are found at the first."""
_FEW = 20
"""So many are quicker looked for one by one."""


class Pairs:
    """A number for each pair of numbers (31 bits each, not both 0), 0 for those that have none.

    A hash table with open places.
    """

    def __init__(self) -> None:
        """Begin with no pairs."""
        self._make(_SMALLEST)

    def _make(self, bits: int) -> None:
        self._shift = 64 - bits
        self._mask = (1 << bits) - 1
        self._keys, self._numbers = Column("i8"), Column()
        self._keys.reach(self._mask)
        self._numbers.reach(self._mask)
        self._used = 0

    def _place(self, key: int) -> int:
        """Where `key` is or belongs."""
        keys, mask = self._keys.cells, self._mask
        place = ((key * _FACTOR) & 0xFFFFFFFFFFFFFFFF) >> self._shift
        while (seen := keys[place]) != key and seen:
            place = (place + 1) & mask
        return place

    def get(self, left: int, right: int) -> int:
        """The number of a pair."""
        number: int = self._numbers.cells[self._place(left << 32 | right)]
        return number

    def put(self, left: int, right: int, number: int) -> None:
        """Give a pair a number; 0 takes it away (its place in the table stays until the table grows)."""
        key = left << 32 | right
        place = self._place(key)
        self._numbers.cells[place] = number
        if not self._keys.cells[place]:
            self._keys.cells[place] = key
            self._used += 1
            if _SPARSE * self._used > self._mask:
                self._grow()

    def _grow(self) -> None:
        """Twice the room or more for those that have a number; the others go."""
        alive = places_of(self._numbers.values)
        keys, numbers = self._keys.values[alive], self._numbers.values[alive]
        self._make(max(_SMALLEST, (_SPARSE * 3 // 2 * len(alive)).bit_length()))
        self._used = len(keys)
        places = self._places(keys)
        while len(keys):
            free = self._keys.values[places] == 0
            self._keys.values[places[free]] = keys[free]
            here = self._keys.values[places] == keys  # of several keys for one place the last one got it
            self._numbers.values[places[here]] = numbers[here]
            keys, numbers, places = keys[~here], numbers[~here], (places[~here] + 1) & self._mask

    def _places(self, keys: Numbers) -> Numbers:
        """Where these keys are looked for first."""
        hashed = keys.view(np.uint64) * np.uint64(_FACTOR) >> np.uint64(self._shift)
        return hashed.view(np.int64)

    def get_many(self, left: Numbers, right: Numbers) -> Numbers:
        """The number of each of these pairs."""
        keys = left.astype(np.int64) << 32 | right
        places = self._places(keys)
        seen = self._keys.values.take(places)
        found = self._numbers.values.take(places)
        on = places_of((seen != keys) & (seen != 0))
        found[on] = 0
        while len(on) > _FEW:
            next_ = (places.take(on) + 1) & self._mask
            places[on] = next_
            seen, wanted = self._keys.values.take(next_), keys.take(on)
            found[on] = np.where(seen == wanted, self._numbers.values.take(next_), 0)
            on = on.compress((seen != wanted) & (seen != 0))
        for one, key in zip(on.tolist(), keys.take(on).tolist(), strict=True):
            found[one] = self._numbers.cells[self._place(key)]
        return found
