"""What machines ask of any process: whether it lives, whether it is ready, and its metrics."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from paperwire.web.http import Named

ALIVE = "alive\n"
"""How a process of ours answers `/healthz`; `check` and `health` know it by that."""
READY = "ready\n"
"""How it answers `/readyz` while it can do its work."""
_NOT_READY = "not ready\n"
_FRESH = {"cache-control": "no-store"}


def create_ops_app(
    unready: Callable[[], Awaitable[Sequence[str]]],
    measure: Callable[[], Awaitable[None]],
    registry: CollectorRegistry,
) -> Starlette:
    """The application on the `[ops]` port; `measure` sets the gauges of `registry` that are read when scraped."""

    async def metrics(_request: Request) -> Response:
        await measure()
        return PlainTextResponse(generate_latest(registry), media_type=CONTENT_TYPE_LATEST, headers=_FRESH)

    return Starlette(routes=[*health_routes(unready), Named("/metrics", metrics)])


def health_routes(unready: Callable[[], Awaitable[Sequence[str]]], *, has_reasons: bool = True) -> list[Named]:
    """`/healthz`, and `/readyz`, which answers 503 and `unready`'s reasons, a line each, while there are any.

    Where anyone may ask it says no reasons, as these name the database's host.
    """

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse(ALIVE, headers=_FRESH)

    async def readyz(_request: Request) -> Response:
        reasons = await unready()
        if not reasons:
            return PlainTextResponse(READY, headers=_FRESH)
        text = "".join(f"{reason}\n" for reason in reasons) if has_reasons else _NOT_READY
        return PlainTextResponse(text, 503, headers=_FRESH)

    return [Named("/healthz", healthz), Named("/readyz", readyz)]
