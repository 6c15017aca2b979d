"""Search over the papers held: the full-text index proposes, the evaluator has the last word where it is needed.

The index is asked twice (core/lookup.py): for papers that surely match, and for all that may. For most queries the two
are one; otherwise the papers in between are loaded and evaluated, in the order asked for, until the time is up.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from sqlalchemy import select

from paperwire.core.lookup import EVERYTHING, NOTHING, ask, without
from paperwire.core.paper import Paper
from paperwire.core.text import Doc
from paperwire.store.fulltext import full_text, standing
from paperwire.store.part import Part, chunks
from paperwire.store.rows import paper_of
from paperwire.store.tables.base import Row
from paperwire.store.words import NUMBER_BITS, first_place, number_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date, datetime
    from typing import Any

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.ext.asyncio import AsyncConnection

    from paperwire.core.lookup import Ask, Tree
    from paperwire.core.query import Query

Order: TypeAlias = Literal["relevance", "date", "score"]

MOST_COUNTED = 10_000
"""Matches are counted exactly up to so many; of more, the latest so many are ranked."""
BUDGET_MS = 1_000
_EVALUATED_AT_ONCE = 50

paper = Row.metadata.tables["paper"]
_READ = ("number", "id", "source", "title", "abstract", "authors", "categories", "comment", "code_url")


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search: its papers, and how many match in all; with `at_least` there may be more."""

    papers: tuple[Paper, ...]
    total: int
    at_least: bool


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which papers a search is about apart from the words, and in which order."""

    query: Query
    since: date | None
    order: Order = "date"


@dataclass(slots=True)
class _Sifted:
    """The papers between sure and most, by their places: those that match; the others, or not reached in time."""

    good: set[int] = field(default_factory=set)
    rest: set[int] = field(default_factory=set)
    complete: bool = True


class Search(Part):
    """Questions to the papers held, inside one transaction; `clock` counts seconds."""

    def __init__(self, connection: AsyncConnection, now: datetime, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(connection, now)
        self._clock = clock
        self._index = full_text(connection)

    async def search(  # noqa: PLR0913 -- each is a wish of its own
        self,
        query: Query,
        *,
        order: Order = "relevance",
        since: date | None = None,
        limit: int = 25,
        offset: int = 0,
        budget_ms: float = BUDGET_MS,
    ) -> Found:
        """A page of the papers that match, announced since `since`: the most relevant, latest or most upvoted first.

        The count is exact up to 10,000, unless evaluating takes longer than `budget_ms`: then it says "at least", and
        the page holds what was found by then. Of more than 10,000 matches the latest 10,000 are ranked.
        """
        deadline = self._clock() + budget_ms / 1000
        asked, wanted = standing(ask(query)), _Wanted(query, since, order)
        await self._index.prepare(self._db)
        sure = await self._latest(asked.sure, wanted, MOST_COUNTED + 1)
        sifted = await self._sift(asked, wanted, deadline)
        page = await self._page(asked, wanted, sure, sifted, offset + limit)
        total = len(sure) + len(sifted.good)
        return Found(
            tuple(await self._papers(map(number_of, page[offset : offset + limit]))),
            min(total, MOST_COUNTED),
            at_least=not sifted.complete or total > MOST_COUNTED,
        )

    async def matching(self, query: Query, since: date | None = None) -> list[int]:
        """The numbers of all papers that match, announced since `since`, the latest first, however long it takes."""
        asked, wanted = standing(ask(query)), _Wanted(query, since)
        await self._index.prepare(self._db)
        sure = await self._latest(asked.sure, wanted)
        sifted = await self._sift(asked, wanted, float("inf"), most=None)
        return [number_of(place) for place in sorted({*sure, *sifted.good}, reverse=True)]

    # --- asking the index ------------------------------------------------------------------------------------------

    async def _latest(self, tree: Tree, wanted: _Wanted, most: int | None = None) -> list[int]:
        """The places of a tree's papers, the latest first."""
        if tree == NOTHING:
            return []
        return await self._places(self._select(tree, wanted).order_by(self._index.place.desc()), most)

    async def _ordered(self, tree: Tree, wanted: _Wanted, latest: list[int], most: int) -> list[int]:
        """The first places of a tree's papers in the order asked for, `latest` being its latest.

        Of very many papers only the latest are weighed; the others are left out or come last.
        """
        if wanted.order == "date" or tree == EVERYTHING or not latest:
            return latest[:most]
        weighed = self._index.most_ranked
        floor = latest[weighed - 1] if len(latest) > weighed else 0
        found = self._select(tree, wanted)
        if wanted.order == "relevance":
            return await self._places(self._index.by_relevance(found, tree, floor), most)
        score = paper.c.upvotes.desc().nulls_last()
        found = found.join(paper, paper.c.number == self._number()).where(self._index.place >= floor)
        return await self._places(found.order_by(score, self._index.place.desc()), most)

    async def _page(self, asked: Ask, wanted: _Wanted, sure: list[int], sifted: _Sifted, most: int) -> list[int]:
        """The first places in the order asked for."""
        if not sifted.good:
            return await self._ordered(asked.sure, wanted, sure, most)
        latest = sorted({*sure, *sifted.good, *sifted.rest}, reverse=True)
        places = await self._ordered(asked.most, wanted, latest, most + len(sifted.rest))
        return [place for place in places if place not in sifted.rest]

    async def _places(self, found: Select[Any], most: int | None) -> list[int]:
        return list((await self._db.scalars(found.limit(most))).all())

    def _select(self, tree: Tree, wanted: _Wanted) -> Select[Any]:
        found = select(self._index.place).where(self._index.holds(tree))
        if wanted.since is not None:
            found = found.where(self._index.place >= first_place(wanted.since))
        if wanted.query.upvotes is not None:
            scored = select(paper.c.number).where(paper.c.upvotes >= wanted.query.upvotes)
            found = found.where(self._number().in_(scored))
        return found

    def _number(self) -> ColumnElement[int]:
        return self._index.place.bitwise_and((1 << NUMBER_BITS) - 1)

    # --- the last word -----------------------------------------------------------------------------------------------

    async def _sift(self, asked: Ask, wanted: _Wanted, deadline: float, most: int | None = MOST_COUNTED + 1) -> _Sifted:
        """Evaluate the papers of which the index is not sure, as many as there is time for."""
        sifted = _Sifted()
        between = without(asked.most, asked.sure)
        latest = await self._latest(between, wanted, most)
        doubtful = await self._ordered(between, wanted, latest, len(latest))
        for start in range(0, len(doubtful), _EVALUATED_AT_ONCE):
            some = doubtful[start : start + _EVALUATED_AT_ONCE]
            if self._clock() >= deadline:
                sifted.complete = False
                sifted.rest.update(doubtful[start:])
                break
            good = await self._matching(wanted.query, some)
            sifted.good |= good
            sifted.rest.update(place for place in some if place not in good)
        return sifted

    async def _matching(self, query: Query, places: list[int]) -> set[int]:
        numbers = {number_of(place): place for place in places}
        read = select(*(paper.c[name] for name in _READ)).where(paper.c.number.in_(numbers))
        rows = (await self._db.execute(read)).mappings()
        return {numbers[row["number"]] for row in rows if query.matches(Doc.of(Paper(**row)))}

    async def _papers(self, numbers: Iterable[int]) -> list[Paper]:
        wanted = list(numbers)
        found: dict[int, Paper] = {}
        for some in chunks(wanted):
            rows = await self._db.execute(select(paper).where(paper.c.number.in_(some)))
            found |= {row.number: paper_of(row) for row in rows}
        return [found[number] for number in wanted]
