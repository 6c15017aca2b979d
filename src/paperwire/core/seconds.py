"""The seconds that keep apart what entered a feed at one time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias

Claim: TypeAlias = "tuple[datetime, int, int]"
"""An entry of a feed: when it entered, the number of its paper, the code of its occasion."""

SPREAD = 1800
"""Papers recorded one after the other have numbers in a row, so a day's papers meet no second twice; and an entry is
updated at most about half an hour before it entered its feed: never in the future, which readers distrust."""


def seconds_apart(claims: Iterable[Claim]) -> dict[tuple[int, int], int]:
    """By how many seconds, a negative number, each (number, occasion) is moved, so that no two are updated at once.

    The second follows from the paper's number. If it is taken already the next free one before it is, so the order of
    `claims` says who keeps theirs: what may leave the feed before others, or joins it after them, comes last.
    """
    seconds: dict[tuple[int, int], int] = {}
    next_free: dict[int, int] = {}  # a taken second, and where to look for a free one
    for at, number, occasion in claims:
        entered = int(at.timestamp())
        free = _free(next_free, entered - SPREAD + number % SPREAD)
        next_free[free] = free - 1
        seconds[number, occasion] = free - entered
    return seconds


def _free(next_free: dict[int, int], second: int) -> int:
    """The last second up to this one that is not taken; long runs are walked once."""
    walked = []
    while second in next_free:
        walked.append(second)
        second = next_free[second]
    next_free.update(dict.fromkeys(walked, second - 1))
    return second
