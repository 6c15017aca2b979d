"""Search over the papers held: the full-text index proposes, the evaluator has the last word where it is needed.

The index is asked twice (core/lookup.py): for papers that surely match, and for all that may. For most queries the two
are one; otherwise the papers in between are loaded and evaluated, in the order asked for, until the time is up.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from sqlalchemy import func, select

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

    from sqlalchemy import ColumnElement, CompoundSelect, CursorResult, Select
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
    """One page of a search: its papers, and how many match in all; with `at_least` there may be more.

    What is not `complete` was cut off by the time budget: then the page holds the latest of what was found by then.
    """

    papers: tuple[Paper, ...]
    total: int
    at_least: bool
    complete: bool = True


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which papers a search is about apart from the words, in which order, and until when by the clock."""

    query: Query
    since: date | None
    order: Order = "date"
    deadline: float = float("inf")


@dataclass(slots=True)
class _Answer:
    """What is known of a search so far, papers by their places.

    `sure` are the latest that match for sure, `total` how many do. `good` and `rest` are those between sure and most
    that match and those that don't, in the order in which they were looked at. `ranked` are the first in the order
    asked for, if that is not by date. `counted`: the count leaves nothing out; `complete`: there was time for it all.
    """

    sure: list[int] = field(default_factory=list)
    total: int = 0
    good: list[int] = field(default_factory=list)
    rest: list[int] = field(default_factory=list)
    ranked: list[int] | None = None
    counted: bool = False
    complete: bool = False


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

        The count is exact up to 10,000, unless finding out takes longer than `budget_ms`: then it says "at least". Of
        more than 10,000 matches the latest 10,000 are ranked.
        """
        asked, answer = standing(ask(query)), _Answer()
        wanted = _Wanted(query, since, order, self._clock() + budget_ms / 1000)
        with suppress(TimeoutError):
            async with self._index.until(wanted.deadline, self._clock):
                await self._answer(asked, wanted, offset + limit, answer)
                answer.complete = True
        total = answer.total + len(answer.good)
        page = _page(answer)[offset : offset + limit]
        return Found(
            tuple(await self._papers(map(number_of, page))),
            min(total, MOST_COUNTED),
            at_least=not (answer.counted and answer.complete) or total > MOST_COUNTED,
            complete=answer.complete,
        )

    async def matching(self, query: Query, since: date | None = None) -> list[int]:
        """The numbers of all papers that match, announced since `since`, the latest first, however long it takes."""
        asked, wanted, answer = standing(ask(query)), _Wanted(query, since), _Answer()
        async with self._index.until(wanted.deadline, self._clock):
            answer.sure = await self._latest(asked.sure, wanted)
            await self._sift(asked, wanted, answer)
        return [number_of(place) for place in _page(answer)]

    async def _answer(self, asked: Ask, wanted: _Wanted, most: int, answer: _Answer) -> None:
        """Fill in what is asked for, what is quickly told first."""
        answer.sure = await self._latest(asked.sure, wanted, most)
        answer.total = len(answer.sure)
        if answer.total == most:
            answer.total = max(most, await self._count(asked.sure, wanted))
        floor = 0
        if answer.total > MOST_COUNTED and not asked.exact:  # more do not change the count, only this page
            floor = answer.sure[-1] if wanted.order == "date" else await self._floor(asked.sure, wanted, answer.total)
        answer.counted = await self._sift(asked, wanted, answer, floor=floor, most=MOST_COUNTED + 1)
        doubted = len(answer.good) + len(answer.rest) if answer.good else 0
        tree = asked.most if doubted else asked.sure
        if wanted.order != "date" and tree not in (EVERYTHING, NOTHING):
            places = await self._ranked(tree, wanted, answer.total + doubted, most + len(answer.rest))
            not_meant = set(answer.rest)
            answer.ranked = [place for place in places if place not in not_meant]

    # --- asking the index ------------------------------------------------------------------------------------------

    async def _latest(self, tree: Tree, wanted: _Wanted, most: int | None = None) -> list[int]:
        """The places of a tree's papers, the latest first."""
        if tree == NOTHING:
            return []
        return await self._places(self._select(tree, wanted).order_by(self._index.place.desc()), most, wanted)

    async def _count(self, tree: Tree, wanted: _Wanted) -> int:
        """How many papers a tree has, one more than are counted at most."""
        found = self._select(tree, wanted).order_by(self._index.place.desc()).limit(MOST_COUNTED + 1)
        (count,) = (await self._asked(select(func.count()).select_from(found.subquery()), wanted)).scalars()
        return int(count)

    async def _ranked(self, tree: Tree, wanted: _Wanted, count: int, most: int) -> list[int]:
        """The first places of a tree's `count` papers in the order asked for, if that is not by date.

        Of very many papers only the latest are weighed; the others are left out or come last.
        """
        found, floor = self._select(tree, wanted), await self._floor(tree, wanted, count)
        if wanted.order == "relevance":
            return await self._places(self._index.by_relevance(found, tree, floor), most, wanted)
        score = paper.c.upvotes.desc().nulls_last()
        found = found.join(paper, paper.c.number == self._number()).where(self._index.place >= floor)
        return await self._places(found.order_by(score, self._index.place.desc()), most, wanted)

    async def _floor(self, tree: Tree, wanted: _Wanted, count: int) -> int:
        """The place of the earliest of a tree's `count` papers that is weighed; 0 if all are."""
        if count <= self._index.most_ranked:
            return 0
        latest = self._select(tree, wanted).order_by(self._index.place.desc())
        (floor,) = await self._places(latest.offset(self._index.most_ranked - 1), 1, wanted)
        return floor

    async def _places(self, found: Select[Any] | CompoundSelect[Any], most: int | None, wanted: _Wanted) -> list[int]:
        return list((await self._asked(found.limit(most), wanted)).scalars())

    async def _asked(self, question: Select[Any] | CompoundSelect[Any], wanted: _Wanted) -> CursorResult[Any]:
        """The database's answer; raises TimeoutError when the time is up."""
        if self._clock() >= wanted.deadline:
            raise TimeoutError
        answer: CursorResult[Any] = await self._db.execute(question)
        return answer

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

    async def _sift(
        self, asked: Ask, wanted: _Wanted, answer: _Answer, *, floor: int = 0, most: int | None = None
    ) -> bool:
        """Evaluate the papers from `floor` on of which the index is not sure, those first that would come first.

        Tells whether these are all: without a floor, of `most` or more only so many are looked at.
        """
        between = without(asked.most, asked.sure)
        if floor:  # FTS5 that finds nothing reads on to its end: it is asked for what it does find
            every, sure = (
                self._select(tree, wanted).where(self._index.place >= floor) for tree in (asked.most, asked.sure)
            )
            doubtful = sorted(await self._places(every.except_(sure), None, wanted), reverse=True)
        else:
            doubtful = await self._latest(between, wanted, most)
        if not (wanted.order == "date" or floor or between == EVERYTHING) and len(doubtful) > _EVALUATED_AT_ONCE:
            doubtful = await self._ranked(between, wanted, len(doubtful), len(doubtful))
        for start in range(0, len(doubtful), _EVALUATED_AT_ONCE):
            some = doubtful[start : start + _EVALUATED_AT_ONCE]
            good = await self._matching(wanted, some)
            answer.good += [place for place in some if place in good]
            answer.rest += [place for place in some if place not in good]
        return len(doubtful) != most

    async def _matching(self, wanted: _Wanted, places: list[int]) -> set[int]:
        numbers = {number_of(place): place for place in places}
        read = select(*(paper.c[name] for name in _READ)).where(paper.c.number.in_(numbers))
        rows = (await self._asked(read, wanted)).mappings()
        return {numbers[row["number"]] for row in rows if wanted.query.matches(Doc.of(Paper(**row)))}

    async def _papers(self, numbers: Iterable[int]) -> list[Paper]:
        wanted = list(numbers)
        found: dict[int, Paper] = {}
        for some in chunks(wanted):
            rows = await self._db.execute(select(paper).where(paper.c.number.in_(some)))
            found |= {row.number: paper_of(row) for row in rows}
        return [found[number] for number in wanted]


def _page(answer: _Answer) -> list[int]:
    """The places found in the order asked for; without time for ranking, the latest of what there was time for."""
    if answer.ranked is not None:
        return answer.ranked
    return sorted({*answer.sure, *answer.good}, reverse=True)
