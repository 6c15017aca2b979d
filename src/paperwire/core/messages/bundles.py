"""Bundles the deliveries due at one destination into messages: single papers, lists and digests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

SINGLES = 5
"""Maximum deliveries due at once that are sent as messages of their own."""
SINGLES_WHEN_LATE = 10
"""Maximum single messages for a destination after an outage; more go as digests."""
LATE = timedelta(hours=6)
"""A delivery overdue by more than this means an outage."""
LONGEST_BACKLOG = timedelta(minutes=10)
"""A backlog that takes longer than this at the platform's limit is sent as digests alone."""


@dataclass(frozen=True, slots=True)
class Bundle(Generic[T]):
    """The deliveries that one message carries, in order; `closes` marks the last message of a scheduled digest."""

    form: Literal["single", "list", "digest"]
    owed: tuple[T, ...]
    closes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How many deliveries a destination has due, including those not loaded, and how long the oldest is overdue.

    `count` are due at once, `timed` of the digest that is due.
    """

    count: int
    timed: int = 0
    overdue: timedelta = timedelta(0)

    def is_flood(self, per_minute: int) -> bool:
        """Whether single messages would be too many: at this rate too slow, or all at once after an outage."""
        slow = timedelta(minutes=self.count / per_minute) > LONGEST_BACKLOG
        return slow or (self.overdue > LATE and self.count > SINGLES_WHEN_LATE)


def make_bundles(  # noqa: PLR0913 -- deliveries and limits of a destination, each named
    instant: Sequence[T], scheduled: Sequence[T], *, style: str, per_minute: int, size: int, backlog: Backlog
) -> list[Bundle[T]]:
    """Bundle the due deliveries of a destination, scheduled ones first.

    `instant` and `scheduled` are in order. `style` is the destination's setting (`auto`, `cards`, `list`),
    `per_minute` the platform's limit there, and `size` the maximum number of papers in a message.
    """
    digests = _digest(scheduled, size, whole=max(len(scheduled), backlog.timed))
    if backlog.is_flood(per_minute):
        return [*digests, *_chunks("digest", instant, size)]
    if style == "cards" or (style != "list" and len(instant) <= SINGLES):
        return [*digests, *(Bundle("single", (delivery,)) for delivery in instant)]
    return [*digests, *_chunks("list", instant, size)]


def _digest(scheduled: Sequence[T], size: int, *, whole: int) -> list[Bundle[T]]:
    """What is left of a digest of `whole` papers; one of a single paper is no digest."""
    if whole < 2:
        return [Bundle("single", (delivery,)) for delivery in scheduled]
    parts = _chunks("digest", scheduled, size)
    return [*parts[:-1], *(replace(last, closes=True) for last in parts[-1:])]


def _chunks(form: Literal["list", "digest"], owed: Sequence[T], size: int) -> list[Bundle[T]]:
    return [Bundle(form, tuple(owed[start : start + size])) for start in range(0, len(owed), size)]
