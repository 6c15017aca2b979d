"""How fast one client may ask for what takes much work: searches, suggestions, the API and feeds of searches."""

from __future__ import annotations

import math
from urllib.parse import parse_qs

from starlette.types import Scope

from paperwire.ports.options import Now
from paperwire.services.limits import Bucket
from paperwire.web.clients import client_name
from paperwire.web.problems import Refused

SEARCHES = (60, 60)
"""Searches of a client on pages, a minute and at once: a lab behind one address, each page of results counted."""
SUGGESTIONS = (6, 10)
"""Queries from examples: each is seconds of work, and a person reads the answer before the next."""
API_CALLS = (60, 120)
"""Calls of the API: a program that walks through results of 1,000 papers a call reads a whole archive in an hour."""
FEEDS = (60, 300)
"""Feeds of searches that have to be made: a reader for many people fetches its feeds at once, then waits half an hour.

A feed that nothing has changed since it was made costs no token, whether the answer is 304 or all of it.
"""
_API, _DESCRIPTION = "/api/", "/api/v1/openapi.json"


class Rates:
    """The limits of all clients of this process; of those asked for last, as `Bucket` keeps them."""

    def __init__(self, now: Now) -> None:
        self._now = now
        self._searches, self._suggestions = Bucket(*SEARCHES), Bucket(*SUGGESTIONS)
        self._api_calls, self._feeds = Bucket(*API_CALLS), Bucket(*FEEDS)

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
        is_searched = path in {"/", "/search"} or path.startswith("/daily/")
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
