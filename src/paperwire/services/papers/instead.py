"""What to search for instead of a query that can't be read or finds nothing, with how many papers that finds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice

from paperwire.core.query.language import Query, parse
from paperwire.core.search.correction import corrected
from paperwire.core.search.found import Found
from paperwire.core.search.suggestion import Difference, Suggestion, by_author, by_meaning, spelled, wider
from paperwire.core.search.unknown import doubtful, renamed, with_nearest
from paperwire.errors import LikeError, StoreBusy
from paperwire.pipeline.calibration import Calibration
from paperwire.ports.encoders import Spelling
from paperwire.services.papers.search import search
from paperwire.store.unit import Store, Unit

_MOST_TRIED = 8


@dataclass(frozen=True, slots=True)
class Instead:
    """Another query and what it finds: `total` papers, or more than those if `at_least`."""

    suggestion: Suggestion
    total: int
    at_least: bool = False

    @property
    def query(self) -> str:
        """The query to type."""
        return str(self.suggestion.query)


async def instead(
    store: Store, calibration: Calibration | None, typed: str, query: Query | None, found: Found | None
) -> Instead | None:
    """What to search for instead of `typed`, None where it finds something or nothing better is known.

    `query` is what was understood, None if it can't be read, and `found` what it finds. None also while too much is
    going on.
    """
    with suppress(StoreBusy, LikeError):
        if query is None:
            return await _corrected(store, calibration, typed)
        if found is None or found.total or found.at_least or query.like is not None or query.list:
            return None
        async with store.search() as unit:
            if other := await _nearest(unit, query, calibration):
                return other
        if calibration is not None and (suggestion := by_meaning(query)) is not None:
            return await _counted(store, calibration, suggestion)
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
    """The author whom the words name, the spelling that finds most, else the first wider query that finds any."""
    author = by_author(query)
    if author is not None and (other := await _found_by(unit, author)).total:
        return other
    encoder = calibration.encoder if calibration is not None else None
    spellings: Iterator[Suggestion] = spelled(query, encoder.knows) if isinstance(encoder, Spelling) else iter(())
    tried = [await _found_by(unit, suggestion) for suggestion in spellings]
    if any(other.total for other in tried):
        return max(tried, key=lambda other: other.total)
    unknown = [with_nearest(term, ()) for term in doubtful(query, (), ())]
    for suggestion in islice(chain(renamed(query, unknown), wider(query)), _MOST_TRIED):
        other = await _found_by(unit, suggestion)
        if other.total:
            return other
    return None


async def _found_by(unit: Unit, suggestion: Suggestion) -> Instead:
    results = await unit.search.search(suggestion.query, order="date", since=None, limit=1)
    return Instead(suggestion, results.total, results.at_least)
