"""Several processes write to one SQLite file: their transactions and checkpoints wait for each other."""

import asyncio
import fcntl
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing

import pytest

from paperwire.errors import StoreError
from paperwire.store.database import engine, filelock
from paperwire.store.unit import Store

WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from paperwire.store.unit import Store

async def main(url, name, times, size):
    store = Store.open(url, now=lambda: datetime.now(UTC))
    for _ in range(times):
        async with store.write() as unit:
            count = int((await unit.settings.get("count") or "0 ").split()[0])
            await unit.settings.put("count", f"{count + 1} " + name * size)
        async with store.read() as unit:
            assert int((await unit.settings.get("count")).split()[0]) > count
    await store.close()

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
"""
KEEPER = """
import sys, time
from pathlib import Path
from paperwire.store.database.filelock import FileLock
FileLock(Path(sys.argv[1])).acquire()
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "new.db"


@pytest.fixture
def url(file):
    return f"sqlite+aiosqlite:///{file}"


@pytest.fixture
async def stores(url, clock):
    """Two stores over one database, as two processes have them."""
    both = Store.open(url, now=clock), Store.open(url, now=clock)
    await both[0].migrate()
    yield both
    for store in both:
        await store.close()


def is_free(file):
    """Whether nobody, in this process or another, holds the lock."""
    with file.with_name(f"{file.name}.write").open("rb+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


async def put(store, value):
    async with store.write() as unit:
        await unit.settings.put("a", value)


async def get(store):
    async with store.read() as unit:
        return await unit.settings.get("a")


async def test_a_transaction_waits_for_that_of_another_process(stores, file, monkeypatch):
    one, two = stores
    waiting = threading.Event()
    monkeypatch.setattr(filelock.time, "sleep", lambda _: waiting.set())
    async with one.write() as unit:
        await unit.settings.put("a", "1")
        assert not is_free(file)
        second = asyncio.create_task(put(two, "2"))
        await asyncio.to_thread(waiting.wait)
        assert await get(one) is None
        assert not second.done()
    await second
    assert await get(one) == "2"
    assert is_free(file)


async def test_who_stops_waiting_leaves_nothing_behind(stores, file, monkeypatch):
    one, two = stores
    waiting = threading.Event()
    monkeypatch.setattr(filelock.time, "sleep", lambda _: waiting.set())
    async with one.write():
        second = asyncio.create_task(put(two, "2"))
        await asyncio.to_thread(waiting.wait)
        second.cancel()
        await asyncio.wait({second}, timeout=0.05)
    await asyncio.gather(second, return_exceptions=True)
    await put(two, "3")
    await put(one, "1")
    assert await get(two) == "1"
    assert is_free(file)


@pytest.mark.whole
async def test_who_waits_too_long_is_told(stores, file, monkeypatch):
    one, two = stores
    monkeypatch.setattr(filelock, "LOCK_TIMEOUT", 0.0)
    async with one.write():
        with pytest.raises(StoreError, match=r"new\.db failed: database is locked: another process"):
            await put(two, "2")
    await put(two, "2")
    assert is_free(file)


async def test_an_undone_and_a_failed_transaction_give_the_lock_back(stores, file, monkeypatch):
    one, two = stores
    monkeypatch.setattr(engine, "SQLITE_PRAGMAS", (("busy_timeout", "1", "1"),))
    with pytest.raises(ZeroDivisionError):
        async with one.write():
            raise ZeroDivisionError
    assert is_free(file)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:  # one that knows nothing of the lock
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"database is locked$"):
            await put(two, "2")
        other.execute("ROLLBACK")
    assert is_free(file)


async def test_a_commit_that_nobody_waits_for_any_more_keeps_the_lock_to_its_end(stores, file, monkeypatch):
    """Its checkpoint comes last, and another process's write next to it is what damages files."""
    one, two = stores
    committing, go_on = threading.Event(), threading.Event()

    def slow(self):
        committing.set()
        go_on.wait()
        sqlite3.Connection.commit(self)

    monkeypatch.setattr(engine._Connection, "commit", slow, raising=False)
    writing = asyncio.create_task(put(one, "1"))
    await asyncio.to_thread(committing.wait)
    writing.cancel()
    await asyncio.wait({writing}, timeout=0.05)
    assert not is_free(file)
    go_on.set()
    await asyncio.gather(writing, return_exceptions=True)
    monkeypatch.undo()
    await put(two, "2")
    assert await get(two) == "2"


