"""Search over the stored papers: the full-text index proposes, the evaluator has the last word where it is needed.

The index is asked twice (core/search/indexed.py): for papers that surely match, and for all that may. For most queries
the two are one; otherwise the papers in between are loaded and evaluated. A search goes from the latest paper back, and
how far back it gets is bounded by work, never by the clock: the same search over the same papers ends at the same one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from paperwire.core.index.tree import EVERYTHING, NOTHING, Ask, Tree, Without, without
from paperwire.core.papers.hub import HubEntry
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Query
from paperwire.core.query.prepared import Doc
from paperwire.core.search.indexed import ask
from paperwire.core.search.result import MOST_COUNTED, Order, Passing, SearchResult
from paperwire.store.database.part import Part, paper_of, rows_among
from paperwire.store.database.tables.papers import PaperRow
from paperwire.store.lanes import filtered
from paperwire.store.search.fulltext import full_text, standing
from paperwire.store.search.word_index import NUMBER_BITS, day_of, first_place, number_of

MOST_EVALUATED = 2_000
"""Evaluated papers at which a search ends, at about 0.5 CPU ms each."""
EVALUATED_AT_ONCE = 50
"""Papers read from the database for evaluation in one go."""

_EVALUATED_COLUMNS = (
    col(PaperRow.number),
    col(PaperRow.id),
    col(PaperRow.source),
    col(PaperRow.feed),
    col(PaperRow.title),
    col(PaperRow.abstract),
    col(PaperRow.authors),
    col(PaperRow.categories),
    col(PaperRow.comment),
    col(PaperRow.code_url),
    col(PaperRow.doi),
    col(PaperRow.journal_ref),
    col(PaperRow.withdrawn),
    col(PaperRow.hub),
)
"""What any kind of term reads of a paper."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Which papers a search is about apart from the words, by their places, and in which order."""

    query: Query
    order: Order
    first: int | None
    before: int | None


@dataclass(frozen=True, slots=True)
class _Evaluated:
    """The papers of which the index is not sure, latest first: those that match, and how many don't.

    `end` is the place of the last that was evaluated, where there are more.
    """

    matches: list[int]
    others: frozenset[int]
    end: int | None


@dataclass(frozen=True, slots=True)
class _Matches:
    """How many papers match, and the latest of them; of very many only those from the place `end` on."""

    latest: list[int]
    total: int
    end: int | None


@dataclass(frozen=True, slots=True)
class _PagePlaces:
    """A page's places, how many match, and the place at which the search ended before the earliest paper."""

    places: list[int]
    total: int
    resume: int | None


