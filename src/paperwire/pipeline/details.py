"""What sources say of papers one by one, read next to their lists: no list waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

from paperwire.pipeline.ingest import Collected, Collector
from paperwire.ports.sources import Detailed

PART = "details"
_AT_MOST = 30.0  # seconds for all that one pass asks


class DetailReader:
    """Asks one source for its papers one by one, if it is one to be asked; `part` is where that is kept track of."""

    part = PART

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self.name = collector.name

    async def run(self) -> Collected:
        """Read on if that is due; it fails alone."""
        source = self._collector.source
        if not isinstance(source, Detailed) or await self.rest():
            return Collected()
        state = await self._collector.state(self.part)
        return await self._collector.follow(state, source.details(state.cursor))

    async def rest(self) -> timedelta:
        """How long until there is something to ask."""
        return await self._collector.rest_of(self.part)


async def read_briefly(readers: Iterable[DetailReader]) -> None:
    """Ask sources for their papers one by one for half a minute at most; the next time goes on from there."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_AT_MOST):
            for reader in readers:
                await reader.run()
