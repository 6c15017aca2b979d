"""A machine on loopback that takes webhooks, and the network that makes it appear at public addresses."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
from dataclasses import dataclass
from typing import Any, Self

import httpx
from aiohttp import web


@dataclass
class Delivery:
    """One request as it arrived."""

    host: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def verified(self, secret: str, address: str) -> bool:
        """Check the signature as docs/webhooks.md tells a receiver to."""
        key = hmac.digest(secret.encode(), address.encode(), "sha256")
        told = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + self.body
        wanted = "v1," + base64.b64encode(hmac.digest(key, told, "sha256")).decode()
        return hmac.compare_digest(wanted, self.headers["webhook-signature"])


class HookServer:
    """Answers each request with the next of `answers`: a status, (status, headers), `reset` or `hang`; then 200."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.answers: list[Any] = []
        self.arrived = asyncio.Event()
        self.port = 0
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.deliveries.append(Delivery(headers["host"], request.path, headers, await request.read()))
        self.arrived.set()
        answer = self.answers.pop(0) if self.answers else 200
        if answer == "hang":
            await asyncio.sleep(3600)
        if answer == "reset":
            request.transport.abort()  # type: ignore[union-attr]  # it is connected
        status, extra = answer if isinstance(answer, tuple) else (answer if isinstance(answer, int) else 200, {})
        return web.Response(status=status, headers=extra, body=b"x" * 10_000)


class Network(httpx.AsyncBaseTransport):
    """Dials `port` of loopback instead of the machine asked for, and remembers which one that was."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.dialled: list[str] = []
        self._inner = httpx.AsyncHTTPTransport(trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.dialled.append(request.url.host)
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self.port)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()
