"""Connections and searches of each lane: what one takes up, the others don't miss."""

import asyncio
import shutil
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from sqlalchemy import text

from crowd import connections, connections_held, searches_held, wait_for_nothing
from paperwire.errors import StoreBusy, StoreError, StoreSlow
from paperwire.store import lanes
from paperwire.store.lanes import ROOMS, Lane, current_lane, filtered, using
from paperwire.store.unit import Store

REQUESTS = [lane for lane, room in ROOMS.items() if room.searches is not None]


@pytest.fixture
async def hasty(store, clock, monkeypatch):
    """The same database, where nobody waits for a connection."""
    for lane, room in ROOMS.items():
        monkeypatch.setitem(ROOMS, lane, replace(room, patience=0.01))
    opened = Store.open(store.url, now=clock)
    yield opened
    await opened.close()


async def endless(unit):
    """Run a statement that has no end."""
    endlessly = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    is_sqlite = unit.connection.dialect.name == "sqlite"
    await unit.connection.execute(text(endlessly if is_sqlite else "SELECT pg_sleep(86400)"))


async def read_in(store, lane):
    with using(lane):
        async with store.read() as unit:
            return await unit.settings.get("nothing")


async def test_the_file_is_whole_once_all_lanes_are_closed(sqlite_template, tmp_path, clock):
    shutil.copy(sqlite_template, tmp_path / "paperwire.db")
    opened = Store.open(f"sqlite+aiosqlite:///{tmp_path}/paperwire.db", now=clock)
    async with opened.write() as unit:
        await unit.settings.put("a", "b")
    for lane in Lane:
        assert await read_in(opened, lane) is None
    await opened.close()
    assert not opened.file.with_name(f"{opened.file.name}-wal").exists()


@pytest.mark.parametrize("crowded", REQUESTS)
async def test_what_one_lane_takes_up_the_others_dont_miss(hasty, crowded):
    async with connections_held(hasty, crowded):
        for lane in Lane:
            if lane is not crowded:
                assert await read_in(hasty, lane) is None


@pytest.mark.parametrize("lane", list(Lane))
async def test_a_lane_without_a_connection_left_is_the_database_being_busy(hasty, lane):
    async with connections_held(hasty, lane):
        with pytest.raises(StoreBusy) as caught:
            await read_in(hasty, lane)
        assert isinstance(caught.value, StoreError)
        assert caught.value.after > 0
    assert await read_in(hasty, lane) is None


@pytest.mark.only_on_postgresql
async def test_writers_of_one_lane_leave_the_others_theirs(hasty):
    async with AsyncExitStack() as stack:
        with using(Lane.PAGES):
            for _ in range(connections(hasty, Lane.PAGES)):
                await stack.enter_async_context(hasty.write())
            with pytest.raises(StoreBusy):
                async with hasty.write():
                    pass
        async with hasty.write() as unit:
            await unit.settings.put("a", "b")


@pytest.mark.parametrize("lane", REQUESTS)
async def test_a_few_searches_run_at_a_time_and_leave_a_connection_for_the_rest(hasty, lane, monkeypatch):
    wait_for_nothing(monkeypatch)
    async with searches_held(hasty, lane):
        with using(lane), pytest.raises(StoreBusy):
            async with hasty.search():
                pass
        assert await read_in(hasty, lane) is None
        for other in Lane:
            if other is not lane:
                with using(other):
                    async with hasty.search():
                        pass
    with using(lane):
        async with hasty.search():
            pass


async def test_a_search_waits_for_its_turn(store):
    async with asyncio.TaskGroup() as group, searches_held(store, Lane.API):

        async def search():
            with using(Lane.API):
                async with store.search() as unit:
                    return await unit.papers.latest_day()

        waiting = group.create_task(search())
        await asyncio.sleep(0)
        assert not waiting.done()
    assert waiting.result() is None


async def test_stages_search_without_a_bound(store):
    assert ROOMS[Lane.STAGES].searches is None
    async with AsyncExitStack() as stack:
        for _ in range(connections(store, Lane.STAGES)):
            await stack.enter_async_context(store.search())


async def test_a_search_that_is_cancelled_gives_its_turn_back(store, monkeypatch):
    wait_for_nothing(monkeypatch)
    for _ in range(3):
        began = asyncio.Event()

        async def search(began=began):
            with using(Lane.API):
                async with store.search():
                    began.set()
                    await asyncio.Event().wait()

        task = asyncio.create_task(search())
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    with using(Lane.API):
        async with store.search():
            pass


