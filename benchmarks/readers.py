"""Readers: how fast alerts go out and commands are answered while a hundred clients search by hard queries.

It runs in a process of its own, as `paperwire run` does: stages, commands and pages share one event loop and database.
Messages go to a channel that drops them, and clients ask the application with no server between.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks.answers import asked_in, requests
from benchmarks.databases import Database
from benchmarks.feeds import get, web_deps
from benchmarks.frame import BenchmarkError, Context, Row, most_memory
from benchmarks.rounds import output_of
from benchmarks.search import hold
from benchmarks.whole import Day, Nowhere, Subscribed, subscribe
from benchmarks.workload import corpus, real_queries
from sqlalchemy import update
from starlette.types import ASGIApp

from benchmarks import databases
from paperwire import observe
from paperwire.bootstrap.limits import keep_what_is_loaded, share_few_heaps
from paperwire.commands.answer import Commands
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import parse
from paperwire.pipeline.deliver import Delivery
from paperwire.pipeline.hold import Hold
from paperwire.pipeline.ingest import Collector
from paperwire.pipeline.match import Matching
from paperwire.store.database.tables.papers import EventRow
from paperwire.web.app import create_app

_SECTION = "Readers"
_CATEGORY = "cs.XX"
_CLIENTS = 100
_ADDRESSES = ("/search?", "/api/v1/search?", "/search?order=date&", "/feeds/search.atom?")
_ARRIVING = 5.0  # seconds in which all clients come; a second in a quick run


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What to measure: `rounds` of an announcement to `places`, with and without clients, over a number of papers."""

    folder: str
    shared: str
    quick: bool
    postgres: str
    papers: int
    places: int
    rounds: int


@dataclass(kw_only=True)
class Pace:
    """Alerts that went out and in how many seconds, how long each command took, and how clients were answered."""

    alerts: int = 0
    seconds: float = 0.0
    commands: list[float] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    most_mb: float = 0.0

    @property
    def a_second(self) -> float:
        """Alerts a second."""
        return self.alerts / self.seconds


def run(ctx: Context) -> list[Row]:
    """Each database, without clients and with them in turn."""
    papers, places, rounds = (300, 30, 1) if ctx.quick else (100_000, 1_000, 2)
    rows = []
    for kind, values in ctx.databases():
        scene = Scene(**values, papers=papers, places=places, rounds=rounds)
        answer = output_of("benchmarks.readers", json.dumps(asdict(scene)))
        alone, crowded = (Pace(**pace) for pace in json.loads(answer.splitlines()[-1]))
        size = f"{papers:,} papers, {alone.alerts:,} alerts"
        rows += [_row(f"{kind}, no clients", size, alone), _row(f"{kind}, {_CLIENTS} clients", size, crowded, alone)]
    return rows


def _row(what: str, size: str, pace: Pace, alone: Pace | None = None) -> Row:
    figure = f"{pace.a_second:.0f} alerts/s, {len(pace.commands):,} commands, {max(pace.commands):.2f} s at most"
    if alone:
        figure = f"{pace.a_second / alone.a_second:.0%} of that pace: {figure}"
    return Row(
        section=_SECTION,
        what=what,
        size=size,
        cpu=0.0,
        figure=figure,
        memory=pace.most_mb,
        goal="half the alerts/s, 2 s" if alone else "",
        note=", ".join(f"{count} answers {status}" for status, count in sorted(pace.answers.items())),
    )


# --- the scene -----------------------------------------------------------------------------------------------------


async def _play(scene: Scene) -> tuple[Pace, Pace]:
    ctx = Context(quick=scene.quick, folder=Path(scene.folder), shared=Path(scene.shared), postgres=scene.postgres)
    papers = corpus(ctx.shared, scene.papers)
    days = [paper.announced for paper in papers if paper.announced]
    now = _clock(max(databases.NOW.date(), *days))
    opened = databases.postgres(scene.postgres, now) if scene.postgres else databases.sqlite(ctx.folder, now)
    async with opened as database:
        await hold(database, papers)
        return await measured(database, scene, papers, now)


async def measured(
    database: Database, scene: Scene, papers: Sequence[Paper], now: Callable[[], datetime]
) -> tuple[Pace, Pace]:
    """The pace without clients, and with them, over a database that has the papers."""
    channel: Any = Nowhere()
    everyone = Subscribed([parse(f"cat:{_CATEGORY}").dump()], [scene.places], each=1)
    await subscribe(database, everyone, channel.kind)
    async with database.store.write() as unit:  # what is stored was matched long ago
        await unit.connection.execute(update(EventRow).values(matched_at=now()))
    await database.settle()
    service = _Service(database, channel, papers, real_queries(Path(scene.shared)), now)
    keep_what_is_loaded()  # as `paperwire run` does
    alone, crowded = Pace(), Pace()
    for _ in range(scene.rounds):
        async with _crowd(service, crowded, 1.0 if scene.quick else _ARRIVING):
            await service.announce(crowded)
        await service.announce(alone)
    return alone, crowded


def _clock(today: Any) -> Callable[[], datetime]:
    """Time goes on from noon of a day."""
    noon, began = datetime(today.year, today.month, today.day, 12, tzinfo=UTC), time.monotonic()
    return lambda: noon + timedelta(seconds=time.monotonic() - began)


