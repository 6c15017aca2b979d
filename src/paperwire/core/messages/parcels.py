"""How what one place is owed becomes messages: singly, as a list, or as a digest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

SINGLES = 5
"""Up to so many papers that are due at once go as messages of their own."""
SINGLES_WHEN_LATE = 10
"""After an outage a place gets at most so many single messages; more come as digests."""
LATE = timedelta(hours=6)
"""An outage is a delivery that is overdue by more than this."""
LONGEST_BACKLOG = timedelta(minutes=10)
"""A backlog that takes longer than this at the platform's limit is sent as digests alone."""


@dataclass(frozen=True, slots=True)
class Parcel(Generic[T]):
    """The deliveries that one message carries, in order; `closes` marks the last one of a digest that was timed."""

    form: Literal["single", "list", "digest"]
    owed: tuple[T, ...]
    closes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How much a place has due in all, more than is packed now perhaps, and how long the oldest of it has waited."""

    count: int
    overdue: timedelta = timedelta(0)

    def is_flood(self, per_minute: int) -> bool:
        """Whether single messages would be too many: at so many a minute too slow, or all at once after an outage."""
        slow = timedelta(minutes=self.count / per_minute) > LONGEST_BACKLOG
        return slow or (self.overdue > LATE and self.count > SINGLES_WHEN_LATE)


def parcels(  # noqa: PLR0913 -- what a place is owed and the limits it has, each named
    instant: Sequence[T], slotted: Sequence[T], *, style: str, per_minute: int, size: int, waiting: Waiting
) -> list[Parcel[T]]:
    """Pack what a place is owed.

    `instant` deliveries were due at once, `slotted` ones at an hour the person chose; both are in order.
    `style` is the place's wish (`auto`, `cards`, `list`), `per_minute` the platform's limit for it, and `size` how many
    papers a message carries at most.
    """
    packed = _digest(slotted, size)
    if waiting.is_flood(per_minute):
        return [*packed, *_chunks("digest", instant, size)]
    singly = style == "cards" or (style != "list" and len(instant) <= SINGLES)
    return [*packed, *([Parcel("single", (one,)) for one in instant] if singly else _chunks("list", instant, size))]


def _digest(slotted: Sequence[T], size: int) -> list[Parcel[T]]:
    if len(slotted) < 2:
        return [Parcel("single", (one,)) for one in slotted]
    *first, last = _chunks("digest", slotted, size)
    return [*first, replace(last, closes=True)]


def _chunks(form: Literal["list", "digest"], owed: Sequence[T], size: int) -> list[Parcel[T]]:
    return [Parcel(form, tuple(owed[start : start + size])) for start in range(0, len(owed), size)]
