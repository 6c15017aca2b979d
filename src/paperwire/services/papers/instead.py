"""What to search for instead of a query that can't be read or finds nothing, or besides, with how many papers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice

from paperwire.core.query.language import Query, parse
from paperwire.core.search.abbreviations import OtherForm, other_forms
from paperwire.core.search.correction import corrected
from paperwire.core.search.misspelled import spelled
from paperwire.core.search.names import named_otherwise
from paperwire.core.search.result import MOST_COUNTED, SearchResult
from paperwire.core.search.spoken import by_meaning, spoken, wider_than
from paperwire.core.search.suggestion import Difference, Suggestion, by_author
from paperwire.core.search.unknown import doubtful, renamed, with_nearest
from paperwire.errors import LikeError, StoreBusy
from paperwire.pipeline.calibration import Calibration
from paperwire.ports.encoders import Spelling
from paperwire.services.papers.search import search
from paperwire.store.unit import Store, Unit

_MOST_TRIED = 8


@dataclass(frozen=True, slots=True)
class Instead:
    """Another query and what it finds: `total` papers, or more than those if `at_least`.

    `added` is how many of them say only the form that it adds to the query.
    """

    suggestion: Suggestion
    total: int
    at_least: bool = False
    added: int = 0

    @property
    def query(self) -> str:
        return str(self.suggestion.query)

    @property
    def named(self) -> int:
        """The number that is said of it."""
        return self.added or self.total


async def instead(
    store: Store, calibration: Calibration | None, typed: str, query: Query | None, result: SearchResult | None
) -> Instead | None:
    """What to search for instead of `typed`, or the same with another form of a word or name; None if none is known.

    `query` is what was understood, None if it can't be read, and `result` what it finds. None also while too much is
    going on.
    """
    with suppress(StoreBusy, LikeError):
        if query is None:
            return await _corrected(store, calibration, typed)
        if result is not None and query.like is None and not query.list:
            return await _besides(store, calibration, query, result)
    return None


async def _besides(store: Store, calibration: Calibration | None, query: Query, result: SearchResult) -> Instead | None:
    """The query with another form of its words or of a name; where it finds nothing, the nearest one that does."""
    forms, names = other_forms(query), list(islice(named_otherwise(query), _MOST_TRIED))
    if not (forms or names) and (result.total or result.at_least):
        return None
    async with store.search() as unit:
        other = await _with_other_form(unit, forms, result) or await _first(unit, names)
        if other is not None or result.total or result.at_least:
            return other
        if other := await _nearest(unit, query, calibration):
            return other
    suggestion = by_meaning(query) if calibration is not None else None
    return await _counted(store, calibration, suggestion) if suggestion is not None else None


async def _with_other_form(unit: Unit, forms: Iterable[OtherForm], result: SearchResult) -> Instead | None:
    """The query with the first form that finds other papers: `LLM` besides `"large language model"`."""
    for form in forms:
        added = await unit.search.search(form.missed, order="date", since=None, limit=1)
        if added.total:
            at_least = result.at_least or added.at_least
            total = min(result.total + added.total, MOST_COUNTED)
            return Instead(form.suggestion, total, at_least or total == MOST_COUNTED, added.total)
    return None


async def _corrected(store: Store, calibration: Calibration | None, typed: str) -> Instead | None:
    better = corrected(typed)
    query = parse(better) if better else None
    if query is None or query.list:
        return None
    return await _counted(store, calibration, Suggestion(Difference.CORRECTED, query))


async def _counted(store: Store, calibration: Calibration | None, suggestion: Suggestion) -> Instead:
    results = await search(store, calibration, suggestion.query, limit=1)
    return Instead(suggestion, results.total, results.at_least)


async def _nearest(unit: Unit, query: Query, calibration: Calibration | None) -> Instead | None:
    """What a sentence or a name says, the spelling that finds most, else the first wider query that finds any."""
    if other := await _first(unit, filter(None, (by_author(query), spoken(query)))):
        return other
    encoder = calibration.encoder if calibration is not None else None
    spellings: Iterator[Suggestion] = spelled(query, encoder.knows) if isinstance(encoder, Spelling) else iter(())
    tried = [await _found_by(unit, suggestion) for suggestion in spellings]
    if any(other.total for other in tried):
        return max(tried, key=lambda other: other.total)
    unknown = [with_nearest(term, ()) for term in doubtful(query, (), ())]
    return await _first(unit, islice(chain(renamed(query, unknown), wider_than(query)), _MOST_TRIED))


async def _first(unit: Unit, suggestions: Iterable[Suggestion]) -> Instead | None:
    """The first that finds any papers."""
    for suggestion in suggestions:
        other = await _found_by(unit, suggestion)
        if other.total:
            return other
    return None


async def _found_by(unit: Unit, suggestion: Suggestion) -> Instead:
    results = await unit.search.search(suggestion.query, order="date", since=None, limit=1)
    return Instead(suggestion, results.total, results.at_least)
