"""Does once what several readers ask for at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class _Making(Generic[T]):
    task: asyncio.Task[T]
    waiting: int = 0


class Once(Generic[T]):
    """Makes things by their keys; who asks for one that is being made waits for it, and shares its failure."""

    def __init__(self) -> None:
        self._making: dict[Hashable, _Making[T]] = {}

    async def get(self, key: Hashable, make: Callable[[], Coroutine[None, None, T]]) -> T:
        """What `make` gives; it goes on when one of those who wait leaves, and is broken off when all have left."""
        making = self._making.get(key)
        if making is None:
            making = self._making[key] = _Making(asyncio.create_task(make()))
        making.waiting += 1
        try:
            return await asyncio.shield(making.task)
        finally:
            making.waiting -= 1
            if not making.waiting:
                del self._making[key]
                if making.task.cancel():
                    await asyncio.wait([making.task])
