"""Stored papers that match a query, and how many a week that makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, timedelta

from paperwire.core.papers.categories import uncollected
from paperwire.core.papers.named import paper_named
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Query, parse
from paperwire.core.query.terms.term import Term
from paperwire.core.search.preview import MOST_NAMED, FirstDays, Preview
from paperwire.core.search.result import Order, SearchResult
from paperwire.core.search.unknown import UnknownValue, doubtful, with_nearest
from paperwire.errors import StoreBusy
from paperwire.pipeline.calibration import Calibration
from paperwire.pipeline.days.beginning import beginning
from paperwire.pipeline.ingest import BACKFILL, FIRST_DAYS
from paperwire.pipeline.promises import PART as PROMISES
from paperwire.pipeline.reconcile import EXTRA_PARTS
from paperwire.ports.sources import SourceState
from paperwire.services.context import Context
from paperwire.services.papers.meaning import nearby
from paperwire.store.unit import Store, Unit

_MOST_FAILURES = 3  # failures in a row after which a source is not waited for
_EXTRA_PARTS = {BACKFILL, PROMISES, *EXTRA_PARTS}
SAMPLES = 3
_LAST_WEEK = timedelta(days=6)


async def named(store: Store, text: str) -> SearchResult | None:
    """The paper that a text names as a whole, by id, DOI or address; none if it isn't stored, None for a query."""
    paper_id = paper_named(text)
    if paper_id is None:
        return None
    async with store.read() as unit:
        paper = await unit.papers.get(paper_id)
    return SearchResult((), 0) if paper is None else SearchResult((paper,), 1)


async def search(  # noqa: PLR0913 -- the options of a search, each named
    store: Store,
    calibration: Calibration | None,
    query: Query,
    *,
    order: Order = "relevance",
    since: date | None = None,
    before: int | None = None,
    limit: int,
    offset: int = 0,
) -> SearchResult:
    """The stored papers that match a query.

    With `like:` these are the near ones that pass the rest, the nearest first. With a `rate:`, or in another order,
    which needs a bound, they are those that are near enough for that rate. Raises LikeError.
    """
    if query.like is None:
        async with store.search() as unit:
            return await unit.search.search(query, order=order, since=since, before=before, limit=limit, offset=offset)
    async with store.search_slot():
        near = await nearby(store, calibration, query, is_bounded=query.rate is not None or order != "relevance")
        async with store.read() as unit:
            return await unit.nearest.nearest(query, near, order=order, since=since, limit=limit, offset=offset)


# --- what a query would have found, and how often ----------------------------------------------------------------


async def counted_days(unit: Unit) -> tuple[date, int] | None:
    """The first of the days that a preview counts over, and how many they are; None if no papers are stored."""
    until = await unit.papers.latest_day()
    if until is None:
        return None
    since = (await unit.papers.neighbours(until - FIRST_DAYS))[1] or until
    return since, (until - since).days + 1


async def by_day(context: Context, query: Query, limit: int, near: Sequence[Paper]) -> list[int]:
    """How many papers match on each day that a preview counts over, of the latest `limit`.

    `near` are these of a query with `like:`.
    """
    async with context.store.search() as unit:
        window = await counted_days(unit)
        if window is None:
            return []
        since, days = window
        counts = Counter(paper.announced for paper in near if paper.announced)
        if query.like is None:
            counts = await unit.search.by_day(query, since=since, limit=limit)
    return [counts[since + timedelta(days=day)] for day in range(min(days, FIRST_DAYS.days + 1))]


async def preview(context: Context, query: Query, *, near_samples: int = SAMPLES) -> Preview:
    """Try a query on the last 30 days that are stored; reads only."""
    missing = uncollected(query.categories(), context.followed)
    async with context.store.read() as unit:
        reading = await _first_days(context, unit)
        window = await (counted_days(unit) if reading is None else _whole_days(unit, reading))
    if window is None:
        return Preview(query=query, uncollected=missing, reading=reading)
    since, days = window
    near = None
    if query.like is not None:
        near = await search(context.store, context.calibration, query, order="date", since=since, limit=near_samples)
    async with context.store.search() as unit:
        results = near or await unit.search.search(query, order="date", since=since, limit=SAMPLES)
        unknown = await _unknown(context, unit, query) if reading is None else ()
        missing = tuple(name for name in missing if all(each.term.typed != name for each in unknown))
        return Preview(
            query=query,
            uncollected=missing,
            unknown=unknown,
            crossed=tuple([name for name in missing[:MOST_NAMED] if await _is_crossed(unit, name, since)]),
            total=results.total,
            at_least=results.at_least,
            papers=await unit.papers.count_since(since),
            days=days,
            samples=tuple(results.papers),
            reading=reading,
            are_all=(await unit.papers.neighbours(since))[0] is None,
        )


