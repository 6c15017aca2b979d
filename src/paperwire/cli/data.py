"""`collect` and `import`: papers come in by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TaskProgressColumn, TextColumn

from paperwire.bootstrap import opening
from paperwire.cli.app import app, err, go, out, progress, settings_of
from paperwire.errors import ConfigError, SourceError
from paperwire.pipeline.ingest import IMPORT, Collected, keep
from paperwire.ports import Page
from paperwire.sources.jsonl import read_jsonl
from paperwire.store.sources import SourceState
from paperwire.wording import cli as wording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from paperwire.config import Settings
    from paperwire.store.unit import Store


@app.command(help=wording.COLLECT)
def collect(
    context: typer.Context,
    source: Annotated[str, typer.Option(help=wording.SOURCE)] = "",
    since: Annotated[str, typer.Option(help=wording.SINCE)] = "",
) -> None:
    """Read the sources."""
    settings = settings_of(context)
    first = _day(since) if since else None
    found = go(_collect(settings, source, first))
    out.print(wording.nothing_new(found.papers, found.events, found.failed))
    if found.failed:
        raise typer.Exit(1)


def _teller(bars: Progress, task: TaskID) -> Callable[[Collected], None]:
    return lambda brought: bars.update(task, papers=brought.papers)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigError(wording.bad_day(text)) from None


async def _collect(settings: Settings, source: str, since: date | None) -> Collected:
    from paperwire.bootstrap import serving  # noqa: PLC0415 -- pages and worker load slowly, and few commands need them

    found = Collected()
    now = opening.clock()
    async with (
        opening.opened(settings, now, write=True) as store,
        serving.service(settings, store, now=now, roles=frozenset({"collect"})) as service,
    ):
        wanted = [one for one in service.collectors if source in {"", one.name}]
        if not wanted:
            raise ConfigError(wording.unknown_source(source, ", ".join(one.name for one in service.collectors)))
        with _bars(TextColumn("{task.fields[papers]} papers")) as bars:
            for collector in wanted:
                task = bars.add_task(collector.name, total=None, papers=0)
                found += await collector.poll(early=True)
                if since is not None:
                    found += await collector.backfill(since, _teller(bars, task))
                bars.update(task, papers=found.papers, total=1, completed=1)
    return found


@app.command("import", help=wording.IMPORT)
def import_files(context: typer.Context, files: list[Path]) -> None:
    """Read papers from files."""
    go(_import(settings_of(context), files))


async def _import(settings: Settings, files: Iterable[Path]) -> None:
    failed = False
    async with opening.opened(settings, opening.clock(), write=True) as store:
        for path in files:
            try:
                await _import_one(store, path)
            except SourceError as error:
                failed = True
                err.print(str(error))
    if failed:
        raise typer.Exit(1)


async def _import_one(store: Store, path: Path) -> None:
    """Read one file from where an earlier import of the same bytes stopped."""
    part = _name(path)
    async with store.read() as unit:
        state = await unit.sources.get(IMPORT, part)
    line, position = (int(number) for number in (state.cursor or "0:0").split(":"))
    if line:
        err.print(wording.resumed(str(path), line))
    read, total, broken = 0, Collected(), 0
    with _bars(TaskProgressColumn(), TextColumn("{task.fields[papers]} papers")) as bars:
        task = bars.add_task(path.name, total=None, papers=0)
        for batch in read_jsonl(path, line=line, position=position):
            for one in batch.broken:
                err.print(wording.broken_line(str(path), one.line, one.reason))
            cursor = f"{batch.line}:{batch.position}"
            page = Page(part=part, events=batch.events, cursor=cursor, quiet=True)
            total += await keep(store, page, SourceState(source=IMPORT, part=part, cursor=cursor))
            read, broken = read + len(batch.events), broken + len(batch.broken)
            bars.update(task, total=batch.size, completed=batch.read, papers=f"{read:,}")
    async with store.write() as unit:  # read to the end: the next import of this file begins anew
        await unit.sources.save(SourceState(source=IMPORT, part=part, cursor=""))
    out.print(wording.imported(str(path), read, total.papers, broken))


def _name(path: Path) -> str:
    """A file's place and size: a file that was exchanged is read from its beginning."""
    try:
        return f"{path.resolve()}:{path.stat().st_size}"
    except OSError as error:
        raise SourceError(wording.no_import_file(str(path), error.strerror or str(error))) from None


def _bars(*columns: TextColumn | TaskProgressColumn) -> Progress:
    return progress(SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), *columns)
