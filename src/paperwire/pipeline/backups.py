"""Copies of a SQLite database and its key, made while the service runs; the oldest are deleted."""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import shutil
import tarfile
import tempfile
import threading
from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import nan
from pathlib import Path
from typing import BinaryIO

import structlog

from paperwire import observe
from paperwire.core.health import StageHealth
from paperwire.errors import StoreError
from paperwire.ports.options import Now
from paperwire.store.copies import copy_database, in_thread
from paperwire.store.unit import Store

DATABASE = "paperwire.db"
"""What the database is called in a copy."""
KEY = "secret.key"
"""What the key is called there."""
_STAMP = "paperwire-%Y%m%dT%H%M%SZ"
_END = ".tar.gz"
_KEPT_SCHEMAS = 2  # copies from before migrations that are kept
_AGAIN = timedelta(hours=1)  # when a copy that failed is tried again, at the latest
_SPARE = 100_000_000  # bytes that a copy leaves free on its disk, so that the service can go on writing
_UNFINISHED = ".paperwire-unfinished-"  # how the folders begin in which copies are made
_STAGE = "backup"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Backups:
    """Makes a copy in `folder` at every interval, and keeps the last `keep` of them.

    `key` is the file of the secret key, None where that is in the settings. A copy that fails is named in `troubles`.
    Copies have a `label` in their names, so that services which share a folder delete only their own.
    """

    store: Store
    key: Path | None
    folder: Path
    label: str
    every: timedelta
    keep: int
    now: Now
    troubles: MutableMapping[str, StageHealth]

    async def run(self) -> timedelta:
        """Make a copy if it is time for one; how long to rest."""
        now = self.now()
        last = latest_copy(self.folder, self.label, now)
        observe.BACKED_UP.set(last.timestamp() if last else nan)
        if last is not None and last <= now < last + self.every:
            return last + self.every - now
        try:
            target = await self._copy(now)
        except (StoreError, OSError) as error:
            pause = min(self.every, _AGAIN)
            _log.error("no copy of the database", folder=str(self.folder), problem=str(error))
            before = self.troubles.get(_STAGE)
            since = before.since if before else now
            self.troubles[_STAGE] = StageHealth(name=_STAGE, since=since, next_at=now + pause, reason=str(error))
            return pause
        self.troubles.pop(_STAGE, None)
        observe.BACKED_UP.set(now.timestamp())
        _log.info("copied the database", file=str(target), bytes=target.stat().st_size)
        return self.every

    async def _copy(self, now: datetime) -> Path:
        if not self.folder.is_dir():
            raise StoreError(f"the folder {self.folder} of [backup] isn't there")
        target = self.folder / f"{now.astimezone(UTC):{_STAMP}}-{self.label}{_END}"
        await write_copy(self.store, self.key, target)
        _delete_oldest(_copies(self.folder, self.label, now), self.keep)
        return target


async def copy_before_migration(  # noqa: PLR0913, PLR0917 -- what a copy is of, and what it is called by
    store: Store, key: Path | None, folder: Path, label: str, revision: str, now: datetime
) -> Path:
    """Copy a database that has schema `revision` into `folder`; raises StoreError."""
    target = folder / f"{now.astimezone(UTC):{_STAMP}}-{label}-schema-{revision}{_END}"
    await write_copy(store, key, target)
    _delete_oldest(_copies_of_schemas(folder, label, now), _KEPT_SCHEMAS)
    return target


def label_of(secret: bytes) -> str:
    """What tells the copies of a service from those of others: a few digits of the hash of its secret key."""
    return hashlib.sha256(b"copies of " + secret).hexdigest()[:8]


def latest_copy(folder: Path, label: str, now: datetime) -> datetime | None:
    """When the last copy in a folder was made by the running service that has this label."""
    return _made_at(copies[-1], label) if (copies := _copies(folder, label, now)) else None


def _copies(folder: Path, label: str, now: datetime) -> list[Path]:
    """The copies of a running service in a folder, oldest first."""
    return [path for path in _by_age(folder.glob(f"paperwire-*Z-{label}{_END}"), now) if _made_at(path, label)]


