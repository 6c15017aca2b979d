"""Feeds over HTTP: private ones by their token, public ones over papers; most answers come from memory.

Ready feeds are made once, valid until the store's content changes, and never hold a token.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from hashlib import sha256
from typing import NamedTuple, TypeAlias
from urllib.parse import parse_qs, quote

from starlette.types import Scope, Send

from paperwire.core.query.language import parse
from paperwire.core.tokens import token_hash
from paperwire.errors import LikeError, QueryError
from paperwire.feeds.entries import TOKEN_HOLE, Feed
from paperwire.feeds.render import MEDIA_TYPES, FeedFormat, render
from paperwire.languages import tag_of, translated
from paperwire.ports.options import Now
from paperwire.services.papers.trending import WINDOWS
from paperwire.texts import gettext_noop, texts_in
from paperwire.web.data.contents import Contents, FeedClosedError, FeedHeldError
from paperwire.web.days import Stamp
from paperwire.web.http import (
    ANY_ORIGIN,
    COMMON_HEADERS,
    FEED_POLICY,
    NOT_INDEXED,
    ROUTE,
    Payload,
    Seal,
    digest_of,
    reply,
)
from paperwire.web.once import Once
from paperwire.web.problems import Refused, in_words, read_only
from paperwire.web.site import Site, WebDeps

Load: TypeAlias = "Callable[[], Awaitable[Feed | None]]"

_HOLE = TOKEN_HOLE.encode()
_RENDERED_AT_ONCE = 2
"""A feed of 2,000 papers takes half a second of a processor and 40 MB while it is rendered."""
_PRIVATE = "private, max-age=300"
_PUBLIC = "public, max-age=300"
_HEADERS = (*COMMON_HEADERS, (b"content-security-policy", FEED_POLICY))
_PAGE = re.compile("[1-9][0-9]{0,3}")
_no_feed = in_words(gettext_noop("There's no feed at this address."))
_held = in_words(gettext_noop("The owner of this feed isn't let in any more, so it isn't updated. Ask the operator."))
_closed = in_words(gettext_noop("This feed's address was reset. Send /feed in your chat to get the new one."))


@dataclass(slots=True)
class Known:
    """What is remembered of one feed in one format, with or without its bytes.

    `fingerprint` is the hash of the values it was rendered from.
    """

    stamp: int
    fingerprint: int
    seal: Seal


class ReadyFeeds:
    """Rendered feeds by key; the bytes least recently asked for go first, their validators stay far longer.

    A feed whose values turn out equal after a change elsewhere is not rendered again. `limit` is in bytes of
    bodies, packed forms included by estimate; `known` is a number of feeds. `now` dates what changed: a paper that
    joins a day does not make the latest `updated` of a feed any later, so that cannot be its `Last-Modified`.
    """

    def __init__(self, stamp: Stamp, now: Now, *, limit: int = 128 * 1024 * 1024, known: int = 200_000) -> None:
        self._stamp = stamp
        self._now = now
        self._slots = asyncio.Semaphore(_RENDERED_AT_ONCE)
        self._limit = limit
        self._most = known
        self._known: OrderedDict[Hashable, Known] = OrderedDict()
        self._bodies: OrderedDict[Hashable, Payload] = OrderedDict()
        self._weight = 0
        self._once: Once[Known | None] = Once()

    async def is_current(self, key: Hashable) -> bool:
        """Whether a look at this feed takes no query now."""
        cached = self._known.get(key)
        return cached is not None and cached.stamp == await self._stamp.current()

    async def look(self, key: Hashable, kind: FeedFormat, cache: str, load: Load) -> Known | None:
        """The feed's validators as of now; None if the feed is unknown. Takes no query while nothing changed."""
        stamp = await self._stamp.current()
        cached = self._known.get(key)
        if cached is not None and cached.stamp == stamp:
            self._known.move_to_end(key)
            return cached
        return await self._once.get(key, lambda: self._renew(key, kind, cache, load, stamp))

    async def body(self, key: Hashable, kind: FeedFormat, cache: str, load: Load) -> Payload | None:
        """The bytes of a feed just looked at; None if it has gone."""
        body = self._bodies.get(key)
        if body is None:
            stamp = await self._stamp.current()
            await self._once.get(("bytes", key), lambda: self._renew(key, kind, cache, load, stamp, render_again=True))
            return self._bodies.get(key)
        self._bodies.move_to_end(key)
        return body

    async def _renew(  # noqa: PLR0913 -- what `look` was asked, and the stamp read before the feed
        self, key: Hashable, kind: FeedFormat, cache: str, load: Load, stamp: int, *, render_again: bool = False
    ) -> Known | None:
        feed = await load()
        cached = self._known.get(key)
        if feed is None:
            self._known.pop(key, None)
            self._forget(key)
            return None
        fingerprint = hash(feed)
        if cached is None or cached.fingerprint != fingerprint or render_again:
            body = await self._rendered(feed, kind, cache, cached)
            cached = Known(stamp, fingerprint, body.seal)
            self._keep(key, body)
        cached.stamp = stamp
        self._known[key] = cached
        self._known.move_to_end(key)
        if len(self._known) > self._most:
            self._forget(self._known.popitem(last=False)[0])
        return cached

    async def _rendered(self, feed: Feed, kind: FeedFormat, cache: str, known: Known | None) -> Payload:
        changed = self._now().replace(microsecond=0)
        if known is not None and known.seal.updated is not None:
            # a second of its own: who asks by date alone would miss the change
            changed = max(changed, known.seal.updated + timedelta(seconds=1))
        hole = _HOLE if TOKEN_HOLE in feed.address else b""

        def make() -> Payload:
            content = render(feed, kind)
            updated = known.seal.updated if known is not None and known.seal.digest == digest_of(content) else changed
            return Payload(content, MEDIA_TYPES[kind], cache=cache, updated=updated, hole=hole)

        async with self._slots:
            # In a thread: chats and other readers would wait otherwise.
            return await asyncio.to_thread(make)

    def _keep(self, key: Hashable, body: Payload) -> None:
        self._forget(key)
        self._bodies[key] = body
        self._weight += body.weight
        while self._weight > self._limit and len(self._bodies) > 1:
            self._forget(next(iter(self._bodies)))

    def _forget(self, key: Hashable) -> None:
        body = self._bodies.pop(key, None)
        if body is not None:
            self._weight -= body.weight


