"""The operator's hold: after a restored copy nothing is sent until the operator has looked at what would be."""

from __future__ import annotations

from datetime import datetime

from paperwire.store.unit import Store, Unit

_KEY = "hold"


class Hold:
    """The hold of one database; everything but sending goes on under it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def is_on(self) -> bool:
        """Whether deliveries wait."""
        return await self.since() is not None

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
