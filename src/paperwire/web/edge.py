"""The outermost layer: feeds before anything else, limits, HEAD, safe headers, counters and a log without addresses."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import parse_qs

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from paperwire import observe
from paperwire.core.address import is_loopback
from paperwire.core.query.language import MAX_CHARACTERS
from paperwire.errors import Mistake, QueryError, StoreBusy, StoreError
from paperwire.ports.options import Now
from paperwire.services.limits import Bucket
from paperwire.store.lanes import Lane, using
from paperwire.texts import Texts, gettext_noop
from paperwire.web.http import ANY_ORIGIN, COMMON_HEADERS, PAGE_POLICY, ROUTE
from paperwire.web.problems import Problems, Refused, in_words
from paperwire.web.site import Proxies, Site, client_name
from paperwire.wording.busy import busy_words

if TYPE_CHECKING:  # nothing here needs the library at run time
    from prometheus_client import Counter, Histogram

SEARCHES = (60, 60)
"""Searches of a client on pages, a minute and at once: a lab behind one address, each page of results counted."""
SUGGESTIONS = (6, 10)
"""Queries from examples: each is seconds of work, and a person reads the answer before the next."""
API_CALLS = (60, 120)
"""Calls of the API: a program that walks through results of 1,000 papers a call reads a whole archive in an hour."""
FEED_RATE = (60, 300)
"""Feeds of searches that have to be made: a reader for many people fetches its feeds at once, then waits half an hour.

