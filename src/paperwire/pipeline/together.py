"""Does what many tasks ask for at the same time in one go, as in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Generic, TypeAlias, TypeVar

from paperwire.errors import StoreError

T = TypeVar("T")
_Entry: TypeAlias = "tuple[T, asyncio.Future[None]]"

_ROUNDS = 20  # of the loop, in which tasks that are about to ask come along: a third fewer transactions


class Together(Generic[T]):
    """Does `work` for all items that wait for it.

    A StoreError fails them all. After any other error each is tried alone, and one that fails again is given to
    `rescue` first: what one item provokes is its own.
    """

    def __init__(
        self, work: Callable[[Sequence[T]], Awaitable[None]], *, rescue: Callable[[T], Awaitable[None]]
    ) -> None:
        self._work = work
        self._rescue = rescue
        self._waiting: list[_Entry[T]] = []
        self._working: asyncio.Task[None] | None = None

    async def do(self, item: T) -> None:
        """Return once the item's work is done; raises what that raises."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._do_all())
        await done

    async def _do_all(self) -> None:
        while self._waiting:
            for _ in range(_ROUNDS):
                await asyncio.sleep(0)
            batch, self._waiting = self._waiting, []
            try:
                await self._work([item for item, _ in batch])
            except StoreError as error:
                _end(batch, error)
            except Exception:  # noqa: BLE001 -- each is tried alone
                for entry in batch:
                    await self._do_alone(entry)
            else:
                _end(batch)

    async def _do_alone(self, entry: _Entry[T]) -> None:
        try:
            await self._work([entry[0]])
        except Exception as error:  # noqa: BLE001 -- handed on to the task that asked
            with suppress(StoreError):  # it fails anyway
                await self._rescue(entry[0])
            _end([entry], error)
        else:
            _end([entry])


def _end(entries: Sequence[_Entry[T]], error: Exception | None = None) -> None:
    for _, done in entries:
        if done.done():  # the task that waited was cancelled
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
