"""Reading lists found again as users ask: by the product's own search, over a database filled with all papers."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

import numpy as np
from benchmarks.databases import NOW, Database, postgres, sqlite
from benchmarks.reading_lists import Task
from sqlalchemy import insert

from paperwire.core.meaning.vectors import Floats, pack
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Query, parse
from paperwire.core.query.prepared import Doc
from paperwire.core.search.indexed import index_row
from paperwire.encoders.table import WordTable
from paperwire.pipeline.calibration import Calibration
from paperwire.pipeline.nearness import Nearness
from paperwire.ports.callers import Actor
from paperwire.services.papers.search import search
from paperwire.store.database.part import paper_values
from paperwire.store.database.tables.papers import AliasRow, PaperRow, VectorRow
from paperwire.store.search.word_index import entry_of, write_entries

_AT_ONCE = 8_000
_SHOWN = 20
_WARM_UP = 'like:"what is asked first"'
_SAID_EVERY = 50
_MADE = NOW - timedelta(days=1)  # what was made within the last minutes is read again by each search
Encoded: TypeAlias = "tuple[WordTable, Floats]"
"""A table and its vectors of all papers, one a row."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a search answered to a task: the places of papers in the corpus, best first, and the CPU seconds it took."""

    task: Task
    places: list[int]
    cpu: float


async def answers(
    folder: Path, server: str, papers: Sequence[Paper], encoded: Sequence[Encoded], tasks: Sequence[Task]
) -> list[list[Answered]]:
    """The first answers to each task with each table, asked over one database; how far it is goes to stderr.

    It is SQLite in `folder`, or a database of its own on a `server`.
    """
    opened: AbstractAsyncContextManager[Database] = postgres(server) if server else sqlite(folder)
    async with opened as database:
        _say(f"{database.kind}, {len(papers):,} papers are stored and indexed")
        await _fill(database, papers, encoded)
        numbers = await _save(database, tasks)
        return [await _answered(database, table, papers, tasks, numbers) for table, _ in encoded]


async def _answered(
    database: Database, table: WordTable, papers: Sequence[Paper], tasks: Sequence[Task], persons: dict[Task, int]
) -> list[Answered]:
    store = database.store
    calibration = Calibration(store, Nearness(store, table), now=lambda: NOW)
    await search(store, calibration, parse(_WARM_UP), limit=_SHOWN)
    answered: list[Answered] = []
    for task in tasks:
        if len(answered) % _SAID_EVERY == 0:
            _say(f"{database.kind}, {table.version}: {len(answered)} of {len(tasks)} tasks")
        query = _query(task, papers, persons)
        began = database.cpu()
        result = await search(store, calibration, query, limit=_SHOWN)
        places = [paper.number - 1 for paper in result.papers]
        answered.append(Answered(task, places, database.cpu() - began))
    return answered


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def _query(task: Task, papers: Sequence[Paper], persons: dict[Task, int]) -> Query:
    """What a user types for a task."""
    if not task.saved:
        return parse(f'like:"{task.topic}"')
    if len(task.saved) == 1:
        return parse(f"like:{papers[task.saved[0]].id}")
    return parse("like:saved").of(persons[task])


async def _save(database: Database, tasks: Sequence[Task]) -> dict[Task, int]:
    """Save the papers of each task that has several for a person of its own; these persons by task."""
    persons = {}
    async with database.store.write() as unit:
        for number, task in enumerate(tasks):
            if len(task.saved) > 1:
                person = await unit.people.ensure(Actor(channel="telegram", user_id=str(number)), "en")
                await unit.people.save_papers(person.number, [place + 1 for place in task.saved])
                persons[task] = person.number
    return persons


def scores(places: Sequence[int], papers: int) -> Floats:
    """The answers as scores of all papers, falling from the first on, 0 for what was not answered."""
    scored = np.zeros(papers, np.float32)
    scored[list(places)] = np.arange(len(places), 0, -1)
    return scored


async def _fill(database: Database, papers: Sequence[Paper], encoded: Sequence[Encoded]) -> None:
    """Write papers straight into the tables that a search reads; a paper's number is its place and 1."""
    packed = {table.version: pack(vectors) for table, vectors in encoded}
    for start in range(0, len(papers), _AT_ONCE):
        chunk = [
            replace(paper, number=number, seen_at=NOW)
            for number, paper in enumerate(papers[start : start + _AT_ONCE], start + 1)
        ]
        of_row = [{"number": paper.number, "announced": paper.announced, "unencoded": False} for paper in chunk]
        values = [paper_values(paper) | of_one for paper, of_one in zip(chunk, of_row, strict=True)]
        names = [{"alias": f"arxiv:{paper.id.removeprefix('arxiv:')}", "paper": paper.number} for paper in chunk]
        made = [
            {"encoder": encoder, "paper": paper.number, "at": _MADE, "packed": rows[paper.number - 1].tobytes()}
            for encoder, rows in packed.items()
            for paper in chunk
        ]
        entries = [entry_of(paper, index_row(Doc.of(paper))) for paper in chunk]
        async with database.store.write() as unit:
            for kind, its_rows in ((PaperRow, values), (AliasRow, names), (VectorRow, made)):
                await unit.connection.execute(insert(kind), its_rows)
            await write_entries(unit.connection, entries)
    await database.settle()
