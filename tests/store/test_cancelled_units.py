"""A unit that is cancelled at whatever it was doing, as when the service is stopped: the next one begins at once."""

import asyncio
import gc
import sqlite3
import warnings

import pytest
from sqlalchemy import text

from paperwire.store.database.engine import _Connection

LONG = """
    WITH RECURSIVE numbers(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM numbers WHERE x < 400000)
    SELECT x FROM numbers WHERE x > 300000
"""


async def test_a_unit_that_is_cancelled_leaves_nothing_behind(store):
    began = asyncio.Event()

    async def write():
        async with store.write() as found:
            await found.settings.put("a", "b")
            began.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write())
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with store.write() as found:
        assert await found.settings.get("a") is None
        await found.settings.put("a", "c")
    assert store.commits == 1


async def test_a_statement_that_was_cut_short_holds_back_no_later_writer(store):
    began = asyncio.Event()

    async def write():
        async with store.write() as found:
            await found.settings.put("a", "b")
            began.set()
            await found.connection.execute(text(LONG))

    errors = []  # who still has the error has the statement, which SQLite would wait for
    for number in range(5):
        began.clear()
        task = asyncio.create_task(write())
        await began.wait()
        await asyncio.sleep(0.01 * number)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        errors.append(caught.value)
        async with store.write() as found:
            assert await found.settings.get("a") is None
    assert store.commits == len(errors)


def test_a_connection_that_nobody_closes_is_closed_without_a_warning(tmp_path):
    connection = sqlite3.connect(tmp_path / "a.db", factory=_Connection)
    with warnings.catch_warnings(record=True) as said:  # from Python 3.13 on one of the library's own warns
        warnings.simplefilter("always")
        del connection
        gc.collect()
    assert not said