class _Service:
    """What `paperwire run` has."""

    def __init__(
        self,
        database: Database,
        channel: Any,
        papers: Sequence[Paper],
        queries: Sequence[str],
        now: Callable[[], datetime],
    ) -> None:
        store = database.store
        context = asked_in(database, now)
        self.app: ASGIApp = create_app(web_deps(database, now))
        self._channel = channel
        self.papers = papers
        self._store = store
        self._matching = Matching(store, now=now, next_slot=lambda *_: None)
        self._delivery = Delivery(store, {channel.kind: channel}, owner="me", now=now, hold=Hold(store))
        self._commands = Commands(context)
        self._queries = queries
        self._now = now
        self._announced = 0

    async def announce(self, pace: Pace) -> None:
        """Announce a paper, which all places get, while one person after the other asks something."""
        self._announced += 1
        number = f"{self._announced:05}"
        paper = Paper(
            id=f"9901.{number}",
            title=f"Announcement {number}",
            abstract="All places follow its category.",
            categories=(_CATEGORY,),
            announced=self._now().date(),
        )
        source: Any = Day([paper])
        collector = Collector(source, self._store, every=timedelta(minutes=15), now=self._now)
        asking = asyncio.create_task(self._ask(pace))
        before, began = self._channel.messages, time.perf_counter()
        await self._matching.follow()
        await collector.poll(early=True)
        await self._matching.run()
        await self._delivery.run(self._channel.kind)
        pace.seconds += time.perf_counter() - began
        pace.alerts += self._channel.messages - before
        await _stopped(asking)
        pace.most_mb = most_memory()
        if self._channel.messages == before:
            raise BenchmarkError("nothing was delivered")

    async def _ask(self, pace: Pace) -> None:
        queries = self._queries[: -self._announced]  # so that people are others each time
        for request in cycle(one for _, one in requests(self.papers, queries) if not one.completing):
            began = time.perf_counter()
            try:
                await self._commands.handle(request)
            finally:
                pace.commands.append(time.perf_counter() - began)
            await asyncio.sleep(0.05)


async def _stopped(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    for ended in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(ended, Exception):
            raise ended


# --- the clients ---------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _crowd(service: _Service, pace: Pace, arriving: float) -> AsyncIterator[None]:
    words = Counter(word for paper in service.papers[:500] for word in paper.abstract.lower().split() if word.isalpha())
    common = [word for word, _ in words.most_common()]
    clients = [
        asyncio.create_task(
            _client(service.app, number, HardQueries(common, number), pace, arriving * number / _CLIENTS)
        )
        for number in range(_CLIENTS)
    ]
    await asyncio.sleep(arriving)
    try:
        yield
    finally:
        await _stopped(*clients)


async def _client(app: ASGIApp, number: int, queries: HardQueries, pace: Pace, after: float) -> None:
    """Search by one hard query after the other, and as long after a refusal as it says."""
    await asyncio.sleep(after)
    path, _, options = _ADDRESSES[number % len(_ADDRESSES)].partition("?")
    for text in queries:
        status, headers, _ = await get(app, path, query=options + urlencode({"q": text}), client=f"198.18.0.{number}")
        pace.answers[str(status)] = pace.answers.get(str(status), 0) + 1
        if status != 200:
            await asyncio.sleep(int(headers[b"retry-after"]))


# --- hard queries --------------------------------------------------------------------------------------------------


class HardQueries:
    """Makes queries that take much work, out of words, the commonest first."""

    def __init__(self, words: Sequence[str], seed: int) -> None:
        self._words = words[:40]
        self._beginnings = list(dict.fromkeys(word[:3] for word in words if len(word) > 3))
        self._chance = random.Random(seed)

    def __iter__(self) -> Iterator[str]:
        ways = (self._phrases, self._beginnings_any, self._exact, self._chains, self._long_phrase, self._initials)
        start = self._chance.randrange(len(ways))
        for way in cycle(ways[start:] + ways[:start]):
            yield way()

    def _some(self, least: int, most: int) -> list[str]:
        return self._chance.choices(self._words, k=self._chance.randint(least, most))

    def _phrases(self) -> str:
        return " OR ".join(f'"{" ".join(self._some(3, 5))}"' for _ in range(40))

    def _beginnings_any(self) -> str:
        return " OR ".join(f"{word}*" for word in self._chance.sample(self._beginnings, 30))

    def _exact(self) -> str:
        return " OR ".join(f'="{" ".join(self._some(2, 2))}"' for _ in range(60))

    def _chains(self) -> str:
        return " OR ".join("-".join(self._some(12, 12)) for _ in range(8))

    def _long_phrase(self) -> str:
        return f'"{" ".join(self._some(17, 200))}"'

    def _initials(self) -> str:
        return " OR ".join(
            f'au:"{letter} {word}"' for letter, word in zip("abcdefghijklmnop", self._some(16, 16), strict=True)
        )


if __name__ == "__main__":
    share_few_heaps()  # as `paperwire run` does
    observe.set_up((), level="ERROR")
    print(json.dumps([asdict(pace) for pace in asyncio.run(_play(Scene(**json.load(sys.stdin))))]))
