"""Cold start: until a process that begins can match against all queries, beside reading each of them anew."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks.databases import NOW, sqlite
from benchmarks.frame import Row, memory, spent
from benchmarks.workload import one_day, wanted
from sqlalchemy import insert

from paperwire.core.matching.matcher import Matcher
from paperwire.core.query.prepared import Doc
from paperwire.pipeline.match import Matching
from paperwire.store.tables.subscriptions import QueryRow

if TYPE_CHECKING:
    from benchmarks.frame import Context
    from benchmarks.workload import Wanted

_SECTION = "Cold start"
_RIVAL = "all queries read and taken apart anew"


def run(ctx: Context, subscriptions: int) -> list[Row]:
    """The stored form indexed, alone and out of the database; and what reading the texts would take."""
    wants = wanted(ctx, subscriptions)
    size = f"{subscriptions:,} subscriptions, {len(wants.dumped):,} queries"
    paper = one_day(ctx.shared)[0]
    before = memory()
    with spent() as indexing:
        matcher = Matcher()
        for number, query in wants.loaded():
            matcher.add(number, query)
        matcher.match(Doc.of(paper))
    held = memory() - before
    del matcher
    whole = asyncio.run(_from_database(ctx, wants))
    anew = wants.parsing * len(wants.dumped) + indexing.cpu
    first = _row("Paperwire, load and index the stored form, match a paper", size, indexing.cpu)
    return [
        replace(first, memory=held, goal="3 CPU s, 300 MB"),
        _row("Paperwire, the same out of SQLite", size, whole, indexing.cpu),
        replace(_row(_RIVAL, size, anew, indexing.cpu), key=f"{_SECTION}: {_RIVAL}"),
    ]


def _row(what: str, size: str, cpu: float, ours: float | None = None) -> Row:
    ratio = cpu / ours if ours else None
    return Row(section=_SECTION, what=what, size=size, cpu=cpu, figure=f"{cpu:.2f} s", ratio=ratio)


async def _from_database(ctx: Context, wants: Wanted) -> float:
    """CPU seconds until a matcher follows all queries of a store."""
    async with sqlite(ctx.folder) as database:
        async with database.store.write() as unit:
            values = [
                {"number": number, "key": str(number), "text": "", "dumped": dumped, "seq": number, "in_use": True}
                for number, dumped in enumerate(wants.dumped, 1)
            ]
            await unit.connection.execute(insert(QueryRow), values)
        with spent() as cost:
            await Matching(database.store, now=lambda: NOW, next_slot=lambda *_: None).follow()
    return cost.cpu
