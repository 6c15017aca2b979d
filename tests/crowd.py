"""A crowd that holds what a lane has: its connections, or its turns to search."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager

from paperwire.store import lanes
from paperwire.store.lanes import ROOMS, using


def connections(store, lane):
    return ROOMS[lane].sqlite if store.file else ROOMS[lane].postgres


@asynccontextmanager
async def connections_held(store, lane):
    """All connections of a lane are in use meanwhile."""
    async with AsyncExitStack() as stack:
        with using(lane):
            for _ in range(connections(store, lane)):
                await stack.enter_async_context(store.read())
        yield


@asynccontextmanager
async def searches_held(store, lane):
    """All turns of a lane are taken meanwhile by searches that wait in the middle of their unit."""
    done, began = asyncio.Event(), asyncio.Semaphore(0)

    async def search():
        with using(lane):
            async with store.search():
                began.release()
                await done.wait()

    async with asyncio.TaskGroup() as group:
        for _ in range(ROOMS[lane].searches):
            group.create_task(search())
            await began.acquire()
        try:
            yield
        finally:
            done.set()


def wait_for_nothing(monkeypatch):
    """Let what finds no turn to search fail at once."""
    monkeypatch.setattr(lanes, "SEARCH_WAIT", 0)
