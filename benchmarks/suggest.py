"""Queries from examples, measured: from half of each reading list, how much of the other half a query finds.

Of each list the product is given a half drawn at random, at most 20 papers, with all recorded papers stored on SQLite;
its queries are tried on the papers left out, and their rate is that over all recorded weeks.
"""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.databases import NOW, Database, sqlite
from benchmarks.frame import with_generated
from benchmarks.search import hold
from benchmarks.workload import months

from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import parse
from paperwire.core.query.prepared import Doc
from paperwire.core.search.examples import ENOUGH_FOUND, MOST_A_WEEK, MOST_EXAMPLES
from paperwire.encoders.table import WordTable
from paperwire.pipeline.nearness import Nearness, encode_papers
from paperwire.ports.encoders import Encoder
from paperwire.services.papers.suggest import offers

_SAMPLE = 8
"""The quick form has one in this many of the papers that are in no list."""
_AT_ONCE = 1_000
GOAL = 20
"""Of 43 lists."""


@dataclass(frozen=True, slots=True)
class Result:
    """What the queries of one list find: the first one and the best of all, as parts of the papers left out.

    `a_week` is the rate of the best, `said` whether it was said that words will do, `seconds` of CPU what it took.
    """

    topic: str
    first: float
    best: float
    a_week: float
    said: bool
    seconds: float

    @property
    def is_enough(self) -> bool:
        """Whether the best query finds half of what was left out, at no more than 20 a week."""
        return self.best >= ENOUGH_FOUND and self.a_week <= MOST_A_WEEK


def run(shared: Path, *, quick: bool, page: Path | None = None) -> list[str]:
    """Measure, print and, with a `page`, write it there; what is missed, or nothing where nothing can be measured."""
    folder = shared / "meaning"
    if not folder.is_dir():
        print("suggest: the recorded reading lists are absent, nothing is measured")
        return []
    lists = [json.loads(line) for line in (folder / "collections.jsonl").read_text(encoding="utf-8").splitlines()]
    papers = sampled(shared, lists, quick=quick)
    results = asyncio.run(measure(papers, lists))
    shown = "\n".join(table(results, len(papers)))
    print(shown)
    if page is not None and not quick:
        page.write_text(with_generated(page.read_text(encoding="utf-8"), shown, "suggest"), encoding="utf-8")
    good = sum(result.is_enough for result in results)
    return [] if good >= GOAL else [f"{good} of {len(results)} lists have a query that finds half, wanted are {GOAL}"]


def sampled(shared: Path, lists: Sequence[dict[str, Any]], *, quick: bool) -> list[Paper]:
    """All recorded papers, or those in a list and some of the others."""
    listed = {name for listing in lists for name in listing["ids"]}
    return [
        paper
        for place, paper in enumerate(months(shared))
        if not quick or place % _SAMPLE == 0 or paper.id.removeprefix("arxiv:") in listed
    ]


async def measure(papers: Sequence[Paper], lists: Sequence[dict[str, Any]]) -> list[Result]:
    """The results of lists over these papers, in a database of their own."""
    by_id = {paper.id.removeprefix("arxiv:"): paper for paper in papers}
    days = sorted(paper.announced for paper in papers if paper.announced is not None)
    weeks = ((days[-1] - days[0]).days + 1) / 7
    with tempfile.TemporaryDirectory(prefix="paperwire-suggest-") as folder:
        clock = [NOW]
        async with sqlite(Path(folder), now=lambda: clock[-1]) as database:
            await hold(database, papers)
            nearness = Nearness(database.store, await _encoded(database))
            clock.append(NOW + timedelta(hours=1))
            await nearness.of([1])  # all vectors are in memory now, none of them was made just now
            return [
                await _result(database, nearness, listing["topic"], [by_id[name] for name in listing["ids"]], weeks)
                for listing in lists
            ]


async def _encoded(database: Database) -> Encoder:
    """The shipped encoder, with which all papers have been encoded."""
    table = WordTable.load()
    while True:
        async with database.store.read() as unit:
            waiting = await unit.vectors.unencoded(_AT_ONCE)
        if not waiting:
            return table
        await encode_papers(database.store, table, waiting)


async def _result(database: Database, nearness: Nearness, topic: str, papers: list[Paper], weeks: float) -> Result:
    random.Random(0).shuffle(papers)
    half = min(len(papers) // 2, MOST_EXAMPLES)
    left_out = [Doc.of(paper) for paper in papers[half:]]
    async with database.store.read() as unit:
        stored = [await unit.papers.get(paper.id) for paper in papers[:half]]
    began = time.process_time()
    found = await offers(database.store, nearness, [paper for paper in stored if paper is not None])
    seconds = time.process_time() - began
    rated = []
    for offer in found.queries if found.words_will_do else ():
        query = parse(offer.text)
        async with database.store.read() as unit:
            total = (await unit.search.search(query, order="date", limit=1)).total
        rated.append((sum(map(query.matches, left_out)) / len(left_out), total / weeks))
    best = max(rated, key=lambda one: (one[1] <= MOST_A_WEEK, one[0]), default=(0.0, 0.0))
    first = rated[0][0] if rated else 0.0
    return Result(topic, first, best[0], best[1], found.words_will_do, seconds)


def table(results: Sequence[Result], papers: int) -> Iterator[str]:
    good = [result for result in results if result.is_enough]
    said = sum(result.said == result.is_enough for result in results)
    slowest = max(result.seconds for result in results)
    yield f"Queries from half of each of {len(results)} reading lists, {papers:,} papers stored:\n"
    yield "| reading list | found by the first query | by the best | a week | says that words will do |"
    yield "|---|---|---|---|---|"
    for result in sorted(results, key=lambda result: -result.best):
        said_so = "yes" if result.said else "no"
        yield f"| {result.topic} | {result.first:.2f} | {result.best:.2f} | {result.a_week:.1f} | {said_so} |"
    yield f"\n- The best query finds half of the papers left out on {len(good)} of {len(results)} lists."
    yield f"- Whether words will do is judged correctly on {said}."
    yield f"- It takes {slowest:.2f} s of CPU at most."
