"""`backup`, `restore` and `move`: the database and its key as one file, back again, and over to PostgreSQL."""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer  # noqa: TC002  Typer reads the annotations when the program runs

from paperwire.bootstrap import opening
from paperwire.cli.app import app, err, go, out, progress, settings_of
from paperwire.errors import CommandError, ConfigError
from paperwire.pipeline.hold import Hold
from paperwire.store.database.copies import check_database, copy_database
from paperwire.store.database.transfer import move_all
from paperwire.store.unit import Store
from paperwire.wording import backup as wording
from paperwire.wording import cli as cli_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import TaskID

    from paperwire.config import Settings
    from paperwire.ports import Now

_DATABASE = "paperwire.db"
_KEY = "secret.key"


@app.command(help=cli_words.BACKUP)
def backup(context: typer.Context, file: Path) -> None:
    """Write a copy."""
    settings = settings_of(context)
    if file.exists():
        raise CommandError(wording.in_the_way(str(file)))
    about = go(_backup(settings, file))
    out.print(wording.written(str(file), file.stat().st_size, about))


async def _backup(settings: Settings, target: Path) -> str:
    """Write the copy, and say what of the key."""
    async with opening.opened(settings, opening.clock(), write=False) as store:
        source = _file(store)
        key = opening.key_file(store)
        with _beside(target) as folder, _working(cli_words.BACKUP_ROW):
            await copy_database(source, folder / _DATABASE)
            about = wording.KEY_IN_SETTINGS if settings.secret_key else wording.NO_KEY
            members = [folder / _DATABASE]
            if settings.secret_key is None and key.exists():
                members.append(Path(shutil.copyfile(key, folder / _KEY)))
                about = wording.WITH_KEY
            _pack(folder / "draft", members, gz=target.suffix in {".gz", ".tgz"})
            (folder / "draft").rename(target)
    return about


def _pack(draft: Path, members: list[Path], *, gz: bool) -> None:
    with draft.open("xb") as raw:
        os.fchmod(raw.fileno(), 0o600)
        with tarfile.open(fileobj=raw, mode="w:gz" if gz else "w") as archive:
            for member in members:
                archive.add(member, member.name, filter=_anonymous)
        raw.flush()
        os.fsync(raw.fileno())


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """A member that tells nothing of this machine's users and is private wherever it is unpacked."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


@app.command(help=cli_words.RESTORE)
def restore(context: typer.Context, file: Path) -> None:
    """Put a copy back."""
    go(_restore(settings_of(context), file))


async def _restore(settings: Settings, source: Path) -> None:
    now = opening.clock()
    place = opening.database(settings, now)
    try:
        target, key = _file(place), opening.key_file(place)
        # A journal that is left of another file would be played into the restored one.
        rests = [target.with_name(target.name + end) for end in ("", "-wal", "-shm", "-journal")]
        for path in (*rests, *([] if settings.secret_key else [key])):
            if path.exists():
                raise CommandError(wording.in_the_way(str(path)))
        place.lock_service()
        opening.mark_file(place).unlink(missing_ok=True)  # a restored copy is held as it is
        with _beside(target) as folder, _working(cli_words.RESTORE_ROW):
            found = _unpack(source, folder)
            await check_database(folder / _DATABASE)
            await _hold(folder / _DATABASE, now)
            if settings.secret_key is None and _KEY in found:
                (folder / _KEY).rename(key)
            (folder / _DATABASE).rename(target)
    finally:
        await place.close()
    if settings.secret_key is None and _KEY not in found:
        err.print(wording.NO_KEY)
    out.print(wording.RESTORED)


def _unpack(source: Path, folder: Path) -> set[str]:
    """Write the members that are ours into `folder`, whatever else and whatever paths the archive names."""
    found = set()
    try:
        with tarfile.open(source) as archive:
            for member in archive:
                content = archive.extractfile(member) if member.name in {_DATABASE, _KEY} else None
                if content is None:
                    continue
                with (folder / member.name).open("xb") as file:
                    os.fchmod(file.fileno(), 0o600)
                    shutil.copyfileobj(content, file)
                    file.flush()
                    os.fsync(file.fileno())
                found.add(member.name)
    except (OSError, EOFError, tarfile.TarError) as error:
        raise CommandError(wording.not_a_backup(str(source), str(error))) from None
    if _DATABASE not in found:
        raise CommandError(wording.not_a_backup(str(source), wording.NO_DATABASE))
    return found


async def _hold(file: Path, now: Now) -> None:
    """Let nothing be sent from a restored copy before somebody has looked: what came after it was sent already."""
    store = Store.open(f"sqlite+aiosqlite:///{file}", now=now)
    try:
        await store.migrate()
        await Hold(store).begin()
    finally:
        await store.close()


def _file(store: Store) -> Path:
    if store.file is None:
        raise CommandError(wording.ONLY_SQLITE)
    return store.file


@app.command(help=cli_words.MOVE)
def move(context: typer.Context, url: str) -> None:
    """Go over to PostgreSQL."""
    settings = settings_of(context)
    tables, rows, where, key = go(_move(settings, url))
    out.print(wording.moved(tables, rows, where))
    out.print(wording.now_set("" if settings.secret_key else str(key)))


async def _move(settings: Settings, url: str) -> tuple[int, int, str, Path]:
    """Copy; how many tables and rows, where to, and where the key is."""
    now = opening.clock()
    async with opening.opened(settings, now, write=True, service=True) as source:
        if source.file is None:
            raise CommandError(wording.NOT_FROM_THERE)
        target = opening.database_at(url, now)
        try:
            if target.file is not None:
                raise ConfigError(wording.NOT_TO_THERE)
            await target.migrate()
            with progress(transient=True) as bars:
                rows: dict[str, TaskID] = {}

                def tell(table: str, done: int, total: int) -> None:
                    if table not in rows:
                        rows[table] = bars.add_task(table, total=total)
                    bars.update(rows[table], completed=done)

                tables, copied = await move_all(source, target, tell)
            return tables, copied, target.where, opening.key_file(source).absolute()
        finally:
            await target.close()


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A private folder on the same disk as `target`, gone afterwards."""
    try:
        with tempfile.TemporaryDirectory(prefix=".paperwire-", dir=target.absolute().parent) as folder:
            yield Path(folder)
    except OSError as error:
        raise CommandError(wording.not_written(str(target), error.strerror or str(error))) from None


@contextmanager
def _working(row: str) -> Iterator[None]:
    with progress(transient=True) as bars:
        bars.add_task(row, total=None)
        yield
