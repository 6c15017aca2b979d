"""Whole copies of a SQLite database, made while a service writes to it."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from paperwire.errors import StoreError


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


_STEPS = 10_000
"""Steps of SQLite's between two looks whether to stop; they take some milliseconds."""


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
