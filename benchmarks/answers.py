"""Answers: how long a person waits for a command over months of papers, in process, and for the bare search in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, time
from typing import Any

from benchmarks.databases import Database, sqlite
from benchmarks.frame import Context, Row, percentile, spent
from benchmarks.search import hold
from benchmarks.workload import corpus, real_queries

from paperwire.commands.answer import Commands
from paperwire.commands.context import Chat
from paperwire.commands.table import SPECS
from paperwire.core.papers.categories import select
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import parse
from paperwire.libraries.zotero import Zotero
from paperwire.network import Network
from paperwire.pipeline.libraries import KeySeal, LibraryReader
from paperwire.ports.callers import Actor, Place
from paperwire.ports.options import NetworkOptions, Now
from paperwire.ports.requests import Request
from paperwire.services.access import Access

_SECTION = "Answers"
_BARE = "the page of the search alone"
_GOAL = "150 ms"


def run(ctx: Context) -> list[Row]:
    """Each command with real queries, asked once per person."""
    papers = corpus(ctx.shared, 1_500 if ctx.quick else 100_000)
    queries = real_queries(ctx.shared)[:: 40 if ctx.quick else 4]
    took = asyncio.run(_all(ctx, papers, queries))
    size = f"{len(papers):,} papers, {len(queries)} real queries"
    searches = sum(took["/search"])
    rows = [_row(f"Paperwire, {what}", size, each, goal=_GOAL) for what, each in took.items() if what != _BARE]
    bare = took[_BARE]
    return [*rows, _row(_BARE, size, bare, ratio=sum(bare) / searches, key=f"{_SECTION}: {_BARE}")]


def _row(what: str, size: str, took: list[float], **more: Any) -> Row:
    figure = f"{percentile(took, 0.5) * 1e3:.3g} ms median, {percentile(took, 0.99) * 1e3:.3g} ms p99"
    return Row(section=_SECTION, what=what, size=size, cpu=sum(took), figure=figure, **more)


async def _all(ctx: Context, papers: Sequence[Paper], queries: Sequence[str]) -> dict[str, list[float]]:
    """CPU seconds of each answer, by what was asked."""
    latest = max(paper.announced for paper in papers if paper.announced)
    noon = datetime.combine(latest, time(12), UTC)

    def now() -> datetime:
        return noon

    async with sqlite(ctx.folder, now) as database:
        await hold(database, papers)
        commands = Commands(asked_in(database, now))
        for _, request in requests(papers, queries[:3]):
            await commands.handle(request)
        took: dict[str, list[float]] = {}
        for what, request in requests(papers, queries):
            with spent(tidy=False) as cost:
                await commands.handle(request)
            took.setdefault(what, []).append(cost.cpu)
        took[_BARE] = [cost async for cost in _bare(database, queries)]
    return took


def asked_in(database: Database, now: Now) -> Chat:
    """What commands work with."""

    async def no_lookup(_paper: str) -> None:
        return None

    async def none(_papers: Sequence[str]) -> dict[str, Paper]:
        return {}

    store, key = database.store, b"benchmark"
    zotero = Zotero("http://127.0.0.1:9", network=Network(NetworkOptions()), agent="benchmark")
    return Chat(
        store=store,
        secret_key=key,
        public_url="http://127.0.0.1:8000",
        followed=select(["*"]),
        channels={},
        lookup=no_lookup,
        lookup_many=none,
        now=now,
        sources={},
        closures=frozenset(),
        access=Access(),
        max_subscriptions=500,
        zone="UTC",
        down_until=lambda _channel: None,
        public_list=False,
        calibration=None,
        libraries=LibraryReader(store=store, service=zotero, seal=KeySeal(key), lookup_many=none, now=now),
        closed=lambda _place, _reason: None,
        specs=SPECS,
        features=frozenset(),
    )


def requests(papers: Sequence[Paper], queries: Sequence[str]) -> Iterator[tuple[str, Request]]:
    """Each query in each command, of a person who asks for the first time."""
    for number, query in enumerate(queries):
        asker = f"{len(queries)}-{number}"
        paper = papers[number * len(papers) // len(queries)].id
        yield "/search", _request(asker, "search", query)
        yield "/preview", _request(asker, "preview", query)
        yield "/subscribe", _request(asker, "subscribe", query)
        yield "/why, own subscriptions", _request(asker, "why", paper)
        yield "/why, a query", _request(asker, "why", f"{paper} {query}")
        yield "completing a query", _request(asker, "", query[: len(query) * 2 // 3], completing="query")


def _request(asker: str, command: str, args: str, completing: str = "") -> Request:
    return Request(
        actor=Actor(channel="terminal", user_id=asker),
        place=Place(channel="terminal", address=asker, kind="private"),
        can_manage=True,
        locale="en",
        command=command,
        args=args,
        completing=completing,
    )


async def _bare(database: Database, queries: Sequence[str]) -> AsyncIterator[float]:
    for query in map(parse, queries):
        with spent(tidy=False) as cost:
            async with database.store.read() as unit:
                await unit.search.search(query, limit=25)
        yield cost.cpu
