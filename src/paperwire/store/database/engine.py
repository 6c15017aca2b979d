"""The database engine: how connections are made and what a transaction is."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiosqlite
from sqlalchemy import URL, Connection, event, inspect, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry

from paperwire.errors import StoreError, StoreUnreachable
from paperwire.store.database.filelock import FileLock
from paperwire.store.database.statements import is_sqlite
from paperwire.store.database.tables.base import storable
from paperwire.store.lanes import ROOMS, Lane, Room

# How PostgreSQL refuses for a while only; see https://www.postgresql.org/docs/current/errcodes-appendix.html
_NOT_NOW = ("the database system is", "too many clients", "remaining connection slots", "terminating connection")
_NOT_NOW_CODES = {"57P01", "57P02", "57P03", "53300"}

# What every SQLite connection is set to, and must read back as: name, what is set, what is read.
SQLITE_PRAGMAS: tuple[tuple[str, str, str], ...] = (
    ("busy_timeout", "10000", "10000"),
    ("foreign_keys", "ON", "1"),
    ("synchronous", "FULL", "2"),
    ("mmap_size", "0", "0"),
    ("temp_store", "MEMORY", "2"),
)


# KiB of the file that a connection keeps in memory, written as SQLite wants it. There are up to eleven for reading, and
# the operating system keeps the file for all of them: a search of 77,000 papers takes no more CPU with 2 MB than 8.
# A writer that keeps too little writes pages before their commit: 10,000 papers stored after those are 442 MB written
# with 16 MB, 449 MB with 8 MB and 469 MB with 4 MB.
_WRITING_CACHE, _READING_CACHE = "-8192", "-2048"


class Mode(StrEnum):
    """What the connections of one SQLite engine may do."""

    WRITE = "write"
    READ = "read"
    READONLY = "readonly"


def database_file(url: str) -> Path | None:
    """The file of an SQLite URL, or None for PostgreSQL; raises StoreError for anything else."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # the latter for a port that is no number; its text may hold the password
        raise StoreError(
            "that is no address of a database; use sqlite+aiosqlite:///FILE or postgresql+psycopg://"
        ) from None
    if parsed.drivername in {"sqlite+aiosqlite", "sqlite"}:
        if not parsed.database or parsed.database == ":memory:":
            raise StoreError("an SQLite database must be a file, e.g. sqlite+aiosqlite:///paperwire.db")
        return Path(parsed.database)
    if parsed.drivername in {"postgresql+psycopg", "postgresql"}:
        return None
    raise StoreError(
        f"the database kind {parsed.drivername} is not supported; use sqlite+aiosqlite:///FILE or postgresql+psycopg://"
    )


@dataclass(frozen=True, slots=True)
class Engines:
    """The engines of one lane."""

    reading: AsyncEngine
    writing: AsyncEngine


def create_engines(url: str, *, readonly: bool, name: str) -> dict[Lane, Engines]:
    """Make an engine for reading and one for writing for each lane, without connecting.

    `name` is what PostgreSQL shows of their connections.

    On SQLite the first has several connections that cannot write, and the second, which all lanes share, one
    connection whose transactions begin IMMEDIATE. On PostgreSQL the two of a lane share connections, and a reading
    transaction keeps to one snapshot. With `readonly` both are one, and the database itself refuses to write.
    """
    file = database_file(url)
    if file is None:
        parsed = make_url(url)
        made = {lane: _postgres_engine(parsed, room, name) for lane, room in ROOMS.items()}
        snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": readonly}
        readers = {lane: engine.execution_options(**snapshot) for lane, engine in made.items()}
        return {lane: Engines(readers[lane], readers[lane] if readonly else engine) for lane, engine in made.items()}
    writing = None if readonly else _sqlite_engine(file, Mode.WRITE, 1)
    mode = Mode.READONLY if readonly else Mode.READ
    readers = {lane: _sqlite_engine(file, mode, room.sqlite, room.patience) for lane, room in ROOMS.items()}
    return {lane: Engines(reader, writing or reader) for lane, reader in readers.items()}


def create_private(file: Path) -> None:
    """Create an empty database file that only this user can read; raises StoreError when the folder refuses.

    One that is there isn't opened: to close it would end the locks that this process's connections hold on it
    (https://sqlite.org/howtocorrupt.html, 2.2), and others would delete the log that they write to.
    """
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        pass
    except OSError as error:
        raise StoreError(f"cannot write the database {file}: {error.strerror}") from error


