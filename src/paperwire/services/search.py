"""Stored papers that match a query."""

from __future__ import annotations

from datetime import date

from paperwire.core.query.language import Query
from paperwire.core.search.found import Found, Order
from paperwire.pipeline.calibration import Calibration
from paperwire.services.meaning import nearby
from paperwire.store.unit import Store


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
) -> Found:
    """The stored papers that match a query.

    With `like:` these are all that pass the rest, the nearest first. With a `rate:`, or in another order, which needs a
    bound, they are those that are near enough for that rate. Raises LikeError.
    """
    if query.like is None:
        async with store.search() as unit:
            return await unit.search.search(query, order=order, since=since, before=before, limit=limit, offset=offset)
    async with store.turn():
        near = await nearby(store, calibration, query, is_bounded=query.rate is not None or order != "relevance")
        async with store.read() as unit:
            return await unit.nearest.nearest(query, near, order=order, since=since, limit=limit, offset=offset)