async def test_one_that_gives_up_waiting_for_its_turn_takes_none(store, monkeypatch):
    async with searches_held(store, Lane.API):

        async def search():
            with using(Lane.API):
                async with store.search():
                    pass

        task = asyncio.create_task(search())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    wait_for_nothing(monkeypatch)
    with using(Lane.API):
        async with store.search():
            pass


async def test_a_search_that_takes_too_long_is_stopped_in_the_database_too(store, monkeypatch):
    monkeypatch.setattr(lanes, "SEARCH_TIME", 0.05)
    for _ in range(2 * connections(store, Lane.API)):  # so a connection that went on would be missed
        with using(Lane.API), pytest.raises(StoreSlow):
            async with store.search() as unit:
                await endless(unit)
    monkeypatch.undo()
    with using(Lane.API):
        async with store.search() as unit:
            assert await unit.papers.latest_day() is None


async def test_a_time_out_of_the_searchers_own_is_no_search_that_took_too_long(store):
    with using(Lane.API), pytest.raises(TimeoutError):
        async with store.search():
            raise TimeoutError


async def test_a_lane_goes_along_with_the_tasks_of_a_request_and_no_further():
    async def lane():
        return current_lane()

    with using(Lane.PAGES):
        task = asyncio.create_task(lane())
    assert await task is Lane.PAGES
    assert current_lane() is Lane.STAGES


async def looked_at(store, lane, pieces=3):
    """What a search looks at, one piece a slice, and how long it rested after each but the last."""
    with using(lane):
        async with store.search_slot():
            return await filtered(range(pieces), lambda piece: piece != 1)


@pytest.fixture
def rests(monkeypatch):
    """The rests that were asked for, none of which is taken."""
    taken, sleep = [], asyncio.sleep
    monkeypatch.setattr(lanes, "SLICE", 0)

    async def rest(seconds):
        taken.append(seconds)
        await sleep(0)

    monkeypatch.setattr(lanes.asyncio, "sleep", rest)
    return taken


async def test_a_search_rests_between_its_slices_while_stages_or_commands_are_at_work(store, rests, monkeypatch):
    monkeypatch.setattr(lanes, "AT_WORK", 3600)
    assert await looked_at(store, Lane.PAGES) == [0, 2]
    assert rests == [0, 0, 0]
    await read_in(store, Lane.PAGES)
    await looked_at(store, Lane.API)
    assert rests == [0] * 6
    for first in (Lane.STAGES, Lane.COMMANDS):
        rests.clear()
        await read_in(store, first)
        assert await looked_at(store, Lane.PAGES) == [0, 2]
        assert len(rests) == 3
        assert min(rests) > 0


@pytest.mark.parametrize("lane", [Lane.STAGES, Lane.COMMANDS])
async def test_what_stages_and_commands_look_for_has_no_rest(store, rests, monkeypatch, lane):
    monkeypatch.setattr(lanes, "AT_WORK", 3600)
    await read_in(store, lane)
    assert await looked_at(store, lane) == [0, 2]
    assert rests == [0, 0, 0]


async def test_searches_look_one_at_a_time(store, monkeypatch):
    monkeypatch.setattr(lanes, "SLICE", 0)
    monkeypatch.setattr(lanes, "AT_WORK", 3600)
    monkeypatch.setattr(lanes, "REST", 0)
    looking = []

    async def search(lane):
        with using(lane):
            async with store.search_slot():
                await filtered(range(5), lambda piece: looking.append((lane, store._searches.looking.locked())))

    await asyncio.gather(search(Lane.PAGES), search(Lane.API))
    assert all(locked for _, locked in looking)
    assert {lane for lane, _ in looking[:4]} == {Lane.PAGES, Lane.API}


async def test_a_search_within_a_turn_takes_no_other(store, monkeypatch):
    wait_for_nothing(monkeypatch)
    with using(Lane.API):
        assert ROOMS[Lane.API].searches == 1
        async with store.search_slot(), store.search() as unit:
            assert await unit.papers.latest_day() is None
        async with store.search():
            pass


async def test_who_waits_too_long_to_write_is_told_so(hasty):
    writers = connections(hasty, Lane.COMMANDS) if hasty.file is None else 1  # on SQLite all queue for one
    async with AsyncExitStack() as stack:
        with using(Lane.COMMANDS):
            for _ in range(writers):
                await stack.enter_async_context(hasty.write())
            with pytest.raises(StoreBusy):
                async with hasty.write():
                    pass
    async with hasty.write() as unit:
        await unit.settings.put("a", "b")
