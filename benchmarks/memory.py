"""Memory: what one process holds after a month of papers, matched, delivered and searched, on each database."""

from __future__ import annotations

import asyncio
import json
import random
import resource
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.databases import Database
from benchmarks.frame import Context, Row, memory
from benchmarks.rounds import output_of
from benchmarks.whole import Nowhere, Subscribed, subscribe
from benchmarks.workload import months, real_queries

from benchmarks import databases
from paperwire import observe
from paperwire.bootstrap.limits import keep_what_is_loaded, share_few_heaps
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.core.query.language import parse
from paperwire.pipeline.deliver import Delivery
from paperwire.pipeline.hold import Hold
from paperwire.pipeline.ingest import Collector
from paperwire.pipeline.match import Matching
from paperwire.ports.sources import Page

_SECTION = "Memory"
_GOAL = 300
_SEARCHES = 8  # at the same time, each day, so that every reading connection fills its cache


@dataclass(frozen=True, kw_only=True)
class Month:
    """What to live through: days, papers a day, and subscriptions."""

    folder: str
    shared: str
    quick: bool
    postgres: str
    days: int
    papers: int
    subscriptions: int


def run(ctx: Context) -> list[Row]:
    """A month, or three days of a quick run, in a process that has all of the product imported."""
    rows = []
    days, papers = (3, 300) if ctx.quick else (30, 1_000)
    for kind, values in ctx.databases():
        took = lived(Month(**values, days=days, papers=papers, subscriptions=1_000))
        rows.append(
            Row(
                section=_SECTION,
                what=f"Paperwire on {kind}, all stages in one process",
                size=f"{days} days of {papers:,} papers, 1,000 subscriptions, {took['messages']:,.0f} messages",
                cpu=took["cpu"],
                figure=f"{took['most']:.0f} MB at most, {took['began']:.0f} MB at first",
                memory=took["held"],
                goal=f"{_GOAL} MB after 30 days",
            )
        )
    return rows


def lived(month: Month) -> dict[str, float]:
    """Live through it in another process; the megabytes it `began` with, `held` at the end and at `most`."""
    answer = output_of("benchmarks.memory", json.dumps(asdict(month)))
    took: dict[str, float] = json.loads(answer.splitlines()[-1])
    return took


@dataclass
class _Clock:
    """Stands still until it is moved."""

    at: datetime = databases.NOW

    def __call__(self) -> datetime:
        return self.at


class _Days:
    """A source that announces the papers of one day in pages."""

    name = "arxiv"

    def __init__(self) -> None:
        self.papers: Sequence[Paper] = ()

    def parts(self) -> tuple[str]:
        return ("all",)

    async def fetch(self, part: str, _cursor: str) -> AsyncIterator[Page]:
        for start in range(0, len(self.papers), 500):
            papers = self.papers[start : start + 500]
            events = [
                Event(kind=EventKind.NEW, paper=paper, source=self.name, day=paper.announced or date.min)
                for paper in papers
            ]
            yield Page(part=part, events=tuple(events), cursor=str(start))


async def _live(month: Month) -> dict[str, float]:
    ctx = Context(quick=month.quick, folder=Path(month.folder), shared=Path(month.shared), postgres=month.postgres)
    clock = _Clock()
    opened = databases.postgres(month.postgres, clock) if month.postgres else databases.sqlite(ctx.folder, clock)
    async with opened as database:
        await subscribe(database, Subscribed.of(ctx, month.subscriptions), Nowhere.kind)
        _import_all()
        began, most, messages = memory(), 0.0, 0
        channel: Any = Nowhere()
        source: Any = _Days()
        store = database.store
        collector = Collector(source, store, every=timedelta(minutes=15), now=clock)
        matching = Matching(store, now=clock, next_slot=lambda *_: None)
        delivery = Delivery(store, {channel.kind: channel}, owner="me", now=clock, hold=Hold(store))
        keep_what_is_loaded()  # as `paperwire run` does
        await matching.follow()
        queries = real_queries(ctx.shared)
        for papers in _days(ctx, month, clock):
            source.papers = papers
            await collector.poll(early=True)
            await matching.run()
            messages += await delivery.run(channel.kind)
            await _search(database, queries)
            most = max(most, memory())
        used = resource.getrusage(resource.RUSAGE_SELF)
        cpu = used.ru_utime + used.ru_stime
        return {"began": began, "held": memory(), "most": most, "messages": messages, "cpu": cpu}


def _days(ctx: Context, month: Month, clock: _Clock) -> Iterator[Sequence[Paper]]:
    """The papers of each day; the clock is on that day when they are handed out."""
    papers = months(ctx.shared)
    for day in range(month.days):
        clock.at = databases.NOW + timedelta(days=day)
        yield [replace(paper, announced=clock.at.date()) for paper in islice(papers, month.papers)]


async def _search(database: Database, queries: Sequence[str]) -> None:
    """What people look for meanwhile."""

    async def one(text: str) -> None:
        async with database.store.read() as unit:
            await unit.search.search(parse(text), order="relevance", limit=10)

    await asyncio.gather(*(one(text) for text in random.Random(7).sample(list(queries), _SEARCHES)))


def _import_all() -> None:
    """What `paperwire run` has loaded."""
    from paperwire.bootstrap import serving  # noqa: F401, PLC0415 -- what they hold is to be measured
    from paperwire.channels.discord import channel as discord  # noqa: F401, PLC0415 -- the same
    from paperwire.channels.telegram import channel as telegram  # noqa: F401, PLC0415 -- the same


if __name__ == "__main__":
    share_few_heaps()  # as `paperwire run` does
    observe.set_up((), level="ERROR")
    print(json.dumps(asyncio.run(_live(Month(**json.load(sys.stdin))))))
