"""Which places of a channel were closed since a message got through, over restarts: it may be us who are refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from paperwire.store.unit import Store, Unit


@dataclass(frozen=True)
class Doubts:
    """Keeps the numbers of these places; raises StoreError."""

    store: Store

    async def of(self, kind: str) -> set[int]:
        """The places of a channel."""
        async with self.store.read() as unit:
            return {int(number) for number in await unit.settings.beginning(_key(kind))}

    async def keep(self, unit: Unit, kind: str, place: int) -> None:
        """Keep a place together with what closes it."""
        await unit.settings.put(_key(kind, place), "")

    async def forget(self, kind: str, places: Iterable[int]) -> None:
        """Forget these places, as a message got through."""
        async with self.store.write() as unit:
            for place in sorted(places):
                await unit.settings.remove(_key(kind, place))


def _key(kind: str, place: int | str = "") -> str:
    return f"doubted {kind} {place}"