class Search(Part):
    """Questions to the stored papers, inside one transaction."""

    def __init__(self, connection: AsyncConnection, now: datetime) -> None:
        super().__init__(connection, now)
        self._index = full_text(connection)

    async def search(  # noqa: PLR0913 -- each is a wish of its own
        self,
        query: Query,
        *,
        order: Order = "relevance",
        since: date | None = None,
        before: int | None = None,
        limit: int = 25,
        offset: int = 0,
        most_evaluated: int = MOST_EVALUATED,
    ) -> SearchResult:
        """A page of the papers that match: the most relevant, latest or most upvoted first.

        They are announced since `since`, and stand before the place `before` (`SearchResult.resume`).
        """
        extent = Extent(query, order, first_place(since) if since else None, before)
        async with self._index.questions():
            page = await self._paged(extent, limit, offset, most_evaluated)
            papers = await self._papers(map(number_of, page.places))
        back_to = None if page.resume is None else day_of(page.resume)
        return SearchResult(tuple(papers), page.total, resume=page.resume, back_to=back_to)

    async def by_day(self, query: Query, *, since: date, limit: int) -> Counter[date]:
        """How many of the latest papers since a day that match, at most `limit`, are of each day."""
        extent = Extent(query, "date", first_place(since), None)
        async with self._index.questions():
            page = await self._paged(extent, limit, 0, MOST_EVALUATED)
        return Counter(map(day_of, page.places))

    async def _paged(self, extent: Extent, limit: int, offset: int, most_evaluated: int) -> _PagePlaces:
        proposal = standing(ask(extent.query))
        evaluated = await self._evaluate(proposal, extent, most_evaluated)
        if evaluated.end is not None:
            extent = replace(extent, first=evaluated.end)
        ranked = (self._index.most_ranked or 0) if extent.order == "relevance" else 0
        matches = await self._count(proposal.sure, evaluated, extent, max(offset + limit, ranked))
        if matches.end is not None:
            extent = replace(extent, first=matches.end)
        places = await self._ranked(proposal, evaluated, extent, matches, offset + limit) or matches.latest
        resume = evaluated.end if matches.end is None else matches.end
        return _PagePlaces(places[offset : min(matches.total, offset + limit)], matches.total, resume)

    async def passing(self, query: Query, since: date) -> Passing:
        """All papers since a day that have what the words of a query and its upvotes ask for, not in any order."""
        extent = Extent(query, "date", first_place(since), None)
        proposal = ask(query)
        async with self._index.questions():
            sure = await self._all(proposal.sure, extent)
            doubtful = sorted(await self._all(proposal.most, extent) - sure, reverse=True)
            end = doubtful[MOST_EVALUATED - 1] if len(doubtful) > MOST_EVALUATED else 0
            places = {place for place in sure if place >= end}
            places |= await self._matching(query, doubtful[:MOST_EVALUATED])
        return Passing(frozenset(map(number_of, places)), day_of(end) if end else since)

    async def papers_of(self, queries: Mapping[str, Query], *, since: date) -> dict[str, list[int]]:
        """The numbers of the papers since a day that surely match each query by the index alone, in no order."""
        papers_by_name: dict[str, list[int]] = {}
        async with self._index.questions():
            for name, query in queries.items():
                sure = standing(ask(query)).sure
                extent = Extent(query, "date", first_place(since), None)
                places = [] if sure == NOTHING else await self._places(self._select(sure, extent))
                papers_by_name[name] = list(map(number_of, places))
        return papers_by_name

    async def _all(self, tree: Tree, extent: Extent) -> set[int]:
        """The places of a tree's papers, also of "all papers but some"."""
        if tree == NOTHING:
            return set()
        if isinstance(tree, Without) and tree.keep == EVERYTHING:
            return await self._all(EVERYTHING, extent) - await self._all(tree.drop, extent)
        return set(await self._places(self._select(tree, extent)))

    # --- asking the index ------------------------------------------------------------------------------------------

    async def _count(self, sure: Tree, evaluated: _Evaluated, extent: Extent, most: int) -> _Matches:
        """How many match, and the latest of them."""
        latest, total, last = await self._count_sure(sure, extent, most)
        good = evaluated.matches
        if total + len(good) > MOST_COUNTED:
            if good:
                last = (await self._merged(sure, good, extent))[MOST_COUNTED]
            latest = [place for place in {*latest, *good} if place > last]
            return _Matches(sorted(latest, reverse=True)[:most], MOST_COUNTED, last + 1)
        return _Matches(sorted({*latest, *good}, reverse=True)[:most], total + len(good), None)

    async def _count_sure(self, tree: Tree, extent: Extent, most: int) -> tuple[list[int], int, int]:
        """The latest places of a tree's papers; how many it has, and the last of them; of very many, one too many."""
        if tree == NOTHING:
            return [], 0, 0
        place = self._latest(tree, extent, MOST_COUNTED + 1).subquery().c.place
        counted = select(place, func.count().over(), func.min(place).over()).order_by(place.desc()).limit(most)
        rows = (await self._db.execute(counted)).all()
        return [row[0] for row in rows], *((rows[0][1], rows[0][2]) if rows else (0, 0))

    async def _merged(self, sure: Tree, good: list[int], extent: Extent) -> list[int]:
        """The places of all matches, of very many one too many at least."""
        places = [] if sure == NOTHING else await self._places(self._latest(sure, extent, MOST_COUNTED + 1))
        return sorted({*good, *places}, reverse=True)

    async def _ranked(
        self, proposal: Ask, evaluated: _Evaluated, extent: Extent, counted: _Matches, most: int
    ) -> list[int]:
        """The first `most` places of all matches in the order asked for; none if it is by date or no index knows it."""
        tree = proposal.most if evaluated.matches else proposal.sure
        if extent.order == "date" or tree in (EVERYTHING, NOTHING):
            return []
        leftover = evaluated.others if evaluated.matches else frozenset()
        matches, weighed = self._select(tree, extent), self._index.most_ranked
        if extent.order == "score":
            score, weighed = col(PaperRow.upvotes).desc().nulls_last(), None
            place = _place(matches)
            matches = matches.join(PaperRow, col(PaperRow.number) == _number(place)).order_by(score, place.desc())
        else:
            matches = self._index.by_relevance(matches, tree, counted.latest[:weighed])
        places = [place for place in await self._places(matches.limit(most + len(leftover))) if place not in leftover]
        return places if weighed is None else places + counted.latest[weighed:]

    def _latest(self, tree: Tree, extent: Extent, most: int) -> Select[Any]:
        matches = self._select(tree, extent)
        return matches.order_by(_place(matches).desc()).limit(most)

    async def _places(self, matches: Select[Any]) -> list[int]:
        return list((await self._db.scalars(matches)).all())

    def _select(self, tree: Tree, extent: Extent) -> Select[Any]:
        matches = self._index.select(tree)
        place = _place(matches)
        if extent.first is not None:
            matches = matches.where(place >= extent.first)
        if extent.before is not None:
            matches = matches.where(place < extent.before)
        if extent.query.upvotes is not None:
            scored = select(col(PaperRow.number)).where(col(PaperRow.upvotes) >= extent.query.upvotes)
            matches = matches.where(_number(place).in_(scored))
        return matches

    # --- the last word -----------------------------------------------------------------------------------------------

    async def _evaluate(self, proposal: Ask, extent: Extent, most: int) -> _Evaluated:
        """Evaluate the papers of which the index is not sure."""
        tree = without(proposal.most, proposal.sure)
        doubtful = [] if tree == NOTHING else await self._places(self._latest(tree, extent, most + 1))
        end = doubtful[most - 1] if len(doubtful) > most else None
        doubtful = doubtful[:most]
        good = await self._matching(extent.query, doubtful)
        return _Evaluated([place for place in doubtful if place in good], frozenset(doubtful) - good, end)

    async def _matching(self, query: Query, places: list[int]) -> set[int]:
        good: set[int] = set()
        for start in range(0, len(places), EVALUATED_AT_ONCE):
            numbers = {number_of(place): place for place in places[start : start + EVALUATED_AT_ONCE]}
            read = select(*_EVALUATED_COLUMNS).where(col(PaperRow.number).in_(numbers))
            rows = (await self._db.execute(read)).mappings()
            matches = await filtered(rows, lambda row: query.matches(Doc.of(_evaluated(row))))
            good.update(numbers[row["number"]] for row in matches)
        return good

    async def _papers(self, numbers: Iterable[int]) -> list[Paper]:
        paper_numbers = list(numbers)
        rows = await rows_among(self._db, select(PaperRow), col(PaperRow.number), paper_numbers)
        stored = {row.number: paper_of(row) for row in rows}
        return [stored[number] for number in paper_numbers if number in stored]


def _place(matches: Select[Any]) -> ColumnElement[int]:
    (place,) = matches.selected_columns
    return place


def _number(place: ColumnElement[int]) -> ColumnElement[int]:
    return place.bitwise_and((1 << NUMBER_BITS) - 1)


def _evaluated(row: RowMapping) -> Paper:
    return Paper(**(dict(row) | {"hub": HubEntry.read(row["hub"] or {})}))