async def last_week(context: Context, query: Query, limit: int, offset: int) -> SearchResult | None:
    """The papers of the last seven days that match a query, the latest first; None before any are stored."""
    async with context.store.read() as unit:
        until = await unit.papers.latest_day()
    if until is None:
        return None
    since = until - _LAST_WEEK
    return await search(
        context.store, context.calibration, query, order="date", since=since, limit=limit, offset=offset
    )


async def preview_if_free(context: Context, query: Query) -> Preview:
    """The preview of what is subscribed already, put off while too much is going on."""
    try:
        return await preview(context, query)
    except StoreBusy:
        return Preview(query=query, uncollected=(), is_put_off=True)


async def _whole_days(unit: Unit, reading: FirstDays) -> tuple[date, int] | None:
    """The same of the days that are whole already."""
    until = await unit.papers.latest_day()
    if until is None or reading.whole is None or reading.whole > until:
        return None
    return reading.whole, (until - reading.whole).days + 1


async def unknown_values(context: Context, query: Query, result: SearchResult) -> tuple[UnknownValue, ...]:
    """What of a query nothing here has, where it finds nothing; none while too much is going on."""
    if result.total or result.at_least or not doubtful(query, context.followed, context.sources):
        return ()
    with suppress(StoreBusy):
        async with context.store.search() as unit:
            return await _unknown(context, unit, query)
    return ()


async def _unknown(context: Context, unit: Unit, query: Query) -> tuple[UnknownValue, ...]:
    """The categories and sources of a query that neither the settings nor any stored paper has."""
    terms = doubtful(query, context.followed, context.sources)[:MOST_NAMED]
    unknown = [term for term in terms if not await _is_stored(unit, term)]
    return tuple(with_nearest(term, tuple(context.sources)) for term in unknown)


async def _is_stored(unit: Unit, term: Term) -> bool:
    return bool((await unit.search.search(parse(term.show("")), order="date", since=None, limit=1)).total)


async def _is_crossed(unit: Unit, category: str, since: date) -> bool:
    """Whether papers of other categories are cross-listed to this one, which is not collected itself."""
    results = await unit.search.search(parse(f"cat:{category}"), order="date", since=since, limit=1)
    return bool(results.total)


async def are_first_days_read(context: Context) -> bool:
    """Whether there are papers, and the first days have been read."""
    async with context.store.read() as unit:
        return await unit.papers.latest_day() is not None and await _first_days(context, unit) is None


async def _first_days(context: Context, unit: Unit) -> FirstDays | None:
    """What is read of the first days while that lasts; None before it begins, and once it is over."""
    states = [state for state in await unit.sources.all() if state.source in context.sources]
    names = [state.source for state in states if state.part == BACKFILL and _is_under_way(state)]
    if not names:
        return None
    since = (context.now() - FIRST_DAYS).date()
    whole = [await _whole_since(unit, name, [state for state in states if state.source == name]) for name in names]
    days = [day for day in whole if day is not None]
    return FirstDays(
        days=await unit.papers.days_since(since),
        papers=await unit.papers.count_since(since),
        whole=max(days) if len(days) == len(whole) else None,
    )


def _is_under_way(state: SourceState) -> bool:
    return state.tried_at is not None and not state.first_done and state.failures < _MOST_FAILURES


async def _whole_since(unit: Unit, source: str, states: Sequence[SourceState]) -> date | None:
    """The day whose list was out when the source was first read, once every part has been."""
    parts = [state for state in states if state.part not in _EXTRA_PARTS]
    if not parts or not all(state.first_done for state in parts):
        return None
    return (await beginning(unit, source)).source
