"""The outermost layer: feeds before anything else, HEAD, safe headers, counters and a log without addresses."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import structlog
from starlette.routing import Match, Route

from paperwire import observe
from paperwire.errors import StoreError
from paperwire.web.http import EVERYWHERE, PAGE_POLICY, say
from paperwire.wording import web as wording

if TYPE_CHECKING:
    from prometheus_client import Counter, Histogram
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from paperwire.web.feeds import FeedServer

_log = structlog.get_logger(__name__)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_UNAVAILABLE = (*EVERYWHERE, (b"retry-after", b"30"))


class Edge:
    """Wraps the application.

    Logs and counters get the route's template and never the path: private feeds have their secret in it, and readers
    probe around it.
    """

    def __init__(self, app: ASGIApp, *, feeds: FeedServer) -> None:
        self._app = app
        self._feeds = feeds
        self._counted: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        head = scope["method"] == "HEAD"
        teller = _Teller(send, head=head)
        route = ""
        try:
            if scope["path"].startswith(("/f/", "/feeds/")):
                route, teller.status = await self._feeds.serve(scope, teller.plain if head else send)
            else:
                # Routes know GET; a HEAD is a GET whose body stays here.
                inner = {**scope, "method": "GET"} if head else scope
                await self._app(inner, receive, teller.page)
                route = getattr(inner.get("route") or scope.get("route"), "path", "")
        except StoreError as error:
            _log.warning("the database did not answer", problem=str(error))
            if teller.status:
                raise
            teller.status = await say(send, 503, wording.UNAVAILABLE, _UNAVAILABLE)
        finally:
            self._count(scope["method"], route or "unknown", teller.status or 500, time.perf_counter() - began)

    def _count(self, method: str, route: str, status: int, seconds: float) -> None:
        key = (route, method if method in _METHODS else "other", status)
        counted = self._counted.get(key)
        if counted is None:
            counter = observe.REQUESTS.labels(route, key[1], str(status))
            counted = self._counted[key] = (counter, observe.REQUEST_SECONDS.labels(route))
        counted[0].inc()
        counted[1].observe(seconds)
        if logging.getLogger(__name__).isEnabledFor(logging.DEBUG):
            _log.debug("answered", route=route, method=key[1], status=status, ms=round(seconds * 1000, 1))


class Named(Route):
    """A route that leaves its template in the scope, as the framework does for its own routes only."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As any route."""
        match, found = super().matches(scope)
        return match, {**found, "route": self}


class _Teller:
    """Sends on what the application answers: the body only for a GET, and on pages the headers that keep them safe."""

    def __init__(self, send: Send, *, head: bool) -> None:
        self._send = send
        self._head = head
        self.status = 0

    async def plain(self, message: Message) -> None:
        """Nothing but the headers of an answer, for HEAD."""
        if message["type"] == "http.response.body":
            message = {"type": "http.response.body", "body": b"", "more_body": message.get("more_body", False)}
        await self._send(message)

    async def page(self, message: Message) -> None:
        """An answer of a route."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            told = [*message["headers"], *EVERYWHERE, (b"content-security-policy", PAGE_POLICY)]
            if self.status == 405:
                told = [(name, _allowed(value) if name == b"allow" else value) for name, value in told]
            message = {**message, "headers": told}
        await (self.plain(message) if self._head else self._send(message))


def _allowed(methods: bytes) -> bytes:
    """The methods a route takes, in order, with the HEAD that we add to each GET."""
    named = {one.strip() for one in methods.split(b",")}
    return b", ".join(sorted(named | {b"HEAD"} if b"GET" in named else named))