A feed that nothing has changed since it was made costs no token, whether the answer is 304 or all of it.
"""
_API, _DESCRIPTION = "/api/", "/api/v1/openapi.json"
_log = structlog.get_logger(__name__)
_FEEDS = ("/f/", "/feeds/")
_PROGRAMS = (*_FEEDS, "/api/")
_OPEN = "/api/"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_unavailable = in_words(gettext_noop("The database does not answer. Try again in a moment."))
_failed = in_words(gettext_noop("The service failed and has logged the error. Try again later."))
Serve: TypeAlias = "Callable[[Scope, Send], Awaitable[None]]"


class Rates:
    """The limits of all clients of this process; of those asked for last, as `Bucket` keeps them."""

    def __init__(self, now: Now) -> None:
        self._now = now
        self._searches, self._suggestions = Bucket(*SEARCHES), Bucket(*SUGGESTIONS)
        self._api_calls, self._feeds = Bucket(*API_CALLS), Bucket(*FEED_RATE)

    def check(self, scope: Scope) -> None:
        """Count a request for a page or the API, its path within the site; raises Refused for one that is too soon."""
        bucket = self._bucket(scope)
        if bucket is not None:
            self._take(bucket, scope)

    def check_feed(self, scope: Scope) -> None:
        """Count a feed of a search that has to be made; raises Refused for one that is too soon."""
        self._take(self._feeds, scope)

    def _bucket(self, scope: Scope) -> Bucket | None:
        path: str = scope["path"]
        if path.startswith(_API):
            return None if path == _DESCRIPTION else self._api_calls
        if not scope["query_string"]:
            return None
        options = parse_qs(scope["query_string"].decode("latin-1"))
        if path == "/suggest":
            return self._suggestions if "papers" in options else None
        is_searched = path in {"/", "/search", "/search/count", "/subscribe"} or path.startswith("/daily/")
        return self._searches if is_searched and "q" in options else None

    def _take(self, bucket: Bucket, scope: Scope) -> None:
        host = scope["client"][0] if scope.get("client") else ""
        wait = math.ceil(bucket.take(client_name(host), self._now()))
        if wait:
            raise Refused(
                429,
                lambda texts: texts.gettext("Too many requests. Try again in %(seconds)s s.", seconds=wait),
                headers={"retry-after": str(wait)},
            )


class Edge:
    """Wraps the application, which sees paths within the site only.

    Logs and counters get the route's template and never the path: private feeds have their secret in it, and readers
    probe around it.
    """

    def __init__(  # noqa: PLR0913 -- each part of the layer is made where the application is put together
        self, app: ASGIApp, *, feeds: Serve, site: Site, problems: Problems, proxies: Proxies, rates: Rates
    ) -> None:
        self._app = app
        self._feeds = feeds
        self._site = site
        self._problems = problems
        self._proxies = proxies
        self._rates = rates
        self._counted: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        head = scope["method"] == "HEAD"
        path = self._site.path_of(scope)
        is_program = path.startswith(_PROGRAMS)
        remembered = [] if is_program else self._problems.html.cookie(scope)
        answer = _Answer(send, head=head, extra=(ANY_ORIGIN,) if path.startswith(_OPEN) else remembered)
        # Routes know GET; a HEAD is a GET whose body stays here.
        method = "GET" if head else scope["method"]
        host = self._proxies.client_of(scope)
        inner = {**scope, "path": path, "method": method, "client": (host, 0)}
        try:
            with using(Lane.API if is_program else Lane.PAGES, client_name(host)):
                refused = await self._answer(inner, receive, answer)
            if refused is not None:
                await self._problems.answer(inner, refused)(inner, receive, answer.page)
        finally:
            self._count(scope["method"], _template(inner), answer.status or 500, time.perf_counter() - began)

    async def _answer(self, scope: Scope, receive: Receive, answer: _Answer) -> Refused | None:
        """Send the answer, or return why there is none."""
        try:
            self._check(scope)
            if scope["path"].startswith(_FEEDS):
                await self._feeds(scope, answer.feed)
            else:
                await self._app(scope, receive, answer.page)
        except Refused as refused:
            return refused
        except Exception as error:
            if answer.status:
                raise
            if isinstance(error, StoreBusy):
                return Refused(503, partial(busy_words, error), headers={"retry-after": str(error.after)})
            if isinstance(error, StoreError):
                _log.warning("the database did not answer", problem=str(error))
                return Refused(503, _unavailable, headers={"retry-after": "30"})
            _log.exception("a request failed", route=_template(scope))
            return Refused(500, _failed)
        return None

    def _check(self, scope: Scope) -> None:
        """Refuse what is refused whatever it asks for; raises Refused."""
        if not self._site.answers(scope, scope["path"]):
            raise Refused(421, self._wrong_host)
        if len(scope["query_string"]) > MAX_CHARACTERS:
            options = parse_qs(scope["query_string"].decode("latin-1"))
            if any(len(typed.strip()) > MAX_CHARACTERS for typed in options.get("q", ())):
                raise Refused.query(QueryError(Mistake.TOO_LONG, MAX_CHARACTERS + 1, limit=MAX_CHARACTERS))
        self._rates.check(scope)

    def _wrong_host(self, texts: Texts) -> str:
        if is_loopback(self._site.url):
            return texts.gettext(
                "This site can only be opened on the machine where it runs."
                " To let others in, its operator sets public_url to the address that they use."
            )
        return texts.gettext(
            "This site is at %(url)s. Its operator can change that with the setting public_url.", url=self._site.url
        )

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


def _template(scope: Scope) -> str:
    return scope.get(ROUTE) or getattr(scope.get("route"), "path", "") or "unknown"


class _Answer:
    """Passes on the application's answer: the body only for a GET, and on pages the headers that keep them safe."""

    def __init__(self, send: Send, *, head: bool, extra: Iterable[tuple[bytes, bytes]]) -> None:
        self._send = send
        self._head = head
        self._extra = extra
        self.status = 0

    async def feed(self, message: Message) -> None:
        """An answer that has its headers: the body only for a GET."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif self._head:
            message = {"type": "http.response.body", "body": b"", "more_body": message.get("more_body", False)}
        await self._send(message)

    async def page(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [*message["headers"], *COMMON_HEADERS, *self._extra, (b"content-security-policy", PAGE_POLICY)]
            if message["status"] == 405:
                headers = [(name, _allowed(value) if name == b"allow" else value) for name, value in headers]
            message = {**message, "headers": headers}
        await self.feed(message)


def _allowed(methods: bytes) -> bytes:
    """The methods a route takes, in order, with the HEAD that we add to each GET."""
    named = {method.strip() for method in methods.split(b",")}
    return b", ".join(sorted(named | {b"HEAD"} if b"GET" in named else named))
