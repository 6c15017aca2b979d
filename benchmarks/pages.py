"""Pages: the front page, a day, a search and a paper, from memory and built, next to the least FastAPI can answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count, cycle

from benchmarks.databases import NOW, sqlite
from benchmarks.feeds import Cost, get, web_deps
from benchmarks.frame import BenchmarkError, Context, Row, percentile, spent
from benchmarks.search import hold
from benchmarks.workload import one_day
from fastapi import FastAPI, Response
from starlette.types import ASGIApp

from paperwire.web.app import create_app

_SECTION = "Pages"
_GZIP = [(b"accept-encoding", b"gzip")]


@dataclass(frozen=True)
class _PageCost(Cost):
    """Also the seconds that the slowest hundredth took at least, and the bytes of an answer."""

    slowest: float
    size: int


def run(ctx: Context) -> list[Row]:
    """Each page asked again and again, next to a route of FastAPI that returns the same bytes."""
    return asyncio.run(_run(ctx, 1_000 if ctx.quick else 5_000, 20 if ctx.quick else 100))


async def _run(ctx: Context, times: int, made: int) -> list[Row]:
    papers = [replace(paper, announced=NOW.date()) for paper in one_day(ctx.shared)]
    day, ids = f"/daily/{NOW.date()}", cycle([paper.id for paper in papers[1:]])
    numbers = count()
    async with sqlite(ctx.folder) as database:
        await hold(database, papers)
        app = create_app(web_deps(database, lambda: NOW))
        rows = []
        for name, address, other in (
            ("front page", "/", lambda: f"/?n={next(numbers)}"),
            ("day", day, lambda: f"{day}?n={next(numbers)}"),
            ("search", "/search?q=diffusion", lambda: f"/search?q=diffusion&n={next(numbers)}"),
            ("paper", f"/papers/{papers[0].id}", lambda: f"/papers/{next(ids)}"),
        ):
            rows += await _rows(app, name, address, times)
            rows.append(_row(f"{name}, made", await _each(app, other, made)))
    return rows


async def _rows(app: ASGIApp, name: str, address: str, times: int) -> list[Row]:
    """A page from memory, as 200 and 304, and the least that FastAPI can answer."""
    path, _, query = address.partition("?")
    _, headers, body = await get(app, path, _GZIP, query=query)
    bare = FastAPI()

    @bare.get("/page")
    async def page() -> Response:
        return Response(body, media_type="text/html")

    least = await _each(bare, lambda: "/page", times)
    ready = await _each(app, lambda: address, times)
    same = await _each(app, lambda: address, times, headers[b"etag"])
    return [
        _row(f"{name} from memory", ready),
        _row(f"{name}, 304", same),
        _row(f"bare FastAPI response, next to the {name}", least, ready),
    ]


async def _each(app: ASGIApp, address: Callable[[], str], times: int, tag: bytes = b"") -> _PageCost:
    """Ask so often, each time as another client, as one alone may search 60 times a minute; with a `tag` for a 304."""
    waits: list[float] = []
    size = 0
    headers = [*_GZIP, (b"if-none-match", tag)] if tag else _GZIP
    with spent() as cost:
        for number in range(times):
            path, _, query = address().partition("?")
            began = time.perf_counter()
            client = f"198.18.{number // 256 % 256}.{number % 256}"
            status, _, body = await get(app, path, headers, query=query, client=client)
            waits.append(time.perf_counter() - began)
            size = len(body)
            if status != (304 if tag else 200):
                raise BenchmarkError(f"{path} was answered {status}")
    return _PageCost(times, cost.cpu, percentile(waits, 0.99), size)


def _row(what: str, page: _PageCost, ours: _PageCost | None = None) -> Row:
    return Row(
        section=_SECTION,
        what=what,
        size=f"{page.requests:,} requests, {page.size:,} bytes packed",
        cpu=page.cpu,
        figure=f"{1 / page.each:,.0f} requests/s, p99 {page.slowest * 1e3:.2f} ms",
        ratio=page.each / ours.each if ours else None,
        key=f"{_SECTION}: {what}" if ours else "",
    )
