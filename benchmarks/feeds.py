"""Feeds: an answer that has not changed and one from memory, against the least that FastAPI can answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmarks.answers import asked_in
from benchmarks.databases import NOW, Database, sqlite
from benchmarks.frame import BenchmarkError, Context, Row, spent
from benchmarks.workload import one_day
from fastapi import FastAPI, Response
from starlette.types import ASGIApp, Message, Scope

from paperwire.core.health import Health
from paperwire.core.matching.news import Matched
from paperwire.core.papers.paper import ARRIVAL, Event, EventKind, Paper
from paperwire.core.query.language import parse
from paperwire.core.subscriptions.subscription import Owner
from paperwire.core.tokens import feed_token, token_hash
from paperwire.ports.callers import Actor
from paperwire.ports.options import Now
from paperwire.web.app import create_app
from paperwire.web.site import WebDeps

_SECTION = "Feeds"
_ENTRIES = 50
_SECRET = b"a made-up secret key"


@dataclass(frozen=True)
class Cost:
    """CPU seconds of a number of requests."""

    requests: int
    cpu: float

    @property
    def each(self) -> float:
        return self.cpu / self.requests


def run(ctx: Context) -> list[Row]:
    """A private Atom feed asked again and again, against a route of FastAPI that returns the same bytes."""
    return asyncio.run(_run(ctx, 3_000 if ctx.quick else 10_000))


async def _run(ctx: Context, times: int) -> list[Row]:
    async with sqlite(ctx.folder) as database:
        path = await _feed(database, one_day(ctx.shared)[:_ENTRIES])
        app = create_app(web_deps(database, lambda: NOW))
        status, headers, body = await get(app, path)
        if status != 200 or body.count(b"<entry>") != _ENTRIES:
            raise BenchmarkError(f"the feed is no feed of {_ENTRIES} entries: {status}")
        again = [(b"if-none-match", headers[b"etag"])]
        if (await get(app, path, again))[0] != 304:
            raise BenchmarkError("an unchanged feed is not answered with 304")
        bare = FastAPI()

        @bare.get("/feed")
        async def feed() -> Response:
            return Response(body, media_type="application/atom+xml")

        least = await _each(bare, "/feed", [], times)
        unchanged = await _each(app, path, again, times)
        ready = await _each(app, path, [], times)
    size = f"{_ENTRIES} entries, {len(body):,} bytes"
    return [
        _row("Paperwire, 304", size, unchanged, goal="1.5x the bare response"),
        _row("bare FastAPI response, for a 304", size, least, unchanged),
        _row("Paperwire, 200 from memory", size, ready, goal="2x the bare response"),
        _row("bare FastAPI response, for a 200", size, least, ready),
    ]


def _row(what: str, size: str, cost: Cost, ours: Cost | None = None, goal: str = "") -> Row:
    return Row(
        section=_SECTION,
        what=what,
        size=f"{cost.requests:,} requests, {size}",
        cpu=cost.cpu,
        figure=f"{cost.each * 1e6:.1f} µs",
        ratio=cost.each / ours.each if ours else None,
        key=f"{_SECTION}: {what}" if ours else "",
        goal=goal,
    )


async def _each(app: ASGIApp, path: str, headers: Sequence[tuple[bytes, bytes]], times: int) -> Cost:
    for _ in range(100):
        await get(app, path, headers)
    with spent() as cost:
        for _ in range(times):
            await get(app, path, headers)
    return Cost(times, cost.cpu)


async def get(
    app: ASGIApp, path: str, headers: Sequence[tuple[bytes, bytes]] = (), *, query: str = "", client: str = "127.0.0.1"
) -> tuple[int, dict[bytes, bytes], bytes]:
    """Ask as a server asks an application, with no server between."""
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        said.append(message)

    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"papers.example.org"), (b"user-agent", b"reader"), *headers],
        "client": (client, 1),
        "server": ("127.0.0.1", 80),
    }
    await app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in said[1:])
    return said[0]["status"], dict(said[0]["headers"]), body


async def _feed(database: Database, papers: Sequence[Paper]) -> str:
    """The path of a person's feed that these papers are in."""
    query = parse("cat:cs OR cat:math OR paper OR a")
    today = [replace(paper, announced=NOW.date()) for paper in papers]
    events = [Event(kind=EventKind.NEW, paper=paper, source="arxiv", day=NOW.date()) for paper in today]
    async with database.store.write() as unit:
        await unit.papers.record(events, quiet=False)
        person = await unit.people.ensure(Actor(channel="telegram", user_id="1"), "en")
        made, _ = await unit.subscriptions.subscribe(
            person.number, query, name="", occasions=frozenset({"arrival"}), cadence="", destinations=()
        )
        news = await unit.papers.unmatched(len(papers))
        matched = [
            Matched(paper=item.paper, occasion=ARRIVAL, seen_at=item.seen_at, queries=[made.query]) for item in news
        ]
        await unit.fanout.record_matches(matched)
        feed = await unit.feeds.ensure(Owner(person.number), None, lambda *of: token_hash(feed_token(_SECRET, *of)))
    return f"/f/{feed_token(_SECRET, feed.number, feed.generation)}.atom"


def web_deps(database: Database, now: Now) -> WebDeps:
    """What the pages work with, without accounts."""

    async def health() -> Health:
        return Health()

    async def unready() -> tuple[str, ...]:
        return ()

    return WebDeps(
        context=replace(asked_in(database, now), public_url="https://papers.example.org"),
        authority="papers.example.org",
        minted=NOW.date(),
        health=health,
        unready=unready,
    )
