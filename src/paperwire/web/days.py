"""A day's papers in memory until the store changes, so that filters and further pages cost no query."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import date, datetime
from functools import cached_property, partial
from itertools import chain

from paperwire.core.meaning.vectors import Packed
from paperwire.core.papers.categories import TWIN, archive_of, is_category
from paperwire.core.papers.lists import heat_of
from paperwire.core.papers.paper import EventKind, Paper
from paperwire.core.query.language import Query
from paperwire.core.query.prepared import Doc
from paperwire.store.lanes import filtered
from paperwire.store.unit import Store
from paperwire.web.once import Once

_CACHED_DAYS = 3
_MOST_PAPERS = 5_000  # more than any day has had; what is beyond is found by search

_SOURCES = frozenset({"arxiv", "huggingface"})
"""Sources that state more of papers than their arrival, whether or not a paper of the day is theirs."""
_FIRST_NAME = {name: min(name, twin) for name, twin in TWIN.items()}


@dataclass(eq=False)
class DayPapers:
    """The papers of one day, newest first, with the neighbouring days that have papers too.

    `stamp` was read before them. `before` and `after` are those days. `stated` are the numbers of papers by what was
    stated of them on this day, also of papers of earlier days. `docs` are the words of papers by number, those that a
    filter asked for.
    """

    day: date
    papers: Sequence[Paper]
    _: KW_ONLY
    stamp: int
    before: date | None
    after: date | None
    stated: Mapping[EventKind, Sequence[int]]
    docs: dict[int, Doc]

    @cached_property
    def categories(self) -> list[tuple[str, int]]:
        """The categories and their numbers of papers, the largest first; twins are one category under one name."""
        return _counted({_FIRST_NAME.get(name, name) for name in _categories(paper)} for paper in self.papers)

    @cached_property
    def archives(self) -> list[tuple[str, int]]:
        """The archives, as `cat:` finds them, and their numbers of papers, the largest first; twins count in both."""
        return _counted(
            {archive_of(twin) for name in _categories(paper) for twin in (name, TWIN.get(name, name))}
            for paper in self.papers
        )

    @cached_property
    def newest(self) -> int:
        """The highest number of a paper of the day, which grows with what comes; 0 without any."""
        return max((paper.number for paper in self.papers), default=0)

    @cached_property
    def scored(self) -> bool:
        return any(paper.upvotes for paper in self.papers)

    def matches(self, query: Query, vectors: Mapping[int, Packed], paper: Paper) -> bool:
        """Whether a paper matches; `vectors` are those of the papers by number, for a query by meaning."""
        return query.matches(self._doc(paper)) and query.is_enough(Doc.of(paper, vectors.get(paper.number)))

    @staticmethod
    def ordered(papers: Sequence[Paper], order: str, now: datetime) -> Sequence[Paper]:
        """Papers as they came, newest first; the hottest (`order` is `hot`) or the most upvoted first (`score`)."""
        if order == "hot":
            return sorted(papers, key=lambda paper: -heat_of(paper, now))
        if order == "score":
            return sorted(papers, key=lambda paper: -(paper.upvotes or 0))
        return papers

    def _doc(self, paper: Paper) -> Doc:
        doc = self.docs.get(paper.number)
        if doc is None or doc.paper != paper:
            doc = self.docs[paper.number] = Doc.of(paper)
        return doc


def _categories(paper: Paper) -> Iterator[str]:
    return filter(is_category, paper.categories)


def _counted(names: Iterable[set[str]]) -> list[tuple[str, int]]:
    """How many papers have each name, the largest first; `names` are those of each paper."""
    return sorted(Counter(chain.from_iterable(names)).items(), key=lambda row: (-row[1], row[0]))


class Days:
    """Caches the days that were requested last."""

    def __init__(self, store: Store, stamp: Stamp) -> None:
        self._store = store
        self._stamp = stamp
        self._latest: tuple[int, date | None] = (-1, None)
        self._kept: OrderedDict[date, DayPapers] = OrderedDict()
        self._once: Once[DayPapers | None] = Once()

    async def get(self, day: date | None) -> DayPapers | None:
        """A day, or the latest that has papers; None if there is none at all."""
        stamp = await self._stamp.current()
        if day is None and self._latest[0] == stamp:
            day = self._latest[1]
        papers = self._kept.get(day) if day else None
        if papers is None or papers.stamp != stamp:
            papers = await self._once.get((day, stamp), lambda: self._read(day, stamp))
            if papers is None:
                return None
            self._kept[papers.day] = papers
            if day is None:
                self._latest = stamp, papers.day
        self._kept.move_to_end(papers.day)
        if len(self._kept) > _CACHED_DAYS:
            self._kept.popitem(last=False)
        return papers

    async def of_kind(self, day: DayPapers, kind: EventKind | None) -> Sequence[Paper]:
        """The papers of which something was stated on a day, the last first; without a kind all that were new then."""
        if kind is None:
            return day.papers
        numbers = day.stated.get(kind, ())
        async with self._store.read() as unit:
            papers = await unit.papers.by_number(numbers)
        return [papers[number] for number in numbers if number in papers]

    async def matching(
        self, day: DayPapers, papers: Sequence[Paper], query: Query | None, vectors: Mapping[int, Packed]
    ) -> Sequence[Paper]:
        """Those of the day's papers that match; in slices, as the first filter cuts a thousand abstracts into words."""
        if query is None:
            return papers
        async with self._store.search_slot():
            return await filtered(papers, partial(day.matches, query, vectors))

    async def stamp(self) -> int:
        return await self._stamp.current()

    async def _read(self, day: date | None, stamp: int) -> DayPapers | None:
        async with self._store.read() as unit:
            shown_day = day or await unit.papers.latest_day()
            if shown_day is None:
                return None
            papers = await unit.papers.day(shown_day, limit=_MOST_PAPERS)
            before, after = await unit.papers.neighbours(shown_day)
            stated = await unit.papers.stated_on(shown_day, {paper.source for paper in papers} | _SOURCES)
        older = self._kept.get(shown_day)
        docs = dict(older.docs) if older else {}  # words of papers that are the same as before
        return DayPapers(shown_day, papers, stamp=stamp, before=before, after=after, stated=stated, docs=docs)


@dataclass
class Stamp:
    """The store's content sequence, read again after a commit of this process and at most once a second otherwise.

    `commits` counts the commits of this process at no cost; other processes' are seen within a second.
    """

    read: Callable[[], Awaitable[int]]
    commits: Callable[[], int]
    _: KW_ONLY
    clock: Callable[[], float] = time.monotonic
    every: float = 1.0
    _seen: int = -1
    _until: float = 0.0
    _value: int = 0

    async def current(self) -> int:
        """A number that differs from an earlier one if anything a reader could see has changed since."""
        commits = self.commits()
        if commits != self._seen or self.clock() >= self._until:
            # Both are noted before the database is asked: what commits meanwhile is looked at next time.
            until = self.clock() + self.every
            self._value = await self.read()
            self._seen, self._until = commits, until
        return self._value
