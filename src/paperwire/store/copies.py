"""Whole copies of a SQLite database: its file, made while a service writes to it, and every row in PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import Table, delete, exists, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from paperwire.errors import StoreError
from paperwire.store.database.part import Transaction
from paperwire.store.database.tables.base import Row
from paperwire.store.database.tables.papers import PaperRow
from paperwire.store.database.tables.people import PersonRow
from paperwire.store.search.word_renewal import index_all


async def copy_database(file: Path, target: Path) -> None:
    """Write the database as it is at this moment to the new file `target`, which only this user can read.

    Raises StoreError when it cannot be read, or not be written there.
    """
    await in_thread(lambda stop: _copy(file, target, stop))


async def in_thread(work: Callable[[threading.Event], None]) -> None:
    """Do `work` in a thread; when this is cancelled, set the event that it is given and wait for its end."""
    stop = threading.Event()
    working = asyncio.ensure_future(asyncio.to_thread(work, stop))
    try:
        await asyncio.shield(working)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.gather(working, return_exceptions=True)
        raise


async def check_database(file: Path) -> None:
    """Raise StoreError unless the file is a whole database of ours."""
    await asyncio.to_thread(_check, file)


_STEPS = 10_000  # steps of SQLite's between two looks whether to stop; they take some milliseconds


def _copy(file: Path, target: Path, stop: threading.Event) -> None:
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        # One statement reads one state, whatever is written meanwhile; the copy has no free pages.
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.set_progress_handler(stop.is_set, _STEPS)
            connection.execute("VACUUM INTO ?", (str(target),))
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"cannot copy {file} to {target}: {error}") from error


def _check(file: Path) -> None:
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"{file} is no database of Paperwire: {error}") from error
    if verdict != "ok":
        raise StoreError(f"{file} is damaged: {verdict}")


_ROWS_AT_ONCE = 2_000
# Who holds what, and whose turn it is, concerns processes of the database that is left.
_OF_THE_MOMENT = {"lease", "pace", "channel_state"}

_NUMBERS_USED = text("SELECT name, seq FROM sqlite_sequence WHERE seq > 0")

Tell: TypeAlias = "Callable[[str, int, int], None]"
"""Hears after each piece: the table's name, how many of its rows are copied, and how many there are."""


async def move_all(origin: Transaction, target: Transaction, tell: Tell) -> tuple[int, int]:
    """Copy all of a SQLite database into an empty PostgreSQL one; how many tables and rows that were.

    Raises StoreError if the target holds papers or people already.
    """
    tables = [table for table in Row.metadata.sorted_tables if table.name not in _OF_THE_MOMENT]
    if await _holds_anything(target.connection):
        raise StoreError("the target holds papers or people already; nothing was copied")
    used: dict[str, int] = dict((await origin.connection.execute(_NUMBERS_USED)).all())
    copied = 0
    for table in tables:
        copied += await _copy_table(table, origin.connection, target.connection, tell)
        if table.name in used:
            await _count_on(table, used[table.name], target.connection)
    await index_all(target.connection)
    return len(tables), copied


async def _holds_anything(db: AsyncConnection) -> bool:
    return any((await db.execute(select(exists(select(PaperRow)), exists(select(PersonRow))))).one())


async def _copy_table(table: Table, origin: AsyncConnection, there: AsyncConnection, tell: Tell) -> int:
    total: int = (await origin.execute(select(func.count()).select_from(table))).scalar_one()
    await there.execute(delete(table))  # what a new database begins with
    copied = 0
    rows = await origin.stream(select(table))
    async for piece in rows.mappings().partitions(_ROWS_AT_ONCE):
        await there.execute(insert(table), [dict(row) for row in piece])
        copied += len(piece)
        tell(table.name, copied, total)
    return copied


async def _count_on(table: Table, last: int, db: AsyncConnection) -> None:
    """Let no number be given again that was given before, even to what is long deleted."""
    sequence = func.pg_get_serial_sequence(table.name, "number")
    await db.execute(select(func.setval(sequence, last)))
