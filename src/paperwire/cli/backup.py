"""`backup`, `restore` and `move`: the database and its key as one file, back again, and over to PostgreSQL."""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from paperwire.bootstrap import opening
from paperwire.cli.app import command, err, go, out, progress, settings_of
from paperwire.config import Settings
from paperwire.errors import CommandError, ConfigError, StoreUnsupported
from paperwire.pipeline.backups import DATABASE, KEY, folder_next_to, write_copy
from paperwire.pipeline.hold import Hold
from paperwire.ports.options import Now
from paperwire.store.copies import check_database, move_all
from paperwire.store.unit import Store

if TYPE_CHECKING:  # nothing here needs the library at run time
    from rich.progress import TaskID


@command("backup")
def backup(context: typer.Context, file: Path) -> None:
    settings = settings_of(context)
    if file.exists():
        raise CommandError(f"{file} is there already; move it away first, so that nothing is lost")
    about = go(_backup(settings, file))
    out.print(f"wrote {file} ({file.stat().st_size / 1000000.0:,.1f} MB, {about})")


async def _backup(settings: Settings, target: Path) -> str:
    """Write the copy, and say what of the key."""
    async with opening.opened(settings, opening.clock(), write=False) as store:
        with _working("copying"):
            has_key = await write_copy(store, opening.copied_key(settings, store), target)
    if has_key:
        return "with the secret key"
    if settings.secret_key:
        return "the secret key is in your settings: keep those too"
    return "it holds no secret key: earlier feed links will stop working"


@command("restore")
def restore(context: typer.Context, file: Path) -> None:
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
                raise CommandError(f"{path} is there already; move it away first, so that nothing is lost")
        place.lock_service()
        opening.mark_file(place).unlink(missing_ok=True)  # a restored copy is put on hold in any case
        with folder_next_to(target) as folder, _working("unpacking and checking"):
            members = _unpack(source, folder)
            await check_database(folder / DATABASE)
            try:
                await _hold(folder / DATABASE, now)
            except StoreUnsupported as error:
                raise _unsupported(source, error) from error
            if settings.secret_key is None and KEY in members:
                (folder / KEY).rename(key)
            (folder / DATABASE).rename(target)
    finally:
        await place.close()
    if settings.secret_key is None and KEY not in members:
        err.print("it holds no secret key: earlier feed links will stop working")
    out.print(
        "restored; deliveries are on hold: `paperwire outbox` shows what is owed, `paperwire "
        "outbox --release` sends it, `paperwire outbox drop --owed` drops it"
    )


def _unpack(source: Path, folder: Path) -> set[str]:
    """Write the members that are ours into `folder`, whatever else and whatever paths the archive names."""
    names = set()
    try:
        with tarfile.open(source) as archive:
            for member in archive:
                content = archive.extractfile(member) if member.name in {DATABASE, KEY} else None
                if content is None:
                    continue
                with (folder / member.name).open("xb") as file:
                    os.fchmod(file.fileno(), 0o600)
                    shutil.copyfileobj(content, file)
                    file.flush()
                    os.fsync(file.fileno())
                names.add(member.name)
    except (OSError, EOFError, tarfile.TarError) as error:
        raise CommandError(f"{source} is not a backup that `paperwire backup` wrote: {error}") from None
    if DATABASE not in names:
        raise CommandError(f"{source} is not a backup that `paperwire backup` wrote: there is no database in it")
    return names


async def _hold(file: Path, now: Now) -> None:
    """Let nothing be sent from a restored copy before the operator has looked: what came after it was sent already."""
    store = Store.open(f"sqlite+aiosqlite:///{file}", now=now)
    try:
        await store.migrate()
        await Hold(store).begin()
    finally:
        await store.close()


def _unsupported(source: Path, error: StoreUnsupported) -> CommandError:
    if not error.commit:
        return CommandError(f"{source} was written by a newer Paperwire")
    return CommandError(
        f"{source} was written by an older Paperwire: check out commit {error.commit}, run `paperwire restore {source}`"
        " there, then come back"
    )


def _file(store: Store) -> Path:
    if store.file is None:
        raise CommandError("this works with SQLite only; use pg_dump and pg_restore with PostgreSQL")
    return store.file


@command("move")
def move(context: typer.Context, url: str) -> None:
    settings = settings_of(context)
    tables, rows, where, key = go(_move(settings, url))
    out.print(f"{rows:,} rows of {tables} tables are in {where} now")
    key_file = "" if settings.secret_key else f", and secret_key_file to {key}"
    out.print(f"set database.url to it{key_file}; the old file stays as it is")


async def _move(settings: Settings, url: str) -> tuple[int, int, str, Path]:
    """Copy; how many tables and rows, where to, and where the key is."""
    now = opening.clock()
    async with opening.opened(settings, now, write=True, service=True) as source:
        if source.file is None:
            raise CommandError("the database in your settings is PostgreSQL already")
        target = opening.database_at(url, now, "the target")
        try:
            if target.file is not None:
                raise ConfigError("the target must be a postgresql+psycopg:// address")
            await target.migrate()
            with progress(transient=True) as bars:
                rows: dict[str, TaskID] = {}

                def tell(table: str, done: int, total: int) -> None:
                    if table not in rows:
                        rows[table] = bars.add_task(table, total=total)
                    bars.update(rows[table], completed=done)

                async with source.read() as origin, target.write() as there:
                    tables, copied = await move_all(origin, there, tell)
            return tables, copied, target.where, opening.key_file(source).absolute()
        finally:
            await target.close()


@contextmanager
def _working(row: str) -> Iterator[None]:
    with progress(transient=True) as bars:
        bars.add_task(row, total=None)
        yield