def _copies_of_schemas(folder: Path, label: str, now: datetime) -> list[Path]:
    return _by_age(folder.glob(f"paperwire-*Z-{label}-schema-*{_END}"), now)


def _by_age(copies: Iterable[Path], now: datetime) -> list[Path]:
    """Oldest first. One with a time to come counts as the oldest: the clock was set back since."""
    latest = f"{now.astimezone(UTC):{_STAMP}}~"
    return sorted(copies, key=lambda path: (path.name <= latest, path.name))


def _made_at(path: Path, label: str) -> datetime | None:
    with suppress(ValueError):
        return datetime.strptime(path.name, f"{_STAMP}-{label}{_END}").replace(tzinfo=UTC)
    return None


def _delete_oldest(copies: list[Path], keep: int) -> None:
    for path in copies[:-keep]:
        path.unlink(missing_ok=True)


async def write_copy(store: Store, key: Path | None, target: Path) -> bool:
    """Write a copy to the new file `target`, packed if its name says so; whether the key is in it.

    Raises StoreError if it can't be written, or would leave no room on the disk; then there is no file.
    """
    file = _file(store)
    with folder_next_to(target) as folder:
        _check_room(file, target)
        await copy_database(file, folder / DATABASE)
        await in_thread(lambda stop: _pack(folder, key, target, stop))
        return (folder / KEY).exists()


def _file(store: Store) -> Path:
    if store.file is None:
        raise StoreError("this works with SQLite only; use pg_dump and pg_restore with PostgreSQL")
    return store.file


def _check_room(file: Path, target: Path) -> None:
    """The copy and the file that it is packed into are there at the same time."""
    needed, free = 2 * file.stat().st_size + _SPARE, shutil.disk_usage(target.absolute().parent).free
    if free < needed:
        raise StoreError(f"cannot write {target}: it needs {needed / 1e6:,.0f} MB, and {free / 1e6:,.0f} MB are free")


@contextmanager
def folder_next_to(target: Path) -> Iterator[Path]:
    """A private folder on the same disk as `target`, gone afterwards; raises StoreError if nothing can be written.

    Those that killed processes left there are deleted first: each may hold a whole database.
    """
    parent = target.absolute().parent
    try:
        for left in parent.glob(f"{_UNFINISHED}*"):
            with _lock_on(left) as is_ours:
                if is_ours:
                    shutil.rmtree(left)
        with tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=parent) as folder, _lock_on(Path(folder)):
            yield Path(folder)
    except OSError as error:
        raise StoreError(f"cannot write {target}: {error.strerror or str(error)}") from error


@contextmanager
def _lock_on(folder: Path) -> Iterator[bool]:
    """Hold a folder's lock, which ends with its process; whether no other process has it."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


def _pack(folder: Path, key: Path | None, target: Path, stop: threading.Event) -> None:
    """Make one file of the copy in `folder` and the key."""
    members = [folder / DATABASE]
    if key is not None and key.exists():
        members.append(Path(shutil.copyfile(key, folder / KEY)))
    draft = folder / "draft"
    with draft.open("xb") as raw:
        os.fchmod(raw.fileno(), 0o600)
        with _archive(raw, is_packed=target.suffix in {".gz", ".tgz"}) as archive:
            for path in members:
                with _Stoppable(path, stop) as content:
                    archive.addfile(_anonymous(archive.gettarinfo(path, path.name)), content)
        raw.flush()
        os.fsync(raw.fileno())
    draft.rename(target)


def _archive(raw: BinaryIO, *, is_packed: bool) -> tarfile.TarFile:
    """An archive that is written to `raw`, packed at the first level, which takes a fifth of the last one's time."""
    return tarfile.open(fileobj=raw, mode="w:gz", compresslevel=1) if is_packed else tarfile.open(fileobj=raw, mode="w")


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """A member that tells nothing of this machine's users and is private wherever it is unpacked."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


class _Stoppable(io.FileIO):
    """A file whose reading ends with an error once `stop` is set."""

    def __init__(self, path: Path, stop: threading.Event) -> None:
        super().__init__(path)
        self._stop = stop

    def read(self, size: int | None = -1) -> bytes:
        """Bytes of the file."""
        if self._stop.is_set():
            raise InterruptedError("stopped")
        return super().read(-1 if size is None else size) or b""