class _FeedRequest(NamedTuple):
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

    def __init__(self, deps: WebDeps, stamp: Stamp, check_rate: Callable[[Scope], None]) -> None:
        self._contents = Contents(deps)
        self._languages = frozenset(map(tag_of, translated()))
        self._in_language = cache(lambda tag: Contents(deps, texts_in(tag)))
        self._check_rate = check_rate
        self._has_list = deps.context.public_list
        self._base = Site.of(deps.context.public_url).base
        self._ready = ReadyFeeds(stamp, deps.context.now)

    async def serve(self, scope: Scope, send: Send) -> None:
        """Answer one request, leaving the template of its route in the scope; raises Refused."""
        try:
            feed = self._named(scope)
        except QueryError as error:
            scope[ROUTE] = "/feeds/search"
            raise Refused.query(error) from None
        if feed is None:
            scope[ROUTE] = "/feeds"
            raise Refused(404, _no_feed)
        scope[ROUTE] = feed.route
        if scope["method"] != "GET":
            raise Refused(405, read_only, headers={"allow": "GET, HEAD"})
        if scope["path"].endswith("/"):
            query = b"?" + scope["query_string"] if scope["query_string"] else b""
            location = f"{self._base}{quote(scope['path'].rstrip('/'))}".encode() + query
            await reply(send, 308, [(b"location", location), (b"content-length", b"0"), *_HEADERS])
            return
        await self._answer(feed, scope, send)

    async def _answer(self, request: _FeedRequest, scope: Scope, send: Send) -> None:
        if request.is_search and not await self._ready.is_current(request.key):
            self._check_rate(scope)
        try:
            cached = await self._ready.look(request.key, request.kind, request.cache, request.load)
            if cached is None:
                raise Refused(404, _no_feed)
            packed, headers, same = cached.seal.decide(scope)
            headers += _HEADERS
            if not request.fill:
                headers.append(ANY_ORIGIN)
            if request.fill or request.is_search:
                headers.append(NOT_INDEXED)
            if same:
                await reply(send, 304, headers)
                return
            body = await self._ready.body(request.key, request.kind, request.cache, request.load)
        except FeedHeldError:
            raise Refused(403, _held) from None
        except FeedClosedError:
            raise Refused(410, _closed) from None
        except LikeError as error:
            raise Refused.query(error) from None
        if body is None:  # forgotten between the two looks
            raise Refused(404, _no_feed)
        await body.send(send, 200, headers, packed=packed, fill=request.fill)

    def _named(self, scope: Scope) -> _FeedRequest | None:
        """Which feed a path and query name; None for none at all. Raises QueryError for a search it cannot read."""
        _, place, file_name = scope["path"].split("/", 2)
        name, _, suffix = file_name.rstrip("/").rpartition(".")
        kind = next((kind for kind in MEDIA_TYPES if kind == suffix), None)
        if kind is None:
            return None
        if place == "f":
            # Whatever stands for a token is hashed and looked up: a wrong one takes the time of a right one.
            digest = token_hash(name)
            load = partial(self._contents.private, digest)
            return _FeedRequest(
                f"/f/{{token}}.{kind}", (digest, kind), kind, _PRIVATE, load, name.encode("utf-8", "replace")
            )
        return self._public(name, kind, parse_qs(scope["query_string"].decode("latin-1")))

    def _public(self, name: str, kind: FeedFormat, options: dict[str, list[str]]) -> _FeedRequest | None:
        route = f"/feeds/{name}.{kind}"
        page, language = _page_of(options), options.get("lang", [""])[-1]
        tag = language if language in self._languages else ""
        contents = self._in_language(tag) if tag else self._contents
        form = kind, tag
        if name == "daily":
            return _FeedRequest(route, (name, page, form), kind, _PUBLIC, partial(contents.daily, page))
        if name == "list" and self._has_list:
            return _FeedRequest(route, (name, form), kind, _PUBLIC, contents.submitted)
        if name == "trending":
            window = options.get("window", ["week"])[-1]
            typed = options.get("q", [""])[-1].strip()
            if typed:
                parse(typed)
            load, key = partial(contents.trending, window, typed), _key_of(typed)
            return _FeedRequest(route, (name, window, key, form), kind, _PUBLIC, load) if window in WINDOWS else None
        if name == "search":
            typed = options.get("q", [""])[-1]
            parse(typed)
            load = partial(contents.search, typed, page)
            return _FeedRequest(route, (name, _key_of(typed), page, form), kind, _PUBLIC, load, is_search=True)
        return None


def _key_of(typed: str) -> bytes:
    """What stands for a query in memory, where 200,000 long ones would fill 400 MB."""
    return sha256(typed.encode("utf-8", "surrogatepass")).digest()


def _page_of(options: dict[str, list[str]]) -> int:
    """The requested page; 0, which no feed has, for anything but the number of a page as we write it."""
    page = options.get("page", ["1"])[-1]
    return int(page) if _PAGE.fullmatch(page) else 0
