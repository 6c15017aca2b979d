"""Search by meaning: the papers that pass the rest of a query, the nearest first or those that are near enough.

The full-text index proposes as in any search; what it isn't sure of is evaluated in the order of the results, up to
`MOST_DOUBTFUL` papers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlmodel import col

from paperwire.core.index.tree import EVERYTHING, token
from paperwire.core.meaning.nearby import Integers, Nearby
from paperwire.core.meaning.vectors import Floats, nearest
from paperwire.core.query.language import Query
from paperwire.core.query.terms.words import frequency_of
from paperwire.core.search.indexed import ask
from paperwire.core.search.result import Order, SearchResult
from paperwire.store.database.part import rows_among
from paperwire.store.database.tables.papers import PaperRow
from paperwire.store.search.search import Extent, Search
from paperwire.store.search.vectors import UNENCODED
from paperwire.store.search.word_index import NUMBER_BITS, first_place, number_of

Booleans = NDArray[np.bool_]

MOST_DOUBTFUL = 400
"""Maximum papers evaluated, at about 0.5 CPU ms each."""
_MOST_BY_WORDS = 500  # papers that words alone may bring in; with 200 PostgreSQL finds lists by 0.377 instead of 0.395
_MOST_WORDS = 64
"""Words of a text that the index is asked for, each for 15 to 40 CPU ms in 87,000 papers; an abstract has some more."""
_UBIQUITOUS = 500  # words that more of 1,000 papers have tell papers apart no better than chance


@dataclass(frozen=True, slots=True)
class _Candidates:
    """Papers by their places, latest first, and of which of them the index is sure; `total` counts those surely."""

    places: Integers
    is_sure: Booleans
    total: int

    @property
    def numbers(self) -> Integers:
        return self.places & ((1 << NUMBER_BITS) - 1)

    def only(self, which: Booleans) -> _Candidates:
        gone = int(np.count_nonzero(self.is_sure & ~which))
        return _Candidates(self.places[which], self.is_sure[which], self.total - gone)


class Nearest(Search):
    """Questions by meaning to the stored papers, inside one transaction."""

    async def by_words(self, words: Sequence[str]) -> dict[int, float]:
        """The papers that these words fit best by number, with how well; of a long text the rarest, each once."""
        telling = [word for word in words if frequency_of(word) <= _UBIQUITOUS] or list(words)
        if len(telling) > _MOST_WORDS:
            telling = list(dict.fromkeys(telling))
        tokens = [token("w", word) for word in sorted(telling, key=frequency_of)[:_MOST_WORDS]]
        async with self._index.questions():
            rows = await self._db.execute(self._index.by_words(tokens, _MOST_BY_WORDS))
            return {number_of(place): score for place, score in rows}

    async def nearest(  # noqa: PLR0913 -- each is a wish of its own
        self,
        query: Query,
        near: Nearby,
        *,
        order: Order = "relevance",
        since: date | None = None,
        limit: int = 25,
        offset: int = 0,
    ) -> SearchResult:
        """A page of the papers that pass the rest of a query: the nearest, latest or most upvoted first."""
        extent = Extent(query, order, first_place(since) if since else None, None)
        async with self._index.questions():
            candidates = await self._candidates(extent, near)
            candidates = candidates.only(~np.isin(candidates.numbers, list(near.left_out)))
            candidates = candidates.only(near.are_near(candidates.numbers))
            if order != "date":
                by_score = order == "score"
                scores = await self._upvotes(candidates.numbers) if by_score else near.scores(candidates.numbers)
                best = nearest(scores, offset + limit if candidates.is_sure.all() else len(scores))
                candidates = _Candidates(candidates.places[best], candidates.is_sure[best], candidates.total)
            return await self._page(query, candidates, offset, limit)

    async def _candidates(self, extent: Extent, near: Nearby) -> _Candidates:
        """All papers that may pass the rest of the query."""
        proposal = ask(extent.query)
        is_whole = proposal.sure == EVERYTHING and extent.first is None and extent.query.upvotes is None
        if is_whole and extent.order == "relevance":  # their days only matter among equals
            encoded = np.flatnonzero(near.cosines >= -1)
            total, waiting = len(encoded), []
            if near.threshold is None and near.floor is None:  # papers without a vector pass too
                total = (await self._db.execute(select(func.count()).select_from(PaperRow))).scalar_one()
                waiting = list(await self._db.scalars(select(col(PaperRow.number)).where(UNENCODED)))
            others = np.array([*near.words, *waiting], np.int64)
            is_there = np.zeros(max(len(near.cosines), int(others.max(initial=0)) + 1), np.bool_)
            is_there[encoded] = is_there[others] = True
            numbers = np.flatnonzero(is_there)[::-1]
            total = total if near.floor is None else len(numbers)
            return _Candidates(numbers, np.ones(len(numbers), np.bool_), total)
        sure = await self._all(proposal.sure, extent)
        most = sure if proposal.exact else await self._all(proposal.most, extent)
        places = np.array(sorted(most, reverse=True), np.int64)
        is_sure = np.isin(places, list(sure)) if most != sure else np.ones(len(places), np.bool_)
        return _Candidates(places, is_sure, len(sure))

    async def _page(self, query: Query, candidates: _Candidates, offset: int, limit: int) -> SearchResult:
        doubtful = candidates.places[~candidates.is_sure]
        evaluated = doubtful[:MOST_DOUBTFUL].tolist()
        good = await self._matching(query, evaluated)
        passes = candidates.is_sure | np.isin(candidates.places, list(good))
        page = candidates.places[passes][offset : offset + limit].tolist()
        papers = await self._papers(map(number_of, page))
        return SearchResult(tuple(papers), candidates.total + len(good), is_cut=len(doubtful) > len(evaluated))

    async def _upvotes(self, numbers: Integers) -> Floats:
        scored = select(col(PaperRow.number), col(PaperRow.upvotes)).where(col(PaperRow.upvotes).is_not(None))
        counted = dict(await rows_among(self._db, scored, col(PaperRow.number), numbers.tolist()))
        return np.array([counted.get(number, -1) for number in numbers.tolist()], np.float32)
