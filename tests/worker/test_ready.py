"""Whether a process is ready: its sources, its database, and what each role needs of them."""

import asyncio
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from paperwire.core.health import StageHealth
from paperwire.errors import StoreError
from paperwire.store.unit import Store
from paperwire.worker import STAGES, ready
from paperwire.worker.ready import Readiness


class Reader:
    """A source being read."""

    name = "arxiv"

    def __init__(self, *, begun=True, overdue=None):
        self.begun = begun
        self.overdue = overdue

    async def has_begun(self):
        if isinstance(self.begun, Exception):
            raise self.begun
        return self.begun

    async def overdue_since(self):
        return self.overdue


class Broken:
    """A database that cannot be written, and counts how often that was tried."""

    where = "paperwire.db"

    def __init__(self, error):
        self.error = error
        self.asked = 0

    @asynccontextmanager
    async def write(self):
        self.asked += 1
        if isinstance(self.error, StoreError):
            raise self.error
        await asyncio.Event().wait()
        yield


class Elapsed:
    """A monotonic clock that tests move."""

    seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def elapsed():
    return Elapsed()


def process(store, elapsed, *collectors, roles=STAGES, troubles=None):
    return Readiness(store, collectors, frozenset(roles), troubles or {}, clock=elapsed)


async def test_nothing_to_do_and_a_database_that_works(store, elapsed):
    assert await process(store, elapsed).reasons() == ()
    assert await process(store, elapsed, Reader()).reasons() == ()


async def test_the_first_run_of_a_source(store, elapsed):
    found = await process(store, elapsed, Reader(begun=False)).reasons()
    assert found == ("arxiv: the first run has not ended yet",)


async def test_a_source_that_is_overdue(store, elapsed, clock):
    found = await process(store, elapsed, Reader(overdue=clock())).reasons()
    assert found == ("arxiv: overdue, not tried since 2026-01-05T07:59:50Z",)


async def test_sources_are_the_business_of_who_collects(store, elapsed, clock):
    reader = Reader(begun=False, overdue=clock())
    assert await process(store, elapsed, reader, roles={"web", "deliver"}).reasons() == ()


async def test_a_database_that_cannot_be_written(elapsed):
    full = Broken(StoreError("the database paperwire.db failed: disk is full"))
    found = await process(full, elapsed, Reader()).reasons()
    assert found == ("the database paperwire.db failed: disk is full",)


async def test_a_database_that_does_not_answer_in_time(elapsed, monkeypatch):
    monkeypatch.setattr(ready, "_DATABASE_TIMEOUT", 0.01)
    found = await process(Broken(None), elapsed).reasons()
    assert found == ("the database paperwire.db did not answer in 0 seconds",)


async def test_pages_need_a_database_that_can_be_read(database, clock, elapsed):
    reading = Store.open(database, now=clock, readonly=True)
    try:
        assert await process(reading, elapsed, roles={"web"}).reasons() == ()
        (reason,) = await process(reading, elapsed, roles={"web", "match"}).reasons()
        assert "was opened to read only" in reason
    finally:
        await reading.close()


async def test_a_database_that_is_not_there(tmp_path, clock, elapsed):
    store = Store.open(f"sqlite+aiosqlite:///{tmp_path}/none.db", now=clock)
    (reason,) = await process(store, elapsed, roles={"web"}).reasons()
    assert "there is no database" in reason
    await store.close()


async def test_a_database_that_fails_between_two_questions(store, elapsed):
    assert await process(store, elapsed, Reader(begun=StoreError("gone"))).reasons() == ("gone",)


async def test_the_database_is_asked_every_two_seconds_at_most(elapsed):
    full = Broken(StoreError("full"))
    readiness = process(full, elapsed)
    assert await asyncio.gather(*[readiness.database_problem() for _ in range(3)]) == ["full"] * 3
    assert full.asked == 1
    elapsed.seconds = 2.0
    await readiness.reasons()
    assert full.asked == 2


async def test_a_stage_that_cannot_use_the_database(store, elapsed, clock):
    soon = clock() + timedelta(minutes=1)
    troubles = {
        "match": StageHealth(name="match", since=clock(), next_at=soon, reason="disk is full", database=True),
        "prune": StageHealth(name="prune", since=clock(), next_at=soon, reason="KeyError"),
    }
    assert await process(store, elapsed, troubles=troubles).reasons() == ("match fails: disk is full",)


async def test_what_a_process_says_of_itself_is_no_work_that_it_cannot_do(store, elapsed, clock):
    report = StageHealth(name="report", since=clock(), next_at=clock(), reason="disk is full", database=True)
    assert await process(store, elapsed, roles={"web"}, troubles={"report": report}).reasons() == ()


async def test_what_was_written_is_an_instant(store, elapsed, clock):
    await process(store, elapsed).reasons()
    async with store.read() as unit:
        assert datetime.fromisoformat(await unit.settings.get("written at")) == clock()
