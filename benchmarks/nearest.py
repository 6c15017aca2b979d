"""By meaning: papers encoded, new ones matched with all subscriptions, and the nearest of those stored.

All but the first is over made-up vectors. The rival is numpy over the same vectors as float32, which take four times as
much memory.
"""

from __future__ import annotations

import asyncio
from functools import partial
from itertools import islice

import numpy as np
from benchmarks.frame import BenchmarkError, Context, Row, repeated
from benchmarks.workload import months

from paperwire.core.matching.meanings import MeaningMatcher
from paperwire.core.meaning.vectors import Floats, Packed, cosines, lengths, nearest, unpack
from paperwire.encoders.table import WordTable

_SECTION = "By meaning, one thread"
_COLUMNS = 256
_SHOWN = 100
_SEED = 20251001
_THRESHOLD = 0.2
"""0.64 of 1,000 made-up papers reach it: about what a subscription to five papers a week takes."""
_STORED = 90_000, 1_000_000
_ENCODED = 5_000


def run(ctx: Context) -> list[Row]:
    random = np.random.default_rng(_SEED)
    rows = [_encoding(ctx)]
    rows += _matching(random, *((200, 10_000) if ctx.quick else (1_000, 100_000)))
    for stored in _STORED[:1] if ctx.quick else _STORED:
        rows += _search(random, stored)
    return rows


def _encoding(ctx: Context) -> Row:
    texts = [(paper.title, paper.abstract) for paper in islice(months(ctx.shared), _ENCODED)]
    table = WordTable.load()
    rounds, cpu = repeated(lambda: asyncio.run(table.encode(texts)))
    return Row(
        section=_SECTION,
        what="Paperwire, encoding by the word table",
        size=f"{len(texts):,} papers",
        cpu=cpu / rounds,
        figure=f"{len(texts) * rounds / cpu:,.0f} papers/s",
        goal="3,000 papers/s",
    )


def _matching(random: np.random.Generator, papers: int, queries: int) -> list[Row]:
    vectors, new = _random(random, queries), _random(random, papers)
    matcher = MeaningMatcher(_COLUMNS)
    for number, row in enumerate(vectors):
        matcher.add(number, row.tobytes(), _THRESHOLD)
    rounds, cpu = repeated(lambda: matcher.reached(new), fewest=3)
    floats, their_floats = unpack(vectors), unpack(new)
    their_rounds, theirs = repeated(lambda: np.nonzero(their_floats @ floats.T >= _THRESHOLD), fewest=3)
    matches = sum(map(len, matcher.reached(new)))
    if abs(matches - np.count_nonzero(their_floats @ floats.T >= _THRESHOLD)) > matches // 1_000:
        raise BenchmarkError("matching by meaning finds other papers than comparing all vectors")
    ours, size = cpu / rounds, f"{papers:,} papers, {queries:,} subscriptions, {matches:,} matches"
    return [
        Row(
            section=_SECTION,
            what="Paperwire, matching",
            size=size,
            cpu=ours,
            figure=f"{ours:.2f} s",
            goal="1 s for 1,000 x 100,000",
        ),
        _rival("matching", size, theirs / their_rounds, ours),
    ]


def _search(random: np.random.Generator, stored: int) -> list[Row]:
    rows, query = _random(random, stored), unpack(_random(random, 1))
    row_lengths, floats = lengths(rows), unpack(rows)
    found = [partial(_packed, rows, row_lengths, query), partial(_floats, floats, query[0])]
    if len(np.intersect1d(found[0](), found[1]())) < _SHOWN * 0.9:
        raise BenchmarkError("the nearest of packed vectors are others than those of the vectors")
    (rounds, cpu), (their_rounds, theirs) = (repeated(one, fewest=5) for one in found)
    ours, what = cpu / rounds, f"the nearest {_SHOWN} of {stored:,}"
    return [
        Row(
            section=_SECTION,
            what=f"Paperwire, {what}",
            size=f"int8, {rows.nbytes / 1e6:,.0f} MB",
            cpu=ours,
            figure=f"{ours * 1e3:.0f} ms",
            goal="20 ms" if stored < _STORED[1] else "500 ms, 300 MB",
        ),
        _rival(what, f"float32, {floats.nbytes / 1e6:,.0f} MB", theirs / their_rounds, ours),
    ]


def _packed(rows: Packed, row_lengths: Floats, query: Floats) -> np.ndarray:
    return nearest(cosines(rows, row_lengths, query)[:, 0], _SHOWN)


def _floats(rows: Floats, query: Floats) -> np.ndarray:
    scores = rows @ query
    best = np.argpartition(-scores, _SHOWN)[:_SHOWN]
    return best[np.argsort(-scores[best])]


def _rival(what: str, size: str, cpu: float, ours: float) -> Row:
    return Row(
        section=_SECTION,
        what=f"numpy, {what}",
        size=size,
        cpu=cpu,
        figure=f"{cpu * 1e3:.0f} ms",
        ratio=cpu / ours,
        key=f"{_SECTION}: {what}",
    )


def _random(random: np.random.Generator, count: int) -> Packed:
    return random.integers(-127, 128, (count, _COLUMNS), np.int8)
