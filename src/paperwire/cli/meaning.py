"""`meaning train`: a word table of one's own, from the stored papers."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn

from paperwire.bootstrap import opening
from paperwire.cli.app import command, go, out, progress, settings_of
from paperwire.config import Settings
from paperwire.core.papers.paper import Paper
from paperwire.encoders._training import Recipe
from paperwire.encoders.table import WordTable
from paperwire.errors import ConfigError

_READ = 5_000


@command("meaning")
def meaning(
    context: typer.Context,
    action: Annotated[Literal["train"], typer.Argument(help="train: make a word table from the stored papers.")],  # noqa: ARG001 -- the only one there is
    out_file: Annotated[Path, typer.Option("--out", help="Where to write the table.")] = Path("table.npz"),
    leave_out: Annotated[
        Path | None, typer.Option("--leave-out", help="A file of paper ids, one a line, that the table must never see.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Where chance begins; the same seed gives the same table.")] = 0,
) -> None:
    settings = settings_of(context)
    left_out = _ids(leave_out) if leave_out is not None else frozenset()
    papers = go(_papers(settings, left_out))
    table = _train(papers, seed, len(left_out))
    try:
        table.save(out_file)
    except OSError as error:
        raise ConfigError(f"cannot write {out_file}: {error.strerror or error}") from None
    out.print(f"{out_file}: {json.dumps(table.card, sort_keys=True)}")


def _ids(path: Path) -> frozenset[str]:
    """The ids in a file; raises ConfigError if it cannot be read."""
    try:
        lines = path.read_text(encoding="utf-8").split()
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"cannot read {path}: it is no UTF-8 text") from None
    return frozenset(line.removeprefix("arxiv:") for line in lines)


async def _papers(settings: Settings, left_out: frozenset[str]) -> list[Paper]:
    papers: list[Paper] = []
    after = 0
    async with opening.opened(settings, opening.clock(), write=False) as store, store.read() as unit:
        while page := await unit.papers.recent(date.min, after=after, limit=_READ):
            papers += [paper for paper in page if paper.id.removeprefix("arxiv:") not in left_out]
            after = page[-1].number
    return papers


def _train(papers: list[Paper], seed: int, left_out: int) -> WordTable:
    try:
        from paperwire.encoders import _training  # noqa: PLC0415 -- scipy is an extra, and loads slowly
    except ImportError:
        raise ConfigError("training needs scipy: run pip install '.[train]' in a clone of Paperwire") from None
    recipe = _training.Recipe(seed=seed)
    texts = [_training.Text.of(paper.title, paper.abstract) for paper in papers]
    columns = (TextColumn("training"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with progress(*columns) as bars:
        task = bars.add_task("", total=_training.steps(len(texts), recipe))
        return _training.train(texts, recipe, _card(papers, recipe, left_out), lambda: bars.advance(task))


def _card(papers: list[Paper], recipe: Recipe, left_out: int) -> dict[str, Any]:
    days = sorted(paper.announced.isoformat() for paper in papers if paper.announced is not None)
    return {"papers": len(papers), "left_out": left_out, "from": days[:1], "to": days[-1:], "recipe": asdict(recipe)}
