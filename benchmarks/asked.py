"""Reading lists found again as users ask: by the product's own search, over a database filled with all papers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from pathlib import Path

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


@dataclass(frozen=True, slots=True)
class Answered:
    """What a search answered to a task: the places of papers in the corpus, best first, and the CPU seconds it took."""

    task: Task
    places: list[int]
    cpu: float


async def answers(  # noqa: PLR0913, PLR0917 -- what is searched, where, and for what
    folder: Path, server: str, papers: Sequence[Paper], vectors: Floats, table: WordTable, tasks: Sequence[Task]
) -> list[Answered]:
    """The first answers to each task; on SQLite in `folder`, or in a database of its own on a `server`."""
    opened: AbstractAsyncContextManager[Database] = postgres(server) if server else sqlite(folder)
    async with opened as database:
        await _fill(database, papers, vectors, table.version)
        store = database.store
        calibration = Calibration(store, Nearness(store, table), now=lambda: NOW)
        await search(store, calibration, parse(_WARM_UP), limit=_SHOWN)
        answered = []
        for number, task in enumerate(tasks):
            query = await _query(database, number, task, papers)
            began = database.cpu()
            found = await search(store, calibration, query, limit=_SHOWN)
            places = [paper.number - 1 for paper in found.papers]
            answered.append(Answered(task, places, database.cpu() - began))
        return answered


async def _query(database: Database, number: int, task: Task, papers: Sequence[Paper]) -> Query:
    """What a user types for a task; several saved papers are saved by a person of the task's own."""
    if not task.saved:
        return parse(f'like:"{task.topic}"')
    if len(task.saved) == 1:
        return parse(f"like:{papers[task.saved[0]].id}")
    async with database.store.write() as unit:
        person = await unit.people.ensure(Actor(channel="telegram", user_id=str(number)), "en")
        await unit.people.save_papers(person.number, [place + 1 for place in task.saved])
    return parse("like:saved").of(person.number)


def scores(places: Sequence[int], papers: int) -> Floats:
    """The answers as scores of all papers, falling from the first on, 0 for what was not answered."""
    scored = np.zeros(papers, np.float32)
    scored[list(places)] = np.arange(len(places), 0, -1)
    return scored


async def _fill(database: Database, papers: Sequence[Paper], vectors: Floats, encoder: str) -> None:
    """Write papers straight into the tables that a search reads; a paper's number is its place and 1."""
    packed = pack(vectors)
    for start in range(0, len(papers), _AT_ONCE):
        chunk = [
            replace(paper, number=number, seen_at=NOW)
            for number, paper in enumerate(papers[start : start + _AT_ONCE], start + 1)
        ]
        of_row = [{"number": one.number, "announced": one.announced, "unencoded": False} for one in chunk]
        values = [paper_values(one) | of_one for one, of_one in zip(chunk, of_row, strict=True)]
        names = [{"alias": f"arxiv:{one.id.removeprefix('arxiv:')}", "paper": one.number} for one in chunk]
        rows = [packed[one.number - 1].tobytes() for one in chunk]
        made = [
            {"encoder": encoder, "paper": one.number, "at": NOW, "packed": row}
            for one, row in zip(chunk, rows, strict=True)
        ]
        entries = [entry_of(one, index_row(Doc.of(one))) for one in chunk]
        async with database.store.write() as unit:
            for kind, its_rows in ((PaperRow, values), (AliasRow, names), (VectorRow, made)):
                await unit.connection.execute(insert(kind), its_rows)
            await write_entries(unit.connection, entries)
    await database.settle()
