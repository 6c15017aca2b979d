"""A lock on a file next to a SQLite database, under which all of its processes write."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import stat
import time
from pathlib import Path

LOCK_TIMEOUT = 30.0
"""Seconds that a transaction waits for those of other processes before it fails."""
_PAUSE = 0.001


class FileLock:
    """An exclusive `flock` of `<database>.write`, which one bearer in any process holds; one that dies gives it back.

    It waits by sleeping, so it belongs into a connection's own thread. The file stays where it is: who deletes it
    while a process waits for it makes two locks of one. Its owner and group may open it as they may the
    database, and no others: any process that can open it can keep the lock.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._path = database.with_name(f"{database.name}.write")
        self._handle = -1
        self.held = False

    def acquire(self) -> None:
        """Wait until no other bearer holds it; raises sqlite3.OperationalError after `LOCK_TIMEOUT`."""
        if self._handle < 0:
            try:
                self._handle = self._opened()
            except OSError as error:
                raise sqlite3.OperationalError(f"cannot write {self._path}: {error.strerror}") from error
        end = time.monotonic() + LOCK_TIMEOUT
        while not self._taken():
            if time.monotonic() >= end:
                raise sqlite3.OperationalError("database is locked: another process has been writing for too long")
            time.sleep(_PAUSE)

    def release(self) -> None:
        """Let others have it."""
        if self.held:
            fcntl.flock(self._handle, fcntl.LOCK_UN)
            self.held = False

    def close(self) -> None:
        self.held = False
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _opened(self) -> int:
        database = self._database.stat()
        mode = stat.S_IMODE(database.st_mode) & ~stat.S_IRWXO
        handle = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, mode)
        if os.geteuid() == 0:  # an operator's command must not keep the service out
            os.fchown(handle, database.st_uid, database.st_gid)
        return handle

    def _taken(self) -> bool:
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        self.held = True
        return True
