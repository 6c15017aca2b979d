"""The operator's hold: after a restored copy nothing is sent until somebody has looked at what would be."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

    from paperwire.store.unit import Store, Unit

_log = structlog.get_logger(__name__)
_KEY = "hold"


class Hold:
    """The hold of one database; everything but sending goes on under it.

    `let_go` says whether somebody asked this process, since it was last called, to end the hold.
    """

    def __init__(self, store: Store, let_go: Callable[[], bool] = lambda: False) -> None:
        self._store = store
        self._let_go = let_go

    async def is_on(self) -> bool:
        """Whether deliveries wait; ends the hold if that was asked for."""
        if await self.since() is None:
            return False
        if not self._let_go():
            return True
        await self.end()
        _log.info("deliveries go out again")
        return False

    async def stops(self, unit: Unit) -> bool:
        """Whether deliveries wait, asked inside a transaction."""
        return bool(await unit.settings.get(_KEY))

    async def since(self) -> datetime | None:
        """When the hold began, None if there is none."""
        async with self._store.read() as unit:
            kept = await unit.settings.get(_KEY)
        return datetime.fromisoformat(kept) if kept else None

    async def begin(self) -> None:
        """Hold all deliveries from now on."""
        async with self._store.write() as unit:
            await unit.settings.put(_KEY, unit.now.isoformat())

    async def end(self) -> None:
        """Let deliveries go out again."""
        async with self._store.write() as unit:
            await unit.settings.put(_KEY, "")
