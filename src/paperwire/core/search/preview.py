"""What a query would have found, and how often; and queries that are offered with that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Query
from paperwire.core.search.examples import Offers
from paperwire.core.search.unknown import UnknownValue

TOO_MANY_A_DAY = 30
MOST_NAMED = 5
"""Categories that are not collected, named at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a query matches among the `papers` that are stored of the last `days` days, 0 if none are stored.

    `total` of them match (with `at_least` there may be more); `samples` are the newest. `uncollected` are the
    categories it names that aren't collected; to those of them that are `crossed` too, others cross-list papers. While
    the first days are read, `reading` says how far, and the days are those that are whole. With `are_all` no earlier
    papers are stored. `unknown` are categories and sources in it that nothing here has. One that `is_put_off` says
    nothing, as too much was going on.
    """

    query: Query
    uncollected: tuple[str, ...]
    crossed: tuple[str, ...] = ()
    total: int = 0
    at_least: bool = False
    papers: int = 0
    days: int = 0
    samples: tuple[Paper, ...] = ()
    reading: FirstDays | None = None
    are_all: bool = False
    is_put_off: bool = False
    unknown: tuple[UnknownValue, ...] = ()

    @property
    def is_final(self) -> bool:
        """Whether there are papers, and all of the first days have been read."""
        return bool(self.days) and self.reading is None

    @property
    def finds_nothing(self) -> bool:
        """Whether no stored paper of the last days matches, and all of them were searched."""
        return self.is_final and not (self.total or self.at_least)

    @property
    def a_week(self) -> float:
        return self.total * 7 / self.days if self.days else 0.0

    @property
    def is_flood(self) -> bool:
        """Whether it matches more than 30 papers a day."""
        return self.reading is None and self.total > TOO_MANY_A_DAY * max(self.days, 1)


@dataclass(frozen=True, slots=True)
class FirstDays:
    """How far the first days have been read: `days` with `papers`; those from `whole` on are whole, None if none is."""

    days: int
    papers: int
    whole: date | None


@dataclass(frozen=True, slots=True)
class Suggested:
    """Offered queries with their previews, for these papers; `unknown` are the labels of those that aren't known."""

    papers: Sequence[Paper]
    offers: Offers
    previews: Sequence[Preview]
    unknown: Sequence[str]
    left_out: int
