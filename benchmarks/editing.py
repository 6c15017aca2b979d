"""Editing: what one query more or less costs an index in use, beside making the index anew."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from benchmarks.frame import BenchmarkError, Row, spent
from benchmarks.workload import one_day, wanted

from paperwire.core.matching.matcher import Matcher
from paperwire.core.query.language import Query
from paperwire.core.query.prepared import Doc

if TYPE_CHECKING:
    from benchmarks.frame import Context
    from benchmarks.workload import Wanted

_SECTION = "Editing"
_EDITS = 10_000
_PAPERS = 64


def run(ctx: Context, subscriptions: int) -> list[Row]:
    """Remove queries from a whole index and add them again."""
    wants = wanted(ctx, subscriptions)
    with spent() as making:
        matcher = _index(wants)
    docs = [Doc.of(paper) for paper in one_day(ctx.shared)[:_PAPERS]]
    before = matcher.match_many(docs)
    edited = random.Random(7).sample(range(1, len(wants.dumped) + 1), min(_EDITS, len(wants.dumped) // 2))
    with spent() as removing:
        for number in edited:
            matcher.remove(number)
    gone = set(edited)
    if matcher.match_many(docs) != [[number for number in found if number not in gone] for found in before]:
        raise BenchmarkError("removed queries are found, or others are not")
    with spent() as adding:
        for number in edited:
            matcher.add(number, Query.load(wants.dumped[number - 1]))
    if matcher.match_many(docs) != before:
        raise BenchmarkError("an index whose queries were removed and added again finds others")
    size = f"{len(edited):,} of {len(wants.dumped):,} queries"
    each = (adding.cpu + removing.cpu) / 2 / len(edited)
    anew = Row(
        section=_SECTION,
        what="the index made anew",
        size=f"{len(wants.dumped):,} queries",
        cpu=making.cpu,
        figure=f"{making.cpu:.2f} s a change",
        ratio=making.cpu / each,
        key=f"{_SECTION}: the index made anew",
    )
    return [_ours("add", size, adding.cpu, len(edited)), _ours("remove", size, removing.cpu, len(edited)), anew]


def _ours(what: str, size: str, cpu: float, edits: int) -> Row:
    return Row(
        section=_SECTION,
        what=f"Paperwire, {what} a query",
        size=size,
        cpu=cpu,
        figure=f"{cpu / edits * 1e6:.1f} µs a query",
        goal="20 µs",
    )


def _index(wants: Wanted) -> Matcher:
    matcher = Matcher()
    for number, query in wants.loaded():
        matcher.add(number, query)
    return matcher
