"""The index of all queries: what one query more or less costs it, and how long a process takes that begins.

Next to them the index rebuilt, and each query parsed again.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace

from benchmarks.databases import NOW, sqlite
from benchmarks.frame import BenchmarkError, Context, Row, memory, spent
from benchmarks.workload import Wanted, one_day, wanted
from sqlalchemy import insert

from paperwire.core.query.language import Query
from paperwire.core.query.prepared import Doc
from paperwire.pipeline.match import Matching
from paperwire.store.database.tables.subscriptions import QueryRow

_EDITING, _START = "Editing", "Cold start"
_RIVAL = "all queries parsed and indexed from scratch"
_EDITS = 10_000
_PAPERS = 64


def edit(ctx: Context, subscriptions: int) -> list[Row]:
    """Remove queries from a whole index and add them again."""
    wants = wanted(ctx, subscriptions)
    with spent() as making:
        matcher = wants.index()
    docs = [Doc.of(paper) for paper in one_day(ctx.shared)[:_PAPERS]]
    before = matcher.match_many(docs)
    edited = random.Random(7).sample(range(1, len(wants.dumped) + 1), min(_EDITS, len(wants.dumped) // 2))
    with spent() as removing:
        for number in edited:
            matcher.remove(number)
    gone = set(edited)
    if matcher.match_many(docs) != [[number for number in numbers if number not in gone] for numbers in before]:
        raise BenchmarkError("removed queries are found, or others are not")
    with spent() as adding:
        for number in edited:
            matcher.add(number, Query.load(wants.dumped[number - 1]))
    if matcher.match_many(docs) != before:
        raise BenchmarkError("an index whose queries were removed and added again finds others")
    size = f"{len(edited):,} of {len(wants.dumped):,} queries"
    each = (adding.cpu + removing.cpu) / 2 / len(edited)
    rebuilt = Row(
        section=_EDITING,
        what="the index rebuilt",
        size=f"{len(wants.dumped):,} queries",
        cpu=making.cpu,
        figure=f"{making.cpu:.2f} s a change",
        ratio=making.cpu / each,
        key=f"{_EDITING}: the index rebuilt",
    )
    return [_edits("add", size, adding.cpu, len(edited)), _edits("remove", size, removing.cpu, len(edited)), rebuilt]


def _edits(what: str, size: str, cpu: float, edits: int) -> Row:
    return Row(
        section=_EDITING,
        what=f"Paperwire, {what} a query",
        size=size,
        cpu=cpu,
        figure=f"{cpu / edits * 1e6:.1f} µs a query",
        goal="20 µs",
    )


# --- cold start -----------------------------------------------------------------------------------------------------


def start(ctx: Context, subscriptions: int) -> list[Row]:
    """The stored form indexed, alone and out of the database; and what reading the texts would take."""
    wants = wanted(ctx, subscriptions)
    size = f"{subscriptions:,} subscriptions, {len(wants.dumped):,} queries"
    paper = one_day(ctx.shared)[0]
    before = memory()
    with spent() as indexing:
        matcher = wants.index()
        matcher.match(Doc.of(paper))
    used = memory() - before
    del matcher
    whole = asyncio.run(_from_database(ctx, wants))
    from_scratch = wants.parsing * len(wants.dumped) + indexing.cpu
    first = _row("Paperwire, load and index the stored form, match a paper", size, indexing.cpu)
    return [
        replace(first, memory=used, goal="3 CPU s, 300 MB"),
        replace(_row(_RIVAL, size, from_scratch, indexing.cpu), key=f"{_START}: {_RIVAL}"),
        _row("Paperwire, the same out of SQLite", size, whole),
    ]


def _row(what: str, size: str, cpu: float, ours: float | None = None) -> Row:
    ratio = cpu / ours if ours else None
    return Row(section=_START, what=what, size=size, cpu=cpu, figure=f"{cpu:.2f} s", ratio=ratio)


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
