"""A real HTTP server on loopback for fakes of JSON services: it logs requests and misbehaves when told to."""

import socket
from collections import deque

from aiohttp import web

PATIENCE = 120.0
"""Seconds that tests wait for what must happen, so that a machine that does much else spoils none of them."""


def free_port():
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Loopback:
    """Start with `async with`; `url` is its root. `requests` are (path, query) pairs in order.

    Each fault in `faults` spoils one request, in order: `reset` (connection torn), `cut` (body ends early), `html`
    (an error page with status 200), `garbage` (no JSON), `list` (JSON of another kind), a number (that HTTP status),
    or None (no fault).
    `retry_after` goes with the statuses 429 and 503, if set.
    """

    method = "GET"

    def __init__(self):
        self.faults = deque()
        self.retry_after = None
        self.requests = []
        self.agents = set()
        self.authorizations = set()
        self._runner = None
        self.url = ""

    def routes(self):
        """(path pattern, handler) pairs of the fake."""
        raise NotImplementedError

    async def __aenter__(self):
        app = web.Application(middlewares=[self._spoil])
        app.add_routes([web.route(self.method, path, handler) for path, handler in self.routes()])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_):
        await self._runner.cleanup()

    @web.middleware
    async def _spoil(self, request, handler):
        self.requests.append((request.path, dict(request.query)))
        self.agents.add(request.headers.get("User-Agent"))
        self.authorizations.add(request.headers.get("Authorization"))
        fault = self.faults.popleft() if self.faults else None
        if isinstance(fault, int):
            headers = {"Retry-After": str(self.retry_after)} if self.retry_after is not None else {}
            return web.json_response({"error": "made-up trouble"}, status=fault, headers=headers)
        if fault == "reset":
            request.transport.abort()
        if fault == "html":
            return web.Response(text="<!doctype html><title>Sorry</title>", content_type="text/html")
        if fault == "list":
            return web.json_response([])
        if fault == "garbage":
            return web.Response(text='[{"paper": ', content_type="application/json")
        answer = await handler(request)
        return await self._cut(request, answer) if fault == "cut" else answer

    @staticmethod
    async def _cut(request, answer):
        short = web.StreamResponse(headers={"Content-Type": answer.content_type})
        short.content_length = len(answer.body)
        await short.prepare(request)
        await short.write(answer.body[: len(answer.body) // 2])
        request.transport.close()
        return short
