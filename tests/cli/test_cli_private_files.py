"""All files that come to stand next to the database are for its owner alone, whatever the shell allows."""

import asyncio
import os
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime

import pytest

from paperwire.pipeline.hold import SentMark
from paperwire.store.unit import Store


@pytest.fixture
def _open_to_all():
    """A shell that gives every new file to everyone."""
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder):
    return {path.name: f"{stat.S_IMODE(path.stat().st_mode):o}" for path in folder.iterdir() if path.is_file()}


@pytest.mark.usefixtures("_open_to_all")
def test_files_next_to_the_database_are_private(shell):
    shell.env(sources__arxiv__enabled="false", sources__huggingface__enabled="false")
    assert shell("init", "lab.toml").code == 0
    assert shell("run", "--once").code == 0
    assert shell("backup", "copy.tar.gz").code == 0
    file = shell.folder / "paperwire.db"

    async def send():
        store = Store.open(f"sqlite+aiosqlite:///{file}", now=lambda: datetime.now(UTC))
        mark = file.with_name("paperwire.db.sent")
        await SentMark(store, mark).advance()
        await store.close()

    asyncio.run(send())
    with closing(sqlite3.connect(file)) as connection:  # keeps -wal and -shm there
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        found = modes(shell.folder)
    ours = {"paperwire.db", "paperwire.db.lock", "paperwire.db.write", "secret.key", "lab.toml", "copy.tar.gz"}
    assert ours | {"paperwire.db.sent", "paperwire.db-wal", "paperwire.db-shm"} <= found.keys()
    assert {name: mode for name, mode in found.items() if mode != "600"} == {}