def explain(error: DBAPIError, where: str) -> StoreError:
    """Say in one sentence what the database refused, without SQL, parameters or passwords."""
    lines = str(error.orig or "").strip().splitlines()
    cause = lines[0] if lines else "no answer"
    kind = StoreUnreachable if _is_unreachable(error.orig, cause) else StoreError
    return kind(f"the database {where} failed: {cause}")


def _is_unreachable(cause: BaseException | None, text: str) -> bool:
    """Whether PostgreSQL was not there to refuse anything, or refused because it starts, stops or is full.

    What it says before a connection stands comes without a code.
    """
    code = getattr(cause, "sqlstate", "")
    if code is None:
        return "FATAL" not in text or any(words in text for words in _NOT_NOW)
    return code[:2] == "08" or code in _NOT_NOW_CODES


def _dumps(value: Any) -> str:
    return storable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


_LONGEST_NAME = 63
# Compiling plans never pays for our short statements; the disk of a database seeks as fast as it reads; and a plan
# made without the parameters knows neither which partial index fits nor how far a stretch of places goes. PgBouncer
# leaves them out (docs/running.md), which only costs time: what answers depend on is part of each transaction.
_POSTGRES_OPTIONS = "-c jit=off -c random_page_cost=1.1 -c plan_cache_mode=force_custom_plan"


def _postgres_engine(url: URL, room: Room, name: str) -> AsyncEngine:
    engine = create_async_engine(
        url.set(drivername="postgresql+psycopg"),
        json_serializer=_dumps,
        hide_parameters=True,
        connect_args={"connect_timeout": 10, "options": _POSTGRES_OPTIONS, "application_name": name[:_LONGEST_NAME]},
        pool_size=room.postgres,
        max_overflow=0,
        pool_timeout=room.patience,
        pool_pre_ping=True,
        pool_use_lifo=True,  # few connections that know their statements' plans, rather than all of them in turn
    )
    event.listen(engine.sync_engine, "connect", _compress_by_lz4)
    return engine


# The word index has some 5 kB a paper, which a phrase reads of each paper that has its words. Of what that costs a
# third is unpacking PostgreSQL's own compression, which lz4 does in a fifth of the time; servers may lack it.
_LZ4 = (
    "SELECT set_config('default_toast_compression', 'lz4', false) FROM pg_settings"
    " WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)"
)


