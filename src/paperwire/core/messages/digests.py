"""Digests: what a place gets at one slot, which papers its messages list and in which order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from paperwire.core.subscriptions.wallclock import clock_of

T = TypeVar("T")
Rank = tuple[int, float, int]
"""Where a paper stands in its section, the first is the smallest: score and relevance as negative numbers, then age."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """The digest of one slot of a place; `slot` is its local date and time, such as `2026-01-05T08:00`.

    It tells of `papers` since the last digest before it or, if there was none, the first of its papers, in `parts`
    messages, of which `sent` went out. One without parts is planned: it is sent even if there is nothing to tell.
    `already` counts the papers of its window that were sent at once.
    """

    slot: str
    due_at: datetime
    since: datetime | None = None
    papers: int = 0
    parts: int = 0
    sent: int = 0
    already: int = 0

    def listed(self, most: int) -> int:
        """How many of its papers its messages list if they list `most` (0: all)."""
        return min(self.papers, most or self.papers)


def slot_name(zone: str, due_at: datetime) -> str:
    """What a slot is called: the date and time that clocks in `zone` show at its instant."""
    return f"{due_at.astimezone(clock_of(zone)):%Y-%m-%dT%H:%M}"


def relevance(title: str, terms: Sequence[str]) -> int:
    """How well a paper fits a query of which it has these terms: one for each, and one more for each in its title."""
    plain = title.casefold()
    return len(terms) + sum(term.casefold() in plain for term in terms)


def chosen(owed: Sequence[T], most: int, *, rank: Callable[[T], Rank], section: Callable[[T], int]) -> list[T]:
    """The best `most` papers by rank (0: all), section after section and the best of each first."""
    best = sorted(owed, key=rank)[: most or None]
    return sorted(best, key=lambda entry: (section(entry), rank(entry)))
