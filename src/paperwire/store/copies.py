"""Whole copies of a SQLite database, made while a service writes to it."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from paperwire.errors import StoreError


async def copy_database(file: Path, target: Path) -> None:
    """Write the database as it is at this moment to the new file `target`, which only this user can read.

    Raises StoreError when it cannot be read, or not be written there.
    """
    await asyncio.to_thread(_copy, file, target)


async def check_database(file: Path) -> None:
    """Raise StoreError unless the file is a whole database of ours."""
    await asyncio.to_thread(_check, file)


def _copy(file: Path, target: Path) -> None:
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        # One statement reads one state, whatever is written meanwhile; the copy has no free pages.
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
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
