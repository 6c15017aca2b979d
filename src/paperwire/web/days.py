"""A day's papers in memory while nobody adds to them, so that filtering and leafing through them costs no query."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from functools import cached_property
from typing import TYPE_CHECKING

from paperwire.core.text import Doc
from paperwire.web.views import counted_categories

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from paperwire.core.paper import Paper
    from paperwire.core.query import Query
    from paperwire.store.unit import Store
    from paperwire.web.cache import Stamp

_KEPT = 4
_MOST = 5_000  # more than any day has had; what is beyond is found by search


class Day:
    """One day: its papers, newest first, with the days beside it that have papers too."""

    def __init__(self, day: date, papers: Sequence[Paper], before: date | None, after: date | None) -> None:
        self.day = day
        self.papers = papers
        self.before = before
        self.after = after

    @cached_property
    def categories(self) -> list[tuple[str, int]]:
        """The classes of the day with how many papers are in each, the largest first."""
        return counted_categories(self.papers)

    @cached_property
    def scored(self) -> bool:
        """Whether anybody upvoted any of them."""
        return any(paper.upvotes for paper in self.papers)

    @cached_property
    def _docs(self) -> list[Doc]:
        return [Doc.of(paper) for paper in self.papers]

    def matching(self, query: Query | None, order: str) -> Sequence[Paper]:
        """The papers that match, newest first or the most upvoted first (`order` is `score`)."""
        papers = self.papers
        if query is not None:
            papers = [doc.paper for doc in self._docs if query.matches(doc) and _popular(doc.paper, query)]
        if order == "score":
            return sorted(papers, key=lambda paper: -(paper.upvotes or 0))
        return papers


class Days:
    """The days that were looked at last."""

    def __init__(self, store: Store, stamp: Stamp) -> None:
        self._store = store
        self._stamp = stamp
        self._kept: OrderedDict[date | None, tuple[int, Day | None]] = OrderedDict()

    async def get(self, day: date | None) -> Day | None:
        """A day, or the latest that has papers; None if there is none at all."""
        stamp = await self._stamp.current()
        kept = self._kept.get(day)
        if kept is None or kept[0] != stamp:
            kept = self._kept[day] = stamp, await self._read(day)
        self._kept.move_to_end(day)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return kept[1]

    async def matching(self, day: Day, query: Query | None, order: str) -> Sequence[Paper]:
        """The day's papers that match; in a thread, as the first filter cuts a thousand abstracts into words."""
        return day.matching(None, order) if query is None else await asyncio.to_thread(day.matching, query, order)

    async def _read(self, day: date | None) -> Day | None:
        async with self._store.read() as unit:
            wanted = day or await unit.papers.latest_day()
            if wanted is None:
                return None
            papers = await unit.papers.day(wanted, limit=_MOST)
            before, after = await unit.papers.neighbours(wanted)
        return Day(wanted, papers, before, after)


def _popular(paper: Paper, query: Query) -> bool:
    return query.upvotes is None or (paper.upvotes or 0) >= query.upvotes
