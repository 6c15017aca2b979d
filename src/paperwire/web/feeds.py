"""Feeds over HTTP: private ones by their token, public ones over papers; most answers come from memory."""

from __future__ import annotations

import re
from collections.abc import Hashable
from functools import partial
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import parse_qs, quote

from starlette.types import Scope, Send

from paperwire.core.query.language import parse
from paperwire.core.tokens import token_hash
from paperwire.errors import LikeError, QueryError
from paperwire.feeds.render import MEDIA_TYPES, FeedFormat
from paperwire.services.trending import WINDOWS
from paperwire.texts import gettext_noop
from paperwire.web.cache import Load, ReadyFeeds, Stamp
from paperwire.web.contents import Contents, FeedClosedError, FeedHeldError
from paperwire.web.deps import WebDeps
from paperwire.web.http import EVERYWHERE, FEED_POLICY, UNLISTED, reply
from paperwire.web.problems import Refused, in_words, read_only
from paperwire.web.rates import Rates
from paperwire.web.site import Site

ROUTE = "paperwire.route"
"""Where a request's scope holds the template of its route, which has no secret in it."""
_PRIVATE = "private, max-age=300"
_PUBLIC = "public, max-age=300"
_HEADERS = (*EVERYWHERE, (b"content-security-policy", FEED_POLICY))
_PAGE = re.compile("[1-9][0-9]{0,3}")
_no_feed = in_words(gettext_noop("No feed has this address."))
_held = in_words(gettext_noop("The owner of this feed isn't let in any more, so it isn't updated. Ask the operator."))
_closed = in_words(gettext_noop("This feed's address was reset. Send /feed in your chat to get the new one."))


class _Asked(NamedTuple):
    """One feed in one format, as a request names it: its route without secrets, and how it is kept and loaded."""

    route: str
    key: Hashable
    kind: FeedFormat
    cache: str
    load: Load
    fill: bytes = b""
    is_search: bool = False


class FeedServer:
    """Answers everything under `/f/` and `/feeds/`.

    No framework stands before it: readers ask every half hour for what has not changed, and that must cost little.
    """

    def __init__(self, deps: WebDeps, stamp: Stamp, rates: Rates, *, memory: int = 128 * 1024 * 1024) -> None:
        self._contents = Contents(deps)
        self._rates = rates
        self._has_list = deps.context.public_list
        self._base = Site.of(deps.public_url).base
        self._ready = ReadyFeeds(stamp, deps.now, limit=memory)

    async def serve(self, scope: Scope, send: Send) -> None:
        """Answer one request, leaving the template of its route in the scope; raises Refused."""
        try:
            asked = self._named(scope)
        except QueryError as error:
            scope[ROUTE] = "/feeds/search"
            raise Refused.query(error) from None
        if asked is None:
            scope[ROUTE] = "/feeds"
            raise Refused(404, _no_feed)
        scope[ROUTE] = asked.route
        if scope["method"] != "GET":
            raise Refused(405, read_only, headers={"allow": "GET, HEAD"})
        if scope["path"].endswith("/"):
            query = b"?" + scope["query_string"] if scope["query_string"] else b""
            location = f"{self._base}{quote(scope['path'].rstrip('/'))}".encode() + query
            await reply(send, 308, [(b"location", location), (b"content-length", b"0"), *_HEADERS])
            return
        await self._answer(asked, scope, send)

    async def _answer(self, asked: _Asked, scope: Scope, send: Send) -> None:
        if asked.is_search and not await self._ready.is_current(asked.key):
            self._rates.check_feed(scope)
        try:
            known = await self._ready.look(asked.key, asked.kind, asked.cache, asked.load)
            if known is None:
                raise Refused(404, _no_feed)
            packed, headers, same = known.seal.decide(scope)
            headers += _HEADERS
            if asked.fill:
                headers.append(UNLISTED)
            if same:
                await reply(send, 304, headers)
                return
            body = await self._ready.body(asked.key, asked.kind, asked.cache, asked.load)
        except FeedHeldError:
            raise Refused(403, _held) from None
        except FeedClosedError:
            raise Refused(410, _closed) from None
        except LikeError as error:
            raise Refused.query(error) from None
        if body is None:  # forgotten between the two looks
            raise Refused(404, _no_feed)
        await body.send(send, 200, headers, packed=packed, fill=asked.fill)

    def _named(self, scope: Scope) -> _Asked | None:
        """Which feed a path and query name; None for none at all. Raises QueryError for a search it cannot read."""
        _, place, rest = scope["path"].split("/", 2)
        name, _, suffix = rest.rstrip("/").rpartition(".")
        kind = next((kind for kind in MEDIA_TYPES if kind == suffix), None)
        if kind is None:
            return None
        if place == "f":
            # Whatever stands for a token is hashed and looked up: a wrong one takes the time of a right one.
            digest = token_hash(name)
            load = partial(self._contents.private, digest)
            return _Asked(f"/f/{{token}}.{kind}", (digest, kind), kind, _PRIVATE, load, name.encode("utf-8", "replace"))
        return self._public(name, kind, parse_qs(scope["query_string"].decode("latin-1")))

    def _public(self, name: str, kind: FeedFormat, options: dict[str, list[str]]) -> _Asked | None:
        route = f"/feeds/{name}.{kind}"
        page = _page_of(options)
        if name == "daily":
            return _Asked(route, (name, page, kind), kind, _PUBLIC, partial(self._contents.daily, page))
        if name == "list" and self._has_list:
            return _Asked(route, (name, kind), kind, _PUBLIC, self._contents.submitted)
        if name == "trending":
            window = options.get("window", ["week"])[-1]
            load = partial(self._contents.trending, window)
            return _Asked(route, (name, window, kind), kind, _PUBLIC, load) if window in WINDOWS else None
        if name == "search":
            typed = options.get("q", [""])[-1]
            parse(typed)
            load = partial(self._contents.search, typed, page)
            key = sha256(typed.encode("utf-8", "surrogatepass")).digest()  # 200,000 long queries would fill 400 MB
            return _Asked(route, (name, key, page, kind), kind, _PUBLIC, load, is_search=True)
        return None


def _page_of(options: dict[str, list[str]]) -> int:
    """The requested page; 0, which no feed has, for anything but the number of a page as we write it."""
    page = options.get("page", ["1"])[-1]
    return int(page) if _PAGE.fullmatch(page) else 0
