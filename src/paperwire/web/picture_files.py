"""Pictures on disk: a folder next to the database, which may be deleted at any time.

Not in the database: 200 MB would go into each of its backups, and SQLite's one writer has better to do. Processes that
share a folder share its files; others have one each. A file is called by the hash of its address, its time is when it
was fetched.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from paperwire.ports.options import Now
from paperwire.services.running.trouble import LEAST_ROOM

LARGEST = 300_000
"""Bytes of a picture."""
MOST_BYTES = 200_000_000
"""Bytes of all pictures in the folder."""
WEEK = timedelta(days=7)
"""How long a picture is kept."""
_HEADS = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


def kind_of(content: bytes) -> str:
    """The media type of a PNG, JPEG or WebP by its first bytes; empty for anything else, SVG and HTML included."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for head, kind in _HEADS if content.startswith(head)), "")


class _File(NamedTuple):
    fetched: float
    size: int
    path: str


@dataclass(frozen=True, slots=True)
class PictureFolder:
    """The files of pictures; every method waits for the disk.

    While the disk has less than `least` bytes free it keeps none and deletes what it has: the database comes first.
    """

    folder: Path
    now: Now
    most: int = MOST_BYTES
    least: float = LEAST_ROOM
    free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free

    def get(self, address: str) -> bytes | None:
        """The picture of an address, if it is there, whole and no older than a week."""
        try:
            with self._path(address).open("rb") as file:
                age = self.now().timestamp() - os.fstat(file.fileno()).st_mtime
                content = file.read(LARGEST + 1)
        except OSError:
            return None
        is_fresh = abs(age) <= WEEK.total_seconds()  # a clock may have been set back
        return content if is_fresh and len(content) <= LARGEST and kind_of(content) else None

    def put(self, address: str, content: bytes) -> None:
        """Keep a picture, and delete the oldest where all are too much; raises OSError if it can't be written."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        files = sorted(self._files())
        if self.free(self.folder) < self.least:
            for file in files:
                _delete(file.path)
            raise OSError("too little room on the disk")
        room = self.most - len(content) - sum(file.size for file in files)
        oldest = self.now().timestamp() - WEEK.total_seconds()
        for file in files:
            if room >= 0 and file.fetched >= oldest:
                break
            _delete(file.path)
            room += file.size
        self._write(self._path(address), content)

    def _write(self, path: Path, content: bytes) -> None:
        """Write a file as a whole or not at all."""
        handle, name = tempfile.mkstemp(dir=self.folder)
        try:
            with open(handle, "wb") as file:  # noqa: PTH123 -- it is open already
                file.write(content)
            at = self.now().timestamp()
            os.utime(name, (at, at))
            Path(name).replace(path)
        except OSError:
            _delete(name)
            raise

    def _path(self, address: str) -> Path:
        return self.folder / hashlib.sha256(address.encode()).hexdigest()[:32]

    def _files(self) -> Iterator[_File]:
        """The files that are there, those that another process is writing or left unfinished included."""
        with os.scandir(self.folder) as entries:
            for entry in entries:
                with suppress(OSError):  # another process deleted it
                    if entry.is_file(follow_symlinks=False):
                        about = entry.stat(follow_symlinks=False)
                        yield _File(about.st_mtime, about.st_size, entry.path)


def _delete(path: str) -> None:
    with suppress(OSError):
        Path(path).unlink()