async def test_a_connection_is_closed_under_the_lock(stores, file, monkeypatch):
    seen = []
    close = engine._Connection.close

    def closing_now(self):
        seen.append((type(self).__name__, is_free(file)))
        close(self)

    one, _ = stores
    await put(one, "1")
    monkeypatch.setattr(engine._Connection, "close", closing_now)
    await one.close()
    assert seen == [("_Writer", False)]
    assert is_free(file)


async def test_a_lock_that_another_process_never_gives_back_does_not_keep_us_from_closing(stores, file, monkeypatch):
    one, two = stores
    await put(one, "1")
    monkeypatch.setattr(filelock, "LOCK_TIMEOUT", 0.0)
    async with two.write():
        await one.close()


@pytest.mark.whole
async def test_a_connection_that_only_reads_leaves_the_journal_to_those_that_write(url, file, clock):
    store = Store.open(url, now=clock)
    await store.migrate()
    await store.close()
    code = WRITER.replace("await store.close()", "import os; os._exit(0)")
    assert await (await asyncio.create_subprocess_exec(sys.executable, "-c", code, url, "x", "3", "10")).wait() == 0
    journal = file.with_name("new.db-wal")
    size = journal.stat().st_size
    assert size > 0
    for readonly in (False, True):
        store = Store.open(url, now=clock, readonly=readonly)
        async with store.read() as unit:
            assert await unit.settings.get("count") == "3 " + "x" * 10
        await store.close()
        assert journal.stat().st_size == size


@pytest.mark.whole
async def test_a_folder_in_which_the_lock_cannot_be_made(stores, file):
    _, two = stores
    file.with_name("new.db.write").unlink()
    file.with_name("new.db.write").mkdir()
    with pytest.raises(StoreError, match=r"cannot write .*new\.db\.write: Is a directory"):
        await put(two, "2")
    file.with_name("new.db.write").rmdir()


def test_a_process_that_is_killed_gives_the_lock_back(file):
    file.touch(0o600)
    with subprocess.Popen([sys.executable, "-c", KEEPER, file], stdout=subprocess.PIPE) as keeper:
        assert keeper.stdout.readline() == b"held\n"
        assert not is_free(file)
        keeper.send_signal(signal.SIGKILL)
        keeper.wait()
    assert is_free(file)


@pytest.mark.parametrize("root", [True, False])
def test_the_lock_belongs_to_whom_the_database_belongs(file, monkeypatch, root):
    """Whoever comes first, even an operator as root, makes the file for all."""
    given = []
    monkeypatch.setattr(filelock.os, "geteuid", lambda: 0 if root else 1000)
    monkeypatch.setattr(filelock.os, "fchown", lambda _handle, *owner: given.append(owner))
    file.touch(0o640)
    with closing(filelock.FileLock(file)) as lock:
        lock.acquire()
    assert given == [(file.stat().st_uid, file.stat().st_gid)] * root
    assert file.with_name("new.db.write").stat().st_mode == file.stat().st_mode


def test_who_may_only_read_the_database_can_keep_no_lock(file):
    file.touch()
    file.chmod(0o644)
    with closing(filelock.FileLock(file)) as lock:
        lock.acquire()
    assert file.with_name("new.db.write").stat().st_mode & 0o777 == 0o640


def test_a_connection_that_began_nothing_and_is_closed_twice(file):
    connection = engine._Writer(filelock.FileLock(file), file, isolation_level=None)
    connection.rollback()
    connection.close()
    connection.close()
    assert is_free(file)


@pytest.mark.slow
async def test_many_processes_write_and_checkpoint_and_the_file_stays_whole(url, file, clock):
    """Each write fills forty pages of the journal, so that a checkpoint follows on every twenty-fifth."""
    store = Store.open(url, now=clock)
    await store.migrate()
    await store.close()
    processes, times = 5, 300
    running = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", WRITER, url, name, str(times), "160000")
        for name in "abcde"[:processes]
    ]
    assert [await one.wait() for one in running] == [0] * processes
    with closing(sqlite3.connect(file)) as connection:
        (count,) = connection.execute("SELECT value FROM setting WHERE key = 'count'").fetchone()
        assert int(count.split()[0]) == processes * times
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
