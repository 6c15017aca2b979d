"""A process that looks at a SQLite file before it brings its schema up to date keeps its locks on it."""

import asyncio
import sqlite3
import sys
from contextlib import closing

from paperwire.store.unit import Store

WRITES = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute(sys.argv[2], sys.argv[3:])
database.commit()
database.close()
"""


async def test_other_processes_that_end_meanwhile_leave_the_log_in_place(sqlite_template, tmp_path, clock):
    file = tmp_path / "paperwire.db"
    file.write_bytes(sqlite_template.read_bytes())
    store = Store.open(f"sqlite+aiosqlite:///{file}", now=clock)
    assert await store.revision()
    await store.migrate()
    async with store.write() as unit:
        await unit.settings.put("word", "before")
    writes = "UPDATE setting SET value = ? WHERE key = 'word'"
    for value in ("first", "second"):
        command = (sys.executable, "-c", WRITES, file, writes, value)
        assert await (await asyncio.create_subprocess_exec(*command)).wait() == 0
        async with store.read() as unit:
            assert await unit.settings.get("word") == value
    async with store.write() as unit:
        await unit.settings.put("word", "last")
    await store.close()
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT value FROM setting WHERE key = 'word'").fetchone() == ("last",)
