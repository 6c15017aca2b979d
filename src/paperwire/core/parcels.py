"""How what one place is owed becomes messages: singly, as a list, or as a digest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

SINGLES = 5
"""Up to so many papers that are due at once go as messages of their own."""
LIST = 10
"""A list message holds up to so many papers, so that its buttons can be numbered."""
SINGLES_WHEN_LATE = 10
"""After an outage a place gets at most so many single messages; the rest comes as digests."""
LATE = timedelta(hours=6)
"""An outage is a delivery that is overdue by more than this."""
LONGEST_BACKLOG = timedelta(minutes=10)
"""A backlog that takes longer than this at the platform's limit is sent as digests alone."""


@dataclass(frozen=True, slots=True)
class Parcel(Generic[T]):
    """The deliveries that one message carries, in order."""

    form: Literal["single", "list", "digest"]
    owed: tuple[T, ...]


def parcels(
    instant: Sequence[T], slotted: Sequence[T], *, style: str, per_minute: int, overdue: timedelta
) -> list[Parcel[T]]:
    """Pack what a place is owed.

    `instant` deliveries were due at once, `slotted` ones at an hour the person chose; both are in order.
    `style` is the place's wish (`auto`, `cards`, `list`), `per_minute` the platform's limit for it, and
    `overdue` how long the oldest instant delivery has waited.
    """
    packed = _chunks("digest", slotted) if len(slotted) > 1 else [Parcel("single", (one,)) for one in slotted]
    if timedelta(minutes=len(instant) / per_minute) > LONGEST_BACKLOG:
        return [*packed, *_chunks("digest", instant)]
    if overdue > LATE and len(instant) > SINGLES_WHEN_LATE:
        first = [Parcel("single", (one,)) for one in instant[:SINGLES_WHEN_LATE]]
        return [*packed, *first, *_chunks("digest", instant[SINGLES_WHEN_LATE:])]
    singly = style == "cards" or (style != "list" and len(instant) <= SINGLES)
    return [*packed, *([Parcel("single", (one,)) for one in instant] if singly else _chunks("list", instant))]


def _chunks(form: Literal["list", "digest"], owed: Sequence[T]) -> list[Parcel[T]]:
    return [Parcel(form, tuple(owed[start : start + LIST])) for start in range(0, len(owed), LIST)]