def _compress_by_lz4(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute(_LZ4)
    cursor.close()
    connection.commit()


class _Connection(sqlite3.Connection):
    """A connection that gives up its transaction when it is closed.

    SQLite itself keeps it, and no other connection can write, while a statement is unfinished: the one that a
    cancelled task was at lives until its exception is forgotten. See https://sqlite.org/c3ref/close.html.
    """

    def close(self) -> None:
        """Roll back, then close; closing again changes nothing."""
        with suppress(sqlite3.Error):  # closed already, or broken
            self.rollback()
        super().close()

    def __del__(self) -> None:
        """Close what no other code can: the connection that was being opened for a task when that was cancelled."""
        with suppress(sqlite3.Error):  # closed already, or belongs to a thread that is gone
            super().close()


class _Writer(_Connection):
    """The connection that writes: its transactions, and the checkpoints at their ends, are under the file's lock.

    Before SQLite 3.51.3 two connections that write and checkpoint at once can damage the file
    (https://sqlite.org/wal.html#walresetbug). The lock is taken and given back in the connection's thread, after
    whatever it was asked before: a task that is cancelled meanwhile leaves no commit running without it.
    """

    def __init__(self, lock: FileLock, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._lock = lock
        self._open = True

    def cursor(self, *_factory: Any) -> _WriterCursor:  # type: ignore[override]  # the base takes any factory
        """A cursor whose BEGIN waits for the lock."""
        return super().cursor(_WriterCursor)

    def begin(self) -> None:
        """Take the lock, before the statement that begins a transaction."""
        self._lock.acquire()

    def settle(self) -> None:
        """Give back the lock if the transaction is over."""
        if self._open and not self.in_transaction:
            self._lock.release()

    def commit(self) -> None:
        """Commit, which may end in a checkpoint."""
        try:
            super().commit()
        finally:
            self.settle()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self.settle()

    def close(self) -> None:
        """Close under the lock: the last connection to a file ends with a checkpoint."""
        if not self._open:
            return
        self._open = False
        try:
            if not self._lock.held:
                with suppress(sqlite3.Error):  # SQLite itself ensures exclusive access
                    self._lock.acquire()
            super().close()
        finally:
            self._lock.close()


class _WriterCursor(sqlite3.Cursor):
    connection: _Writer

    def execute(self, sql: str, parameters: Any = ()) -> _WriterCursor:
        """Run a statement, and take the connection's lock before one that begins a transaction."""
        if sql != _BEGIN_WRITING:
            return super().execute(sql, parameters)
        self.connection.begin()
        try:
            return super().execute(sql)
        finally:
            self.connection.settle()


_BEGIN_WRITING = "BEGIN IMMEDIATE"


def _sqlite_engine(file: Path, mode: Mode, connections: int, patience: float = 30.0) -> AsyncEngine:
    # Who cannot write doesn't checkpoint either, not even as the last to close.
    uri = {"mode": "rw" if mode is Mode.WRITE else "ro", "uri": "true"}
    if mode is Mode.READONLY and _is_at_rest(file):
        uri["immutable"] = "1"

    def connect(*arguments: Any, **options: Any) -> _Connection:
        if mode is Mode.WRITE:
            return _Writer(FileLock(file), *arguments, **options)
        return _Connection(*arguments, **options)

    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=f"file:{quote(str(file.absolute()))}", query=uri),
        json_serializer=_dumps,
        hide_parameters=True,
        connect_args={"factory": connect, "async_creator_fn": _opened},
        poolclass=AsyncAdaptedQueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=patience,
        pool_use_lifo=True,  # few connections with a warm cache, and no more of them open than are needed
    )

    def connected(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # transactions begin where `begin` below says, not where the driver guesses
        try:
            _set_pragmas(connection, mode)
        except BaseException:
            connection.close()  # the pool does not know it yet, and its thread would go on
            raise

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(_BEGIN_WRITING if mode is Mode.WRITE else "BEGIN")

    event.listen(engine.sync_engine, "connect", connected)
    event.listen(engine.sync_engine, "begin", begin)
    if mode is not Mode.WRITE:
        event.listen(engine.sync_engine, "invalidate", _stop_reading)
    return engine


def _stop_reading(connection: DBAPIConnection, _entry: ConnectionPoolEntry, _cause: BaseException | None) -> None:
    """Stop the statement of a reader that was cancelled, whose thread would go on to its end."""
    with suppress(ValueError, sqlite3.Error):  # closed already
        connection.driver_connection._conn.interrupt()  # noqa: SLF001 -- what is public can only be awaited


async def _opened(*arguments: Any, **options: Any) -> aiosqlite.Connection:
    """Open a connection in a thread of its own, which has ended when the file cannot be opened.

    aiosqlite tells it to stop and goes on: it would answer to an event loop that is closed by then, with a traceback.
    """
    connection = aiosqlite.connect(*arguments, **options)
    thread = connection._thread  # noqa: SLF001 -- there is no other way to it
    thread.daemon = True  # a connection that is left open keeps no process that has come to its end
    try:
        return await connection
    except BaseException:
        await asyncio.to_thread(thread.join)
        raise


def _is_at_rest(file: Path) -> bool:
    """Whether a file lies where we cannot write and no process does: SQLite could not make the files next to it then.

    See https://sqlite.org/wal.html#read_only_databases.
    """
    return not os.access(file.parent, os.W_OK) and not file.with_name(f"{file.name}-wal").exists()


def _set_pragmas(connection: DBAPIConnection, mode: Mode) -> None:
    """Set and read back what makes a commit durable; raises StoreError when the driver or file refuses one."""
    pragmas = list(SQLITE_PRAGMAS)
    if mode is Mode.WRITE:
        pragmas += [("journal_mode", "WAL", "wal"), ("cache_size", _WRITING_CACHE, _WRITING_CACHE)]
    else:
        pragmas += [("query_only", "ON", "1"), ("cache_size", _READING_CACHE, _READING_CACHE)]
    cursor = connection.cursor()
    for name, value, expected in pragmas:
        cursor.execute(f"PRAGMA {name}={value}")
        cursor.execute(f"PRAGMA {name}")
        row = cursor.fetchone()
        if row is None or str(row[0]) != expected:
            raise StoreError(f"SQLite does not keep PRAGMA {name}={value} (it says {row and row[0]})")
    cursor.close()


async def lock_schema(connection: AsyncConnection) -> None:
    """Hold off other processes that want to change the schema until this transaction ends."""
    if not is_sqlite(connection):  # on SQLite the write transaction does it
        await connection.execute(text("SELECT pg_advisory_xact_lock(742107420)"))


async def has_table(connection: AsyncConnection, name: str) -> bool:
    return await connection.run_sync(lambda sync: inspect(sync).has_table(name))
