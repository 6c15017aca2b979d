"""`collect` and `import`: papers come in by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TaskProgressColumn, TextColumn

from paperwire.bootstrap import opening
from paperwire.cli.app import AsJson, command, err, go, out, progress, settings_of, show_json, tell_collected
from paperwire.config import Settings
from paperwire.core.deliveries.ledger import FoundLate
from paperwire.errors import ConfigError, SourceError
from paperwire.pipeline.ingest import IMPORT, Collected, keep
from paperwire.pipeline.match import Matching
from paperwire.ports.sources import Page, SourceState
from paperwire.sources.jsonl import Chunk, read_jsonl
from paperwire.store.unit import Store
from paperwire.texts import ENGLISH

_NAMED = 5  # broken lines of a file that are named
_STRETCH = 20_000  # after how many lines it is said how far a file is read, where no bar is shown
_LOOK_AGAIN = 5.0


@command("collect")
def collect(
    context: typer.Context,
    source: Annotated[str, typer.Option(help="Only this source.")] = "",
    since: Annotated[
        str, typer.Option(help="Also what was announced since this day (YYYY-MM-DD), without notifications.")
    ] = "",
    deliver: Annotated[
        bool,
        typer.Option(
            "--deliver",
            help=(
                "With --since: deliver what is new of it, marked as found late, to subscriptions "
                "that were already there."
            ),
        ),
    ] = False,
) -> None:
    settings = settings_of(context)
    if deliver and not since:
        raise ConfigError("--deliver needs --since DAY: from which day on papers are delivered")
    collected, late = go(_collect(settings, source, _day(since) if since else None, deliver=deliver))
    tell_collected(collected)
    if late is not None:
        papers = ENGLISH.ngettext("%(num)s paper found late", "%(num)s papers found late", late.papers)
        owed = ENGLISH.ngettext("%(num)s delivery is owed", "%(num)s deliveries are owed", late.deliveries)
        out.print(f"{papers}; {owed}")
    if collected.failed:
        raise typer.Exit(1)


def _teller(bars: Progress, task: TaskID) -> Callable[[Collected], None]:
    return lambda brought: bars.update(task, papers=brought.papers)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{text!r} is no day; write it as 2026-09-01") from None


async def _collect(
    settings: Settings, source: str, since: date | None, *, deliver: bool
) -> tuple[Collected, FoundLate | None]:
    """Read the sources; with `deliver` also what that makes owed."""
    from paperwire.bootstrap import serving  # noqa: PLC0415 -- pages and worker load slowly, and few commands need them

    collected = Collected()
    now = opening.clock()
    async with (
        opening.opened(settings, now, write=True) as store,
        serving.service(settings, store, now=now, roles=frozenset({"collect"})) as service,
    ):
        began = now()
        collectors = [candidate for candidate in service.collectors if source in {"", candidate.name}]
        if not collectors:
            raise ConfigError(
                f"there is no source {source!r} that is on (on: "
                f"{', '.join(candidate.name for candidate in service.collectors) or 'none'})"
            )
        with _bars(TextColumn("{task.fields[papers]} papers")) as bars:
            for collector in collectors:
                task = bars.add_task(collector.name, total=None, papers=0)
                collected += await collector.poll(early=True)
                if since is not None:
                    collected += await collector.backfill(since, _teller(bars, task), deliver=deliver)
                bars.update(task, papers=collected.papers, total=1, completed=1)
        return collected, await _owe(store, service.matching, began) if deliver else None


async def _owe(store: Store, matching: Matching, since: datetime) -> FoundLate:
    """Match what was found late since `since`; what waits for the rest of a burst is waited for."""
    await matching.run()
    while (wait := await matching.rest()) is not None:
        await asyncio.sleep(min(max(wait.total_seconds(), 0.0), _LOOK_AGAIN))
        await matching.run()
    async with store.read() as unit:
        return await unit.ledger.found_late(since)


@dataclass(kw_only=True)
class _Import:
    """What came of one file: `broken` lines were left out, of which the first few are named; `error` ended it."""

    file: str
    papers: int = 0
    new: int = 0
    broken: int = 0
    first_broken: list[int] = field(default_factory=list)
    reason: str = ""
    error: str = ""

    def add(self, batch: Chunk, brought: Collected) -> None:
        self.papers += len(batch.events)
        self.new += brought.papers
        self.broken += len(batch.broken)
        if batch.broken and not self.reason:
            self.reason = batch.broken[0].reason
        self.first_broken += [line.line for line in batch.broken[: _NAMED - len(self.first_broken)]]


@command("import")
def import_files(context: typer.Context, files: list[Path], as_json: AsJson = False) -> None:
    imports = go(_import(settings_of(context), files))
    if as_json:
        show_json({"files": [asdict(file_import) for file_import in imports]})
    else:
        for file_import in imports:
            _report(file_import)
    if any(file_import.error for file_import in imports):
        raise typer.Exit(1)


def _report(done: _Import) -> None:
    if done.broken:
        numbers = ", ".join(map(str, done.first_broken)) + (", ..." if done.broken > len(done.first_broken) else "")
        left_out = f"line {numbers}" if done.broken == 1 else f"{done.broken:,} lines ({numbers})"
        err.print(f"{done.file}: left out {left_out}, broken: {done.reason}")
    if done.error:
        err.print(done.error)
    else:
        out.print(f"{done.file}: {done.papers} papers read, {done.new} of them new")


async def _import(settings: Settings, files: Iterable[Path]) -> list[_Import]:
    imports = [_Import(file=str(path)) for path in files]
    async with opening.opened(settings, opening.clock(), write=True) as store:
        for file_import in imports:
            try:
                await _import_one(store, Path(file_import.file), file_import)
            except SourceError as error:
                file_import.error = str(error)
    return imports


async def _import_one(store: Store, path: Path, so_far: _Import) -> None:
    """Read one file from where an earlier import of the same bytes stopped."""
    part = _name(path)
    async with store.read() as unit:
        state = await unit.sources.get(IMPORT, part)
    line, position = (int(number) for number in (state.cursor or "0:0").split(":"))
    if line:
        err.print(f"{path}: going on after line {line}")
    with _bars(TaskProgressColumn(), TextColumn("{task.fields[papers]} papers")) as bars:
        task = bars.add_task(path.name, total=None, papers=0)
        for batch in read_jsonl(path, line=line, position=position):
            cursor = f"{batch.line}:{batch.position}"
            page = Page(part=part, events=batch.events, cursor=cursor, quiet=True)
            so_far.add(batch, await keep(store, page, SourceState(source=IMPORT, part=part, cursor=cursor)))
            bars.update(task, total=batch.size, completed=batch.read, papers=f"{so_far.papers:,}")
            if not err.is_terminal and batch.line % _STRETCH == 0:
                err.print(f"{path}: {batch.read * 100 // batch.size} % read, {so_far.papers:,} papers")
    async with store.write() as unit:  # read to the end: the next import of this file starts over
        await unit.sources.save(SourceState(source=IMPORT, part=part, cursor=""))
    if not line and not so_far.papers:
        raise SourceError(f"{path}: no line of it is a paper; docs/sources.md says what a line has")


def _name(path: Path) -> str:
    """A file's place and size: a file that was exchanged is read from its beginning."""
    try:
        return f"{path.resolve()}:{path.stat().st_size}"
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror or str(error)}") from None


def _bars(*columns: TextColumn | TaskProgressColumn) -> Progress:
    return progress(SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), *columns)
