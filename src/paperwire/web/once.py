"""Does once what several readers ask for at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """Makes things by their keys; who asks for one that is being made waits for it, and shares its failure."""

    def __init__(self) -> None:
        self._making: dict[Hashable, asyncio.Task[T]] = {}

    async def get(self, key: Hashable, make: Callable[[], Coroutine[None, None, T]]) -> T:
        """What `make` gives; it goes on for the others when one of those who wait leaves."""
        task = self._making.get(key)
        if task is None:
            task = self._making[key] = asyncio.create_task(make())
            task.add_done_callback(lambda done: self._finished(key, done))
        return await asyncio.shield(task)

    def _finished(self, key: Hashable, task: asyncio.Task[T]) -> None:
        del self._making[key]
        if not task.cancelled():
            task.exception()  # seen here, as every reader who waited for it may have gone
