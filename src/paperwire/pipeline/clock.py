"""Corrects times that a wrong clock has written too far ahead; runs next to the stages."""

from __future__ import annotations

import structlog

from paperwire.core.subscriptions.cadence import NextSlot
from paperwire.store.unit import Store

_log = structlog.get_logger(__name__)


class FutureTimes:
    """What the clock must not have silenced after it was set ahead and back: places, digests, leases, sources."""

    def __init__(self, store: Store, *, next_slot: NextSlot) -> None:
        self._store = store
        self._next_slot = next_slot

    async def correct(self) -> int:
        """Bring back everything that lies further ahead than it can; how many rows that were."""
        async with self._store.write() as unit:
            total = await unit.times.correct_service()
        after: int | None = 0
        while after is not None:
            async with self._store.write() as unit:
                corrected, after = await unit.times.correct_places(after, self._next_slot)
            total += corrected
        if total:
            _log.warning("times far ahead of the clock were corrected", rows=total)
        return total
